"""What Lambda sends after an asynchronous invocation is over: the invocation record to a destination, the event to a dead-letter
queue.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from untangle.simulate.call import Answer, FunctionError
from untangle.simulate.platform.played import Handed, Played, Stage

_LONGEST_MESSAGE = 1024  # characters of the attribute ErrorMessage


class Done(Protocol):
    """An asynchronous invocation that is over."""

    event: Any
    request_id: str
    tries: int


def settle(stage: Stage, function: str, done: Done, answer: Answer, condition: str) -> None:
    """Send what is to be sent: `condition` is "Success", "RetriesExhausted" or "EventAgeExceeded"."""
    if condition == "Success":
        _send_record(stage, f"{function}#on_success", function, done, answer, condition)
        return
    _send_record(stage, f"{function}#on_failure", function, done, answer, condition)
    error = answer.error
    message = "" if error is None else error.message
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": done.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": "429" if error is not None and error.throttled else "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": message[:_LONGEST_MESSAGE]},
    }
    attributes = {name: value for name, value in attributes.items() if value["StringValue"]}
    text = json.dumps(done.event)
    links = stage.links(f"{function}#dead_letter")
    for link in links:
        stage.tell("park", function, to=link.target, event=done.event)
        stage.hand(link.target, Handed(text=text, value=done.event, attributes=attributes, service="lambda.amazonaws.com"))
    if not links and not stage.links(f"{function}#on_failure"):
        stage.tell("drop", function, event=done.event, why=f"the asynchronous invocation failed for good ({condition})")


def _send_record(stage: Stage, node: str, function: str, done: Done, answer: Answer, condition: str) -> None:
    links = stage.links(node)
    if not links:
        return
    record = record_of(stage, function, done, answer, condition)
    arn = stage.application.attribute(function, "Arn")
    outcome = "Success" if condition == "Success" else "Failure"
    for link in links:
        stage.tell("deliver" if condition == "Success" else "park", node, to=link.target, record=record)
        stage.hand(
            link.target,
            Handed(
                text=json.dumps(record),
                value=record,
                id=done.request_id,
                source=arn,
                service="lambda.amazonaws.com",
                from_="lambda",
                detail_type=f"Lambda Function Invocation Result - {outcome}",
                resources=(f"{arn}:$LATEST",),
            ),
        )


def record_of(stage: Stage, function: str, done: Done, answer: Answer, condition: str) -> dict[str, Any]:
    """The invocation record."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": stage.clock.text,
        "requestContext": {
            "requestId": done.request_id,
            "functionArn": f"{stage.application.attribute(function, 'Arn')}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": done.tries,
        },
        "requestPayload": done.event,
    }
    error = answer.error
    if error is None:
        record["responseContext"] = {"statusCode": 200, "executedVersion": "$LATEST"}
        record["responsePayload"] = answer.payload
    elif not error.throttled:
        record["responseContext"] = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
        record["responsePayload"] = told_of(error, done.request_id)
    return record


def told_of(error: FunctionError, request: str) -> dict[str, Any]:
    """What a failed invocation answers. The runtime of Python names the request in it, next to the trace (`make_error` of
    aws-lambda-python-runtime-interface-client); a run that the service ended has neither."""
    told: dict[str, Any] = {"errorMessage": error.message, "errorType": error.type}
    ended = error.timed_out or error.type.startswith("Runtime.Exit")
    return told if ended else told | {"requestId": request, "stackTrace": list(error.trace)}


PLAYED = Played(type="lambda_destination")
