"""What a run answers: `{return, effects}`, small enough for a state, and an error where the handler only reported one."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .recording import OutboxError

LARGEST = 262_144  # bytes of UTF-8 that a state takes (Step Functions guide, "Service quotas")
_AROUND = 2_048  # what Lambda's integration puts around the answer
CAUSE = 32_768  # characters (Step Functions API reference, SendTaskFailure)


class BatchItemFailures(Exception):
    """The handler answered that messages failed, which would be a success to a state machine."""


class AnswerTooLarge(OutboxError):
    """The answer is larger than what a state takes."""


def without_failures(result: Any) -> None:
    """Raises `BatchItemFailures` where an answer names messages that failed (Lambda guide, "Reporting batch item failures")."""
    failed = result.get("batchItemFailures") if isinstance(result, Mapping) else None
    if failed:
        raise BatchItemFailures(json.dumps(failed, default=str))


def fitting(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer itself. Raises `AnswerTooLarge`, with what is large in it, where no state would take it."""
    try:
        size = len(text_of(answer).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError):
        return answer  # Lambda says what it cannot write
    if size <= LARGEST - _AROUND:
        return answer
    told = sorted(((len(text_of(effect).encode("utf-8", "surrogatepass")), effect) for effect in answer["effects"]), key=_first)
    largest = ", ".join(f"{effect['op']} {effect['id']} ({bytes_:,} bytes)" for bytes_, effect in told[:-4:-1])
    raise AnswerTooLarge(
        f"the effects of this run and its answer have {size:,} bytes, and a state takes {LARGEST:,}: "
        f"{largest or 'the answer alone'}. With a claim check "
        "(untangle propose --claim-check BUCKET) large messages go through a bucket"
    )


def _first(pair: tuple[int, Any]) -> int:
    return pair[0]


def text_of(value: Any) -> str:
    """JSON as Lambda writes what a handler returns: decimals are numbers. Raises TypeError for what is no JSON."""
    return json.dumps(value, default=_number, ensure_ascii=False, separators=(",", ":"))


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def cause_of(error: BaseException) -> str:
    """An error as Lambda tells it."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    said = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": lines}
    cause = json.dumps(said)
    return cause if len(cause) <= CAUSE else json.dumps({**said, "errorMessage": str(error)[:4096], "stackTrace": []})
