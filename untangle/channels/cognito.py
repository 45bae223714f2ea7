"""Cognito user pools: functions called at points of sign-up and sign-in.

Synchronous: the user waits, and Cognito gives five seconds.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import inner
from untangle.channels.routing import triggers


def _links(world: World) -> Iterator[Found]:
    for pool in world.of_type("AWS::Cognito::UserPool"):
        configured = pool.get("LambdaConfig")
        for name, value in configured.items() if isinstance(configured, Mapping) else ():
            if name == "KMSKeyID" or value is None:
                continue
            # Newer triggers are an object with version and ARN. One event may be configured both ways.
            function = inner(value, "LambdaArn") if isinstance(value, Mapping) else value
            yield from triggers(world, "cognito", pool, function, "LambdaConfig", name, note=f"user pool {pool.address}: {name}")


CHANNEL = Channel(type="cognito", title="Cognito user pool", links=_links)
