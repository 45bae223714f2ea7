"""A queue's visibility timeout does not fit the function that consumes it.

**What it costs** While a batch is still being worked on, its messages become visible again and a second copy of the
function takes them: work is done twice, receive counts rise, and healthy messages end in the dead-letter queue. Below
the function's own timeout AWS refuses to create the mapping.

**Instead** Set VisibilityTimeout to six times the function's timeout, and add the batching window.
"""

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.detect.detector import Chains, Detector, finding, number, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph
from untangle.model.link import LinkKind

RULE = rule("visibility-timeout", "warning", __doc__)
FACTOR = 6


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """An error where the queue's timeout is below the function's, a warning where it is below what AWS asks for."""
    for link in graph.standing_links:
        if link.kind is not LinkKind.DELIVER or not graph.is_function(link.target):
            continue
        queue, function = graph.channel(link.source), graph.function(link.target)
        if queue.type != "sqs" or queue.external:
            continue
        visible = number(queue.settings.get("visibility_timeout"))
        if visible is None or function.timeout is None:
            continue
        wanted = FACTOR * function.timeout + (number(link.delivery.get("batch_window")) or 0)
        if visible >= wanted:
            continue
        message = f"{queue.address} hides messages for {visible} s while {function.address} may run for {function.timeout} s"
        found = finding(
            RULE, f"{message}; {wanted} s are asked for", [queue.id, function.id], [queue.location, function.location]
        )
        yield replace(found, severity="error") if visible < function.timeout else found


DETECTOR = Detector(name="visibility_timeout", rules=(RULE,), detect=detect)
