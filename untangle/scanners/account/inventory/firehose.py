"""Firehose: delivery streams, what feeds them and the function that transforms their records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.model.resource import Gap
from untangle.scanners.account.inventory.place import Found, Place, Reader, picked, single


def read(place: Place) -> Iterator[Found]:
    """Every delivery stream; of one that may not be described only the name is known."""
    names = sorted(str(name) for name in place.ask("firehose", "ListDeliveryStreams").items("DeliveryStreamNames"))
    asked = [{"DeliveryStreamName": name} for name in names]
    for name, answer in zip(names, place.each("firehose", "DescribeDeliveryStream", asked), strict=True):
        found = single(answer).get("DeliveryStreamDescription") or {}
        arn = found.get("DeliveryStreamARN") or place.arn("firehose", f"deliverystream/{name}")
        source = (found.get("Source") or {}).get("KinesisStreamSourceDescription")
        properties = {
            "DeliveryStreamName": name,
            "DeliveryStreamType": found.get("DeliveryStreamType"),
            "KinesisStreamSourceConfiguration": source,
            "ExtendedS3DestinationConfiguration": _bucket(found),
        }
        yield place.resource("AWS::KinesisFirehose::DeliveryStream", name, properties, arn=arn)
        if not answer.outcome.known:
            why = f"it could not be described: {answer.code or answer.outcome.value}"
            yield Gap(what=f"destination of delivery stream {name}", why=why)


def _bucket(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """The bucket that the records are put into; other destinations are no channels."""
    for destination in found.get("Destinations") or ():
        written = destination.get("ExtendedS3DestinationDescription")
        if written:
            return picked(written, "BucketARN", "RoleARN", "Prefix", "ProcessingConfiguration")
    return None


READER = Reader(title="Firehose delivery streams", read=read)
