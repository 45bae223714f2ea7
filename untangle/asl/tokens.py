"""The tokens of a JSONata expression, cut by whether an operand or an operator must come next."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/)
      |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      |(?P<quoted>`[^`]*`)
      |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<variable>\$\$|\$[A-Za-z0-9_\u0080-\uffff]*)
      |(?P<name>[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)
      |(?P<operator>:=|!=|<=|>=|~>|\.\.|\*\*|\?\?|\?:|[-+*/%&=<>.,;:?@\#^|(){}\[\]!])""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[im]*")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_WORDS = frozenset({"and", "or", "in"})
_ESCAPE = re.compile(r"\\(?!u[0-9A-Fa-f]{4}|[\"\\/bfnrt])(.{0,5})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its text and where it stands; `depth` counts the brackets around it."""

    kind: str
    text: str
    at: int
    depth: int


class Malformed(Exception):
    """The expression is not JSONata; the text says why."""


def tokens_of(text: str) -> list[Token]:
    """The tokens of an expression. Raises `Malformed` for open strings and brackets and for unknown characters."""
    tokens: list[Token] = []
    open_brackets: list[str] = []
    at, operand = 0, True  # an operand comes next: there, a slash begins a regular expression
    while at < len(text):
        pattern = _REGEX if operand and text[at] == "/" and not text.startswith("/*", at) else _TOKEN
        found = pattern.match(text, at)
        if found is None:
            raise Malformed("a string or regular expression is not closed" if text[at] in "'\"`/" else f"unexpected {text[at]!r}")
        at = found.end()
        kind = str(found.lastgroup) if pattern is _TOKEN else "regex"
        if kind == "space":
            continue
        if kind == "string" and (wrong := _ESCAPE.search(re.sub(r"\\\\", "", found.group()))):
            raise Malformed(f'\\{wrong[1][:1]} is no escape of JSONata: those are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX')
        closing = kind == "operator" and found.group() in _PAIRS
        if closing and (not open_brackets or open_brackets.pop() != _PAIRS[found.group()]):
            raise Malformed(f"{found.group()} closes nothing")
        tokens.append(Token(kind, found.group(), found.start(), len(open_brackets)))
        if kind == "operator" and found.group() in _PAIRS.values():
            open_brackets.append(found.group())
        operand = (kind == "operator" and not closing) or (kind == "name" and found.group() in _WORDS and not operand)
    if open_brackets:
        raise Malformed(f"{open_brackets[-1]} is never closed")
    if not tokens:
        raise Malformed("the expression is empty")
    return tokens
