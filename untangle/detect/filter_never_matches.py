"""A filter lets through nothing that is seen to be sent.

Every producer in the scan that writes to the channel writes something else than the filter asks for.

**What it costs** The consumer is deployed, billed for its idle alarms and believed to run, and never does; often the
filter has a spelling that the producer has not, or that it once had.

**Instead** Agree on one spelling and write it down as the message's contract. If the messages come from outside the
scan, say so in the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from untangle.detect.detector import Chains, Detector, finding, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.value import Value

RULE = rule("filter-never-matches", "note", __doc__)
# Buckets and tables have writers that no template shows; topics, queues and buses are written to on purpose.
TYPES = frozenset({"sns", "sqs", "eventbridge"})


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each consumer and first channel all of whose coded hops a filter excludes."""
    groups: dict[tuple[str, str], list[Hop]] = {}
    for hop in graph.hops:
        if hop.passages and not hop.switched_off and all(passage.type in TYPES for passage in hop.passages):
            groups.setdefault((hop.passages[0].channel, hop.consumer), []).append(hop)
    for (channel, consumer), hops in sorted(groups.items()):
        against = [item for hop in hops for item in hop.evidence if item.against]
        declared = graph.channel(channel)
        if declared.external or not all(any(item.against for item in hop.evidence) for hop in hops) or _from_aws(hops):
            continue
        message = (
            f"nothing that is seen to be put into {declared.address} passes the filter of {graph.function(consumer).address}"
        )
        yield finding(RULE, f"{message}: {against[0].note}", [channel, consumer], [item.location for item in against])


def _from_aws(hops: list[Hop]) -> bool:
    """Whether a pattern waits for an AWS service, which needs no producer in the scan."""
    return any(_mentions_aws(passage.filter) for hop in hops for passage in hop.passages)


def _mentions_aws(pattern: Value) -> bool:
    sources = pattern.get("source") if isinstance(pattern, Mapping) else None
    options = sources if isinstance(sources, Sequence) and not isinstance(sources, str) else (sources,)
    return any(
        text.startswith("aws.")
        for option in options
        if isinstance(text := option.get("prefix") if isinstance(option, Mapping) else option, str)
    )


DETECTOR = Detector(name="filter_never_matches", rules=(RULE,), detect=detect)
