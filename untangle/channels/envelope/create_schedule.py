"""EventBridge Scheduler: a one-off schedule that a function makes, whose input is the event.

The input is JSON text; the words in angle brackets that Scheduler replaces in it (`<aws.scheduler.scheduled-time>`) are not
rebuilt (Scheduler guide, "Adding context attributes"). Without an input Scheduler sends an event of its own, which is not either.
"""

from __future__ import annotations

from untangle.channels.envelope.form import Form, Names, Written
from untangle.model.step import Stop


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    return "$parse($p.Target.Input)"


def _deliver(stop: Stop, names: Names) -> str:
    return "$scheduled"


ENVELOPE = Form(
    type="create_schedule",
    variable="$scheduled",
    written=Written(service="scheduler", operations=("CreateSchedule",), by=(("Target.Arn", "Arn"),)),
    effect=_effect,
    deliver=_deliver,
)
