"""Runs states one after the other: entered, worked, tried again or caught where they fail, exited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.machine.failure import StateFailure, exceeds, text_of, too_large
from untangle.simulate.machine.frame import Frame
from untangle.simulate.machine.handling import Retries, caught
from untangle.simulate.machine.history import UNCUT
from untangle.simulate.machine.states import KINDS
from untangle.simulate.machine.states.kind import Outcome
from untangle.simulate.machine.strand import Work, sleep
from untangle.simulate.machine.visit import Visit


def run_states(frame: Frame, name: str, value: Any) -> Work:
    """The states of a frame, beginning with one; returns the output of the last, raises `StateFailure`."""
    clock = frame.execution.clock
    while True:
        state: Mapping[str, Any] = frame.states[name]
        if frame.shared:
            yield sleep(clock, 0)
        visit = Visit(frame, name, state, value)
        kind = state["Type"]
        text = text_of(value)
        visit.entered = frame.record(f"{kind}StateEntered", {"name": name, "input": text, "inputDetails": UNCUT})
        frame.within = kind
        outcome = yield from _visited(visit)
        frame.within = None
        text = text_of(outcome.output)
        if exceeds(text):
            raise too_large(name)
        details: dict[str, Any] = {"name": name, "output": text, "outputDetails": UNCUT}
        if outcome.assigned:
            details["assignedVariables"] = {key: text_of(given) for key, given in outcome.assigned.items()}
            details["assignedVariablesDetails"] = UNCUT
            frame.scope.assign(outcome.assigned)
        frame.record(f"{kind}StateExited", details)
        if outcome.next is None:
            return outcome.output
        name, value = outcome.next, outcome.output


def _visited(visit: Visit) -> Work:
    """What a state comes to, after as many attempts as its retriers give it."""
    kind = KINDS[visit.state["Type"]]
    retries = Retries(visit.state.get("Retry", ()))
    while True:
        try:
            outcome: Outcome = yield from kind.work(visit)
            return outcome
        except StateFailure as failure:
            delay = retries.delay(failure, visit.frame.execution.random)
            if delay is None:
                if kind.failed and failure.error != "States.Runtime":
                    visit.frame.record(kind.failed)
                return caught(visit, failure)
            visit.retries += 1
            yield sleep(visit.frame.execution.clock, delay)
