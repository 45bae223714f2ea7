"""Values with that taken out of them which no two runs share: ids, times, receipt handles, signatures, sequence numbers.

In an envelope such fields are known by their names; in what people wrote, ids and times are known by their form. Everything else
is compared to the letter. JSON text is opened, as consumers do.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from untangle.channels.envelope.job import JOBS

ATTRIBUTE = "untangle"  # of a message: the marker, which the outbox takes out before the handler sees it
ID, TIME, OF_SERVICE = "<id>", "<time>", "<of the service>"
_UUID = re.compile(
    r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}(?![0-9a-fA-F])"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?|\d{4}/\d\d/\d\d[ T/]\d\d:\d\d(:\d\d)?")
# The same moments within a name or an id: digits, or `Date.now().toString(36)`; of the first days of a simulation alone.
_WITHIN = re.compile(r"(?<![\d.])(?:\d{13}|\d{10}(?:\.\d+)?)(?![\d.])|(?<![0-9a-z])m[jk][0-9a-z]{6}|m[jk][0-9a-z]{6}(?![0-9a-z])")
_SIMULATED = (1_767_225_600_000, 1_768_089_600_000)  # milliseconds: ten days from the start of the clock
_EPOCH = (1_600_000_000, 2_000_000_000)  # seconds: 2020 to 2033
# Fields of an envelope that the service makes, of all channels; the guides of the services show each.
_MADE = frozenset(
    (
        "messageId",
        "receiptHandle",
        "MessageId",
        "MessageID",
        "eventID",
        "sequencer",
        "sequenceNumber",
        "SequenceNumber",
        "x-amz-request-id",
        "x-amz-id-2",
        "requestId",
        "principalId",
        "sourceIPAddress",
        "configurationId",
        "Signature",
        "SignatureVersion",
        "SigningCertUrl",
        "SigningCertURL",
        "UnsubscribeUrl",
        "UnsubscribeURL",
        "EventSubscriptionArn",
        "SenderId",
        "ApproximateFirstReceiveTimestamp",
        "SentTimestamp",
        "SizeBytes",
        "ApproximateCreationDateTime",
        "approximateArrivalTimestamp",
        "eventTime",
        "Timestamp",
        "timestamp",
        "invokeIdentityArn",
        "ApproximateReceiveCount",
        "approximateInvokeCount",
        "RequestID",
        "eventVersion",
        "ReceiptHandle",
    )
)
# What only a queue can set, and tracing; a handler that reads one is told of in the proposal.
_SET_BY_QUEUES = frozenset({"AWSTraceHeader", "DeadLetterQueueSourceArn"})
_CONTENT = frozenset(
    (
        "detail",
        "NewImage",
        "OldImage",
        "Keys",
        "Message",
        "data",
        "messageAttributes",
        "MessageAttributes",
        "responsePayload",
        "body",
        "Body",
    )
)

# What of the events about jobs a workflow cannot make anew, by their source.
_LOST: Mapping[str, frozenset[str]] = {
    f"aws.{form.service}": frozenset((*notice.lost, *(form.sync.lost if form.sync is not None else ())))
    for form in JOBS
    for notice in form.notices
    if notice.type == "eventbridge"
}


def normal(value: Any, *, envelope: bool = False) -> Any:
    """A value without what no two runs share; with `envelope`, fields that the service makes are known by their names too."""
    if isinstance(value, Mapping):
        return _mapping(value, envelope)
    if isinstance(value, list | tuple):
        return [normal(item, envelope=envelope) for item in value]
    if isinstance(value, bytes | bytearray):
        return _bytes(bytes(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if _EPOCH[0] <= value <= _EPOCH[1] or _EPOCH[0] <= value / 1000 <= _EPOCH[1]:
            return TIME
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return value


def _mapping(value: Mapping[str, Any], envelope: bool) -> dict[str, Any]:
    envelope = envelope or _notification(value)
    value = _told(value)
    made: dict[str, Any] = {}
    for key in sorted(value, key=str):
        inner = value[key]
        if envelope and key in _SET_BY_QUEUES:
            continue
        if envelope and (key in _MADE or (key in ("id", "time") and "detail-type" in value)):
            made[_plain(key)] = OF_SERVICE
        elif envelope and key in ("md5OfBody", "MD5OfBody"):
            made[key] = _checked(value, inner)
        elif envelope and key == "ownerIdentity":
            made[key] = OF_SERVICE
        elif key == "stackTrace":
            made[key] = _frames(inner)
        else:
            made[_plain(key)] = normal(inner, envelope=envelope and key not in _CONTENT)
    return made


def _told(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event about the end of a job without the fields that only the service can tell: who reads one keeps the real event."""
    lost = _LOST.get(str(event.get("source", "")))
    return (
        {**event, "detail": _without(event["detail"], lost)} if lost and "detail-type" in event and "detail" in event else event
    )


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(inner, names) for name, inner in value.items() if name not in names}
    return [_without(inner, names) for inner in value] if isinstance(value, list | tuple) else value


