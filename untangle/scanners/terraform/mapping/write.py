"""Writing one resource's attributes as CloudFormation's properties, by its table.

What goes where is noted on the way, so that every property knows the line on which its attribute is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.model.resource import Route
from untangle.model.value import Either, Symbol, Value, concat
from untangle.scanners.terraform.json_text import structure
from untangle.scanners.terraform.mapping.table import As, Document, Fields, Json, Many, One, Prefix, Row
from untangle.scanners.terraform.mapping.text import documented

MAX_DEPTH = 24
# Where an attribute stood, and where its property stands.
Move = tuple[Route, Route]


class Properties:
    """The properties of one resource while they are written. `scope` is the resource's id."""

    def __init__(self, scope: str) -> None:
        self.values: dict[str, Value] = {}
        self.moves: list[Move] = []
        self._scope = scope

    def write(self, attributes: Mapping[str, Value], fields: Fields) -> None:
        """Writes all fields that the attributes hold."""
        self._fields(self.values, (), attributes, (), fields, 0)

    def _fields(
        self, into: dict[str, Value], at: Route, given: Mapping[str, Value], source: Route, fields: Fields, depth: int
    ) -> None:
        for name, field in fields.items():
            value = given.get(name)
            # The provider's framework takes an empty text for an argument that is not given.
            if value is None or value == "" or value == () or depth > MAX_DEPTH:
                continue
            here = (*source, name)
            if isinstance(field, One):
                self._one(into, at, value, here, field, depth)
            elif isinstance(field, Many):
                self._many(into, at, value, here, field, depth)
            elif isinstance(field, Row):
                self._add(into, at, field.to, field.make(value), here)
            elif isinstance(field, str):
                self._put(into, at, field, value, here)
            elif isinstance(field, Json):
                found = structure(value)
                to = field.other if field.other and not isinstance(found, Mapping | tuple | Either) else field.to
                self._put(into, at, to, found, here)
            elif isinstance(field, Document):
                self._put(into, at, field.to, documented(value), here)
            elif isinstance(field, Prefix):
                self._put(into, at, field.to, concat([value, Symbol(f"{name} suffix", self._scope)]), here, weak=True)
            elif isinstance(field, As):
                self._put(into, at, field.to, field.make(value), here)

    def _one(self, into: dict[str, Value], at: Route, value: Value, source: Route, field: One, depth: int) -> None:
        if isinstance(value, tuple):
            value, source = value[0], (*source, 0)
        if isinstance(value, Either):
            options = tuple(self._inner(option, field.fields, depth) for option in value.options)
            self._put(into, at, field.to, Either(options, value.conditions), source)
            return
        if not isinstance(value, Mapping):
            if field.to:
                self._put(into, at, field.to, value, source)
            return
        target, route = _enter(into, at, field.to)
        self.moves.append((source, route))
        self._fields(target, route, value, source, field.fields, depth + 1)

    def _inner(self, value: Value, fields: Fields, depth: int) -> Value:
        """A block that a condition chooses, without lines of its own."""
        if isinstance(value, tuple):
            value = value[0] if value else None
        if not isinstance(value, Mapping):
            return value
        inner: dict[str, Value] = {}
        kept = self.moves
        self.moves = []
        self._fields(inner, (), value, (), fields, depth + 1)
        self.moves = kept
        return inner

    def _many(self, into: dict[str, Value], at: Route, value: Value, source: Route, field: Many, depth: int) -> None:
        for key, item in _items(value):
            here = source if key is None else (*source, key)
            if isinstance(item, Either):
                options = tuple(_under(field.under, self._inner(option, field.fields, depth)) for option in item.options)
                self._add(into, at, field.to, Either(options, item.conditions), here)
                continue
            if not isinstance(item, Mapping):
                self._add(into, at, field.to, item, here)
                continue
            written: dict[str, Value] = {}
            route = self._add(into, at, field.to, {field.under: written} if field.under else written, here)
            self._fields(written, (*route, field.under) if field.under else route, item, here, field.fields, depth + 1)

    def _put(self, into: dict[str, Value], at: Route, to: str, value: Value, source: Route, *, weak: bool = False) -> None:
        *outer, name = to.split(".")
        target, route = _enter(into, at, ".".join(outer))
        if value is not None and not (weak and name in target):
            target[name] = value
            self.moves.append((source, (*route, name)))

    def _add(self, into: dict[str, Value], at: Route, to: str, value: Value, source: Route) -> Route:
        *outer, name = to.split(".")
        target, route = _enter(into, at, ".".join(outer))
        listed = target.get(name)
        before = listed if isinstance(listed, tuple) else ()
        target[name] = (*before, value)
        added = (*route, name, len(before))
        self.moves.append((source, added))
        return added


def _under(key: str, item: Value) -> Value:
    return {key: item} if key and item is not None else item


def _items(value: Value) -> Iterator[tuple[int | str | None, Value]]:
    """The items of a repeated block, with their keys in the route."""
    if isinstance(value, tuple):
        yield from enumerate(value)
    else:
        yield None, value


def _enter(into: dict[str, Value], at: Route, to: str) -> tuple[dict[str, Value], Route]:
    """The object at a dotted route below `into`, made where it is missing."""
    for key in to.split(".") if to else ():
        held = into.get(key)
        made = held if isinstance(held, dict) else {}
        into[key] = made
        into, at = made, (*at, key)
    return into, at


def moved_lines(lines: Mapping[Route, int], moves: list[Move]) -> dict[Route, int]:
    """The lines of the attributes, as lines of the properties that were made of them."""
    by_source: dict[Route, list[Route]] = {}
    for source, target in moves:
        by_source.setdefault(source, []).append(target)
    found: dict[Route, int] = {}
    for route, line in sorted(lines.items(), key=lambda item: len(item[0])):
        for end in range(len(route), 0, -1):
            targets = by_source.get(route[:end])
            if targets:
                for target in targets:
                    found[target + route[end:]] = line
                break
    return found
