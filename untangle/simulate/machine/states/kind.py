"""What a state type is to the interpreter, and how most of them turn a result into their output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.machine.query.reference import put
from untangle.simulate.machine.strand import Work
from untangle.simulate.machine.visit import Visit

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a visit comes to: the output, the state that follows (None: the machine ends), the variables that are assigned."""

    output: Any
    next: str | None
    assigned: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of states: its work, and the event that says that it failed, for the types that have one."""

    name: str
    work: Callable[[Visit], Work]
    failed: str | None = None


def given(visit: Visit, template: str = "Parameters") -> Any:
    """The effective input of a state: InputPath and Parameters, or Arguments (None where a JSONata state has none)."""
    state = visit.state
    if visit.jsonata:
        return visit.ask(state["Arguments"], "Arguments") if "Arguments" in state else None
    value = visit.at(state.get("InputPath", "$"), visit.input) if "InputPath" in state else visit.input
    return visit.fill(state[template], value) if template in state else value


def finished(visit: Visit, result: Any) -> Outcome:
    """What a state with a result comes to: ResultSelector, ResultPath, Assign and OutputPath, or Output and Assign."""
    state = visit.state
    if visit.jsonata:
        visit.result = result
        output = visit.ask(state["Output"], "Output") if "Output" in state else result
        assigned = visit.ask(state["Assign"], "Assign") if "Assign" in state else NOTHING
        return Outcome(output, state.get("Next"), assigned)
    if "ResultSelector" in state:
        result = visit.fill(state["ResultSelector"], result)
    assigned = visit.fill(state["Assign"], result) if "Assign" in state else NOTHING
    output = put(state.get("ResultPath", "$"), result, visit.input)
    if "OutputPath" in state:
        output = visit.at(state["OutputPath"], output)
    return Outcome(output, state.get("Next"), assigned)
