"""Each channel's part in an envelope, in JSONPath: the message it holds, what it hands on, the event it delivers.

The events are those of `channels.envelope`, where their shapes have their sources. What JSONPath has no word for is refused
with the reason: cutting and encoding text, arithmetic on times, fields that are there or not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from untangle.channels.envelope.form import Unsupported
from untangle.emit.asl.jsonpath.text import Expression, call, of_effect, part, quoted
from untangle.emit.asl.jsonpath.way import Message, Way
from untangle.model.step import Stop
from untangle.model.value import Value

ACCOUNT = part(Expression("$$.StateMachine.Id"), ":", 4)
REGION = part(Expression("$$.StateMachine.Id"), ":", 3)
_REFUSED = {
    "s3": "an object's key must be URL-encoded and its identifiers cut to length, for which JSONPath has no function",
    "dynamodb_stream": "a record has the images that there are, and their size, which a JSONPath can neither choose nor count",
    "kinesis": "a record's time is a fraction of a number, and JSONPath cannot divide",
}


def _first(stop: Stop, way: Way) -> Message:
    """The message that the effect puts into the first channel."""
    if stop.type == "sqs":
        return Message(
            id=of_effect("response", "MessageId"),
            text=of_effect("params", "MessageBody"),
            attributes=of_effect("ready", "attributes"),
            given=of_effect("params", "MessageAttributes"),
            system=of_effect("ready", "system"),
            md5=of_effect("ready", "md5"),
        )
    if stop.type == "sns":
        way.without("MessageStructure")
        return Message(
            id=of_effect("response", "MessageId"),
            text=of_effect("params", "Message"),
            typed=of_effect("ready", "typed"),
            attributes=of_effect("ready", "attributes"),
            given=of_effect("params", "MessageAttributes"),
            subject=of_effect("ready", "subject"),
            md5=of_effect("ready", "md5"),
        )
    if stop.type == "eventbridge":
        return Message(id=of_effect("response", "EventId"), value=_event())
    if stop.type == "lambda_invoke":
        return Message(id=of_effect("id"), value=of_effect("params", "Payload"))
    if stop.type == "create_schedule":
        return Message(id=of_effect("id"), value=call("StringToJson", of_effect("params", "Target", "Input")))
    if stop.type == "lambda_destination":
        at = of_effect("timestamp")
        return Message(id=of_effect("requestContext", "requestId"), value=of_effect(), at=at, millis=None)
    raise Unsupported(_REFUSED.get(stop.type, f"nothing is written to a {stop.type} directly"))


def _event() -> dict[str, Any]:
    return {
        "version": "0",
        "id": of_effect("response", "EventId"),
        "detail-type": of_effect("params", "DetailType"),
        "source": of_effect("params", "Source"),
        "account": ACCOUNT,
        "time": of_effect("ready", "time"),
        "region": REGION,
        "resources": of_effect("ready", "resources"),
        "detail": call("StringToJson", of_effect("params", "Detail")),
    }


def _destination_event(message: Message) -> dict[str, Any]:
    return {
        "version": "0",
        "id": message.id,
        "detail-type": "Lambda Function Invocation Result - Success",
        "source": "lambda",
        "account": ACCOUNT,
        "time": message.at,
        "region": REGION,
        "resources": [],
        "detail": message.value,
    }


def travel(stops: tuple[Stop, ...], way: Way) -> tuple[Message, ...]:
    """The message as each of the stops holds it, in order. Raises `Unsupported` with the reason in words."""
    if not stops:
        raise Unsupported("the hop passes no channel")
    found = [_first(stops[0], way)]
    for before, stop in pairwise(stops):
        found.append(_handed(before, stop, found[-1], way))
    return tuple(found)


def _handed(before: Stop, stop: Stop, message: Message, way: Way) -> Message:
    if stop.type == before.type and stop.type in ("sqs", "eventbridge"):
        return message
    if stop.type == "pipe":
        for setting in ("input_template", "enrichment"):
            if stop.delivery.get(setting) or stop.settings.get(setting):
                raise Unsupported(f"the pipe has an {setting.replace('_', ' ')}, which is not rebuilt")
        return Message(id=message.id, value=record(before, message, way)) if before.type == "sqs" else message
    if stop.type == "eventbridge" and before.type == "lambda_destination":
        return Message(id=message.id, value=_destination_event(message), at=message.at, millis=None)
    if stop.type not in ("sqs", "sns"):
        raise Unsupported(f"the way from {before.type} to {stop.type} is not rebuilt")
    return _HANDS[before.type](before, message, way) if before.type in _HANDS else _unknown(before, stop)


def _unknown(before: Stop, stop: Stop) -> Message:
    raise Unsupported(f"the way from {before.type} to {stop.type} is not rebuilt")


def _notified(stop: Stop, message: Message, way: Way) -> Message:
    """A topic's message in a queue: bare, or as the text of its notification."""
    if stop.delivery.get("raw_message_delivery") is True:
        return Message(
            id=message.id, text=message.text, attributes=message.attributes, given=message.given, md5=message.md5, at=message.at
        )
    notification = {
        "Type": "Notification",
        "MessageId": message.id,
        "TopicArn": way.names(stop.channel, "Arn"),
        "Message": message.text,
        "Timestamp": message.at,
        "SignatureVersion": "1",
        "Signature": "untangle-not-signed",
        "SigningCertURL": "",
        "UnsubscribeURL": "",
    }
    held = way.keep("notification", notification)
    if message.subject is not None:  # what only some notifications have is handed over by the outbox
        held = call("JsonMerge", held, of_effect("ready", "optional"), Expression("false"))
    return Message(id=message.id, text=call("JsonToString", held), at=message.at, millis=message.millis)


