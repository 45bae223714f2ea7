"""Shapes and reads as JSON Schema 2020-12, each property with `x-untangle`: who says so, file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from untangle.model.location import Location
from untangle.model.shape import ANY_ELEMENT, DECODED, Path, Read, Shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_DEEPEST = 30
Schema = dict[str, Any]


def produced(shape: Shape, place: Location | None, depth: int = 0) -> Schema:
    """The schema of what a producer writes: literal keys, types and constants, as far as the code shows them."""
    schema: Schema = {}
    if shape.kind in _TYPES:
        schema["type"] = shape.kind
    if shape.encoded and depth:
        schema = {"type": "string", "contentMediaType": "application/json"}
        if shape.properties or shape.items is not None:
            schema["contentSchema"] = _inner(shape, place, depth)
        return schema
    return {**schema, **_inner(shape, place, depth)}


def _inner(shape: Shape, place: Location | None, depth: int) -> Schema:
    schema: Schema = {}
    if shape.constant is not None:
        schema["examples"] = [shape.constant]
    if depth >= _DEEPEST:
        return schema
    if shape.properties:
        schema["type"] = "object"
        schema["properties"] = {name: produced(inner, place, depth + 1) for name, inner in sorted(shape.properties.items())}
        for inner in schema["properties"].values():
            _say(inner, "produced", place)
    if shape.items is not None:
        schema["type"] = "array"
        schema["items"] = produced(shape.items, place, depth + 1)
    return schema


def require(schema: Schema, reads: Iterable[tuple[Path, Read]]) -> None:
    """Adds what a consumer reads to a schema: the path as properties, `required` where a missing key would raise."""
    for path, read in reads:
        here = schema
        for step in path[:_DEEPEST]:
            here = _down(here, step, read)
        if here is not schema:
            _say(here, "required" if read.required else "read", read.location)


def _down(schema: Schema, step: str, read: Read) -> Schema:
    if step == DECODED:
        schema["type"] = "string"
        schema["contentMediaType"] = "application/json"
        inner: Schema = schema.setdefault("contentSchema", {})
        return inner
    if step == ANY_ELEMENT:
        schema["type"] = "array"
        items: Schema = schema.setdefault("items", {})
        return items
    schema["type"] = "object"
    if read.required:
        schema["required"] = sorted({*schema.get("required", ()), step})
    properties: dict[str, Schema] = schema.setdefault("properties", {})
    found = properties.setdefault(step, {})
    schema["properties"] = dict(sorted(properties.items()))
    return found


def _say(schema: Schema, role: str, place: Location | None) -> None:
    if place is not None:
        provenance: dict[str, list[str]] = schema.setdefault("x-untangle", {})
        provenance[role] = sorted({*provenance.get(role, ()), str(place)})


def merged(schemas: list[Schema]) -> Schema:
    """One schema for what several calls write: the keys of all of them, with the provenance of each."""
    first: Schema = {}
    pending: list[tuple[Schema, Schema]] = [(first, schema) for schema in schemas]
    while pending:
        into, other = pending.pop(0)
        for key, value in other.items():
            if key == "type" and into.get("type", value) != value:
                known = into["type"] if isinstance(into["type"], list) else [into["type"]]
                more = value if isinstance(value, list) else [value]
                into["type"] = sorted({*known, *more})
            elif key in ("properties", "x-untangle") and isinstance(value, Mapping):
                _merge_named(into.setdefault(key, {}), value, pending)
            elif key in ("items", "contentSchema"):
                pending.append((into.setdefault(key, {}), value))
            elif key == "examples":
                into[key] = [*into.get(key, []), *(item for item in value if item not in into.get(key, []))]
            else:
                into.setdefault(key, value)
    return first


def _merge_named(into: dict[str, Any], value: Mapping[str, Any], pending: list[tuple[Schema, Schema]]) -> None:
    for name, inner in value.items():
        if isinstance(inner, list):
            into[name] = sorted({*into.get(name, []), *inner})
        else:
            pending.append((into.setdefault(name, {}), inner))
