"""From what the interpreter knows to the model's own values and shapes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from untangle.model.shape import ANY_ELEMENT, DECODED, Shape
from untangle.model.value import Concat, Either, Env, Received, Stored, Symbol, Value, show
from untangle.scanners.code.python.domain import (
    Abstract,
    Client,
    DictOf,
    Encoded,
    Foreign,
    FromMessage,
    Function,
    Instance,
    Library,
    ListOf,
    Member,
    OneOf,
    SdkObject,
    options,
)

_DEPTH = 8
_WIDTH = 60
_EXPRESSIONS = Concat | Either | Env | Received | Stored | Symbol


def value_of(value: Abstract, depth: int = 0) -> Value:
    """The model's value. Containers become mappings and tuples; what is not data becomes a Symbol."""
    if value is None or isinstance(value, bool | int | float | str | _EXPRESSIONS):
        return value
    if isinstance(value, FromMessage):
        return Received(message_path(value), value.path)
    if isinstance(value, Member):
        return value.text
    if depth > _DEPTH:
        return Symbol("…")
    if isinstance(value, OneOf):
        return _choice(value, depth)
    if isinstance(value, Encoded):
        return value_of(value.value, depth)
    if isinstance(value, DictOf):
        if not value.entries and value.base is not None:
            return value_of(value.base, depth)
        return {_key(key): value_of(inner, depth + 1) for key, inner in list(value.entries.items())[:_WIDTH]}
    if isinstance(value, ListOf):
        return tuple(value_of(inner, depth + 1) for inner in value.items[:_WIDTH])
    return Symbol(describe(value))


def _choice(value: OneOf, depth: int) -> Value:
    found = [value_of(option, depth + 1) for option in value.options]
    if any(option is not None for option in found):
        found = [option for option in found if option is not None]
    plain: list[Value] = []
    for option in found:
        for inner in option.options if isinstance(option, Either) else (option,):
            if inner not in plain:
                plain.append(inner)
    return plain[0] if len(plain) == 1 else Either(tuple(plain))


def describe(value: Abstract) -> str:
    """A short readable name of something that is not data."""
    if isinstance(value, Library | Foreign):
        return value.name
    if isinstance(value, Client):
        return f"{value.service} client"
    if isinstance(value, SdkObject):
        return f"{value.service}.{value.kind}"
    if isinstance(value, Instance):
        return value.cls.name
    if isinstance(value, Function):
        return value.name
    return type(value).__name__.lower()


def message_path(value: FromMessage) -> str:
    """A path into the message as code would write it: `event['Records'][*]['body']()['id']`."""
    steps = ("[*]" if step == ANY_ELEMENT else "()" if step == DECODED else f"['{step}']" for step in value.path)
    return value.name + "".join(steps)


def shape_of(value: Abstract, depth: int = 0) -> Shape:
    """The shape of a message with this value."""
    if depth > _DEPTH:
        return Shape()
    if isinstance(value, OneOf):
        return _merged(value, depth)
    if isinstance(value, Encoded):
        inner = shape_of(value.value, depth + 1)
        return _with(inner, encoded=True)
    if isinstance(value, DictOf):
        return _object(value, depth)
    if isinstance(value, ListOf):
        items = [shape_of(item, depth + 1) for item in value.items[:_WIDTH]]
        return Shape(kind="array", items=_join(items) if items else None)
    return _scalar(value)


def _object(value: DictOf, depth: int) -> Shape:
    known = [(str(key), inner) for key, inner in value.entries.items() if isinstance(key, str | int)][:_WIDTH]
    properties = {key: shape_of(inner, depth + 1) for key, inner in known}
    source = value_of(value.base) if value.base is not None else None
    more = value.open or value.has_others or value.base is not None or len(known) < len(value.entries)
    return Shape(kind="object", properties=properties, open=more, source=source)


def _key(key: Hashable) -> str:
    return show(key) if isinstance(key, _EXPRESSIONS) else str(key)


def _scalar(value: Abstract) -> Shape:
    if isinstance(value, bool):
        return Shape(kind="boolean", constant=value)
    if isinstance(value, int | float):
        return Shape(kind="integer" if isinstance(value, int) else "number", constant=value)
    if isinstance(value, str):
        return Shape(kind="string", constant=value)
    if isinstance(value, Concat | Env | Stored):
        return Shape(kind="string", source=value)
    if value is None:
        return Shape(kind="null")
    known = value_of(value)
    return Shape(kind="any", open=True, source=known if isinstance(known, Received | Symbol) else None)


def _with(shape: Shape, *, encoded: bool) -> Shape:
    return Shape(
        kind=shape.kind,
        properties=shape.properties,
        items=shape.items,
        constant=shape.constant,
        source=shape.source,
        open=shape.open,
        encoded=encoded,
    )


def _merged(value: OneOf, depth: int) -> Shape:
    texts = {option.path[:-1] for option in value.options if isinstance(option, FromMessage) and option.path[-1:] == (DECODED,)}
    told = [option for option in value.options if not (isinstance(option, FromMessage) and option.path in texts)]
    found = [shape_of(option, depth + 1) for option in told if option is not None]
    return _join(found) if found else Shape(kind="null")


def _join(shapes: list[Shape]) -> Shape:
    """One shape that holds for each of several: differing keys leave it open."""
    first, *rest = shapes
    for other in rest:
        if other == first:
            continue
        if first.kind == other.kind == "object" and first.encoded == other.encoded:
            first = _join_objects(first, other)
        elif first.encoded and other.encoded:
            first = Shape(open=True, encoded=True)
        else:
            kind = first.kind if first.kind == other.kind else "any"
            first = Shape(kind=kind, open=True, encoded=first.encoded and other.encoded)
    return first


def _join_objects(first: Shape, other: Shape) -> Shape:
    names = [*first.properties, *(name for name in other.properties if name not in first.properties)]
    properties: dict[str, Shape] = {}
    for name in names:
        both = [shape.properties[name] for shape in (first, other) if name in shape.properties]
        properties[name] = _join(both)
    missing = first.properties.keys() != other.properties.keys()
    source = first.source if first.source == other.source else None
    return Shape(
        kind="object", properties=properties, open=missing or first.open or other.open, encoded=first.encoded, source=source
    )


def brief(value: Value, limit: int = 70) -> str:
    """A value for a note, cut short."""
    text = show(value) if not isinstance(value, str) else f"'{value}'"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def text_of(value: Abstract) -> str | None:
    """The literal text of a value; None where it is not one text."""
    found = [option for option in options(value) if option is not None]
    return found[0] if len(found) == 1 and isinstance(found[0], str) else None


def at_path(value: Value, path: str) -> Value:
    """What stands at a dotted path in a value of mappings and tuples; None where nothing is known there."""
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, tuple) and step.isdigit():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value
