"""Fail: ends the machine, the branch or the iteration with an error."""

from __future__ import annotations

from untangle.simulate.machine.failure import StateFailure
from untangle.simulate.machine.states.kind import Kind
from untangle.simulate.machine.strand import Work
from untangle.simulate.machine.visit import Visit, kind_of


def _work(visit: Visit) -> Work:
    raise StateFailure(_said(visit, "Error"), _said(visit, "Cause"))
    yield  # a generator, as the work of every type is


def _said(visit: Visit, field: str) -> str | None:
    state = visit.state
    if visit.jsonata:
        return visit.expected(state[field], field, "string") if field in state else None
    if f"{field}Path" not in state:
        return state.get(field)
    path = state[f"{field}Path"]
    value = visit.found(path, visit.input, f"{field}Path")
    if not isinstance(value, str):
        raise visit.invalid(f"The {field}Path field must resolve to a string, but was '{kind_of(value)}': {path}")
    return value


FAIL = Kind("Fail", _work)
