"""Templates: text with `${…}` and `%{…}` in quotes, in heredocs, and in files that `templatefile` reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from untangle.scanners.terraform.syntax import Get, Literal, Name, Node, Template, TextFor, TextIf
from untangle.scanners.terraform.tokens import WORD, Kind, Tokens, Trouble

MAX_DEPTH = 60
_QUOTED = re.compile(
    r"""([^"\\$%\n]+)|(\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^\n]))|(\$\$\{|%%\{)|(\$\{~?)|(%\{~?)|(["\n])|([$%\\])"""
)
_UNQUOTED = re.compile(r"([^$%]+)|((?!))|(\$\$\{|%%\{)|(\$\{~?)|(%\{~?)|((?!))|([$%])")
# Most templates are text and references: `${var.name}-orders`.
_HOLE = rf"\$\{{[ \t]*{WORD}(?:\.{WORD}){{0,20}}[ \t]*\}}"
_HOLES = re.compile(rf"\$\{{[ \t]*({WORD}(?:\.{WORD})*)[ \t]*\}}")
_SIMPLY_QUOTED = re.compile(rf'([^"\\$%\n]*(?:{_HOLE}[^"\\$%\n]*)*)"')
_SIMPLY_UNQUOTED = re.compile(rf"([^$%]*(?:{_HOLE}[^$%]*)*)\Z")
WORDS: Mapping[str, Literal] = {"true": Literal(True), "false": Literal(False), "null": Literal(None)}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_INDENT = re.compile(r"^[ \t]*(?=[^ \t\n])", re.MULTILINE)


class _End(NamedTuple):
    """Where a run of parts ended: the directive's word ("" for the end of the text), and whether it trims what follows."""

    parts: list[Node]
    word: str
    trim: bool


class _Run:
    """A run of parts: literal texts are joined, and trimmed where a strip marker (`~`) says so."""

    def __init__(self, trim: bool) -> None:
        self.parts: list[Node] = []
        self._text: list[str] = []
        self._trim = trim

    def text(self, text: str) -> None:
        if self._trim:
            text = text.lstrip()
            self._trim = not text
        self._text.append(text)

    def part(self, node: Node, *, trim: bool) -> None:
        self.parts.append(node)
        self._trim = trim

    def flush(self, *, trim: bool = False) -> None:
        text = "".join(self._text)
        self._text.clear()
        if trim:
            text = text.rstrip()
        if text:
            self.parts.append(Literal(text))