def _put(stop: Stop, message: Message, way: Way) -> Message:
    """An event in a queue or topic: its text."""
    value = delivered(stop, message, way)
    if isinstance(value, Expression):
        raise Unsupported("a path into the event may find a text or an object, which stand differently in a message")
    if value is not message.value:
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        return Message(id=message.id, text=call("Format", "{}", text), at=message.at, millis=message.millis)
    text_of_event = call("JsonToString", way.keep("event", value))
    return Message(id=message.id, text=text_of_event, at=message.at, millis=message.millis)


def _recorded(stop: Stop, message: Message, way: Way) -> Message:
    return Message(id=message.id, text=call("JsonToString", message.value), at=message.at, millis=None)


_HANDS: Mapping[str, Callable[[Stop, Message, Way], Message]] = {
    "sns": _notified,
    "eventbridge": _put,
    "lambda_destination": _recorded,
}


def delivered(stop: Stop, message: Message, way: Way) -> Any:
    """What a rule's target gets: the event, a constant in its place, or what a path finds in it."""
    delivery = stop.delivery
    if delivery.get("input") is not None:
        return _constant(delivery["input"])
    if delivery.get("input_path") is not None:
        path = str(delivery["input_path"]).strip()
        if path == "$":
            return message.value
        if not path.startswith("$.") or any(sign in path for sign in "*?@:("):
            raise Unsupported(f"the path {path!r} is not a plain one")
        return Expression(f"{way.keep('event', message.value)}{path[1:]}")
    if delivery.get("input_transformer") is not None:
        raise Unsupported("an input transformer leaves out what is not there, and a path that finds nothing fails the state")
    return message.value


def _constant(value: Value) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def record(stop: Stop, message: Message, way: Way) -> dict[str, Any]:
    """A queue's message as an event source mapping or a pipe hands it over."""
    if message.millis is None:
        raise Unsupported("the time of an invocation record would have to be turned into milliseconds")
    arn = way.names(stop.channel, "Arn")
    counted = {
        "ApproximateReceiveCount": call("Format", Expression("'{}'"), call("MathAdd", Expression("$$.State.RetryCount"), 1)),
        "SentTimestamp": message.millis,
        "SenderId": "untangle",
        "ApproximateFirstReceiveTimestamp": message.millis,
    }
    return {
        "messageId": message.id,
        "receiptHandle": call("Format", Expression("'untangle:{}'"), message.id),
        "body": message.text,
        "attributes": counted if message.system is None else _merged(counted, message.system),
        "messageAttributes": message.attributes,
        "md5OfBody": message.md5
        or way.made_up("md5OfBody", "States.Hash takes no text of more than 10,000 characters, which this body may have"),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": part(arn, ":", 3),
    }


def _merged(counted: Mapping[str, Any], system: Expression) -> Expression:
    """The counters with the attributes that only some messages have, in one expression."""
    written = ",".join(f"{quoted(json.dumps(key))[1:-1]}:" + ('"untangle"' if key == "SenderId" else '"{}"') for key in counted)
    values = [_bare(value) for key, value in counted.items() if key != "SenderId"]
    text = call("Format", Expression(f"'\\{{{written}\\}}'"), *values)
    return call("JsonMerge", call("StringToJson", text), system, Expression("false"))


def _bare(value: Expression) -> Expression:
    """The number or text that a `States.Format('{}', …)` would only write as text."""
    inner = value.removeprefix("States.Format('{}', ")
    return Expression(inner[:-1]) if inner != value else value


def event(stops: tuple[Stop, ...], way: Way) -> Any:
    """The event that the handler gets at the end of the way: an expression or what goes into a template."""
    message = travel(stops, way)[-1]
    last = stops[-1]
    if last.type == "sqs":
        return {"Records": [record(last, message, way)]}
    if last.type == "sns":
        return {"Records": [_notification(last, message, way)]}
    if last.type == "eventbridge":
        return delivered(last, message, way)
    if last.type == "pipe":
        return [message.value]
    return message.value


def _notification(stop: Stop, message: Message, way: Way) -> dict[str, Any]:
    topic = way.names(stop.channel, "Arn")
    return {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{topic}:untangle",
        "Sns": {
            "Type": "Notification",
            "MessageId": message.id,
            "TopicArn": topic,
            "Subject": message.subject,
            "Message": message.text,
            "Timestamp": message.at,
            "SignatureVersion": "1",
            "Signature": "untangle-not-signed",
            "SigningCertUrl": "",
            "UnsubscribeUrl": "",
            "MessageAttributes": message.typed,
        },
    }


def parked(stops: tuple[Stop, ...], way: Way) -> Message:
    """The message as it stands in the last channel that holds messages, for parking it elsewhere."""
    held = tuple(stop for stop in stops if stop.type != "pipe") or stops
    message = travel(held, way)[-1]
    if message.text is None:
        raise Unsupported(f"what a {held[-1].type} holds is not a text that could be parked")
    return message
