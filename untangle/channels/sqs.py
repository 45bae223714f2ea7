"""Amazon SQS: a queue, polled by an event source mapping.

At least once; unordered, or (FIFO) ordered per message group with deduplication for 5 minutes. A batch that fails comes back
after the visibility timeout, at most maxReceiveCount times, then goes to the dead-letter queue; without one it is tried until
it expires. ReportBatchItemFailures returns single messages. A message that no filter of the mapping takes is deleted.
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, Kind, Match, World, Write
from untangle.channels.event_source_mapping import Mapped, deliver, delivery, mapped
from untangle.channels.known import decoded, flag, inner, number, reference
from untangle.channels.pattern import any_match, json_shape, shape_of
from untangle.channels.routing import QUEUE, dead_letter, declared, publish
from untangle.channels.service_event import event_shape
from untangle.model.condition import both
from untangle.model.link import Sent
from untangle.model.resource import Resource
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Value, alternatives

BATCH_SIZE = 10
NUMBERS = (
    ("DelaySeconds", "delay_seconds"),
    ("VisibilityTimeout", "visibility_timeout"),
    ("MessageRetentionPeriod", "retention"),
    ("MaximumMessageSize", "maximum_message_size"),
)
DEFAULTS: Mapping[str, Value] = {"visibility_timeout": 30, "retention": 345600}
# What SQS itself adds to a message; it stands in the record but is not known from the call.
_RECORD = ("messageId", "receiptHandle", "attributes", "md5OfBody", "eventSource", "eventSourceARN", "awsRegion")


def _links(world: World) -> Iterator[Found]:
    for item in mapped(world, QUEUE):
        queue = item.source.resource
        bounds = _redrive(world, queue) if queue is not None else {}
        yield deliver(item, delivery(world, item.resource, BATCH_SIZE) | bounds, "event source mapping")
        if queue is not None:
            yield from _redriven(world, item, queue)


def _redriven(world: World, item: Mapped, queue: Resource) -> Iterator[Found]:
    """A message that the consumer failed on maxReceiveCount times is written to the dead-letter queue."""
    for policy, when in alternatives(queue.get("RedrivePolicy")):
        for target in world.resolve(_dead_letter_value(world, policy), QUEUE, near=queue.stack):
            evidence = declared(queue, "redrive policy", "RedrivePolicy")
            yield publish(
                item.consumer.node,
                target.node,
                evidence,
                "redrive",
                condition=both(item.condition, queue.condition, target.condition, when),
            )


def _dead_letter_value(world: World, policy: Value) -> Value:
    written = inner(policy, "deadLetterTargetArn")
    return written if written is not None else reference(inner(decoded(world, policy), "deadLetterTargetArn"))


def _redrive(world: World, queue: Resource) -> dict[str, Value]:
    """How often a message is tried and where it goes then; where a condition chooses, what holds if there is a policy at all."""
    policy = next((option for option, _ in alternatives(queue.get("RedrivePolicy")) if option is not None), None)
    found: dict[str, Value] = {}
    most = number(world, inner(decoded(world, policy), "maxReceiveCount"))
    if most is not None:
        found["max_receive_count"] = most
    return found | dead_letter(world, _dead_letter_value(world, policy), queue.stack, QUEUE)


def _settings(queue: Resource, world: World) -> Mapping[str, Value]:
    settings = dict(DEFAULTS)
    for name, key in NUMBERS:
        value = number(world, queue.get(name))
        if value is not None:
            settings[key] = value
        elif queue.get(name) is not None:
            settings.pop(key, None)  # written, but not known: the default would be a guess
    if flag(world, queue.get("FifoQueue")):
        settings["fifo"] = True
    redrive = _redrive(world, queue)
    return settings | ({"redrive": redrive} if redrive else {})


def _accepts(sent: Sent, filter: Value) -> Match:
    """Filter criteria on a queue see the message's body (JSON where it is JSON) and its attributes."""
    if sent.service != "sqs":
        event = event_shape(sent) if sent.attributes.get("Source", "lambda") != "lambda" else ANYTHING
        carried = Shape(kind="object", properties={"body": event}, open=True)
        return any_match(filter, carried, "the event source mapping")
    attributes = sent.attributes.get("MessageAttributes")
    properties = dict.fromkeys(_RECORD, ANYTHING)
    properties["body"] = json_shape(sent.body if sent.body is not None else _written(sent))
    properties["messageAttributes"] = _attributes(attributes) if isinstance(attributes, Mapping) else ANYTHING
    return any_match(filter, Shape(kind="object", properties=properties), "the event source mapping")


def _written(sent: Sent) -> Shape | None:
    body = sent.attributes.get("MessageBody")
    return None if body is None else shape_of(body)


def _attributes(attributes: Mapping[str, Value]) -> Shape:
    """The call's attributes in the record's spelling (`stringValue`, `dataType`)."""
    return shape_of({name: _lowered(value) for name, value in attributes.items()})


def _lowered(value: Value) -> Value:
    return {key[:1].lower() + key[1:]: item for key, item in value.items()} if isinstance(value, Mapping) else value


CHANNEL = Channel(
    type="sqs",
    title="SQS queue",
    kinds=(Kind(type=QUEUE, name="QueueName", service="sqs"),),
    writes=(
        Write(service="sqs", operation="SendMessage", target="QueueUrl", action="sqs:SendMessage"),
        Write(service="sqs", operation="SendMessageBatch", target="QueueUrl", action="sqs:SendMessage"),
    ),
    links=_links,
    settings=_settings,
    accepts=_accepts,
    message=("Records", "*", "body", "()"),
    billed=(("sqs.request", 3),),  # sent, received, deleted; fewer for each where batches fill
)
