"""AWS Config rules with a function of one's own: called when a resource changes, or on a schedule.

https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.routing import triggers


def _links(world: World) -> Iterator[Found]:
    for rule in world.of_type("AWS::Config::ConfigRule"):
        if world.text(rule.get("Source", "Owner")) == "CUSTOM_LAMBDA":
            value = rule.get("Source", "SourceIdentifier")
            yield from triggers(
                world, "config_rule", rule, value, "Source", "SourceIdentifier", note=f"config rule {rule.address}"
            )


CHANNEL = Channel(type="config_rule", title="AWS Config rule", links=_links)
