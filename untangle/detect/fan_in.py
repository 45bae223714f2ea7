"""Several functions feed one.

**What it costs** On a diagram this looks like a join; it is none. The function runs once for each message of each
producer, never once for all of them, and whoever needs "when all are done" has to count by hand in some table.

**Instead** If it is meant to run per message, keep it so and make it idempotent. If it is meant to wait for all, a
Parallel or Map state joins its branches and hands on all their results.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, listed, rule, witnessed
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph

RULE = rule("fan-in", "note", __doc__)


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each function with two producers or more, redrives and itself not counted."""
    for function in graph.functions:
        hops = [hop for hop in graph.reaching(function.id) if hop.producer != function.id and hop.reason != "redrive"]
        producers = sorted({hop.producer for hop in hops})
        if len(producers) > 1:
            names = listed([graph.function(producer).address for producer in producers])
            message = f"{function.address} runs once for each message of {names}; it does not wait for all of them"
            yield finding(RULE, message, [function.id], (place for hop in hops for place in witnessed(hop)))


DETECTOR = Detector(name="fan_in", rules=(RULE,), detect=detect)
