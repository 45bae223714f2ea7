"""SQS: every queue of the graph lives here, on the virtual clock, and none of them in moto; mappings poll it for functions.

Rules: SQS API reference; Lambda guide, "Using Lambda with Amazon SQS".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from untangle.model.link import Link, LinkKind
from untangle.simulate.call import Answer, ApiCall
from untangle.simulate.platform.matching import seen_from_queue
from untangle.simulate.platform.passing import takes
from untangle.simulate.platform.played import Handed, Played, Stage
from untangle.simulate.platform.polling import Poller
from untangle.simulate.platform.queue import Message
from untangle.simulate.platform.queue_calls import CALLS
from untangle.simulate.platform.queues import TYPE, number, put, queue_of, record_of


def _receive(stage: Stage, node: str, message: Handed) -> None:
    queue = queue_of(stage, node)
    system = {}
    if queue.fifo:
        digest = hashlib.sha256(message.text.encode()).hexdigest()
        system = {"MessageGroupId": message.group or "default", "MessageDeduplicationId": message.deduplication or digest}
    made = Message(id=stage.new_id(), body=message.text, sent=stage.clock.now, attributes=message.attributes, system=system)
    put(stage, node, made, message.delay)


def _start(stage: Stage) -> None:
    for channel in stage.graph.channels:
        if channel.type == TYPE:
            for link in stage.links(channel.id):
                if link.kind is LinkKind.DELIVER and link.delivery.get("enabled") is not False:
                    _mapping(stage, channel.id, link)


def _mapping(stage: Stage, node: str, link: Link) -> None:
    """An event source mapping begins to poll."""

    def consume(records: list[dict[str, Any]]) -> Answer:
        return stage.run_function(link.target, {"Records": records})

    size, most = link.delivery.get("batch_size"), link.delivery.get("maximum_concurrency")
    Poller(
        stage=stage,
        queue=queue_of(stage, node),
        to=link.target,
        record=lambda message: record_of(stage, node, message),
        consume=consume,
        passes=lambda record: takes(stage, link, seen_from_queue(record)),
        size=size if isinstance(size, int) else 10,
        window=number(link.delivery.get("batch_window"), 0),
        most=most if isinstance(most, int) else None,
        partial=link.delivery.get("report_batch_item_failures") is True,
    ).listen()


def _claims(stage: Stage, call: ApiCall) -> Mapping[str, Any] | None:
    act = CALLS.get(call.operation)
    url = call.params.get("QueueUrl") or call.params.get("QueueName")
    node = stage.application.node(str(url), TYPE) if url else None
    if act is None or node is None:
        return None
    return act(stage, node, queue_of(stage, node), call)


def _left(stage: Stage) -> Mapping[str, Any]:
    """The messages of every queue that are there still, sorted by their bodies. Where nobody polls, they are what came there:
    whether they have expired says only how long the rest of the run took."""
    found = {}
    for node, queue in sorted(stage.memory(TYPE).items()):
        if queue.on_arrival:
            queue.expire(stage.clock.now)
        held = [{"body": item.body, "attributes": _texts(item.attributes), **_grouped(item)} for item in queue.messages]
        if held:
            found[node] = sorted(held, key=lambda item: (str(item["body"]), str(item["attributes"])))
    return found


def _texts(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: {key: str(inner) for key, inner in value.items()} for name, value in sorted(attributes.items())}


def _grouped(message: Message) -> dict[str, str]:
    return {"group": message.group} if message.group is not None else {}


PLAYED = Played(
    type=TYPE,
    operations={"sqs": frozenset(CALLS)},
    claims=_claims,
    receive=_receive,
    start=_start,
    left=_left,
)
