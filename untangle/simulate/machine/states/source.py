"""ItemReader: the data set in S3 that a distributed Map reads its items from (Step Functions guide, "ItemReader (Map)")."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from untangle.simulate.machine.failure import StateFailure
from untangle.simulate.machine.states.ask_service import ask_service
from untangle.simulate.machine.states.number import number_of
from untangle.simulate.machine.strand import Work
from untangle.simulate.machine.task import TaskFailure
from untangle.simulate.machine.visit import Visit

_MOST = 100_000_000
_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


@dataclass(frozen=True, slots=True)
class Reader:
    """What to read: the resource, its arguments, the configuration, and how many items at most (0: all)."""

    resource: str
    arguments: Mapping[str, Any]
    config: Mapping[str, Any]
    most: int


def reader_of(visit: Visit, value: Any) -> Reader:
    """The ItemReader of a Map, evaluated."""
    said = visit.state["ItemReader"]
    if visit.jsonata:
        arguments = visit.ask(said.get("Arguments", {}), "ItemReader/Arguments")
        config = visit.ask(said.get("ReaderConfig", {}), "ItemReader/ReaderConfig")
        return Reader(said["Resource"], arguments, config, int(config.get("MaxItems", 0)))
    config = said.get("ReaderConfig", {})
    most = config.get("MaxItems", 0)
    if "MaxItemsPath" in config:
        path = config["MaxItemsPath"]
        most = number_of(visit, visit.at(path, value), "MaxItemsPath", "integer", path)
    return Reader(said["Resource"], visit.fill(said.get("Parameters", {}), value), config, int(most))


def read(visit: Visit, reader: Reader) -> Work:
    """The items; raises `States.ItemReaderFailed`."""
    if reader.most < 0:
        raise _failed("field MaxItems must be positive")
    if reader.resource.endswith(":listObjectsV2"):
        items = yield from _listed(visit, reader)
    else:
        answer = yield from _asked(visit, reader, "getObject", reader.arguments)
        items = _parsed(str(answer.get("Body", "")), reader.config)
    return items[: reader.most or _MOST]


def _asked(visit: Visit, reader: Reader, action: str, arguments: Mapping[str, Any]) -> Work:
    answer = yield from ask_service(visit, reader.resource, action, arguments)
    if isinstance(answer, TaskFailure):
        raise _failed(answer.cause or answer.error or "")
    return answer


def _listed(visit: Visit, reader: Reader) -> Work:
    found: list[Any] = []
    arguments = dict(reader.arguments)
    while True:
        answer = yield from _asked(visit, reader, "listObjectsV2", arguments)
        found += answer.get("Contents", [])
        if not answer.get("IsTruncated") or not answer.get("NextContinuationToken"):
            return found
        arguments["ContinuationToken"] = answer["NextContinuationToken"]


def _parsed(text: str, config: Mapping[str, Any]) -> list[Any]:
    kind = config.get("InputType", "JSON")
    if kind == "CSV":
        return _table(text, config)
    if kind not in ("JSON", "JSONL"):
        raise _failed(f"InputType {kind} is not read here: JSON, JSONL and CSV are")
    try:
        if kind == "JSONL":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _failed("The data set is not valid JSON.") from error
    for name in str(config.get("ItemsPointer", "")).split("/")[1:]:
        key = name.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, dict) else None
    if isinstance(found, dict) and config.get("ItemsPointer"):
        return [{"Key": key, "Value": value} for key, value in found.items()]
    if not isinstance(found, list):
        raise _failed("Attempting to map over non-iterable node.")
    return found


def _table(text: str, config: Mapping[str, Any]) -> list[Any]:
    """Rows as objects by the headers; cells without a header are dropped, headers without a cell are empty."""
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=_DELIMITERS[config.get("CSVDelimiter", "COMMA")]) if row]
    if config.get("CSVHeaderLocation") == "GIVEN":
        headers = list(config["CSVHeaders"])
    else:
        headers, rows = (rows[0], rows[1:]) if rows else ([], [])
    if len(set(headers)) < len(headers):
        raise _failed("CSV headers cannot contain duplicates.")
    return [dict(zip(headers, [*row, *[""] * len(headers)], strict=False)) for row in rows]


def _failed(cause: str) -> StateFailure:
    return StateFailure("States.ItemReaderFailed", cause)
