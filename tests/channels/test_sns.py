"""SNS: subscriptions of both kinds, filter policies on attributes and body."""

from __future__ import annotations

import pytest

from tests.channels.world import FN, QUEUE, TOPIC, arrows, gaps, link, links, ref, triggers, world
from untangle.channels.sns import CHANNEL
from untangle.model.link import Sent
from untangle.model.shape import Shape
from untangle.model.value import Symbol, Value

SUBSCRIPTION = {"Type": "AWS::SNS::Subscription", "TopicArn": ref("News"), "Protocol": "lambda", "Endpoint": ref("Mail", "Arn")}


def test_a_subscription_is_a_link_of_its_topic() -> None:
    assert arrows(CHANNEL, world(News=TOPIC, Mail=FN, Sub=SUBSCRIPTION)) == {"News -> Mail"}


def test_subscriptions_inside_the_topic() -> None:
    inside = ({"Protocol": "sqs", "Endpoint": ref("Orders", "Arn")}, {"Protocol": "email", "Endpoint": "a@example.com"})
    made = world(News={**TOPIC, "Subscription": inside}, Orders=QUEUE)
    assert arrows(CHANNEL, made) == {"News => Orders"}
    assert not gaps(CHANNEL, made)


def test_what_a_subscription_says() -> None:
    made = world(
        News=TOPIC,
        Orders=QUEUE,
        Dead=QUEUE,
        Sub={
            **SUBSCRIPTION,
            "Protocol": "sqs",
            "Endpoint": ref("Orders", "Arn"),
            "RawMessageDelivery": "true",
            "FilterPolicy": {"kind": ("order",)},
            "RedrivePolicy": {"deadLetterTargetArn": ref("Dead", "Arn")},
        },
    )
    found = link(CHANNEL, made)
    assert found.filter == {"kind": ("order",)}
    assert found.delivery == {"raw_message_delivery": True, "dead_letter": "s/Dead"}


def test_a_policy_on_the_body_is_marked() -> None:
    made = world(News=TOPIC, Mail=FN, Sub={**SUBSCRIPTION, "FilterPolicyScope": "MessageBody", "FilterPolicy": '{"kind": ["a"]}'})
    assert link(CHANNEL, made).filter == {"MessageBody": {"kind": ("a",)}}


def test_a_topic_or_endpoint_that_is_not_known_is_said() -> None:
    made = world(News=TOPIC, Sub={**SUBSCRIPTION, "Endpoint": Symbol("Arn")}, Other={**SUBSCRIPTION, "TopicArn": Symbol("Topic")})
    assert links(CHANNEL, made) == []
    assert sorted(gap.why for gap in gaps(CHANNEL, made)) == [
        "${Arn} names nothing in the scan",
        "${Topic} names nothing in the scan",
    ]


def test_a_function_is_entered_by_a_topic_that_is_not_known() -> None:
    made = world(Mail=FN, Sub={**SUBSCRIPTION, "TopicArn": Symbol("Topic")})
    assert [(item.type, item.function, item.note) for item in triggers(CHANNEL, made)] == [("sns", "s/Mail", "topic ${Topic}")]


def publish(**attributes: Value) -> Sent:
    return Sent(service="sns", operation="Publish", attributes={"Message": Symbol("text"), **attributes})


def attribute(text: Value, kind: str = "String") -> Value:
    return {"DataType": kind, "StringValue": text}


@pytest.mark.parametrize(
    ("policy", "sent", "verdict"),
    [
        ({"kind": ("order",)}, publish(MessageAttributes={"kind": attribute("order")}), "passes"),
        ({"kind": ("order",)}, publish(MessageAttributes={"kind": attribute("refund")}), "excluded"),
        ({"kind": ("order",)}, publish(MessageAttributes={"kind": attribute(Symbol("k"))}), "unknown"),
        ({"kind": ("order",)}, publish(MessageAttributes={"other": attribute("x")}), "excluded"),
        ({"kind": ("order",)}, publish(), "excluded"),
        ({"kind": ("order",)}, publish(**{"**": True}), "unknown"),
        ({"kind": ("order",)}, publish(MessageAttributes=Symbol("attributes")), "unknown"),
        ({"kind": ("order",)}, Sent(service="sns", operation="Publish"), "unknown"),
        ({"kind": ({"exists": False},)}, publish(), "passes"),
        ({"size": ({"numeric": (">", 5)},)}, publish(MessageAttributes={"size": attribute("7", "Number")}), "passes"),
        ({"size": ({"numeric": (">", 5)},)}, publish(MessageAttributes={"size": attribute("3", "Number")}), "excluded"),
        ({"kinds": ("a",)}, publish(MessageAttributes={"kinds": attribute('["b", "a"]', "String.Array")}), "unknown"),
        ({"kinds": ("a",)}, publish(MessageAttributes={"kinds": attribute('["b"]', "String.Array")}), "excluded"),
        ({"kind": ({"anything-but": ("refund",)},)}, publish(MessageAttributes={"kind": attribute("order")}), "passes"),
        ({"MessageBody": {"kind": ("order",)}}, publish(Message='{"kind": "refund"}'), "excluded"),
        ({"MessageBody": {"kind": ("order",)}}, publish(), "unknown"),
    ],
)
def test_what_a_policy_lets_pass(policy: Value, sent: Sent, verdict: str) -> None:
    assert CHANNEL.accepts is not None
    assert CHANNEL.accepts(sent, policy).verdict.value == verdict


def test_the_body_may_be_known_by_its_shape() -> None:
    body = Shape(kind="object", properties={"kind": Shape(kind="string", constant="refund")}, encoded=True)
    assert CHANNEL.accepts is not None
    found = CHANNEL.accepts(Sent(service="sns", operation="Publish", body=body), {"MessageBody": {"kind": ("order",)}})
    assert found.why == "kind is refund, the subscription wants [order]"
