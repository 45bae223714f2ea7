"""Calls that are held back: checked as botocore and the service would, taken apart into effects, answered as the service would.

Ids and sequence numbers are made here and are those that the consumer will see. What the service refuses is refused in its words:
sizes (SQS, SNS, EventBridge and Lambda guides: 1 MiB), counts, what a FIFO queue needs, JSON that is none. What only the service
knows (a queue that does not exist, a smaller limit of its own, permissions) is not.
"""

from __future__ import annotations

import inspect
import io
import json
import re
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any

from .call import Call, Prepare, Send, Steps
from .effect import effect_of, md5, plain
from .parts import Part, payload_of, renamed
from .target import Target, matched, named

LARGEST = 1_048_576
_ENTRIES = {"SendMessageBatch": "Entries", "PublishBatch": "PublishBatchRequestEntries"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_TOO_MANY = (
    "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must have length less than or equal to {}"
)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def hold(call: Call, target: Target) -> Steps:
    """What happens to a call on a target whose calls are held back."""
    params = yield Prepare()
    model = call.client.meta.service_model.operation_model(call.name)
    call.client._serializer.serialize_to_request(params, model)  # raises ParamValidationError as the call would have
    call = call._replace(params=params)
    if call.name in _ENTRIES:
        return _batch(call, target)
    if target.operation is not None:
        return _started(call, target)
    _CHECKS[call.service](call, params)
    parts = call.operation.apart(params)
    responses = [_keep(call, part, target) for part in parts]
    if call.name == "PutRecords":
        return {"FailedRecordCount": 0, "Records": responses, "ResponseMetadata": call.metadata()}
    response = {**responses[0], "ResponseMetadata": call.metadata()}
    if call.name == "Invoke":
        response["Payload"] = _nothing(call.client)
    if call.service == "lambda":
        response["ResponseMetadata"]["HTTPStatusCode"] = 202
    return response


def _keep(call: Call, part: Part, target: Target) -> dict[str, Any]:
    """Notes one effect and gives its answer."""
    number = call.recording.number()
    made = _ANSWERS[call.service](call, part, number)
    params = renamed(call.operation, part.params, target.text)
    call.recording.add(effect_of(call.recording, number, target.text, (call.service, part.operation), params, made), held=True)
    return made


def _batch(call: Call, target: Target) -> Mapping[str, Any]:
    """The batches of SQS and SNS: refused as a whole, or answered entry by entry."""
    entries = call.params.get(_ENTRIES[call.name]) or []
    ids = [entry.get("Id") for entry in entries]
    lead = "AWS.SimpleQueueService." if call.service == "sqs" else ""
    if not entries:
        raise call.refuse(f"{lead}EmptyBatchRequest", "The batch request doesn't contain any entries.")
    if len(entries) > 10:
        raise call.refuse(f"{lead}TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
    if len(set(ids)) < len(ids):
        raise call.refuse(f"{lead}BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
    if any(_ID.match(str(id)) is None for id in ids):
        words = "The Id of a batch entry in a batch request doesn't abide by the specification."
        raise call.refuse(f"{lead}InvalidBatchEntryId", words)
    if sum(_size(entry) for entry in entries) > LARGEST:
        raise call.refuse(f"{lead}BatchRequestTooLong", "The length of all the messages put together is more than the limit.")
    good, bad = [], []
    for entry, part in zip(entries, call.operation.apart(call.params)):
        refused = _refused(call, entry)
        if refused is not None:
            bad.append({"Id": part.reference, "SenderFault": True, "Code": refused[0], "Message": refused[1]})
        else:
            good.append({"Id": part.reference, **_keep(call, part, target)})
    failed = {"Failed": bad} if bad or call.service == "sns" else {}
    return {"Successful": good, **failed, "ResponseMetadata": call.metadata()}


def _refused(call: Call, entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """What a queue or topic says against one message: (code, words)."""
    body = entry.get("MessageBody", entry.get("Message"))
    where = call.params.get("QueueUrl") or call.params.get("TopicArn") or call.params.get("TargetArn") or ""
    fault = "InvalidParameterValue" if call.service == "sqs" else "InvalidParameter"
    if not body:
        missing = ("MissingParameter", "The request must contain the parameter MessageBody.")
        return missing if call.service == "sqs" else (fault, "Invalid parameter: Empty message")
    if _size(entry) > LARGEST:
        reason = f"One or more parameters are invalid. Reason: Message must be shorter than {LARGEST} bytes."
        return (fault, reason) if call.service == "sqs" else (fault, "Invalid parameter: Message too long")
    if call.service == "sqs" and _UNWRITABLE.search(body):
        return "InvalidMessageContents", "Invalid characters were found in the message body."
    if str(where).endswith(".fifo") and not entry.get("MessageGroupId"):
        missing = ("MissingParameter", "The request must contain the parameter MessageGroupId.")
        topic = (fault, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
        return missing if call.service == "sqs" else topic
    if len(entry.get("MessageAttributes") or ()) > 10 and call.service == "sqs":
        return fault, f"Number of message attributes [{len(entry['MessageAttributes'])}] exceeds the allowed maximum [10]."
    if not 0 <= entry.get("DelaySeconds", 0) <= 900:
        reason = "Reason: DelaySeconds must be >= 0 and <= 900."
        return fault, f"Value {entry['DelaySeconds']} for parameter DelaySeconds is invalid. {reason}"
    return _refused_notification(call, entry, body)


def _refused_notification(call: Call, entry: Mapping[str, Any], body: str) -> tuple[str, str] | None:
    """What a topic asks for beside."""
    subject = entry.get("Subject")
    if call.service == "sns" and subject is not None and (not 0 < len(subject) <= 100 or "\n" in subject):
        return "InvalidParameter", "Invalid parameter: Subject"
    if call.service == "sns" and entry.get("MessageStructure") == "json":
        told = _parsed(body)
        if not isinstance(told, Mapping) or "default" not in told:
            return "InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body"
    return None


def _size(entry: Mapping[str, Any]) -> int:
    """The bytes of a message, its attributes counted (SQS API reference, SendMessage)."""
    size = len(str(entry.get("MessageBody", entry.get("Message", ""))).encode("utf-8", "surrogatepass"))
    for name, value in (entry.get("MessageAttributes") or {}).items():
        held = value.get("StringValue", value.get("BinaryValue", ""))
        size += len(name.encode()) + len(value.get("DataType", "")) + len(held.encode() if isinstance(held, str) else bytes(held))
    return size


def _check_message(call: Call, params: Mapping[str, Any]) -> None:
    refused = _refused(call, params)
    if refused is not None:
        raise call.refuse(*refused)


def _check_invocation(call: Call, params: Mapping[str, Any]) -> None:
    given = payload_of(params)
    if len(given) > LARGEST:
        words = f"{len(given)} byte payload is too large for the Event invocation type (limit {LARGEST} bytes)"
        raise call.refuse("RequestEntityTooLargeException", words, 413)
    if given.strip():
        try:
            json.loads(given)
        except ValueError as error:
            raise call.refuse("InvalidRequestContentException", f"Could not parse request body into json: {error}") from None


def _check_records(call: Call, params: Mapping[str, Any]) -> None:
    if len(params.get("Records") or ()) > 500:
        raise call.refuse("ValidationException", _TOO_MANY.format("records", 500))


def _check_nothing(call: Call, params: Mapping[str, Any]) -> None:
    return


_CHECKS: dict[str, Callable[[Call, Mapping[str, Any]], None]] = {
    "sqs": _check_message,
    "sns": _check_message,
    "lambda": _check_invocation,
    "kinesis": _check_records,
    "scheduler": _check_nothing,
}


def _started(call: Call, target: Target) -> Mapping[str, Any]:
    """The start of a job that the workflow makes itself: an answer with an id in each of its texts, which nobody uses."""
    number, model = call.recording.number(), call.client.meta.service_model.operation_model(call.name)
    members = model.output_shape.members if model.output_shape is not None else {}
    made = {name: call.recording.identifier(number) for name, shape in members.items() if shape.type_name == "string"}
    params = plain(call.params)
    call.recording.add(effect_of(call.recording, number, target.text, (call.service, call.name), params, made), held=True)
    return {**made, "ResponseMetadata": call.metadata()}


def hold_events(call: Call) -> Steps:
    """PutEvents names a bus in each of its entries: those of other buses go out, and the answers are put together again."""
    call = call._replace(params=(yield Prepare()))
    model = call.client.meta.service_model.operation_model(call.name)
    call.client._serializer.serialize_to_request(call.params, model)
    entries = list(call.params.get("Entries") or ())
    if not 0 < len(entries) <= 10:
        raise call.refuse("ValidationException", _TOO_MANY.format("entries", 10))
    if sum(_event_size(entry) for entry in entries) > LARGEST:
        raise call.refuse("ValidationException", "Total size of the entries in the request is over the limit.")
    region = call.client.meta.region_name
    buses = [named("events", entry.get("EventBusName") or "default", region) for entry in entries]
    targets = [matched(call.recording.capture, bus) for bus in buses]
    answers: list[Any] = [None] * len(entries)
    away = [index for index, target in enumerate(targets) if target is None]
    if away:
        response = yield Send(call.name, {**call.params, "Entries": [entries[index] for index in away]})
        for index, answer in zip(away, response["Entries"]):
            answers[index] = answer
            told = matched(call.recording.observe, buses[index])
            if told is not None and not answer.get("ErrorCode"):
                _told(call, index, told, answer)
    for index, part in enumerate(call.operation.apart(call.params)):
        held = targets[index]
        if held is not None:
            answers[index] = _malformed(entries[index]) or _keep(call, part, held)
    failed = sum(1 for answer in answers if answer.get("ErrorCode"))
    return {"FailedEntryCount": failed, "Entries": answers, "ResponseMetadata": call.metadata()}


def _told(call: Call, index: int, target: Target, answer: Any) -> None:
    part = call.operation.apart(call.params)[index]
    params, number = renamed(call.operation, part.params, target.text), call.recording.number()
    call.recording.add(effect_of(call.recording, number, target.text, ("events", "PutEvents"), params, answer))


def _event_size(entry: Mapping[str, Any]) -> int:
    """The bytes of an entry (EventBridge guide, "Calculating Amazon EventBridge event entry size")."""
    texts = [entry.get("Source", ""), entry.get("DetailType", ""), entry.get("Detail", ""), *(entry.get("Resources") or ())]
    return (14 if "Time" in entry else 0) + sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def _malformed(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """What the bus answers for an entry that it does not take."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            words = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": words}
    if entry["Source"].startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSource", "ErrorMessage": f"Not authorized for the source {entry['Source']}."}
    if not isinstance(_parsed(entry["Detail"]), Mapping):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _sent(call: Call, part: Part, number: int) -> dict[str, Any]:
    made = {"MessageId": call.recording.identifier(number), "MD5OfMessageBody": md5(part.params["MessageBody"].encode())}
    for name, key in (
        ("MessageAttributes", "MD5OfMessageAttributes"),
        ("MessageSystemAttributes", "MD5OfMessageSystemAttributes"),
    ):
        if part.params.get(name):
            made[key] = md5_of_attributes(part.params[name])
    return _ordered(made, str(part.params.get("QueueUrl", "")), number)


def _published(call: Call, part: Part, number: int) -> dict[str, Any]:
    made = {"MessageId": call.recording.identifier(number)}
    return _ordered(made, str(part.params.get("TopicArn") or part.params.get("TargetArn") or ""), number)


def _ordered(made: dict[str, Any], where: str, number: int) -> dict[str, Any]:
    """FIFO queues and topics number what they take: 20 digits that grow."""
    return {**made, "SequenceNumber": f"1{_millis():015d}{number:04d}"} if where.endswith(".fifo") else made


def _put(call: Call, part: Part, number: int) -> dict[str, Any]:
    return {"EventId": call.recording.identifier(number)}


def _streamed(call: Call, part: Part, number: int) -> dict[str, Any]:
    return {"ShardId": "shardId-000000000000", "SequenceNumber": f"49{_millis():016d}{number:038d}"}


def _invoked(call: Call, part: Part, number: int) -> dict[str, Any]:
    return {"Status": 202} if call.name == "InvokeAsync" else {"StatusCode": 202}


def _scheduled(call: Call, part: Part, number: int) -> dict[str, Any]:
    """The ARN has the region of the client and the account of the function that it calls."""
    _, partition, _, region, account, *_ = (f"{part.params.get('Target', {}).get('Arn', '')}:::::").split(":")
    name = f"{part.params.get('GroupName', 'default')}/{part.params['Name']}"
    return {"ScheduleArn": f"arn:{partition or 'aws'}:scheduler:{region}:{account}:schedule/{name}"}


_ANSWERS: dict[str, Callable[[Call, Part, int], dict[str, Any]]] = {
    "sqs": _sent,
    "sns": _published,
    "events": _put,
    "kinesis": _streamed,
    "lambda": _invoked,
    "scheduler": _scheduled,
}


def md5_of_attributes(given: Mapping[str, Any]) -> str:
    """The digest of attributes whose binary values are base64 (SQS guide, "Calculating the MD5 message digest for message
    attributes"): names in order, each of name, type and value behind its length, and one byte for text or binary."""
    import base64

    data = b""
    for name in sorted(given):
        value = given[name]
        binary = "BinaryValue" in value
        held = base64.b64decode(value["BinaryValue"]) if binary else value.get("StringValue", "").encode()
        for part in (name.encode(), value["DataType"].encode()):
            data += struct.pack("!I", len(part)) + part
        data += (b"\x02" if binary else b"\x01") + struct.pack("!I", len(held)) + held
    return md5(data)


def _millis() -> int:
    return int(time.time() * 1000)


def _nothing(client: Any) -> Any:
    """The payload of an invocation that nobody waits for, as botocore or aiobotocore give it."""
    if inspect.iscoroutinefunction(type(client)._make_api_call):
        return _Awaited()
    from botocore.response import StreamingBody

    return StreamingBody(io.BytesIO(b""), 0)


class _Awaited:
    """An empty body that is read by waiting for it."""

    async def read(self, amount: int = -1) -> bytes:
        return b""

    async def __aenter__(self) -> _Awaited:
        return self

    async def __aexit__(self, *ended: Any) -> None:
        return None

    def close(self) -> None:
        return None
