"""Map: runs its states for each item, inline (in this history) or distributed (`map_run`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.simulate.machine.failure import StateFailure, text_of
from untangle.simulate.machine.frame import Frame
from untangle.simulate.machine.states.kind import Kind, finished
from untangle.simulate.machine.states.map_run import run_distributed, tolerance_of
from untangle.simulate.machine.states.number import number_of
from untangle.simulate.machine.states.parallel import abort
from untangle.simulate.machine.states.select import selected
from untangle.simulate.machine.states.source import reader_of
from untangle.simulate.machine.strand import Work, together
from untangle.simulate.machine.visit import Visit


def _work(visit: Visit) -> Work:
    state, frame = visit.state, visit.frame
    processor: Mapping[str, Any] = state.get("ItemProcessor") or state["Iterator"]
    distributed = processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
    value = visit.input
    if not visit.jsonata and "InputPath" in state:
        value = visit.at(state["InputPath"], visit.input)
    items = [] if "ItemReader" in state else _items(visit, value)
    concurrency = _concurrency(visit, value)
    frame.record("MapStateStarted", {"length": len(items)})
    if distributed:
        tolerance = tolerance_of(visit, value)
        reader = reader_of(visit, value) if "ItemReader" in state else None
        results = yield from run_distributed(visit, processor, value, items, reader, tolerance, concurrency)
    else:
        results = yield from _Inline(visit, processor, value, items).run(concurrency)
    frame.record("MapStateSucceeded", aside=True)
    return finished(visit, results)


def _items(visit: Visit, value: Any) -> list[Any]:
    """The items of a Map that reads no data set."""
    state = visit.state
    if visit.jsonata:
        if "Items" in state:
            found: list[Any] = visit.expected(state["Items"], "Items", "array")
            return found
        if isinstance(value, list):
            return value
        raise visit.unevaluated(f"Map state input must be an array but was: {text_of(value)}")
    path = state.get("ItemsPath", "$")
    items = visit.at(path, value)
    if not isinstance(items, list):
        raise StateFailure("States.Runtime", f'Reference path "{path}" must point to array.')
    return items


def _concurrency(visit: Visit, value: Any) -> int:
    """How many iterations may run beside each other; 0 for as many as there are."""
    state = visit.state
    if visit.jsonata:
        return int(visit.expected(state.get("MaxConcurrency", 0), "MaxConcurrency", "number"))
    if "MaxConcurrencyPath" not in state:
        return int(state.get("MaxConcurrency", 0))
    path = state["MaxConcurrencyPath"]
    number = visit.at(path, value)
    found = number_of(visit, number, "MaxConcurrencyPath", "integer", path)
    if found < 0:
        raise visit.invalid("MaxConcurrency cannot be negative.")
    return int(found)


class _Inline:
    """The iterations of one attempt of a Map."""

    def __init__(self, visit: Visit, processor: Mapping[str, Any], value: Any, items: list[Any]) -> None:
        self.visit, self.processor, self.value, self.items = visit, processor, value, items
        self.waiting = iter(range(len(items)))
        self.results: dict[int, Any] = {}
        self.running: dict[int, Frame] = {}
        self.failed = -1
        self.last = visit.frame.last

    def run(self, concurrency: int) -> Work:
        """All iterations; returns their outputs in the order of the items."""
        workers = min(len(self.items), concurrency or len(self.items))
        frame = self.visit.frame
        try:
            yield together(self._worker(shared=workers > 1) for _ in range(workers))
        except StateFailure:
            self._broken()
            raise
        frame.last = max(frame.last, self.last)
        return [self.results[index] for index in range(len(self.items))]

    def _worker(self, *, shared: bool) -> Work:
        last = self.visit.frame.last
        for index in self.waiting:
            last = yield from self._iteration(index, last, shared)
        return None

    def _iteration(self, index: int, last: int, shared: bool) -> Work:
        visit = self.visit
        inner = visit.frame.inner(self.processor, visit.name, index, shared=shared)
        inner.last = last
        inner.item = {"Index": index, "Value": self.items[index]}
        self.running[index] = inner
        named = {"name": visit.name, "index": index}
        inner.record("MapIterationStarted", named)
        try:
            given = selected(visit, inner.item, self.value)
            self.results[index] = yield from visit.frame.execution.run(inner, self.processor["StartAt"], given)
        except StateFailure:
            self.failed = index
            inner.record("MapIterationFailed", named, aside=True)
            raise
        self.last = inner.record("MapIterationSucceeded", named, aside=True)
        del self.running[index]
        return inner.last

    def _broken(self) -> None:
        """Note what was ended when one iteration failed."""
        frame = self.visit.frame
        if self.failed in self.running:
            frame.last = self.running[self.failed].last
        for index in self._broken_order():
            if index != self.failed:
                frame.record("MapIterationAborted", {"name": self.visit.name, "index": index}, aside=True)
            abort(frame, self.running[index])

    def _broken_order(self) -> Iterator[int]:
        yield from sorted(self.running, key=lambda index: (index != self.failed, index))


MAP = Kind("Map", _work, "MapStateFailed")
