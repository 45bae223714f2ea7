"""The calls of JavaScript's own library that configuration scripts make on literals: paths, texts, lists and objects."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from untangle.model.value import scalar_text
from untangle.scanners.document import Map, Seq

Thing = Any


@dataclass(frozen=True, slots=True)
class Cut:
    """A regular expression that means one plain text, `everywhere` with its flag `g`."""

    text: str
    everywhere: bool


def cut(written: str) -> Cut | None:
    """A regular expression literal without anything special in it; None for any other."""
    body, _, flags = written[1:].rpartition("/")
    plain = re.sub(r"\\(\W)", r"\1", body)
    special = re.search(r"(?<!\\)[.*+?^$()\[\]{}|]|\\\w", body)
    return None if special else Cut(plain, "g" in flags)


def _texts(arguments: list[Thing]) -> list[str] | None:
    found = [scalar_text(argument) for argument in arguments]
    return None if None in found else [str(text) for text in found]


def _joined(arguments: list[Thing]) -> Thing:
    texts = _texts(arguments)
    return None if not texts else posixpath.normpath(posixpath.join(*texts))


def _relative(arguments: list[Thing]) -> Thing:
    texts = _texts(arguments)
    return posixpath.relpath(texts[1], texts[0]) if texts and len(texts) == 2 and all(texts) else None


def _replaced(text: str, arguments: list[Thing]) -> Thing:
    if len(arguments) != 2 or not isinstance(arguments[1], str):
        return None
    what = arguments[0]
    if isinstance(what, Cut):
        return text.replace(what.text, arguments[1], -1 if what.everywhere else 1)
    return text.replace(what, arguments[1], 1) if isinstance(what, str) else None


def _everywhere(text: str, arguments: list[Thing]) -> Thing:
    texts = _texts(arguments)
    return text.replace(texts[0], texts[1]) if texts and len(texts) == 2 else None


def _split(text: str, arguments: list[Thing]) -> Thing:
    mark = arguments[0] if arguments else None
    return Seq(text.split(mark)) if isinstance(mark, str) and mark else None


def _slice(text: str, arguments: list[Thing]) -> Thing:
    bounds = [argument for argument in arguments if isinstance(argument, int)]
    return text[slice(bounds[0], bounds[1] if len(bounds) > 1 else None)] if bounds and len(bounds) == len(arguments) else None


def _merged(arguments: list[Thing]) -> Thing:
    result = Map()
    for argument in arguments:
        if isinstance(argument, Map):
            result.update(argument)
            result.lines.update(argument.lines)
            result.line = argument.line
    return result


def _values(arguments: list[Thing]) -> Thing:
    first = arguments[0] if arguments else None
    return Seq(first.values(), line=first.line, lines=list(first.lines.values())) if isinstance(first, Map) else None


def _keys(arguments: list[Thing]) -> Thing:
    first = arguments[0] if arguments else None
    return (
        Seq(first, line=first.line, lines=[first.lines.get(key, first.line) for key in first]) if isinstance(first, Map) else None
    )


def _put_together(items: Seq, arguments: list[Thing]) -> Thing:
    """`[…].concat(…)`."""
    result = Seq(items, line=items.line, lines=list(items.lines))
    for argument in arguments:
        more = list(argument) if isinstance(argument, Seq) else [argument]
        result += more
        result.lines += argument.lines if isinstance(argument, Seq) else [items.line]
    return result


def _strung(items: Seq, arguments: list[Thing]) -> Thing:
    texts = _texts(list(items))
    mark = arguments[0] if arguments else ","
    return mark.join(texts) if texts is not None and isinstance(mark, str) else None


CALLS: dict[str, Callable[[list[Thing]], Thing]] = {
    "path.join": _joined,
    "join": _joined,
    "path.resolve": _joined,
    "path.posix.join": _joined,
    "path.relative": _relative,
    "relative": _relative,
    "Object.assign": _merged,
    "Object.values": _values,
    "Object.keys": _keys,
}
METHODS: dict[tuple[type, str], Callable[[Any, list[Thing]], Thing]] = {
    (str, "split"): _split,
    (str, "substring"): _slice,
    (str, "substr"): _slice,
    (str, "slice"): _slice,
    (str, "replace"): _replaced,
    (str, "replaceAll"): _everywhere,
    (str, "toLowerCase"): lambda text, _: text.lower(),
    (str, "toUpperCase"): lambda text, _: text.upper(),
    (str, "trim"): lambda text, _: text.strip(),
    (Seq, "concat"): _put_together,
    (Seq, "join"): _strung,
}
