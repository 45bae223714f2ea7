"""Which live thing is which declared one, and what becomes of the two. Nothing is joined by guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.assemble.inventories import call, code, resource
from tests.assemble.join.sides import (
    BUCKET,
    FAR,
    FUNCTION,
    MAPPING,
    OTHER,
    PLACE,
    QUEUE,
    arn,
    declared,
    deployed,
    inventory,
    joined,
    live,
    live_function,
    live_mapping,
    live_queue,
    of,
    pairs,
    rows,
    stack,
    staged,
    url,
)
from untangle.assemble import assemble
from untangle.assemble.join import join
from untangle.channels import CHANNELS
from untangle.model.evidence import Witness
from untangle.model.resource import Resource
from untangle.model.usage import Usage
from untangle.model.value import ACCOUNT, Concat, Env, Imported, Ref, Symbol

SHOP = {
    f"{PLACE}/mapping:prod-uuid": "shop/Poll",
    f"{PLACE}/prod-Charge-X2": "shop/Charge",
    f"{PLACE}/prod-Intake-X1": "shop/Intake",
    f"{PLACE}/prod-orders": "shop/Orders",
}


def test_a_stacks_table_says_which_is_which() -> None:
    assert pairs(joined(*declared(), *deployed("prod"), stack("shop-prod", rows("prod")))) == SHOP


def test_one_resource_is_left_of_two() -> None:
    """The declared id and place in the source; the live ARN, name and physical facts."""
    found = joined(*declared(), *deployed("prod"), stack("shop-prod", rows("prod")))
    orders = of(found, "shop/Orders")
    assert orders.location is not None
    assert orders.deployed == arn(PLACE, "sqs", "prod-orders")
    assert orders.get("QueueName") == "prod-orders"
    assert orders.attributes["Ref"] == url("prod-orders")
    assert orders.filled == {("QueueName",)}
    assert [item.id for item in found.inventory.resources if item.stack == PLACE] == [f"{PLACE}/stack:shop-prod"]
    assert {item.id: item.place for item in found.inventory.stacks} == {"shop": PLACE, PLACE: None}


def test_what_is_unknown_in_the_source_becomes_known() -> None:
    """A parameter, an import; what the template says literally or by a pointer stays as it says."""
    written: dict[str, Any] = {
        "TABLE": Imported("Table"),
        "LEVEL": "debug",
        "SELF": Ref("shop/Orders"),
        "SECRET": Symbol("S", "shop"),
    }
    there: dict[str, Any] = {"TABLE": "prod-table", "LEVEL": "info", "SELF": "x", "SECRET": None, "ADDED": "prod-added"}
    found = joined(*declared(**written), *deployed("prod", **there), stack("shop-prod", rows("prod")))
    assert of(found, "shop/Intake").get("Environment", "Variables") == {
        "QUEUE_URL": url("prod-orders"),
        "TABLE": "prod-table",
        "LEVEL": "debug",
        "SELF": Ref("shop/Orders"),
        "SECRET": Symbol("S", "shop"),
        "ADDED": "prod-added",
    }


def test_a_variable_that_only_the_account_knows_is_a_witness() -> None:
    found = joined(*declared(), *deployed("prod"), stack("shop-prod", rows("prod")))
    seen = (code("shop/Intake", call("sqs", "SendMessage", QueueUrl=Env("QUEUE_URL"))), code("shop/Charge"))
    (hop,) = assemble(found.inventory, seen, CHANNELS).hops
    assert (hop.producer, hop.consumer, hop.confidence.value) == ("shop/Intake", "shop/Charge", "likely")
    notes = {item.note for item in hop.evidence if item.kind is Witness.DEPLOYED}
    assert any("QUEUE_URL" in note for note in notes) and any("Poll is deployed" in note for note in notes)


def test_without_an_account_nothing_is_touched() -> None:
    alone = inventory(*declared())
    alone = type(alone)(stacks=tuple(item for item in alone.stacks if item.kind != "account"), resources=alone.resources)
    assert join(alone, CHANNELS).inventory is alone


def test_usage_is_of_what_remains() -> None:
    made = inventory(*declared(), *deployed("prod"), stack("shop-prod", rows("prod")))
    used = Usage(days=1, count=5)
    made = type(made)(stacks=made.stacks, resources=made.resources, usage={f"{PLACE}/prod-orders": used})
    assert join(made, CHANNELS).inventory.usage == {"shop/Orders": used}


def test_a_template_that_is_deployed_twice_is_joined_once() -> None:
    """Production before others; the other stage stays a thing of its own, with the code of its declaration."""
    shop = [
        replace(item, properties={**item.properties, "Code": "src"}) if item.type == FUNCTION else item for item in declared()
    ]
    both = (*deployed("dev"), stack("shop-dev", rows("dev")), *deployed("prod"), stack("shop-prod", rows("prod")))
    found = joined(*shop, *both)
    assert pairs(found) == SHOP
    assert of(found, f"{PLACE}/dev-orders").get("QueueName") == "dev-orders"
    assert of(found, f"{PLACE}/dev-Intake-X1").get("Code") == "shop/src"
    assert ["shop-prod" in gap.why and "shop-dev" in gap.why for gap in found.inventory.gaps] == [True]


def test_a_template_that_is_deployed_in_two_regions_is_joined_in_one() -> None:
    both = (*deployed("prod"), stack("shop", rows("prod")), *deployed("prod", FAR), stack("shop", rows("prod", FAR), FAR))
    assert pairs(joined(*declared(), *both)) == SHOP


def test_a_given_stage_says_which_stack_is_meant() -> None:
    """The template was read with a value for its parameter: the names that it states contradict the other stack."""
    shop = (resource("shop/Orders", QUEUE, QueueName="dev-orders"), *declared()[1:])
    both = (*deployed("dev"), stack("shop-dev", rows("dev")), *deployed("prod"), stack("shop-prod", rows("prod")))
    found = joined(*shop, *both)
    assert set(pairs(found).values()) == set(SHOP.values())
    assert f"{PLACE}/dev-orders" in found.ids
    assert [gap.what for gap in found.inventory.gaps] == [f"what else is deployed in {PLACE}"]


def test_two_templates_that_fit_a_stack_alike_are_not_joined_with_it() -> None:
    found = joined(*declared("a"), *declared("b"), *deployed("prod"), stack("shop-prod", rows("prod")))
    assert found.ids == {}
    assert any("fit it alike" in gap.why for gap in found.inventory.gaps)


def test_the_template_that_is_named_as_the_stack_is_its_own() -> None:
    """A synthesized application has one template for each stage, alike but for its name."""
    found = joined(*declared("shop-dev"), *declared("shop-prod"), *deployed("prod"), stack("shop-prod", rows("prod")))
    assert set(found.ids.values()) == {f"shop-prod/{name}" for name in ("Charge", "Intake", "Orders", "Poll")}


@pytest.mark.parametrize(("name", "fits"), [("unrelated", False), ("tiny-prod", True)])
def test_common_logical_ids_alone_are_no_proof(name: str, fits: bool) -> None:
    tiny = (resource("tiny/HelloFunction", FUNCTION, Handler="app.handler"), resource("tiny/Queue", QUEUE))
    table: Mapping[str, tuple[str | None, str]] = {"HelloFunction": (FUNCTION, "hello-X"), "Queue": (QUEUE, url("queue-X"))}
    found = joined(*tiny, live_function("hello-X"), live_queue("queue-X"), stack(name, table))
    assert bool(found.ids) is fits


def test_a_nested_stack_follows_its_parents_table() -> None:
    root = (*declared(), resource("shop/Inner/Deep", QUEUE), resource("shop/Inner/Work", FUNCTION))
    inner = stack(
        "shop-prod-Inner-9",
        {"Deep": (QUEUE, url("deep-X")), "Work": (FUNCTION, "work-X")},
        parent=arn(PLACE, "cloudformation", "stack/shop-prod/1"),
    )
    nested = {**rows("prod"), "Inner": ("AWS::CloudFormation::Stack", str(inner.deployed))}
    found = joined(*root, *deployed("prod"), stack("shop-prod", nested), inner, live_queue("deep-X"), live_function("work-X"))
    assert pairs(found) == SHOP | {f"{PLACE}/deep-X": "shop/Inner/Deep", f"{PLACE}/work-X": "shop/Inner/Work"}


def test_where_no_table_may_be_read_the_tags_say_it() -> None:
    tagged: Mapping[str, tuple[str | None, str]] = {
        "Orders": (None, arn(PLACE, "sqs", "prod-orders")),
        "Intake": (None, arn(PLACE, "lambda", "function:prod-Intake-X1")),
        "Charge": (None, arn(PLACE, "lambda", "function:prod-Charge-X2")),
    }
    assert pairs(joined(*declared(), *deployed("prod"), stack("shop-prod", tagged))) == SHOP


# By name, where no stack says it: Terraform, the Serverless Framework


def terraform(*resources: Resource, **more: str) -> dict[str, str]:
    return pairs(joined(*resources, kinds={"tf": "terraform"}))


def test_a_name_that_is_stated_outright_says_which_is_which() -> None:
    own = (resource("tf/orders", QUEUE, QueueName="orders"), resource("tf/work", FUNCTION, FunctionName="work"))
    wired = resource("tf/m", MAPPING, FunctionName=Ref("tf/work", "Arn"), EventSourceArn=Ref("tf/orders", "Arn"))
    there = (live_queue("orders"), live_function("work"), live_mapping("u", "orders", "work"), live_queue("others"))
    assert terraform(*own, wired, *there) == {
        f"{PLACE}/mapping:u": "tf/m", f"{PLACE}/orders": "tf/orders", f"{PLACE}/work": "tf/work",
    }  # fmt: skip


def test_of_two_places_that_where_more_of_the_stack_is() -> None:
    own = (resource("tf/orders", QUEUE, QueueName="orders"), resource("tf/mail", QUEUE, QueueName="mail"))
    found = joined(*own, live_queue("orders", OTHER), live_queue("orders"), live_queue("mail", OTHER), kinds={"tf": "terraform"})
    assert pairs(found) == {f"{OTHER}/orders": "tf/orders", f"{OTHER}/mail": "tf/mail"}
    assert [gap.what for gap in found.inventory.gaps if "shown as they are" in gap.why and gap.what == "stack tf"] == ["stack tf"]


@pytest.mark.parametrize(
    ("there", "joined_with"),
    [
        (("prod-orders",), "prod-orders"),
        (("prod-orders", "dev-orders"), None),
        (("prod-mail",), None),
        ((), None),
    ],
)
def test_the_shape_of_a_name_counts_where_exactly_one_fits(there: tuple[str, ...], joined_with: str | None) -> None:
    found = terraform(resource("tf/orders", QUEUE, QueueName=staged("orders")), *(live_queue(name) for name in there))
    assert found == ({f"{PLACE}/{joined_with}": "tf/orders"} if joined_with else {})


def test_two_declarations_of_one_shape_are_not_told_apart() -> None:
    own = (
        resource("tf/a", QUEUE, QueueName=staged("orders")),
        resource("tf/b", QUEUE, QueueName=Concat((Symbol("x", "tf"), "-orders"))),
    )
    assert terraform(*own, live_queue("prod-orders")) == {}


def test_one_stage_is_one_text() -> None:
    """`${Stage}` cannot be prod in one name and dev in the other of the same stack."""
    own = (resource("tf/a", QUEUE, QueueName=staged("orders")), resource("tf/b", QUEUE, QueueName=staged("mail")))
    assert terraform(*own, live_queue("prod-orders"), live_queue("dev-mail")) == {}
    assert len(terraform(*own, live_queue("prod-orders"), live_queue("prod-mail"))) == 2


def test_a_name_of_unknown_parts_alone_fits_nothing() -> None:
    assert (
        terraform(resource("tf/a", QUEUE, QueueName=Concat((Symbol("A", "tf"), "-", Symbol("B", "tf")))), live_queue("x-y")) == {}
    )


def test_the_account_in_a_name_is_that_of_the_place() -> None:
    own = resource("tf/files", BUCKET, BucketName=Concat(("files-", ACCOUNT)))
    buckets = [
        live(place, BUCKET, name, f"arn:aws:s3:::{name}", BucketName=name)
        for place, name in ((PLACE, "files-222222222222"), (OTHER, "files-222222222222x"), (FAR, "files-111111111111"))
    ]
    assert terraform(own, *buckets) == {f"{FAR}/files-111111111111": "tf/files"}


def test_what_its_own_stack_calls_otherwise_has_another_declaration() -> None:
    """The template is not deployed; another application's queue has a name of that shape."""
    other = stack("else", {"Legacy": (QUEUE, url("dev-orders"))})
    assert joined(resource("shop/Orders", QUEUE, QueueName=staged("orders")), live_queue("dev-orders"), other).ids == {}


