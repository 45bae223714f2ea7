"""HCL files: attributes and blocks, with their lines. What cannot be read is a fault, and reading goes on behind it."""

from __future__ import annotations

import re

from untangle.scanners.terraform.expression_reader import (
    LINE_BREAK,
    LINE_END,
    PLAIN_VALUE,
    ExpressionReader,
    plain,
    plain_text,
)
from untangle.scanners.terraform.syntax import Attribute, Block, Body, Fault, File, Literal, Node
from untangle.scanners.terraform.tokens import WORD, Kind, Trouble

# A block of a configuration's top level at the start of a line: where it stands inside another, that one was not closed.
_TOP = re.compile(
    r'(?:resource|data|ephemeral)[ \t]+"[^"\n]*"[ \t]+"[^"\n]*"[ \t]*\{'
    r'|(?:module|variable|output|provider|check)[ \t]+"[^"\n]*"[ \t]*\{|(?:locals|terraform|moved|import|removed)[ \t]*\{'
)
# Where reading goes on after a fault: a line on which an attribute or a block begins, or a block ends.
_RESUME = re.compile(r'^[ \t]*(?:[^\W\d][\w-]*[ \t]*(?:=(?![=>])|(?:"[^"\n]*"[ \t]*)*\{)|\})', re.MULTILINE)
# What most lines of a body are: a plain argument, the first line of a block (or all of it, where nothing stands in it), the name
# of an argument whose value is read word by word, or the brace that ends the body.
_LINE = re.compile(
    rf"({WORD})(?:[ \t]*=[ \t]*{PLAIN_VALUE}{LINE_END}"
    rf'|((?:[ \t]+(?:"[^"\\$%\n]*"|{WORD})){{0,5}})[ \t]*\{{[ \t]*(\}}[ \t]*)?{LINE_BREAK}'
    rf"|[ \t]*(=)(?![=>]))|\}}[ \t]*{LINE_BREAK}"
)
_PLAIN_FORMS = (2, 3, 4)
_BLOCK, _EMPTY_BLOCK, _ARGUMENT = 5, 6, 7
_LABEL = re.compile(r'[^\s"]+|"[^"]*"')
_MAX_FAULTS = 50


class _Enough(Exception):
    """So much of the file is wrong that it is not what its name says."""


def read_hcl(text: str) -> File:
    """A file as far as it can be read. Never raises."""
    reader = _FileReader(text.replace("\r\n", "\n"))
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    try:
        reader.top(attributes, blocks)
    except _Enough:
        pass
    except RecursionError:
        reader.faults.append(Fault("nested too deep to be read", reader.line(reader.start), "template-too-deep"))
    return File(Body(attributes, tuple(blocks)), tuple(reader.faults))


def read_expression(text: str) -> Node:
    """One expression, as the value of a variable is given on the command line. Raises Trouble."""
    reader = ExpressionReader(text)
    reader.linewise = False
    reader.advance()
    node = reader.expression()
    if reader.kind is not Kind.END:
        raise Trouble(f"unexpected {reader.value!r}", reader.start)
    return node


def read_template(text: str) -> Node:
    """A text with `${…}` and `%{…}`. Raises Trouble."""
    return ExpressionReader(text).whole() if "${" in text or "%{" in text else Literal(text)


