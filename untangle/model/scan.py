"""The result of one scan: what was found, how it was judged, what to say about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from untangle.model.chain import Chain, Finding
from untangle.model.graph import EventGraph
from untangle.model.link import Trigger


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The event graph with its chains (verdicts included) and findings, each sorted by its stage."""

    graph: EventGraph = field(default_factory=EventGraph)
    chains: tuple[Chain, ...] = ()
    findings: tuple[Finding, ...] = ()

    def chain(self, id: str) -> Chain:
        """The chain of this id; KeyError where there is none."""
        for chain in self.chains:
            if chain.id == id:
                return chain
        raise KeyError(id)

    def entries(self, chain: Chain) -> tuple[Trigger, ...]:
        """What starts the chain from outside: the triggers of its entries, in their order."""
        return tuple(trigger for entry in chain.entries for trigger in self.graph.triggers_of(entry))