# The default bus


def test_the_default_bus_of_what_is_joined_is_that_of_its_place() -> None:
    """A rule that only the account has hears what the declared function puts; another region's does not."""
    send = resource("shop/Send", FUNCTION, FunctionName="send")
    call_ = code("shop/Send", call("events", "PutEvents", Source="shop"))
    heard = [
        item
        for place in (PLACE, FAR)
        for item in (
            live_function("hear", place),
            live(
                place, "AWS::Events::Rule", "rule:r", arn(place, "events", "rule/r"), EventPattern={"source": ("shop",)},
                Targets=({"Arn": arn(place, "lambda", "function:hear")},),
            ),
        )
    ]  # fmt: skip
    found = joined(send, live_function("send"), *heard)
    graph = assemble(found.inventory, (call_,), CHANNELS)
    assert [(hop.producer, hop.passages[0].channel, hop.consumer) for hop in graph.hops] == [
        ("shop/Send", "eventbridge/default", f"{PLACE}/hear")
    ]


def test_stacks_in_two_places_have_two_default_buses() -> None:
    """Both declared, each joined elsewhere: what the one puts the other does not hear."""
    send, hear = resource("a/Send", FUNCTION, FunctionName="send"), resource("b/Hear", FUNCTION, FunctionName="hear")
    rule = resource("b/Rule", "AWS::Events::Rule", EventPattern={"source": ("shop",)}, Targets=({"Arn": Ref("b/Hear", "Arn")},))
    seen = (code("a/Send", call("events", "PutEvents", Source="shop")), code("b/Hear"))
    apart = joined(send, hear, rule, live_function("send"), live_function("hear", FAR))
    assert assemble(apart.inventory, seen, CHANNELS).hops == ()
    together = joined(send, hear, rule, live_function("send"), live_function("hear"))
    assert [hop.passages[0].channel for hop in assemble(together.inventory, seen, CHANNELS).hops] == ["eventbridge/default"]
