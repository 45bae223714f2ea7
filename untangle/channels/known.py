"""Property values as links keep them: plain JSON, in which `${name}` marks what no template says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from untangle.channels.channel import World
from untangle.channels.text import hole_name
from untangle.model.value import Concat, Ref, Value, alternatives, scalar_text

MAX_DEPTH = 32
# Ref and GetAtt Arn of these are one and the same text.
REF_IS_ARN = frozenset({"AWS::StepFunctions::StateMachine", "AWS::SNS::Topic", "AWS::EventsV2::EventBus"})


def plain(world: World, value: Value, depth: int = 0) -> Value:
    """The value as plain JSON; every part that is not known becomes `${its name}`, so that it can still be compared."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {key: plain(world, inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(world, inner, depth + 1) for inner in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    text = world.text(value)
    if text is not None:
        return text
    if isinstance(value, Concat):
        return "".join(str(plain(world, part, depth + 1)) for part in value.parts)
    if isinstance(value, Ref):
        return f"${{{_resource_name(world, value)}}}"
    return f"${{{hole_name(value)}}}"


def _resource_name(world: World, ref: Ref) -> str:
    resource = world.resource(ref.resource)
    if ref.attribute == "Arn" and resource is not None and resource.type in REF_IS_ARN:
        return ref.resource
    return hole_name(ref)


def decoded(world: World, value: Value) -> Value:
    """A property that is JSON or JSON text (policies, patterns), as plain JSON; None where it is neither."""
    ready = plain(world, value)
    if not isinstance(ready, str):
        return ready
    try:
        return _frozen(json.loads(ready), 0)
    except (ValueError, RecursionError):
        return None


def _frozen(data: object, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(data, dict):
        return {str(key): _frozen(inner, depth + 1) for key, inner in data.items()}
    if isinstance(data, list):
        return tuple(_frozen(inner, depth + 1) for inner in data)
    return data if data is None or isinstance(data, bool | int | float | str) else str(data)


def number(world: World, value: Value) -> int | None:
    """A whole number, written as one or as text; None where it is not known or not one."""
    text = None if isinstance(value, bool) or value is None else world.text(value)
    try:
        return int(text) if text is not None and len(text) < 20 else None
    except ValueError:
        return None


def flag(world: World, value: Value) -> bool | None:
    """A boolean, written as one or as text; None where it is not known."""
    text = scalar_text(value) if isinstance(value, bool) else world.text(value) if value is not None else None
    return {"true": True, "false": False}.get((text or "").lower())


def each(value: Value) -> Iterator[tuple[int, Value, str | None]]:
    """The items of a list (or a single value), conditions followed both ways: index, item, condition."""
    for listed, when in alternatives(value):
        for index, item in enumerate(listed if isinstance(listed, tuple) else (listed,)):
            for option, deeper in alternatives(item):
                if option is not None:
                    yield index, option, deeper or when


def inner(value: Value, *route: str) -> Value:
    """The value at a route of keys; None where it is absent."""
    for key in route:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def reference(written: Value) -> Value:
    """A pointer inside JSON text comes back as `${id.Arn}`: the pointer again; any other value as it is."""
    if isinstance(written, str) and written.startswith("${") and written.endswith("}") and "/" in written:
        id, _, attribute = written[2:-1].rpartition(".") if written.endswith(".Arn}") else (written[2:-1], "", "")
        return Ref(id, attribute)
    return written
