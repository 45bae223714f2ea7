"""Amazon DocumentDB change streams, polled by event source mappings.

At least once, in order; a batch that fails is tried until it succeeds or expires. Writers speak MongoDB's protocol, so a cluster
is an entry from outside.
https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, Kind, World
from untangle.channels.event_source_mapping import deliver, delivery, mapped
from untangle.channels.known import plain
from untangle.model.value import Value

BATCH_SIZE = 100
CLUSTER = "AWS::DocDB::DBCluster"


def _links(world: World) -> Iterator[Found]:
    for item in mapped(world, CLUSTER):
        watched: dict[str, Value] = {}
        for name, key in (("DatabaseName", "database"), ("CollectionName", "collection")):
            value = item.resource.get("DocumentDBEventSourceConfig", name)
            if value is not None:
                watched[key] = plain(world, value)
        yield deliver(item, delivery(world, item.resource, BATCH_SIZE) | watched, "event source mapping of a change stream")


CHANNEL = Channel(
    type="documentdb",
    title="DocumentDB change stream",
    kinds=(Kind(type=CLUSTER, name="DBClusterIdentifier", service="rds", arn="cluster:{name}"),),
    links=_links,
    message=("events",),
)