class _FileReader(ExpressionReader):
    """Reads blocks, and keeps what was wrong."""

    __slots__ = ("faults",)

    def __init__(self, text: str, depth: int = 0) -> None:
        super().__init__(text, depth)
        self.faults: list[Fault] = []

    def top(self, attributes: dict[str, Attribute], blocks: list[Block]) -> None:
        """Everything up to the end of the text."""
        self._resume(0)
        while not self.is_a(Kind.END):
            self._items(attributes, blocks, 0, self.start)
            if not self.is_a(Kind.END):
                self._fault(Trouble(f"unexpected {self.value!r}", self.start))
                self._resume(self.at)

    def _items(self, attributes: dict[str, Attribute], blocks: list[Block], level: int, at: int) -> int:
        """The items of a body that begin at a place.

        Gives the place behind the brace that ends the body and its line; -1 where the current token is what ends it.
        """
        text = self.text
        while True:
            found = _LINE.match(text, at)
            form = found.lastindex or 0 if found else 0
            if found and form in _PLAIN_FORMS and found[1] not in attributes:
                attributes[found[1]] = Attribute(found[1], plain(found), self.line(at), plain_text(found))
                at = found.end()
                continue
            if found and not form and level:
                return found.end()
            if not form:
                self._look_at(at)
                if self.kind is Kind.END or self.value == "}":
                    return -1
                if self.start != at:
                    at = self.start
                    continue
            if level and form != _ARGUMENT and self._at_top(at):
                self._look_at(at)
                return -1
            at = self._after(found, at, attributes, blocks, level)

    def _look_at(self, at: int) -> None:
        """Makes the current token the first one at a place that is no line end."""
        self.at = at
        self.advance()
        while self.kind is Kind.NEWLINE:
            self.advance()

    def _at_top(self, at: int) -> bool:
        return (at == 0 or self.text[at - 1] == "\n") and _TOP.match(self.text, at) is not None

    def _after(
        self, found: re.Match[str] | None, at: int, attributes: dict[str, Attribute], blocks: list[Block], level: int
    ) -> int:
        """Reads the item that begins at a place; where the next one may begin."""
        depth = self.depth
        try:
            end = self._item_of_body(found, at, attributes, blocks, level)
        except Trouble as trouble:
            self.depth = depth
            self._recover(at, trouble)
            end = -1
        if end >= 0:
            return end
        return self.at if self.kind is Kind.NEWLINE else self.start

    def _item_of_body(
        self, found: re.Match[str] | None, at: int, attributes: dict[str, Attribute], blocks: list[Block], level: int
    ) -> int:
        """One item, by what its first line shows. Gives the place behind it as `_items` does."""
        line, form, end = self.line(at), found.lastindex if found else 0, -1
        self.start = at
        if found and form == _ARGUMENT:
            self.at = found.end()
            self._attribute(found[1], line, attributes)
        elif found and form in (_BLOCK, _EMPTY_BLOCK):
            labels = tuple([label.strip('"') for label in _LABEL.findall(found[5])])
            if form == _EMPTY_BLOCK:
                blocks.append(Block(found[1], labels, Body(), line))
                return found.end()
            end = self._block(found[1], labels, line, blocks, level, found.end())
        else:
            self._look_at(at)
            end = self._written_out(at, line, attributes, blocks, level)
        if end >= 0:
            return end
        if not self.is_a(Kind.NEWLINE, Kind.END) and self.value not in ("}", ","):
            raise Trouble(f"expected the end of the line and not {self.value!r}", self.start)
        if self.value == ",":
            self.advance()
        return -1

    def _written_out(self, start: int, line: int, attributes: dict[str, Attribute], blocks: list[Block], level: int) -> int:
        """An item whose form its first line does not show. Gives the place behind it as `_items` does."""
        if not self.is_a(Kind.WORD, Kind.TEXT):
            raise Trouble(f"expected a name and not {self.value!r}", start)
        name = self.value
        self.advance()
        if self.stands("="):
            self._attribute(name, line, attributes)
            return -1
        labels: list[str] = []
        while self.is_a(Kind.TEXT, Kind.WORD):
            labels.append(self.value)
            self.advance()
        if not self.stands("{"):
            raise Trouble(f"expected = or {{ and not {self.value!r}" if self.value.strip() else "expected = or {", self.start)
        return self._block(name, tuple(labels), line, blocks, level, self.at)

    def _attribute(self, name: str, line: int, attributes: dict[str, Attribute]) -> None:
        self.advance()
        start = self.start
        value = self.expression()
        if name in attributes:
            first = attributes[name].line
            message = f"{name} stands twice, first on line {first}; the last one is read"
            self.faults.append(Fault(message, line, "template-duplicate-key"))
        attributes[name] = Attribute(name, value, line, self.text[start : self.last])

    def _block(self, kind: str, labels: tuple[str, ...], line: int, blocks: list[Block], level: int, at: int) -> int:
        """The body of a block, which begins at a place, and what ends it. Gives the place behind it as `_items` does."""
        start = self.start
        self.deeper()
        attributes: dict[str, Attribute] = {}
        inner: list[Block] = []
        end = self._items(attributes, inner, level + 1, at)
        self.depth -= 1
        blocks.append(Block(kind, labels, Body(attributes, tuple(inner)), line))
        if end >= 0:
            return end
        if self.stands("}"):
            self.advance()
            return -1
        self._fault(Trouble(f"the block {' '.join((kind, *labels))} is not closed", start))
        if not self.is_a(Kind.END):
            self._back(self.start)
        return -1

    def _recover(self, start: int, trouble: Trouble) -> None:
        """Goes on at the next line on which something begins."""
        self._fault(trouble)
        line_end = self.text.find("\n", max(start, min(trouble.at, len(self.text))))
        self._resume(len(self.text) if line_end < 0 else line_end + 1)

    def _resume(self, at: int) -> None:
        self.linewise = True
        found = _RESUME.search(self.text, at) if at else None
        self.at = found.start() if found else len(self.text) if at else 0
        self.advance()

    def _back(self, start: int) -> None:
        """Pretends a line end before what stands at `start`."""
        self.at = start
        self.kind, self.value = Kind.NEWLINE, "\n"

    def _fault(self, trouble: Trouble) -> None:
        self.faults.append(Fault(trouble.message, self.line(trouble.at), trouble.rule))
        if len(self.faults) >= _MAX_FAULTS:
            raise _Enough
