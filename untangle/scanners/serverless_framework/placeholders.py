"""The framework's `${…}` in a text: where one begins and ends, and what it lists.

A placeholder lists alternatives, of which the first that is there holds: `${opt:stage, self:provider.stage, 'dev'}`. Each is a
source with an address (`self:custom.x`, `file(./a.yml):key`, `ssm(raw):/path`), a literal, or a placeholder of its own; addresses
may hold placeholders too. What CloudFormation writes in the same way (`${AWS::Region}`, `${Queue.Arn}`) is none.
Source: "Variables" of the Serverless Framework guide, versions 1 to 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SOURCE = re.compile(r"\s*([A-Za-z][\w-]*(?:\.[\w-]+)*)\s*(?=[:(])")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
MAX_TEXT = 65_536


@dataclass(frozen=True, slots=True)
class Literal:
    """A fallback that is written out."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Source:
    """`type(parameter):address`; parameter and address as written, with the placeholders in them."""

    type: str
    parameter: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Nested:
    """An alternative that is a placeholder itself, or a text around one."""

    text: str


Alternative = Literal | Source | Nested


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One `${…}`; `text` as written."""

    alternatives: tuple[Alternative, ...]
    text: str


def parse(text: str, opening: str = "${", closing: str = "}") -> tuple[str | Placeholder, ...]:
    """The pieces of a text in order; a text without placeholders is one piece. Empty pieces are left out."""
    if opening not in text or len(text) > MAX_TEXT:
        return (text,)
    pieces: list[str | Placeholder] = []
    literal, at = 0, text.find(opening)
    while at >= 0:
        end = _end(text, at, opening, closing)
        found = _placeholder(text[at:end], text[at + len(opening) : end - len(closing)]) if end else None
        if found is not None:
            if literal < at:
                pieces.append(text[literal:at])
            pieces.append(found)
            literal = end
        at = text.find(opening, end if found is not None else at + len(opening))
    if literal < len(text) or not pieces:
        pieces.append(text[literal:])
    return tuple(pieces)


def _end(text: str, start: int, opening: str, closing: str) -> int:
    """The place behind the end of the placeholder that begins at `start`; 0 where it has none."""
    depth, at = 0, start
    while at < len(text):
        if text.startswith(opening, at):
            depth, at = depth + 1, at + len(opening)
        elif text.startswith(closing, at):
            depth, at = depth - 1, at + len(closing)
            if depth == 0:
                return at
        else:
            depth += text[at] == "{" and len(closing) == 1  # a brace within a literal has its own end
            at += 1
    return 0


def _placeholder(text: str, inside: str) -> Placeholder | None:
    alternatives = tuple(_alternative(part.strip()) for part in _listed(inside))
    first = alternatives[0]
    return None if first is None or None in alternatives else Placeholder(tuple(item for item in alternatives if item), text)


def _listed(inside: str) -> Iterator[str]:
    """The alternatives, cut at the commas that stand in no bracket and no quotes."""
    depth, start, quote = 0, 0, ""
    for at, character in enumerate(inside):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" and inside[start:at].strip() == "":
            quote = character
        elif character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == "," and depth <= 0:
            yield inside[start:at]
            start = at + 1
    yield inside[start:]


def _alternative(part: str) -> Alternative | None:
    """What one alternative is; None where it is nothing of the framework's."""
    if len(part) >= 2 and part[0] in "'\"" and part[-1] == part[0]:
        return Literal(part[1:-1])
    if part in _WORDS:
        return Literal(_WORDS[part])
    if _NUMBER.match(part):
        return Literal(float(part) if "." in part else int(part))
    match = _SOURCE.match(part)
    if match is None:
        return Nested(part) if "${" in part else None
    rest = part[match.end() :]
    parameter = ""
    if rest.startswith("("):
        close = _bracket(rest)
        if not close:
            return None
        parameter, rest = rest[1:close], rest[close + 1 :]
    if rest.startswith("::") or (rest and not rest.startswith(":")):
        return None
    return Source(match[1], parameter.strip(), rest[1:].strip(), part)


def _bracket(text: str) -> int:
    """The index of the bracket that closes the first one; 0 where none does."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at
    return 0
