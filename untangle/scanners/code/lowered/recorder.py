"""Turns an SDK request that the interpreter meets into `Call`s: batches taken apart, shapes and texts kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from untangle.model.code import Call, Guard
from untangle.model.location import Location
from untangle.model.value import Value, show
from untangle.scanners.code.lowered.things import (
    Items,
    Message,
    Options,
    Record,
    Thing,
    Unknown,
    join,
    options,
    to_shape,
    to_value,
)
from untangle.scanners.code.operations import ALSO_TARGETS, Operation, effects, operation
from untangle.scanners.code.places import Or, Way

MAX_TEXT = 110


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and under what a request is made."""

    location: Location
    guards: tuple[Guard, ...]
    many: bool
    batch: bool = False  # the loops around it go over the records of the event, and over nothing else
    mediated: str | None = None
    dropped: bool = False  # nothing is done with what it answers, nor with what it raises


def calls(service: str, name: str, parameters: Thing, at: Circumstances) -> Iterator[tuple[Call, Way]]:
    """The writes that one request makes, each with which of them it is; none for an operation that writes to no channel."""
    found = operation(service, name)
    if found is None:
        return
    for number, option in enumerate(options(parameters)):
        for call, way in _of_request(found, option, at):
            yield call, (Or(number), *way)


def _of_request(found: Operation, parameters: Thing, at: Circumstances) -> Iterator[tuple[Call, Way]]:
    if found.name == "BatchWriteItem":
        yield from _tables(found, parameters, at)
        return
    if found.name == "DeleteObjects":
        yield from _objects(found, parameters, at)
        return
    yield from _effects(found, parameters, at)
    if found.entries is None:
        yield _call(found, _fields(parameters), at, many=False), ()
        return
    common = {key: value for key, value in _fields(parameters).items() if key != found.entries}
    listed = _fields(parameters).get(found.entries)
    for entry, many, way in _entries(listed):
        fields = {**common, **_fields(entry)}
        if found.name == "TransactWriteItems":
            fields = _transaction(fields)
        yield _call(found, fields, at, many=many), way


def _entries(listed: Thing) -> Iterator[tuple[Thing, bool, Way]]:
    """The entries of a batch, each with whether there may be any number of its kind, and with which of them it is."""
    for which, option in enumerate(options(listed)):
        if isinstance(option, Items) and option.elements:
            yield from ((element, option.open, (Or(which), i)) for i, element in enumerate(option.elements))
        else:
            yield Unknown(), True, (Or(which),)


def _transaction(fields: dict[str, Thing]) -> dict[str, Thing]:
    for kind in ("Put", "Update", "Delete"):
        if kind in fields:
            return {kind: fields[kind], **_fields(fields[kind])}
    return fields


def _tables(found: Operation, parameters: Thing, at: Circumstances) -> Iterator[tuple[Call, Way]]:
    requests = _fields(parameters).get("RequestItems")
    for option in options(requests):
        if not isinstance(option, Record):
            yield _call(found, {}, at, many=True), ()
            continue
        pairs: list[tuple[Thing, Thing]] = [*option.fields.items(), *option.computed]
        for table, listed in pairs:
            for entry, _, way in _entries(listed):
                fields = {
                    "TableName": table,
                    **{kind: value for kind, value in _fields(entry).items() if kind.endswith("Request")},
                }
                yield _call(found, fields, at, many=True), way


def _objects(found: Operation, parameters: Thing, at: Circumstances) -> Iterator[tuple[Call, Way]]:
    fields = _fields(parameters)
    bucket = fields.get("Bucket")
    for entry, many, way in _entries(_fields(fields.get("Delete")).get("Objects")):
        yield _call(found, {"Bucket": bucket, **_fields(entry)}, at, many=many), way


def _effects(found: Operation, parameters: Thing, at: Circumstances) -> Iterator[tuple[Call, Way]]:
    """What the outside service of a job writes to when it is done."""
    for effect in effects(found):
        value = _at(parameters, effect.path.split("."))
        target = operation(effect.service, effect.operation)
        if value is None or target is None:
            continue
        arguments: dict[str, Value] = {
            effect.target: _bucket_of(to_value(value)) if effect.target == "Bucket" else to_value(value)
        }
        text = f"{found.service}.{found.name}({effect.path}={show(arguments[effect.target])})"
        call = Call(
            service=effect.service,
            operation=effect.operation,
            location=at.location,
            text=text[:MAX_TEXT],
            arguments=arguments,
            multiplicity=_multiplicity(at, many=False),
            per_record=_per_record(at, many=False),
            guards=at.guards,
            mediated=found.mediated,
        )
        yield call, ()


def _bucket_of(value: Value) -> Value:
    if isinstance(value, str) and value.startswith("s3://"):
        return value[5:].split("/")[0]
    return value


def _call(found: Operation, fields: Mapping[str, Thing], at: Circumstances, *, many: bool) -> Call:
    arguments = {key: to_value(value) for key, value in fields.items()}
    for alternative in ALSO_TARGETS.get((found.service, found.name), ()):
        if found.target not in arguments and alternative in arguments:
            arguments[found.target] = arguments[alternative]
    if "." in found.target:
        nested = _at(Record(dict(fields)), found.target.split("."))
        if nested is not None:
            arguments[found.target] = to_value(nested)
    target = arguments.get(found.target)
    text = (
        f"{found.service}.{found.name}({found.target}={show(target)})"
        if target is not None
        else f"{found.service}.{found.name}(…)"
    )
    payload = fields.get(found.payload) if found.payload else None
    return Call(
        service=found.service,
        operation=found.name,
        location=at.location,
        text=text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…",
        arguments=arguments,
        payload=None if payload is None else to_shape(payload),
        multiplicity=_multiplicity(at, many=many),
        per_record=_per_record(at, many=many),
        guards=at.guards,
        mediated=at.mediated or found.mediated,
        answered=False if at.dropped and (at.mediated or found.mediated) else None,
    )


def _multiplicity(at: Circumstances, *, many: bool) -> str:
    if at.many or many:
        return "many"
    return "maybe" if at.guards else "one"


def _per_record(at: Circumstances, *, many: bool) -> str:
    if many or not (at.many and at.batch):
        return ""
    return "maybe" if at.guards else "one"


def _fields(thing: Thing) -> dict[str, Thing]:
    """The fields of an object; of several possible ones, each field with all its values. "**" stands for those not seen."""
    if isinstance(thing, Record):
        return {**thing.fields, "**": Unknown("…")} if thing.open else thing.fields
    if isinstance(thing, Message):
        return {**thing.assigned, "**": Unknown("…")}
    if isinstance(thing, Options):
        parts = [_fields(option) for option in thing.all]
        keys = dict.fromkeys(key for part in parts for key in part)
        return {key: join(part[key] for part in parts if key in part) for key in keys}
    return {}


def _at(thing: Thing, route: list[str]) -> Thing:
    for step in route:
        if isinstance(thing, Items):
            thing = thing.elements[int(step)] if step.isdigit() and int(step) < len(thing.elements) else None
        else:
            thing = _fields(thing).get(step)
    return thing
