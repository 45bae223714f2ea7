"""A grant names no channel of its own.

**What it costs** The function may write to every channel of that kind, so its permissions say nothing about what it
does: not to an auditor, not to a reader, and not to untangle, which counts such a grant as the weakest of witnesses.

**Instead** Name the queue, topic, bus, bucket or table in the statement's Resource.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, listed, rule
from untangle.model.chain import Finding
from untangle.model.evidence import Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import LinkKind

RULE = rule("wildcard-grant", "note", __doc__)
_WILDCARD = "(wildcard"  # how a grant's note says that its Resource is one


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each function that holds such grants, with how many channels they reach."""
    for function, links in _grants(graph).items():
        reached = sorted({graph.channel(target).address for target, _ in links})
        places = dict.fromkeys(item.location for _, item in links)
        message = f"{graph.function(function).address} may write to {listed(reached)} by a wildcard ({links[0][1].note})"
        yield finding(RULE, message, [function], places)


def _grants(graph: EventGraph) -> dict[str, list[tuple[str, Evidence]]]:
    found: dict[str, list[tuple[str, Evidence]]] = {}
    for link in graph.standing_links:
        if link.kind is LinkKind.PUBLISH and graph.is_function(link.source):
            wild = [item for item in link.evidence if item.kind is Witness.PERMITTED and item.shared and _WILDCARD in item.note]
            found.setdefault(link.source, []).extend((link.target, item) for item in wild)
    return {function: links for function, links in sorted(found.items()) if links}


DETECTOR = Detector(name="wildcard_grant", rules=(RULE,), detect=detect)
