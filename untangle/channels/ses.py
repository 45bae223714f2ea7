"""Amazon SES: mail that arrives is handed to a function, told to a topic or stored in a bucket, by receipt rules.

What becomes of mail that is sent (bounces, complaints) is told to a topic or a delivery stream by the event destinations of
configuration sets; those that tell the default event bus show in the rules that take events of `aws.ses`.
A function is invoked asynchronously unless the rule says RequestResponse; the mail's text stands only in the bucket.
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import each, flag, inner
from untangle.channels.routing import BUCKET, FIREHOSE, TOPIC, entry_node, onward, triggers
from untangle.model.resource import Resource
from untangle.model.value import Value

_STORED = (
    ("SNSAction", "TopicArn", TOPIC),
    ("S3Action", "BucketName", BUCKET),
    ("S3Action", "TopicArn", TOPIC),
    ("LambdaAction", "TopicArn", TOPIC),
    ("BounceAction", "TopicArn", TOPIC),
)

EVENTS = "AWS::SES::ConfigurationSetEventDestination"
_TOLD = (("SnsDestination", "TopicARN", TOPIC), ("KinesisFirehoseDestination", "DeliveryStreamARN", FIREHOSE))


def _links(world: World) -> Iterator[Found]:
    for rule in world.of_type("AWS::SES::ReceiptRule"):
        note = f"receipt rule {rule.address}"
        yield entry_node(rule, "ses")
        for index, action, _ in each(rule.get("Rule", "Actions")):
            route = ("Rule", "Actions", index)
            function = inner(action, "LambdaAction", "FunctionArn")
            yield from triggers(world, "ses", rule, function, *route, note=note)
            for name, key, type_ in _STORED:
                value = inner(action, name, key)
                if value is not None:
                    yield from onward(world, rule.id, rule, value, *route, note=note, types=(type_,))
    for told in world.of_type(EVENTS):
        yield from _told(world, told)


def _told(world: World, told: Resource) -> Iterator[Found]:
    """An entry only where it leads on: a destination outside the scan is somebody else's."""
    enabled = flag(world, told.get("EventDestination", "Enabled")) is not False
    for name, key, type_ in _TOLD:
        route = ("EventDestination", name, key)
        note = f"event destination {told.address}"
        settings: dict[str, Value] = {} if enabled else {"enabled": False}
        value = told.get(*route)
        for item in onward(world, told.id, told, value, *route, note=note, delivery=settings, types=(type_,), quiet=True):
            yield from (entry_node(told, "ses"), item)


CHANNEL = Channel(type="ses", title="SES receipt rule", links=_links, message=("Records", "*", "ses"))
