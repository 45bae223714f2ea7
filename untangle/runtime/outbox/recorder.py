"""Record mode: every write that could be a hop is written down, one line of JSON each, and nothing is changed.

`UNTANGLE_RECORD` says where: `stdout`, `stderr` or a file. Of messages only the shape and the size are kept, names of fields and
types of values, as a contract needs them; with `UNTANGLE_RECORD_VALUES=1` the effect itself, values and all.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

VARIABLE, VALUES = "UNTANGLE_RECORD", "UNTANGLE_RECORD_VALUES"
_JSON = ("MessageBody", "Message", "Detail", "Payload", "Input")
_NAMED = (
    "QueueUrl",
    "TopicArn",
    "TargetArn",
    "EventBusName",
    "FunctionName",
    "StreamName",
    "TableName",
    "Bucket",
    "DetailType",
    "Source",
)
_DEEPEST = 16
_lock = threading.Lock()


def log() -> Callable[[Mapping[str, Any]], None] | None:
    """What writes an effect down; None outside of record mode."""
    return _write if os.environ.get(VARIABLE) else None


def _write(effect: Mapping[str, Any]) -> None:
    kept = effect if os.environ.get(VALUES) == "1" else shaped(effect)
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    line = json.dumps({"untangle": "effect", "function": function, **kept}, ensure_ascii=False, default=str) + "\n"
    where = os.environ.get(VARIABLE, "")
    with _lock:
        if where in ("stdout", "stderr"):
            stream = getattr(sys, where)
            stream.write(line)
            stream.flush()
        else:
            with open(where, "a", encoding="utf-8") as file:  # noqa: PTH123 - no path is kept for one line
                file.write(line)


def shaped(effect: Mapping[str, Any]) -> dict[str, Any]:
    """An effect without its values: what names the resource stays, the rest is types. Texts that are JSON are looked into."""
    params = effect["params"]
    named = {name: params[name] for name in _NAMED if isinstance(params.get(name), str)}
    shape = {name: _of_text(value) if name in _JSON else of(value) for name, value in params.items() if name not in named}
    kept = {name: effect[name] for name in ("id", "service", "op", "at", "size") if name in effect}
    return {**kept, "params": named, "shape": shape}


def _of_text(value: Any) -> Any:
    if not isinstance(value, str):
        return of(value)
    try:
        return {"json": of(json.loads(value))}
    except (ValueError, RecursionError):
        return "string"


def of(value: Any, depth: int = 0) -> Any:
    """The shape of a value: the name of its type, its fields, or the shapes of its items, each once."""
    if depth > _DEEPEST:
        return "any"
    if isinstance(value, Mapping):
        return {str(name): of(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        found: list[Any] = []
        for inner in value:
            shape = of(inner, depth + 1)
            if shape not in found:
                found.append(shape)
        return found
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "string"
