"""Amazon S3: a bucket, which tells of what happens to its objects.

At least once, unordered, usually within seconds. Notifications go to functions (invoked asynchronously), queues and topics,
chosen by event type and by prefix and suffix of the key; keys arrive URL-encoded. With EventBridge switched on, all events also
go to the account's default bus. A link's filter is `{"events": […], "prefix": …, "suffix": …}`.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, Kind, Match, Verdict, World, Write
from untangle.channels.known import each, inner, plain
from untangle.channels.pattern import all_of
from untangle.channels.routing import BUCKET, BUS, QUEUE, TOPIC, declared, onward
from untangle.channels.service_event import NOTIFICATIONS, emitting_buckets, name_of, s3_event
from untangle.channels.text import ends, starts
from untangle.model.condition import both
from untangle.model.evidence import Confidence
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.resource import Resource
from untangle.model.value import Symbol, Value, concat, show

# Each kind of configuration: its list, and the property that names the target, in CloudFormation and in the S3 API (as the
# custom resource of the CDK writes it).
_TARGETS = (
    ("LambdaConfigurations", "Function"),
    ("QueueConfigurations", "Queue"),
    ("TopicConfigurations", "Topic"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ("QueueConfigurations", "QueueArn"),
    ("TopicConfigurations", "TopicArn"),
)
# Which event types a call makes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
_PUT, _PARTS = "s3:ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload"
_EVENTS: Mapping[str, tuple[str, ...]] = {
    "PutObject": (_PUT,),
    "PostObject": ("s3:ObjectCreated:Post",),
    "CopyObject": ("s3:ObjectCreated:Copy",),
    "CompleteMultipartUpload": (_PARTS,),
    "CreateMultipartUpload": (_PARTS,),
    "UploadPart": (_PARTS,),
    "DeleteObject": ("s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated"),
    "DeleteObjects": ("s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated"),
    "RestoreObject": ("s3:ObjectRestore:Post", "s3:ObjectRestore:Completed"),
    "PutObjectTagging": ("s3:ObjectTagging:Put",),
    "DeleteObjectTagging": ("s3:ObjectTagging:Delete",),
    "PutObjectAcl": ("s3:ObjectAcl:Put",),
}
_ANY_PART = Symbol("any part of a key")
# Transfers that split large files into parts, and the arguments by which they are known.
_TRANSFERS = frozenset({"Filename", "Fileobj"})
_ACTIONS = {
    "DeleteObjects": "s3:DeleteObject",
    "CopyObject": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "PostObject": "s3:PutObject",
}


def _links(world: World) -> Iterator[Found]:
    for bucket in world.of_type(BUCKET):
        yield from _notified(world, bucket.id, bucket, None)
    for custom in world.of_type(NOTIFICATIONS):
        for target in world.resolve(custom.get("BucketName"), BUCKET, near=custom.stack):
            yield from _notified(world, target.node, custom, target.condition)
    for bucket, source, route in emitting_buckets(world):
        yield Link(
            source=bucket.id,
            target=world.implicit(BUS, bucket.stack),
            kind=LinkKind.ROUTE,
            confidence=Confidence.DECLARED,
            evidence=declared(source, "EventBridge notifications", *route),
            delivery={"bucket": name_of(world, bucket)},
            condition=both(bucket.condition, source.condition),
        )


def _notified(world: World, node: str, resource: Resource, when: str | None) -> Iterator[Found]:
    configuration = resource.get("NotificationConfiguration")
    for group, name in _TARGETS:
        for index, item, condition in each(inner(configuration, group)):
            if isinstance(item, Mapping) and name in item:
                yield from onward(
                    world,
                    node,
                    resource,
                    item[name],
                    "NotificationConfiguration",
                    group,
                    index,
                    note="bucket notification",
                    filter=_filter(world, item),
                    condition=both(when, condition),
                    types=(QUEUE, TOPIC),
                )


def _filter(world: World, item: Mapping[str, Value]) -> Value:
    events = [*each(item.get("Event")), *each(item.get("Events"))]
    found: dict[str, Value] = {"events": tuple(plain(world, event) for _, event, _ in events)}
    rules = inner(item, "Filter", "S3Key", "Rules") or inner(item, "Filter", "Key", "FilterRules")
    for _, rule, _ in each(rules):
        name = world.text(inner(rule, "Name"))
        if name is not None and name.lower() in ("prefix", "suffix"):
            found[name.lower()] = plain(world, inner(rule, "Value"))
    return found


def _accepts(sent: Sent, filter: Value) -> Match:
    """Event type, prefix and suffix against the call and its key, as far as the key is known."""
    if sent.service != "s3":
        return Match(verdict=Verdict.UNKNOWN)
    key = sent.attributes.get("Key")
    if sent.permitted and all(_refused(permitted, filter) for permitted in sent.permitted):
        why = f"the role may write only {', '.join(sent.permitted)}, which the notification does not take"
        return Match(verdict=Verdict.EXCLUDED, why=why)
    found = [_typed(sent, inner(filter, "events"))]
    for name, test in (("prefix", starts), ("suffix", ends)):
        wanted = inner(filter, name)
        if isinstance(wanted, str) and wanted:
            verdict = Verdict.UNKNOWN if key is None else test(key, wanted)
            said = "is known only at run time" if key is None else f"is {show(key)}"
            found.append(Match(verdict=verdict, why=f"the key {said}, the notification wants {name} {wanted}"))
    return all_of(found)


def _refused(permitted: str, filter: Value) -> bool:
    """Whether no key of a pattern that a role names can have the prefix and suffix."""
    pieces = re.split(r"[*?]", permitted)
    key = concat([part for piece in pieces for part in (_ANY_PART, piece)][1:])
    wanted = ((inner(filter, name), test) for name, test in (("prefix", starts), ("suffix", ends)))
    return any(isinstance(text, str) and bool(text) and test(key, text) is Verdict.EXCLUDED for text, test in wanted)


def _typed(sent: Sent, wanted: Value) -> Match:
    made = (_PUT, _PARTS) if _TRANSFERS & sent.attributes.keys() else _EVENTS.get(sent.operation, ())
    listed = [item for item in wanted if isinstance(item, str)] if isinstance(wanted, tuple) else []
    if not made or not listed:
        return Match(verdict=Verdict.UNKNOWN, why=f"the event type of {sent.operation} is not known")
    taken = [any(_covers(item, event) for item in listed) for event in made]
    why = f"{sent.operation} makes {' or '.join(made)}, the notification wants {', '.join(listed)}"
    if all(taken):
        return Match(verdict=Verdict.PASSES)
    return Match(verdict=Verdict.UNKNOWN if any(taken) else Verdict.EXCLUDED, why=why)


def _covers(wanted: str, event: str) -> bool:
    return event.startswith(wanted[:-1]) if wanted.endswith("*") else event == wanted


def _onward(sent: Sent, link: Link) -> Sent | None:
    """On the default bus the call is an "Object …" event; in a queue or topic it is a notification, which no filter reads."""
    return s3_event(link.delivery.get("bucket"), sent) if "bucket" in link.delivery else None


CHANNEL = Channel(
    type="s3",
    title="S3 bucket",
    kinds=(Kind(type=BUCKET, name="BucketName", service="s3"),),
    writes=tuple(
        Write(service="s3", operation=operation, target="Bucket", action=_ACTIONS.get(operation, f"s3:{operation}"))
        for operation in _EVENTS
        if operation != "UploadPart"
    ),
    links=_links,
    accepts=_accepts,
    onward=_onward,
    message=("Records", "*", "s3", "object", "key"),
)
