"""A consumer is connected and switched off.

The event source mapping or rule is declared with Enabled set to false (or State DISABLED).

**What it costs** Messages pile up or expire unread while the diagram shows a consumer. Switched on by accident it works
through everything that has gathered.

**Instead** Remove the connection, or switch it on; where a schedule or a person switches it, say so beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph
from untangle.model.link import LinkKind

RULE = rule("disabled-mapping", "note", __doc__)


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each delivery whose `enabled` is false."""
    for link in graph.standing_links:
        if (
            link.kind is LinkKind.DELIVER
            and link.delivery.get("enabled") in (False, "false", "DISABLED")
            and graph.is_function(link.target)
        ):
            message = (
                f"{graph.function(link.target).address} is connected to {graph.channel(link.source).address}, but switched off"
            )
            yield finding(RULE, message, [link.source, link.target], [item.location for item in link.evidence])


DETECTOR = Detector(name="disabled_mapping", rules=(RULE,), detect=detect)