def _frames(trace: Any) -> Any:
    """The frames of the function's own code, or all but those of the outbox, which depend on who asked for the run."""
    if not isinstance(trace, list | tuple):
        return normal(trace)
    own = [frame for frame in trace if "/var/task" in str(frame)]
    return [normal(frame) for frame in own or trace if not any(part in str(frame) for part in _OUTBOX)]


_OUTBOX = ("/untangle/runtime/outbox/", "/untangle_outbox/")


def _plain(key: str) -> str:
    return _UUID.sub(ID, str(key))


def _notification(value: Mapping[str, Any]) -> bool:
    """Whether a mapping within a message is itself an envelope: a topic's notification, a bus's event, a function's event that
    was parked as a whole, the record of a run."""
    if "requestContext" in value and "requestPayload" in value:
        return True
    if (value.get("Type") == "Notification" and "Message" in value) or ("detail-type" in value and "detail" in value):
        return True
    records = value.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    return isinstance(first, Mapping) and ("eventSource" in first or "EventSource" in first)


def _checked(record: Mapping[str, Any], digest: Any) -> str:
    """A digest says nothing but that it fits the body."""
    body = record.get("body", record.get("Body"))
    fits = isinstance(body, str) and hashlib.md5(body.encode(), usedforsecurity=False).hexdigest() == digest
    return "fits" if fits else "does not fit"


def _bytes(value: bytes) -> Any:
    try:
        return _text(value.decode())
    except UnicodeDecodeError:
        return {"sha256": hashlib.sha256(value).hexdigest()}


def _text(text: str) -> Any:
    if text[:1] in ("{", "["):
        try:
            return {"()": normal(json.loads(text))}
        except (ValueError, RecursionError):
            pass
    text = _WITHIN.sub(_moment, _MOMENT.sub(TIME, _UUID.sub(ID, text)))
    if re.fullmatch(r"\d{10}|\d{13}", text) and _EPOCH[0] <= int(text[:10]) <= _EPOCH[1]:
        return TIME
    return text


def _moment(found: re.Match[str]) -> str:
    """`TIME` for what is a moment of the simulation; else the text itself."""
    text = found[0]
    if text[0] == "m":
        time: float = int(text, 36)
    else:
        time = float(text) * (1 if len(text) == 13 and "." not in text else 1000)
    return TIME if _SIMULATED[0] <= time <= _SIMULATED[1] else text


def messages(event: Any) -> list[Any]:
    """The envelopes of an event, each with one record, in normal form: a batch is its messages, in any order."""
    if isinstance(event, Mapping) and isinstance(event.get("Records"), list):
        rest = {key: value for key, value in event.items() if key != "Records"}
        return [normal({**rest, "Records": [_opened(record)]}, envelope=True) for record in event["Records"]]
    return [normal(event, envelope=True)]


def _opened(record: Any) -> Any:
    """A record as its handler sees it: without what the outbox takes out of it; a Kinesis record with its data as text."""
    named = record.get("messageAttributes") if isinstance(record, Mapping) else None
    if isinstance(named, Mapping) and _is_marker(named.get(ATTRIBUTE)):
        return {**record, "messageAttributes": {name: held for name, held in named.items() if name != ATTRIBUTE}}
    held = record.get("kinesis") if isinstance(record, Mapping) else None
    if isinstance(held, Mapping) and isinstance(held.get("data"), str):
        try:
            data = base64.b64decode(held["data"]).decode()
        except ValueError:
            return record
        return {**record, "kinesis": {**held, "data": data}}
    return record


def _is_marker(attribute: Any) -> bool:
    """Whether a message attribute is the marker with which a state hands a message to its consumer's own queue."""
    text = attribute.get("stringValue") if isinstance(attribute, Mapping) else None
    try:
        held = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return False
    return isinstance(held, Mapping) and "token" in held


def key(value: Any) -> str:
    """A normal value as a text by which it is counted and sorted."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
