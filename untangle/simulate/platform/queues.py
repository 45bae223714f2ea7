"""The virtual queues of a run, by node: how one is made from its channel's settings, what enters it, and its records.

Shape of records: Lambda guide, "Using Lambda with Amazon SQS".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from untangle.simulate.names import REGION
from untangle.simulate.platform.played import Stage
from untangle.simulate.platform.queue import Message, Queue

TYPE = "sqs"


def queue_of(stage: Stage, node: str) -> Queue:
    """The queue of a node; made when it is first asked for, its dead-letter queue with it."""
    queues = stage.memory(TYPE)
    if node not in queues:
        queues[node] = _made(stage, node)
    found: Queue = queues[node]
    return found


def _made(stage: Stage, node: str) -> Queue:
    settings = stage.graph.channel(node).settings
    redrive = settings.get("redrive")
    bounds: Mapping[str, Any] = redrive if isinstance(redrive, Mapping) else {}
    resource = stage.application.resource(node)
    queue = Queue(
        node=node,
        fifo=stage.application.is_fifo(node),
        content_based=resource is not None and resource.get("ContentBasedDeduplication") in (True, "true"),
        delay=number(settings.get("delay_seconds"), 0),
        visibility=number(settings.get("visibility_timeout"), 30),
        retention=number(settings.get("retention"), 345_600),
        largest=int(number(settings.get("maximum_message_size"), 1_048_576)),
    )
    target, most = bounds.get("dead_letter"), bounds.get("max_receive_count")
    if isinstance(target, str) and isinstance(most, int):
        queue.dead_letter, queue.max_receives = target, most
        queue.on_dead = lambda message: _redriven(stage, node, target, message)
    return queue


def number(value: Any, default: float) -> float:
    """A setting as a number; the default where it is not known."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float(default)


def _redriven(stage: Stage, source: str, target: str, message: Message) -> None:
    """A message goes to the dead-letter queue as it is, its id and the time it was sent included."""
    stage.tell("park", source, to=target, id=message.id, body=message.body, receives=message.receives)
    moved = Message(
        id=message.id,
        body=message.body,
        sent=message.sent,
        attributes=message.attributes,
        system={**message.system, "DeadLetterQueueSourceArn": stage.application.attribute(source, "Arn")},
        receives=0,
    )
    _stored(stage, target, moved, queue_of(stage, target).delay)


def put(stage: Stage, node: str, message: Message, delay: float | None = None) -> Message:
    """Put a message into a queue, which may have a delay of its own."""
    queue = queue_of(stage, node)
    return _stored(stage, node, message, queue.delay if delay is None or queue.fifo else delay)


def _stored(stage: Stage, node: str, message: Message, after: float) -> Message:
    """A message as a queue has it from now on, with the faults that are planted in that."""
    queue, more = queue_of(stage, node), 0.0
    faults = stage.faults_of(node)
    for fault in faults:
        more += fault.seconds if fault.kind == "delay" else 1.0 if fault.kind == "reorder" and not queue.fifo else 0.0
        stage.tell("fault", node, what=fault.words)
    stored = queue.put(message, stage.clock.now, after + more)
    if any(fault.kind == "duplicate" for fault in faults) and not queue.fifo:
        twin = Message(id=message.id, body=message.body, sent=message.sent, attributes=message.attributes, system=message.system)
        queue.put(twin, stage.clock.now, after + more)
    return stored


def record_of(stage: Stage, node: str, message: Message) -> dict[str, Any]:
    """The record of a message in the event of a mapping or the batch of a pipe."""
    base = stage.clock.moment.timestamp() - stage.clock.now
    system = {
        "ApproximateReceiveCount": str(message.receives),
        "SentTimestamp": str(round((base + message.sent) * 1000)),
        "SenderId": "AIDASIMULATED",
        "ApproximateFirstReceiveTimestamp": str(round((base + (message.first_received or 0)) * 1000)),
        **message.system,
    }
    if message.group is not None:
        system["SequenceNumber"] = f"{message.sequence:020d}"
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": system,
        "messageAttributes": {name: _lowered(value) for name, value in message.attributes.items()},
        "md5OfBody": hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": stage.application.attribute(node, "Arn"),
        "awsRegion": REGION,
    }


def _lowered(value: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name[:1].lower() + name[1:]: value[name] for name in ("StringValue", "BinaryValue") if name in value}
    return {**kept, "stringListValues": [], "binaryListValues": [], "dataType": value.get("DataType", "String")}
