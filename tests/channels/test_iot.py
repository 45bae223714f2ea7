"""IoT Core: topic rules as links of the broker, held against the topic that code publishes to."""

from __future__ import annotations

import pytest

from tests.channels.world import FN, QUEUE, arrows, link, ref, world
from untangle.channels.iot import CHANNEL
from untangle.model.link import Sent
from untangle.model.value import Concat, Symbol, Value


def rule(*actions: Value, sql: str = "SELECT * FROM 'shop/+/orders'", **payload: Value) -> dict[str, Value]:
    return {"Type": "AWS::IoT::TopicRule", "TopicRulePayload": {"Sql": sql, "Actions": actions, **payload}}


def test_a_rule_is_a_link_of_the_broker() -> None:
    made = world(
        Work=FN,
        Orders=QUEUE,
        Rule=rule({"Lambda": {"FunctionArn": ref("Work", "Arn")}}, {"Sqs": {"QueueUrl": ref("Orders")}}, {"Http": {"Url": "x"}}),
    )
    assert arrows(CHANNEL, made) == {"iot/broker -> Work", "iot/broker => Orders"}


def test_filter_and_state() -> None:
    found = link(CHANNEL, world(Work=FN, Rule=rule({"Lambda": {"FunctionArn": ref("Work", "Arn")}}, RuleDisabled="true")))
    assert found.filter == {"sql": "SELECT * FROM 'shop/+/orders'", "topic": "shop/+/orders"}
    assert found.delivery == {"rule": "s/Rule", "enabled": False}


@pytest.mark.parametrize(
    ("wanted", "topic", "verdict"),
    [
        ("shop/+/orders", "shop/7/orders", "passes"),
        ("shop/+/orders", "shop/7/8/orders", "excluded"),
        ("shop/+/orders", "shop/7/refunds", "excluded"),
        ("shop/#", "shop/7/refunds", "passes"),
        ("shop/#", "shop", "passes"),
        ("shop/#", "stock/7", "excluded"),
        ("shop/+/orders", Concat(("shop/", Symbol("id"), "/orders")), "passes"),
        ("shop/+/orders", Concat(("stock/", Symbol("id"))), "excluded"),
        ("shop/+/orders", Concat((Symbol("stage"), "/7/orders")), "unknown"),
        ("shop/+/orders", None, "unknown"),
    ],
)
def test_topics(wanted: str, topic: Value, verdict: str) -> None:
    assert CHANNEL.accepts is not None
    sent = Sent(service="iot-data", operation="Publish", attributes={} if topic is None else {"topic": topic})
    assert CHANNEL.accepts(sent, {"sql": "", "topic": wanted}).verdict.value == verdict


def test_a_where_clause_is_decided_at_run_time() -> None:
    assert CHANNEL.accepts is not None
    sent = Sent(service="iot-data", operation="Publish", attributes={"topic": "shop"})
    found = CHANNEL.accepts(sent, {"sql": "SELECT * FROM 'shop' WHERE total > 5", "topic": "shop"})
    assert (found.verdict.value, found.why) == ("unknown", "the rule's WHERE clause is decided at run time")
