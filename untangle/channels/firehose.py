"""Amazon Data Firehose: a delivery stream that gathers records, lets a function transform them and writes files to a bucket.

At least once; records are buffered by size and time into one object, so the hop through the bucket is finished by the service.
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, Kind, World, Write
from untangle.channels.known import each, inner, plain
from untangle.channels.routing import BUCKET, FIREHOSE, STREAM, declared, onward
from untangle.model.condition import both
from untangle.model.evidence import Confidence
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.resource import Resource
from untangle.model.value import Concat, Symbol, Value

_DESTINATIONS = (
    "ExtendedS3DestinationConfiguration",
    "S3DestinationConfiguration",
    "RedshiftDestinationConfiguration",
    "AmazonopensearchserviceDestinationConfiguration",
    "HttpEndpointDestinationConfiguration",
    "SplunkDestinationConfiguration",
)


def _links(world: World) -> Iterator[Found]:
    for stream in world.of_type(FIREHOSE):
        yield from _fed(world, stream)
        for name in _DESTINATIONS:
            destination = stream.get(name)
            if isinstance(destination, Mapping):
                yield from _transformed(world, stream, name, destination)
                yield from _stored(world, stream, name, destination)


def _fed(world: World, stream: Resource) -> Iterator[Found]:
    """A delivery stream may read from a Kinesis stream."""
    route = ("KinesisStreamSourceConfiguration", "KinesisStreamARN")
    for source in world.resolve(stream.get(*route), STREAM, near=stream.stack):
        yield Link(
            source=source.node,
            target=stream.id,
            kind=LinkKind.ROUTE,
            confidence=Confidence.DECLARED,
            evidence=declared(stream, "source of the delivery stream", *route),
            condition=both(stream.condition, source.condition),
        )


def _transformed(world: World, stream: Resource, name: str, destination: Mapping[str, Value]) -> Iterator[Found]:
    for i, processor, _ in each(inner(destination, "ProcessingConfiguration", "Processors")):
        for _, parameter, _ in each(inner(processor, "Parameters")):
            if world.text(inner(parameter, "ParameterName")) == "LambdaArn":
                value = inner(parameter, "ParameterValue")
                route = (name, "ProcessingConfiguration", "Processors", i)
                yield from onward(world, stream.id, stream, value, *route, note="transformation of the delivery stream", types=())


def _stored(world: World, stream: Resource, name: str, destination: Mapping[str, Value]) -> Iterator[Found]:
    for target in world.resolve(destination.get("BucketARN"), BUCKET, near=stream.stack):
        prefix = destination.get("Prefix")
        yield Link(
            source=stream.id,
            target=target.node,
            kind=LinkKind.ROUTE,
            confidence=Confidence.DECLARED,
            evidence=declared(stream, "bucket of the delivery stream", name, "BucketARN"),
            delivery={} if prefix is None else {"prefix": plain(world, prefix)},
            condition=both(stream.condition, target.condition),
            mediated=True,
        )


def _onward(_: Sent, link: Link) -> Sent | None:
    """The service writes an object under the prefix; what follows it in the key is a date and an id."""
    prefix = link.delivery.get("prefix")
    lead = prefix.partition("!{")[0] if isinstance(prefix, str) else ""
    return Sent(service="s3", operation="PutObject", attributes={"Key": Concat((lead, Symbol("date and id")))})


CHANNEL = Channel(
    type="firehose",
    title="Firehose delivery stream",
    kinds=(Kind(type=FIREHOSE, name="DeliveryStreamName", service="firehose", arn="deliverystream/{name}"),),
    writes=(
        Write(service="firehose", operation="PutRecord", target="DeliveryStreamName", action="firehose:PutRecord"),
        Write(service="firehose", operation="PutRecordBatch", target="DeliveryStreamName", action="firehose:PutRecordBatch"),
    ),
    links=_links,
    onward=_onward,
    message=("records", "*", "data", "()"),
)
