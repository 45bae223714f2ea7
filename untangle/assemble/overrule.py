"""What people say in the configuration, laid over what was found: each with its reason, shown as theirs.

A statement that fits nothing is stale and is reported, so that the configuration does not rot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from untangle.config import Binding, Config
from untangle.model.chain import Finding
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.link import Hop, Link, LinkKind
from untangle.model.location import Location
from untangle.model.node import ChannelNode, Function

STALE = "config-stale-entry"


class Overrules:
    """The overrules of one configuration. What was used is remembered; `stale` tells the rest."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._used: set[int] = set()

    def binding(self, function: str, target: str) -> Binding | None:
        """The channel that a person says a dynamic target leads to; `target` as gaps word it."""
        for entry in self._config.bindings:
            if entry.function == function and entry.target == target:
                self._used.add(id(entry))
                return entry
        return None

    def evidence(self, reason: str, line: int | None, *, against: bool = False) -> Evidence:
        """A person's word, as a witness."""
        where = Location(self._config.path, line) if self._config.path is not None else None
        return Evidence(kind=Witness.STATED, note=reason, location=where, against=against)

    def links(self, functions: tuple[Function, ...], nodes: tuple[ChannelNode, ...], links: list[Link]) -> Iterator[Link]:
        """The links of stated hops; only what is not there already."""
        known_functions = {function.id for function in functions}
        known_nodes = {node.id for node in nodes}
        delivered = {(link.source, link.target) for link in links if link.kind is LinkKind.DELIVER}
        for entry in self._config.hops:
            if not {entry.producer, entry.consumer} <= known_functions or entry.channel not in known_nodes:
                continue
            self._used.add(id(entry))
            said = (self.evidence(entry.reason, entry.line),)
            yield Link(
                source=entry.producer, target=entry.channel, kind=LinkKind.PUBLISH, confidence=Confidence.DECLARED, evidence=said
            )
            if (entry.channel, entry.consumer) not in delivered:
                yield Link(
                    source=entry.channel,
                    target=entry.consumer,
                    kind=LinkKind.DELIVER,
                    confidence=Confidence.DECLARED,
                    evidence=said,
                )

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """The two ends of each link that is stated."""
        return tuple(
            ends for entry in self._config.hops for ends in ((entry.producer, entry.channel), (entry.channel, entry.consumer))
        )

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The functions whose hops are rejected by name."""
        return tuple((entry.producer, entry.consumer) for entry in self._config.rejected if entry.producer and entry.consumer)

    def hops(self, hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
        """The hops with the rejected ones contradicted."""
        return tuple(self._judged(hop) for hop in hops)

    def _judged(self, hop: Hop) -> Hop:
        for entry in self._config.rejected:
            by_ends = entry.hop is None and entry.producer == hop.producer and entry.consumer == hop.consumer
            if entry.hop == hop.id or by_ends:
                self._used.add(id(entry))
                said = self.evidence(entry.reason, entry.line, against=True)
                return replace(hop, confidence=Confidence.CONTRADICTED, evidence=(*hop.evidence, said))
        return hop

    def owned(self, functions: tuple[Function, ...]) -> tuple[Function, ...]:
        """The functions with their owners."""
        return tuple(self._owned(function) for function in functions)

    def _owned(self, function: Function) -> Function:
        for entry in self._config.owners:
            if fnmatchcase(function.id, entry.pattern):
                self._used.add(id(entry))
                return replace(function, owner=entry.owner)
        return function

    def boundaries(self, hops: tuple[Hop, ...], nodes: tuple[ChannelNode, ...]) -> tuple[str, ...]:
        """The ids of the channels and hops at which chains are cut."""
        ids = {hop.id for hop in hops}
        found: list[str] = []
        for entry in self._config.boundaries:
            named = [entry.hop] if entry.hop in ids and entry.hop is not None else []
            named += [node.id for node in nodes if entry.channel is not None and fnmatchcase(node.id, entry.channel)]
            if named:
                self._used.add(id(entry))
                found.extend(named)
        return tuple(found)

    def stale(self) -> Iterator[Finding]:
        """A finding for each statement that fitted nothing."""
        config = self._config
        for title, entries in (
            ("hop", config.hops),
            ("bind", config.bindings),
            ("reject", config.rejected),
            ("owner", config.owners),
            ("boundary", config.boundaries),
        ):
            for entry in entries:
                if id(entry) not in self._used:
                    yield _stale(config, title, entry.reason, entry.line)


def unused_ignores(config: Config, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """A finding for each `[[ignore]]` that speaks of none of the findings, those that this makes included."""
    known = {(item.rule, item.fingerprint) for item in found}
    left = [entry for entry in config.ignored if not any(entry.fits(*finding) for finding in known)]
    made = [(entry, _stale(config, "ignore", entry.reason, entry.line)) for entry in left]
    return tuple(
        finding
        for entry, finding in made
        if not any(entry.fits(other.rule, other.fingerprint) for spoken, other in made if spoken is not entry)
    )


def _stale(config: Config, title: str, reason: str, line: int | None) -> Finding:
    return Finding(
        rule=STALE,
        severity="warning",
        message=f"[[{title}]] fits nothing in this scan any more (its reason was: {reason})",
        subject=f"{title} {reason}",
        locations=(Location(config.path, line),) if config.path is not None else (),
    )
