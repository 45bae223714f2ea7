"""SNS: the notification as a function gets it, and as a queue holds it.

Shape: Lambda developer guide, "Using Lambda with Amazon SNS", and SNS guide, "Parsing message formats". The two differ
in the spelling of `SigningCertUrl`/`SigningCertURL`; with raw delivery the queue holds the bare message and the
attributes become the queue message's own. Signatures cannot be rebuilt and say so.
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.channels.envelope.form import Form, Names, Written, attributes, fill
from untangle.channels.envelope.pattern import POLICY, compile_pattern, looks_like_json
from untangle.model.step import Stop

_ATTRIBUTE = "{'Type': $v.DataType, 'Value': $exists($v.StringValue) ? $v.StringValue : $v.BinaryValue}"
# What a FIFO topic hands to a FIFO queue: the ids that it was given, or the digest of the message (SNS guide, "Message
# deduplication for FIFO topics").
_ORDER = """,
  'deduplication': $exists($p.MessageDeduplicationId) ? $p.MessageDeduplicationId : $hash($p.Message, 'SHA-256')"""
_MATCHED = (
    "$v.DataType = 'String.Array' ? $parse($v.StringValue) : $v.DataType = 'Number' ? $number($v.StringValue) : $v.StringValue"
)


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    protocol = "lambda" if after is None else "sqs"
    return fill(
        """
{
  'id': $r.MessageId,
  'subject': $p.Subject,
  'message': $p.MessageStructure = 'json'
    ? ($m := $parse($p.Message); $exists($m.<<protocol>>) ? $m.<<protocol>> : $m.default) : $p.Message,
  'attributes': $p.MessageAttributes,
  'group': $p.MessageGroupId<<order>>
}""",
        protocol=protocol,
        order=_ORDER if stop.settings.get("fifo") else "",
    )


def _receive(stop: Stop, before: Stop, names: Names) -> str:
    subject = ", 'subject': 'Amazon S3 Notification'" if before.type == "s3" else ""
    return f"{{'id': $in.id{subject}, 'message': $in.text}}"


def _deliver(stop: Stop, names: Names) -> str:
    return fill(
        """
{'Records': [{
  'EventSource': 'aws:sns',
  'EventVersion': '1.0',
  'EventSubscriptionArn': '<<topic>>:untangle',
  'Sns': {
    'Type': 'Notification',
    'MessageId': $sns.id,
    'TopicArn': '<<topic>>',
    'Subject': $exists($sns.subject) ? $sns.subject : null,
    'Message': $sns.message,
    'Timestamp': $e.at,
    'SignatureVersion': '1',
    'Signature': 'untangle-not-signed',
    'SigningCertUrl': '',
    'UnsubscribeUrl': '',
    'MessageAttributes': <<attributes>>
  }
}]}""",
        topic=names(stop.channel, "Arn"),
        attributes=attributes("$sns.attributes", _ATTRIBUTE),
    )


def _raw(stop: Stop) -> bool:
    return stop.delivery.get("raw_message_delivery") is True


def _hand(stop: Stop, after: Stop, names: Names) -> str:
    order = ", 'group': $sns.group, 'deduplication': $sns.deduplication" if stop.settings.get("fifo") else ""
    if _raw(stop):
        return f"{{'id': $sns.id, 'text': $sns.message, 'attributes': $sns.attributes{order}}}"
    return fill(
        """
{
  'id': $sns.id<<order>>,
  'text': $string($merge([
    {'Type': 'Notification', 'MessageId': $sns.id, 'TopicArn': '<<topic>>'},
    $exists($sns.subject) ? {'Subject': $sns.subject} : {},
    {
      'Message': $sns.message,
      'Timestamp': $e.at,
      'SignatureVersion': '1',
      'Signature': 'untangle-not-signed',
      'SigningCertURL': '',
      'UnsubscribeURL': ''
    },
    $exists($sns.attributes) and $count($keys($sns.attributes)) > 0 ? {'MessageAttributes': <<attributes>>} : {}
  ]))
}""",
        topic=names(stop.channel, "Arn"),
        attributes=attributes("$sns.attributes", _ATTRIBUTE),
        order=order,
    )


def _test(stop: Stop, names: Names) -> str | None:
    """A policy is held against the message attributes, or against the body where the subscription says MessageBody.

    A body that is no JSON object is taken by no policy, and a message without attributes by none, not even by one that asks
    for an attribute to be absent (SNS guide, "Payload-based filtering", "Key matching").
    """
    if not isinstance(stop.filter, Mapping) or not stop.filter:
        return None
    body = stop.filter.get("MessageBody")
    if isinstance(body, Mapping):
        return (
            f"({looks_like_json('$sns.message')} ? ($m := $parse($sns.message); {compile_pattern(body, '$m', POLICY)}) : false)"
        )
    root = attributes("$sns.attributes", _MATCHED)
    return f"($m := {root}; $count($keys($m)) > 0 and {compile_pattern(stop.filter, '$m', POLICY)})"


def _enter(source: str) -> str:
    """A topic starts no workflow itself: a queue takes its notifications (without raw delivery) and a pipe those of the queue,
    one at a time, as a function gets them (SNS guide, "Fanout to Amazon SQS queues"; EventBridge Pipes guide). The signature is
    the topic's own; the subscription is that of the queue.
    """
    return fill(
        """
{'Records': [$map(<<source>>, function($v) { (
  $n := $parse($v.body);
  {
    'EventSource': 'aws:sns',
    'EventVersion': '1.0',
    'EventSubscriptionArn': $n.TopicArn & ':untangle',
    'Sns': {
      'Type': $n.Type,
      'MessageId': $n.MessageId,
      'TopicArn': $n.TopicArn,
      'Subject': $exists($n.Subject) ? $n.Subject : null,
      'Message': $n.Message,
      'Timestamp': $n.Timestamp,
      'SignatureVersion': $n.SignatureVersion,
      'Signature': $n.Signature,
      'SigningCertUrl': $n.SigningCertURL,
      'UnsubscribeUrl': $n.UnsubscribeURL,
      'MessageAttributes': $exists($n.MessageAttributes) ? $n.MessageAttributes : {}
    }
  }
) })]}""",
        source=source,
    )


ENVELOPE = Form(
    type="sns",
    variable="$sns",
    written=Written(service="sns", operations=("Publish",), by=(("TopicArn", "Arn"), ("TargetArn", "Arn"))),
    effect=_effect,
    receive=_receive,
    hand=_hand,
    deliver=_deliver,
    test=_test,
    enter=_enter,
)
