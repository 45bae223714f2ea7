"""A function waits for another function.

Its code invokes the other one synchronously (InvocationType RequestResponse, the default) and holds the line.

**What it costs** Both are billed while one waits. Timeouts stack up, the callee's retries, destinations and dead-letter
queue do not apply to a synchronous call, and a slow callee uses up the caller's concurrency.

**Instead** If the call is the last thing the caller does, let a state machine call one after the other. If its answer
is not needed, invoke asynchronously. If it is needed in the middle, the caller wants to be two functions.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, is_synchronous, rule, witnessed
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph

RULE = rule("sync-invoke-chain", "warning", __doc__)


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each pair of functions; a function that waits for a function that waits is counted on."""
    waits = [hop for hop in graph.standing if any(is_synchronous(link) for link in hop.links)]
    callers = {hop.producer for hop in waits}
    for hop in waits:
        producer, consumer = graph.function(hop.producer).address, graph.function(hop.consumer).address
        nested = ", which waits for another in its turn" if hop.consumer in callers and hop.consumer != hop.producer else ""
        message = f"{producer} invokes {consumer} and waits for it{nested}"
        yield finding(RULE, message, [hop.producer, hop.consumer], witnessed(hop))


DETECTOR = Detector(name="sync_invoke_chain", rules=(RULE,), detect=detect)
