"""The expressions of HCL, read by recursive descent into `syntax`.

Source: the HCL native syntax specification. Measured on 337 files (0.84 MB) of a public collection of serverless patterns,
tree-sitter's grammar needs several times as long only to parse them, before any of its nodes is looked at; see `benchmarks`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from untangle.scanners.terraform.syntax import (
    IT,
    Binary,
    Call,
    Conditional,
    For,
    Get,
    Index,
    Literal,
    Name,
    Node,
    Object,
    Splat,
    Tuple,
    Unary,
)
from untangle.scanners.terraform.templates import WORDS, TemplateReader, traversal
from untangle.scanners.terraform.tokens import WORD, Kind, Trouble

_PRECEDENCE = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
# A line end, and the comments and empty lines that follow it.
LINE_BREAK = r"(?:(?:#|//)[^\n]*)?\n\s*(?:(?:#|//)[^\n]*\n\s*)*"
LINE_END = rf"[ \t]*,?[ \t]*{LINE_BREAK}"
# Most arguments and items of objects are a line with a plain text, a number, a word or a reference: they are read at one go.
PLAIN_VALUE = rf'(?:"([^"\\$%\n]*(?:(?:\$(?![${{])|%(?![%{{]))[^"\\$%\n]*)*)"|(\d{{1,17}})|({WORD}(?:\.{WORD}){{0,20}}))'
_PLAIN = re.compile(rf"({WORD})[ \t]*=[ \t]*{PLAIN_VALUE}{LINE_END}")
# The steps of most traversals; what follows them is read one by one.
_PATH = re.compile(rf"(?:\.{WORD}){{1,20}}")
_LOOP = re.compile(r"\s*[^\W\d][\w-]*\s*(?:,\s*[^\W\d][\w-]*\s*)?\bin\b")
Reading = Callable[[], Node]
_MAX_ROW = 200
_MAX_DIGITS = 300


class ExpressionReader(TemplateReader):
    """Reads expressions. The current token is always the next one that was not used."""

    __slots__ = ()

    def expression(self) -> Node:
        """The expression that begins at the current token. Raises Trouble."""
        self.deeper()
        start = self.start
        node = self._unary()
        if self.kind is Kind.OPERATOR and self.value in _PRECEDENCE:
            node = self._row(node, 1)
        if self.stands("?"):
            text = self.text[start : self.last]
            self._onward()
            yes = self.expression()
            self._skip_lines()
            self.expect(":")
            self._skip_lines()
            node = Conditional(node, yes, self.expression(), " ".join(text.split()))
        self.depth -= 1
        return node

    def expect(self, operator: str) -> None:
        """Goes on behind an operator that must stand here."""
        if not self.stands(operator):
            raise Trouble(f"expected {operator} and not {self.value!r}", self.start)
        self.advance()

    def _onward(self) -> None:
        self.advance()
        self._skip_lines()

    def _skip_lines(self) -> None:
        while self.kind is Kind.NEWLINE:
            self.advance()

    def _row(self, node: Node, least: int) -> Node:
        """The operators behind a value, and what they stand before; `least` is the precedence that they must have."""
        for _ in range(_MAX_ROW):
            precedence = _PRECEDENCE.get(self.value, 0) if self.kind is Kind.OPERATOR else 0
            if precedence < least:
                return node
            operator = self.value
            self._onward()
            node = Binary(operator, node, self._row(self._unary(), precedence + 1))
        raise Trouble(f"more than {_MAX_ROW} operators in a row", self.start, "template-too-deep")

    def _unary(self) -> Node:
        if self.value in ("!", "-") and self.kind is Kind.OPERATOR:
            operator = self.value
            self.deeper()
            self.advance()
            node: Node = Unary(operator, self._unary())
            self.depth -= 1
            return node
        node = self._primary()
        return self._steps(node) if self.value in (".", "[") else node

    def _primary(self) -> Node:
        kind, value = self.kind, self.value
        if kind is Kind.TEXT:
            self.advance()
            return Literal(value)
        if kind is Kind.WORD:
            return self._named(value)
        if kind is Kind.QUOTE:
            return self.quoted()
        if kind is Kind.NUMBER:
            self.advance()
            return Literal(number(value))
        if kind is Kind.HEREDOC:
            return self.heredoc()
        if value == "(":
            return self._enclosed(")", self.expression)
        if value == "[":
            return self._enclosed("]", self._tuple)
        if value == "{":
            return self._braces()
        raise Trouble(f"expected a value and not {value!r}" if value.strip() else "a value is missing", self.start)

    def _enclosed(self, closing: str, read: Reading) -> Node:
        """What stands between brackets, where line ends mean nothing."""
        linewise, self.linewise = self.linewise, False
        self.advance()
        node = read()
        self._close(closing, linewise)
        return node

    def _close(self, closing: str, linewise: bool) -> None:
        if not self.stands(closing):
            raise Trouble(f"expected {closing} and not {self.value!r}", self.start)
        self.linewise = linewise
        self.advance()

    def _named(self, name: str) -> Node:
        path = _PATH.match(self.text, self.at)
        if path is not None and name not in WORDS:
            self.at = path.end()
            self.advance()
            return traversal(name + path[0])
        self.advance()
        while self.value == ":" and self.text.startswith("::", self.start):
            self.advance()
            name = f"{name}::{self.word()}"
        if self.stands("("):
            arguments: list[Node] = []
            expand = self._arguments(arguments)
            return Call(name, tuple(arguments), expand)
        return traversal(name)

    def _arguments(self, arguments: list[Node]) -> bool:
        linewise, self.linewise = self.linewise, False
        expand = False
        self.advance()
        while self.value != ")":
            arguments.append(self.expression())
            if self.value == "...":
                expand = True
                self.advance()
            if self.value != ",":
                break
            self.advance()
        self._close(")", linewise)
        return expand

    def _tuple(self) -> Node:
        if self._begins_loop():
            return self._loop("]")
        items: list[Node] = []
        lines: list[int] = []
        while not self.stands("]"):
            lines.append(self.line(self.start))
            items.append(self.expression())
            if self.value != ",":
                break
            self.advance()
        return Tuple(tuple(items), tuple(lines))

    def _begins_loop(self) -> bool:
        return self.value == "for" and self.kind is Kind.WORD and _LOOP.match(self.text, self.at) is not None

    def _loop(self, closing: str) -> Node:
        key, value, collection = self.loop()
        self.expect(":")
        result_key = None
        result = self.expression()
        if closing == "}":
            self.expect("=>")
            result_key, result = result, self.expression()
        group = self.value == "..."
        if group:
            self.advance()
        test = None
        if self.value == "if" and self.kind is Kind.WORD:
            self.advance()
            test = self.expression()
        return For(key, value, collection, result_key, result, test, group)

    def _braces(self) -> Node:
        linewise, self.linewise = self.linewise, True
        self._onward()
        if self._begins_loop():
            self.linewise = False
            node = self._loop("}")
        else:
            items: list[tuple[Node, Node, int]] = []
            while not self.stands("}"):
                if not self._plain_items(items):
                    items.append(self._item())
                while self.is_a(Kind.NEWLINE) or (self.stands(",")):
                    self.advance()
            node = Object(tuple(items))
        self._close("}", linewise)
        return node

    def _plain_items(self, items: list[tuple[Node, Node, int]]) -> bool:
        """Reads the plain items that begin here; whether there were any."""
        at = self.start
        while (found := _PLAIN.match(self.text, at)) is not None:
            items.append((Literal(found[1]), plain(found), self.line(at)))
            at = found.end()
        return self.went_on(at)

    def went_on(self, at: int) -> bool:
        """Goes on to the token at a place, if it lies behind the current one; whether it does."""
        if at == self.start:
            return False
        self.at = at
        self.advance()
        return True

    def _item(self) -> tuple[Node, Node, int]:
        line = self.line(self.start)
        key = self._key()
        if not self.stands("=", ":"):
            raise Trouble(f"expected = and not {self.value!r}" if self.value.strip() else "expected =", self.start)
        self._onward()
        value = self.expression()
        if not self.is_a(Kind.NEWLINE) and self.value not in (",", "}"):
            raise Trouble(f"expected a comma or the end of the line and not {self.value!r}", self.start)
        return key, value, line

    def _key(self) -> Node:
        if self.kind is Kind.WORD:
            word, start = self.value, self.start
            self.advance()
            if self.stands("=", ":"):
                return Literal(word)
            self.at = start
            self.advance()
        return self._row(self._unary(), 1)

    def _steps(self, node: Node) -> Node:
        """The traversal that follows a value: `.name`, `[key]`, `.0`, `[*]`, `.*`."""
        for _ in range(_MAX_ROW):
            if not self.stands(".", "["):
                return node
            if self.value == "[":
                node = self._index(node)
                continue
            self.advance()
            if self.value == "*":
                self.advance()
                return self._steps(Splat(node, self._attributes()))
            node = self._member(node)
        raise Trouble(f"more than {_MAX_ROW} steps in a row", self.start, "template-too-deep")

    def _member(self, node: Node) -> Node:
        if self.kind is Kind.WORD:
            node = Get(node, self.value)
        elif self.kind is Kind.NUMBER and self.value.replace(".", "").isdigit() and len(self.value) < 18:
            for part in self.value.split("."):
                node = Index(node, Literal(int(part)))
        else:
            raise Trouble(f"expected a name after the dot and not {self.value!r}", self.start)
        self.advance()
        return node

    def _attributes(self) -> Node:
        """What `.*` takes of each element: names only, an index behind them is for the result."""
        node: Node = Name(IT)
        for _ in range(_MAX_ROW):
            if not self.stands("."):
                break
            self.advance()
            node = self._member(node)
        return node

    def _index(self, node: Node) -> Node:
        linewise, self.linewise = self.linewise, False
        self.advance()
        if self.stands("*"):
            self.advance()
            self._close("]", linewise)
            self.deeper()
            each = self._steps(Name(IT))
            self.depth -= 1
            return Splat(node, each)
        key = self.expression()
        self._close("]", linewise)
        return Index(node, key)


def plain(found: re.Match[str]) -> Node:
    """The value of a plain argument."""
    if found[2] is not None:
        return Literal(found[2])
    if found[3] is not None:
        return Literal(int(found[3]))
    return traversal(found[4])


def plain_text(found: re.Match[str]) -> str:
    """The value of a plain argument as it is written."""
    return found[4] or found[3] or f'"{found[2]}"'


def number(text: str) -> int | float | str:
    """A number: whole where it is one. What is beyond all measure stays text."""
    if text.isdigit():
        return int(text) if len(text) <= _MAX_DIGITS else text
    value = float(text)
    if not math.isfinite(value):
        return text
    return int(value) if value.is_integer() and abs(value) < 1e18 else value
