"""The API's spelling of request parameters that an SDK spells in its language's way."""

from __future__ import annotations

from untangle.scanners.code.lowered.things import Items, Options, Record, Thing

SDK = "sdk:"  # with what the types of records begin that are requests or parts of requests
MAX_DEPTH = 8
# Services whose parameters begin with a small letter.
_SMALL = frozenset(
    {"stepfunctions", "ecs", "logs", "batch", "codebuild", "codepipeline", "iot-data", "bedrock", "bedrock-runtime"}
)


def spelled(service: str, thing: Thing, depth: int = 0) -> Thing:
    """A request in the API's spelling. Only `SDK` records are respelled: keys of other records are the user's own."""
    if depth > MAX_DEPTH:
        return thing
    if isinstance(thing, Options):
        return Options(tuple(spelled(service, option, depth + 1) for option in thing.all))
    if isinstance(thing, Items):
        return Items([spelled(service, element, depth + 1) for element in thing.elements], thing.open)
    if isinstance(thing, Record) and thing.made_by is None:
        own = thing.type.startswith(SDK)
        fields = {
            (spell(service, key) if own else key): spelled(service, value, depth + 1) for key, value in thing.fields.items()
        }
        computed = [(key, spelled(service, value, depth + 1)) for key, value in thing.computed]
        return Record(fields, thing.open, None, computed, thing.depth, thing.type)
    return thing


def spell(service: str, key: str) -> str:
    """One parameter's name as the API writes it."""
    if service in _SMALL:
        return key[:1].lower() + key[1:]
    return key[:1].upper() + key[1:]
