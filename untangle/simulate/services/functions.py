"""Lambda functions, by `lambda:invoke` and by their own ARN.

Sources: Step Functions guide, "Invoke an AWS Lambda function with Step Functions" (the response, ClientContext, InvocationType);
Lambda guide, "Lambda invocation errors"; "Handle transient Lambda service exceptions".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from untangle.simulate.call import Answer, FunctionError
from untangle.simulate.machine.task import TaskCall, TaskFailure
from untangle.simulate.services.desk import After, Desk, Failed, Integration, as_text, metadata, parameters

_ARN = re.compile(r"(?P<arn>arn:[a-z-]+:lambda:[^:]*:[^:]*:function:(?P<name>[^:]+))(?::(?P<qualifier>[^:]+))?\Z")
_NAME = re.compile(r"(?:(?P<account>\d{12}):function:)?(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?\Z")
_TAKES = frozenset(
    ("FunctionName", "ClientContext", "InvocationType", "LogType", "Payload", "Qualifier", "TenantId", "DurableExecutionName")
)


def split(function: str) -> tuple[str, str | None]:
    """A function's ARN or name without its version or alias, and that."""
    found = _ARN.match(function)
    if found:
        return found["arn"], found["qualifier"]
    found = _NAME.match(function)
    return (found["name"], found["qualifier"]) if found else (function, None)


def _invoke(desk: Desk, call: TaskCall) -> Any:
    """`lambda:invoke` gives the response with its payload; a function's own ARN the payload alone."""
    if not call.action:
        answer = desk.functions(split(call.resource)[0], call.arguments)
        return After(seconds=answer.seconds, answer=_failure(desk, answer.error) if answer.error else answer.payload)
    if call.action != "invoke":
        raise Failed("States.Runtime", f"The resource provided {call.resource} is not recognized")
    params = parameters(call)
    _check(params)
    name, qualifier = split(str(params["FunctionName"]))
    qualifier = params.get("Qualifier") or qualifier
    kind = params.get("InvocationType", "RequestResponse")
    if kind == "DryRun":
        return metadata(desk, {"StatusCode": 204})
    if kind == "Event":
        return _later(desk, call, params)
    context = _context(params.get("ClientContext"))
    answer = desk.functions(name, _event(params), client_context=context)
    return After(seconds=answer.seconds, answer=_response(desk, answer, qualifier))


def _check(params: Mapping[str, Any]) -> None:
    if "FunctionName" not in params:
        raise Failed("States.Runtime", "The field 'FunctionName' is required but was missing")
    unknown = sorted(set(params) - _TAKES)
    if unknown:
        raise Failed("States.Runtime", f"The field '{unknown[0]}' is not supported by Step Functions")


def _event(params: Mapping[str, Any]) -> Any:
    """The event: a payload of text is JSON where it can be read as such, and a text otherwise; none is an empty object."""
    payload = params.get("Payload", {})
    if isinstance(payload, str):
        try:
            return json.loads(payload)
        except (ValueError, RecursionError):
            return payload
    return {} if payload is None else payload


def _context(text: Any) -> Mapping[str, Any] | None:
    """The client context, which is base64 of JSON."""
    if text is None:
        return None
    try:
        value = json.loads(base64.b64decode(text, validate=True))
    except (ValueError, TypeError, RecursionError):
        value = None
    if not isinstance(value, Mapping):
        raise Failed("Lambda.InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.")
    return value


def _later(desk: Desk, call: TaskCall, params: Mapping[str, Any]) -> Any:
    """An invocation that nobody waits for; the world carries it out, with its retries and destinations."""
    given = {**params, "Payload": as_text(_event(params))}
    desk.request(call, "lambda", "Invoke", given)
    return metadata(desk, {"Payload": "", "StatusCode": 202})


def _response(desk: Desk, answer: Answer, qualifier: str | None) -> Any:
    if answer.error is not None:
        return _failure(desk, answer.error)
    version = qualifier if qualifier and qualifier.isdigit() else "$LATEST"
    return metadata(desk, {"ExecutedVersion": version, "Payload": answer.payload, "StatusCode": 200})


def _failure(desk: Desk, error: FunctionError) -> TaskFailure:
    """What a failed invocation is called, with the function's error as JSON in its cause."""
    request = desk.ids.uuid()
    if error.throttled:
        details = (
            f"Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: {request}; Proxy: null"
        )
        return TaskFailure(error="Lambda.TooManyRequestsException", cause=f"{error.message or 'Rate Exceeded.'} ({details})")
    if error.type.startswith("Lambda."):  # the service's own refusal
        return TaskFailure(error=error.type, cause=error.message)
    kind = "Sandbox.Timedout" if error.timed_out else error.type
    message = error.message
    if error.timed_out and not message.startswith("RequestId"):
        message = f"RequestId: {request} Error: {message or 'Task timed out'}"
    cause: dict[str, Any] = {"errorMessage": message, "errorType": kind}
    if not error.timed_out and not kind.startswith("Runtime.Exit"):  # the service ended it: nobody was left to tell more
        cause |= {"requestId": request, "stackTrace": list(error.trace)}
    if not kind:
        del cause["errorType"]
    return TaskFailure(error=kind or "Lambda.Unknown", cause=as_text(cause))


LAMBDA = Integration(service="lambda", call=_invoke, prefix="Lambda")
