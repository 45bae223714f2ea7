"""The input of a workflow from what would have been the event of its first function, in the form in which each service starts it.

The ways back to the event are in `channels/envelope`; these are written from the services' own pages, not from those.
S3: user guide, "EventBridge event message structure". Pipes: EventBridge guide, "Amazon SQS queue as a source".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from untangle.simulate.names import ACCOUNT, REGION

_REASONS = {"Put": "PutObject", "Post": "POST Object", "Copy": "CopyObject", "CompleteMultipartUpload": "CompleteMultipartUpload"}


def entered(form: str, event: Any) -> Iterator[Any]:
    """The inputs of the executions that an event starts: one for most, one for each record of a bucket or topic."""
    yield from _FORMS.get(form, _as_it_is)(event)


def _as_it_is(event: Any) -> Iterator[Any]:
    yield event


def _objects(event: Any) -> Iterator[Any]:
    for record in _records(event):
        name = str(record.get("eventName", "ObjectCreated:Put")).removeprefix("s3:")
        kind, _, how = name.partition(":")
        held = record.get("s3", {})
        object_ = {key: value for key, value in held.get("object", {}).items() if key in ("size", "sequencer")}
        detail: dict[str, Any] = {
            "version": "0",
            "bucket": {"name": held.get("bucket", {}).get("name")},
            "object": {"key": unquote_plus(str(held.get("object", {}).get("key", ""))), **object_},
            "request-id": record.get("responseElements", {}).get("x-amz-request-id", "SIMULATED"),
            "requester": ACCOUNT,
            "source-ip-address": record.get("requestParameters", {}).get("sourceIPAddress", "127.0.0.1"),
        }
        for ours, theirs in (("eTag", "etag"), ("versionId", "version-id")):
            if ours in held.get("object", {}):
                detail["object"][theirs] = held["object"][ours]
        deleted = kind == "ObjectRemoved"
        detail["reason"] = "DeleteObject" if deleted else _REASONS.get(how, how)
        if deleted:
            detail["deletion-type"] = "Delete Marker Created" if how == "DeleteMarkerCreated" else "Permanently Deleted"
        yield {
            "version": "0",
            "id": _id(record),
            "detail-type": "Object Deleted" if deleted else "Object Created",
            "source": "aws.s3",
            "account": ACCOUNT,
            "time": str(record.get("eventTime", "2026-01-01T00:00:00.000Z"))[:19] + "Z",
            "region": record.get("awsRegion", REGION),
            "resources": [f"arn:aws:s3:::{detail['bucket']['name']}"],
            "detail": detail,
        }


def _batch(event: Any) -> Iterator[Any]:
    records = _records(event)
    if records:
        yield records


def _notifications(event: Any) -> Iterator[Any]:
    """Through a queue that a pipe polls, one at a time."""
    for record in _records(event):
        sns = dict(record.get("Sns", {}))
        attributes = sns.pop("MessageAttributes", None)
        for theirs, ours in (("SigningCertUrl", "SigningCertURL"), ("UnsubscribeUrl", "UnsubscribeURL")):
            if theirs in sns:
                sns[ours] = sns.pop(theirs)
        if sns.get("Subject") is None:
            sns.pop("Subject", None)
        body = json.dumps(sns | ({"MessageAttributes": attributes} if attributes else {}))
        yield [
            {
                "messageId": _id(record),
                "receiptHandle": f"{_id(record)}#1",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767225600000"},
                "messageAttributes": {},
                "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:untangle-start",
                "awsRegion": REGION,
            }
        ]


def _records(event: Any) -> list[dict[str, Any]]:
    records = event.get("Records") if isinstance(event, Mapping) else event
    return [record for record in records if isinstance(record, dict)] if isinstance(records, list) else []


def _id(record: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


_FORMS: Mapping[str, Callable[[Any], Iterator[Any]]] = {
    "s3": _objects,
    "sqs": _batch,
    "dynamodb_stream": _batch,
    "sns": _notifications,
}
