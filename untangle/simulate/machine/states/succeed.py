"""Succeed: ends the machine, the branch or the iteration well."""

from __future__ import annotations

from untangle.simulate.machine.states.kind import Kind, Outcome
from untangle.simulate.machine.strand import Work
from untangle.simulate.machine.visit import Visit


def _work(visit: Visit) -> Work:
    state = visit.state
    if visit.jsonata:
        return Outcome(visit.ask(state["Output"], "Output") if "Output" in state else visit.input, None)
    value = visit.at(state["InputPath"], visit.input) if "InputPath" in state else visit.input
    return Outcome(visit.at(state["OutputPath"], value) if "OutputPath" in state else value, None)
    yield  # a generator, as the work of every type is


SUCCEED = Kind("Succeed", _work)
