"""CloudWatch Logs subscriptions: log lines that match a filter go to a function, a stream or a delivery stream.

At least once, batched and compressed. What a function prints is not a message to those who read the log, so no hop is made
from the functions that write to the log group: a subscription is an entry from outside, and one that leads out again is left out.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import plain
from untangle.channels.routing import FIREHOSE, STREAM, entry_node, onward, triggers


def _links(world: World) -> Iterator[Found]:
    for filter in world.of_type("AWS::Logs::SubscriptionFilter"):
        value = filter.get("DestinationArn")
        note = f"log group {plain(world, filter.get('LogGroupName'))}"
        settings = {"filter_pattern": plain(world, filter.get("FilterPattern"))}
        if world.function(value, near=filter.stack):
            yield from triggers(world, "logs", filter, value, "DestinationArn", note=note, delivery=settings)
            continue
        types = (STREAM, FIREHOSE)
        fed = onward(world, filter.id, filter, value, "DestinationArn", note=note, delivery=settings, types=types, quiet=True)
        for link in fed:
            yield from (entry_node(filter, "logs"), link)


CHANNEL = Channel(type="logs", title="CloudWatch Logs subscription", links=_links, message=("awslogs", "data"))
