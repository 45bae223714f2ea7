"""Events as EventBridge rules see them: an application's own, and those that S3 and Step Functions send for it.

AWS services put their events on the account's default bus, under a source `aws.<service>` that no application may use.
S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
Step Functions: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import World
from untangle.channels.known import inner, plain
from untangle.channels.pattern import shape_of
from untangle.channels.routing import BUCKET
from untangle.model.link import Sent
from untangle.model.resource import Resource
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Either, Ref, Value

NOTIFICATIONS = "Custom::S3BucketNotifications"
# Which S3 calls make which event, and the `reason` in its detail; None is any.
S3_EVENTS: Mapping[str, tuple[str, str | None]] = {
    "PutObject": ("Object Created", None),
    "CopyObject": ("Object Created", "CopyObject"),
    "CompleteMultipartUpload": ("Object Created", "CompleteMultipartUpload"),
    "DeleteObject": ("Object Deleted", "DeleteObject"),
    "DeleteObjects": ("Object Deleted", "DeleteObject"),
    "RestoreObject": ("Object Restore Initiated", None),
    "PutObjectTagging": ("Object Tags Added", None),
    "DeleteObjectTagging": ("Object Tags Deleted", None),
    "PutObjectAcl": ("Object ACL Updated", None),
}
ANY_S3_EVENT = (
    *dict.fromkeys(kind for kind, _ in S3_EVENTS.values()),
    "Object Restore Completed",
    "Object Restore Expired",
    "Object Storage Class Changed",
    "Object Access Tier Changed",
)
_ENVELOPE = ("version", "id", "account", "time", "region", "resources")


def event_shape(sent: Sent) -> Shape:
    """The event that a rule sees of what was sent to a bus, as far as it is known."""
    properties = dict.fromkeys(_ENVELOPE, ANYTHING)
    for key, name in (("source", "Source"), ("detail-type", "DetailType")):
        given = sent.attributes.get(name)
        properties[key] = Shape(kind="string") if given is None else shape_of(given)
    properties["detail"] = ANYTHING if sent.body is None else sent.body
    return Shape(kind="object", properties=properties)


def services(pattern: Value) -> tuple[str, ...]:
    """The AWS services that a pattern names as its only sources; () where an application's events may match."""
    listed = inner(pattern, "source")
    names = [item for item in (listed if isinstance(listed, tuple) else (listed,)) if item is not None]
    found = []
    for item in names:
        text = inner(item, "prefix") if isinstance(item, Mapping) else item
        if not isinstance(text, str) or not text.startswith("aws."):
            return ()
        found.append(text)
    return tuple(dict.fromkeys(found))


def s3_event(bucket: Value, sent: Sent | None = None) -> Sent:
    """What S3 tells EventBridge of a call on an object; of any call, where none is given."""
    kind, reason = S3_EVENTS.get(sent.operation, (None, None)) if sent is not None else (None, None)
    key = sent.attributes.get("Key") if sent is not None else None
    detail = {
        "bucket": shape_of({"name": bucket}),
        "object": Shape(kind="object", properties={"key": Shape(kind="string") if key is None else shape_of(key)}, open=True),
    }
    if reason is not None:
        detail["reason"] = shape_of(reason)
    return Sent(
        service="events",
        operation="ServiceEvent",
        attributes={"Source": "aws.s3", "DetailType": Either(ANY_S3_EVENT) if kind is None else kind},
        body=Shape(kind="object", properties=detail, open=True),
    )


def states_event(machine: Value) -> Sent:
    """The status changes of a state machine's executions."""
    return Sent(
        service="events",
        operation="ServiceEvent",
        attributes={"Source": "aws.states", "DetailType": "Step Functions Execution Status Change"},
        body=Shape(kind="object", properties={"stateMachineArn": shape_of(machine)}, open=True),
    )


def emitting_buckets(world: World) -> Iterator[tuple[Resource, Resource, tuple[str, ...]]]:
    """Buckets that send their events to EventBridge: bucket, the resource that says so, and the property's route."""
    for bucket in world.of_type(BUCKET):
        configuration = inner(bucket.get("NotificationConfiguration"), "EventBridgeConfiguration")
        if configuration is not None and world.text(inner(configuration, "EventBridgeEnabled")) != "false":
            yield bucket, bucket, ("NotificationConfiguration", "EventBridgeConfiguration")
    for custom in world.of_type(NOTIFICATIONS):
        if inner(custom.get("NotificationConfiguration"), "EventBridgeConfiguration") is not None:
            for target in world.resolve(custom.get("BucketName"), BUCKET, near=custom.stack):
                if target.resource is not None:
                    yield target.resource, custom, ("NotificationConfiguration", "EventBridgeConfiguration")


def name_of(world: World, resource: Resource) -> Value:
    """The name of a resource as patterns hold it: literal, or `${its id}`."""
    return plain(world, Ref(resource.id))
