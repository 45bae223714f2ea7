"""CloudFormation custom resources: a function (or topic) that CloudFormation calls when a stack is made, changed or removed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.routing import TOPIC, entry_node, onward, triggers


def _links(world: World) -> Iterator[Found]:
    for custom in world.of_type("AWS::CloudFormation::CustomResource", "Custom::*"):
        value = custom.get("ServiceToken")
        note = f"custom resource {custom.address} ({custom.type})"
        if world.resolve(value, TOPIC, near=custom.stack):
            yield entry_node(custom, "custom_resource")
            yield from onward(world, custom.id, custom, value, "ServiceToken", note=note, types=(TOPIC,))
        else:
            yield from triggers(world, "custom_resource", custom, value, "ServiceToken", note=note)


CHANNEL = Channel(type="custom_resource", title="CloudFormation custom resource", links=_links)
