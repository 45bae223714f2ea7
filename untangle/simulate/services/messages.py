"""Queues, topics and buses: `sqs:sendMessage`, `sns:publish`, `events:putEvents`.

Source: Step Functions guide, "Amazon SQS", "Amazon SNS" and "EventBridge" among the optimized integrations.
"""

from __future__ import annotations

from typing import Any

from untangle.simulate.machine.task import TaskCall
from untangle.simulate.services.desk import Desk, Failed, Integration, as_text, metadata, parameters
from untangle.simulate.services.shapes import capital, from_api, model_of, operation_of, plain, to_api


def optimized(desk: Desk, call: TaskCall, service: str, params: dict[str, Any]) -> dict[str, Any]:
    """Carry out the request of an optimized integration; fields are spelled as a state machine has them, on both ways."""
    operation = operation_of(model_of(service), call.action)
    if operation is None:
        raise Failed("States.Runtime", f"The resource provided {call.resource} is not recognized")
    response = plain(desk.request(call, service, operation.name, to_api(operation, params)))
    return metadata(desk, from_api(operation.output_shape, response, capital))


def _send(desk: Desk, call: TaskCall) -> Any:
    return optimized(desk, call, "sqs", parameters(call))


def _publish(desk: Desk, call: TaskCall) -> Any:
    return optimized(desk, call, "sns", parameters(call))


def _put(desk: Desk, call: TaskCall) -> Any:
    """Every entry gets the machine's and the execution's ARN as resources; one that fails fails the state."""
    params = parameters(call)
    own = [call.context.get(part, {}).get("Id") for part in ("StateMachine", "Execution")]
    entries = params.get("Entries", [])
    if not isinstance(entries, list):
        raise Failed("States.Runtime", "The field 'Entries' must be an array")
    params["Entries"] = [
        {**entry, "Resources": [*entry.get("Resources", []), *filter(None, own)]} if isinstance(entry, dict) else entry
        for entry in entries
    ]
    response = optimized(desk, call, "events", params)
    if response.get("FailedEntryCount"):
        raise Failed("EventBridge.FailedEntry", as_text(response))
    return response


SQS = Integration(service="sqs", call=_send, prefix="SQS")
SNS = Integration(service="sns", call=_publish, prefix="SNS")
EVENTS = Integration(service="events", call=_put, prefix="EventBridge")
