"""Kinesis data streams: ordered records per shard, polled by event source mappings or pushed to registered consumers.

At least once, in order per shard, kept one to 365 days; a batch that fails blocks its shard until it expires,
MaximumRetryAttempts is reached or it is bisected. Each mapping reads the whole stream. Filters see the record, its data
decoded.
https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, Kind, Match, World, Write
from untangle.channels.event_source_mapping import mapping_links
from untangle.channels.known import inner, number, plain
from untangle.channels.pattern import any_match, json_shape, shape_of
from untangle.channels.routing import STREAM
from untangle.model.link import Sent
from untangle.model.resource import Resource
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Value

BATCH_SIZE = 100
_RECORD = ("eventSource", "eventVersion", "eventID", "eventName", "invokeIdentityArn", "awsRegion", "eventSourceARN")
_INNER = ("kinesisSchemaVersion", "sequenceNumber", "approximateArrivalTimestamp")


def _links(world: World) -> Iterator[Found]:
    return mapping_links(world, STREAM, batch_size=BATCH_SIZE, note="event source mapping")


def _settings(stream: Resource, world: World) -> Mapping[str, Value]:
    settings: dict[str, Value] = {}
    for key, value in (("shards", stream.get("ShardCount")), ("retention_hours", stream.get("RetentionPeriodHours"))):
        count = number(world, value)
        if count is not None:
            settings[key] = count
    mode = inner(stream.get("StreamModeDetails"), "StreamMode")
    return settings | ({"mode": plain(world, mode)} if mode is not None else {})


def _accepts(sent: Sent, filter: Value) -> Match:
    """Patterns on the record: `data` is the decoded payload, `partitionKey` the call's."""
    properties = dict.fromkeys((*_RECORD, *_INNER), ANYTHING)
    properties |= {"data": ANYTHING, "partitionKey": ANYTHING}
    if sent.service == "kinesis":
        data = sent.attributes.get("Data")
        key = sent.attributes.get("PartitionKey")
        properties["data"] = json_shape(sent.body if sent.body is not None else None if data is None else shape_of(data))
        properties["partitionKey"] = ANYTHING if key is None else shape_of(key)
    return any_match(filter, Shape(kind="object", properties=properties, open=True), "the event source mapping")


CHANNEL = Channel(
    type="kinesis",
    title="Kinesis stream",
    kinds=(Kind(type=STREAM, name="Name", service="kinesis", arn="stream/{name}"),),
    writes=(
        Write(service="kinesis", operation="PutRecord", target="StreamName", action="kinesis:PutRecord"),
        Write(service="kinesis", operation="PutRecords", target="StreamName", action="kinesis:PutRecords"),
    ),
    links=_links,
    settings=_settings,
    accepts=_accepts,
    message=("Records", "*", "kinesis", "data", "()"),
)
