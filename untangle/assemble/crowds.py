"""Crowds: channels at which so many senders meet so many receivers that their doubtful hops cannot be listed one by one.

A bus that five hundred functions write to and five hundred rules read makes a quarter of a million pairs, nearly all of them
excluded by a filter or borne by no more than a grant. What is sure enough to be shown is always found. Doubtful hops are all
listed as long as they are few; beyond that, those of the most crowded channels are counted, told of in a Gap, and represented by
one for each way to a receiver, so that the detector that asks whether anything passes a filter hears the same as from all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from untangle.detect.filter_never_matches import TYPES
from untangle.model.link import Hop, Link, LinkKind
from untangle.model.resource import Gap

Key = TypeVar("Key", str, tuple[str, str, str])
LISTED = 20_000  # pairs of a sender and a receiver that are looked at without counting what is doubtful
TOLD = 10  # crowds that are told of one by one
UNLISTED = "so many functions may write there, and so many receive, that their doubtful hops are counted and not listed"


def crowded(published: Iterable[Link], onward: Mapping[str, Sequence[Link]], longest: int) -> frozenset[str]:
    """The first channels that have too many pairs, the largest first, so that the pairs of all others are no more than LISTED."""
    senders = Counter(link.target for link in published)
    pairs = {target: count * _receivers(target, onward, frozenset({target}), longest) for target, count in senders.items()}
    return beyond(pairs, LISTED)


def beyond(sizes: Mapping[Key, int], most: int) -> frozenset[Key]:
    """The first of what is counted, the largest first, so that the sizes of all others together are no more than `most`."""
    total, found = sum(sizes.values()), set()
    for key in sorted(sizes, key=lambda item: (-sizes[item], item)):
        if total <= most:
            break
        total -= sizes[key]
        found.add(key)
    return frozenset(found)


def _receivers(node: str, onward: Mapping[str, Sequence[Link]], passed: frozenset[str], longest: int) -> int:
    """How many ways lead from a node to a function."""
    count = 0
    for link in onward.get(node, ()):
        if link.kind is LinkKind.DELIVER:
            count += 1
        elif link.target not in passed and len(passed) < longest:
            count += _receivers(link.target, onward, passed | {link.target}, longest)
    return count


Place: TypeAlias = tuple[str, ...]


class Crowd:
    """The doubtful hops at one channel: how many they are, and one for each way to a receiver."""

    def __init__(self, channel: str, types: Mapping[str, str]) -> None:
        self._channel, self._types = channel, types
        self._count = 0
        self._senders: set[str] = set()
        self._receivers: set[str] = set()
        self._of: dict[Place, Hop] = {}

    def place(self, links: Sequence[Link]) -> Place | None:
        """Counts a doubtful hop of these links, and says which others it is like: those that go the same way to the same end.

        None where nobody asks for it.
        """
        self.count(links[0].source)
        self._receivers.add(links[-1].target)
        if any(self._types.get(link.target) not in TYPES for link in links[:-1]):
            return None
        standing = not any(link.switched_off for link in links)
        return (*(link.target for link in links), *(("standing",) if standing else ()))

    def count(self, sender: str, hops: int = 1) -> None:
        """Counts doubtful hops of one function."""
        if hops:
            self._senders.add(sender)
            self._count += hops

    def needs(self, place: Place) -> bool:
        """Whether a hop may have to stand for those of its place: none does yet, or one that a witness speaks against."""
        return place not in self._of or _is_excluded(self._of[place])

    def represent(self, place: Place, hop: Hop) -> None:
        """Takes a hop for all of its place, unless a witness speaks against it as against the one that is there."""
        if place not in self._of or not _is_excluded(hop):
            self._of[place] = hop

    @property
    def hops(self) -> tuple[Hop, ...]:
        """The hops that stand for the others."""
        return tuple(self._of.values())

    @property
    def unlisted(self) -> int:
        """How many doubtful hops are not listed."""
        return self._count - len(self._of)

    def told(self) -> str:
        """The channel, and what is said of those that are not listed."""
        of = f"of {len(self._senders):,} functions to {len(self._receivers):,}"
        return f"{self._channel}: {self.unlisted:,} of {self._count:,} doubtful hops, {of}"


def unlisted(crowds: Iterable[Crowd]) -> tuple[Gap, ...]:
    """A Gap for each of the largest crowds, and one for all others together."""
    found = sorted((crowd for crowd in crowds if crowd.unlisted), key=lambda crowd: (-crowd.unlisted, crowd.told()))
    gaps = [Gap(what=crowd.told(), why=UNLISTED) for crowd in found[:TOLD]]
    rest = found[TOLD:]
    if rest:
        what = f"{len(rest):,} further channels: {sum(crowd.unlisted for crowd in rest):,} doubtful hops"
        gaps.append(Gap(what=what, why=UNLISTED))
    return tuple(gaps)


def _is_excluded(hop: Hop) -> bool:
    return any(item.against for item in hop.evidence)
