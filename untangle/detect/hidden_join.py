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
# What a reader of code notes (`CodeFacts.signals`), and what it may mean.
SIGNALS = {
    "counter": "counts in a table and looks at the result",
    "flags": "ticks itself off in a table and looks whether all are done",
    "listing": "counts what a listing holds",
}


def detect(graph: EventGraph, chains: Chains) -> Iterator[Finding]:
    """One finding for each function of a chain whose code shows one of these signals."""
    for function in sorted({function for chain in chains for function in chain.functions}):
        facts = graph.code.get(function)
        for name, place in sorted(facts.signals.items() if facts is not None else ()):
            if name in SIGNALS:
                message = f"{graph.function(function).address} {SIGNALS[name]}, as one who waits for others to be done"
                yield finding(RULE, message, [function, name], [place])


DETECTOR = Detector(name="hidden_join", rules=(RULE,), detect=detect)
