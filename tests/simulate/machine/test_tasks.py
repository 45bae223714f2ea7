"""Tasks: what is called with what, when it is tried again, who catches, and what the history says."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.simulate.machine.play import ECHO, Scripted, error, failure, jsonata, machine, output, played, task, types
from untangle.simulate.clock import Clock
from untangle.simulate.machine import start
from untangle.simulate.machine.task import TaskFailure, called

QUEUE = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
DONE = {"Type": "Pass", "End": True}


@pytest.mark.parametrize(
    ("resource", "parts"),
    [
        (ECHO, ("lambda", "", "request", 1)),
        ("arn:aws:states:::lambda:invoke", ("lambda", "invoke", "request", 1)),
        (QUEUE, ("sqs", "sendMessage", "callback", 1)),
        ("arn:aws:states:::states:startExecution.sync:2", ("states", "startExecution", "sync", 2)),
        ("arn:aws:states:::batch:submitJob.sync", ("batch", "submitJob", "sync", 1)),
        ("arn:aws:states:::aws-sdk:dynamodb:putItem", ("aws-sdk:dynamodb", "putItem", "request", 1)),
        ("arn:aws:states:eu-west-1:123456789012:activity:people", ("activity", "", "activity", 1)),
    ],
)
def test_the_parts_of_a_resource(resource: str, parts: tuple[Any, ...]) -> None:
    found = called(resource)
    assert (found.service, found.action, found.pattern, found.version) == parts


def test_a_result_is_selected_placed_and_put_out() -> None:
    state = task(
        "arn:aws:states:::lambda:invoke",
        Parameters={"FunctionName": "f", "Payload.$": "$.in"},
        ResultSelector={"got.$": "$.Payload.x"},
        ResultPath="$.out",
        OutputPath="$.out.got",
    )
    assert output(machine(state), {"in": {"x": 3}}) == 3
    asked = task("arn:aws:states:::lambda:invoke", Arguments={"Payload": "{% $states.input.in %}"}, Output="{% $states.result %}")
    assert output(jsonata(asked), {"in": 5}) == {"Payload": 5}


@pytest.mark.parametrize(
    ("retry", "times"),
    [
        ([{"ErrorEquals": ["States.ALL"]}], [0, 1, 3, 7]),
        ([{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "IntervalSeconds": 5}], [0, 5]),
        ([{"ErrorEquals": ["Odd"], "BackoffRate": 1, "IntervalSeconds": 2}], [0, 2, 4, 6]),
        ([{"ErrorEquals": ["Odd"], "IntervalSeconds": 10, "BackoffRate": 3, "MaxDelaySeconds": 20}], [0, 10, 30, 50]),
        ([{"ErrorEquals": ["Other"]}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}], [0]),
        ([{"ErrorEquals": ["States.Timeout"]}], [0]),
    ],
)
def test_retries_come_when_the_rule_says(retry: list[dict[str, Any]], times: list[float]) -> None:
    execution, services = played(machine(task(Retry=retry)), {}, {ECHO: [failure("Odd", "why")]})
    assert [time for time, _ in services.calls] == times
    assert [call.attempt for _, call in services.calls] == list(range(len(times)))
    assert [call.context["State"]["RetryCount"] for _, call in services.calls] == list(range(len(times)))
    assert execution.result is not None
    assert (execution.result.error, execution.result.cause) == ("Odd", "why")


def test_each_retrier_counts_for_itself() -> None:
    rules = [{"ErrorEquals": ["A"], "MaxAttempts": 1}, {"ErrorEquals": ["B"], "MaxAttempts": 2, "IntervalSeconds": 10}]
    script = [failure("A"), failure("B"), failure("B"), failure("A"), {"ok": True}]
    _, services = played(machine(task(Retry=rules)), {}, {ECHO: script})
    assert [time for time, _ in services.calls] == [0, 1, 11, 31]  # the second A is one too many


def test_full_jitter_stays_within_the_delay_and_repeats_with_the_seed() -> None:
    rules = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 5, "IntervalSeconds": 8, "BackoffRate": 1, "JitterStrategy": "FULL"}]
    seen = [played(machine(task(Retry=rules)), {}, {ECHO: [failure("X")]}, seed=seed)[1].calls for seed in (1, 1, 2)]
    first, again, other = ([time for time, _ in calls] for calls in seen)
    assert first == again != other
    assert all(0 <= after - before <= 8 for before, after in pairwise(first))


@pytest.mark.parametrize(
    ("names", "raised", "caught"),
    [
        (["States.ALL"], "Odd", True),
        (["States.TaskFailed"], "Odd", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.ALL"], "States.Timeout", True),
        (["Odd"], "Odd", True),
        (["Odd"], "Other", False),
        (["States.ALL", "States.Runtime"], "States.Runtime", False),
    ],
)
def test_who_catches(names: list[str], raised: str, caught: bool) -> None:
    definition = machine(task(Catch=[{"ErrorEquals": names, "ResultPath": "$.error", "Next": "Done"}]), Done=DONE)
    execution, _ = played(definition, {"kept": 1}, {ECHO: [failure(raised, "why")]})
    assert execution.result is not None
    if caught:
        assert execution.result.output == {"kept": 1, "error": {"Error": raised, "Cause": "why"}}
    else:
        assert execution.result.error == raised


def test_a_jsonata_catcher_has_the_error_and_assigns() -> None:
    catcher = {
        "ErrorEquals": ["States.ALL"],
        "Output": "{% {'in': $states.input, 'said': $states.errorOutput.Cause} %}",
        "Assign": {"name": "{% $states.errorOutput.Error %}"},
        "Next": "Done",
    }
    done = {"Type": "Pass", "Output": "{% $merge([$states.input, {'name': $name}]) %}", "End": True}
    definition = jsonata(task(Catch=[catcher]), Done=done)
    assert output(definition, 1, {ECHO: [failure("Odd", "why")]}) == {"in": 1, "said": "why", "name": "Odd"}


def test_a_field_that_cannot_be_evaluated_can_be_caught() -> None:
    rules = [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "caught", "Next": "Done"}]
    assert output(jsonata(task(Arguments="{% $states.input.no %}", Catch=rules), Done=DONE)) == "caught"


@pytest.mark.parametrize(
    ("fields", "ends"),
    [
        ({"TimeoutSeconds": 30}, 30),
        ({"TimeoutSecondsPath": "$.limit"}, 20),
        ({"HeartbeatSeconds": 10, "TimeoutSeconds": 30}, 10),
    ],
)
def test_a_task_that_takes_too_long_times_out(fields: dict[str, Any], ends: float) -> None:
    execution, services = played(machine(task(**fields)), {"limit": 20}, {ECHO: [None]})
    assert execution.result is not None
    assert (execution.result.status, execution.result.error, execution.result.cause) == ("FAILED", "States.Timeout", None)
    assert execution.events[-1].time == ends
    assert types(execution)[-2] == "LambdaFunctionTimedOut"
    assert not services.replies[0].open


def test_heartbeats_keep_a_task_alive() -> None:
    clock = Clock()
    services = Scripted(clock, {QUEUE: [None]})
    state = task(QUEUE, Parameters={"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, HeartbeatSeconds=10)
    execution = start(machine(state), {}, clock=clock, services=services)
    _, call = services.calls[0]
    assert call.arguments == {"QueueUrl": "q", "MessageBody": call.token}
    services.replies[0].submitted({"MessageId": "m"})
    for after in (8, 16):
        clock.after(after, services.replies[0].heartbeat)
    clock.after(25, lambda: services.replies[0]({"answer": 42}))
    clock.run()
    assert execution.result is not None
    assert execution.result.output == {"answer": 42}
    assert types(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    scheduled = execution.events[2].json()["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"]) == ("sqs", "sendMessage.waitForTaskToken")
    assert scheduled["heartbeatInSeconds"] == 10


def test_an_answer_after_the_timeout_is_too_late() -> None:
    clock = Clock()
    services = Scripted(clock, {ECHO: ["late"]}, after=60)
    execution = start(machine(task(TimeoutSeconds=30)), {}, clock=clock, services=services)
    clock.run()
    assert execution.result is not None
    assert execution.result.error == "States.Timeout"
    assert clock.now == 60


def test_an_activity_starts_when_a_worker_takes_it() -> None:
    clock = Clock()
    activity = "arn:aws:states:eu-west-1:123456789012:activity:people"
    services = Scripted(clock, {activity: [None]})
    execution = start(machine(task(activity)), {"do": 1}, clock=clock, services=services)
    assert types(execution)[-1] == "ActivityScheduled"
    services.replies[0].submitted("worker-1")
    services.replies[0]("done")
    assert types(execution)[-4:] == ["ActivityStarted", "ActivitySucceeded", "TaskStateExited", "ExecutionSucceeded"]
    assert execution.events[3].json()["activityStartedEventDetails"] == {"workerName": "worker-1"}


def test_the_machine_has_a_timeout_of_its_own_and_can_be_stopped() -> None:
    definition = {**machine(task()), "TimeoutSeconds": 60}
    execution, services = played(definition, {}, {ECHO: [None]})
    assert execution.result is not None
    assert (execution.result.status, types(execution)[-1]) == ("TIMED_OUT", "ExecutionTimedOut")
    assert not services.replies[0].open
    clock = Clock()
    cancelled: list[bool] = []
    waiting = Scripted(clock, {ECHO: [None]})
    execution = start(machine(task()), {}, clock=clock, services=waiting)
    waiting.replies[0].cancelled = lambda: cancelled.append(True)
    execution.stop("Enough", "for today")
    execution.stop("Again")
    assert execution.result is not None
    assert (execution.result.status, execution.result.error, cancelled) == ("ABORTED", "Enough", [True])
    assert types(execution)[-1] == "ExecutionAborted"


def test_a_call_that_could_not_be_prepared_has_not_started() -> None:
    from untangle.simulate.machine.task import TaskFailure

    resource = "arn:aws:states:::sqs:sendMessage"
    execution, _ = played(machine(task(resource)), {}, {resource: [TaskFailure(error="Odd", stage="start")]})
    assert types(execution)[2:4] == ["TaskScheduled", "TaskStartFailed"]
    assert error(machine(task(resource)), {}, {resource: [failure("Odd", "x")]}) == ("Odd", "x")


def test_an_express_workflow_ends_after_five_minutes() -> None:
    execution, services = played(machine(task()), {}, {ECHO: [None]}, kind="EXPRESS")
    assert execution.result is not None
    assert (execution.result.status, services.clock.now) == ("TIMED_OUT", 300)
    assert ":express:Machine:run-1" in execution.arn


def test_a_failure_without_a_name_is_caught_by_all() -> None:
    """SendTaskFailure may leave out the error and the cause: the history and the error output have none then."""
    definition = machine(task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "After"}]), After=DONE)
    execution, _ = played(definition, {}, {ECHO: [TaskFailure(error=None, cause=None)]})
    assert execution.result is not None and execution.result.output == {"Error": None, "Cause": None}
    failed = next(event.json() for event in execution.events if event.type.endswith("Failed"))
    assert not {"error", "cause"} & next(value for key, value in failed.items() if key.endswith("Details")).keys()


@pytest.mark.parametrize("suffix", [".sync", ".sync:2"])
def test_a_job_has_a_task_token_too(suffix: str) -> None:
    resource = f"arn:aws:states:::states:startExecution{suffix}"
    _, services = played(machine(task(resource, Parameters={"Input": {"Token.$": "$$.Task.Token"}})), {}, {resource: [{}]})
    _, call = services.calls[0]
    assert call.token and call.arguments == {"Input": {"Token": call.token}}
