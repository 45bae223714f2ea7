"""Calls taken apart into single messages: what each operation names as its resource, its entries, and what each was answered.

One row for each operation that can be told as an effect. A part is `(operation, parameters, reference)`: the reference finds its
answer in the response of a batch.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .effect import plain


class Part(NamedTuple):
    """One message of a call."""

    operation: str
    params: Any
    reference: Any


class Operation(NamedTuple):
    """How an operation is told: `names` are the parameters that name its resource, the first one given counts; `default` is the
    resource where none is; `apart` takes it apart; `answer` finds the response of a part, None where it was refused."""

    names: Any
    apart: Callable[[Mapping[str, Any]], list[Part]]
    answer: Callable[[Mapping[str, Any], Any], Any]
    default: Any = None


def _one(operation: str, *without: str) -> Callable[[Mapping[str, Any]], list[Part]]:
    def apart(params: Mapping[str, Any]) -> list[Part]:
        return [Part(operation, plain({name: value for name, value in params.items() if name not in without}), None)]

    return apart


def _whole(response: Mapping[str, Any], reference: Any) -> Any:
    return {name: value for name, value in response.items() if name != "ResponseMetadata" and not hasattr(value, "read")}


def _entries(operation: str, list_of: str, common: tuple[str, ...] = ()) -> Callable[[Mapping[str, Any]], list[Part]]:
    """The entries of a batch whose entries have an Id."""

    def apart(params: Mapping[str, Any]) -> list[Part]:
        shared = {name: params[name] for name in common if name in params}
        return [
            Part(operation, plain({**shared, **{key: value for key, value in entry.items() if key != "Id"}}), entry.get("Id"))
            for entry in params.get(list_of) or ()
        ]

    return apart


def _by_id(response: Mapping[str, Any], reference: Any) -> Any:
    found = next((item for item in response.get("Successful") or () if item.get("Id") == reference), None)
    return None if found is None else {name: value for name, value in found.items() if name != "Id"}


def _events(params: Mapping[str, Any]) -> list[Part]:
    return [Part("PutEvents", plain(timed(entry)), index) for index, entry in enumerate(params.get("Entries") or ())]


def timed(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry whose time is one, however the call wrote it: as text, as a number of seconds, or as a time."""
    if "Time" not in entry:
        return entry
    from botocore.utils import parse_to_aware_datetime

    return {**entry, "Time": parse_to_aware_datetime(entry["Time"])}


def _by_index(list_of: str) -> Callable[[Mapping[str, Any], Any], Any]:
    def answer(response: Mapping[str, Any], reference: Any) -> Any:
        listed = response.get(list_of) or ()
        found = listed[reference] if reference < len(listed) else None
        return None if found is None or found.get("ErrorCode") else found

    return answer


def _record(entry: Mapping[str, Any], shared: Mapping[str, Any], reference: Any) -> Part:
    data = entry.get("Data", b"")
    data = data.encode() if isinstance(data, str) else data.read() if hasattr(data, "read") else bytes(data)
    rest = {name: value for name, value in entry.items() if name != "Data"}
    return Part("PutRecord", plain({**shared, **rest, "DataB64": base64.b64encode(data).decode()}), reference)


def _records(params: Mapping[str, Any]) -> list[Part]:
    shared = {name: params[name] for name in ("StreamName", "StreamARN") if name in params}
    return [_record(entry, shared, index) for index, entry in enumerate(params.get("Records") or ())]


def _single_record(params: Mapping[str, Any]) -> list[Part]:
    return [_record(params, {}, None)]


def payload_of(params: Mapping[str, Any]) -> bytes:
    """The bytes of an invocation's payload; what is read from a file is put back to where it stood."""
    found: Any = params.get("Payload", params.get("InvokeArgs", b""))
    if hasattr(found, "read"):
        at = found.tell() if hasattr(found, "tell") else None
        read = found.read()
        if at is not None:
            found.seek(at)
        found = read
    return found.encode() if isinstance(found, str) else bytes(found)


def _invocation(params: Mapping[str, Any]) -> list[Part]:
    told = plain({name: value for name, value in params.items() if name not in ("Payload", "InvokeArgs")})
    given = payload_of(params)
    if given.strip():
        told["Payload"] = json.loads(given)
    return [Part("Invoke", told, None)]


_QUEUE, _TOPIC, _STREAM = ("QueueUrl",), ("TopicArn", "TargetArn"), ("StreamName", "StreamARN")
_OBJECT, _TABLE = ("Bucket",), ("TableName",)
OPERATIONS: dict[tuple[str, str], Operation] = {
    ("sqs", "SendMessage"): Operation(_QUEUE, _one("SendMessage"), _whole),
    ("sqs", "SendMessageBatch"): Operation(_QUEUE, _entries("SendMessage", "Entries", _QUEUE), _by_id),
    ("sns", "Publish"): Operation(_TOPIC, _one("Publish"), _whole),
    ("sns", "PublishBatch"): Operation(_TOPIC, _entries("Publish", "PublishBatchRequestEntries", _TOPIC), _by_id),
    ("events", "PutEvents"): Operation(("EventBusName",), _events, _by_index("Entries"), "default"),
    ("kinesis", "PutRecord"): Operation(_STREAM, _single_record, _whole),
    ("kinesis", "PutRecords"): Operation(_STREAM, _records, _by_index("Records")),
    ("lambda", "Invoke"): Operation(("FunctionName",), _invocation, _whole),
    ("lambda", "InvokeAsync"): Operation(("FunctionName",), _invocation, _whole),
    ("scheduler", "CreateSchedule"): Operation(("Target.Arn",), _one("CreateSchedule"), _whole),
    ("s3", "PutObject"): Operation(_OBJECT, _one("PutObject", "Body"), _whole),
    ("s3", "CopyObject"): Operation(_OBJECT, _one("CopyObject"), _whole),
    ("s3", "CompleteMultipartUpload"): Operation(_OBJECT, _one("CompleteMultipartUpload"), _whole),
    ("s3", "DeleteObject"): Operation(_OBJECT, _one("DeleteObject"), _whole),
    ("s3", "DeleteObjects"): Operation(_OBJECT, _one("DeleteObject", "Delete"), _whole),
    ("s3", "UploadPart"): Operation(_OBJECT, _one("UploadPart", "Body"), _whole),
    ("dynamodb", "PutItem"): Operation(_TABLE, _one("PutItem"), _whole),
    ("dynamodb", "UpdateItem"): Operation(_TABLE, _one("UpdateItem"), _whole),
    ("dynamodb", "DeleteItem"): Operation(_TABLE, _one("DeleteItem"), _whole),
}


def any_operation(operation: str) -> Operation:
    """An operation of which nothing is known, the start of a job: all its parameters and the whole response."""
    return Operation((), _one(operation), _whole)


def resource_of(operation: Operation, params: Mapping[str, Any]) -> str | None:
    """What a call names as its resource, as it writes it."""
    for name in operation.names:
        found: Any = params
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        if isinstance(found, str) and found:
            return found
    default: str | None = operation.default
    return default


def renamed(operation: Operation, params: dict[str, Any], text: str) -> dict[str, Any]:
    """The parameters with the resource in the words of the marker, which is what the definition looks for."""
    for name in operation.names:
        if "." not in name and isinstance(params.get(name), str):
            return {**params, name: text}
    return params
