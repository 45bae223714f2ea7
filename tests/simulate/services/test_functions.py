"""Lambda functions as Step Functions calls them: names, payloads, client contexts, and what errors are called."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.simulate.services.desk import Calls, calls
from untangle.simulate.call import Answer, FunctionError
from untangle.simulate.machine.task import TaskFailure

ARN = "arn:aws:lambda:us-east-1:123456789012:function:check"


def test_the_response_has_the_payload_and_the_metadata() -> None:
    answer = Calls().call("lambda:invoke", {"FunctionName": "check", "Payload": {"a": 1}})
    assert answer["Payload"] == {"function": "check", "event": {"a": 1}}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert answer["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert answer["SdkResponseMetadata"]["RequestId"]


def test_a_functions_own_arn_gives_the_payload_alone() -> None:
    assert Calls().call(ARN, {"a": 1}) == {"function": ARN, "event": {"a": 1}}


@pytest.mark.parametrize(
    ("written", "called", "version"),
    [
        ("check", "check", "$LATEST"),
        ("check:live", "check", "$LATEST"),
        ("check:7", "check", "7"),
        (ARN, ARN, "$LATEST"),
        (f"{ARN}:live", ARN, "$LATEST"),
        ("123456789012:function:check", "check", "$LATEST"),
    ],
)
def test_names_lose_their_version_or_alias(written: str, called: str, version: str) -> None:
    answer = Calls().call("lambda:invoke", {"FunctionName": written})
    assert (answer["Payload"]["function"], answer["ExecutedVersion"]) == (called, version)


@pytest.mark.parametrize(
    ("arguments", "event"),
    [
        ({}, {}),
        ({"Payload": None}, {}),
        ({"Payload": '{"a":1}'}, {"a": 1}),
        ({"Payload": "text"}, "text"),
        ({"Payload": [1]}, [1]),
    ],
)
def test_what_the_event_is(arguments: dict[str, Any], event: Any) -> None:
    assert Calls().call("lambda:invoke", {"FunctionName": "f", **arguments})["Payload"]["event"] == event


def test_the_client_context_reaches_the_function() -> None:
    desk = Calls()
    context = base64.b64encode(json.dumps({"custom": {"a": 1}}).encode()).decode()
    desk.call("lambda:invoke", {"FunctionName": "f", "ClientContext": context})
    assert desk.contexts == [{"custom": {"a": 1}}]
    assert (
        desk.call("lambda:invoke", {"FunctionName": "f", "ClientContext": "?"}).error == "Lambda.InvalidRequestContentException"
    )


def test_an_invocation_that_nobody_waits_for_happens_afterwards() -> None:
    happened: list[Any] = []

    def function(name: str, event: Any) -> Answer:
        happened.append(event)
        return Answer()

    desk = Calls(functions=function)
    answers = desk.begin("lambda:invoke", {"FunctionName": "f", "InvocationType": "Event", "Payload": {"a": 1}})
    assert answers[0]["StatusCode"] == 202 and not happened
    desk.clock.run()
    assert happened == [{"a": 1}]


@pytest.mark.parametrize(
    ("error", "name", "cause"),
    [
        (
            FunctionError(type="ValueError", message="no", trace=("at 1",)),
            "ValueError",
            {"errorMessage": "no", "stackTrace": ["at 1"]},
        ),
        (FunctionError(type="", message="no"), "Lambda.Unknown", {"errorMessage": "no"}),
        (
            FunctionError(type="X", message="Task timed out", timed_out=True),
            "Sandbox.Timedout",
            {"errorType": "Sandbox.Timedout"},
        ),
    ],
)
def test_how_errors_are_called(error: FunctionError, name: str, cause: dict[str, Any]) -> None:
    failure = Calls(functions=lambda *_: Answer(error=error)).call("lambda:invoke", {"FunctionName": "f"})
    assert isinstance(failure, TaskFailure) and failure.error == name
    assert cause.items() <= json.loads(failure.cause).items()


def test_a_refused_invocation_is_the_services_error() -> None:
    refused = Answer(error=FunctionError(type="TooManyRequestsException", message="Rate Exceeded.", throttled=True))
    failure = Calls(functions=lambda *_: refused).call("lambda:invoke", {"FunctionName": "f"})
    assert failure.error == "Lambda.TooManyRequestsException"
    assert failure.cause.startswith("Rate Exceeded. (Service: AWSLambda; Status Code: 429;")


def test_a_function_takes_its_time() -> None:
    desk = Calls(functions=lambda *_: Answer(payload=1, seconds=2.5))
    answers = desk.begin("lambda:invoke", {"FunctionName": "f"})
    assert not answers
    desk.clock.run()
    assert answers and desk.clock.now == 2.5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"Payload": 1}, "The field 'FunctionName' is required but was missing"),
        ({"FunctionName": "f", "Paylod": 1}, "The field 'Paylod' is not supported by Step Functions"),
        ([], "the parameters of lambda:invoke must be an object"),
    ],
)
def test_what_is_not_understood(arguments: Any, complaint: str) -> None:
    assert Calls().call("lambda:invoke", arguments) == TaskFailure(error="States.Runtime", cause=complaint)


def test_callbacks_and_waiting_functions() -> None:
    with calls() as desk:
        answers = desk.begin("lambda:invoke.waitForTaskToken", {"FunctionName": "f", "Payload": {"token": "t"}}, token="t")  # noqa: S106
        assert desk.submitted and not answers
        desk.api("SendTaskSuccess", taskToken="t", output='{"done":true}')
        assert answers == [{"done": True}]
