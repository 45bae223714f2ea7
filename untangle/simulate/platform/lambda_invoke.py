"""Invocations of functions: by the Invoke API, and asynchronously with Lambda's own queue, retries, age and what comes after.

Asynchronous: an error is tried again after one minute and then after two, a throttle with growing waits (1 s to 5 min) as long as
the event is young enough (six hours unless set). What never succeeds goes to the destination and the dead-letter queue.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from untangle.simulate.call import Answer, ApiCall, ApiError, FunctionError
from untangle.simulate.platform.lambda_destination import settle
from untangle.simulate.platform.played import LATENCY, Handed, Played, Stage

_RETRIES, _LONGEST = 2, 21_600
_WAITS = (60.0, 120.0)
_MOST_BACKOFF = 300.0
_SYNCHRONOUS, _ASYNCHRONOUS = 6_291_456, 1_048_576  # bytes of a payload


@dataclass(slots=True)
class Pending:
    """An event that Lambda has accepted and not yet done with. `tries` counts runs, `throttles` refusals in a row."""

    function: str
    event: Any
    accepted: float
    request_id: str
    retries: int = _RETRIES
    longest: float = _LONGEST
    tries: int = 0
    throttles: int = 0


def invoke_later(stage: Stage, function: str, event: Any, settings: Mapping[str, Any] | None = None) -> None:
    """Lambda accepts an event; `settings` win over the function's own (`maximum_retry_attempts`, `maximum_event_age`)."""
    own: dict[str, Any] = dict(stage.graph.function(function).asynchronous)
    for link in stage.links(f"{function}#invoke"):
        own |= {key: value for key, value in link.delivery.items() if key.startswith("maximum_")}
    own |= settings or {}
    retries, longest = own.get("maximum_retry_attempts"), own.get("maximum_event_age")
    pending = Pending(
        function=function,
        event=event,
        accepted=stage.clock.now,
        request_id=stage.new_id(),
        retries=retries if isinstance(retries, int) else _RETRIES,
        longest=longest if isinstance(longest, int | float) else _LONGEST,
    )
    later = 0.0
    for fault in stage.faults_of(f"{function}#invoke"):
        stage.tell("fault", function, what=fault.words)
        later += fault.seconds if fault.kind == "delay" else 1.0 if fault.kind == "reorder" else 0.0
        if fault.kind == "duplicate":
            _soon(stage, replace(pending), LATENCY)
    _soon(stage, pending, LATENCY + later)


def _soon(stage: Stage, pending: Pending, seconds: float) -> None:
    stage.clock.after(seconds, lambda: _try(stage, pending))


def _try(stage: Stage, pending: Pending) -> None:
    answer = stage.run_function(pending.function, pending.event)
    if answer.error is not None and answer.error.throttled:
        pending.throttles += 1
        wait = min(_MOST_BACKOFF, 2.0 ** (pending.throttles - 1))
        _again(stage, pending, answer, wait, "EventAgeExceeded")
        return
    pending.tries += 1
    pending.throttles = 0
    if answer.error is None:
        stage.clock.after(answer.seconds, lambda: settle(stage, pending.function, pending, answer, "Success"))
    elif pending.tries > pending.retries:
        stage.clock.after(answer.seconds, lambda: settle(stage, pending.function, pending, answer, "RetriesExhausted"))
    else:
        wait = _WAITS[min(pending.tries, len(_WAITS)) - 1]
        _again(stage, pending, answer, answer.seconds + wait, "EventAgeExceeded")


def _again(stage: Stage, pending: Pending, answer: Answer, wait: float, condition: str) -> None:
    """One more try, if the event is young enough by then."""
    if stage.clock.now + wait - pending.accepted > pending.longest:
        settle(stage, pending.function, pending, answer, condition)
    else:
        stage.clock.after(wait, lambda: _try(stage, pending))


def _claims(stage: Stage, call: ApiCall) -> Mapping[str, Any] | None:
    function = stage.application.function(str(call.params.get("FunctionName", "")))
    if function is None or function.kind != "lambda":
        return None
    payload = _payload(call.params.get("Payload") if call.operation == "Invoke" else call.params.get("InvokeArgs"))
    how = "Event" if call.operation == "InvokeAsync" else str(call.params.get("InvocationType") or "RequestResponse")
    if how == "DryRun":
        return {"StatusCode": 204}
    event = _event(payload, how)
    if how == "Event":
        stage.invoke_later(function.id, event)
        return {"StatusCode": 202, "Payload": b""} if call.operation == "Invoke" else {"Status": 202}
    return _answered(stage.run_function(function.id, event, _context(call.params.get("ClientContext"))))


def _payload(given: Any) -> bytes:
    if given is None:
        return b""
    return bytes(given) if isinstance(given, bytes | bytearray) else str(given).encode()


def _event(payload: bytes, how: str) -> Any:
    limit = _ASYNCHRONOUS if how == "Event" else _SYNCHRONOUS
    if len(payload) > limit:
        message = f"{len(payload)} byte payload is too large for the {how} invocation type (limit {limit} bytes)"
        raise ApiError("RequestEntityTooLargeException", message, status=413, service="lambda")
    try:
        return json.loads(payload) if payload else {}
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise ApiError("InvalidRequestContentException", message, service="lambda") from None


def _context(text: Any) -> Mapping[str, Any] | None:
    if not text:
        return None
    try:
        found = json.loads(base64.b64decode(str(text)))
    except ValueError:
        raise ApiError("InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON.") from None
    return found if isinstance(found, Mapping) else None


def _answered(answer: Answer) -> Mapping[str, Any]:
    if answer.error is None:
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.dumps(answer.payload).encode()}
    if answer.error.throttled:
        raise ApiError("TooManyRequestsException", answer.error.message or "Rate Exceeded.", status=429, service="lambda")
    told = error_payload(answer.error)
    return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "FunctionError": "Unhandled", "Payload": json.dumps(told).encode()}


def error_payload(error: FunctionError) -> dict[str, Any]:
    """A failed invocation's payload, as Lambda answers it."""
    told: dict[str, Any] = {"errorMessage": error.message, "errorType": error.type}
    return told if error.timed_out or error.type.startswith("Runtime.Exit") else told | {"stackTrace": list(error.trace)}


def _receive(stage: Stage, channel: str, message: Handed) -> None:
    """What is handed to a function's entry is its event."""
    stage.invoke_later(channel.removesuffix("#invoke"), message.value)


PLAYED = Played(
    type="lambda_invoke",
    operations={"lambda": frozenset({"Invoke", "InvokeAsync"})},
    claims=_claims,
    receive=_receive,
)
