"""One resource of two: the declared id and what the template says; what it leaves unknown the live thing tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from untangle.assemble.join.things import FUNCTION, NAMES
from untangle.assemble.world import Atlas
from untangle.model.resource import Resource, Route
from untangle.model.value import Concat, Either, Imported, Ref, Stored, Symbol, Value

MAX_DEPTH = 32


def merged(declared: Resource, live: Resource, atlas: Atlas) -> Resource:
    """The declared resource with the live one's ARN, attributes and name, and its literal values where `atlas` knows none.

    What only the account tells is noted in `filled`. Environment variables that the template sets nowhere are the deployer's
    own, and are taken too. A literal of the template stands, whatever is deployed: that is drift. Only the name is the live
    one, by which others call the thing as it is now.
    """
    filled: set[Route] = set()
    properties = dict(_filled(declared.properties, live.properties, atlas, (), filled))
    name = NAMES.get(declared.type)
    if name is not None and properties.get(name) != live.get(name) and isinstance(live.get(name), str):
        properties[name] = live.get(name)
        filled.add((name,))
    if declared.type == FUNCTION:
        _fill_environment(properties, live, filled)
    return replace(
        declared,
        properties=properties,
        attributes={**declared.attributes, **live.attributes},
        deployed=live.deployed or live.id,
        filled=frozenset(filled),
    )


def _fill_environment(properties: dict[str, Value], live: Resource, filled: set[Route]) -> None:
    """The variables that are set only in the account."""
    held = live.get("Environment", "Variables")
    environment = properties.get("Environment")
    declared = environment.get("Variables") if isinstance(environment, Mapping) else None
    if not isinstance(held, Mapping) or not (declared is None or isinstance(declared, Mapping)):
        return
    variables = dict(declared or {})
    for key, value in held.items():
        if key not in variables and isinstance(value, str):
            variables[key] = value
            filled.add(("Environment", "Variables", key))
    if variables:
        properties["Environment"] = {**(environment if isinstance(environment, Mapping) else {}), "Variables": variables}


def _filled(
    declared: Mapping[str, Value], live: Mapping[str, Value], atlas: Atlas, route: Route, filled: set[Route]
) -> Mapping[str, Value]:
    """Each unknown text or number that has a literal counterpart, replaced by it; mappings on both sides are gone into."""
    found: dict[str, Value] = {}
    for key, value in declared.items():
        known = live.get(key)
        at = (*route, key)
        if isinstance(value, Mapping) and isinstance(known, Mapping) and len(route) < MAX_DEPTH:
            found[key] = _filled(value, known, atlas, at, filled)
        elif isinstance(known, str | int | float | Ref) and is_open(value, atlas):
            found[key] = known
            filled.add(at)
        else:
            found[key] = value
    return found


def is_open(value: Value, atlas: Atlas) -> bool:
    """Whether a template does not say what a value is: it is not a literal, and it points at no resource of the scan."""
    return _is_open(atlas.follow(value), 0)


def _is_open(value: Value, depth: int) -> bool:
    if isinstance(value, Concat):
        return depth < MAX_DEPTH and any(_is_open(part, depth + 1) for part in value.parts)
    return isinstance(value, Symbol | Imported | Stored | Either)


def repointed(resource: Resource, ids: Mapping[str, str]) -> Resource:
    """A live resource whose pointers at joined things point at what these have become."""
    properties = _repointed(resource.properties, ids, 0)
    return replace(resource, properties=properties) if isinstance(properties, Mapping) else resource


def _repointed(value: Value, ids: Mapping[str, str], depth: int) -> Value:
    if isinstance(value, Ref):
        return Ref(ids.get(value.resource, value.resource), value.attribute)
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return {key: _repointed(inner, ids, depth + 1) for key, inner in value.items()}
    if depth < MAX_DEPTH and isinstance(value, tuple):
        return tuple(_repointed(inner, ids, depth + 1) for inner in value)
    return value
