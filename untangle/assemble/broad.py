"""Broad grants: roles that let so many functions write to so many channels that their weak links cannot be listed one by one.

Five hundred functions that may do everything, in an account of two thousand queues and topics, make a million links that no more
than a wildcard speaks for. Links that anything else speaks for are always made. Weak ones are all made as long as they are few;
beyond that, those of the broadest grants are counted and told of in a Gap. Made of these are the links that somebody asks about
(`leading`), and one for each channel, so that whoever asks whether anybody may write there hears the same as from all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from untangle.assemble.crowds import TOLD, beyond
from untangle.assemble.held import Held
from untangle.model.node import Function
from untangle.model.reach import Reach
from untangle.model.resource import Gap

LISTED = 20_000  # pairs of a function and a channel that only shared grants speak for, and that are all listed
UNLISTED = (
    "a shared or wildcard grant alone speaks for them, and they are so many that they are counted and not listed; "
    "--min-confidence weak shows those that are listed"
)
Group: TypeAlias = tuple[str, str, str]  # a role, the stack of the functions that have it, and the type of what they may write to


@dataclass(slots=True)
class _Told:
    """What is told of one role."""

    functions: set[str] = field(default_factory=set)
    types: dict[str, set[frozenset[str]]] = field(default_factory=dict)
    weak: int = 0
    unlisted: int = 0

    def text(self, role: str) -> str:
        channels = sum(len(frozenset().union(*sets)) for sets in self.types.values())
        types = ", ".join(sorted(self.types))
        of = f"of {len(self.functions):,} functions to {channels:,} channels ({types})"
        return f"{role}: {self.unlisted:,} of {self.weak:,} weak links, {of}"


class Broad:
    """The groups of functions whose weak links are counted. `holders` says what each group holds, and how many functions it has.

    `asked` are the channels, by function, whose links are made whoever speaks for them.
    """

    def __init__(self, holders: Mapping[Group, tuple[Held, int]], asked: Mapping[str, Collection[str]]) -> None:
        self._groups = beyond({group: len(held.shared) * count for group, (held, count) in holders.items()}, LISTED)
        self._asked = asked
        self._represented: dict[tuple[str, bool], set[str]] = {}
        self._told: dict[str, _Told] = {}
        self.reaches: list[Reach] = []

    def __contains__(self, group: Group) -> bool:
        return group in self._groups

    def weak(self, group: Group, function: Function, held: Held, otherwise: Collection[str]) -> list[str]:
        """The channels to which a function of a counted group gets a weak link; the rest is counted.

        `otherwise` are those for which anything but shared grants speaks.
        """
        # one that is switched off, or no part of any hop, stands only for its like
        done = self._represented.setdefault((group[2], function.switched_off or function.internal), set())
        told = self._told.setdefault(group[0], _Told())
        left = held.shared.difference(otherwise)
        made = (left - done) | left.intersection(self._asked.get(function.id, ()))
        done |= made
        told.weak += len(left)
        told.unlisted += len(left) - len(made)
        if left:
            told.functions.add(function.id)
            told.types.setdefault(group[2], set()).add(held.shared)
        self.reaches.extend(Reach(function=function.id, channels=nodes, evidence=item) for item, nodes in held.witnesses.items())
        return sorted(made)

    def gaps(self) -> tuple[Gap, ...]:
        """A Gap for each of the broadest roles, and one for all others together."""
        found = sorted((item for item in self._told.items() if item[1].unlisted), key=lambda item: (-item[1].unlisted, item[0]))
        gaps = [Gap(what=told.text(role), why=UNLISTED) for role, told in found[:TOLD]]
        rest = [told for _, told in found[TOLD:]]
        if rest:
            gaps.append(Gap(what=_together(rest), why=UNLISTED))
        return tuple(gaps)


def _together(rest: Sequence[_Told]) -> str:
    functions = len(frozenset().union(*(told.functions for told in rest)))
    return f"{len(rest):,} further roles: {sum(told.unlisted for told in rest):,} weak links, of {functions:,} functions"


def leading(edges: Iterable[tuple[str, str]], asked: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """By function, the nodes from which what is asked about it may be reached, itself among them.

    `edges` are the ways from node to node, `asked` pairs of a function and where it may lead.
    """
    before: dict[str, list[str]] = {}
    for source, target in edges:
        before.setdefault(target, []).append(source)
    known: dict[str, frozenset[str]] = {}
    found: dict[str, frozenset[str]] = {}
    for function, end in asked:
        if end not in known:
            known[end] = _upstream(end, before)
        found[function] = found.get(function, frozenset()) | known[end]
    return found


def _upstream(end: str, before: Mapping[str, Sequence[str]]) -> frozenset[str]:
    found, waiting = {end}, [end]
    while waiting:
        for node in before.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return frozenset(found)
