"""Regions of a workflow: the part between a function that splits the work and the ends at which it may be joined.

Only concurrency needs structure: a branch of a Parallel or Map can neither be entered nor left halfway. So a part that one
join ends must have one entry, a function that all ways into it come from (a dominator), and no way out of it but the ends.
Regions that overlap without one holding the other (J1 waits for B and C, J2 for C and D) have no such order.

Each question is linear in the hops that it looks at. Source: Johnson, Pearson, Pingali, "The Program Structure Tree" (1994).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from untangle.model.link import Hop

ROOT = ""  # stands before all entries; no function has this id


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The functions on the ways from `split`, which is not one of them, to the `ends`.

    `entered` are the split's hops into it, `left` the hops of its functions that lead out of it; ids, sorted.
    """

    split: str
    ends: frozenset[str]
    nodes: frozenset[str]
    entered: tuple[str, ...]
    left: tuple[str, ...]


class Ways:
    """The acyclic hops of a workflow, to be asked who stands before whom."""

    def __init__(self, hops: Mapping[str, Hop], entries: Iterable[str]) -> None:
        self._leaving: dict[str, list[tuple[str, str]]] = {}
        self._arriving: dict[str, list[str]] = {}
        for id, hop in hops.items():
            self._leaving.setdefault(hop.producer, []).append((id, hop.consumer))
            self._arriving.setdefault(hop.consumer, []).append(hop.producer)
        self._before = _dominators(hops, entries)

    def before(self, function: str) -> Iterator[str]:
        """The functions that every way to this one passes, the nearest first."""
        while (function := self._before.get(function, ROOT)) != ROOT:
            yield function

    def region(self, split: str, ends: frozenset[str]) -> Region:
        """The region between a split, which every way to each of the ends passes, and these ends."""
        nodes, pending = set(ends), list(ends)
        while pending:
            for producer in self._arriving.get(pending.pop(), ()):
                if producer != split and producer not in nodes:
                    nodes.add(producer)
                    pending.append(producer)
        entered = [id for id, consumer in self._leaving.get(split, ()) if consumer in nodes]
        left = [id for node in nodes for id, consumer in self._leaving.get(node, ()) if consumer not in nodes]
        return Region(split=split, ends=ends, nodes=frozenset(nodes), entered=tuple(sorted(entered)), left=tuple(sorted(left)))


def overlapping(regions: Iterable[Region]) -> Mapping[Region, Region]:
    """The regions that share functions with another one of these, neither holding the other, each with that other one.

    What is left is a tree, a region's parent being the smallest one around it. In the order of their sizes, each must lie within
    one that is there already, or touch none.
    """
    around: dict[str, Region] = {}
    found: dict[Region, Region] = {}
    for region in sorted(regions, key=lambda region: (-len(region.nodes), sorted(region.nodes))):
        outer = {around.get(node) for node in sorted(region.nodes)}
        if len(outer) > 1:
            found[region] = next(other for other in outer if other is not None)
        else:
            around.update(dict.fromkeys(region.nodes, region))
    return found


def _dominators(hops: Mapping[str, Hop], entries: Iterable[str]) -> Mapping[str, str]:
    """The nearest function that all ways to each function pass; `ROOT` for the entries."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph((hop.producer, hop.consumer) for hop in hops.values())
    graph.add_edges_from((ROOT, entry) for entry in sorted(entries))
    return nx.immediate_dominators(graph, ROOT) if ROOT in graph else {}
