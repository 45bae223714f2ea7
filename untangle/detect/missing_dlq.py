"""Messages that fail for good are lost.

The consumer of a queue, a stream or an asynchronous event has nowhere to put what it could not process.

**What it costs** A message that fails its last attempt is gone: from an asynchronous invocation after two retries, from
a queue without a redrive policy when its retention ends (and it is tried, and billed, until then), from a stream when
its retries run out. The rest of the workflow never happens and nobody is told.

**Instead** A redrive policy on the queue, an on-failure destination on the stream mapping, a dead-letter queue or
on-failure destination on the function; and an alarm on each. In a state machine the failed execution itself is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.detect.detector import Chains, Detector, finding, is_synchronous, listed, number, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Link, LinkKind
from untangle.model.node import Function

RULE = rule("missing-dlq", "warning", __doc__)
_PUSHED = frozenset(
    {"sns", "eventbridge", "s3", "lambda_invoke", "lambda_destination", "scheduler", "create_schedule", "iot", "logs", "ses"}
)
_STREAMS = frozenset({"dynamodb_stream", "kinesis"})
_KEPT = ("on_failure", "dead_letter")


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """Queues by their redrive policy, streams with bounded retries by their mapping, asynchronous consumers by their function."""
    for link in graph.standing_links:
        if link.kind is not LinkKind.DELIVER or link.reason is not None or not graph.is_function(link.target):
            continue
        channel = graph.channel(link.source)
        if (
            channel.type == "sqs"
            and not channel.external
            and not channel.settings.get("redrive")
            and channel.id not in graph.dead_letters
        ):
            yield _queue(graph, link)
        elif channel.type in _STREAMS and _bounded(link) and not any(link.delivery.get(key) for key in _KEPT):
            yield _stream(graph, link)
    failing = {
        link.source for link in graph.standing_links if link.reason == "on_failure" and link.target.startswith(f"{link.source}#")
    }
    for function in graph.functions:
        hops = [hop for hop in graph.reaching(function.id) if _is_pushed(hop)]
        if hops and function.id not in failing and not function.asynchronous.get("dead_letter"):
            yield _function(graph, function, hops)


def _is_pushed(hop: Hop) -> bool:
    """Whether Lambda's own queue of asynchronous events holds the message last."""
    last = hop.passages[-1].type if hop.passages else ""
    return last in _PUSHED and hop.reason is None and not any(is_synchronous(link) for link in hop.links)


def _bounded(link: Link) -> bool:
    """Whether a stream's retries end before its records do: then what fails is skipped."""
    attempts, age = (number(link.delivery.get(name)) for name in ("maximum_retry_attempts", "maximum_record_age"))
    return (attempts is not None and attempts >= 0) or (age is not None and age > 0)


def _queue(graph: EventGraph, link: Link) -> Finding:
    channel, name = graph.channel(link.source), graph.function(link.target).address
    message = (
        f"{name} consumes {channel.address}, which has no redrive policy: what fails is tried again until its retention ends"
    )
    return finding(RULE, message, ["queue", channel.id], [channel.location])


def _stream(graph: EventGraph, link: Link) -> Finding:
    channel, name = graph.channel(link.source), graph.function(link.target).address
    message = f"{name} gives up on records of {channel.address} after its last retry and has no on-failure destination for them"
    return finding(RULE, message, ["stream", channel.id, link.target], [item.location for item in link.evidence])


def _function(graph: EventGraph, function: Function, hops: list[Hop]) -> Finding:
    origins = listed(sorted({graph.function(hop.producer).address for hop in hops}))
    message = f"{function.address}, reached asynchronously from {origins}, has no dead-letter queue and no on-failure destination"
    return finding(RULE, message, ["async", function.id], [function.location])


DETECTOR = Detector(name="missing_dlq", rules=(RULE,), detect=detect)
