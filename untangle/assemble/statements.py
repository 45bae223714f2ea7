"""Statements of policies as they are written: who may do what with which resource, or must not.

Policy language: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from untangle.model.location import Location
from untangle.model.resource import Resource, Route
from untangle.model.value import Either, Value, alternatives


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One policy statement with its place. `owners` counts the functions whose role carries it.

    `but_actions` and `but_resources` say that what is listed is what the statement does not speak of (NotAction, NotResource);
    `conditional` that it holds under conditions, or in one of several variants; `partial` that not every action is known.
    """

    actions: tuple[str, ...]
    resources: tuple[Value, ...]
    allow: bool
    location: Location | None
    origin: str
    owners: int = 1
    but_actions: bool = False
    but_resources: bool = False
    conditional: bool = False
    partial: bool = False
    principals: tuple[Value, ...] = ()

    def names(self, action: str) -> bool:
        """Whether the statement speaks of an action, as far as its own are known."""
        return _permits(self.actions, action) != self.but_actions


def statements(owner: Resource, route: Route, document: Value, owners: int, origin: str) -> Iterator[Statement]:
    """The statements of a document that is the property of `owner` at `route`, in every variant that conditions leave open."""
    for option, _ in alternatives(document):
        listed = option.get("Statement") if isinstance(option, Mapping) else None
        for i, item in enumerate(each(listed)):
            for written, when in alternatives(item):
                if isinstance(written, Mapping):
                    yield _statement(written, owner.at(*route, "Statement", i), owners, origin, open=when is not None)


def _statement(written: Mapping[str, Value], where: Location | None, owners: int, origin: str, open: bool) -> Statement:
    but_actions, but_resources = "NotAction" in written, "NotResource" in written
    named_on = written.get("NotResource" if but_resources else "Resource")
    open = open or any(isinstance(item, Either) for item in (named_on, *(named_on if isinstance(named_on, tuple) else ())))
    named = tuple(each(written.get("NotAction" if but_actions else "Action")))
    actions = tuple(value for value in named if isinstance(value, str))
    return Statement(
        actions=actions,
        resources=tuple(each(named_on)),
        allow=written.get("Effect", "Allow") != "Deny",
        location=where,
        origin=origin,
        owners=owners,
        but_actions=but_actions,
        but_resources=but_resources,
        conditional=open or bool(written.get("Condition")),
        partial=len(actions) < len(named),
        principals=_principals(written.get("Principal")),
    )


def _principals(written: Value) -> tuple[Value, ...]:
    """The accounts and roles (or users) that a statement of a resource's policy names; services are not among them."""
    return tuple(each(written.get("AWS"))) if isinstance(written, Mapping) else tuple(each(written))


@lru_cache(maxsize=4096)
def _permits(patterns: tuple[str, ...], action: str) -> bool:
    """Whether one of a statement's actions, with `*` and `?` in it, is or takes in this one; case does not count."""
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def each(value: Value) -> Iterator[Value]:
    """The items of a list, of a single value, and of whatever conditions choose between."""
    for option, _ in alternatives(value):
        if isinstance(option, tuple):
            for item in option:
                yield from each(item)
        elif option is not None:
            yield option
