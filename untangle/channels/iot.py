"""AWS IoT Core: an MQTT broker, whose topic rules hand messages to functions and channels.

At least once; a failed action is tried a few times, then the rule's error action runs. The broker is one node, `iot/broker`; a
rule is a link with `{"topic": …, "sql": …}` as its filter, held against the topic of a Publish.
https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-from.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, Kind, Match, Verdict, World, Write
from untangle.channels.known import each, inner, plain
from untangle.channels.routing import BUCKET, FIREHOSE, MACHINE, QUEUE, STREAM, TOPIC, onward
from untangle.channels.text import like
from untangle.model.link import Sent
from untangle.model.resource import Resource
from untangle.model.value import Value, show

BROKER = "AWS::IoT::MessageBroker"  # declared in no template; this type stands for it
RULE = "AWS::IoT::TopicRule"
# Each action that passes a message on: the property that names its target, and what the target may be.
_ACTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Lambda", "FunctionArn", ()),
    ("Sqs", "QueueUrl", (QUEUE,)),
    ("Sns", "TargetArn", (TOPIC,)),
    ("Kinesis", "StreamName", (STREAM,)),
    ("Firehose", "DeliveryStreamName", (FIREHOSE,)),
    ("S3", "BucketName", (BUCKET,)),
    ("StepFunctions", "StateMachineName", (MACHINE,)),
    ("DynamoDBv2", "TableName", ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")),
    ("DynamoDB", "TableName", ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")),
)
_FROM = re.compile(r"\bfrom\s+(?:'([^']*)'|\"([^\"]*)\"|(\S+))", re.IGNORECASE)
_WHERE = re.compile(r"\bwhere\b", re.IGNORECASE)


def _links(world: World) -> Iterator[Found]:
    for rule in world.of_type(RULE):
        for index, action, when in each(rule.get("TopicRulePayload", "Actions")):
            for name, key, types in _ACTIONS:
                value = inner(action, name, key) or inner(action, name, "PutItem", key)
                if value is not None:
                    route = ("TopicRulePayload", "Actions", index)
                    settings = _delivery(world, rule)
                    note = f"topic rule {rule.address}"
                    filter = _filter(world, rule)
                    yield from onward(
                        world,
                        world.implicit(BROKER, rule.stack),
                        rule,
                        value,
                        *route,
                        note=note,
                        filter=filter,
                        delivery=settings,
                        condition=when,
                        types=types,
                    )


def _filter(world: World, rule: Resource) -> Value:
    sql = str(plain(world, rule.get("TopicRulePayload", "Sql")) or "")
    found = _FROM.search(sql)
    topic = next((group for group in found.groups() if group is not None), None) if found else None
    return {"sql": sql, "topic": topic}


def _delivery(world: World, rule: Resource) -> dict[str, Value]:
    off = world.text(rule.get("TopicRulePayload", "RuleDisabled"))
    return {"rule": rule.id} | ({"enabled": False} if (off or "").lower() == "true" else {})


def _accepts(sent: Sent, filter: Value) -> Match:
    """The rule's topic filter against the topic of the Publish; a WHERE clause is known only at run time."""
    wanted, topic = inner(filter, "topic"), sent.attributes.get("topic")
    if sent.service != "iot-data" or not isinstance(wanted, str) or topic is None:
        return Match(verdict=Verdict.UNKNOWN, why="the topic is known only at run time")
    verdict = _levels(topic, wanted) if isinstance(topic, str) else like(topic, _as_pattern(wanted))
    sql, addressed = inner(filter, "sql"), verdict is Verdict.PASSES and wanted.strip("#+/") != ""
    if verdict is Verdict.PASSES and isinstance(sql, str) and _WHERE.search(sql):
        return Match(verdict=Verdict.UNKNOWN, why="the rule's WHERE clause is decided at run time", addressed=addressed)
    return Match(verdict=verdict, why=f"the topic is {show(topic)}, the rule wants {wanted}", addressed=addressed)


def _levels(topic: str, wanted: str) -> Verdict:
    """MQTT: `+` is one level, `#` at the end all that follow, the parent's own level included."""
    given, levels = topic.split("/"), wanted.split("/")
    if levels[-1] == "#":
        levels = levels[:-1]
        given = given[: len(levels)]
    fits = len(given) == len(levels) and all(level in ("+", name) for level, name in zip(levels, given, strict=True))
    return Verdict.PASSES if fits else Verdict.EXCLUDED


def _as_pattern(wanted: str) -> str:
    levels = ["*" if level in ("+", "#") else level.replace("*", "\\*") for level in wanted.split("/")]
    return "/".join(levels).removesuffix("/*") + "*" if levels[-1] == "*" else "/".join(levels)


CHANNEL = Channel(
    type="iot",
    title="IoT Core MQTT broker",
    kinds=(Kind(type=BROKER, name=None, service="iot", arn="topic/{name}", implicit="broker"),),
    # No parameter names the broker: the topic is what its rules are held against.
    writes=(Write(service="iot-data", operation="Publish", target="", action="iot:Publish", default="broker"),),
    links=_links,
    accepts=_accepts,
    message=(),
)
