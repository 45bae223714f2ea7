"""A run that failed after calls of it had gone out: its error carries what they did, for the state machine to go on with.

Whoever listens to a table, a bucket or a topic that others hear too was told of such a call at once, however the run ended. So
the error is another one: `FailedWithEffects`, whose message is JSON, `{"errorType", "errorMessage", "effects"}`, the type and
the message being those of the error that the handler raised, whose trace it keeps. What was held back is dropped, as ever.

The cause of a failed state has at most 32,768 characters (Step Functions API reference, `TaskFailedEventDetails`). Effects that
do not fit there stay with the run: it fails with its own error, a line of the log says so, and nothing follows them. Where there
is no room for the trace, it is left out.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

from .answer import CAUSE, text_of
from .recording import Recording

_AROUND = 512  # what Lambda puts around message and trace
_MESSAGE = 4_096  # characters of the handler's own message that are kept


class FailedWithEffects(Exception):
    """The run failed, and calls that a workflow works on had gone out. The error that it failed with is the `__cause__`."""


def with_effects(recording: Recording, error: Exception) -> FailedWithEffects | None:
    """What a failed run raises in the place of its error; None where that is to be raised as it is: nothing has gone out, or
    nobody has asked for it (`failed` in the marker), or it is too much."""
    told = recording.told()
    if not told or not recording.asked.get("failed"):
        return None
    said = {"errorType": type(error).__name__, "errorMessage": str(error)[:_MESSAGE], "effects": told}
    try:
        message = text_of(said)
        message.encode()
    except (TypeError, ValueError):
        return None
    room = CAUSE - _AROUND - len(json.dumps(message))
    if room < 0:
        print(f"untangle: {_too_large(told, CAUSE - _AROUND - room)}", file=sys.stderr)
        return None
    trace = error.__traceback__
    fits = len(json.dumps(traceback.format_tb(trace))) <= room
    return FailedWithEffects(message).with_traceback(trace if fits else None)


def _too_large(told: list[dict[str, Any]], size: int) -> str:
    named = ", ".join(f"{effect['op']} {effect['id']}" for effect in told[:3])
    return f"the run failed after {named}: the error with that has {size:,} characters of {CAUSE:,}, so nothing follows them"


def as_cause(error: FailedWithEffects) -> str:
    """The error as Lambda would tell it, where the outbox tells of it itself."""
    said = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": traceback.format_tb(error.__traceback__)}
    cause = json.dumps(said)
    return cause if len(cause) <= CAUSE else json.dumps({**said, "stackTrace": []})
