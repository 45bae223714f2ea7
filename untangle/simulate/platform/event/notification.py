"""SNS: a notification, as a function gets it and as a queue holds it.

A function gets `SigningCertUrl` and a `Subject` even where there is none, a queue `SigningCertURL` and no such subject; with raw
delivery a queue gets the message alone, with its attributes as its own.
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.platform.event.text import base64_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message of a topic, published at `at` (`2026-01-01T00:00:00.000Z`).

    `attributes` are in the API's spelling; `message` is as published, `structured` says that it holds one text for each protocol.
    `sequence` is that of a FIFO topic.
    """

    id: str
    topic: str
    at: str
    message: str
    subject: str | None = None
    structured: bool = False
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    group: str | None = None
    deduplication: str | None = None
    sequence: str | None = None

    def text(self, protocol: str) -> str:
        """The message for a protocol ("lambda", "sqs")."""
        if not self.structured:
            return self.message
        texts = json.loads(self.message)
        return str(texts.get(protocol, texts.get("default", "")))


def record(notification: Notification, subscription: str) -> dict[str, Any]:
    """The one record of the event that a function gets; `subscription` is an ARN."""
    sns: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": notification.id,
        "TopicArn": notification.topic,
        "Subject": notification.subject,
        "Message": notification.text("lambda"),
        "Timestamp": notification.at,
        "SignatureVersion": "1",
        "Signature": "simulated",
        "SigningCertUrl": f"https://sns.{_region(notification)}.amazonaws.com/SimpleNotificationService-simulated.pem",
        "UnsubscribeUrl": _unsubscribe(notification, subscription),
        "MessageAttributes": _attributes(notification),
    }
    return {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription, "Sns": sns}


def body(notification: Notification, subscription: str) -> str:
    """The body of the message that a queue gets without raw delivery."""
    sequence = {} if notification.sequence is None else {"SequenceNumber": notification.sequence}
    subject = {} if notification.subject is None else {"Subject": notification.subject}
    attributes = {"MessageAttributes": _attributes(notification)} if notification.attributes else {}
    held = {
        "Type": "Notification",
        "MessageId": notification.id,
        **sequence,
        "TopicArn": notification.topic,
        **subject,
        "Message": notification.text("sqs"),
        "Timestamp": notification.at,
        "SignatureVersion": "1",
        "Signature": "simulated",
        "SigningCertURL": f"https://sns.{_region(notification)}.amazonaws.com/SimpleNotificationService-simulated.pem",
        "UnsubscribeURL": _unsubscribe(notification, subscription),
        **attributes,
    }
    return json.dumps(held, indent=2, ensure_ascii=False)


def _attributes(notification: Notification) -> dict[str, Any]:
    return {name: {"Type": value["DataType"], "Value": _value(value)} for name, value in notification.attributes.items()}


def _value(value: Mapping[str, Any]) -> Any:
    text = value.get("StringValue")
    return text if text is not None else base64_text(value.get("BinaryValue", b""))


def _region(notification: Notification) -> str:
    return notification.topic.split(":")[3]


def _unsubscribe(notification: Notification, subscription: str) -> str:
    return f"https://sns.{_region(notification)}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}"