class TemplateReader(Tokens):
    """Reads templates; what stands inside `${…}` is read by `expression`."""

    __slots__ = ("depth",)

    def __init__(self, text: str, depth: int = 0) -> None:
        super().__init__(text)
        self.depth = depth

    def expression(self) -> Node:
        """The expression that begins at the current token."""
        raise NotImplementedError

    def deeper(self) -> None:
        """Counts a level of nesting. Raises Trouble where that is one too many."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Trouble(f"nested more than {MAX_DEPTH} levels deep", self.start, "template-too-deep")

    def quoted(self) -> Node:
        """The text whose opening quote is the current token; goes on behind the closing one."""
        linewise = self.linewise
        node = self._simple(_SIMPLY_QUOTED) or _joined(self._parts(_QUOTED).parts)
        self.linewise = linewise
        self.advance()
        return node

    def whole(self) -> Node:
        """The whole text as a template. Raises Trouble."""
        return self._simple(_SIMPLY_UNQUOTED) or _joined(self._parts(_UNQUOTED).parts)

    def _simple(self, pattern: re.Pattern[str]) -> Node | None:
        """A template of text and references, read at one go; None for any other."""
        found = pattern.match(self.text, self.at) if self.depth < MAX_DEPTH else None
        if found is None:
            return None
        self.at = found.end()
        pieces = _HOLES.split(found[1])  # text and references in turns
        return _joined([traversal(piece) if i % 2 else Literal(piece) for i, piece in enumerate(pieces) if piece])

    def heredoc(self) -> Node:
        """The lines after `<<EOT` up to the one that holds `EOT` alone; `<<-EOT` takes away what all are indented by."""
        label, begin = self.value.removeprefix("-"), self.at
        closing = re.compile(rf"^[ \t]*{re.escape(label)}(?=[ \t]*$)", re.MULTILINE).search(self.text, begin)
        if closing is None:
            raise Trouble(f"the text that <<{self.value} begins is not closed by a line {label}", self.start)
        text = self.text[begin : closing.start()]
        if self.value.startswith("-"):
            text = _flush_left(text)
        try:
            node = type(self)(text, self.depth).whole()
        except Trouble as trouble:
            raise Trouble(trouble.message, min(begin + trouble.at, closing.start()), trouble.rule) from None
        self.at = closing.end()
        self.advance()
        return node

    def _parts(self, pattern: re.Pattern[str], ends: tuple[str, ...] = (), *, trim: bool = False) -> _End:
        """The parts up to the end of the template, or up to a directive of `ends`."""
        run = _Run(trim)
        while True:
            match = pattern.match(self.text, self.at)
            kind = match.lastindex if match else 6
            if match is None or kind == 6:
                if ends or (pattern is _QUOTED and (match is None or match[0] == "\n")):
                    raise Trouble("a text is not closed", self.at)
                self.at = match.end() if match else self.at
                run.flush()
                return _End(run.parts, "", False)
            self.at = match.end()
            piece = match[0]
            if kind == 2:
                run.text(_unescaped(piece))
            elif kind == 3:
                run.text(piece[1:])
            elif kind == 4 or kind == 5:
                run.flush(trim=piece.endswith("~"))
                node, trims, word = self._interpolation() if kind == 4 else self._directive(pattern, ends)
                if node is None:
                    return _End(run.parts, word, trims)
                run.part(node, trim=trims)
            else:
                run.text(piece)

    def _interpolation(self) -> tuple[Node | None, bool, str]:
        self.linewise = False
        self.advance()
        return self.expression(), self._closed(), ""

    def _closed(self) -> bool:
        """Goes behind the brace that ends `${` or `%{`, says whether `~` stands before it."""
        trim = self.value == "~"
        if trim:
            self.advance()
        if not self.stands("}"):
            raise Trouble(f"expected }} and not {self.value!r}", self.start)
        return trim

    def _directive(self, pattern: re.Pattern[str], ends: tuple[str, ...]) -> tuple[Node | None, bool, str]:
        """One directive; no node but its word where it ends the run that is being read."""
        self.linewise = False
        self.advance()
        word = self.value
        if word in ends:
            self.advance()
            return None, self._closed(), word
        if word not in ("if", "for"):
            raise Trouble(f"%{{ {word} }} has no place here", self.start)
        self.deeper()
        node, trim = self._if(pattern) if word == "if" else self._for(pattern)
        self.depth -= 1
        return node, trim, word

    def _if(self, pattern: re.Pattern[str]) -> tuple[Node, bool]:
        self.advance()
        start = self.start
        test = self.expression()
        text = self.text[start : self.last]
        yes = self._parts(pattern, ("else", "endif"), trim=self._closed())
        no = self._parts(pattern, ("endif",), trim=yes.trim) if yes.word == "else" else _End([], "", yes.trim)
        return TextIf(test, _text(yes.parts), _text(no.parts), " ".join(text.split())), no.trim

    def _for(self, pattern: re.Pattern[str]) -> tuple[Node, bool]:
        key, value, collection = self.loop()
        body = self._parts(pattern, ("endfor",), trim=self._closed())
        return TextFor(key, value, collection, _text(body.parts)), body.trim

    def loop(self) -> tuple[str | None, str, Node]:
        """What follows the word `for`, which is the current token: `key, value in collection`."""
        names = [self.word()]
        if self.value == ",":
            names.append(self.word())
        if self.value != "in":
            raise Trouble(f"expected in and not {self.value!r}", self.start)
        self.advance()
        return (names[0] if len(names) == 2 else None), names[-1], self.expression()

    def word(self) -> str:
        """The word after the current token; goes on behind it."""
        self.advance()
        if self.kind is not Kind.WORD:
            raise Trouble(f"expected a name and not {self.value!r}", self.start)
        word = self.value
        self.advance()
        return word


@lru_cache(maxsize=4096)
def traversal(path: str) -> Node:
    """What names with dots between them mean; a word by itself may be a truth or null."""
    first, *steps = path.split(".")
    node: Node = WORDS.get(first) or Name(first)
    for step in steps:
        node = Get(node, step)
    return node


def _joined(parts: list[Node]) -> Node:
    """A template of these parts. One interpolation alone is what it holds, not its text."""
    if not parts:
        return Literal("")
    if len(parts) == 1 and not isinstance(parts[0], TextIf | TextFor):
        return parts[0]
    return Template(tuple(parts))


def _text(parts: list[Node]) -> Node:
    if not parts:
        return Literal("")
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Literal) else Template(tuple(parts))


def _unescaped(piece: str) -> str:
    if len(piece) > 2:
        number = int(piece[2:], 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\N{REPLACEMENT CHARACTER}"
    return _ESCAPES.get(piece[1], piece[1])


def _flush_left(text: str) -> str:
    indent = min((len(found) for found in _INDENT.findall(text)), default=0)
    return re.sub(rf"^[ \t]{{1,{indent}}}", "", text, flags=re.MULTILINE) if indent else text
