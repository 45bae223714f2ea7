"""HCL files: attributes and blocks, with their lines. What cannot be read is a fault, and reading goes on behind it."""

from __future__ import annotations

import re

from untangle.scanners.terraform.expression_reader import PLAIN, ExpressionReader, plain
from untangle.scanners.terraform.syntax import Attribute, Block, Body, Fault, File, Literal, Node
from untangle.scanners.terraform.tokens import Kind, Trouble

# A block of a configuration's top level at the start of a line: where it stands inside another, that one was not closed.
_TOP = re.compile(
    r'(?:resource|data|ephemeral)[ \t]+"[^"\n]*"[ \t]+"[^"\n]*"[ \t]*\{'
    r'|(?:module|variable|output|provider|check)[ \t]+"[^"\n]*"[ \t]*\{|(?:locals|terraform|moved|import|removed)[ \t]*\{'
)
# Where reading goes on after a fault: a line on which an attribute or a block begins, or a block ends.
_RESUME = re.compile(r'^[ \t]*(?:[^\W\d][\w-]*[ \t]*(?:=(?![=>])|(?:"[^"\n]*"[ \t]*)*\{)|\})', re.MULTILINE)
# The first line of a block, up to what stands in it.
_HEADER = re.compile(r'([^\W\d][\w-]*)((?:[ \t]+(?:"[^"\\$%\n]*"|[^\W\d][\w-]*)){0,5})[ \t]*\{[ \t]*\n\s*')
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
            self._items(attributes, blocks, 0)
            if not self.is_a(Kind.END):
                self._fault(Trouble(f"unexpected {self.value!r}", self.start))
                self._resume(self.at)

    def _items(self, attributes: dict[str, Attribute], blocks: list[Block], level: int) -> None:
        """The items of a body, up to the token that ends it."""
        while True:
            while self.kind is Kind.NEWLINE:
                self.advance()
            if self.is_a(Kind.END) or self.value == "}" or (level and self._at_top()):
                return
            start, depth = self.start, self.depth
            if self._plain_lines(attributes):
                continue
            try:
                self._item_of_body(attributes, blocks, level)
            except Trouble as trouble:
                self.depth = depth
                self._recover(start, trouble)

    def _plain_lines(self, attributes: dict[str, Attribute]) -> bool:
        """Reads the plain arguments that begin here; whether there were any."""
        at = self.start
        while (found := PLAIN.match(self.text, at)) is not None and found[1] not in attributes:
            text = found[4] or found[3] or f'"{found[2]}"'
            attributes[found[1]] = Attribute(found[1], plain(found), self.line(at), text)
            at = found.end()
        return self.went_on(at)

    def _at_top(self) -> bool:
        begins_line = self.start == 0 or self.text[self.start - 1] == "\n"
        return begins_line and self.kind is Kind.WORD and _TOP.match(self.text, self.start) is not None

    def _item_of_body(self, attributes: dict[str, Attribute], blocks: list[Block], level: int) -> None:
        start, line = self.start, self.line(self.start)
        header = _HEADER.match(self.text, start)
        if header is not None:
            self.at = header.end()
            labels = tuple([label.strip('"') for label in _LABEL.findall(header[2])])
            self._block(header[1], labels, line, blocks, level)
        else:
            self._written_out(start, line, attributes, blocks, level)
        if not self.is_a(Kind.NEWLINE, Kind.END) and self.value not in ("}", ","):
            raise Trouble(f"expected the end of the line and not {self.value!r}", self.start)
        if self.value == ",":
            self.advance()

    def _written_out(self, start: int, line: int, attributes: dict[str, Attribute], blocks: list[Block], level: int) -> None:
        """An item whose form its first line does not show."""
        if not self.is_a(Kind.WORD, Kind.TEXT):
            raise Trouble(f"expected a name and not {self.value!r}", start)
        name = self.value
        self.advance()
        if self.stands("="):
            self._attribute(name, line, attributes)
            return
        labels: list[str] = []
        while self.is_a(Kind.TEXT, Kind.WORD):
            labels.append(self.value)
            self.advance()
        if not self.stands("{"):
            raise Trouble(f"expected = or {{ and not {self.value!r}" if self.value.strip() else "expected = or {", self.start)
        self._block(name, tuple(labels), line, blocks, level)

    def _attribute(self, name: str, line: int, attributes: dict[str, Attribute]) -> None:
        self.advance()
        start = self.start
        value = self.expression()
        if name in attributes:
            first = attributes[name].line
            message = f"{name} stands twice, first on line {first}; the last one is read"
            self.faults.append(Fault(message, line, "template-duplicate-key"))
        attributes[name] = Attribute(name, value, line, self.text[start : self.last])

    def _block(self, kind: str, labels: tuple[str, ...], line: int, blocks: list[Block], level: int) -> None:
        """The body of a block, whose brace was read, and what ends it."""
        start = self.start
        self.deeper()
        self.advance()
        attributes: dict[str, Attribute] = {}
        inner: list[Block] = []
        self._items(attributes, inner, level + 1)
        self.depth -= 1
        blocks.append(Block(kind, labels, Body(attributes, tuple(inner)), line))
        if self.stands("}"):
            self.advance()
            return
        self._fault(Trouble(f"the block {' '.join((kind, *labels))} is not closed", start))
        if not self.is_a(Kind.END):
            self._back(self.start)

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
