"""SQS and SNS: queues with their dead-letter queues, topics, and what subscribes to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from untangle.model.resource import Gap
from untangle.scanners.account.inventory.place import Found, Place, Reader, document, name_of, picked, single
from untangle.scanners.account.inventory.policies import attached

_NUMBERS = ("VisibilityTimeout", "DelaySeconds", "MessageRetentionPeriod")
_FLAGS = ("FifoQueue", "ContentBasedDeduplication")


def read_queues(place: Place) -> Iterator[Found]:
    """Every queue of a region. One whose attributes may not be read is there, without settings."""
    urls = sorted(str(url) for url in place.ask("sqs", "ListQueues").items("QueueUrls"))
    asked = [{"QueueUrl": url, "AttributeNames": ["All"]} for url in urls]
    for url, answer in zip(urls, place.each("sqs", "GetQueueAttributes", asked), strict=True):
        found = single(answer).get("Attributes") or {}
        name = name_of(url)
        arn = found.get("QueueArn") or place.arn("sqs", name)
        properties: dict[str, Any] = {"QueueName": name}
        properties |= {key: int(found[key]) for key in _NUMBERS if str(found.get(key, "")).isdigit()}
        properties |= {key: True for key in _FLAGS if str(found.get(key)).lower() == "true"}
        properties |= {key: document(found.get(key)) for key in ("RedrivePolicy", "RedriveAllowPolicy")}
        properties |= picked(found, "DeduplicationScope", "FifoThroughputLimit")
        if not answer.outcome.known:
            yield Gap(
                what=f"settings of queue {name}", why=f"its attributes could not be read: {answer.code or answer.outcome.value}"
            )
        yield place.resource("AWS::SQS::Queue", name, properties, arn=arn, ref=url, QueueUrl=url, QueueName=name)
        yield from attached(place, "AWS::SQS::QueuePolicy", f"queue:{name}", "Queues", [url], found.get("Policy"))


def read_topics(place: Place) -> Iterator[Found]:
    """Every topic and subscription of a region. What waits to be confirmed gets no messages and is left out."""
    arns = [str(topic.get("TopicArn")) for topic in place.ask("sns", "ListTopics").items("Topics")]
    for arn, answer in zip(arns, place.each("sns", "GetTopicAttributes", [{"TopicArn": arn} for arn in arns]), strict=True):
        name = name_of(arn)
        properties = {"TopicName": name, "FifoTopic": True if name.endswith(".fifo") else None}
        yield place.resource("AWS::SNS::Topic", name, properties, arn=arn, ref=arn, TopicArn=arn, TopicName=name)
        policy = (single(answer).get("Attributes") or {}).get("Policy")
        yield from attached(place, "AWS::SNS::TopicPolicy", f"topic:{name}", "Topics", [arn], policy)
    listed = place.ask("sns", "ListSubscriptions").items("Subscriptions")
    confirmed = {str(item["SubscriptionArn"]): item for item in listed if str(item.get("SubscriptionArn", "")).startswith("arn:")}
    asked = [{"SubscriptionArn": arn} for arn in sorted(confirmed)]
    for (arn, item), answer in zip(sorted(confirmed.items()), place.each("sns", "GetSubscriptionAttributes", asked), strict=True):
        yield from _subscription(place, arn, {**item, **(single(answer).get("Attributes") or {})})
        if not answer.outcome.known:
            why = f"its attributes could not be read: {answer.code or answer.outcome.value}"
            yield Gap(what=f"filter of the subscription {arn}", why=why)


def _subscription(place: Place, arn: str, found: dict[str, Any]) -> Iterator[Found]:
    topic = str(found.get("TopicArn"))
    properties = {
        **picked(found, "TopicArn", "Protocol", "Endpoint", "FilterPolicyScope", "SubscriptionRoleArn"),
        "FilterPolicy": document(found.get("FilterPolicy")),
        "RawMessageDelivery": True if str(found.get("RawMessageDelivery")).lower() == "true" else None,
        "RedrivePolicy": document(found.get("RedrivePolicy")),
    }
    address = f"subscription:{name_of(topic)}:{arn.rpartition(':')[2]}"
    yield place.resource("AWS::SNS::Subscription", address, properties, arn=arn, ref=arn)


QUEUES = Reader(title="SQS queues", read=read_queues)
TOPICS = Reader(title="SNS topics", read=read_topics)
