"""Map, inline and distributed, and Parallel."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulate.machine.play import ECHO, error, failure, jsonata, machine, output, played, task, types
from untangle.simulate.machine.task import TaskFailure

GET = "arn:aws:states:::s3:getObject"
PUT = "arn:aws:states:::s3:putObject"
LIST = "arn:aws:states:::s3:listObjectsV2"
PASS = machine({"Type": "Pass", "End": True})
CALL = machine(task())


def mapped(processor: dict[str, Any] = PASS, **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def distributed(processor: dict[str, Any] = PASS, **fields: Any) -> dict[str, Any]:
    return mapped({"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **processor}, **fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"ItemsPath": "$.items"}, [1, 2, 3]),
        ({"InputPath": "$.items"}, [1, 2, 3]),
        ({"ItemsPath": "$.items", "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "k.$": "$.k"}},
         [{"i": 0, "v": 1, "k": "K"}, {"i": 1, "v": 2, "k": "K"}, {"i": 2, "v": 3, "k": "K"}]),
        ({"ItemsPath": "$.items", "Parameters": {"v.$": "$$.Map.Item.Value"}, "ResultSelector": {"all.$": "$[*].v"}},
         {"all": [1, 2, 3]}),
        ({"ItemsPath": "$.items", "ResultPath": "$.out"}, {"items": [1, 2, 3], "k": "K", "out": [1, 2, 3]}),
    ],
)  # fmt: skip
def test_map_in_jsonpath(fields: dict[str, Any], expected: Any) -> None:
    assert output(machine(mapped(**fields)), {"items": [1, 2, 3], "k": "K"}) == expected
    assert output(machine(distributed(**fields)), {"items": [1, 2, 3], "k": "K"}) == expected


def test_map_in_jsonata() -> None:
    selector = {"n": "{% $states.context.Map.Item.Value * 2 %}"}
    state = mapped(Items="{% $states.input.items %}", ItemSelector=selector, Output="{% $sum($states.result.n) %}")
    assert output(jsonata(state), {"items": [1, 2, 3]}) == 12
    assert error(jsonata(mapped(Items="{% $states.input %}")), {"a": 1})[0] == "States.QueryEvaluationError"


@pytest.mark.parametrize(("limit", "at_once", "lasts"), [(0, 5, 10), (1, 1, 50), (2, 2, 30)])
def test_so_many_iterations_run_beside_each_other(limit: int, at_once: int, lasts: float) -> None:
    execution, services = played(machine(mapped(CALL, MaxConcurrency=limit)), [1, 2, 3, 4, 5], after=10)
    assert sum(time == 0 for time, _ in services.calls) == at_once
    assert services.clock.now == lasts
    assert execution.result is not None
    assert execution.result.output == [1, 2, 3, 4, 5]
    assert [call.path for _, call in services.calls] == [("First", index) for index in range(5)]


def test_iterations_all_start_before_any_goes_on() -> None:
    execution, _ = played(machine(mapped(CALL)), [1, 2])
    assert types(execution)[2:8] == [
        "MapStateStarted", "MapIterationStarted", "MapIterationStarted", "TaskStateEntered", "LambdaFunctionScheduled",
        "TaskStateEntered",
    ]  # fmt: skip


def test_an_iteration_that_fails_ends_the_others() -> None:
    definition = machine(mapped(CALL))
    execution, services = played(definition, [1, 2, 3], {ECHO: [None, failure("Odd"), None]})
    assert execution.result is not None
    assert execution.result.error == "Odd"
    assert types(execution)[-8:] == [
        "MapIterationFailed", "TaskStateAborted", "MapIterationAborted", "TaskStateAborted", "MapIterationAborted",
        "TaskStateAborted", "MapStateFailed", "ExecutionFailed",
    ]  # fmt: skip
    assert not any(reply.open for reply in services.replies)


def test_map_is_tried_again_as_a_whole() -> None:
    state = mapped(CALL, MaxConcurrency=1, Retry=[{"ErrorEquals": ["Odd"]}])
    execution, _ = played(machine(state), ["a", "b"], {ECHO: ["A", failure("Odd"), "C", "D"]})
    assert execution.result is not None
    assert execution.result.output == ["C", "D"]
    assert types(execution).count("MapStateStarted") == 2
    assert "MapStateFailed" not in types(execution)


@pytest.mark.parametrize(
    ("fields", "ends"),
    [
        ({}, "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailureCount": 1}, "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailureCount": 2}, None),
        ({"ToleratedFailurePercentage": 49}, "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailurePercentagePath": "$[0]"}, None),
    ],
)
def test_some_failures_are_tolerated(fields: dict[str, Any], ends: str | None) -> None:
    definition = machine(distributed(CALL, **fields))
    execution, _ = played(definition, [50, 2, 3, 4], {ECHO: [failure("A"), 2, failure("B"), 4]})
    assert execution.result is not None
    assert execution.result.error == ends
    assert types(execution)[3:5] == ["MapRunStarted", "MapRunFailed" if ends else "MapRunSucceeded"]
    assert execution.result.output == (None if ends else [2, 4])
    assert execution.children[0].events[-1].type == "ExecutionFailed"


@pytest.mark.parametrize(
    ("batcher", "expected"),
    [
        ({"MaxItemsPerBatch": 2}, [{"Items": [1, 2]}, {"Items": [3]}]),
        ({"MaxItemsPerBatchPath": "$[2]", "BatchInput": {"n.$": "$[0]"}}, [{"BatchInput": {"n": 1}, "Items": [1, 2, 3]}]),
        ({"MaxInputBytesPerBatch": 13}, [{"Items": [1]}, {"Items": [2]}, {"Items": [3]}]),
    ],
)
def test_items_in_batches(batcher: dict[str, Any], expected: Any) -> None:
    assert output(machine(distributed(ItemBatcher=batcher)), [1, 2, 3]) == expected


CSV = "id,name\n1,ann\n2\n3,cy,extra\n"


@pytest.mark.parametrize(
    ("config", "body", "expected"),
    [
        ({"InputType": "JSON"}, "[1, {\"a\": 2}]", [1, {"a": 2}]),
        ({"InputType": "JSON", "ItemsPointer": "/data/rows"}, '{"data": {"rows": [1]}}', [1]),
        ({"InputType": "JSONL"}, '1\n{"a": 2}\n', [1, {"a": 2}]),
        ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, CSV,
         [{"id": "1", "name": "ann"}, {"id": "2", "name": ""}, {"id": "3", "name": "cy"}]),
        ({"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "CSVDelimiter": "PIPE", "MaxItems": 1},
         "x|y\nz", [{"a": "x"}]),
    ],
)  # fmt: skip
def test_items_from_a_bucket(config: dict[str, Any], body: str, expected: Any) -> None:
    reader = {"Resource": GET, "ReaderConfig": config, "Parameters": {"Bucket.$": "$.bucket", "Key": "k"}}
    execution, services = played(machine(distributed(ItemReader=reader)), {"bucket": "b"}, {GET: [{"Body": body}]})
    assert execution.result is not None
    assert execution.result.output == expected
    assert services.calls[0][1].arguments == {"Bucket": "b", "Key": "k"}


@pytest.mark.parametrize(
    ("body", "cause"),
    [({"Body": "{}"}, "Attempting to map over non-iterable node."), (TaskFailure(error="S3.NoSuchKey", cause="gone"), "gone")],
)
def test_a_data_set_that_cannot_be_read(body: Any, cause: str) -> None:
    reader = {"Resource": GET, "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "b", "Key": "k"}}
    assert error(machine(distributed(ItemReader=reader)), {}, {GET: [body]}) == ("States.ItemReaderFailed", cause)


def test_objects_of_a_bucket_come_page_by_page() -> None:
    pages = [{"Contents": [{"Key": "a"}], "IsTruncated": True, "NextContinuationToken": "t"}, {"Contents": [{"Key": "b"}]}]
    reader = {"Resource": LIST, "Parameters": {"Bucket": "b"}}
    execution, services = played(machine(distributed(ItemReader=reader)), {}, {LIST: pages})
    assert execution.result is not None
    assert execution.result.output == [{"Key": "a"}, {"Key": "b"}]
    assert services.calls[1][1].arguments["ContinuationToken"] == "t"


def test_results_go_to_a_bucket() -> None:
    writer = {"Resource": PUT, "Parameters": {"Bucket": "b", "Prefix": "out"}}
    state = distributed(CALL, ResultWriter=writer, ToleratedFailureCount=1, Label="L")
    execution, services = played(machine(state), ["x", "y"], {ECHO: ["X", failure("Odd", "why")], PUT: [{}]})
    assert execution.result is not None
    said = execution.result.output
    assert said["MapRunArn"].startswith("arn:aws:states:us-east-1:123456789012:mapRun:Machine/L:")
    put = {call.arguments["Key"].rpartition("/")[2]: json.loads(call.arguments["Body"]) for _, call in services.calls[2:]}
    assert put["SUCCEEDED_0.json"] == [{"Input": '"x"', "Output": '"X"', "Status": "SUCCEEDED"}]
    assert put["FAILED_0.json"] == [{"Input": '"y"', "Status": "FAILED", "Error": "Odd", "Cause": "why"}]
    assert put["manifest.json"]["ResultFiles"]["PENDING"] == []
    assert said["ResultWriterDetails"]["Key"].endswith("/manifest.json")


def test_parallel_gives_the_outputs_in_the_order_of_its_branches() -> None:
    waits = [{"Type": "Wait", "Seconds": seconds, "Next": "Tell"} for seconds in (3, 1, 2)]
    branches = [machine(wait, Tell={"Type": "Pass", "Result": wait["Seconds"], "End": True}) for wait in waits]
    execution, services = played(machine({"Type": "Parallel", "Branches": branches, "End": True}))
    assert execution.result is not None
    assert (execution.result.output, services.clock.now) == ([3, 1, 2], 3)


def test_a_branch_that_fails_ends_the_others_and_is_caught() -> None:
    slow = machine({"Type": "Wait", "Seconds": 100, "End": True})
    odd = machine({"Type": "Wait", "Seconds": 1, "Next": "Odd"}, Odd={"Type": "Fail", "Error": "Odd"})
    catch = [{"ErrorEquals": ["Odd"], "ResultPath": "$.error", "Next": "Done"}]
    state = {"Type": "Parallel", "Branches": [slow, odd], "Catch": catch, "End": True}
    execution, services = played(machine(state, Done={"Type": "Pass", "End": True}), {"a": 1})
    assert execution.result is not None
    assert execution.result.output == {"a": 1, "error": {"Error": "Odd", "Cause": None}}
    assert services.clock.now == 1
    assert types(execution)[-6:-2] == ["WaitStateAborted", "ParallelStateFailed", "ParallelStateExited", "PassStateEntered"]
