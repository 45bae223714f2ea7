"""S3: what happens to an object, as a notification tells of it and as an event on the default bus does.

In notifications the key is encoded like a field of a form (a blank is `+`) but for its slashes, on the bus it is as it is. What
is deleted has no size and no tag. `sequencer` grows with each change of a key.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from untangle.simulate.platform.event.text import whole_seconds

CREATED = {"PutObject": "Put", "PostObject": "Post", "CopyObject": "Copy", "CompleteMultipartUpload": "CompleteMultipartUpload"}
_REASONS = {"PostObject": "POST Object"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an API `operation` did to an object. `size` and `etag` are None where it was deleted; `marker` says that a deletion
    left a marker behind. `sequence` numbers the changes, `request` names the request."""

    operation: str
    bucket: str
    key: str
    at: str
    sequence: int
    request: str
    size: int | None = None
    etag: str | None = None
    version: str | None = None
    marker: bool = False

    @property
    def name(self) -> str:
        """The type of the event, without `s3:`."""
        if self.operation in CREATED:
            return f"ObjectCreated:{CREATED[self.operation]}"
        return "ObjectRemoved:DeleteMarkerCreated" if self.marker else "ObjectRemoved:Delete"

    @property
    def sequencer(self) -> str:
        """Longer numbers would come after shorter ones: all have 18 digits."""
        return f"{self.sequence:018X}"


def encoded(key: str) -> str:
    """A key as notifications write it: the way of forms leaves `*-._` as they are, and S3 the slashes."""
    return quote_plus(key, safe="/*").replace("~", "%7E")


def notification(change: Change, *, region: str) -> dict[str, Any]:
    """The event that a function gets, and that a queue and a topic get as text: one record."""
    about = (("size", change.size), ("eTag", change.etag), ("versionId", change.version))
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": change.at,
        "eventName": change.name,
        "userIdentity": {"principalId": "AWS:SIMULATED"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": change.request, "x-amz-id-2": "simulated"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "simulated",
            "bucket": {
                "name": change.bucket,
                "ownerIdentity": {"principalId": "SIMULATED"},
                "arn": f"arn:aws:s3:::{change.bucket}",
            },
            "object": {
                "key": encoded(change.key),
                **{name: value for name, value in about if value is not None},
                "sequencer": change.sequencer,
            },
        },
    }
    return {"Records": [record]}


def bus_event(change: Change, *, id: str, account: str, region: str) -> dict[str, Any]:
    """The event on the account's default bus."""
    deleted = change.operation not in CREATED
    about = (("size", change.size), ("etag", change.etag), ("version-id", change.version))
    kind = {"deletion-type": "Delete Marker Created" if change.marker else "Permanently Deleted"} if deleted else {}
    reason = "DeleteObject" if deleted else _REASONS.get(change.operation, change.operation)
    return {
        "version": "0",
        "id": id,
        "detail-type": "Object Deleted" if deleted else "Object Created",
        "source": "aws.s3",
        "account": account,
        "time": whole_seconds(change.at),
        "region": region,
        "resources": [f"arn:aws:s3:::{change.bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": change.bucket},
            "object": {
                "key": change.key,
                **{name: value for name, value in about if value is not None},
                "sequencer": change.sequencer,
            },
            "request-id": change.request,
            "requester": account,
            "source-ip-address": "127.0.0.1",
            "reason": reason,
            **kind,
        },
    }
