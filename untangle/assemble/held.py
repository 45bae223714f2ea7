"""What one role grants on the nodes of one channel: each grant once for all nodes that it is alike for.

A wildcard covers thousands of channels, and a thousand roles may hold it: the nodes are kept once, and asked for one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from untangle.model.evidence import Evidence, Witness
from untangle.model.location import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One Allow of a function's role on channel nodes; `shared` as in `Evidence`.

    `key` is what follows the bucket in the ARN of S3 objects ("sources/*/raw.eml", unknown parts as `*`), "*" for all else.
    """

    nodes: frozenset[str]
    action: str
    shared: bool
    note: str
    location: Location | None
    key: str = "*"


class Held:
    """The grants of a role on one channel, in the order in which they are written; `shared` are the nodes of the shared ones."""

    def __init__(self, grants: tuple[Grant, ...], shared: frozenset[str]) -> None:
        self._grants = grants
        self.shared = shared

    def __iter__(self) -> Iterator[Grant]:
        return iter(self._grants)

    def on(self, node: str) -> list[Grant]:
        """The grants on one node."""
        narrow, wide = self._places
        if not wide:
            return [self._grants[place] for place in narrow.get(node, ())]
        covering = [place for place in wide if node in self._grants[place].nodes]
        return [self._grants[place] for place in sorted((*narrow.get(node, ()), *covering))]

    @cached_property
    def _places(self) -> tuple[dict[str, list[int]], list[int]]:
        """Where the grants on single nodes stand, by node, and where all others do."""
        narrow: dict[str, list[int]] = {}
        wide = []
        for place, grant in enumerate(self._grants):
            if len(grant.nodes) == 1:
                narrow.setdefault(next(iter(grant.nodes)), []).append(place)
            else:
                wide.append(place)
        return narrow, wide

    @cached_property
    def own(self) -> frozenset[str]:
        """The nodes that are granted by name, and to one function alone."""
        return frozenset(node for grant in self._grants if not grant.shared for node in grant.nodes)

    @cached_property
    def witnesses(self) -> dict[Evidence, frozenset[str]]:
        """The shared grants as witnesses, each with all nodes that it speaks for: once for all functions of the role."""
        found: dict[Evidence, list[frozenset[str]]] = {}
        for grant in self._grants:
            if grant.shared:
                item = Evidence(kind=Witness.PERMITTED, note=grant.note, location=grant.location, shared=True)
                found.setdefault(item, []).append(grant.nodes)
        return {item: sets[0] if len(sets) == 1 else frozenset().union(*sets) for item, sets in found.items()}

    def named(self, action: str) -> set[str]:
        """The nodes for which an action is granted by name, and to one function alone."""
        return {node for grant in self._grants if grant.action == action and not grant.shared for node in grant.nodes}

    def covers_more(self, action: str, known: Collection[str]) -> bool:
        """Whether an action is granted for any node that is not among these."""
        return any(node not in known for grant in self._grants if grant.action == action for node in grant.nodes)
