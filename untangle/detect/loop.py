"""A choreography runs in a circle.

Functions that reach themselves again through their own messages, with nothing in the templates that bounds the rounds.

**What it costs** One message that never satisfies the code's way out runs for ever, and every round is billed.
Lambda's own detection stops loops through SQS, SNS and S3 after about sixteen rounds (unless RecursiveLoop is set to
Allow), dropping the message; through EventBridge, DynamoDB streams and Kinesis nothing stops them.

**Instead** Count the rounds in the message and refuse beyond a limit, or let a state machine own the loop: a Choice
with a counter, or a Wait and a retry, has an end that can be read.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, listed, rule, witnessed
from untangle.model.chain import Finding
from untangle.model.code import SWALLOWED
from untangle.model.graph import EventGraph
from untangle.model.link import Hop

RULE = rule("loop", "warning", __doc__)


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each strongly connected part of several functions."""
    for cycle in graph.cycles():
        if len(cycle) == 1:
            continue  # see self_trigger.py
        inside = frozenset(cycle)
        hops = [hop for function in cycle for hop in graph.leaving(function) if hop.consumer in inside]
        names = listed([graph.function(function).address for function in cycle], most=6)
        guarded = any(_asked(hop) for hop in hops)
        note = (
            "; at least one of its calls stands under a condition"
            if guarded
            else "; no condition was seen around any of its calls"
        )
        yield finding(
            RULE,
            f"{names} reach one another in a circle of {len(hops)} hops{note}",
            cycle,
            (place for hop in hops for place in witnessed(hop)),
        )


def _asked(hop: Hop) -> bool:
    """Whether a call of a hop stands under more than that an error may skip it, which ends no circle on purpose."""
    if any(guard.kind == SWALLOWED for guard in hop.guards):
        return any(guard.kind != SWALLOWED for guard in hop.guards)
    return bool(hop.guards) or hop.multiplicity == "maybe"


DETECTOR = Detector(name="loop", rules=(RULE,), detect=detect)
