"""SNS: a topic copies each message to the subscriptions whose filter policy lets it pass.

A function is invoked asynchronously, a queue gets the notification or (raw) the message. A FIFO topic keeps the order of a group
and drops what it had within five minutes. What cannot be delivered goes to the subscription's dead-letter queue.
https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from untangle.model.link import Link, LinkKind
from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.platform.event.notification import Notification, body, record
from untangle.simulate.platform.matching import UnreadableFilter, in_policy
from untangle.simulate.platform.passing import not_played, pass_on, resolved
from untangle.simulate.platform.played import Handed, Played, Stage

MOST_BYTES = 262_144
SAME_WITHIN = 300.0  # seconds in which a FIFO topic drops a message that it had
_SERVICE = "sns.amazonaws.com"


def _claims(stage: Stage, call: ApiCall) -> Mapping[str, Any] | None:
    params = call.params
    topic = stage.application.node(str(params.get("TopicArn") or params.get("TargetArn") or ""), "sns")
    if topic is None:
        return None
    if call.operation == "Publish":
        return _answer(_publish(stage, topic, params))
    taken: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in params.get("PublishBatchRequestEntries") or ():
        try:
            taken.append({"Id": entry["Id"], **_answer(_publish(stage, topic, entry))})
        except ApiError as error:
            failed.append({"Id": entry["Id"], "Code": error.code, "Message": error.message, "SenderFault": True})
    return {"Successful": taken, "Failed": failed}


def _answer(notification: Notification) -> dict[str, Any]:
    sequence = {} if notification.sequence is None else {"SequenceNumber": notification.sequence}
    return {"MessageId": notification.id, **sequence}


def _publish(stage: Stage, topic: str, params: Mapping[str, Any]) -> Notification:
    message = str(params.get("Message") or "")
    _refuse_malformed(message, params)
    fifo = stage.application.is_fifo(topic)
    group = params.get("MessageGroupId")
    if fifo and group is None:
        raise _invalid("The MessageGroupId parameter is required for FIFO topics")
    notification = Notification(
        id=stage.new_id(),
        topic=stage.application.attribute(topic, "Arn"),
        at=stage.clock.text,
        message=message,
        subject=params.get("Subject"),
        structured=params.get("MessageStructure") == "json",
        attributes=params.get("MessageAttributes") or {},
        group=group,
        deduplication=_deduplication(stage, topic, params, message) if fifo else None,
        sequence=_sequence(stage, topic) if fifo else None,
    )
    had = _had(stage, topic, notification)
    if had is not None:
        return had
    _spread(stage, topic, notification)
    return notification


def _refuse_malformed(message: str, params: Mapping[str, Any]) -> None:
    """What Publish refuses: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
    if not message:
        raise _invalid("Empty message")
    if len(message.encode()) > MOST_BYTES:
        raise _invalid("Message too long")
    if params.get("MessageStructure") == "json":
        try:
            texts = json.loads(message)
        except (ValueError, RecursionError):
            texts = None
        if not isinstance(texts, dict) or "default" not in texts:
            raise _invalid("Message Structure - No default entry in JSON message body")


def _invalid(what: str) -> ApiError:
    return ApiError("InvalidParameter", f"Invalid parameter: {what}", service="sns")


def _deduplication(stage: Stage, topic: str, params: Mapping[str, Any], message: str) -> str:
    given = params.get("MessageDeduplicationId")
    if given:
        return str(given)
    resource = stage.application.resource(topic)
    if resource is not None and resource.get("ContentBasedDeduplication") not in (True, "true"):
        raise _invalid(
            "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
        )
    return hashlib.sha256(message.encode()).hexdigest()


def _sequence(stage: Stage, topic: str) -> str:
    counts: dict[str, int] = stage.memory("sns").setdefault("sequence", {})
    counts[topic] = counts.get(topic, 0) + 1
    return f"1{counts[topic]:019d}"


def _had(stage: Stage, topic: str, notification: Notification) -> Notification | None:
    """The message that a FIFO topic had with the same deduplication id; else it is noted."""
    if notification.deduplication is None:
        return None
    seen: dict[tuple[str, str], tuple[float, Notification]] = stage.memory("sns").setdefault("seen", {})
    at, before = seen.get((topic, notification.deduplication), (float("-inf"), notification))
    if stage.clock.now - at < SAME_WITHIN:
        stage.tell("drop", topic, why="a message with this deduplication id was published within five minutes", id=before.id)
        return before
    seen[topic, notification.deduplication] = (stage.clock.now, notification)
    return None


def _receive(stage: Stage, topic: str, message: Handed) -> None:
    """What a service publishes: the text it hands over, without attributes. S3 gives its messages a subject."""
    notification = Notification(
        id=message.id or stage.new_id(),
        topic=stage.application.attribute(topic, "Arn"),
        at=stage.clock.text,
        message=message.text,
        subject="Amazon S3 Notification" if message.service == "s3.amazonaws.com" else None,
        attributes=message.attributes,
        group=message.group,
    )
    _spread(stage, topic, notification)


def _spread(stage: Stage, topic: str, notification: Notification) -> None:
    for index, link in enumerate(stage.links(topic)):
        try:
            passes = in_policy(resolved(stage, link.filter), notification.attributes, notification.message)
        except UnreadableFilter as error:
            not_played(stage, topic, f"the filter policy of its subscription to {link.target} is not readable: {error}")
            continue
        if passes:
            pass_on(stage, topic, partial(_deliver, stage, topic, link, notification, index))


def _deliver(stage: Stage, topic: str, link: Link, notification: Notification, index: int) -> None:
    subscription = f"{notification.topic}:{index:08d}-0000-4000-8000-000000000000"
    raw = link.delivery.get("raw_message_delivery") is True
    if link.kind is LinkKind.DELIVER:
        event = {"Records": [record(notification, subscription)]}
        stage.tell("deliver", topic, to=link.target, event=event)
        stage.invoke_later(link.target, event)
        return
    message = Handed(
        text=notification.text("sqs") if raw else body(notification, subscription),
        attributes=notification.attributes if raw else {},
        id=notification.id,
        source=notification.topic,
        service=_SERVICE,
        group=notification.group,
        deduplication=notification.deduplication,
    )
    kind = stage.application.type_of(link.target)
    if kind == "sqs":
        stage.hand(link.target, message)
        return
    parked = link.delivery.get("dead_letter")
    not_played(
        stage, link.target, f"a subscription delivers to it, which is no queue of the application ({kind or 'not declared'})"
    )
    if isinstance(parked, str) and not kind:
        stage.tell("park", parked, id=notification.id, why=f"{link.target} cannot be reached")
        stage.hand(parked, message)


PLAYED = Played(type="sns", operations={"sns": frozenset({"Publish", "PublishBatch"})}, claims=_claims, receive=_receive)
