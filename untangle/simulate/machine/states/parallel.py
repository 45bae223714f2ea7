"""Parallel: runs its branches beside each other; fails with the first of them that fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.machine.failure import StateFailure
from untangle.simulate.machine.frame import Frame
from untangle.simulate.machine.states.kind import Kind, finished, given
from untangle.simulate.machine.strand import Work, together
from untangle.simulate.machine.visit import Visit

_ABORTABLE = frozenset({"Task", "Wait", "Map", "Parallel"})  # states that something can end from outside, or within


def _work(visit: Visit) -> Work:
    frame = visit.frame
    value = given(visit)
    value = visit.input if visit.jsonata and "Arguments" not in visit.state else value
    frame.record("ParallelStateStarted")
    branches = visit.state["Branches"]
    inner = [frame.inner(branch, visit.name, index, shared=len(branches) > 1) for index, branch in enumerate(branches)]
    failed: list[Frame] = []

    def run(branch: Frame, machine: Mapping[str, Any]) -> Work:
        try:
            return (yield from frame.execution.run(branch, machine["StartAt"], value))
        except StateFailure:
            failed.append(branch)
            raise

    try:
        results = yield together(run(branch, machine) for branch, machine in zip(inner, branches, strict=True))
    except StateFailure:
        frame.last = failed[0].last
        for branch in inner:
            abort(frame, branch)
        raise
    frame.last = max([frame.last, *(branch.last for branch in inner)])
    frame.record("ParallelStateSucceeded", aside=True)
    return finished(visit, results)


def abort(frame: Frame, inner: Frame) -> None:
    """Note which state of a branch was ended, by itself or because another branch failed."""
    if inner.within in _ABORTABLE:
        frame.record(f"{inner.within}StateAborted", aside=True)


PARALLEL = Kind("Parallel", _work, "ParallelStateFailed")
