"""Drift: what is in the template only, in the account only, or otherwise in one than in the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.arrows import arrows
from tests.assemble.inventories import resource
from tests.assemble.join.sides import (
    BUCKET,
    FUNCTION,
    MAPPING,
    PLACE,
    QUEUE,
    SUBSCRIPTION,
    arn,
    declared,
    deployed,
    findings,
    joined,
    live,
    live_function,
    live_mapping,
    live_queue,
    of,
    rows,
    said,
    stack,
    url,
)
from untangle.assemble.join import Joined
from untangle.detect import only_deployed
from untangle.model.condition import off
from untangle.model.resource import Resource
from untangle.model.value import Either, Ref, Symbol, Value


def shop(*more: Resource, refused: tuple[str, ...] = (), without: str = "", **extra: tuple[str | None, str]) -> Joined:
    """The shop, deployed as declared, with `more` on either side and `extra` rows in its table; `without` is not deployed."""
    table = {key: row for key, row in {**rows("prod"), **extra}.items() if key != without}
    gone = {key: id for key, (_, id) in rows("prod").items()}.get(without)
    there = [item for item in deployed("prod") if gone not in (item.attributes["Ref"],)]
    return joined(*declared(), *there, stack("shop-prod", table), *more, refused=refused)


def test_what_is_deployed_as_it_is_declared_is_no_drift() -> None:
    assert said(shop()) == []


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ("Orders", ("only-declared", f"1 queue is declared and not deployed in {PLACE}: Orders")),
        ("Intake", ("only-declared", f"1 function is declared and not deployed in {PLACE}: Intake")),
        ("Poll", ("changed-wiring", f"1 event source mapping is declared and not deployed in {PLACE}: Poll")),
    ],
)
def test_what_is_declared_and_not_there(without: str, expected: tuple[str, str]) -> None:
    assert expected in said(shop(without=without))


def test_one_finding_for_all_things_of_a_kind() -> None:
    more = [resource(f"shop/{name}", QUEUE) for name in ("A", "B")]
    (found,) = findings(shop(*more))
    assert found.message == f"2 queues are declared and not deployed in {PLACE}: A and B"
    assert [str(place) for place in found.locations] == ["shop/template.yaml:1"]
    assert found.subject.splitlines() == ["shop/A", "shop/B"]


@pytest.mark.parametrize("operation", ["sqs.ListQueues"])
def test_what_could_not_be_listed_is_not_missing(operation: str) -> None:
    assert said(shop(resource("shop/A", QUEUE), refused=(operation,))) == []


@pytest.mark.parametrize(
    "maybe",
    [
        resource("shop/A", QUEUE, condition="IsProd"),
        resource("shop/A", QUEUE, condition=off("IsDev")),
        resource("shop/A", "AWS::CloudWatch::Dashboard"),
    ],
    ids=["conditional", "switched off", "not a thing that is compared"],
)
def test_what_need_not_be_there_is_not_missing(maybe: Resource) -> None:
    assert said(shop(maybe)) == []


def test_a_table_that_is_known_by_tags_misses_nothing() -> None:
    tagged: dict[str, tuple[str | None, str]] = {
        "Orders": (None, arn(PLACE, "sqs", "prod-orders")),
        "Intake": (None, arn(PLACE, "lambda", "function:prod-Intake-X1")),
        "Charge": (None, arn(PLACE, "lambda", "function:prod-Charge-X2")),
    }
    assert said(joined(*declared(), resource("shop/A", QUEUE), *deployed("prod"), stack("shop-prod", tagged))) == []


def test_a_stack_that_is_not_deployed_is_not_drift() -> None:
    assert said(joined(*declared(), live_queue("other"))) == []


def test_what_a_stack_has_and_its_template_has_not() -> None:
    found = shop(live_queue("legacy"), Legacy=(QUEUE, url("legacy")))
    assert said(found) == [("only-deployed", "1 queue of shop-prod is deployed and not declared: Legacy")]
    assert [str(place) for place in findings(found)[0].locations] == ["shop/template.yaml"]


def test_what_has_nothing_to_do_with_the_stacks_is_only_counted() -> None:
    found = shop(live_queue("a"), live_queue("b"), live_function("c"))
    assert said(found) == []
    assert [gap.why.split(" ")[0] for gap in found.inventory.gaps] == ["3"]


def test_another_stage_is_no_drift() -> None:
    found = shop(*deployed("dev"), stack("shop-dev", rows("dev")))
    assert said(found) == []
    assert [gap.what for gap in found.inventory.gaps] == ["template shop/template.yaml"]


def test_a_mapping_made_by_hand_between_what_is_declared() -> None:
    found = shop(live_mapping("hand", "prod-orders", "prod-Intake-X1"))
    assert said(found) == [
        ("changed-wiring", "1 event source mapping of Orders and Intake is deployed and not declared: mapping:hand")
    ]


def test_a_rule_made_by_hand_whose_targets_are_declared() -> None:
    target: Value = ({"Id": "1", "Arn": arn(PLACE, "lambda", "function:prod-Charge-X2")},)
    rule = live(PLACE, "AWS::Events::Rule", "rule:hand", arn(PLACE, "events", "rule/hand"), Name="hand", Targets=target)
    assert said(shop(rule)) == [("changed-wiring", "1 rule of Charge is deployed and not declared: rule:hand")]


def test_a_mapping_to_what_is_not_declared_is_not_ours() -> None:
    assert said(shop(live_function("other"), live_mapping("hand", "prod-orders", "other"))) == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"Runtime": "python3.9"}, "runtime python3.9 instead of python3.12"),
        ({"Handler": "old.handler"}, "handler old.handler instead of charge.handler"),
        ({"Environment": {"Variables": {"B": None, "A": "x"}}}, "with the variables A and B"),
    ],
)
def test_settings_that_differ(settings: dict[str, Value], expected: str) -> None:
    there = [
        replace(item, properties={**item.properties, **settings}) if item.address == "prod-Charge-X2" else item
        for item in deployed("prod")
    ]
    found = joined(*declared(), *there, stack("shop-prod", rows("prod")))
    assert said(found) == [("changed-wiring", f"Charge is deployed otherwise than it is declared: {expected}")]


def test_a_variable_that_is_not_deployed() -> None:
    """One that a condition may leave out need not be."""
    own = declared(LEVEL="debug", TABLE=Either(("t", None), ("IsProd", "")))
    found = joined(*own, *deployed("prod"), stack("shop-prod", rows("prod")))
    assert said(found) == [("changed-wiring", "Intake is deployed otherwise than it is declared: without the variable LEVEL")]


def test_values_that_the_source_leaves_open_do_not_differ() -> None:
    own = [
        replace(item, properties={**item.properties, "Runtime": Symbol("R", "shop")}) if item.type == FUNCTION else item
        for item in declared()
    ]
    assert said(joined(*own, *deployed("prod"), stack("shop-prod", rows("prod")))) == []


# By name, where no stack says it


def terraform(*resources: Resource, refused: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return said(joined(*resources, kinds={"tf": "terraform"}, refused=refused))


OWN = (resource("tf/orders", QUEUE, QueueName="orders"), resource("tf/work", FUNCTION, FunctionName="work"))
POLLS = resource("tf/m", MAPPING, FunctionName=Ref("tf/work", "Arn"), EventSourceArn=Ref("tf/orders", "Arn"))


def test_a_name_that_is_stated_and_not_there() -> None:
    assert terraform(*OWN, live_queue("orders")) == [
        ("only-declared", f"1 function is declared and not deployed in {PLACE}: work")
    ]
    assert terraform(*OWN, live_queue("orders"), refused=("lambda.ListFunctions",)) == []


def test_a_mapping_that_is_declared_between_what_is_there() -> None:
    found = terraform(*OWN, POLLS, live_queue("orders"), live_function("work"))
    assert found == [("changed-wiring", f"1 event source mapping is declared and not deployed in {PLACE}: m")]


def test_what_is_hardly_deployed_is_not_missing() -> None:
    more = [resource(f"tf/q{i}", QUEUE, QueueName=f"q{i}") for i in range(3)]
    assert terraform(*OWN, *more, live_queue("orders")) == []


def test_a_bucket_may_be_in_a_region_that_is_not_read() -> None:
    assert terraform(*OWN, resource("tf/b", BUCKET, BucketName="b"), live_queue("orders"), live_function("work")) == []


def test_a_subscription_across_accounts_is_known_by_its_ends() -> None:
    topic = resource("tf/news", "AWS::SNS::Topic", TopicName="news")
    hears = resource("tf/s", SUBSCRIPTION, TopicArn=Ref("tf/news"), Protocol="sqs", Endpoint=Ref("tf/orders", "Arn"))
    there = live(PLACE, "AWS::SNS::Topic", "news", arn(PLACE, "sns", "news"), TopicName="news")
    ends: dict[str, Any] = {"TopicArn": arn(PLACE, "sns", "news"), "Protocol": "sqs", "Endpoint": arn(PLACE, "sqs", "orders")}
    made = live(PLACE, SUBSCRIPTION, "subscription:news:1", arn(PLACE, "sns", "news:1"), **ends)
    assert terraform(*OWN, topic, hears, live_queue("orders"), live_function("work"), there, made) == []
    assert terraform(*OWN, topic, live_queue("orders"), live_function("work"), there, made) == [
        ("changed-wiring", "1 subscription of news and orders is deployed and not declared: subscription:news:1")
    ]


# By hops


def test_a_deployed_function_that_has_hops_with_declared_ones() -> None:
    graph = arrows("intake -sqs-> charge; other -sqs-> another", functions={
        "charge": {"location": None, "deployed": "arn", "stack": PLACE},
        "other": {"location": None, "deployed": "arn", "stack": PLACE},
        "another": {"location": None, "deployed": "arn", "stack": PLACE},
    })  # fmt: skip
    (found,) = only_deployed.detect(graph, ())
    assert found.message == f"Charge in {PLACE} has hops with Intake, and no template declares it"
    told = replace(graph, findings=(replace(found, subject="app/Charge\napp/Else"),))
    assert list(only_deployed.detect(told, ())) == []


def test_a_name_that_was_changed_in_the_source() -> None:
    """The stack is its template's still, and what names the queue as it is called now means it."""
    own = [replace(item, properties={"QueueName": "orders-v2"}) if item.type == QUEUE else item for item in declared()]
    bus = resource("shop/Bus", "AWS::Events::EventBus", Name="shop")
    there = live(PLACE, "AWS::Events::EventBus", "shop", arn(PLACE, "events", "event-bus/shop"), "shop", Name="shop")
    table = {**rows("prod"), "Bus": ("AWS::Events::EventBus", "shop")}
    found = joined(*own, bus, *deployed("prod"), there, stack("shop-prod", table))
    assert said(found) == [
        ("changed-wiring", "Orders is deployed otherwise than it is declared: name prod-orders instead of orders-v2")
    ]
    assert of(found, "shop/Orders").get("QueueName") == "prod-orders"
