"""Intrinsic functions, `States.Format('{}', $.name)`: parsed once, called with a `Reader` (Amazon States Language, "Intrinsic
Functions"; the limits are those of the Step Functions guide)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from untangle.simulate.machine.failure import Invalid
from untangle.simulate.machine.query.functions import FUNCTIONS, Misuse, Random

_CALL = re.compile(r"\s*States\.([A-Za-z0-9]+)\s*\(")
_NUMBER = re.compile(r"\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_DEPTH = 10


class Reader(Protocol):
    """What an expression reads from."""

    random: Random

    def read(self, path: str) -> Any:
        """The value of a path into the data, the context object (`$$`) or a variable (`$name`)."""
        ...


Expression = Callable[[Reader], Any]


@lru_cache(maxsize=4096)
def call_of(text: str) -> Expression:
    """Compile a call; raises `Invalid` where it is none."""
    parser = _Parser(text)
    found = parser.call(0)
    if text[parser.at :].strip():
        raise Invalid(f"Invalid intrinsic function '{text}'", error="States.IntrinsicFailure")
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def call(self, depth: int) -> Expression:
        """A call that begins here."""
        begin, found = self.at, _CALL.match(self.text, self.at)
        if found is None or found[1] not in FUNCTIONS or depth > _DEPTH:
            raise self._wrong()
        self.at = found.end()
        arguments: list[Expression] = []
        while not self._sign(")"):
            arguments.append(self._argument(depth))
            if not self._sign(","):
                if not self._sign(")"):
                    raise self._wrong()
                break
        written, function = self.text[begin : self.at].strip(), FUNCTIONS[found[1]]

        def evaluate(reader: Reader) -> Any:
            values = [argument(reader) for argument in arguments]
            try:
                return function(values, reader.random)
            except Misuse as error:
                message = f"The function '{written}' had the following error: {error}"
                raise Invalid(message, error="States.IntrinsicFailure") from error

        return evaluate

    def _wrong(self) -> Invalid:
        return Invalid(f"Invalid intrinsic function '{self.text}'", error="States.IntrinsicFailure")

    def _sign(self, sign: str) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        if self.text.startswith(sign, self.at):
            self.at += 1
            return True
        return False

    def _argument(self, depth: int) -> Expression:
        self._sign("\0")
        if self.text.startswith("States.", self.at):
            return self.call(depth + 1)
        if self.text.startswith("$", self.at):
            path = self._path()
            return lambda reader: reader.read(path)
        if self.text.startswith("'", self.at):
            return _constant(self._quoted())
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return _constant(value)
        number = _NUMBER.match(self.text, self.at)
        if number is None:
            raise self._wrong()
        self.at = number.end()
        written = number[0].strip()
        return _constant(float(written) if re.search(r"[.eE]", written) else int(written))

    def _path(self) -> str:
        """A path: up to a comma or a bracket that it did not open."""
        depth, quote, begin = 0, "", self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\":
                self.at += 1
            elif quote:
                quote = "" if char == quote else quote
            elif depth and char in "'\"":
                quote = char
            elif char in "[(":
                depth += 1
            elif char in "])":
                if depth == 0:
                    break
                depth -= 1
            elif char == "," and depth == 0:
                break
            self.at += 1
        return self.text[begin : self.at].rstrip()

    def _quoted(self) -> str:
        """A text in single quotes; escapes stay for States.Format, which gives braces a meaning."""
        found: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "'":
                self.at += 1
                return "".join(found)
            if char == "\\" and self.at + 1 < len(self.text):
                self.at += 1
                escaped = self.text[self.at]
                char = {"{": "\ue000", "}": "\ue001"}.get(escaped, escaped if escaped in "'\\" else "\\" + escaped)
            found.append(char)
            self.at += 1
        raise self._wrong()


def _constant(value: Any) -> Expression:
    return lambda reader: value
