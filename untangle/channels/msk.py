"""Apache Kafka, managed (MSK) or one's own: topics polled by event source mappings.

At least once, in order per partition; a batch that fails is tried until it succeeds or expires. Producers speak Kafka's own
protocol, which no AWS call shows, so a cluster is an entry from outside.
https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, Kind, World
from untangle.channels.event_source_mapping import MAPPING, deliver, delivery, mapped
from untangle.channels.known import plain
from untangle.channels.routing import triggers

BATCH_SIZE = 100
CLUSTERS = ("AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster")


def _links(world: World) -> Iterator[Found]:
    for item in mapped(world, *CLUSTERS):
        topics = plain(world, item.resource.get("Topics"))
        yield deliver(item, delivery(world, item.resource, BATCH_SIZE) | {"topics": topics}, "event source mapping of a cluster")
    for mapping in world.of_type(MAPPING):
        if mapping.get("SelfManagedEventSource") is not None:
            settings = delivery(world, mapping, BATCH_SIZE) | {"topics": plain(world, mapping.get("Topics"))}
            note = "self-managed Apache Kafka"
            yield from triggers(
                world, "msk", mapping, mapping.get("FunctionName"), "SelfManagedEventSource", note=note, delivery=settings
            )


CHANNEL = Channel(
    type="msk",
    title="Kafka cluster",
    kinds=tuple(Kind(type=type_, name="ClusterName", service="kafka", arn="cluster/{name}") for type_ in CLUSTERS),
    links=_links,
    message=("records",),
)
