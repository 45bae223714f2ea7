"""A function that stays outside of its workflow and starts it: the variable `UNTANGLE_START`.

Its value is `{"stateMachine", "entry", "capture", "observe"}` (and `claim`, `ready`), as `migration.json` of a proposal holds it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .answer import LARGEST, text_of
from .clients import client
from .effect import trace
from .recording import OutboxError, aside

VARIABLE = "UNTANGLE_START"


def start_of() -> Mapping[str, Any] | None:
    """What the variable asks for; None where it is not set. Raises `OutboxError` for a value that is not what it must be."""
    text = os.environ.get(VARIABLE)
    return _read(text) if text else None


@lru_cache(maxsize=8)
def _read(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise OutboxError(f"{VARIABLE} is no JSON: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("stateMachine"), str) or not isinstance(found.get("entry"), str):
        raise OutboxError(f"{VARIABLE} must be an object with `stateMachine` and `entry`")
    return found


def start(asked: Mapping[str, Any], request: str, effects: list[dict[str, Any]]) -> None:
    """Starts the state machine with the effects of a run, once for a request; nothing where there are none: nothing would follow.

    A request that is tried again finds its execution there (`ExecutionAlreadyExists`), which is as good.
    """
    if not effects:
        return
    given = text_of({"entry": asked["entry"], "effects": effects})
    if len(given.encode("utf-8", "surrogatepass")) > LARGEST:
        raise OutboxError(
            f"the effects of this run have {len(given.encode('utf-8', 'surrogatepass')):,} bytes, and an execution takes "
            f"{LARGEST:,}: with a claim check (untangle propose --claim-check BUCKET) large messages go through a bucket"
        )
    header = trace()
    try:
        with aside():
            client("stepfunctions").start_execution(
                stateMachineArn=asked["stateMachine"],
                name=re.sub(r"[^A-Za-z0-9_-]", "-", request)[:80],
                input=given,
                **({"traceHeader": header} if header else {}),
            )
    except Exception as error:
        if getattr(error, "response", {}).get("Error", {}).get("Code") != "ExecutionAlreadyExists":
            raise
