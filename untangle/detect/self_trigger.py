"""A function triggers itself.

What the function writes comes back to it as its next event: an object put into the bucket that triggers it, an item
written to the table whose stream it reads, a message sent to its own queue, an invocation of itself.

**What it costs** If the way out is missing or wrong, each run starts another, at full speed and on the bill; it is the
most expensive mistake this architecture allows. Lambda's recursion detection stops it after about sixteen rounds for
SQS, SNS and S3 unless RecursiveLoop is set to Allow, and not at all for EventBridge, DynamoDB streams and Kinesis.

**Instead** Write to another bucket, prefix, table or queue than the one that triggers; or narrow the trigger's filter
so that the function's own writes cannot pass. Paging and retrying by invoking oneself belongs in a state machine.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, rule, witnessed
from untangle.model.chain import Finding
from untangle.model.code import SWALLOWED
from untangle.model.graph import EventGraph
from untangle.model.link import Hop

RULE = rule("self-trigger", "warning", __doc__)


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """One finding for each reported hop from a function to itself, redrives aside."""
    for hop in graph.standing:
        if hop.producer == hop.consumer and hop.reason != "redrive":
            yield finding(RULE, _message(graph, hop), [hop.producer, hop.id], witnessed(hop))


def _message(graph: EventGraph, hop: Hop) -> str:
    name = graph.function(hop.producer).address
    first = hop.passages[0] if hop.passages else None
    asked = hop.guard if hop.guard is not None and hop.guard.kind != SWALLOWED else None
    guard = f" under the condition `{asked.text}`" if asked is not None else ", under no condition that was seen"
    if first is None or first.type == "lambda_invoke":
        return f"{name} invokes itself{guard}"
    verb = {"s3": "writes to the bucket", "dynamodb_stream": "writes to the table"}.get(first.type, "sends to the channel")
    return f"{name} {verb} {graph.channel(first.channel).address} that triggers it{guard}"


DETECTOR = Detector(name="self_trigger", rules=(RULE,), detect=detect)
