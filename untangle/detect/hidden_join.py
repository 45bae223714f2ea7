"""A join may be hidden in a table or a listing.

The handler counts: it decrements a counter, compares a listing's length, or asks whether all parts are done, and goes on
only when they are.

**What it costs** The count is the only place that knows the workflow's shape. A part that fails, runs twice or is never
sent leaves it hanging or fires it twice, and nothing times out.

**Instead** A Parallel or Map state waits for its branches, hands their results on as one list and fails visibly. This is
a candidate, not a proof: look at the lines named here.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph

RULE = rule("hidden-join", "note", __doc__)
SIGNAL = "join"


def detect(graph: EventGraph, chains: Chains) -> Iterator[Finding]:
    """One finding for each function of a chain whose code shows a signal named `join` or `join:<what>`."""
    for function in sorted({function for chain in chains for function in chain.functions}):
        facts = graph.code.get(function)
        for name, place in sorted(facts.signals.items() if facts is not None else ()):
            kind, _, what = name.partition(":")
            if kind == SIGNAL:
                seen = f" ({what.replace('_', ' ')})" if what else ""
                message = f"{graph.function(function).address} looks as if it waits for others to be done{seen}"
                yield finding(RULE, message, [function, name], [place])


DETECTOR = Detector(name="hidden_join", rules=(RULE,), detect=detect)
