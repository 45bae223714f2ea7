"""Filters of JSONPath, `[?(@.price < 10 && @.kind == 'book')]`, in the dialect of Jayway's library."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from untangle.simulate.machine.failure import Invalid, Undefined

Predicate = Callable[[Any, Any], bool]
Operand = Callable[[Any, Any], Any]
_NOTHING = object()
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<regex>/(?:[^/\\]|\\.)*/[a-z]*)|(?P<sign>&&|\|\||==|!=|<=|>=|=~|<|>|!|\(|\)|\[|\]|,)"
    r"|(?P<word>true|false|null|in|nin|subsetof|anyof|noneof|size|empty|contains)\b|(?P<path>[@$]))"
)
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">", "=~", "in", "nin", "subsetof", "anyof", "noneof", "size", "empty", "contains")


class _Compiled(Protocol):
    def of(self, root: Any) -> Any: ...


def filter_of(text: str, compiled: Callable[[str], _Compiled]) -> Predicate:
    """Compile the text of a filter, brackets included; `compiled` compiles the paths in it. Raises `Invalid`."""
    parser = _Parser(text, compiled)
    found = parser.either()
    if parser.at < len(parser.tokens):
        raise Invalid(f"Invalid filter '{text}'")
    return found


class _Parser:
    def __init__(self, text: str, compiled: Callable[[str], _Compiled]) -> None:
        self.text, self.compiled, self.at = text, compiled, 0
        self.tokens: list[tuple[str, str]] = list(self._scan(text))
        self.depth = 0

    def _scan(self, text: str) -> list[tuple[str, str]]:
        found, at = [], 0
        while at < len(text.rstrip()):
            token = _TOKEN.match(text, at)
            if token is None or token.lastgroup is None:
                raise Invalid(f"Invalid filter '{text}'")
            at = token.end()
            value = token[token.lastgroup]
            if token.lastgroup == "path":
                end = _end(text, at)
                value, at = value + text[at:end].rstrip(), end
            found.append((token.lastgroup, value))
        return found

    def _take(self, *values: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at][0] in ("sign", "word") and self.tokens[self.at][1] in values:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def either(self) -> Predicate:
        """`a || b`."""
        options = [self._both()]
        while self._take("||"):
            options.append(self._both())
        return options[0] if len(options) == 1 else lambda item, root: any(met(item, root) for met in options)

    def _both(self) -> Predicate:
        parts = [self._unary()]
        while self._take("&&"):
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else lambda item, root: all(met(item, root) for met in parts)

    def _unary(self) -> Predicate:
        self.depth += 1
        if self.depth > 100:
            raise Invalid(f"Invalid filter '{self.text[:60]}'")
        try:
            if self._take("!"):
                met = self._unary()
                return lambda item, root: not met(item, root)
            if self._take("("):
                met = self.either()
                if not self._take(")"):
                    raise Invalid(f"Invalid filter '{self.text}'")
                return met
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> Predicate:
        left = self._operand()
        sign = self._take(*_COMPARISONS)
        if sign is None:
            return lambda item, root: left(item, root) is not _NOTHING
        right, compare = self._operand(), _OPERATORS[sign]
        return lambda item, root: compare(left(item, root), right(item, root))

    def _operand(self) -> Operand:
        if self.at >= len(self.tokens):
            raise Invalid(f"Invalid filter '{self.text}'")
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind == "path":
            return self._path(value)
        if (kind, value) == ("sign", "["):
            return self._array()
        constant = self._constant(kind, value)
        return lambda item, root: constant

    def _path(self, text: str) -> Operand:
        path, own = self.compiled("$" + text[1:]), text[0] == "@"

        def read(item: Any, root: Any) -> Any:
            try:
                return path.of(item if own else root)
            except Undefined:
                return _NOTHING

        return read

    def _array(self) -> Operand:
        items: list[Operand] = []
        while not self._take("]"):
            items.append(self._operand())
            self._take(",")
        return lambda item, root: [each(item, root) for each in items]

    def _constant(self, kind: str, value: str) -> Any:
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", value[1:-1])
        if kind == "number":
            return float(value) if re.search(r"[.eE]", value) else int(value)
        if kind == "regex":
            body, _, flags = value[1:].rpartition("/")
            try:
                return re.compile(body, sum(_FLAGS.get(flag, 0) for flag in set(flags)))
            except re.error as error:
                raise Invalid(f"Invalid filter '{self.text}'") from error
        if kind == "word" and value in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[value]
        raise Invalid(f"Invalid filter '{self.text}'")


def _end(text: str, at: int) -> int:
    """Where a path within a filter ends."""
    depth, quote = 0, ""
    for index in range(at, len(text)):
        char = text[index]
        if quote:
            quote = "" if char == quote else quote
        elif depth and char in "'\"":
            quote = char
        elif char == "[" or (char == "(" and text[index + 1 : index + 2] == ")"):
            depth += 1
        elif depth and char in "])":
            depth -= 1
        elif depth == 0 and (char in ")&|=!<>,]" or char.isspace()):
            return index
    return len(text)


_FLAGS = {"i": int(re.IGNORECASE), "m": int(re.MULTILINE), "s": int(re.DOTALL), "x": int(re.VERBOSE)}


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def judge(left: Any, right: Any) -> bool:
        numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right))
        texts = isinstance(left, str) and isinstance(right, str)
        return (numbers or texts) and compare(left, right)

    return judge


def _within(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(_same(left, item) for item in right)


def _sized(left: Any, right: Any) -> bool:
    return isinstance(left, list | str) and len(left) == right


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left is not _NOTHING and _same(left, right),
    "!=": lambda left, right: not _same(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "=~": lambda left, right: isinstance(left, str) and isinstance(right, re.Pattern) and right.fullmatch(left) is not None,
    "in": _within,
    "nin": lambda left, right: not _within(left, right),
    "subsetof": lambda left, right: isinstance(left, list) and all(_within(item, right) for item in left),
    "anyof": lambda left, right: isinstance(left, list) and any(_within(item, right) for item in left),
    "noneof": lambda left, right: isinstance(left, list) and not any(_within(item, right) for item in left),
    "size": _sized,
    "empty": lambda left, right: isinstance(left, list | str | dict) and (len(left) == 0) is right,
    "contains": lambda left, right: _within(right, left) or (isinstance(left, str) and isinstance(right, str) and right in left),
}
