"""Policies that hang on queues, topics, buckets, buses and streams, as far as they say which accounts and roles may write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.place import Found, Place, document


def attached(
    place: Place, type_: str, name: str, property_: str, thing: Any, written: Any, route: str = "PolicyDocument"
) -> Iterator[Found]:
    """The policy of one thing as a resource of its own, where it lets accounts or roles in."""
    policy = document(written)
    if isinstance(policy, Mapping) and any(lets_in(item) for item in _each(policy.get("Statement"))):
        yield place.resource(type_, f"policy-of:{name}", {property_: thing, route: policy}, arn=None)


def lets_in(statement: Any) -> bool:
    """Whether a statement is about accounts, roles or everybody, not only about a service.

    What AWS gives every topic is about its own account alone (`AWS:SourceOwner`).
    """
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    named = _each(principal.get("AWS")) if isinstance(principal, Mapping) else _each(principal)
    conditions = statement.get("Condition") if named else None
    tests = conditions.values() if isinstance(conditions, Mapping) else ()
    owned = any(str(key).lower() == "aws:sourceowner" for wanted in tests if isinstance(wanted, Mapping) for key in wanted)
    return bool(named) and not owned


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
