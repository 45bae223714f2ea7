"""JSON texts that have unknown parts: written by `jsonencode`, read back into the structure they hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from untangle.model.value import Concat, Either, Expression, Value, parts_of, show
from untangle.scanners.terraform.operators import whole
from untangle.scanners.terraform.unknowns import Wrong, over, text_of, unknown

# Characters of Unicode's private use area stand for the unknown parts: in a text, and where a value is expected.
_INSIDE, _BARE, _CLOSE = "\ue000", "\ue001", "\ue002"
_TOKEN = re.compile(rf'"(?:[^"\\]|\\.)*"|{_INSIDE}\d+{_CLOSE}', re.DOTALL)
_PLACE = re.compile(rf"[{_INSIDE}{_BARE}](\d+){_CLOSE}")
Load = Callable[[str], Any]


def encode(scope: str, value: Value) -> Value:
    """The JSON text of a value, its unknown parts in their places; keys are sorted, as Terraform does."""
    return text_of(list(_encoded(scope, value)))


def _encoded(scope: str, value: Value) -> Iterator[Value]:
    if isinstance(value, Mapping):
        yield "{"
        for i, key in enumerate(sorted(value)):
            yield ("," if i else "") + _text(key) + ":"
            yield from _encoded(scope, value[key])
        yield "}"
    elif isinstance(value, tuple):
        yield "["
        for i, item in enumerate(value):
            yield "," if i else ""
            yield from _encoded(scope, item)
        yield "]"
    elif isinstance(value, Either):
        yield over(value, lambda option: encode(scope, option))
    elif isinstance(value, Expression):
        yield '"'
        for part in parts_of(value):
            yield _text(part)[1:-1] if isinstance(part, str) else _inner(scope, part)
        yield '"'
    else:
        yield _text(value)


def _text(value: str | int | float | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _inner(scope: str, part: Value) -> Value:
    """A part of a text as it stands between the quotes of a JSON text."""
    if isinstance(part, Either):
        return over(part, lambda option: _inner(scope, option))
    if isinstance(part, str):
        return _text(part)[1:-1]
    return unknown(scope, "jsonencode", part) if isinstance(part, tuple | Mapping) else part


def structure(value: Value, *, yaml: bool = False) -> Value:
    """What a JSON text holds: a text that is JSON becomes mappings, tuples and scalars, its unknown parts kept as values.

    `"${aws_sqs_queue.q.arn}"` inside becomes the `Ref` itself, a text around it a `Concat`. Options of an `Either` are read one
    by one. What is no text (a mapping, as policy documents evaluate to) or no JSON is returned as it is. With `yaml`, a text
    that is a YAML mapping or list is read too.
    """
    if isinstance(value, Either):
        return over(value, lambda option: structure(option, yaml=yaml))
    if not isinstance(value, str | Concat):
        return value
    parts = parts_of(value)
    if any(isinstance(part, str) and (_INSIDE in part or _BARE in part) for part in parts):
        return value
    marked = "".join(part if isinstance(part, str) else f"{_INSIDE}{i}{_CLOSE}" for i, part in enumerate(parts))
    found = _loaded(marked, _json)
    if found is None and yaml:
        found = _loaded(marked, _yaml)
    return value if found is None else _restored(found[0], parts)


def _loaded(marked: str, load: Load) -> tuple[Any] | None:
    try:
        return (load(marked),)
    except (ValueError, RecursionError):
        return None


def _json(marked: str) -> Any:
    return json.loads(_TOKEN.sub(_as_text, marked), strict=False)


def _as_text(found: re.Match[str]) -> str:
    token = found[0]
    return token if token.startswith('"') else f'"{token.replace(_INSIDE, _BARE)}"'


def _yaml(marked: str) -> Any:
    from untangle.scanners.document.yaml_reader import read_yaml

    document = read_yaml(marked)
    if document.broken or not isinstance(document.root, dict | list):
        raise ValueError
    return document.root


def _restored(found: Any, parts: tuple[Value, ...]) -> Value:
    if isinstance(found, dict):
        return {_key(key, parts): _restored(inner, parts) for key, inner in found.items()}
    if isinstance(found, list):
        return tuple([_restored(item, parts) for item in found])
    if isinstance(found, float):
        return _number(found)
    if not isinstance(found, str) or _CLOSE not in found:
        return found
    pieces = [parts[int(piece)] if i % 2 else piece for i, piece in enumerate(_PLACE.split(found))]
    text = text_of(pieces)
    return structure(text) if found.startswith(_BARE) else text


def _number(value: float) -> Value:
    try:
        return whole(value)
    except Wrong:
        return None


def _key(key: str, parts: tuple[Value, ...]) -> str:
    return _PLACE.sub(lambda found: show(parts[int(found[1])]), key) if _CLOSE in key else key
