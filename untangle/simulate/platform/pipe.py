"""EventBridge Pipes: a batch of a source, enriched perhaps, goes to one target; the source hears whether that worked.

A function is waited for (unless it is invoked asynchronously) and gets an array of records; so do an enrichment and a state
machine. Other targets get one message for each record. An enrichment that returns nothing ends the way of its batch.
https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-concepts.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from untangle.model.link import Link, LinkKind
from untangle.simulate.call import Answer
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.platform.event.text import json_text
from untangle.simulate.platform.event.transformer import UnreadablePath, filled_by_pipe
from untangle.simulate.platform.matching import seen_from_queue
from untangle.simulate.platform.passing import not_played, takes
from untangle.simulate.platform.played import Handed, Played, Stage
from untangle.simulate.platform.polling import Poller
from untangle.simulate.platform.queues import number, queue_of, record_of

_ENRICHED = "#enriched"
_SERVICE = "pipes.amazonaws.com"
_EACH = ("sqs", "sns", "eventbridge", "kinesis")


def carried(stage: Stage, pipe: str, records: Sequence[Mapping[str, Any]]) -> Answer:
    """Bring a batch through a pipe, and answer how it went: an error, or a payload that may name failed items."""
    enriching = [link for link in stage.links(pipe) if stage.application.type_of(pipe + _ENRICHED)]
    value: Any = [dict(record) for record in records]
    seconds = 0.0
    for link in enriching:
        answer = _run(stage, pipe, link, value)
        seconds += answer.seconds
        if answer.error is not None or not answer.payload:
            return Answer(error=answer.error, seconds=seconds)
        value = answer.payload
    source = pipe + _ENRICHED if enriching else pipe
    payload: Any = None
    for link in stage.links(source):
        answer = _to_target(stage, pipe, link, value)
        seconds += answer.seconds
        if answer.error is not None:
            return Answer(error=answer.error, seconds=seconds)
        payload = answer.payload
    return Answer(payload=payload, seconds=seconds)


def _to_target(stage: Stage, pipe: str, link: Link, value: Any) -> Answer:
    template = link.delivery.get("input_template")
    items = value if isinstance(value, list) else [value]
    if isinstance(template, str):
        try:
            items = [_filled(stage, pipe, template, item) for item in items]
        except UnreadablePath as error:
            not_played(stage, pipe, f"its input template cannot be read: {error}")
            return Answer()
    whole = items if isinstance(value, list) else items[0]
    if link.kind is LinkKind.DELIVER:
        if link.delivery.get("invocation_type") == "FIRE_AND_FORGET":
            stage.tell("deliver", pipe, to=link.target, event=whole)
            stage.invoke_later(link.target, whole)
            return Answer()
        return _run(stage, pipe, link, whole)
    kind = stage.application.type_of(link.target)
    if kind == "step_functions":
        stage.hand(link.target, _message(stage, pipe, link, whole))
    elif kind in _EACH:
        for item in items:
            stage.hand(link.target, _message(stage, pipe, link, item))
    else:
        not_played(stage, link.target, f"a pipe leads to it, which is not played ({kind or 'not declared'})")
    return Answer()


def _run(stage: Stage, pipe: str, link: Link, event: Any) -> Answer:
    stage.tell("deliver", pipe, to=link.target, event=event)
    return stage.run_function(link.target, event)


def _filled(stage: Stage, pipe: str, template: str, item: Any) -> Any:
    record = item if isinstance(item, Mapping) else {"": item}
    reserved = {
        "aws.pipes.pipe-arn": _arn(stage, pipe),
        "aws.pipes.source-arn": record.get("eventSourceARN", ""),
        "aws.pipes.event.ingestion-time": stage.clock.text,
    }
    return filled_by_pipe(template, record, pipe=stage.application.name(pipe), reserved=reserved)


def _message(stage: Stage, pipe: str, link: Link, item: Any) -> Handed:
    source = str(item.get("eventSource", "aws:unknown")) if isinstance(item, Mapping) else "aws:unknown"
    group = link.delivery.get("message_group_id")
    return Handed(
        text=json_text(item),
        value=item,
        id=stage.new_id(),
        source=_arn(stage, pipe),
        service=_SERVICE,
        group=group if isinstance(group, str) else None,
        from_=str(link.delivery.get("source") or f"Pipe {stage.application.name(pipe)}"),
        detail_type=str(link.delivery.get("detail_type") or f"Event from {source}"),
    )


def _arn(stage: Stage, pipe: str) -> str:
    return f"arn:aws:pipes:{REGION}:{ACCOUNT}:pipe/{stage.application.name(pipe)}"


def _receive(stage: Stage, pipe: str, message: Handed) -> None:
    """One record that a source hands over without waiting for how it goes."""
    value = json.loads(message.text) if message.value is None else message.value
    carried(stage, pipe, value if isinstance(value, list) else [value])


def _start(stage: Stage) -> None:
    """Pipes begin to poll their queues; those of streams are fed as their streams are written."""
    for node in stage.graph.channels:
        for link in stage.links(node.id) if node.type == "sqs" else ():
            if stage.application.type_of(link.target) == "pipe" and link.delivery.get("enabled") is not False:
                _poll(stage, node.id, link)


def _poll(stage: Stage, queue: str, link: Link) -> None:
    size = link.delivery.get("batch_size")
    Poller(
        stage=stage,
        queue=queue_of(stage, queue),
        to=link.target,
        record=lambda message: record_of(stage, queue, message),
        consume=lambda records: carried(stage, link.target, records),
        passes=lambda record: takes(stage, link, seen_from_queue(record)),
        size=size if isinstance(size, int) else 10,
        window=number(link.delivery.get("batch_window"), 0),
        partial=True,
    ).listen()


PLAYED = Played(type="pipe", receive=_receive, start=_start)
