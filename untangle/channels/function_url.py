"""Function URLs: an HTTPS endpoint of one function. Synchronous, from outside.

https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.routing import triggers


def _links(world: World) -> Iterator[Found]:
    for url in world.of_type("AWS::Lambda::Url"):
        auth = world.text(url.get("AuthType")) or "unknown"
        note = f"function URL (authentication {auth})"
        yield from triggers(world, "function_url", url, url.get("TargetFunctionArn"), "TargetFunctionArn", note=note)


CHANNEL = Channel(type="function_url", title="Function URL", links=_links)
