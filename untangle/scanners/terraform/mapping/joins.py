"""What Terraform declares beside a resource and CloudFormation inside it: targets of rules, attached policies, redrive policies.

The part keeps its own place (its file may be another one) and its own condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from untangle.model.location import Location
from untangle.model.resource import Gap, Resource, Route
from untangle.model.value import Concat, Either, Ref, Value, alternatives, show
from untangle.scanners.terraform.mapping.table import Join


class Owners:
    """The resources that others are joined to, by id and by name within their root."""

    def __init__(self, resources: dict[str, Resource]) -> None:
        self._resources = resources
        self._named: dict[tuple[str, str, Value], str] = {}
        self.gaps: list[Gap] = []

    def index(self, type: str, name: str) -> None:
        """Makes resources of a type findable by the property that holds their name."""
        for resource in self._resources.values():
            given = resource.properties.get(name) if resource.type == type else None
            if isinstance(given, str | Concat):
                self._named.setdefault((resource.stack, type, given), resource.id)

    def join(self, part: Resource, join: Join) -> bool:
        """Writes a part into its owners; False where it has none in the scan."""
        owners = [id for value in _each(part.properties.get(join.key)) for id in self._owners(value, part, join)]
        for id in dict.fromkeys(owners):
            self._write(self._resources[id], part, join)
        if not owners and join.gap:
            named = part.properties.get(join.key)
            why = f"{show(named)} is not declared in the scan" if named is not None else "none is given"
            self.gaps.append(Gap(what=f"{join.gap} {part.address}", why=why, location=part.location))
        return bool(owners)

    def _owners(self, value: Value, part: Resource, join: Join) -> Iterator[str]:
        for option, _ in alternatives(value):
            if isinstance(option, Ref):
                owner = self._resources.get(option.resource)
                if owner is not None and owner.type == join.owner:
                    yield owner.id
            elif isinstance(option, str | Concat):
                named = self._named.get((part.stack, join.owner, option))
                if named is not None:
                    yield named

    def _write(self, owner: Resource, part: Resource, join: Join) -> None:
        added = part.properties.get(join.value) if join.value else _without(part.properties, join.key)
        if added is None:
            return
        if part.condition is not None and part.condition != owner.condition:
            added = Either((added, None), (part.condition, f"not ({part.condition})"))
        route: Route = (join.to,)
        if join.many:
            before = owner.properties.get(join.to)
            listed = before if isinstance(before, tuple) else () if before is None else (before,)
            more = added if isinstance(added, tuple) else (added,)
            route = (join.to, len(listed))
            added = (*listed, *more)
        self._resources[owner.id] = replace(
            owner,
            properties={**owner.properties, join.to: added},
            elsewhere={**owner.elsewhere, **_places(part, route, join)},
        )


def _places(part: Resource, route: Route, join: Join) -> Mapping[Route, Location]:
    """Where the joined part is written, by routes of its owner."""
    if part.location is None:
        return {}
    places = {route: part.location}
    for inner, line in part.lines.items():
        if not join.value:
            places[(*route, *inner)] = Location(part.location.path, line)
    return places


def _without(properties: Mapping[str, Value], key: str) -> Value:
    return {name: value for name, value in properties.items() if name != key}


def _each(value: Value) -> Iterator[Value]:
    if isinstance(value, tuple):
        yield from value
    elif value is not None:
        yield value
