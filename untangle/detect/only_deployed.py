"""Something is deployed and not declared.

It is part of a stack whose template is scanned, or it takes part in hops with what is declared, and no template declares it.

**What it costs** Nobody who reads the source knows of it. It gets messages, or sends some, that no review has seen; and when the
stack is deployed anew it may be gone, or stand in the way.

**Instead** Import it into the template that its neighbours are declared in, or delete it. If it belongs to another repository,
scan that one too: `untangle scan` takes both.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, listed, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph
from untangle.model.link import Hop

RULE = rule("only-deployed", "warning", __doc__)


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each deployed function that no template declares and that has hops with some that are declared."""
    known = {id for item in graph.findings if item.rule == RULE.id for id in item.subject.splitlines()}
    for function in graph.functions:
        if function.location is not None or function.deployed is None or function.id in known:
            continue
        neighbours = {}
        for hop in (*graph.leaving(function.id), *graph.reaching(function.id)):
            other = graph.function(_other(hop, function.id))
            if other.location is not None:
                neighbours[other.id] = other
        if neighbours:
            met = [neighbours[id] for id in sorted(neighbours)]
            names = listed(item.address for item in met)
            message = f"{function.address} in {function.stack} has hops with {names}, and no template declares it"
            yield finding(RULE, message, [function.id], [item.location for item in met])


def _other(hop: Hop, function: str) -> str:
    return hop.consumer if hop.producer == function else hop.producer


DETECTOR = Detector(name="only_deployed", rules=(RULE,), detect=detect)
