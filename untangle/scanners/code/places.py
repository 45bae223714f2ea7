"""Whether one run of a handler makes a call more than once: the ways by which a reader came to it, held against each other.

Readers come to a call of a helper once for each place that calls the helper, and take what looks the same together. Two places
of one run send two messages; two sides of a condition, two values of one expression and a second look at one place send one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields, replace
from itertools import combinations
from typing import TypeAlias

from untangle.model.code import Call, Guard, excluding

Way: TypeAlias = tuple[Hashable, ...]  # the places in the source that call one another, from the entry point to the call
Reading: TypeAlias = tuple[Way, tuple[Guard, ...]]
# Steps of a way that are no places. What was given to unknown code is read there, and again where the result is called (`HELD`,
# held against its like only) or given away once more (`ECHO`, held against nothing).
HELD, ECHO = "held", "echo"
MAX_WAYS = 40  # to one call, of those that exclude each other: where there are more, they are not compared


@dataclass(frozen=True, slots=True)
class Or:
    """A step of a way: one of several values that an expression may have, of which a run meets one."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Made(Call):
    """A call as it is met: by which way, and whether it is already known that a run may make it twice."""

    way: Way = ()
    again: bool = False


def often(readings: Iterable[Reading]) -> bool:
    """Whether one run may come to a call by two of these readings."""
    known = tuple(dict.fromkeys(readings))
    return len(known) > MAX_WAYS or any(both(one, other) for one, other in combinations(known, 2))


def both(one: Reading, other: Reading) -> bool:
    """Whether one run may come by both of these readings, and not twice by one place."""
    (mine, guards), (theirs, others) = one, other
    if mine == theirs or ECHO in mine or ECHO in theirs or (HELD in mine) != (HELD in theirs):
        return False
    first = next(((a, b) for a, b in zip(mine, theirs, strict=False) if a != b), None)
    if first is not None and all(isinstance(step, Or) for step in first):
        return False
    return not excluding(guards, others)


def placed(calls: Iterable[tuple[Call, Way]]) -> list[Call]:
    """The calls, those of one line that are made at several places with numbers for these."""
    numbers: dict[tuple[object, ...], dict[Way, int]] = {}
    found = []
    for call, way in calls:
        ways = numbers.setdefault((call.location, call.service, call.operation), {})
        place = ways.setdefault(tuple(step for step in way if not isinstance(step, Or)), len(ways))
        found.append(_plain(call) if place == 0 else replace(_plain(call), place=place))
    return found


def _plain(call: Call) -> Call:
    return Call(**{item.name: getattr(call, item.name) for item in fields(Call)}) if isinstance(call, Made) else call
