"""The API calls of SQS, answered for a virtual queue as the service would: ids, digests, errors.

Source: SQS API reference, one section per operation; SQS guide, "Calculating the MD5 message digest for message attributes".
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.platform.played import Stage
from untangle.simulate.platform.queue import Message, Queue
from untangle.simulate.platform.queues import put, record_of

Act: TypeAlias = Callable[[Stage, str, Queue, ApiCall], Mapping[str, Any]]
_LONGEST_DELAY = 900


def _send(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    return _sent(stage, node, queue, call.params)


def _sent(stage: Stage, node: str, queue: Queue, params: Mapping[str, Any]) -> dict[str, Any]:
    body, attributes = str(params.get("MessageBody", "")), params.get("MessageAttributes") or {}
    _check(queue, params, body)
    system = {name: str(params[name]) for name in ("MessageGroupId", "MessageDeduplicationId") if params.get(name)}
    trace = (params.get("MessageSystemAttributes") or {}).get("AWSTraceHeader", {}).get("StringValue")
    if trace:
        system["AWSTraceHeader"] = trace
    if queue.fifo:
        system.setdefault("MessageDeduplicationId", hashlib.sha256(body.encode()).hexdigest())
    message = Message(id=stage.new_id(), body=body, sent=stage.clock.now, attributes=attributes, system=system)
    stored = put(stage, node, message, params.get("DelaySeconds"))
    answer = {"MessageId": stored.id, "MD5OfMessageBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()}
    if attributes:
        answer["MD5OfMessageAttributes"] = attributes_digest(attributes)
    if queue.fifo:
        answer["SequenceNumber"] = f"{stored.sequence:020d}"
    return answer


def _check(queue: Queue, params: Mapping[str, Any], body: str) -> None:
    if not body:
        raise ApiError("MissingParameter", "The request must contain the parameter MessageBody.", service="sqs")
    if len(body.encode()) > queue.largest:
        raise ApiError(
            "InvalidParameterValue",
            f"One or more parameters are invalid. Reason: Message must be shorter than {queue.largest} bytes.",
            service="sqs",
        )
    if queue.fifo and not params.get("MessageGroupId"):
        raise ApiError("MissingParameter", "The request must contain the parameter MessageGroupId.", service="sqs")
    if queue.fifo and not (queue.content_based or params.get("MessageDeduplicationId")):
        raise ApiError(
            "InvalidParameterValue",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            service="sqs",
        )
    delay = params.get("DelaySeconds")
    if delay is not None and not 0 <= int(delay) <= _LONGEST_DELAY:
        raise ApiError("InvalidParameterValue", f"Value {delay} for parameter DelaySeconds is invalid.", service="sqs")


def _send_batch(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    entries = list(call.params.get("Entries") or ())
    _check_batch(entries)
    done, failed = [], []
    for entry in entries:
        try:
            done.append({"Id": entry["Id"], **_sent(stage, node, queue, entry)})
        except ApiError as error:
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": error.code, "Message": error.message})
    return {"Successful": done, **({"Failed": failed} if failed else {})}


def _check_batch(entries: list[Mapping[str, Any]]) -> None:
    prefix = "AWS.SimpleQueueService."
    if not entries:
        raise ApiError(f"{prefix}EmptyBatchRequest", "There should be at least one entry in the request.", service="sqs")
    if len(entries) > 10:
        raise ApiError(f"{prefix}TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.", service="sqs")
    if len({entry.get("Id") for entry in entries}) < len(entries):
        raise ApiError(f"{prefix}BatchEntryIdsNotDistinct", "Id is not distinct.", service="sqs")


def _receive(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    most = int(call.params.get("MaxNumberOfMessages") or 1)
    found = queue.receive(stage.clock.now, most, call.params.get("VisibilityTimeout"))
    wanted = set(call.params.get("AttributeNames") or ()) | set(call.params.get("MessageSystemAttributeNames") or ())
    messages = []
    for message in found:
        record = record_of(stage, node, message)
        shown: dict[str, Any] = {
            "MessageId": message.id,
            "ReceiptHandle": message.receipt,
            "MD5OfBody": record["md5OfBody"],
            "Body": message.body,
        }
        system = {name: value for name, value in record["attributes"].items() if "All" in wanted or name in wanted}
        attributes = _asked(message.attributes, call.params.get("MessageAttributeNames") or ())
        messages.append(
            shown | ({"Attributes": system} if system else {}) | ({"MessageAttributes": attributes} if attributes else {})
        )
    return {"Messages": messages} if messages else {}


def _asked(attributes: Mapping[str, Any], names: Any) -> dict[str, Any]:
    def is_asked(name: str) -> bool:
        return any(item in ("All", ".*", name) or (item.endswith(".*") and name.startswith(item[:-2])) for item in names)

    return {name: value for name, value in attributes.items() if is_asked(name)}


def _delete(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    queue.delete(str(call.params.get("ReceiptHandle", "")))
    return {}


def _delete_batch(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    entries = list(call.params.get("Entries") or ())
    _check_batch(entries)
    for entry in entries:
        queue.delete(str(entry.get("ReceiptHandle", "")))
    return {"Successful": [{"Id": entry["Id"]} for entry in entries]}


def _visibility(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    _changed(stage, queue, call.params)
    return {}


def _changed(stage: Stage, queue: Queue, params: Mapping[str, Any]) -> None:
    if not queue.change_visibility(
        str(params.get("ReceiptHandle", "")), stage.clock.now, float(params.get("VisibilityTimeout", 0))
    ):
        message = "The input receipt handle is invalid."
        raise ApiError("ReceiptHandleIsInvalid", message, status=404, service="sqs")


def _visibility_batch(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    entries = list(call.params.get("Entries") or ())
    _check_batch(entries)
    done, failed = [], []
    for entry in entries:
        try:
            _changed(stage, queue, entry)
            done.append({"Id": entry["Id"]})
        except ApiError as error:
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": error.code, "Message": error.message})
    return {"Successful": done, **({"Failed": failed} if failed else {})}


def _attributes(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    now = stage.clock.now
    flying = sum(1 for message in queue.messages if message.visible_at > now and message.receives)
    delayed = sum(1 for message in queue.messages if message.visible_at > now and not message.receives)
    every = {
        "QueueArn": stage.application.attribute(node, "Arn"),
        "ApproximateNumberOfMessages": str(len(queue.messages) - flying - delayed),
        "ApproximateNumberOfMessagesNotVisible": str(flying),
        "ApproximateNumberOfMessagesDelayed": str(delayed),
        "VisibilityTimeout": str(int(queue.visibility)),
        "DelaySeconds": str(int(queue.delay)),
        "MessageRetentionPeriod": str(int(queue.retention)),
        "MaximumMessageSize": str(queue.largest),
    }
    if queue.fifo:
        every |= {"FifoQueue": "true", "ContentBasedDeduplication": "true" if queue.content_based else "false"}
    wanted = call.params.get("AttributeNames") or ()
    shown = {name: value for name, value in every.items() if "All" in wanted or name in wanted}
    return {"Attributes": shown} if shown else {}


def _url(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    return {"QueueUrl": stage.application.attribute(node, "QueueUrl")}


def _purge(stage: Stage, node: str, queue: Queue, call: ApiCall) -> Mapping[str, Any]:
    queue.messages.clear()
    return {}


CALLS: Mapping[str, Act] = {
    "SendMessage": _send,
    "SendMessageBatch": _send_batch,
    "ReceiveMessage": _receive,
    "DeleteMessage": _delete,
    "DeleteMessageBatch": _delete_batch,
    "ChangeMessageVisibility": _visibility,
    "ChangeMessageVisibilityBatch": _visibility_batch,
    "GetQueueAttributes": _attributes,
    "GetQueueUrl": _url,
    "PurgeQueue": _purge,
}


def attributes_digest(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """The MD5 of message attributes."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        kind = str(value.get("DataType", "String"))
        binary = kind.startswith("Binary")
        held = value.get("BinaryValue", b"") if binary else str(value.get("StringValue", ""))
        data = held if isinstance(held, bytes) else str(held).encode()
        for text in (name.encode(), kind.encode()):
            digest.update(struct.pack("!I", len(text)) + text)
        digest.update((b"\x02" if binary else b"\x01") + struct.pack("!I", len(data)) + data)
    return digest.hexdigest()
