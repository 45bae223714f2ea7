"""The record that one output format fills, and how its reader wants to see a scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from untangle.model.chain import Chain
from untangle.model.evidence import Confidence
from untangle.model.link import Hop
from untangle.model.scan import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How much to show, and how.

    `minimum` is the least confidence of hops shown, `verbosity` 1 shows all evidence, `width` is in columns,
    `color` allows terminal colours, `path` is the scanned path as the user wrote it (for commands to run next),
    `beside` what was scanned with it, `known` are the fingerprints of findings in the baseline.
    """

    minimum: Confidence = Confidence.LIKELY
    verbosity: int = 0
    width: int = 100
    color: bool = False
    path: str = "."
    beside: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()

    def hops(self, scan: Scan) -> tuple[Hop, ...]:
        """The hops that are sure enough to be shown, sorted as the graph has them."""
        return tuple(hop for hop in scan.graph.hops if hop.confidence.rank >= self.minimum.rank)

    def hops_of(self, scan: Scan, chain: Chain) -> tuple[Hop, ...]:
        """The hops of one chain that are shown."""
        hops = (scan.graph.hop(id) for id in chain.hops)
        return tuple(hop for hop in hops if hop.confidence.rank >= self.minimum.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitter:
    """One format: its name, the file suffixes that mean it, and the function that writes a scan in it."""

    format: str
    suffixes: tuple[str, ...]
    title: str
    render: Callable[[Scan, View], str]
