"""Secrets Manager: the functions that rotate secrets. Nothing of a secret but its name is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.scanners.account.inventory.place import Found, Place, Reader, picked


def read(place: Place) -> Iterator[Found]:
    """Every rotation that is switched on and done by a function."""
    listed = place.ask("secretsmanager", "ListSecrets").items("SecretList")
    for found in sorted(listed, key=lambda item: str(item.get("Name"))):
        if found.get("RotationEnabled") and found.get("RotationLambdaARN"):
            properties = {"SecretId": found.get("ARN"), **picked(found, "RotationLambdaARN")}
            address = f"rotation:{found.get('Name')}"
            yield place.resource("AWS::SecretsManager::RotationSchedule", address, properties, arn=None, ref=found.get("ARN"))


READER = Reader(title="secrets' rotations", read=read)
