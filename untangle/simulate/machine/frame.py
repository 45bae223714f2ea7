"""Where states run: a machine, a branch of a Parallel, an iteration of a Map, with its variables and its place in the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from untangle.simulate.machine.history import History
from untangle.simulate.machine.scope import Scope

if TYPE_CHECKING:
    from untangle.simulate.machine.execution import Execution


class Frame:
    """`last` is the id of the event that the next one follows; `shared` whether others run beside it; `path` where it is."""

    __slots__ = ("execution", "history", "identity", "item", "language", "last", "path", "scope", "shared", "states", "within")

    def __init__(self, execution: Execution, machine: Mapping[str, Any], history: History, identity: Mapping[str, Any]) -> None:
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
