"""Text as far as it is known, held against a pattern as far as that is known.

A key such as `orders/${id}.json` is tokens: letters, and holes where a part is unknown. A hole has a name, so that the
same unknown on both sides is seen to be the same. Two questions decide every comparison: can the two agree at all, and
must they? In between lies what only run time knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from untangle.channels.channel import Verdict
from untangle.model.value import Ref, Symbol, Value, alternatives, parts_of, scalar_text, show

MAX_WORK = 200_000  # pairs of tokens that are compared before the answer is "unknown"
_HOLE = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Hole:
    """A part that is not known; the same name is the same text. A name with a `/` is a resource's id."""

    name: str


Token: TypeAlias = str | Hole
ANY = Hole("*")  # a pattern's own wildcard: unlike a hole it takes whatever comes
UNKNOWN = Symbol("?")


def hole_name(part: Value) -> str:
    """The name by which an unknown part is known: what stands between `${` and `}` in a filter that is shown."""
    if isinstance(part, Ref):
        return f"{part.resource}.{part.attribute}" if part.attribute else part.resource
    name = part.name if isinstance(part, Symbol) else show(part)
    return re.sub(r"[${}]", "", name)


def tokens(value: Value) -> tuple[Token, ...]:
    """The letters and holes of a text; one hole for anything that is not text."""
    found: list[Token] = []
    for part in parts_of(value):
        text = scalar_text(part)
        found.extend([Hole(hole_name(part))] if text is None else _letters(text))
    return tuple(found)


def equal(value: Value, wanted: str, *, fold: bool = False) -> Verdict:
    """Whether the text is `wanted`; `fold` ignores case."""
    if not fold and _is_literal(value) and _is_literal(wanted):
        return Verdict.PASSES if value == wanted else Verdict.EXCLUDED
    return _each(value, lambda text: _fit(tokens(text), tokens(wanted), fold))


def starts(value: Value, prefix: str, *, fold: bool = False) -> Verdict:
    """Whether the text starts with `prefix`."""
    return _each(value, lambda text: _fit(tokens(text), (*tokens(prefix), ANY), fold))


def ends(value: Value, suffix: str, *, fold: bool = False) -> Verdict:
    """Whether the text ends in `suffix`."""
    return _each(value, lambda text: _fit(tokens(text), (ANY, *tokens(suffix)), fold))


def like(value: Value, pattern: str) -> Verdict:
    r"""Whether the text fits a pattern in which `*` stands for any text and `\*` for an asterisk."""
    pieces = re.split(r"(\\\*|\\\\|\*)", pattern)
    wanted: list[Token] = []
    for piece in pieces:
        wanted.extend([ANY] if piece == "*" else tokens(piece[1:] if piece in ("\\*", "\\\\") else piece))
    return _each(value, lambda text: _fit(tokens(text), tuple(wanted), fold=False))


def _is_literal(value: Value) -> bool:
    """Whether every letter of a text is known: two such texts need no search."""
    return isinstance(value, str) and "${" not in value


def _each(value: Value, test: Callable[[Value], Verdict]) -> Verdict:
    """The verdict on a text that is one of several: what holds for all of them, else unknown."""
    verdicts = {test(option) for option, _ in alternatives(value)}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN


def _letters(text: str) -> list[Token]:
    """A literal, in which `${name}` marks a part that was not known when the filter was written down."""
    found: list[Token] = []
    end = 0
    for match in _HOLE.finditer(text):
        found.extend(text[end : match.start()])
        found.append(Hole(match.group(1)))
        end = match.end()
    found.extend(text[end:])
    return found


def _fit(value: tuple[Token, ...], pattern: tuple[Token, ...], fold: bool) -> Verdict:
    if fold:
        value, pattern = _folded(value), _folded(pattern)
    if _apart(value, pattern):
        return Verdict.EXCLUDED
    if len(value) * len(pattern) > MAX_WORK:
        return Verdict.UNKNOWN
    if _reaches(pattern, value, _must):
        return Verdict.PASSES
    return Verdict.UNKNOWN if _reaches(pattern, value, _may) else Verdict.EXCLUDED


def _folded(row: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(item if isinstance(item, Hole) else item.lower() for item in row)


def _apart(one: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
    """Names that CloudFormation generates: two resources never share one, nor is one ever the same as a literal name."""
    mine, theirs = _generated(one), _generated(other)
    if mine and theirs:
        return not mine.startswith(theirs) and not theirs.startswith(mine)
    text = "".join(item for item in (other if mine else one) if isinstance(item, str))
    literal = bool(text) and len(text) == len(other if mine else one)
    return bool(mine or theirs) and literal and not text.startswith("arn:")


def _generated(row: tuple[Token, ...]) -> str:
    """The id of the resource whose name makes up the whole text; "" where it is something else."""
    name = row[0].name if len(row) == 1 and isinstance(row[0], Hole) else ""
    return name if "/" in name and " " not in name else ""


Step: TypeAlias = Callable[[Token | None, Token | None], Sequence[tuple[int, int]]]


def _reaches(pattern: tuple[Token, ...], value: tuple[Token, ...], step: Step) -> bool:
    """Whether both ends can be reached together, taking one step in either row or in both at a time."""
    goal = (len(pattern), len(value))
    seen = {(0, 0)}
    todo = [(0, 0)]
    while todo:
        place = todo.pop()
        if place == goal:
            return True
        i, j = place
        wanted = pattern[i] if i < goal[0] else None
        given = value[j] if j < goal[1] else None
        for di, dj in step(wanted, given):
            after = (i + di, j + dj)
            if after not in seen:
                seen.add(after)
                todo.append(after)
    return False


def _must(wanted: Token | None, given: Token | None) -> Sequence[tuple[int, int]]:
    if wanted == ANY:
        return ((1, 0),) if given is None else ((1, 0), (0, 1))
    return ((1, 1),) if wanted is not None and wanted == given else ()


def _may(wanted: Token | None, given: Token | None) -> Sequence[tuple[int, int]]:
    steps: list[tuple[int, int]] = []
    if isinstance(wanted, Hole):
        steps += [(1, 0)] if given is None else [(1, 0), (0, 1)]
    if isinstance(given, Hole):
        steps += [(0, 1)] if wanted is None else [(0, 1), (1, 0)]
    if wanted is not None and wanted == given:
        steps.append((1, 1))
    return steps
