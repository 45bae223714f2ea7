"""SQS: mappings, redrive, what a filter sees of a message."""

from __future__ import annotations

import pytest

from tests.channels.world import FN, QUEUE, arrows, gaps, link, links, ref, world
from untangle.channels.channel import Verdict
from untangle.channels.sns import CHANNEL as SNS
from untangle.channels.sqs import CHANNEL
from untangle.channels.unknown_source import CHANNEL as UNKNOWN_SOURCE
from untangle.model.link import Sent
from untangle.model.shape import Shape
from untangle.model.value import Concat, Either, Symbol, Value

MAPPING = {"Type": "AWS::Lambda::EventSourceMapping", "EventSourceArn": ref("Orders", "Arn"), "FunctionName": ref("Ship")}


def test_a_mapping_delivers_from_the_queue() -> None:
    made = world(Orders=QUEUE, Ship=FN, Mapping=MAPPING)
    assert arrows(CHANNEL, made) == {"Orders -> Ship"}
    found = link(CHANNEL, made)
    assert found.confidence.value == "declared"
    assert found.delivery == {"batch_size": 10}
    assert found.filter is None
    assert str(found.evidence[0].location) == "template.yaml:3"


def test_a_mapping_to_a_function_that_is_not_known_is_said() -> None:
    made = world(Orders=QUEUE, Mapping={**MAPPING, "FunctionName": Symbol("Name")})
    assert links(CHANNEL, made) == []
    assert [gap.what for gap in made.gaps] == ["consumer of the event source mapping of Mapping"]


def test_how_it_delivers() -> None:
    mapping = {
        **MAPPING,
        "BatchSize": "5",
        "MaximumBatchingWindowInSeconds": 30,
        "ScalingConfig": {"MaximumConcurrency": 2},
        "FunctionResponseTypes": ("ReportBatchItemFailures",),
        "Enabled": False,
    }
    assert link(CHANNEL, world(Orders=QUEUE, Ship=FN, Mapping=mapping)).delivery == {
        "batch_size": 5,
        "batch_window": 30,
        "maximum_concurrency": 2,
        "report_batch_item_failures": True,
        "enabled": False,
    }


@pytest.mark.parametrize(
    "policy",
    [
        {"deadLetterTargetArn": ref("Dead", "Arn"), "maxReceiveCount": 3},
        Concat(('{"deadLetterTargetArn": "', ref("Dead", "Arn"), '", "maxReceiveCount": "3"}')),
    ],
    ids=["mapping", "text"],
)
def test_a_redrive_is_written_by_the_consumer_that_failed(policy: Value) -> None:
    made = world(Orders={**QUEUE, "RedrivePolicy": policy, "VisibilityTimeout": 180}, Dead=QUEUE, Ship=FN, Mapping=MAPPING)
    assert arrows(CHANNEL, made) == {"Orders -> Ship", "Ship ~> Dead"}
    delivered, redriven = sorted(links(CHANNEL, made), key=lambda item: item.reason or "")
    assert (redriven.reason, redriven.multiplicity) == ("redrive", "maybe")
    assert delivered.delivery == {"batch_size": 10, "max_receive_count": 3, "dead_letter": "s/Dead"}
    assert CHANNEL.settings is not None
    assert CHANNEL.settings(made.resources["s/Orders"], made) == {
        "visibility_timeout": 180,
        "retention": 345600,
        "redrive": {"max_receive_count": 3, "dead_letter": "s/Dead"},
    }


def test_a_redrive_that_a_condition_chooses_has_that_condition() -> None:
    policy = Either(({"deadLetterTargetArn": ref("Dead", "Arn"), "maxReceiveCount": 3}, None), ("HasDead", "not HasDead"))
    made = world(Orders={**QUEUE, "RedrivePolicy": policy}, Dead=QUEUE, Ship=FN, Mapping=MAPPING)
    delivered, redriven = sorted(links(CHANNEL, made), key=lambda item: item.reason or "")
    assert (redriven.reason, redriven.condition) == ("redrive", "HasDead")
    assert delivered.delivery["max_receive_count"] == 3


