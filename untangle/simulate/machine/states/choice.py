"""Choice: takes the first rule that is met, otherwise the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.machine.failure import StateFailure
from untangle.simulate.machine.states.compare import met
from untangle.simulate.machine.states.kind import NOTHING, Kind, Outcome
from untangle.simulate.machine.strand import Work
from untangle.simulate.machine.visit import Visit


def _work(visit: Visit) -> Work:
    state = visit.state
    value = visit.at(state["InputPath"], visit.input) if "InputPath" in state and not visit.jsonata else visit.input
    for index, rule in enumerate(state["Choices"]):
        if _holds(visit, rule, value, index):
            return _taken(visit, rule, rule["Next"], value)
    if "Default" not in state:
        message = f"Failed to transition out of the state '{visit.name}'. The state does not point to a next state."
        raise StateFailure("States.NoChoiceMatched", message)
    return _taken(visit, state, state["Default"], value)
    yield  # a generator, as the work of every type is


def _holds(visit: Visit, rule: Mapping[str, Any], value: Any, index: int) -> bool:
    if visit.jsonata:
        return visit.expected(rule["Condition"], f"Choices[{index}]/Condition", "boolean") is True
    return met(visit, rule, value)


def _taken(visit: Visit, rule: Mapping[str, Any], following: str, value: Any) -> Outcome:
    state = visit.state
    if visit.jsonata:
        said = rule if "Output" in rule else state
        output = visit.ask(said["Output"], "Output") if "Output" in said else visit.input
        return Outcome(output, following, visit.ask(rule.get("Assign", NOTHING), "Assign"))
    assigned = visit.fill(rule.get("Assign", NOTHING), value)
    return Outcome(visit.at(state["OutputPath"], value) if "OutputPath" in state else value, following, assigned)


CHOICE = Kind("Choice", _work)
