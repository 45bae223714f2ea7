"""What the intrinsic functions of JSONPath states compute (Step Functions guide, "Intrinsic functions")."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import random
import re
from collections.abc import Callable
from typing import Any

from untangle.simulate.machine.failure import text_of

Random = random.Random  # seeded: the same run draws the same numbers
_OPEN, _CLOSE = "\ue000", "\ue001"  # escaped braces in the template of States.Format
_MOST = 1000  # entries that States.ArrayRange may make
_CHARACTERS = 10_000  # that the functions for Base64 and hashes take
ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class Misuse(Exception):
    """A function was called with what it does not take."""


def uuid(source: Random) -> str:
    """A version 4 UUID from a seeded source."""
    digits = f"{(source.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62)) | (0x4 << 76) | (0x2 << 62):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _exactly(values: list[Any], *kinds: type | tuple[type, ...]) -> list[Any]:
    if len(values) != len(kinds):
        raise Misuse(f"{len(kinds)} arguments are needed, {len(values)} were given")
    for value, kind in zip(values, kinds, strict=True):
        numeric = kind is not object and kind is not bool and isinstance(value, bool)
        if numeric or not isinstance(value, kind):
            raise Misuse(f"the argument {text_of(value)[:80]} is of the wrong type")
    return values


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else text_of(value)


def _shown(value: Any) -> str:
    """A value in a text, as the service shows it: objects and arrays not as JSON but as Java prints them."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(inner) for inner in value) + "]"
    return _plain(value)


def _rounded(value: float) -> int:
    """The nearest integer, halves up."""
    return value if isinstance(value, int) else math.floor(value + 0.5)


def _format(values: list[Any], _: Random) -> str:
    if not values or not isinstance(values[0], str):
        raise Misuse("the first argument must be a template string")
    parts = values[0].split("{}")
    if len(parts) != len(values):
        raise Misuse(f"the template has {len(parts) - 1} places for {len(values) - 1} values")
    text = parts[0] + "".join(_shown(value) + part for value, part in zip(values[1:], parts[1:], strict=True))
    return text.replace(_OPEN, "{").replace(_CLOSE, "}")


def _parse(values: list[Any], _: Random) -> Any:
    (text,) = _exactly(values, str)
    try:
        return json.loads(text) if text.strip() else None
    except (ValueError, RecursionError) as error:
        raise Misuse(f"the text is not JSON: {text[:80]}") from error


def _partition(values: list[Any], _: Random) -> list[list[Any]]:
    items, size = _exactly(values, list, (int, float))
    if int(size) < 1:
        raise Misuse("the size of a chunk must be a positive integer")
    return [items[at : at + int(size)] for at in range(0, len(items), int(size))]


def _range(values: list[Any], _: Random) -> list[int]:
    first, last, step = (_rounded(value) for value in _exactly(values, (int, float), (int, float), (int, float)))
    if step == 0:
        raise Misuse("the step cannot be 0")
    found = range(first, last + (1 if step > 0 else -1), step)
    if len(found) > _MOST:
        raise Misuse(f"the range has more than {_MOST} entries")
    return list(found)


def _item(values: list[Any], _: Random) -> Any:
    items, place = _exactly(values, list, int)
    if not 0 <= place < len(items):
        raise Misuse(f"the index {place} is out of bounds")
    return items[place]


def _first_of_each(items: list[Any]) -> list[Any]:
    found: dict[str, Any] = {}
    for item in items:
        found.setdefault(json.dumps(item, sort_keys=True), item)
    return list(found.values())


def _encode(values: list[Any], _: Random) -> str:
    (text,) = _exactly(values, str)
    if len(text) > _CHARACTERS:
        raise Misuse(f"the text has more than {_CHARACTERS} characters")
    return base64.b64encode(text.encode()).decode()


def _decode(values: list[Any], _: Random) -> str:
    (text,) = _exactly(values, str)
    if len(text) > _CHARACTERS:
        raise Misuse(f"the text has more than {_CHARACTERS} characters")
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Misuse(f"the text is not Base64: {text[:80]}") from error


def digest(value: Any, algorithm: object) -> str:
    """The hash of a text (of its JSON, for other values), in hexadecimal digits; raises `Misuse` for an unknown algorithm."""
    if algorithm not in ALGORITHMS:
        raise Misuse(f"the algorithm must be one of {', '.join(ALGORITHMS)}")
    return hashlib.new(ALGORITHMS[str(algorithm)], _plain(value).encode(), usedforsecurity=False).hexdigest()


def _hash(values: list[Any], _: Random) -> str:
    if len(values) != 2:
        raise Misuse("2 arguments are needed")
    if len(_plain(values[0])) > _CHARACTERS:
        raise Misuse(f"the data has more than {_CHARACTERS} characters")
    return digest(*values)


def _merge(values: list[Any], _: Random) -> dict[str, Any]:
    first, second, deep = _exactly(values, dict, dict, bool)
    if deep:
        raise Misuse("only shallow merging is supported")
    return {**first, **second}


def _random(values: list[Any], source: Random) -> int:
    if len(values) not in (2, 3) or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        raise Misuse("two or three numbers are needed")
    first, end = _rounded(values[0]), _rounded(values[1])
    if first >= end:
        raise Misuse("the start must be less than the end")
    return (random.Random(values[2]) if len(values) == 3 else source).randrange(first, end)  # noqa: S311


def _add(values: list[Any], _: Random) -> int:
    first, second = (_rounded(value) for value in _exactly(values, (int, float), (int, float)))
    return first + second


def _split(values: list[Any], _: Random) -> list[str]:
    text, characters = _exactly(values, str, str)
    parts = re.split("[" + re.escape(characters) + "]", text) if characters else [text]
    return [part for part in parts if part]


def _contains(values: list[Any], _: Random) -> bool:
    items, value = _exactly(values, list, object)
    return any(item == value and isinstance(item, bool) == isinstance(value, bool) for item in items)


FUNCTIONS: dict[str, Callable[[list[Any], Random], Any]] = {
    "Format": _format,
    "StringToJson": _parse,
    "JsonToString": lambda values, _: text_of(*_exactly(values, object)),
    "Array": lambda values, _: values,
    "ArrayPartition": _partition,
    "ArrayContains": _contains,
    "ArrayRange": _range,
    "ArrayGetItem": _item,
    "ArrayLength": lambda values, _: len(_exactly(values, list)[0]),
    "ArrayUnique": lambda values, _: _first_of_each(_exactly(values, list)[0]),
    "Base64Encode": _encode,
    "Base64Decode": _decode,
    "Hash": _hash,
    "JsonMerge": _merge,
    "MathRandom": _random,
    "MathAdd": _add,
    "StringSplit": _split,
    "UUID": lambda values, source: uuid(source),
}
