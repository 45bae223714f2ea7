"""Kinesis data streams: what is put into a stream is read by its mappings and pipes, in order for each shard.

The stream itself keeps the records and says which shard each went to.
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.call import ApiCall
from untangle.simulate.names import ACCOUNT
from untangle.simulate.platform.event.record import flat, record
from untangle.simulate.platform.event.text import raw_bytes
from untangle.simulate.platform.mapping import deliver
from untangle.simulate.platform.matching import seen_from_stream
from untangle.simulate.platform.played import Handed, Played, Stage
from untangle.simulate.platform.shards import Entry


def _heard(stage: Stage, call: ApiCall, response: Mapping[str, Any], before: Any) -> None:
    named = call.params.get("StreamARN") or call.params.get("StreamName") or ""
    stream = stage.application.node(str(named), "kinesis")
    if stream is None:
        return
    if call.operation == "PutRecord":
        _arrived(stage, stream, call.params, response)
        return
    for entry, answer in zip(call.params.get("Records") or (), response.get("Records") or (), strict=False):
        if "SequenceNumber" in answer:
            _arrived(stage, stream, entry, answer)


def _arrived(stage: Stage, stream: str, params: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    arn, shard, sequence = stage.application.attribute(stream, "Arn"), str(answer["ShardId"]), str(answer["SequenceNumber"])
    key = str(params.get("PartitionKey"))
    made = record(
        raw_bytes(params.get("Data", b"")), key, stream=arn, shard=shard, sequence=sequence, at=stage.clock.text, account=ACCOUNT
    )
    for link in stage.links(stream):
        piped = stage.application.type_of(link.target) == "pipe"
        given = flat(made) if piped else made
        seen = seen_from_stream(given) if piped else seen_from_stream(made["kinesis"])
        entry = Entry(record=given, seen=seen, sequence=sequence, at=stage.clock.now, lane=key)
        deliver(stage, link, shard, entry, source=arn)


def _receive(stage: Stage, stream: str, message: Handed) -> None:
    """What a rule or pipe puts into the stream; without a key of its own it is spread by its id."""
    params = {
        "StreamName": stage.application.name(stream),
        "Data": message.text.encode(),
        "PartitionKey": message.group or message.id or stage.new_id(),
    }
    stage.api(ApiCall(service="kinesis", operation="PutRecord", params=params))


PLAYED = Played(type="kinesis", operations={"kinesis": frozenset({"PutRecord", "PutRecords"})}, heard=_heard, receive=_receive)
