"""What is wrong in state machine definitions, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from untangle.asl import Diagnostic
from untangle.emit.wording import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """A definition that was checked: its file as the user would name it, its resource in a template, what is wrong in it."""

    file: str
    address: str | None
    found: tuple[Diagnostic, ...]


def as_json(checked: Sequence[Linted]) -> str:
    """One list of `{file, code, severity, message, pointer, line}`, and `hint` and `resource` where there are any."""
    rows = [_row(item, diagnostic) for item in checked for diagnostic in item.found]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _row(item: Linted, diagnostic: Diagnostic) -> dict[str, object]:
    row: dict[str, object] = {
        "file": item.file,
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "pointer": diagnostic.pointer,
        "line": diagnostic.line,
    }
    more = {"hint": diagnostic.hint, "resource": item.address}
    return row | {key: value for key, value in more.items() if value is not None}


def as_text(checked: Sequence[Linted]) -> str:
    """A line per diagnostic, as compilers write it: `file:line: error CODE: message (pointer)`; then how many there are."""
    lines = [_line(item, diagnostic) for item in checked for diagnostic in item.found]
    counts = Counter(diagnostic.severity for item in checked for diagnostic in item.found)
    said = ", ".join(_number(counts[severity], severity) for severity in ("error", "warning") if counts[severity])
    total = _number(len(checked), "definition")
    return "\n".join([*lines, f"{total} checked: {said or 'nothing is wrong'}"]) + "\n"


def _line(item: Linted, found: Diagnostic) -> str:
    place = item.file if found.line is None else f"{item.file}:{found.line}"
    inside = " ".join(text for text in (item.address, found.pointer) if text)
    hint = f"; did you mean {found.hint}?" if found.hint and found.hint not in found.message else ""
    return clean(f"{place}: {found.severity} {found.code}: {found.message}{hint}{f'  ({inside})' if inside else ''}")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
