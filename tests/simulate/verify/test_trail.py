"""Where executions have been: which states they entered, and in which something failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from untangle.simulate.clock import Clock
from untangle.simulate.machine.task import TaskFailure
from untangle.simulate.services.machines import Machines
from untangle.simulate.verify.trail import Place, came_by, distributed, trail

TASK: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f"}}
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Parked"}]
INNER = {"StartAt": "Quiet", "States": {"Quiet": {"Type": "Pass", "Next": "Loud"}, "Loud": {**TASK, "End": True}}}
DEFINITION = {
    "QueryLanguage": "JSONata",
    "StartAt": "First",
    "States": {
        "First": {"Type": "Pass", "Next": "Each"},
        "Each": {"Type": "Map", "Items": [1], "ItemProcessor": INNER, "Catch": CATCH, "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Parked": {"Type": "Succeed"},
    },
}


class Answers:
    """Services in which every task succeeds, or fails."""

    def __init__(self, answer: Any) -> None:
        self.answer_with = answer

    def start(self, call: Any, done: Any) -> None:
        done(self.answer_with)


def walked(answer: Any) -> Mapping[Place, bool]:
    clock = Clock()
    machines = Machines(clock=clock, definitions={"M": DEFINITION})
    machines.start(Answers(answer), "M", {}, "run-1")
    clock.run()
    return trail(machines.runs.values())


def test_a_run_without_failures_has_been_where_it_came_by() -> None:
    assert walked({}) == {("M", name): False for name in ("First", "Each", "Quiet", "Loud", "Done")}


def test_a_failure_is_one_of_its_state_and_of_those_around_it_alone() -> None:
    failed = {name for (_, name), failing in walked(TaskFailure(error="Boom", cause="")).items() if failing}
    assert failed == {"Loud", "Each"}


@pytest.mark.parametrize(
    ("state", "failing", "there"),
    [("a", False, True), ("a", True, False), ("b", True, True), ("c", False, False), ("c", True, False)],
)
def test_coming_by(state: str, failing: bool, there: bool) -> None:
    assert came_by({("M", "a"): False, ("M", "b"): True}, ("M", state), failing) is there


def test_what_runs_in_executions_of_its_own_is_known_by_the_state_around_it() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "States": {"In": {"Type": "Map", "ItemProcessor": {"States": {}}}}}
    definition = {"States": {"Out": {"Type": "Map", "ItemProcessor": processor}}}
    path = ("States", "Out", "ItemProcessor")
    assert distributed((), definition) == ""
    assert distributed(path, definition) == "Out"
    assert distributed((*path, "States", "In", "ItemProcessor"), definition) == "Out"
