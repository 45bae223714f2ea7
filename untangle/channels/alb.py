"""Application Load Balancers: a target group of type lambda. Synchronous, from outside.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import each, inner
from untangle.channels.routing import triggers


def _links(world: World) -> Iterator[Found]:
    for group in world.of_type("AWS::ElasticLoadBalancingV2::TargetGroup"):
        if world.text(group.get("TargetType")) == "lambda":
            for index, target, _ in each(group.get("Targets")):
                note = f"target group {group.address}"
                yield from triggers(world, "alb", group, inner(target, "Id"), "Targets", index, "Id", note=note)


CHANNEL = Channel(type="alb", title="Application Load Balancer", links=_links)
