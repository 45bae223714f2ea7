"""Text put together from parts: f-strings, `%`, `format`, `join`, and the methods of strings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from untangle.model.value import ACCOUNT, REGION, Concat, Either, Env, Received, Stored, Symbol, Value, concat
from untangle.scanners.code.python.domain import Abstract, Arguments, DictOf, FromMessage, ListOf, OneOf
from untangle.scanners.code.python.export import value_of

_TEXTS = (str, Concat, Env, Received, Stored, Symbol, FromMessage)


def joined(parts: Sequence[Abstract], instead: Symbol) -> Abstract:
    """The text of all parts in a row; `instead` stands for a part that is no text (a container, an object)."""
    values: list[Value] = []
    for part in parts:
        if part is None:
            values.append("None")
        elif isinstance(part, bool | int | float | Concat | Env | Stored | Symbol | str | Received | FromMessage | OneOf):
            values.append(value_of(part))
        else:
            values.append(instead)
    result = concat([value if _is_plain(value) else instead for value in values])
    return OneOf(result.options) if isinstance(result, Either) else result


def _is_plain(value: Value) -> bool:
    """Whether a value may stand in a text: no container, nor a choice of them."""
    if isinstance(value, Either):
        return all(_is_plain(option) for option in value.options)
    return not isinstance(value, tuple | Mapping)


_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]*[\d*]*(?:\.\d+)?[hlL]?([diouxXeEfFgGcrsa%])")
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(?:![rsa])?(?::[^{}]*)?\}")


def percent(template: str, given: Abstract, instead: Symbol) -> Abstract:
    """`template % given`."""
    items = list(given.items) if isinstance(given, ListOf) and not given.open else [given]
    parts: list[Abstract] = []
    position = 0
    for match in _PERCENT.finditer(template):
        parts.append(template[position : match.start()])
        position = match.end()
        if match[2] == "%":
            parts.append("%")
        elif match[1] is not None:
            parts.append(given.entries.get(match[1], instead) if isinstance(given, DictOf) else instead)
        else:
            parts.append(items.pop(0) if items else instead)
    return joined([*parts, template[position:]], instead)


def braces(template: str, arguments: Arguments, instead: Symbol) -> Abstract:
    """`template.format(...)`."""
    parts: list[Abstract] = []
    position = count = 0
    for match in _BRACES.finditer(template):
        parts.append(template[position : match.start()])
        position = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
            continue
        name = match[1]
        if name == "":
            name, count = str(count), count + 1
        known = arguments.get(name, int(name) if name.isdigit() else None, instead)
        parts.append(known)
    return joined([*parts, template[position:]], instead)


_SAME = frozenset(
    [
        "strip",
        "rstrip",
        "lstrip",
        "encode",
        "decode",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "expandtabs",
        "zfill",
        "removesuffix",
    ]
)
_LITERAL = frozenset(
    [
        "strip",
        "rstrip",
        "lstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "replace",
        "startswith",
        "endswith",
        "removeprefix",
        "removesuffix",
        "zfill",
        "isdigit",
        "isalpha",
        "swapcase",
        "casefold",
        "count",
        "find",
    ]
)


def method(text: Abstract, name: str, arguments: Arguments, instead: Symbol, join: Callable[[Abstract], Abstract]) -> Abstract:
    """What a method of a text gives. Those that keep what the text names (strip, lower, decode) keep an unknown text."""
    if name in ("encode", "decode"):
        return text
    if name == "format" and isinstance(text, str):
        return braces(text, arguments, instead)
    if name == "join":
        return _join(text, arguments.get("iterable", 0), instead, join)
    if name in ("split", "rsplit"):
        return _split(text, arguments, instead)
    if name in ("partition", "rpartition"):
        return ListOf([instead, arguments.get("sep", 0, ""), instead])
    if isinstance(text, str) and name in _LITERAL:
        given = arguments.all()
        if all(isinstance(value, str | int) for value in given):
            try:
                result: Abstract = getattr(str, name)(text, *given)
            except (TypeError, ValueError):
                return instead
            return result
        if name == "replace":
            return _replace(text, given, instead)
    if isinstance(text, FromMessage | Env | Concat | Stored) and name in _SAME:
        return text
    if isinstance(text, Concat) and name == "startswith":
        lead, prefix = text.parts[0], arguments.get("prefix", 0)
        if isinstance(lead, str) and isinstance(prefix, str) and (len(lead) >= len(prefix) or not prefix.startswith(lead)):
            return lead.startswith(prefix)
    return instead


def _replace(text: str, given: list[Abstract], instead: Symbol) -> Abstract:
    old = given[0] if given else None
    if len(given) < 2 or not isinstance(old, str) or not old:
        return instead
    parts: list[Abstract] = []
    for i, piece in enumerate(text.split(old)):
        parts.extend([given[1], piece] if i else [piece])
    return joined(parts, instead)


def _join(separator: Abstract, given: Abstract, instead: Symbol, element: Callable[[Abstract], Abstract]) -> Abstract:
    if isinstance(given, ListOf) and not given.open:
        parts: list[Abstract] = []
        for i, item in enumerate(given.items):
            parts.extend([separator, item] if i else [item])
        return joined(parts, instead)
    return instead


# Where the fields of an ARN stand, for code that takes its own ARN apart.
_ARN_FIELDS: dict[int, Value] = {0: "arn", 3: REGION, 4: ACCOUNT}


def _split(text: Abstract, arguments: Arguments, instead: Symbol) -> Abstract:
    """The pieces of a text. The last piece of an unknown ARN or URL is its name and stands for the same thing."""
    separator = arguments.get("sep", 0)
    if isinstance(text, str) and (separator is None or (isinstance(separator, str) and separator)):
        return ListOf(list(text.split(separator)))
    if isinstance(text, Env | Stored | FromMessage) and separator in (":", "/"):
        fields: list[Abstract] = [_ARN_FIELDS.get(i, instead) if separator == ":" else instead for i in range(5)]
        return ListOf([*fields, text], open=True)
    return ListOf([instead], open=True)


def is_text(value: Abstract) -> bool:
    """Whether the methods of a string may be asked of a value."""
    return isinstance(value, _TEXTS)
