"""The history of an execution, in the shape of the service's GetExecutionHistory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from untangle.simulate.clock import Clock
from untangle.simulate.machine.failure import StateFailure

MOST = 25_000  # events that the history of a standard workflow may have (Step Functions guide, "Quotas")
MOST_OF_EXPRESS = 250_000  # the service has no limit for express workflows; a loop that waits for nothing has to end here
UNCUT = {"truncated": False}  # of an input or output that the event holds whole


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `time` is in seconds of the clock, `timestamp` as AWS writes it; `details` as the
    API's details structure, None for types that have none."""

    id: int
    previous: int
    time: float
    timestamp: str
    type: str
    details: Mapping[str, Any] | None = None

    def json(self) -> dict[str, Any]:
        """The event as GetExecutionHistory gives it."""
        value: dict[str, Any] = {
            "id": self.id,
            "previousEventId": self.previous,
            "timestamp": self.timestamp,
            "type": self.type,
        }
        if self.details is not None:
            value[_field(self.type)] = dict(self.details)
        return value


def _field(kind: str) -> str:
    """The field that holds the details of an event's type (Step Functions API, "HistoryEvent")."""
    if kind.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if kind.endswith("StateExited"):
        return "stateExitedEventDetails"
    return kind[0].lower() + kind[1:] + "EventDetails"


class History:
    """Collects events; `events` grows as the execution goes on."""

    def __init__(self, clock: Clock, most: int = MOST) -> None:
        self.most = most
        self.clock = clock
        self.events: list[Event] = []
        self._moment: tuple[float, str] = (-1.0, "")

    @property
    def now(self) -> str:
        """The time of day as the events tell it."""
        if self._moment[0] != self.clock.now:
            self._moment = (self.clock.now, self.clock.text)
        return self._moment[1]

    def add(self, kind: str, previous: int, details: Mapping[str, Any] | None = None) -> int:
        """Record an event and return its id; raises the failure of a history that is full."""
        if len(self.events) >= self.most - 1 and not kind.startswith("Execution"):
            message = f"The execution reached the maximum number of history events ({self.most})."
            raise StateFailure("States.Runtime", message)
        number = len(self.events) + 1
        self.events.append(Event(number, previous, self.clock.now, self.now, kind, details))
        return number
