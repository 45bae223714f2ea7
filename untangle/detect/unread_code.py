"""The code of some functions could not be read.

**What it costs** What these functions write to is known from their permissions at best. Hops may be missing, and those
that are there rest on grants alone.

**Instead** Scan the folder that holds the handlers too, read the packages of a live account with `--code`, or state the
missing hops in the configuration. The gaps say what was looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, listed, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph

RULE = rule("unread-code", "note", __doc__)


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for the whole scan, with the functions counted and the first ones named."""
    lambdas = [
        function for function in graph.functions if function.kind == "lambda" and not (function.internal or function.switched_off)
    ]
    unread = [function for function in lambdas if (facts := graph.code.get(function.id)) is None or not facts.readable]
    if unread:
        names = listed(function.address for function in unread)
        message = f"the code of {len(unread)} of {len(lambdas)} functions was not read to its end: {names}"
        yield finding(RULE, message, ["code"], [function.location for function in unread])


DETECTOR = Detector(name="unread_code", rules=(RULE,), detect=detect)
