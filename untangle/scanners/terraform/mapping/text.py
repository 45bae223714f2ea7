"""OpenAPI definitions in YAML of which some parts are not known, as the structure that they hold.

Templates and heredocs put references into text. The text is read with a mark in the place of each part that is no literal, and
the parts are put back into the strings in which their marks come out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from untangle.model.value import Concat, Either, Value, concat, parts_of, scalar_text, show
from untangle.scanners.terraform.json_text import structure

MAX_DEPTH = 64
# Marks are made of characters for private use; a text that holds those itself is left as it is.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([0-9]{{1,8}}){_CLOSE}")


def documented(value: Value) -> Value:
    """The structure in a JSON or YAML text, the value itself where it is none. Strings keep the unknown parts in their places."""
    if isinstance(value, Either):
        return Either(tuple(documented(option) for option in value.options), value.conditions)
    found = structure(value)
    if not isinstance(found, str | Concat):
        return found
    marked = _marked(value)
    if marked is None:
        return value
    from untangle.scanners.document.read import read_document

    text, parts = marked
    document = read_document(text.encode("utf-8", errors="replace"))
    return _restored(document.root, parts, 0) if isinstance(document.root, dict | list) else value


def _marked(value: Value) -> tuple[str, list[Value]] | None:
    """The text with marks for its unknown parts; None where it is no text of several lines."""
    text: list[str] = []
    parts: list[Value] = []
    for part in parts_of(value):
        literal = scalar_text(part)
        if literal is None:
            text.append(f"{_OPEN}{len(parts)}{_CLOSE}")
            parts.append(part)
        elif _OPEN in literal:
            return None
        else:
            text.append(literal)
    whole = "".join(text)
    return (whole, parts) if "\n" in whole else None


def _restored(data: object, parts: list[Value], depth: int) -> Value:
    if depth > MAX_DEPTH:
        return None
    if isinstance(data, Mapping):
        return {show(_text(str(key), parts)): _restored(inner, parts, depth + 1) for key, inner in data.items()}
    if isinstance(data, list):
        return tuple(_restored(inner, parts, depth + 1) for inner in data)
    if isinstance(data, str):
        return _text(data, parts)
    return data if data is None or isinstance(data, bool | int | float) else str(data)


def _text(text: str, parts: list[Value]) -> Value:
    if _OPEN not in text:
        return text
    pieces: list[Value] = []
    for i, piece in enumerate(_MARK.split(text)):
        pieces.append(parts[int(piece)] if i % 2 and int(piece) < len(parts) else piece)
    known = [piece for piece in pieces if piece != ""]
    return known[0] if len(known) == 1 else concat(known)
