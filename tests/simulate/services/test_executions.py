"""Nested executions, task tokens and activities: who waits for whom, on one clock."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulate.services.desk import Calls
from untangle.simulate.call import ApiError
from untangle.simulate.machine.task import TaskFailure

SLOW = {
    "StartAt": "W",
    "States": {"W": {"Type": "Wait", "Seconds": 30, "Next": "P"}, "P": {"Type": "Pass", "Result": {"ok": True}, "End": True}},
}
BAD = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "No", "Cause": "because"}}}
MACHINES = {"Slow": SLOW, "Bad": BAD}
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:Pack"


class TestNested:
    def test_a_start_is_answered_at_once(self) -> None:
        desk = Calls(machines=MACHINES)
        (answer,) = desk.begin("states:startExecution", {"StateMachineArn": f"{ARN}Slow", "Input": {"a": 1}, "Name": "one"})
        assert answer["ExecutionArn"].endswith(":execution:Slow:one")
        assert desk.clock.now == 0

    @pytest.mark.parametrize("machine", [f"{ARN}Slow", f"{ARN}Slow:live", "Slow", "${Slow}"])
    @pytest.mark.parametrize(("suffix", "output"), [(".sync", '{"ok":true}'), (".sync:2", {"ok": True})])
    def test_one_that_is_waited_for(self, machine: str, suffix: str, output: Any) -> None:
        desk = Calls(machines=MACHINES)
        answer = desk.call(f"states:startExecution{suffix}", {"StateMachineArn": machine, "Input": {"a": 1}})
        assert (answer["Status"], answer["Output"], desk.clock.now) == ("SUCCEEDED", output, 30)

    @pytest.mark.parametrize("given", [{}, {"Input": None}])
    def test_without_an_input_it_gets_an_empty_object(self, given: dict[str, Any]) -> None:
        answer = Calls(machines=MACHINES).call("states:startExecution.sync:2", {"StateMachineArn": "Slow", **given})
        assert (answer["Input"], answer["InputDetails"]) == ({}, {"Included": True})

    def test_the_token_of_one_that_is_waited_for_answers_in_its_place(self) -> None:
        desk = Calls(machines=MACHINES)
        answers = desk.begin("states:startExecution.sync", {"StateMachineArn": "Slow"}, token="t")  # noqa: S106
        desk.api("SendTaskSuccess", taskToken="t", output="7")
        desk.clock.run()
        assert answers == [7]

    def test_one_that_fails_fails_the_state(self) -> None:
        failure = Calls(machines=MACHINES).call("states:startExecution.sync:2", {"StateMachineArn": f"{ARN}Bad"})
        assert failure.error == "States.TaskFailed"
        told = json.loads(failure.cause)
        assert (told["Status"], told["Error"], told["Cause"]) == ("FAILED", "No", "because")

    def test_one_that_does_not_exist(self) -> None:
        failure = Calls(machines=MACHINES).call("states:startExecution", {"StateMachineArn": f"{ARN}None"})
        assert failure.error == "StepFunctions.StateMachineDoesNotExistException"

    def test_a_name_is_used_once(self) -> None:
        desk = Calls(machines=MACHINES)
        arguments = {"StateMachineArn": f"{ARN}Slow", "Name": "one"}
        desk.call("states:startExecution", arguments)
        assert desk.call("states:startExecution", arguments).error == "StepFunctions.ExecutionAlreadyExistsException"

    def test_a_handler_can_start_and_wait(self) -> None:
        desk = Calls(machines=MACHINES)
        answer = desk.api("StartSyncExecution", stateMachineArn=f"{ARN}Slow", input="{}")
        assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"ok":true}')

    def test_a_handler_can_stop_one(self) -> None:
        desk = Calls(machines=MACHINES)
        arn = desk.api("StartExecution", stateMachineArn=f"{ARN}Slow", input="{}")["executionArn"]
        desk.api("StopExecution", executionArn=arn, error="Enough")
        assert desk.api("DescribeExecution", executionArn=arn)["status"] == "ABORTED"


class TestTokens:
    def waiting(self) -> tuple[Calls, list[Any]]:
        desk = Calls()
        return desk, desk.begin("lambda:invoke.waitForTaskToken", {"FunctionName": "f"}, token="t")  # noqa: S106

    def test_success_and_failure(self) -> None:
        desk, answers = self.waiting()
        desk.api("SendTaskFailure", taskToken="t", error="No", cause="because")
        assert answers == [TaskFailure(error="No", cause="because")]

    def test_a_failure_without_a_name(self) -> None:
        desk, answers = self.waiting()
        desk.api("SendTaskFailure", taskToken="t")
        assert answers == [TaskFailure(error=None, cause=None)]

    @pytest.mark.parametrize(
        ("operation", "params", "code"),
        [
            ("SendTaskSuccess", {"taskToken": "other", "output": "{}"}, "InvalidToken"),
            ("SendTaskSuccess", {"taskToken": "t", "output": "{"}, "InvalidOutput"),
            ("SendTaskHeartbeat", {"taskToken": "other"}, "InvalidToken"),
        ],
    )
    def test_what_is_refused(self, operation: str, params: dict[str, Any], code: str) -> None:
        desk, answers = self.waiting()
        with pytest.raises(ApiError) as refused:
            desk.api(operation, **params)
        assert refused.value.code == code and not answers

    def test_the_second_answer_comes_too_late(self) -> None:
        desk, _ = self.waiting()
        desk.api("SendTaskSuccess", taskToken="t", output="1")
        with pytest.raises(ApiError) as refused:
            desk.api("SendTaskSuccess", taskToken="t", output="2")
        assert refused.value.code == "TaskTimedOut"


class TestActivities:
    def test_a_worker_may_be_a_function(self) -> None:
        desk = Calls(workers={"Pack": lambda given: {"packed": given}})
        assert desk.call(ACTIVITY, [1], token="t") == {"packed": [1]}  # noqa: S106

    def test_what_it_raises_is_the_error(self) -> None:
        def broken(given: Any) -> Any:
            raise ValueError("no")

        assert Calls(workers={"Pack": broken}).call(ACTIVITY, {}, token="t").error == "ValueError"  # noqa: S106

    def test_a_machine_that_asks_waits_for_a_task_up_to_a_minute(self) -> None:
        desk = Calls()
        asked = {"ActivityArn": ACTIVITY, "WorkerName": "w"}
        late, first = desk.begin("aws-sdk:sfn:getActivityTask", asked), desk.begin("aws-sdk:sfn:getActivityTask", asked)
        desk.clock.after(30, lambda: desk.begin(ACTIVITY, {"a": 1}, token="t"))  # noqa: S106
        desk.clock.run()
        assert late == [{"TaskToken": "t", "Input": '{"a":1}'}]
        assert first == [{}] and desk.clock.now == 60
        assert desk.submitted == ["w"]

    def test_others_ask_for_the_task(self) -> None:
        desk = Calls()
        answers = desk.begin(ACTIVITY, {"a": 1}, token="t")  # noqa: S106
        task = desk.api("GetActivityTask", activityArn=ACTIVITY, workerName="w")
        assert desk.submitted == ["w"]
        assert task == {"taskToken": "t", "input": '{"a":1}'}
        assert desk.api("GetActivityTask", activityArn=ACTIVITY) == {}
        desk.api("SendTaskSuccess", taskToken=task["taskToken"], output="2")
        assert answers == [2]
