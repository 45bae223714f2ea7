"""A distributed Map: each item, or batch of items, is an execution of its own, with a history of its own.

Source: Step Functions guide, "Using Map state in Distributed mode", "ItemBatcher (Map)" and "Setting failure thresholds for
Distributed Map states".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from untangle.simulate.machine.failure import StateFailure, text_of
from untangle.simulate.machine.frame import Child, Frame
from untangle.simulate.machine.history import UNCUT, History
from untangle.simulate.machine.scope import Scope
from untangle.simulate.machine.states.number import number_of
from untangle.simulate.machine.states.select import selected
from untangle.simulate.machine.states.source import Reader, read
from untangle.simulate.machine.states.writer import write
from untangle.simulate.machine.strand import Work, together
from untangle.simulate.machine.visit import Visit

_EXCEEDED = ("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many items may fail: a count, a percentage of them all, or either; none where neither is given."""

    count: int | None
    percentage: float | None

    def exceeded(self, failed: int, total: int) -> bool:
        """Whether more failed than may."""
        if self.count is None and self.percentage is None:
            return failed > 0
        many = self.count is not None and failed > self.count
        return many or (self.percentage is not None and failed * 100 > self.percentage * total)


def tolerance_of(visit: Visit, value: Any) -> Tolerance:
    """The failure threshold of a Map, evaluated."""
    count = _number(visit, value, "ToleratedFailureCount", "integer")
    percentage = _number(visit, value, "ToleratedFailurePercentage", "float")
    if count is not None and count < 0:
        raise visit.invalid("ToleratedFailureCount cannot be negative.")
    if percentage is not None and not 0 <= percentage <= 100:
        raise visit.invalid("ToleratedFailurePercentage must be between 0 and 100.")
    return Tolerance(None if count is None else int(count), percentage)


def _number(visit: Visit, value: Any, field: str, what: str) -> float | None:
    state = visit.state
    if visit.jsonata:
        return float(visit.expected(state[field], field, "number")) if field in state else None
    if f"{field}Path" not in state:
        return state.get(field)
    path = state[f"{field}Path"]
    return number_of(visit, visit.at(path, value), f"{field}Path", what, path)


def run_distributed(
    visit: Visit,
    processor: Mapping[str, Any],
    value: Any,
    items: list[Any],
    reader: Reader | None,
    tolerance: Tolerance,
    concurrency: int,
) -> Work:
    """Run the map: returns the outputs in order, or what the ResultWriter says."""
    execution, frame = visit.frame.execution, visit.frame
    label = f"{execution.machine_arn.rpartition(':')[2]}/{visit.state.get('Label') or execution.uuid()}"
    arn = f"{execution.machine_arn.partition(':stateMachine:')[0]}:mapRun:{label}:{execution.uuid()}"
    frame.record("MapRunStarted", {"mapRunArn": arn})
    try:
        if reader is not None:
            items = yield from read(visit, reader)
        run = _Run(visit, processor, value, _batched(visit, value, items), tolerance, label)
        yield from run.all(concurrency)
        results = yield from write(visit, value, arn, run.outputs, run.failures)
    except StateFailure as failure:
        said = {"error": failure.error, "cause": failure.cause or None}
        frame.record("MapRunFailed", {key: text for key, text in said.items() if text is not None})
        raise
    frame.record("MapRunSucceeded")
    return results


def _batched(visit: Visit, value: Any, items: list[Any]) -> list[tuple[int, Any]]:
    """What each child execution gets, and the index of its (first) item."""
    chosen = [selected(visit, {"Index": index, "Value": item}, value) for index, item in enumerate(items)]
    if "ItemBatcher" not in visit.state:
        return list(enumerate(chosen))
    said = visit.state["ItemBatcher"]
    most = _size(visit, value, said, "MaxItemsPerBatch") or len(chosen)
    room = _size(visit, value, said, "MaxInputBytesPerBatch") or 262_144
    common = said.get("BatchInput")
    if common is not None:
        common = visit.ask(common, "ItemBatcher/BatchInput") if visit.jsonata else visit.fill(common, value)
    batches: list[tuple[int, Any]] = []
    group: list[Any] = []
    for index, item in enumerate(chosen):
        if group and (len(group) >= most or len(text_of(_batch([*group, item], common)).encode()) > room):
            batches.append((index - len(group), _batch(group, common)))
            group = []
        group.append(item)
    return [*batches, (len(chosen) - len(group), _batch(group, common))] if group else batches


