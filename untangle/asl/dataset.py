"""What a distributed Map reads, batches and writes: ItemReader, ItemBatcher and ResultWriter.

Source: Step Functions guide, "ItemReader (Map)", "ItemBatcher (Map)" and "ResultWriter (Map)".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.asl.diagnostic import RESOURCE, SCHEMA, Diagnostic, closest
from untangle.asl.fields import JSONATA
from untangle.asl.jsonata import is_jsonata
from untangle.asl.jsonpath import reference_problem
from untangle.asl.scope import Scope, is_open

_ENUMERATIONS: Mapping[str, tuple[str, ...]] = {
    "InputType": ("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"),
    "CSVHeaderLocation": ("FIRST_ROW", "GIVEN"),
    "CSVDelimiter": ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
    "OutputType": ("JSON", "JSONL"),
    "ManifestType": ("ATHENA_DATA", "S3_INVENTORY"),
}
_ACTIONS = {"ItemReader": ("getObject", "listObjectsV2"), "ResultWriter": ("putObject",)}
_COUNTED = ("MaxItems", "MaxItemsPerBatch", "MaxInputBytesPerBatch")
_READER = {*_ENUMERATIONS, "CSVHeaders", "MaxItems", "MaxItemsPath", "ItemsPointer", "Transformation"} - {"OutputType"}
_WRITER = {"OutputType", "Transformation"}
_BATCHER = {"BatchInput", "MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}


def dataset_problems(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """What is wrong with the fields of a Map that say where its items come from and where results go."""
    given = "Arguments" if scope.language == JSONATA else "Parameters"
    for field, config, fields in (("ItemReader", "ReaderConfig", _READER), ("ResultWriter", "WriterConfig", _WRITER)):
        if field not in state:
            continue
        inner, value = scope.at(field), state[field]
        if not isinstance(value, Mapping):
            yield inner.problem(SCHEMA, f"{field} must be an object")
            continue
        yield from inner.unknown(value, ("Resource", given, config, "Comment"), field)
        if "Resource" in value:
            yield from _resource(inner, value["Resource"], _ACTIONS[field])
        elif field == "ItemReader" or given in value or not value:
            yield inner.problem(SCHEMA, f"{field} needs a Resource", "Resource")
        if config in value:
            yield from _config(inner.at(config), value[config], fields, config)
    if "ItemBatcher" in state:
        inner, value = scope.at("ItemBatcher"), state["ItemBatcher"]
        yield from _config(inner, value, _BATCHER, "ItemBatcher")
        if isinstance(value, Mapping) and not any(name.startswith("Max") for name in map(str, value)):
            yield inner.problem(SCHEMA, "ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch")


def _resource(scope: Scope, value: object, actions: tuple[str, ...]) -> Iterator[Diagnostic]:
    action = value.rpartition(":::s3:")[2] if isinstance(value, str) else value
    if action not in actions and not is_open(value):
        right = " or ".join(f"arn:aws:states:::s3:{name}" for name in actions)
        yield scope.problem(RESOURCE, f"the Resource here is {right}, not {value!r}", "Resource")


def _config(scope: Scope, value: object, fields: set[str], what: str) -> Iterator[Diagnostic]:
    if not isinstance(value, Mapping):
        yield scope.problem(SCHEMA, f"{what} must be an object")
        return
    yield from scope.unknown(value, fields, what)
    for name, options in _ENUMERATIONS.items():
        if name in value and name in fields and value[name] not in options and not is_jsonata(value[name]):
            hint = closest(value[name], options)
            yield scope.problem(SCHEMA, f"{name} must be one of {', '.join(options)}, not {value[name]!r}", name, hint=hint)
    for name in _COUNTED:
        yield from _count(scope, name, value)
    if what == "WriterConfig" and "OutputType" not in value:
        yield scope.problem(SCHEMA, "WriterConfig needs an OutputType", "OutputType")
    if value.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in value:
        yield scope.problem(SCHEMA, "CSVHeaderLocation GIVEN needs CSVHeaders", "CSVHeaders")


def _count(scope: Scope, name: str, value: Mapping[str, Any]) -> Iterator[Diagnostic]:
    path = f"{name}Path"
    if name in value and path in value:
        yield scope.problem(SCHEMA, f"{name} and {path} exclude each other", path)
    if path in value:
        wrong = reference_problem(value[path]) if isinstance(value[path], str) else f"{path} must be a path"
        if scope.language == JSONATA:
            wrong = f"{path} belongs to JSONPath states, this one is JSONata; write {name}"
        if wrong:
            yield scope.problem(SCHEMA, wrong, path)
    number = value.get(name)
    if name in value and not (scope.language == JSONATA and is_jsonata(number)):
        least = 0 if name == "MaxItems" else 1
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            yield scope.problem(SCHEMA, f"{name} must be a whole number of at least {least}, not {number!r}", name)
