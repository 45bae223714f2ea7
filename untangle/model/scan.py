"""The result of one scan: what was found, how it was judged, what to say about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from untangle.errors import UsageError, nearest
from untangle.model.chain import SEVERITIES, Chain, Finding
from untangle.model.graph import EventGraph
from untangle.model.link import Trigger


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The event graph with its chains (verdicts included) and findings, each sorted by its stage."""

    graph: EventGraph = field(default_factory=EventGraph)
    chains: tuple[Chain, ...] = ()
    findings: tuple[Finding, ...] = ()

    def chain(self, id: str) -> Chain:
        """The chain of this id; raises UsageError, with the nearest ids, where there is none."""
        for chain in self.chains:
            if chain.id == id:
                return chain
        raise UsageError(f"there is no chain {id!r}", hint=nearest(id, (chain.id for chain in self.chains)))

    def entries(self, chain: Chain) -> tuple[Trigger, ...]:
        """What starts the chain from outside: the triggers of its entries, in their order."""
        return tuple(trigger for entry in chain.entries for trigger in self.graph.triggers_of(entry))

    @property
    def advised(self) -> tuple[Chain, ...]:
        """The chains that their verdict does not leave as they are."""
        return tuple(chain for chain in self.chains if not (chain.verdict and chain.verdict.decision == "keep"))

    def failing(self, severity: str, known: frozenset[str]) -> tuple[Finding, ...]:
        """The findings that are at least this severe and whose fingerprints are not known; none for "never"."""
        if severity not in SEVERITIES:
            return ()
        severe = SEVERITIES[SEVERITIES.index(severity) :]
        return tuple(item for item in self.findings if item.severity in severe and item.fingerprint not in known)
