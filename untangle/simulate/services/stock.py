"""What a call means when a definition names its target loosely, and how a target is made that is not there yet.

A placeholder leaves a bare name where AWS has a URL or an ARN: `meant` writes it out. `make` creates the queue, topic, bus,
bucket or table that a call failed to find, empty and with no settings but those that its name tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.names import ACCOUNT, REGION

Carry = Callable[[ApiCall], Mapping[str, Any]]
Keys = Mapping[str, tuple[tuple[str, str], ...]]
_QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/"


def meant(call: ApiCall) -> ApiCall:
    """The call with the URL of a queue, or the ARN of a topic, where only a name is written."""
    params = dict(call.params)
    if call.service == "sqs" and isinstance(url := params.get("QueueUrl"), str):
        params["QueueUrl"] = _QUEUE + url.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    if call.service == "sns":
        for key in ("TopicArn", "TargetArn"):
            if isinstance(arn := params.get(key), str):
                params[key] = f"arn:aws:sns:{REGION}:{ACCOUNT}:{arn.rsplit(':', 1)[-1]}"
    if call.service == "dynamodb" and isinstance(table := params.get("TableName"), str):
        params["TableName"] = table.rsplit("/", 1)[-1] if table.startswith("arn:") else table
    return replace(call, params=params)


def make(carry: Carry, call: ApiCall, error: ApiError, keys: Keys) -> str | None:
    """Create what the call did not find; says what that was, or None where it is nothing that can be made."""
    maker = _MAKERS.get(call.service)
    made = maker(call, error.code, keys) if maker else None
    if made is None:
        return None
    operation, params, told = made
    try:
        carry(ApiCall(service=call.service, operation=operation, params=params, caller=call.caller))
    except ApiError:
        return None
    return told


_Made = tuple[str, dict[str, Any], str] | None


def _queue(call: ApiCall, code: str, keys: Keys) -> _Made:
    if not code.endswith(("NonExistentQueue", "QueueDoesNotExist")) or "QueueUrl" not in call.params:
        return None
    name = str(call.params["QueueUrl"]).rsplit("/", 1)[-1]
    attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    return "CreateQueue", {"QueueName": name, "Attributes": attributes}, f"queue {name}"


def _topic(call: ApiCall, code: str, keys: Keys) -> _Made:
    arn = call.params.get("TopicArn") or call.params.get("TargetArn")
    if code not in ("NotFound", "NotFoundException") or not isinstance(arn, str):
        return None
    name = arn.rsplit(":", 1)[-1]
    attributes = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
    return "CreateTopic", {"Name": name, "Attributes": attributes}, f"topic {name}"


def _bus(call: ApiCall, code: str, keys: Keys) -> _Made:
    entries = call.params.get("Entries") or [{}]
    name = str(entries[0].get("EventBusName", "default")).rsplit("/", 1)[-1]
    return ("CreateEventBus", {"Name": name}, f"bus {name}") if code == "ResourceNotFoundException" else None


def _bucket(call: ApiCall, code: str, keys: Keys) -> _Made:
    name = call.params.get("Bucket")
    return ("CreateBucket", {"Bucket": name}, f"bucket {name}") if code == "NoSuchBucket" and name else None


def _table(call: ApiCall, code: str, keys: Keys) -> _Made:
    name = call.params.get("TableName")
    given = call.params.get("Key")
    known = keys.get(str(name)) or tuple((key, next(iter(value), "S")) for key, value in (given or {}).items() if value)
    if code != "ResourceNotFoundException" or not name or not known or len(known) > 2:
        return None
    schema = [{"AttributeName": key, "KeyType": kind} for (key, _), kind in zip(known, ("HASH", "RANGE"), strict=False)]
    attributes = [{"AttributeName": key, "AttributeType": kind} for key, kind in known]
    params = {"TableName": name, "KeySchema": schema, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST"}
    return "CreateTable", params, f"table {name}"


_MAKERS: Mapping[str, Callable[[ApiCall, str, Keys], _Made]] = {
    "sqs": _queue,
    "sns": _topic,
    "events": _bus,
    "s3": _bucket,
    "dynamodb": _table,
}
