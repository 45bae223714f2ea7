"""The parts of an address, and what stands below a part of a document in which finished values may stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from untangle.model.value import Either, Expression, Symbol, parts_of, scalar_text
from untangle.scanners.document import Map, Seq
from untangle.scanners.serverless_framework.placeholders import Placeholder

# A node of a document in which finished values (model/value.py) may stand.
Found = Any
# Nothing stands there. Compared by identity, never leaves this package.
MISSING = Symbol("-", "-")


def below(node: Found, segment: Found) -> Found:
    """What stands at one key or index of a node; MISSING where nothing does."""
    if isinstance(node, Map):
        return node.get(segment, MISSING) if isinstance(segment, str) else MISSING
    if (
        isinstance(node, Seq)
        and isinstance(segment, str)
        and segment.isascii()
        and segment.isdigit()
        and int(segment) < len(node)
    ):
        return node[int(segment)]
    return MISSING


def cut(address: str) -> Iterator[str]:
    """An address at the dots that stand in no placeholder."""
    depth, start = 0, 0
    for at, character in enumerate(address):
        depth += (character == "{") - (character == "}")
        if character == "." and depth == 0:
            yield address[start:at]
            start = at + 1
    yield address[start:]


def texts(value: Found) -> Iterator[tuple[str, str]]:
    """The texts that a value may be, each with its condition."""
    if isinstance(value, Either):
        for i, option in enumerate(value.options):
            if isinstance(option, str):
                yield option, value.conditions[i] if i < len(value.conditions) else ""
    elif isinstance(value, str):
        yield value, ""


def size(value: Found) -> int:
    """The length of a text, its unknown parts counted as one; of a choice, that of all of it."""
    if isinstance(value, Either):
        return sum(size(option) for option in value.options)
    return sum(len(part) if isinstance(part, str) else 1 for part in parts_of(value))


def as_text(value: Found, piece: str | Placeholder) -> Found:
    """A value as a part of a longer text; a mapping or a list can be none."""
    if value is None or isinstance(value, Expression) or scalar_text(value) is not None:
        return "" if value is None else value
    return Symbol(piece if isinstance(piece, str) else piece.text, "")
