"""DynamoDB streams: the change record of an item, from the write that made it.

Shape: DynamoDB API, "Record" and "StreamRecord". The old image comes from the write's own response (ALL_OLD); an
`UpdateItem` effect carries both images as `oldImage` and `newImage`. Sequence numbers are synthetic.
"""

from __future__ import annotations

from untangle.channels.envelope.form import Form, Names, Unsupported, Written, fill, literal
from untangle.channels.envelope.pattern import criteria
from untangle.model.step import Stop


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    keys = stop.settings.get("key_names")
    if not isinstance(keys, tuple | list) or not keys or not all(isinstance(key, str) for key in keys):
        raise Unsupported("the table's key names are not known, so the record's Keys cannot be rebuilt")
    view = stop.settings.get("stream_view")
    if not isinstance(view, str):
        raise Unsupported("the stream's view type is not known, so its images cannot be rebuilt")
    images = "".join(
        f",\n    {part}"
        for part, views in (
            ("'NewImage': $new", ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")),
            ("'OldImage': $old", ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")),
        )
        if view in views
    )
    return fill(
        """
(
  $old := $e.op = 'UpdateItem' ? $e.oldImage : $r.Attributes;
  $new := $e.op = 'PutItem' ? $p.Item : $e.op = 'UpdateItem' ? $e.newImage;
  $image := $e.op = 'DeleteItem' ? ($exists($old) ? $old : $p.Key) : $new;
  {
    'eventID': $hash($states.context.Execution.Id & '|' & $e.id, 'MD5'),
    'eventName': $e.op = 'DeleteItem' ? 'REMOVE' : $exists($old) ? 'MODIFY' : 'INSERT',
    'eventVersion': '1.1',
    'eventSource': 'aws:dynamodb',
    'awsRegion': $split('<<arn>>', ':')[3],
    'dynamodb': {
      'ApproximateCreationDateTime': $floor($toMillis($e.at) / 1000),
      'Keys': $sift($image, function($v, $k) { $k in <<keys>> })<<images>>,
      'SequenceNumber': $string($toMillis($e.at)) & '0000000',
      'SizeBytes': $length($string($image)),
      'StreamViewType': <<view>>
    },
    'eventSourceARN': '<<arn>>'
  }
)""",
        keys=literal(tuple(keys)),
        images=images.replace("\n    ", "\n"),
        view=literal(view),
        arn=names(stop.channel, "StreamArn"),
    )


def _deliver(stop: Stop, names: Names) -> str:
    return "{'Records': [$record]}"


def _hand(stop: Stop, after: Stop, names: Names) -> str:
    return "{'id': $record.eventID, 'text': $string($record), 'value': $record}"


def _test(stop: Stop, names: Names) -> str | None:
    return criteria(stop.filter, "$record")


def _enter(source: str) -> str:
    """A pipe hands over an array of the very records that a mapping puts into an envelope (EventBridge Pipes guide, "Amazon
    DynamoDB stream as a source", "Example event")."""
    return f"{{'Records': [{source}]}}"


ENVELOPE = Form(
    type="dynamodb_stream",
    variable="$record",
    written=Written(
        service="dynamodb", operations=("PutItem", "UpdateItem", "DeleteItem"), by=(("TableName", ""), ("TableName", "Arn"))
    ),
    effect=_effect,
    hand=_hand,
    deliver=_deliver,
    test=_test,
    enter=_enter,
)
