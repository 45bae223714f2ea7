"""Kinesis: the record an event source mapping hands over, and the flattened one that a pipe does.

Shape: Lambda guide, "Using Lambda with Kinesis". The data is base64 in the effect already (`DataB64`): JSONata's own
encoder would spoil any character beyond Latin-1.
"""

from __future__ import annotations

from untangle.channels.envelope.form import ACCOUNT, Form, Names, Written, fill
from untangle.channels.envelope.pattern import criteria
from untangle.model.step import Stop


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    return fill(
        """
{
  'kinesis': {
    'kinesisSchemaVersion': '1.0',
    'partitionKey': $p.PartitionKey,
    'sequenceNumber': $exists($r.SequenceNumber) ? $r.SequenceNumber : $string($toMillis($e.at)) & '000000',
    'data': $p.DataB64,
    'approximateArrivalTimestamp': $toMillis($e.at) / 1000
  },
  'eventSource': 'aws:kinesis',
  'eventVersion': '1.0',
  'eventID': ($exists($r.ShardId) ? $r.ShardId : 'shardId-000000000000') & ':' & $r.SequenceNumber,
  'eventName': 'aws:kinesis:record',
  'invokeIdentityArn': 'arn:aws:iam::' & <<account>> & ':role/untangle',
  'awsRegion': $split('<<arn>>', ':')[3],
  'eventSourceARN': '<<arn>>'
}""",
        account=ACCOUNT,
        arn=names(stop.channel, "Arn"),
    )


def _deliver(stop: Stop, names: Names) -> str:
    return "{'Records': [$kinesis]}"


def _hand(stop: Stop, after: Stop, names: Names) -> str:
    """A pipe lifts the inner fields up to the record's own level (EventBridge Pipes guide, "Kinesis as source")."""
    flat = "$merge([$sift($kinesis, function($v, $k) { $k != 'kinesis' }), $kinesis.kinesis])"
    return f"{{'id': $kinesis.eventID, 'text': $string({flat}), 'value': {flat}}}"


def _test(stop: Stop, names: Names) -> str | None:
    """Criteria see the data decoded (JSON) under `data`."""
    return criteria(stop.filter, "$merge([$kinesis.kinesis, {'data': $parse($base64decode($kinesis.kinesis.data))}])")


ENVELOPE = Form(
    type="kinesis",
    variable="$kinesis",
    written=Written(service="kinesis", operations=("PutRecord",), by=(("StreamName", ""), ("StreamARN", "Arn"))),
    effect=_effect,
    hand=_hand,
    deliver=_deliver,
    test=_test,
)
