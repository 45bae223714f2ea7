"""Names across stacks that are deployed apart: what is inferred, and what is left alone because two things could be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.assemble.inventories import function, inventory, resource
from untangle.assemble.names import BY_OUTPUT, BY_SHAPE, BY_WORDS, is_spelled_out, may_be, same_by_name
from untangle.assemble.world import Atlas
from untangle.channels import CHANNELS
from untangle.model.resource import Inventory, Resource
from untangle.model.value import Concat, Imported, Ref, Stored, Symbol, Value

QUEUE = "AWS::SQS::Queue"
BUS = "AWS::Events::EventBus"


def name(*parts: Value) -> Value:
    return Concat(parts)


def world(
    *resources: Resource,
    exports: Mapping[str, tuple[tuple[Value, Value], ...]] | None = None,
    outputs: Mapping[str, Mapping[str, Value]] | None = None,
) -> Inventory:
    """An inventory whose stacks have exports and outputs of their own."""
    made = inventory(*resources)
    stacks = tuple(
        replace(stack, exports=(exports or {}).get(stack.id, ()), outputs=(outputs or {}).get(stack.id, {}))
        for stack in made.stacks
    )
    return replace(made, stacks=stacks)


def found(atlas: Atlas, value: Value, *types: str) -> list[tuple[str, str]]:
    return [(target.node, target.how) for target in atlas.resolve(value, *types, near="pay")]


@pytest.mark.parametrize(
    ("asked", "declared", "same"),
    [
        pytest.param(name(Symbol("Stage", "a"), "-orders"), name(Symbol("Stage", "b"), "-orders"), True, id="one parameter name"),
        pytest.param(name(Symbol("Stage", "a"), "-orders"), name(Symbol("Env", "b"), "-orders"), False, id="two parameter names"),
        pytest.param(name(Symbol("Stage", "a"), "-orders"), name(Symbol("Stage", "b"), "-bills"), False, id="other words"),
        pytest.param(Symbol("Stage", "a"), Symbol("Stage", "b"), False, id="nothing but an unknown"),
        pytest.param(
            name(Symbol("AWS::StackName", "a"), "-orders"), name(Symbol("AWS::StackName", "b"), "-orders"), False, id="two stacks"
        ),
        pytest.param(
            name("Copy-", Symbol("TargetStackName", "a")), name("Copy-", Symbol("AWS::StackName", "b")), True, id="a stack's name"
        ),
        pytest.param(name("Copy-", Symbol("Target", "a")), name("Copy-", Symbol("AWS::StackName", "b")), False, id="any name"),
        pytest.param(
            name(Symbol("Fn::Select(x)", "a#1"), "-orders"), name(Symbol("Fn::Select(x)", "b#1"), "-orders"), False, id="computed"
        ),
    ],
)
def test_parameters_of_one_name_are_one_value(asked: Value, declared: Value, same: bool) -> None:
    assert same_by_name(asked, declared) is same


@pytest.mark.parametrize(
    ("asked", "declared", "fits"),
    [
        pytest.param(
            name(Symbol("Net", "a"), "-QueueArn"), name(Symbol("AWS::StackName", "b"), "-QueueArn"), True, id="any stack"
        ),
        pytest.param("shop-prod-QueueArn", name(Symbol("AWS::StackName", "b"), "-QueueArn"), True, id="a literal and a hole"),
        pytest.param(name(Symbol("Net", "a"), "-QueueArn"), name(Symbol("Net", "b"), "-TopicArn"), False, id="another ending"),
        pytest.param(name(Symbol("Net", "a"), "-Arn"), name("Queue", Symbol("X", "b")), False, id="no word in common"),
        pytest.param(Symbol("Net", "a"), name(Symbol("Net", "b"), "-QueueArn"), False, id="nothing but an unknown"),
    ],
)
def test_names_of_exports_may_fit(asked: Value, declared: Value, fits: bool) -> None:
    assert may_be(asked, declared) is fits


@pytest.mark.parametrize(
    ("parameter", "written", "told"),
    [
        pytest.param("EventBusName", name("/shop/", Symbol("Stage", "a"), "/platform/event-bus/name"), True, id="in order"),
        pytest.param("OrdersQueueUrlParameter", "/shop/orders/queue", True, id="without its form"),
        pytest.param("OrdersQueueUrl", "/shop/bills/queue/url", False, id="a word that is missing"),
        pytest.param("Name", "/shop/orders/queue/name", False, id="only a form"),
        pytest.param("BusArn", "/shop/business/arn", False, id="part of a word"),
    ],
)
def test_a_parameter_is_named_after_what_it_holds(parameter: str, written: Value, told: bool) -> None:
    assert is_spelled_out(parameter, written) is told


def test_a_queue_is_found_by_a_stage_that_both_stacks_have() -> None:
    atlas = Atlas(world(resource("shop/Orders", QUEUE, QueueName=name(Symbol("Stage", "shop"), "-orders"))), CHANNELS)
    assert found(atlas, name(Symbol("Stage", "pay"), "-orders"), QUEUE) == [("shop/Orders", BY_SHAPE)]
    arn = name("arn:aws:sqs:eu-west-1:", Symbol("AWS::AccountId"), ":", Symbol("Stage", "pay"), "-orders")
    assert found(atlas, arn, QUEUE) == [("shop/Orders", BY_SHAPE)]


def test_of_two_names_of_one_shape_none_is_taken_and_the_choice_is_a_gap() -> None:
    staged = {"QueueName": name(Symbol("Stage", "x"), "-orders")}
    atlas = Atlas(world(resource("shop/Orders", QUEUE, **staged), resource("test/Orders", QUEUE, **staged)), CHANNELS)
    assert found(atlas, name(Symbol("Stage", "pay"), "-orders"), QUEUE) == []
    assert [gap.what for gap in atlas.gaps] == ["the name ${Stage}-orders"]


SHOP = resource("shop/Orders", QUEUE)
BILLS = resource("bill/Bills", QUEUE)
ASKED = Imported(name(Symbol("ShopStack", "pay"), "-OrdersArn"))


def exported(stack: str, *rest: Value) -> tuple[Value, Value]:
    to = {"shop": "shop/Orders", "bill": "bill/Bills"}[stack]
    return (name(Symbol("AWS::StackName", stack), *rest), Ref(to, "Arn"))


def test_an_import_goes_to_the_only_export_of_its_shape() -> None:
    atlas = Atlas(
        world(SHOP, BILLS, exports={"shop": (exported("shop", "-OrdersArn"),), "bill": (exported("bill", "-BillsArn"),)}),
        CHANNELS,
    )
    assert found(atlas, ASKED, QUEUE) == [("shop/Orders", BY_SHAPE)]


def test_an_import_that_two_exports_fit_names_nothing() -> None:
    twice = {
        "shop": (exported("shop", "-OrdersArn"),),
        "bill": ((name(Symbol("Env", "bill"), "-OrdersArn"), Ref("bill/Bills", "Arn")),),
    }
    asked = Imported(name(Symbol("Net", "pay"), "-OrdersArn"))
    assert found(Atlas(world(SHOP, BILLS, exports=twice), CHANNELS), asked, QUEUE) == []


def test_one_name_exported_by_two_stacks_names_nothing() -> None:
    twice = {"shop": (("orders", Ref("shop/Orders", "Arn")),), "bill": (("orders", Ref("bill/Bills", "Arn")),)}
    assert found(Atlas(world(SHOP, BILLS, exports=twice), CHANNELS), Imported("orders"), QUEUE) == []


def test_a_parameter_of_ssm_is_found_by_a_stage_that_both_stacks_have() -> None:
    held = resource(
        "shop/Held", "AWS::SSM::Parameter", Name=name("/", Symbol("Stage", "shop"), "/queue"), Value=Ref("shop/Orders")
    )
    atlas = Atlas(world(SHOP, held), CHANNELS)
    assert found(atlas, Stored("ssm", name("/", Symbol("Stage", "pay"), "/queue")), QUEUE) == [("shop/Orders", BY_SHAPE)]


def held(id: str, written: str, value: Value) -> Resource:
    return resource(id, "AWS::SSM::Parameter", Name=written, Value=value)


def test_a_parameter_that_a_pipeline_fills_from_ssm_is_found_by_its_words() -> None:
    bus = resource("platform/Bus", BUS)
    atlas = Atlas(
        world(
            bus,
            held("platform/BusName", "/shop/platform/event-bus/name", Ref("platform/Bus")),
            held("platform/BusArn", "/shop/platform/event-bus/arn", Ref("platform/Bus", "Arn")),
            held("platform/Url", "/shop/platform/event-bus/console", "https://example.com"),
        ),
        CHANNELS,
    )
    assert found(atlas, Stored("ssm", Symbol("EventBusName", "pay")), BUS) == [("platform/Bus", BY_WORDS)]


def test_two_things_with_the_words_of_a_parameter_leave_it_open() -> None:
    atlas = Atlas(
        world(SHOP, BILLS, held("shop/P", "/shop/queue", Ref("shop/Orders")), held("bill/P", "/bill/queue", Ref("bill/Bills"))),
        CHANNELS,
    )
    assert found(atlas, Stored("ssm", Symbol("QueueUrl", "pay")), QUEUE) == []


def test_the_output_of_one_stack_is_the_parameter_of_that_name_in_another_one() -> None:
    outputs = {"shop": {"OrdersQueueUrl": Ref("shop/Orders"), "Other": "text"}}
    atlas = Atlas(world(SHOP, function("pay/Pay"), outputs=outputs), CHANNELS)
    assert found(atlas, Symbol("OrdersQueueUrl", "pay"), QUEUE) == [("shop/Orders", BY_OUTPUT)]
    assert found(atlas, Symbol("OrdersQueueUrl", "shop"), QUEUE) == []
    assert found(atlas, Symbol("OrdersQueueUrl", "pay"), "AWS::SNS::Topic") == []


def test_outputs_of_two_stacks_leave_a_parameter_open() -> None:
    outputs = {"shop": {"QueueUrl": Ref("shop/Orders")}, "bill": {"QueueUrl": Ref("bill/Bills")}}
    atlas = Atlas(world(SHOP, BILLS, function("pay/Pay"), outputs=outputs), CHANNELS)
    assert found(atlas, Symbol("QueueUrl", "pay"), QUEUE) == []


def test_names_and_parameters_that_lead_to_one_another_end() -> None:
    symbol = Symbol("Loop", "a")
    knot = world(
        resource("a/P", "AWS::SSM::Parameter", Name=Stored("ssm", Imported("x")), Value=Stored("ssm", symbol)),
        resource("b/P", "AWS::SSM::Parameter", Name="/loop", Value=Symbol("Loop", "b")),
        exports={"a": ((Imported("x"), symbol),), "b": ((Stored("ssm", "/loop"), Imported("x")),)},
        outputs={"a": {"Loop": Symbol("Loop", "b")}, "b": {"Loop": symbol}},
    )
    for value in (symbol, Stored("ssm", symbol), Imported("x"), Imported(Stored("ssm", "/loop"))):
        assert found(Atlas(knot, CHANNELS), value, QUEUE) == []


def test_what_cannot_be_told_apart_is_a_gap() -> None:
    twice = {"shop": (("orders", Ref("shop/Orders", "Arn")),), "bill": (("orders", Ref("bill/Bills", "Arn")),)}
    atlas = Atlas(world(SHOP, BILLS, exports=twice), CHANNELS)
    atlas.resolve(Imported("orders"), QUEUE)
    told = {(gap.what, gap.why.partition(":")[0]) for gap in atlas.gaps}
    assert told == {("import orders", "several exports of that name cannot be told apart")}
