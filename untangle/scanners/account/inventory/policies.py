"""Policies that hang on queues, topics, buckets, buses and streams, as far as they name roles that may write there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.place import Found, Place, document


def attached(
    place: Place, type_: str, name: str, property_: str, thing: Any, written: Any, route: str = "PolicyDocument"
) -> Iterator[Found]:
    """The policy of one thing as a resource of its own, where it names an account or role: AWS gives most topics one without."""
    policy = document(written)
    if isinstance(policy, Mapping) and any(names_somebody(item) for item in _each(policy.get("Statement"))):
        yield place.resource(type_, f"policy-of:{name}", {property_: thing, route: policy}, arn=None)


def names_somebody(statement: Any) -> bool:
    """Whether a statement is about an account, a role or a user, not only about a service or everybody."""
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    named = _each(principal.get("AWS")) if isinstance(principal, Mapping) else []
    return any(item != "*" for item in named)


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
