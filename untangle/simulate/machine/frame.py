"""Where states run: a machine, a branch of a Parallel, an iteration of a Map, with its variables and its place in the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from untangle.simulate.clock import Clock
from untangle.simulate.machine.history import Event, History
from untangle.simulate.machine.query.functions import Random
from untangle.simulate.machine.scope import Scope
from untangle.simulate.machine.strand import Work
from untangle.simulate.machine.task import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """The run of one item (or batch) of a distributed Map, which has a history of its own. `path` is where the Map is."""

    path: tuple[str | int, ...]
    index: int
    name: str
    events: list[Event]


class Around(Protocol):
    """The execution, as its states see it."""

    clock: Clock
    services: Services
    random: Random
    children: list[Child]

    @property
    def machine_arn(self) -> str:
        """The machine's ARN."""
        ...

    @property
    def millis(self) -> int:
        """The time of day, in milliseconds since 1970."""
        ...

    def uuid(self) -> str:
        """A new id."""
        ...

    def identity(self) -> dict[str, Any]:
        """What the context object says of the execution and its machine."""
        ...

    def run(self, frame: Frame, name: str, value: Any) -> Work:
        """Run the states of a frame, beginning with one; returns the output of the last."""
        ...


class Frame:
    """`last` is the id of the event that the next one follows; `shared` whether others run beside it; `path` where it is."""

    __slots__ = ("execution", "history", "identity", "item", "language", "last", "path", "scope", "shared", "states", "within")

    def __init__(self, execution: Around, machine: Mapping[str, Any], history: History, identity: Mapping[str, Any]) -> None:
        self.execution, self.history, self.identity = execution, history, identity
        self.states: Mapping[str, Any] = machine["States"]
        self.language: str = machine.get("QueryLanguage", "JSONPath")
        self.scope = Scope()
        self.item: Mapping[str, Any] | None = None
        self.path: tuple[str | int, ...] = ()
        self.last = 0
        self.shared = False
        self.within: str | None = None  # the type of the state that has been entered and has not ended

    def inner(self, machine: Mapping[str, Any], *path: str | int, shared: bool) -> Frame:
        """A frame for a branch or an iteration within this one."""
        frame = Frame(self.execution, machine, self.history, self.identity)
        frame.language = machine.get("QueryLanguage", self.language)
        frame.scope = Scope(self.scope)
        frame.item, frame.last = self.item, self.last
        frame.path = (*self.path, *path)
        frame.shared = shared
        return frame

    def record(self, kind: str, details: Mapping[str, Any] | None = None, *, aside: bool = False) -> int:
        """Record an event that follows the last one, and becomes it, unless it stands `aside`."""
        number = self.history.add(kind, self.last, details)
        if not aside:
            self.last = number
        return number

    def record_evaluation(self, details: Mapping[str, Any], entered: int) -> None:
        """Record that a state's field could not be evaluated; the service has this follow what the state's entry follows."""
        before = self.history.events[entered - 1].previous if entered else self.last
        self.last = self.history.add("EvaluationFailed", before, details)
