"""Secrets Manager rotation: a function called four times for each rotation of a secret.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.routing import triggers


def _links(world: World) -> Iterator[Found]:
    for schedule in world.of_type("AWS::SecretsManager::RotationSchedule"):
        value = schedule.get("RotationLambdaARN")
        note = f"rotation {schedule.address}"
        yield from triggers(world, "secretsmanager", schedule, value, "RotationLambdaARN", note=note)


CHANNEL = Channel(type="secretsmanager", title="Secrets Manager rotation", links=_links)
