"""Functions of texts. Those that work character by character do so on the known parts of a text too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from untangle.model.value import ACCOUNT, PARTITION, REGION, Concat, Expression, Value, parts_of, scalar_text
from untangle.model.value import split as split_value
from untangle.scanners.terraform.functions.format import format_text, formatlist
from untangle.scanners.terraform.functions.patterns import compiled
from untangle.scanners.terraform.operators import number
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.unknowns import MAX_TEXT, TooMuch, Wrong, is_known, text_of, unknown


def text(value: Value) -> str:
    """A known text. Raises Wrong for what has none."""
    found = scalar_text(value)
    if found is None:
        raise Wrong("null, lists and objects have no text")
    return found


def _substr(value: Value, offset: Value, length: Value) -> Value:
    whole, start, count = text(value), int(number(offset)), int(number(length))
    start = max(len(whole) + start, 0) if start < 0 else start
    return whole[start:] if count < 0 else whole[start : start + count]


def _regex(pattern: Value, value: Value) -> Value:
    subject = text(value)
    found = compiled(text(pattern), subject).search(subject)
    if found is None:
        raise Wrong("the pattern is not found")
    return _captured(found)


def _captured(found: re.Match[str]) -> Value:
    if found.groupdict():
        return dict(found.groupdict())
    return tuple(found.groups()) if found.groups() else found[0]


def _regexall(pattern: Value, value: Value) -> Value:
    subject = text(value)
    return tuple(_captured(found) for found in compiled(text(pattern), subject).finditer(subject))


def _indent(spaces: Value, value: Value) -> Value:
    width = min(int(number(spaces)), 1000)
    return text(value).replace("\n", "\n" + " " * width)


def _title(value: Value) -> Value:
    return re.sub(r"(?<![^\W_'])[^\W\d_]", lambda found: found[0].upper(), text(value))


KNOWN: Mapping[str, Callable[..., Value]] = {
    "chomp": lambda value: text(value).rstrip("\r\n"),
    "indent": _indent,
    "regex": _regex,
    "regexall": _regexall,
    "strcontains": lambda value, part: text(part) in text(value),
    "strrev": lambda value: text(value)[::-1],
    "substr": _substr,
    "trim": lambda value, characters: text(value).strip(text(characters)),
}


def _replace(scope: Scope, arguments: Sequence[Value]) -> Value:
    value, old, new = arguments
    if not isinstance(old, str) or not is_known(new):
        return unknown(scope.id, "replace", *arguments)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        if not is_known(value):
            return unknown(scope.id, "replace", *arguments)
        template = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", text(new).replace("\\", r"\\"))
        return compiled(old[1:-1], text(value)).sub(template, text(value))
    replacement = text(new)
    if len(replacement) * sum(part.count(old) for part in parts_of(value) if isinstance(part, str)) > MAX_TEXT:
        raise TooMuch("a text is too long")
    return _parts(scope, "replace", value, lambda part: part.replace(old, replacement), old, new)


def _parts(scope: Scope, name: str, value: Value, then: Callable[[str], str], *others: Value) -> Value:
    """Applies a function to each known part of a text; an unknown one is the function of it."""
    kept = (REGION, ACCOUNT, PARTITION) if name == "lower" else ()
    return text_of(
        [
            unknown(scope.id, name, part, *others) if isinstance(part, Expression) and part not in kept else _whole(part, then)
            for part in parts_of(value)
        ]
    )


def _whole(part: Value, then: Callable[[str], str]) -> Value:
    return part if isinstance(part, Expression) else then(text(part))


def _lower(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _parts(scope, "lower", arguments[0], str.lower)


def _upper(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _parts(scope, "upper", arguments[0], str.upper)


def _titled(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _parts(scope, "title", arguments[0], lambda part: text(_title(part)))


def _trimspace(scope: Scope, arguments: Sequence[Value]) -> Value:
    parts = list(parts_of(arguments[0]))
    if len(parts) == 1:
        return parts[0] if isinstance(parts[0], Expression) else text(parts[0]).strip()
    if isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return text_of(parts)


def _trimprefix(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _without(scope, "trimprefix", arguments, 0)


def _trimsuffix(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _without(scope, "trimsuffix", arguments, -1)


def _without(scope: Scope, name: str, arguments: Sequence[Value], end: int) -> Value:
    """A text without what it begins or ends with, where that end of it is known."""
    parts = list(parts_of(arguments[0]))
    edge, affix = parts[end], arguments[1]
    if isinstance(edge, Expression) or not isinstance(affix, str) or (len(text(edge)) < len(affix) and len(parts) > 1):
        return unknown(scope.id, name, *arguments)
    parts[end] = text(edge).removesuffix(affix) if end else text(edge).removeprefix(affix)
    return text_of(parts)


def _startswith(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _edge(scope, "startswith", arguments, 0)


def _endswith(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _edge(scope, "endswith", arguments, -1)


def _edge(scope: Scope, name: str, arguments: Sequence[Value], end: int) -> Value:
    parts, affix = parts_of(arguments[0]), arguments[1]
    edge = parts[end]
    if isinstance(edge, Expression) or not isinstance(affix, str):
        return unknown(scope.id, name, *arguments)
    known = text(edge)
    if len(parts) > 1 and len(known) < len(affix):
        possible = affix.endswith(known) if end else affix.startswith(known)
        return unknown(scope.id, name, *arguments) if possible else False
    return known.endswith(affix) if end else known.startswith(affix)


def _split(scope: Scope, arguments: Sequence[Value]) -> Value:
    """The fields up to and including the first that holds an unknown part; those after it are unknown themselves."""
    separator, value = arguments
    if not isinstance(separator, str) or not separator or isinstance(value, tuple | Mapping) or value is None:
        return unknown(scope.id, "split", *arguments) if separator else tuple(text(value))
    fields = split_value(
        value if isinstance(value, Concat) else value if isinstance(value, Expression) else text(value), separator
    )
    done: list[Value] = []
    for i, field in enumerate(fields):
        if any(_may_hold(part, separator) for part in parts_of(field)):
            if len(fields) == 1:
                return unknown(scope.id, "split", *arguments)
            return (*done, field, *(unknown(scope.id, "split", *arguments, j) for j in range(i + 1, len(fields))))
        done.append(field)
    return tuple(done)


def _may_hold(part: Value, separator: str) -> bool:
    if part in (ACCOUNT, PARTITION) or (part == REGION and separator != "-"):
        return False
    return isinstance(part, Expression)


def _format(scope: Scope, arguments: Sequence[Value]) -> Value:
    return format_text(scope, arguments)


def _templatestring(scope: Scope, arguments: Sequence[Value]) -> Value:
    """The rendered text of a template; each unknown part of the template stays as it is."""
    template, names = arguments
    if not isinstance(template, str) or not isinstance(names, Mapping):
        return unknown(scope.id, "templatestring", *arguments)
    scope.spend(1 + len(template) // 1000)
    return scope.rendered(template, names)


PARTIAL: Mapping[str, Callable[[Scope, Sequence[Value]], Value]] = {
    "endswith": _endswith,
    "format": _format,
    "formatlist": formatlist,
    "lower": _lower,
    "replace": _replace,
    "split": _split,
    "startswith": _startswith,
    "templatestring": _templatestring,
    "title": _titled,
    "trimprefix": _trimprefix,
    "trimspace": _trimspace,
    "trimsuffix": _trimsuffix,
    "upper": _upper,
}
