"""Pass: hands on its input, a fixed result, or what its templates make of them."""

from __future__ import annotations

from untangle.simulate.machine.states.kind import Kind, finished, given
from untangle.simulate.machine.strand import Work
from untangle.simulate.machine.visit import Visit


def _work(visit: Visit) -> Work:
    if visit.jsonata:
        return finished(visit, visit.input)
    value = given(visit)
    return finished(visit, visit.state.get("Result", value))
    yield  # a generator, as the work of every type is


PASS = Kind("Pass", _work)
