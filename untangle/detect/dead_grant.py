"""A function may write to a channel and never does.

Its own role lets it, but its code was read to the end and holds no such call.

**What it costs** Whoever takes over the function's credentials can write there too. And every tool and every reader that
goes by permissions believes in a connection that does not exist.

**Instead** Remove the grant, or narrow it to the actions that the code uses. If the call is made in a way that untangle
does not see, state the hop in the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, rule
from untangle.model.chain import Finding
from untangle.model.evidence import Confidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind

RULE = rule("dead-grant", "note", __doc__)


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each contradicted link whose only witnesses are grants of the function's own (and variables)."""
    destinations = {(link.source.partition("#")[0], link.target) for link in graph.standing_links if "#" in link.source}
    for link in graph.standing_links:
        if _is_dead(graph, link) and (link.source, link.target) not in destinations and link.target not in graph.dead_letters:
            grants = [item for item in link.evidence if item.kind is Witness.PERMITTED and not item.shared]
            if grants:
                name, channel = graph.function(link.source).address, graph.channel(link.target).address
                message = f"{name} may write to {channel} ({grants[0].note}), but its code never does"
                yield finding(RULE, message, [link.source, link.target], [item.location for item in link.evidence])


def _is_dead(graph: EventGraph, link: Link) -> bool:
    facts = graph.code.get(link.source)
    return (
        link.kind is LinkKind.PUBLISH
        and link.confidence is Confidence.CONTRADICTED
        and facts is not None
        and facts.readable
        and not any(item.against or item.kind is Witness.CODED for item in link.evidence)
    )


DETECTOR = Detector(name="dead_grant", rules=(RULE,), detect=detect)
