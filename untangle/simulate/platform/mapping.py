"""Event source mappings and pipes of streams: how a batch reaches its consumer, and what is told of one that is given up.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from untangle.model.link import Link, LinkKind
from untangle.simulate.call import Answer
from untangle.simulate.clock import START
from untangle.simulate.platform.passing import not_played
from untangle.simulate.platform.pipe import carried
from untangle.simulate.platform.played import Handed, Stage
from untangle.simulate.platform.shards import Batch, Entry, Reader, read

_INFO = {"dynamodb_stream": "DDBStreamBatchInfo", "kinesis": "KinesisBatchInfo"}


def deliver(stage: Stage, link: Link, shard: str, entry: Entry, *, source: str) -> None:
    """Have the consumer of a link, a function or a pipe, read a record of a shard. `source` is the stream's ARN."""
    if link.kind is LinkKind.DELIVER or stage.application.type_of(link.target) == "pipe":
        read(stage, link, shard, entry, source=source, carry=_carry, give_up=_give_up)
    else:
        kind = stage.application.type_of(link.target)
        not_played(stage, link.target, f"a stream is sent to it, which is not played ({kind or 'not declared'})")


def _carry(reader: Reader, more: Mapping[str, Any], entries: tuple[Entry, ...]) -> Answer:
    stage, link = reader.stage, reader.link
    records = [dict(entry.record) for entry in entries]
    if link.kind is LinkKind.ROUTE:
        return carried(stage, link.target, records)
    event = {"Records": records, **more}
    stage.tell("deliver", link.source, to=link.target, event=event)
    return stage.run_function(link.target, event)


def _give_up(reader: Reader, batch: Batch, condition: str) -> None:
    """Tell the failure destination which records were given up: their numbers, not what they held."""
    stage, link = reader.stage, reader.link
    target = link.delivery.get("on_failure") or link.delivery.get("dead_letter")
    stage.tell("drop", link.source, to=link.target, why=condition, sequences=[entry.sequence for entry in batch.entries])
    if not isinstance(target, str):
        return
    record = {
        "requestContext": {
            "requestId": stage.new_id(),
            "functionArn": stage.application.attribute(link.target, "Arn"),
            "condition": condition,
            "approximateInvokeCount": batch.tries + 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": stage.clock.text,
        _INFO.get(stage.application.type_of(link.source), "BatchInfo"): _info(reader, batch),
    }
    if stage.application.type_of(target) not in ("sqs", "sns"):
        not_played(stage, target, "what a mapping gives up is written to it")
        return
    stage.tell("park", target, why=condition, record=record)
    source = stage.application.attribute(link.target, "Arn")
    message = Handed(text=json.dumps(record), value=record, id=stage.new_id(), source=source, service="lambda.amazonaws.com")
    stage.hand(target, message)


def _info(reader: Reader, batch: Batch) -> dict[str, Any]:
    first, last = batch.entries[0], batch.entries[-1]
    return {
        "shardId": reader.shard,
        "startSequenceNumber": first.sequence,
        "endSequenceNumber": last.sequence,
        "approximateArrivalOfFirstRecord": _time(first.at),
        "approximateArrivalOfLastRecord": _time(last.at),
        "batchSize": len(batch.entries),
        "streamArn": reader.source,
    }


def _time(at: float) -> str:
    return (START + timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%SZ")
