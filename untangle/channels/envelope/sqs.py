"""SQS: the message, and the batch of one in which an event source mapping hands it to a function.

Shape: Lambda developer guide, "Using Lambda with Amazon SQS". `ApproximateReceiveCount` counts the attempts of the
state, as the queue would have counted its deliveries; `receiptHandle` is synthetic, there is no message to delete. The trace
header is that of the call or, where it sets none, that of the run which made it, as SQS takes it from the request.
"""

from __future__ import annotations

from untangle.channels.envelope.form import Form, Names, Written, attributes, fill
from untangle.channels.envelope.pattern import criteria, looks_like_json
from untangle.model.step import Stop

_ATTRIBUTE = """$merge([
  $exists($v.StringValue) ? {'stringValue': $v.StringValue} : {},
  $exists($v.BinaryValue) ? {'binaryValue': $v.BinaryValue} : {},
  {'stringListValues': [], 'binaryListValues': [], 'dataType': $v.DataType}
])"""


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    return fill("""
{
  'id': $r.MessageId,
  'body': $p.MessageBody,
  'attributes': $p.MessageAttributes,
  'system': {
    'MessageGroupId': $p.MessageGroupId,
    'MessageDeduplicationId': $p.MessageDeduplicationId,
    'AWSTraceHeader': [$p.MessageSystemAttributes.AWSTraceHeader.StringValue, $e.trace][0]
  }
}""")


def _receive(stop: Stop, before: Stop, names: Names) -> str:
    if before.type == "sqs":  # a redrive moves the message as it is
        return "$sqs"
    # a topic's groups are not passed to standard queues (SNS guide, "Message grouping for FIFO topics")
    fifo = before.type == "sns" and before.settings.get("fifo") and stop.settings.get("fifo")
    system = "'MessageGroupId': $in.group, 'MessageDeduplicationId': $in.deduplication" if fifo else ""
    return f"{{'id': $in.id, 'body': $in.text, 'attributes': $in.attributes, 'system': {{{system}}}}}"


def _records(stop: Stop, names: Names) -> str:
    sequence = "\n    'SequenceNumber': $string($toMillis($e.at)) & '00000'," if stop.settings.get("fifo") else ""
    return fill(
        """
{
  'messageId': $sqs.id,
  'receiptHandle': 'untangle:' & $sqs.id,
  'body': $sqs.body,
  'attributes': $merge([{<<sequence>>
    'ApproximateReceiveCount': $string($states.context.State.RetryCount + 1),
    'SentTimestamp': $string($toMillis($e.at)),
    'SenderId': 'untangle',
    'ApproximateFirstReceiveTimestamp': $string($toMillis($e.at))
  }, $sqs.system]),
  'messageAttributes': <<attributes>>,
  'md5OfBody': $hash($sqs.body, 'MD5'),
  'eventSource': 'aws:sqs',
  'eventSourceARN': '<<arn>>',
  'awsRegion': $split('<<arn>>', ':')[3]
}""",
        sequence=sequence,
        attributes=attributes("$sqs.attributes", _ATTRIBUTE),
        arn=names(stop.channel, "Arn"),
    )


def _deliver(stop: Stop, names: Names) -> str:
    return fill("{'Records': [<<record>>]}", record=_records(stop, names))


def _hand(stop: Stop, after: Stop, names: Names) -> str:
    if after.type == "sqs":
        return "$sqs"
    return fill(
        "{'id': $sqs.id, 'text': $sqs.body, 'value': <<record>>, 'attributes': $sqs.attributes, 'at': $e.at}",
        record=_records(stop, names),
    )


def _test(stop: Stop, names: Names) -> str | None:
    """Filter criteria see the record; a body that is JSON text is parsed (Lambda guide, "Filtering from SQS")."""
    return criteria(
        stop.filter,
        f"{{'body': {looks_like_json('$sqs.body')} ? $parse($sqs.body) : $sqs.body, 'attributes': $sqs.system, "
        f"'messageAttributes': {attributes('$sqs.attributes', _ATTRIBUTE)}}}",
    )


def _enter(source: str) -> str:
    """A pipe hands over an array of the records that a mapping would have put into an envelope; the tries of the workflow add
    to the deliveries that the queue counted (EventBridge Pipes guide, "Amazon SQS queue as a source", "Example event")."""
    return fill(
        """
{'Records': [$map(<<source>>, function($v) { $merge([$v, {'attributes': $merge([$v.attributes, {
  'ApproximateReceiveCount': $string($number($v.attributes.ApproximateReceiveCount) + $states.context.State.RetryCount)
}])}]) })]}""",
        source=source,
    )


def parked_records(source: str) -> str:
    """The messages of a pipe's records as they stood in the queue: an array of `{body, attributes}`."""
    attribute = """$merge([
  $exists($v.stringValue) ? {'StringValue': $v.stringValue} : {},
  $exists($v.binaryValue) ? {'BinaryValue': $v.binaryValue} : {},
  {'DataType': $v.dataType}
])"""
    return fill(
        """
[$map(<<source>>, function($m) {
  {'body': $m.body, 'attributes': <<attributes>>}
})]""",
        source=source,
        attributes=attributes("$m.messageAttributes", attribute),
    )


ENVELOPE = Form(
    type="sqs",
    variable="$sqs",
    written=Written(service="sqs", operations=("SendMessage",), by=(("QueueUrl", ""),)),
    effect=_effect,
    receive=_receive,
    hand=_hand,
    deliver=_deliver,
    test=_test,
    enter=_enter,
)
