"""A piece of a resource's properties, with the line it is written on and the condition under which it is there.

Every reader of SAM walks properties through `Part`, so that an `Either` (Fn::If) anywhere is followed on both sides and
whatever is generated knows which lines it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from untangle.model.location import Location
from untangle.model.resource import Resource, Route
from untangle.model.value import Either, Value


def joined(*conditions: str | None) -> str | None:
    """Several conditions that must all hold, in words; None where there is none."""
    given = list(dict.fromkeys(condition for condition in conditions if condition))
    return " and ".join(given) or None


def negated(condition: str) -> str:
    """The opposite of a condition, in words."""
    if " and " in condition:
        return f"not ({condition})"
    return condition.removeprefix("not ") if condition.startswith("not ") else f"not {condition}"


def options(value: Value, condition: str | None = None) -> Iterator[tuple[Value, str | None]]:
    """Each value that this one may be, `Either` in `Either` followed, with all conditions on the way; None is left out."""
    pending: list[tuple[Value, str | None]] = [(value, condition)]
    while pending:
        here, when = pending.pop()
        if isinstance(here, Either):
            names = here.conditions + ("",) * (len(here.options) - len(here.conditions))
            pending.extend(reversed([(option, joined(when, name)) for option, name in zip(here.options, names, strict=False)]))
        elif here is not None:
            yield here, when


def absences(value: Value, condition: str | None = None) -> Iterator[str | None]:
    """The conditions under which a value is absent: one None (or the given condition) where it is not there at all."""
    if value is None:
        yield condition
    elif isinstance(value, Either):
        for index, option in enumerate(value.options):
            name = value.conditions[index] if index < len(value.conditions) else ""
            yield from absences(option, joined(condition, name))


def either(forms: Sequence[tuple[Value, str | None]], condition: str | None) -> Value:
    """One value out of its forms, each with its condition: plain where the only one always holds, None where there is none."""
    if not forms:
        return None
    if len(forms) == 1 and forms[0][1] == condition:
        return forms[0][0]
    return Either(tuple(value for value, _ in forms), tuple(when or "" for _, when in forms))


def each(value: Value, change: Callable[[Value], Value]) -> Value:
    """The value with `change` applied to it, or to every option where it is an `Either`; None stays None."""
    if isinstance(value, Either):
        return Either(tuple(each(option, change) for option in value.options), value.conditions)
    return None if value is None else change(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One value within `resource.properties`: where it stands there (`route`) and under which condition.

    `owner` is the resource whose lines the route points into; a part without a written place of its own (an event
    without `Properties`) keeps the route of what encloses it.
    """

    owner: Resource
    value: Value
    route: Route = ()
    condition: str | None = None

    @property
    def location(self) -> Location | None:
        """Where it is written, or where the nearest thing around it is."""
        return self.owner.at(*self.route)

    @property
    def line(self) -> int:
        """The line of `location`; 0 where none is known."""
        location = self.location
        return (location.line if location else None) or 0

    def get(self, *keys: str) -> Value:
        """The value below; None where it is absent or this is no mapping."""
        value = self.value
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def below(self, key: str) -> Iterator[Part]:
        """Each thing that the value under `key` may be; nothing where it is absent."""
        for value, condition in options(self.get(key), self.condition):
            yield Part(owner=self.owner, value=value, route=(*self.route, key), condition=condition)

    def entries(self) -> Iterator[tuple[str, Part]]:
        """Key and value of a mapping, each value that it may be; nothing for anything else."""
        if isinstance(self.value, Mapping):
            for key in self.value:
                for part in self.below(key):
                    yield str(key), part

    def elements(self) -> Iterator[Part]:
        """The elements of a list, each value that they may be; a single value is a list of one."""
        if not isinstance(self.value, tuple):
            yield self
            return
        for index, value in enumerate(self.value):
            for option, condition in options(value, self.condition):
                yield Part(owner=self.owner, value=option, route=(*self.route, index), condition=condition)


def properties(resource: Resource) -> Part:
    """The properties of a resource as a part, under the resource's own condition."""
    return Part(owner=resource, value=resource.properties, condition=resource.condition)
