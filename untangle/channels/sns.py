"""Amazon SNS: a topic, whose subscriptions each get a copy of every message that their filter policy lets pass.

At least once, unordered (FIFO topics: ordered per group, to queues only). Delivery to Lambda and SQS is tried for 23 days, then
goes to the subscription's dead-letter queue; a function is invoked asynchronously, with one record. A queue gets the notification
as JSON text unless RawMessageDelivery is on; then message attributes become the queue message's own.

A link's filter is the policy itself where it is about message attributes, `{"MessageBody": policy}` where it is about the body.
https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from untangle.channels.channel import Channel, Found, Kind, Match, Verdict, World, Write
from untangle.channels.known import decoded, each, flag, inner, plain, reference
from untangle.channels.pattern import json_shape, matches, shape_of
from untangle.channels.routing import FIREHOSE, QUEUE, TOPIC, dead_letter, onward, triggers, unresolved
from untangle.model.link import Link, Sent
from untangle.model.resource import Resource
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Value, show

SUBSCRIPTION = "AWS::SNS::Subscription"
# Endpoints of these protocols are people or servers outside: nothing flows on from them.
_PASSING_ON = frozenset({"lambda", "sqs", "firehose"})
_WHO = "the subscription"
# What a notification holds: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
_NOTIFICATION = (
    "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL",
    "UnsubscribeURL", "MessageAttributes", "SequenceNumber",
)  # fmt: skip


def _links(world: World) -> Iterator[Found]:
    for subscription in world.of_type(SUBSCRIPTION):
        topics = world.resolve(subscription.get("TopicArn"), TOPIC, near=subscription.stack)
        if not topics:
            yield unresolved(subscription, "topic", subscription.get("TopicArn"), "TopicArn")
            yield from _from_outside(world, subscription)
        for topic in topics:
            given = subscription.properties
            yield from _subscribed(world, topic.node, subscription, given, topic.condition, "Endpoint", aside=topic.aside)
    for topic_ in world.of_type(TOPIC):
        for i, item, when in each(topic_.get("Subscription")):
            if isinstance(item, Mapping):
                yield from _subscribed(world, topic_.id, topic_, item, when, "Subscription", i)


def _from_outside(world: World, subscription: Resource) -> Iterator[Found]:
    """A function that is reached by a topic which nothing in the scan declares."""
    endpoint = subscription.get("Endpoint")
    if world.text(subscription.get("Protocol")) == "lambda" and world.function(endpoint, near=subscription.stack):
        note = f"topic {show(subscription.get('TopicArn'))}"
        yield from triggers(world, "sns", subscription, endpoint, "TopicArn", note=note)


def _subscribed(
    world: World,
    topic: str,
    resource: Resource,
    written: Mapping[str, Value],
    when: str | None,
    *route: str | int,
    aside: str = "",
) -> Iterator[Found]:
    protocol = world.text(written.get("Protocol"))
    if protocol is not None and protocol not in _PASSING_ON:
        return
    yield from onward(
        world,
        topic,
        resource,
        written.get("Endpoint"),
        *route,
        note=f"subscription ({protocol or 'unknown protocol'}){aside}",
        filter=_filter(world, written),
        delivery=_delivery(world, written, resource.stack),
        condition=when,
        types=(QUEUE, FIREHOSE),
    )


def _filter(world: World, written: Mapping[str, Value]) -> Value:
    policy = decoded(world, written.get("FilterPolicy"))
    if not isinstance(policy, Mapping) or not policy:
        return None
    return {"MessageBody": policy} if world.text(written.get("FilterPolicyScope")) == "MessageBody" else policy


def _delivery(world: World, written: Mapping[str, Value], stack: str) -> dict[str, Value]:
    settings: dict[str, Value] = {}
    if flag(world, written.get("RawMessageDelivery")):
        settings["raw_message_delivery"] = True
    policy = written.get("RedrivePolicy")
    target = inner(policy, "deadLetterTargetArn") or reference(inner(decoded(world, policy), "deadLetterTargetArn"))
    region = written.get("Region")
    return settings | dead_letter(world, target, stack) | ({"region": plain(world, region)} if region is not None else {})


def _settings(topic: Resource, world: World) -> Mapping[str, Value]:
    return {"fifo": True} if flag(world, topic.get("FifoTopic")) else {}


def _accepts(sent: Sent, filter: Value) -> Match:
    """A filter policy against the message's attributes or, in scope MessageBody, its body."""
    if not isinstance(filter, Mapping) or sent.service != "sns":
        return Match(verdict=Verdict.UNKNOWN)
    body = filter.get("MessageBody")
    if isinstance(body, Mapping):
        return matches(body, json_shape(sent.body if sent.body is not None else _written(sent)), _WHO)
    return matches(filter, _attributes(sent), _WHO)


def _written(sent: Sent) -> Shape | None:
    message = sent.attributes.get("Message")
    return None if message is None else shape_of(message)


def _attributes(sent: Sent) -> Shape:
    """The message attributes as a policy sees them; a call that is seen and gives none has none."""
    given = sent.attributes.get("MessageAttributes")
    if isinstance(given, Mapping):
        return Shape(kind="object", properties={name: _attribute(value) for name, value in given.items()}, open="**" in given)
    seen = given is None and "Message" in sent.attributes and "**" not in sent.attributes
    return Shape(kind="object", open=not seen)


def _attribute(value: Value) -> Shape:
    """A number is compared as a number, a String.Array by its elements, all else as text."""
    text, kind = inner(value, "StringValue"), inner(value, "DataType")
    if text is None:
        return ANYTHING
    if isinstance(text, str) and isinstance(kind, str):
        try:
            if kind.startswith("Number"):
                return shape_of(float(text))
            if kind == "String.Array":
                return shape_of(tuple(item for item in json.loads(text) if isinstance(item, str | int | float | bool)))
        except (ValueError, TypeError, RecursionError):
            return ANYTHING
    return shape_of(text)


def _onward(sent: Sent, link: Link) -> Sent | None:
    """What a subscribed queue holds: the message itself (raw), or the notification as JSON text."""
    if sent.service != "sns":
        return None
    message = sent.body if sent.body is not None else _written(sent) or ANYTHING
    if link.delivery.get("raw_message_delivery"):
        kept = {key: sent.attributes[key] for key in ("MessageAttributes",) if key in sent.attributes}
        return Sent(service="sqs", operation="SendMessage", attributes=kept, body=message)
    properties = {**dict.fromkeys(_NOTIFICATION, ANYTHING), "Message": replace(message, encoded=True)}
    return Sent(service="sqs", operation="SendMessage", body=Shape(kind="object", properties=properties, encoded=True))


CHANNEL = Channel(
    type="sns",
    title="SNS topic",
    kinds=(Kind(type=TOPIC, name="TopicName", service="sns"),),
    writes=(
        Write(service="sns", operation="Publish", target="TopicArn", action="sns:Publish"),
        Write(service="sns", operation="PublishBatch", target="TopicArn", action="sns:Publish"),
    ),
    links=_links,
    settings=_settings,
    accepts=_accepts,
    onward=_onward,
    message=("Records", "*", "Sns", "Message", "()"),
    billed=(("sns.publish", 1),),  # deliveries to Lambda and SQS are free
)
