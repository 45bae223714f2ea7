"""One message starts several functions.

**What it costs** The branches fail, retry and finish apart from one another; nobody knows when all of them are done, and
what one of them did is not undone when another fails. A publisher does not see that a subscriber was added.

**Instead** Where the branches are one piece of work, a Parallel state names them in one place, each with its own catch.
Where they truly are independent listeners, leave them choreographed and write the contract of the message down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.detect.detector import Chains, Detector, finding, listed, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph
from untangle.model.link import Hop

RULE = rule("fan-out", "note", __doc__)
SEVERAL = 3
MANY = 10


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """A note from three consumers of one producer's channel on, a warning from ten on."""
    for function in graph.functions:
        fans: dict[str, list[Hop]] = {}
        for hop in graph.leaving(function.id):
            if hop.passages and hop.reason is None:
                fans.setdefault(hop.passages[0].channel, []).append(hop)
        for channel, hops in sorted(fans.items()):
            consumers = sorted({hop.consumer for hop in hops})
            if len(consumers) >= SEVERAL:
                names = listed([graph.function(consumer).address for consumer in consumers])
                where = graph.channel(channel).address
                message = f"what {function.address} puts into {where} starts {len(consumers)} functions: {names}"
                # The subject leaves the consumers out: one more listener is not a new finding.
                found = finding(RULE, message, [function.id, channel], [graph.channel(channel).location, function.location])
                yield replace(found, severity="warning") if len(consumers) >= MANY else found


DETECTOR = Detector(name="fan_out", rules=(RULE,), detect=detect)
