"""Inputs that people have written down beside their code: example events, example files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_SKIPPED = frozenset({"node_modules", ".git", ".venv", "venv", "__pycache__", "dist", "build", ".aws-sam", "expected"})
_LARGEST = 100_000  # bytes
_MOST = 5_000  # entries of folders that are looked at
_NOT_INPUT = frozenset({"package.json", "package-lock.json", "tsconfig.json", "cdk.json", "samconfig.json"})


def files(root: Path, ending: str) -> Iterator[tuple[str, bytes]]:
    """Small files below the root whose names end so, by relative path, those of a folder before those below it."""
    folders, seen = [root], 0
    while folders:
        folder = folders.pop(0)
        try:
            inside = sorted(folder.iterdir())
        except OSError:
            continue
        for path in inside:
            seen += 1
            if seen > _MOST:
                return
            if path.is_symlink() or path.name.startswith(".") or path.name in _SKIPPED:
                continue
            if path.is_dir():
                folders.append(path)
            elif path.name.endswith(ending) and path.name not in _NOT_INPUT and path.stat().st_size <= _LARGEST:
                yield path.relative_to(root).as_posix(), path.read_bytes()


def events(root: Path, type: str) -> Iterator[tuple[str, Any]]:
    """JSON files that hold an event of this trigger's form, by relative path."""
    for name, text in files(root, ".json"):
        try:
            event = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, Mapping) and form_of(event) == type:
            yield name, event


_SOURCES = {
    "aws:sqs": "sqs", "aws:s3": "s3", "aws:dynamodb": "dynamodb_stream", "aws:kinesis": "kinesis", "aws:sns": "sns"
}  # fmt: skip


def form_of(event: Mapping[str, Any]) -> str:
    """The type of trigger that an event is of, by its fields; "" for none that is known."""
    records = event.get("Records")
    if isinstance(records, list) and records and isinstance(records[0], Mapping):
        return _SOURCES.get(str(records[0].get("eventSource", records[0].get("EventSource", ""))), "")
    if "detail-type" in event and "detail" in event:
        return "eventbridge"
    if "requestContext" in event or "httpMethod" in event:
        return "apigateway"
    return ""