def _batch(items: list[Any], common: Any) -> dict[str, Any]:
    return {"Items": items} if common is None else {"BatchInput": common, "Items": items}


def _size(visit: Visit, value: Any, said: Mapping[str, Any], field: str) -> int:
    if visit.jsonata:
        return int(visit.expected(said[field], f"ItemBatcher/{field}", "number")) if field in said else 0
    return _named(visit, value, said, field)


def _named(visit: Visit, value: Any, said: Mapping[str, Any], field: str) -> int:
    if f"{field}Path" not in said:
        return int(said.get(field, 0))
    path = said[f"{field}Path"]
    return int(number_of(visit, visit.at(path, value), f"{field}Path", "integer", path))


class _Run:
    def __init__(
        self,
        visit: Visit,
        processor: Mapping[str, Any],
        value: Any,
        inputs: list[tuple[int, Any]],
        tolerance: Tolerance,
        label: str,
    ) -> None:
        self.visit, self.processor, self.tolerance, self.label = visit, processor, tolerance, label
        self.inputs = inputs
        self.waiting = iter(range(len(inputs)))
        self.ended: dict[int, Any] = {}

    @property
    def outputs(self) -> list[tuple[Any, Any]]:
        """(input, output) of the children that succeeded, in order."""
        ended = ((self.inputs[place][1], self.ended[place]) for place in sorted(self.ended))
        return [(given, answer) for given, answer in ended if not isinstance(answer, StateFailure)]

    @property
    def failures(self) -> list[tuple[Any, StateFailure]]:
        """(input, failure) of the children that failed, in order."""
        ended = ((self.inputs[place][1], self.ended[place]) for place in sorted(self.ended))
        return [(given, answer) for given, answer in ended if isinstance(answer, StateFailure)]

    def all(self, concurrency: int) -> Work:
        """Run the children, so many at a time; raises where more fail than may."""
        yield together(self._worker() for _ in range(min(len(self.inputs), concurrency or len(self.inputs))))

    def _worker(self) -> Work:
        for place in self.waiting:
            try:
                self.ended[place] = yield from self._child(place)
            except StateFailure as failure:
                self.ended[place] = failure
                if self.tolerance.exceeded(len(self.failures), len(self.inputs)):
                    raise StateFailure(*_EXCEEDED) from failure

    def _child(self, place: int) -> Work:
        visit, (index, given) = self.visit, self.inputs[place]
        execution, name = visit.frame.execution, visit.frame.execution.uuid()
        history = History(execution.clock)
        frame = Frame(execution, self.processor, history, self._identity(name, given))
        frame.language = self.processor.get("QueryLanguage", visit.frame.language)
        frame.scope, frame.path = Scope(), (*visit.frame.path, visit.name, index)
        execution.children.append(Child(path=(*visit.frame.path, visit.name), index=index, name=name, events=history.events))
        history.add("ExecutionStarted", 0, {"input": text_of(given), "inputDetails": UNCUT})
        try:
            output = yield from execution.run(frame, self.processor["StartAt"], given)
        except StateFailure as failure:
            said = {"error": failure.error, "cause": failure.cause or None}
            history.add("ExecutionFailed", frame.last, {key: text for key, text in said.items() if text is not None})
            raise
        history.add("ExecutionSucceeded", frame.last, {"output": text_of(output), "outputDetails": UNCUT})
        return output

    def _identity(self, name: str, given: Any) -> dict[str, Any]:
        parent = self.visit.frame.execution
        prefix = parent.machine_arn.partition(":stateMachine:")[0]
        execution = {
            **parent.identity()["Execution"],
            "Id": f"{prefix}:execution:{self.label}:{name}",
            "Input": given,
            "Name": name,
        }
        machine = {"Id": f"{prefix}:stateMachine:{self.label}", "Name": self.label}
        return {"Execution": execution, "StateMachine": machine}
