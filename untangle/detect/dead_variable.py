"""An environment variable names a channel that the code never asks for.

**What it costs** The variable documents a connection that is not there: readers follow it, and so do tools that guess
producers from names. Renaming or deleting the channel looks dangerous when it is not.

**Instead** Delete the variable, with the grant that usually stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph
from untangle.model.value import Ref

RULE = rule("dead-variable", "note", __doc__)
# The languages whose reader lists every variable that is read, not only those that name the target of a call.
LISTED = frozenset({"python"})


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each variable that refers to a channel and that fully read code, which reads others, does not read."""
    channels = {channel.id: channel for channel in graph.channels}
    for function in graph.functions:
        facts = graph.code.get(function.id)
        if (
            function.switched_off
            or facts is None
            or not facts.readable
            or facts.gaps
            or not facts.variables
            or facts.language not in LISTED
        ):
            continue
        for name, value in sorted(function.environment.items()):
            channel = channels.get(value.resource) if isinstance(value, Ref) else None
            if channel is not None and name not in facts.variables:
                message = f"{function.address} is given {channel.address} as {name}, which its code never reads"
                yield finding(RULE, message, [function.id, name], [function.location])


DETECTOR = Detector(name="dead_variable", rules=(RULE,), detect=detect)
