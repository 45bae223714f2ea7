"""The words of HCL: cut from the text one by one, for what a quote means depends on what stands around it."""

from __future__ import annotations

import re
from enum import IntEnum


class Kind(IntEnum):
    """What a token is; the numbers are those of the groups in the pattern."""

    NEWLINE = 1
    WORD = 2
    NUMBER = 3
    TEXT = 4
    QUOTE = 5
    HEREDOC = 6
    OPERATOR = 7
    OTHER = 8
    END = 9


WORD = r"[^\W\d][\w-]*"
_COMMENTS = r"#[^\n]*|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)"
_TOKENS = "|".join(
    (
        r"(\n\s*)",
        r"([^\W\d][\w-]*)",
        r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)",
        r'"((?:[^"\\$%\n]|\$(?![${])|%(?![%{]))*)"',
        r'(")',
        r"<<(-?[^\W\d][\w-]*)[ \t]*\n",
        r"(\.\.\.|=>|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:=,.(){}\[\]~])",
        r"(.)",
        r"(\Z)",
    )
)
_LINEWISE = re.compile(rf"(?:[^\S\n]+|{_COMMENTS})*(?:{_TOKENS})")
_FREE = re.compile(rf"(?:\s+|{_COMMENTS})*(?:{_TOKENS})")


class Trouble(Exception):
    """What stands at this place of the text cannot be read."""

    def __init__(self, message: str, at: int, rule: str = "template-syntax") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.rule = rule


class Tokens:
    """A text and the token that is looked at: `kind`, `value`, and its `start`; reading goes on at `at`."""

    __slots__ = ("_counted", "_line", "at", "kind", "last", "linewise", "start", "text", "value")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.start = 0
        self.last = 0
        self.kind = Kind.END
        self.value = ""
        self.linewise = True
        self._line = 1
        self._counted = 0

    def advance(self) -> None:
        """Goes on to the next token; `last` is where the one before it ended. Line ends are tokens only while `linewise`."""
        found = (_LINEWISE if self.linewise else _FREE).match(self.text, self.at)
        if found is None or found.lastindex is None:  # cannot be: the pattern fits everywhere
            raise Trouble("unreadable", self.at)
        group = found.lastindex
        self.last = self.at
        self.kind = _KINDS[group]
        self.value = found[group]
        self.start = found.start(group) - _OPENING[group]
        self.at = found.end()

    def stands(self, *operators: str) -> bool:
        """Whether the current token is one of these operators."""
        return self.kind is Kind.OPERATOR and self.value in operators

    def is_a(self, *kinds: Kind) -> bool:
        """Whether the current token is of one of these kinds."""
        return self.kind in kinds

    def line(self, at: int) -> int:
        """The line of a place, counted from 1. Most are asked for in the order of the text: only what lies between is counted."""
        if at < self._counted:
            return self.text.count("\n", 0, at) + 1
        self._line += self.text.count("\n", self._counted, at)
        self._counted = at
        return self._line


_KINDS = (Kind.END, *Kind)
# How many characters stand before the group of a token: the quote of a text, the arrows of a heredoc.
_OPENING = (0, 0, 0, 0, 1, 0, 2, 0, 0, 0)
