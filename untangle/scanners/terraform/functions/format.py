"""`format` and `formatlist`: verbs as in Go, with values that may not be known.

Source: the documentation of `format` in the function reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from untangle.model.value import Expression, Value, scalar_text
from untangle.scanners.terraform.json_text import encode
from untangle.scanners.terraform.operators import number
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.unknowns import MAX_TEXT, TooMuch, Wrong, text_of, truth, unknown

_VERB = re.compile(r"%([-+ #0]*)(\d*)(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z%])")
_MAX_WIDTH = 1000


def format_text(scope: Scope, arguments: Sequence[Value]) -> Value:
    """`format(pattern, values…)`. Raises Wrong where verbs and values do not fit."""
    pattern, *values = arguments
    if not isinstance(pattern, str):
        return unknown(scope.id, "format", *arguments)
    parts: list[Value] = []
    last = position = 0
    for found in _VERB.finditer(pattern):
        parts.append(pattern[last : found.start()])
        last = found.end()
        if found[5] == "%":
            parts.append("%")
            continue
        position = int(found[4]) - 1 if found[4] else position
        if not 0 <= position < len(values):
            raise Wrong("format has more verbs than values")
        parts.append(_formatted(scope, found, values[position]))
        position += 1
    parts.append(pattern[last:])
    if sum(len(part) for part in parts if isinstance(part, str)) > MAX_TEXT:
        raise TooMuch("a text is too long")
    return text_of(parts)


def _formatted(scope: Scope, verb: re.Match[str], value: Value) -> Value:
    flags, width, precision, kind = verb[1], verb[2], verb[3], verb[5]
    if max(int(width or 0), int(precision or 0)) > _MAX_WIDTH:
        raise TooMuch("a text is too wide")
    if isinstance(value, Expression):
        plain = kind in "sv" and not width and not precision
        return value if plain else text_of(['"', value, '"']) if kind == "q" else unknown(scope.id, "format", verb[0], value)
    text = _spelled(scope, kind, flags, precision, value)
    if not isinstance(text, str):
        return text
    if "-" in flags:
        return text.ljust(int(width or 0))
    return text.zfill(int(width or 0)) if "0" in flags else text.rjust(int(width or 0))


def _spelled(scope: Scope, kind: str, flags: str, precision: str | None, value: Value) -> Value:
    sign = "+" if "+" in flags else " " if " " in flags else ""
    if kind in "dbox X":
        return format(int(number(value)), sign + kind)
    if kind in "eEfgG":
        return format(number(value), f"{sign}.{precision or 6}{kind}") if precision or kind != "g" else str(number(value))
    if kind == "t":
        return str(truth(value)).lower()
    if kind == "v" and (value is None or isinstance(value, Mapping | tuple)):
        return encode(scope.id, value)
    text = scalar_text(value)
    if text is None or kind not in "svq":
        raise Wrong(f"%{kind} cannot write this value")
    if kind == "q":
        return json.dumps(text, ensure_ascii=False)
    return text[: int(precision)] if precision else text


def formatlist(scope: Scope, arguments: Sequence[Value]) -> Value:
    """`formatlist(pattern, values…)`: one text for each element of the lists among the values."""
    lists = [value for value in arguments[1:] if isinstance(value, tuple)]
    if not lists:
        known = not any(isinstance(value, Expression) for value in arguments)
        return (format_text(scope, arguments),) if known else unknown(scope.id, "formatlist", *arguments)
    size = len(lists[0])
    if any(len(values) != size for values in lists):
        raise Wrong("formatlist needs lists of one length")
    scope.spend(size)
    return tuple(
        [format_text(scope, [value[i] if isinstance(value, tuple) else value for value in arguments]) for i in range(size)]
    )
