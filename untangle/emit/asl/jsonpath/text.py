"""The words of JSONPath: paths, calls of intrinsic functions, payload templates.

Rules: Amazon States Language, "Intrinsic Functions" (inside of a text, `'`, `{`, `}` and a backslash stand behind a backslash)
and "Payload Template" (a key that ends in `.$` holds a path or a call).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from untangle.channels.envelope.form import Unsupported

# Stands in expressions for the path of the effect at hand, which is known only where the state is written.
EFFECT = "\ue000"

_SUBSTITUTION = re.compile(r"(\$\{[A-Za-z0-9]+\})")
_RESERVED = re.compile(r"([\\'{}])")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Expression(str):
    """A path or the call of an intrinsic function, as against a text that is meant as it stands."""

    __slots__ = ()


def of_effect(*steps: str) -> Expression:
    """A path below the effect at hand."""
    return Expression(EFFECT + "".join(step_of(step) for step in steps))


def step_of(name: str) -> str:
    """One step of a path. Raises `Unsupported` for a name that no path can hold."""
    if _NAME.match(name):
        return f".{name}"
    if "'" in name or "\\" in name:
        raise Unsupported(f"the name {name!r} cannot be written in a JSONPath")
    return f"['{name}']"


def call(function: str, *arguments: Expression | str | int) -> Expression:
    """The call of an intrinsic function; a text that is no expression is an argument as it stands."""
    written = (quoted(item) if isinstance(item, str) and not isinstance(item, Expression) else str(item) for item in arguments)
    return Expression(f"States.{function}({', '.join(written)})")


def quoted(text: str) -> str:
    """A text as an argument; substitutions (`${Name}`) are filled in before the service reads it and stay as they are."""
    parts = _SUBSTITUTION.split(text)
    return "'" + "".join(part if index % 2 else _RESERVED.sub(r"\\\1", part) for index, part in enumerate(parts)) + "'"


def part(text: Expression | str, separator: str, index: int) -> Expression:
    """One part of a text that is split."""
    return call("ArrayGetItem", call("StringSplit", text, separator), index)


def template(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A payload template: keys of expressions get their `.$`. Raises `Unsupported` for a key that would be taken for one."""
    found: dict[str, Any] = {}
    for key, value in fields.items():
        if key.endswith(".$"):
            raise Unsupported(f"the key {key!r} means something else in a payload template")
        found[f"{key}.$" if isinstance(value, Expression) else key] = _inner(value)
    return found


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping):
        return template(value)
    if isinstance(value, list | tuple):
        return [_element(item) for item in value]
    return value


def _element(value: Any) -> Any:
    if isinstance(value, Expression):
        raise Unsupported("an array that holds a bare path cannot be written as a payload template")
    return _inner(value)


def placed(value: Any, effect: str) -> Any:
    """A template or choice rule in which the effect at hand stands at `effect`."""
    if isinstance(value, Mapping):
        return {key: placed(inner, effect) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [placed(inner, effect) for inner in value]
    return str(value).replace(EFFECT, effect) if isinstance(value, str) else value
