"""Channels that stacks share without saying so: only what is named in the filter ties a sender to a consumer elsewhere."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import call, code, function, inventory, resource
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.evidence import Confidence
from untangle.model.resource import Resource
from untangle.model.value import Concat, Env, Ref, Symbol, Value


def rule(id: str, target: str, *, bus: Value = None, **pattern: Value) -> Resource:
    listed: tuple[Value, ...] = ({"Arn": Ref(target, "Arn"), "Id": "one"},)
    given = {} if bus is None else {"EventBusName": bus}
    return resource(id, "AWS::Events::Rule", EventPattern=pattern, Targets=listed, **given)


def confidence(consumer: str, *resources: Resource, **event: Value) -> Confidence | None:
    """How sure the hop from `shop/Send`, which puts one event on a bus, to the consumer is; None where there is none."""
    put = call("events", "PutEvents", **event)
    graph = assemble(
        inventory(function("shop/Send"), function(consumer), *resources), [code("shop/Send", put), code(consumer)], CHANNELS
    )
    return next((hop.confidence for hop in graph.hops if hop.consumer == consumer), None)


UNKNOWN = Symbol("?")


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        pytest.param({"source": ("shop",)}, {"Source": "shop"}, Confidence.LIKELY, id="the source is named"),
        pytest.param(
            {"source": ("shop",), "detail-type": ("paid",)}, {"Source": "shop"}, Confidence.LIKELY, id="the detail type is open"
        ),
        pytest.param({"detail-type": ("paid",)}, {"DetailType": "paid"}, Confidence.LIKELY, id="the detail type is named"),
        pytest.param({"source": ("shop",)}, {"Source": UNKNOWN}, Confidence.POSSIBLE, id="the source is not known"),
        pytest.param({"source": ({"prefix": ""},)}, {"Source": "shop"}, Confidence.POSSIBLE, id="every source"),
        pytest.param({"source": ({"prefix": "sh"},)}, {"Source": "shop"}, Confidence.LIKELY, id="the start of the source"),
        pytest.param({"source": ({"anything-but": ("x",)},)}, {"Source": "shop"}, Confidence.POSSIBLE, id="every other source"),
        pytest.param({"account": ("111122223333",)}, {"Source": "shop"}, Confidence.POSSIBLE, id="everything of the account"),
        pytest.param({"source": ("bill",)}, {"Source": "shop"}, Confidence.CONTRADICTED, id="another source"),
    ],
)
def test_the_default_bus_ties_two_roots_only_by_what_a_rule_names(
    pattern: dict[str, Value], event: dict[str, Value], expected: Confidence
) -> None:
    assert confidence("bill/Take", rule("bill/Rule", "bill/Take", **pattern), **event) is expected


def test_within_one_stack_the_default_bus_ties_all() -> None:
    assert confidence("shop/Take", rule("shop/Rule", "shop/Take", source=("shop",)), Source=UNKNOWN) is Confidence.LIKELY


def test_a_bus_of_its_own_ties_all() -> None:
    bus = resource("shop/Bus", "AWS::Events::EventBus", Name="shop")
    taker = rule("bill/Rule", "bill/Take", bus="shop", account=("111122223333",))
    assert confidence("bill/Take", bus, taker, EventBusName="shop", Source="shop") is Confidence.LIKELY


@pytest.mark.parametrize(
    ("sender", "listener", "source", "expected"),
    [
        pytest.param("company", "company", "shop", Confidence.LIKELY, id="one literal name"),
        pytest.param("company", "company", UNKNOWN, Confidence.LIKELY, id="one literal name, whatever is sent"),
        pytest.param("company", "other", "shop", None, id="two literal names"),
        pytest.param(Symbol("BusName", "shop"), Symbol("BusName", "bill"), "shop", Confidence.LIKELY, id="one parameter name"),
        pytest.param(
            Symbol("BusName", "shop"),
            Symbol("BusName", "bill"),
            UNKNOWN,
            Confidence.POSSIBLE,
            id="one parameter name, not known what",
        ),
        pytest.param(Symbol("BusName", "shop"), Symbol("Bus", "bill"), "shop", None, id="two parameter names"),
        pytest.param(
            Concat((Symbol("Stage", "shop"), "-bus")),
            Concat((Symbol("Stage", "bill"), "-bus")),
            "shop",
            Confidence.LIKELY,
            id="one shape",
        ),
    ],
)
def test_a_bus_that_no_template_declares_is_one_where_both_sides_call_it_the_same(
    sender: Value, listener: Value, source: Value, expected: Confidence | None
) -> None:
    taker = rule("bill/Rule", "bill/Take", bus=listener, source=("shop",))
    assert confidence("bill/Take", taker, EventBusName=sender, Source=source) is expected


def test_events_of_a_service_tie_two_roots_only_by_what_they_are_about() -> None:
    bucket = resource(
        "shop/Files",
        "AWS::S3::Bucket",
        BucketName="files",
        NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
    )
    made: dict[str, Value] = {"source": ("aws.s3",), "detail-type": ("Object Created",)}
    put = call("s3", "PutObject", Bucket="files", Key="a.csv")
    for detail, expected in (({}, Confidence.POSSIBLE), ({"detail": {"bucket": {"name": ("files",)}}}, Confidence.LIKELY)):
        taker = rule("bill/Rule", "bill/Take", **made, **detail)
        things = inventory(function("shop/Send"), function("bill/Take"), bucket, taker)
        graph = assemble(things, [code("shop/Send", put), code("bill/Take")], CHANNELS)
        assert [hop.confidence for hop in graph.hops] == [expected]


def test_the_reason_stands_in_the_evidence() -> None:
    taker = rule("bill/Rule", "bill/Take", account=("111122223333",))
    put = call("events", "PutEvents", Source=Env("SOURCE"))
    graph = assemble(
        inventory(function("shop/Send"), function("bill/Take"), taker), [code("shop/Send", put), code("bill/Take")], CHANNELS
    )
    (hop,) = graph.hops
    assert any("deployed apart" in item.note for item in hop.evidence)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param("Take", Confidence.POSSIBLE, id="the same consumer in a variant of the application"),
        pytest.param("Bill", Confidence.LIKELY, id="another consumer"),
    ],
)
def test_variants_of_one_application_do_not_hear_one_another(other: str, expected: Confidence) -> None:
    put = call("events", "PutEvents", Source="shop")
    things = inventory(
        function("one/Send"),
        function("one/Take"),
        rule("one/Rule", "one/Take", source=("shop",)),
        function(f"two/{other}"),
        rule("two/Rule", f"two/{other}", source=("shop",)),
    )
    graph = assemble(things, [code("one/Send", put), code("one/Take"), code(f"two/{other}")], CHANNELS)
    found = {hop.consumer: hop.confidence for hop in graph.hops}
    assert found == {"one/Take": Confidence.LIKELY, f"two/{other}": expected}
