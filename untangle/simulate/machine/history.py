"""The history of an execution, in the shape of the service's GetExecutionHistory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Types whose details are not in a field of the type's own name (Step Functions API, "HistoryEvent").
_DETAILS: Mapping[str, str] = {"MapStateStarted": "mapStateStartedEventDetails"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `time` is in seconds of the clock, `timestamp` as AWS writes it; `details` as the API's details structure."""

    id: int
    previous: int
    time: float
    timestamp: str
    type: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """The event as GetExecutionHistory gives it."""
        value: dict[str, Any] = {
            "id": self.id,
            "previousEventId": self.previous,
            "timestamp": self.timestamp,
            "type": self.type,
        }
        if self.details:
            value[_field(self.type)] = dict(self.details)
        return value


def _field(kind: str) -> str:
    """The field that holds the details of an event's type."""
    if kind.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if kind.endswith("StateExited"):
        return "stateExitedEventDetails"
    return _DETAILS.get(kind, kind[0].lower() + kind[1:] + "EventDetails")


Listener = Callable[[Event], None]
