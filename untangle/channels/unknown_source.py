"""Event source mappings whose source no template names: the function is reached, from where is not known."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.documentdb import CLUSTER
from untangle.channels.dynamodb_stream import TABLES
from untangle.channels.event_source_mapping import MAPPING
from untangle.channels.mq import BROKER
from untangle.channels.msk import CLUSTERS
from untangle.channels.routing import QUEUE, STREAM, triggers, unresolved
from untangle.model.value import show

# What mappings read from, as each channel asks for its own: a name alone says nothing without a type.
_SOURCES = ((QUEUE,), (STREAM,), TABLES, CLUSTERS, (BROKER,), (CLUSTER,))


def _links(world: World) -> Iterator[Found]:
    for mapping in world.of_type(MAPPING):
        source = mapping.get("EventSourceArn")
        if source is None or world.resolve(source, near=mapping.stack):
            continue
        if any(world.resolve(source, *types, near=mapping.stack) for types in _SOURCES):
            continue
        yield unresolved(mapping, "source of the event source mapping", source, "EventSourceArn")
        note = f"event source {show(source)}"
        yield from triggers(world, "unknown_source", mapping, mapping.get("FunctionName"), "FunctionName", note=note)


CHANNEL = Channel(type="unknown_source", title="Event source that is not known", links=_links)
