"""A function that stays outside of its workflow and starts it: the variable `UNTANGLE_START`.

Its value is `{"stateMachine", "entry", "capture", "observe"}` (and `claim`, `failed`, `ready`), as `migration.json` of a proposal
holds it. Where a run fails, what has gone out by then is there all the same: with `failed`, the workflow starts with that at
once, as the stream of a table would have told of it. The next try starts it with what it does anew, of which a write that changes
nothing is no part; so where the start itself fails, the tries behind it do not tell of such a write again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
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


def starting(asked: Mapping[str, Any], effects: list[dict[str, Any]]) -> str | None:
    """The input of an execution for the effects of a run; None where there are none: nothing would follow. Raises `OutboxError`
    where no execution takes them."""
    if not effects:
        return None
    given = text_of({"entry": asked["entry"], "effects": effects})
    if len(given.encode("utf-8", "surrogatepass")) > LARGEST:
        raise OutboxError(
            f"the effects of this run have {len(given.encode('utf-8', 'surrogatepass')):,} bytes, and an execution takes "
            f"{LARGEST:,}: with a claim check (untangle propose --claim-check BUCKET) large messages go through a bucket"
        )
    return given


def start(asked: Mapping[str, Any], request: str, given: str | None) -> None:
    """Starts the state machine with this input, once for a request.

    A request that is tried again finds its execution there (`ExecutionAlreadyExists`), which is as good.
    """
    if given is not None:
        _start(asked, re.sub(r"[^A-Za-z0-9_-]", "-", request)[:80], given)


def start_failed(asked: Mapping[str, Any], request: str, effects: list[dict[str, Any]]) -> None:
    """Starts the state machine with what has gone out of a run that failed: an execution for each such run, beside that of the
    request. Raises nothing, for the run has an error of its own; what cannot be started stands in the log."""
    try:
        given = starting(asked, effects) if asked.get("failed") else None
        if given is not None:
            digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
            _start(asked, f"{re.sub(r'[^A-Za-z0-9_-]', '-', request)[:63]}-{digest[:16]}", given)
    except Exception as error:
        print(f"untangle: the run failed after calls of it had gone out, and nothing follows them: {error}", file=sys.stderr)


def _start(asked: Mapping[str, Any], name: str, given: str) -> None:
    header = trace()
    try:
        with aside():
            client("stepfunctions").start_execution(
                stateMachineArn=asked["stateMachine"],
                name=name,
                input=given,
                **({"traceHeader": header} if header else {}),
            )
    except Exception as error:
        if getattr(error, "response", {}).get("Error", {}).get("Code") != "ExecutionAlreadyExists":
            raise
