"""Cognito: user pools and the functions that they call at sign-up and sign-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.place import Found, Place, Reader, single, untold


def read(place: Place) -> Iterator[Found]:
    """Every user pool; pools may share a name, so that their ids tell them apart."""
    listed = sorted(place.ask("cognito-idp", "ListUserPools").items("UserPools"), key=lambda pool: str(pool.get("Id")))
    asked = [{"UserPoolId": pool["Id"]} for pool in listed]
    for pool, answer in zip(listed, place.each("cognito-idp", "DescribeUserPool", asked), strict=True):
        found = {**pool, **(single(answer).get("UserPool") or {})}
        id, name = str(found["Id"]), str(found.get("Name"))
        properties = {"UserPoolName": name, "LambdaConfig": _called(found.get("LambdaConfig")) or None}
        arn = found.get("Arn") or place.arn("cognito-idp", f"userpool/{id}")
        yield place.resource("AWS::Cognito::UserPool", f"user-pool:{name}:{id}", properties, arn=arn, ref=id)
        yield from untold(answer, f"functions of user pool {name}")


def _called(configured: Any) -> dict[str, Any]:
    """AWS repeats the function of a versioned trigger (`PreTokenGenerationConfig`) under the trigger's old name."""
    config = configured if isinstance(configured, Mapping) else {}
    return {name: value for name, value in config.items() if value and f"{name}Config" not in config}


READER = Reader(title="Cognito user pools", read=read)
