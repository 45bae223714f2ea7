"""A channel gives up too early, or never.

A queue that moves a message away after its first receive, or a stream mapping that retries without end and cannot set a
bad record aside.

**What it costs** With a maxReceiveCount of 1 a throttle, a deployment or one timeout is enough to send a healthy message
to the dead-letter queue. A stream mapping with the default endless retries stops its shard at one poisoned record, and
everything behind it waits, up to the stream's retention, after which records are lost.

**Instead** Receive at least five times. On streams set MaximumRetryAttempts or MaximumRecordAgeInSeconds,
BisectBatchOnFunctionError and an on-failure destination.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.detect.detector import Chains, Detector, finding, number, rule
from untangle.model.chain import Finding
from untangle.model.graph import EventGraph
from untangle.model.link import LinkKind

RULE = rule("retry-mismatch", "warning", __doc__)
_STREAMS = frozenset({"dynamodb_stream", "kinesis"})
_WAYS_OUT = ("maximum_retry_attempts", "maximum_record_age")


def detect(graph: EventGraph, _: Chains) -> Iterator[Finding]:
    """Queues that a function consumes and that receive once; stream mappings without a bound on their retries."""
    for link in graph.standing_links:
        if link.kind is not LinkKind.DELIVER or link.reason is not None or not graph.is_function(link.target):
            continue
        channel, name = graph.channel(link.source), graph.function(link.target).address
        redrive = channel.settings.get("redrive")
        if channel.type == "sqs" and isinstance(redrive, Mapping) and number(redrive.get("max_receive_count")) == 1:
            message = f"{channel.address} gives {name} one attempt: any error, throttle or timeout ends in the dead-letter queue"
            yield finding(RULE, message, ["once", channel.id], [channel.location])
        elif channel.type in _STREAMS and not any(_bounds(link.delivery.get(key)) for key in _WAYS_OUT):
            message = f"one record of {channel.address} that {name} cannot process holds up its shard until the record expires"
            yield finding(RULE, message, ["stream", channel.id, link.target], [item.location for item in link.evidence])


def _bounds(value: object) -> bool:
    """Whether a setting puts an end to retries; one that is not known is taken to."""
    return value is not None and value != -1 and value != "-1"


DETECTOR = Detector(name="retry_mismatch", rules=(RULE,), detect=detect)
