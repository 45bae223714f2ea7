"""A grant names no channel of its own.

**What it costs** The function may write to every channel of that kind, so its permissions say nothing about what it
does: not to an auditor, not to a reader, and not to untangle, which counts such a grant as the weakest of witnesses.

**Instead** Name the queue, topic, bus, bucket or table in the statement's Resource.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from untangle.detect.detector import Chains, Detector, finding, listed, rule
from untangle.model.chain import Finding
from untangle.model.evidence import Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import LinkKind

RULE = rule("wildcard-grant", "note", __doc__)
_Wild: TypeAlias = tuple[frozenset[str], Evidence]  # channels, and the grant that lets a function write to them
_WILDCARD = "(wildcard"  # how a grant's note says that its Resource is one


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each function that holds such grants, with how many channels they reach."""
    addresses = {channel.id: channel.address for channel in graph.channels}
    reached: dict[frozenset[frozenset[str]], list[str]] = {}  # functions that may write everywhere reach the same
    for function, grants in _grants(graph).items():
        sets = frozenset(channels for channels, _ in grants)
        if sets not in reached:
            reached[sets] = sorted({addresses[id] for id in frozenset().union(*sets) if id in addresses})
        places = dict.fromkeys(item.location for _, item in grants)
        message = f"{graph.function(function).address} may write to {listed(reached[sets])} by a wildcard ({grants[0][1].note})"
        yield finding(RULE, message, [function], places)


def _grants(graph: EventGraph) -> dict[str, list[_Wild]]:
    """The wildcard grants of each function, by the first channel they reach: those of its links, and those too wide to list."""
    found: dict[str, list[_Wild]] = {}
    for link in graph.standing_links:
        if link.kind is LinkKind.PUBLISH and graph.is_function(link.source):
            wild = [item for item in link.evidence if _is_wild(item)]
            found.setdefault(link.source, []).extend((frozenset({link.target}), item) for item in wild)
    first: dict[frozenset[str], str] = {}
    for reach in graph.reaches:
        if graph.is_function(reach.function) and not graph.function(reach.function).switched_off and _is_wild(reach.evidence):
            found.setdefault(reach.function, []).append((reach.channels, reach.evidence))
    for grants in found.values():
        first.update((channels, min(channels)) for channels, _ in grants if channels not in first)
        grants.sort(key=lambda grant: first[grant[0]])
    return {function: grants for function, grants in sorted(found.items()) if grants}


def _is_wild(item: Evidence) -> bool:
    return item.kind is Witness.PERMITTED and item.shared and _WILDCARD in item.note


DETECTOR = Detector(name="wildcard_grant", rules=(RULE,), detect=detect)
