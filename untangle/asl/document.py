"""A definition as text: JSON with the line of every value, so that a diagnostic can point at it.

YAML is parsed by whoever has a YAML parser; `Document` takes what comes out of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.asl.diagnostic import BAD_JSON, TOO_DEEP, Diagnostic, pointer

MAX_DEPTH = 150
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_OPEN = re.compile(r"\$\{(?:[^{}\"]|\"[^\"\n]*\"|\{[^{}]*\})*\}")
_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A definition and the line of each of its values, by JSON pointer; `express` where its machine is known to be one."""

    value: Any
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()
    express: bool = False


def parse(text: str) -> Document:
    """JSON text as a located document. What is not JSON is a problem of the document, never an exception."""
    reader = _Reader(text)
    try:
        value = reader.value((), 0)
        reader.space()
        if reader.at < len(text):
            raise _Broken("something follows after the end of the definition")
    except _Broken as broken:
        problem = Diagnostic(code=broken.code, message=str(broken), line=reader.line)
        return Document(value=None, lines=reader.lines, problems=(problem,))
    return Document(value=value, lines=reader.lines, problems=tuple(reader.problems))


class _Broken(Exception):
    code = BAD_JSON


class _TooDeep(_Broken):
    code = TOO_DEEP


class _Reader:
    """Reads one JSON text from left to right; depth is bounded, so hostile text cannot exhaust the stack."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[str, int] = {}
        self.problems: list[Diagnostic] = []
        self._counted = 0
        self._line = 1

    @property
    def line(self) -> int:
        """The line at which reading stands; newlines are counted once."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def space(self) -> None:
        """Skips white space."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def value(self, route: tuple[str | int, ...], depth: int) -> Any:
        """The value that stands next."""
        if depth > MAX_DEPTH:
            raise _TooDeep(f"the definition nests more than {MAX_DEPTH} levels deep")
        self.space()
        self.lines[pointer(*route)] = self.line
        start = self.text[self.at : self.at + 1]
        if start == "{":
            return self._object(route, depth)
        if start == "[":
            return self._array(route, depth)
        if start == '"':
            return self._string()
        if (open_ := _OPEN.match(self.text, self.at)) is not None:
            self.at = open_.end()
            return open_.group()  # a placeholder without quotes: of a number, or of a whole value
        found = _SCALAR.match(self.text, self.at)
        if found is None:
            raise _Broken(
                f"a value is expected, not {self.text[self.at : self.at + 10]!r}" if start else "the text ends too early"
            )
        self.at = found.end()
        try:
            return json.loads(found.group())
        except ValueError:
            raise _Broken(f"the number {found.group()[:20]}… is too long") from None

    def _string(self) -> str:
        found = _STRING.match(self.text, self.at)
        if found is None:
            raise _Broken("a string is not closed")
        try:
            text = json.loads(found.group())
        except ValueError as error:
            raise _Broken(f"a string cannot be read: {error}") from None
        self.at = found.end()
        return str(text)

    def _object(self, route: tuple[str | int, ...], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        first = True
        while self._more("}", first=first):
            first = False
            line = self.line
            key = self._key()
            if key in made:
                message = f"the key {key!r} is written twice; the last one would win"
                self.problems.append(Diagnostic(code=BAD_JSON, message=message, pointer=pointer(*route, key), line=line))
            made[key] = self.value((*route, key), depth + 1)
        return made

    def _key(self) -> str:
        if self.text[self.at : self.at + 1] != '"':
            raise _Broken("a key in double quotes is expected")
        key = self._string()
        self.space()
        if self.text[self.at : self.at + 1] != ":":
            raise _Broken(f"a colon is expected after the key {key!r}")
        self.at += 1
        return key

    def _array(self, route: tuple[str | int, ...], depth: int) -> list[Any]:
        made: list[Any] = []
        first = True
        while self._more("]", first=first):
            first = False
            made.append(self.value((*route, len(made)), depth + 1))
        return made

    def _more(self, close: str, *, first: bool) -> bool:
        """Past the opening bracket or the next comma; False at the closing bracket."""
        if first:
            self.at += 1
        self.space()
        here = self.text[self.at : self.at + 1]
        if here == close:
            self.at += 1
            return False
        if first:
            return True
        if here != ",":
            raise _Broken(f"a comma or {close} is expected" if here else "the text ends too early")
        self.at += 1
        self.space()
        return True
