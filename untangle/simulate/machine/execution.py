"""One execution of a state machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from untangle.simulate.clock import Clock
from untangle.simulate.machine.history import Event
from untangle.simulate.machine.task import NoServices, Services

Status = Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an execution ended: its `output` (plain JSON) where it succeeded, otherwise `error` and `cause` (either may be None)."""

    status: Status
    output: Any = None
    error: str | None = None
    cause: str | None = None


@dataclass(slots=True, kw_only=True)
class Execution:
    """One execution; `result` is None while it runs."""

    definition: Mapping[str, Any]
    input: Any
    clock: Clock
    services: Services = field(default_factory=NoServices)
    name: str = "run-1"
    machine: str = "Machine"
    seed: int = 0
    done: Callable[[Result], None] | None = None
    result: Result | None = None
    events: list[Event] = field(default_factory=list)

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """End the execution from outside, as StopExecution does."""
        raise NotImplementedError