def test_a_fifo_queue_with_delay() -> None:
    made = world(Orders={**QUEUE, "FifoQueue": "true", "DelaySeconds": 60})
    assert CHANNEL.settings is not None
    settings = CHANNEL.settings(made.resources["s/Orders"], made)
    assert settings["fifo"] is True and settings["delay_seconds"] == 60 and "redrive" not in settings


def test_aliases_and_conditions_are_seen_through() -> None:
    made = world(
        Orders={**QUEUE, "Condition": "IsProd"},
        Ship=FN,
        Live={"Type": "AWS::Lambda::Alias", "FunctionName": ref("Ship")},
        Mapping={**MAPPING, "FunctionName": ref("Live"), "Condition": "WithMapping"},
    )
    assert arrows(CHANNEL, made) == {"Orders -> Ship"}
    assert link(CHANNEL, made).condition == "WithMapping and IsProd"


def test_a_mapping_from_nowhere_known_is_said() -> None:
    made = world(Ship=FN, Mapping={**MAPPING, "EventSourceArn": Symbol("QueueArn")})
    assert arrows(CHANNEL, made) == set()
    (gap,) = gaps(UNKNOWN_SOURCE, made)
    assert "${QueueArn}" in gap.why and str(gap.location) == "template.yaml:2"


FILTER = ({"body": {"kind": ("order",)}},)


@pytest.mark.parametrize(
    ("filter", "sent", "verdict"),
    [
        (FILTER, Sent(service="sqs", operation="SendMessage", attributes={"MessageBody": '{"kind": "order"}'}), "passes"),
        (FILTER, Sent(service="sqs", operation="SendMessage", attributes={"MessageBody": '{"kind": "refund"}'}), "excluded"),
        (FILTER, Sent(service="sqs", operation="SendMessage", attributes={"MessageBody": Symbol("body")}), "unknown"),
        (FILTER, Sent(service="sqs", operation="SendMessage"), "unknown"),
        (({"body": ("go",)},), Sent(service="sqs", operation="SendMessage", attributes={"MessageBody": "go"}), "passes"),
        (
            ({"messageAttributes": {"k": {"stringValue": ("a",)}}},),
            Sent(service="sqs", operation="SendMessage", attributes={"MessageAttributes": {"k": {"StringValue": "b"}}}),
            "excluded",
        ),
        (FILTER, Sent(service="events", operation="PutEvents", attributes={"Source": "shop"}), "excluded"),
        (
            ({"body": {"source": ("shop",)}},),
            Sent(service="events", operation="PutEvents", attributes={"Source": "shop"}),
            "passes",
        ),
        (FILTER, Sent(service="s3", operation="PutObject"), "unknown"),
    ],
)
def test_what_a_filter_lets_pass(filter: Value, sent: Sent, verdict: str) -> None:
    assert CHANNEL.accepts is not None
    assert CHANNEL.accepts(sent, filter).verdict.value == verdict


@pytest.mark.parametrize(("raw", "verdict"), [(True, Verdict.PASSES), (False, Verdict.EXCLUDED)])
def test_a_notification_hides_the_message_unless_it_is_raw(raw: bool, verdict: Verdict) -> None:
    endpoint = {"Type": "AWS::SNS::Subscription", "TopicArn": ref("News"), "Protocol": "sqs", "Endpoint": ref("Orders", "Arn")}
    made = world(News={"Type": "AWS::SNS::Topic"}, Orders=QUEUE, Sub={**endpoint, "RawMessageDelivery": raw})
    assert SNS.onward is not None and CHANNEL.accepts is not None
    body = Shape(kind="object", properties={"kind": Shape(kind="string", constant="order")})
    sent = SNS.onward(Sent(service="sns", operation="Publish", body=body), link(SNS, made))
    assert sent is not None
    assert CHANNEL.accepts(sent, FILTER).verdict is verdict
