"""CloudWatch Logs subscriptions: log lines that match a filter go to a function, a stream or a delivery stream.

At least once, batched and compressed. What a function prints is not a message to those who read the log, so no hop is made
from the functions that write to the log group: a subscription is an entry from outside, and one that leads out again is left
out. An account policy subscribes all log groups, but for those that its selection criteria leave out.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import decoded, inner, plain, reference
from untangle.channels.routing import FIREHOSE, STREAM, entry_node, onward, triggers
from untangle.model.resource import Resource
from untangle.model.value import Value


def _links(world: World) -> Iterator[Found]:
    for filter in world.of_type("AWS::Logs::SubscriptionFilter"):
        note = f"log group {plain(world, filter.get('LogGroupName'))}"
        yield from _fed(world, filter, filter.get("DestinationArn"), filter.get("FilterPattern"), note, "DestinationArn")
    for policy in world.of_type("AWS::Logs::AccountPolicy"):
        document = decoded(world, policy.get("PolicyDocument"))
        value = reference(inner(document, "DestinationArn"))
        if world.text(policy.get("PolicyType")) == "SUBSCRIPTION_FILTER_POLICY" and value is not None:
            chosen = policy.get("SelectionCriteria")
            note = "all log groups" if chosen is None else f"all log groups but {plain(world, chosen)}"
            yield from _fed(world, policy, value, inner(document, "FilterPattern"), note, "PolicyDocument")


def _fed(world: World, resource: Resource, value: Value, pattern: Value, note: str, route: str) -> Iterator[Found]:
    settings = {"filter_pattern": plain(world, pattern)}
    if world.function(value, near=resource.stack):
        yield from triggers(world, "logs", resource, value, route, note=note, delivery=settings)
        return
    types = (STREAM, FIREHOSE)
    for link in onward(world, resource.id, resource, value, route, note=note, delivery=settings, types=types, quiet=True):
        yield from (entry_node(resource, "logs"), link)


CHANNEL = Channel(type="logs", title="CloudWatch Logs subscription", links=_links, message=("awslogs", "data"))
