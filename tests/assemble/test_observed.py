"""What was seen at run time confirms what is known, says so where it fits nothing, and never takes anything away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.assemble.inventories import allow, call, code, function, role
from tests.assemble.inventories import inventory as of
from untangle.assemble import assemble
from untangle.assemble.observed import AMBIGUOUS_END, NO_WAY, READ_OR_WRITTEN, SEVERAL_WAYS, UNKNOWN_END
from untangle.channels import CHANNELS
from untangle.config import Config, Rejected
from untangle.model.code import CodeFacts
from untangle.model.evidence import Confidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.resource import Inventory, Resource, Stack
from untangle.model.usage import Observation
from untangle.model.value import Ref, Value

PLACE = "123456789012/eu-west-1"
_PART = {
    "AWS::Lambda::Function": "lambda:eu-west-1:123456789012:function:",
    "AWS::SQS::Queue": "sqs:eu-west-1:123456789012:",
    "AWS::SNS::Topic": "sns:eu-west-1:123456789012:",
    "AWS::StepFunctions::StateMachine": "states:eu-west-1:123456789012:stateMachine:",
}
_NAME = {"AWS::Lambda::Function": "FunctionName", "AWS::SQS::Queue": "QueueName", "AWS::SNS::Topic": "TopicName"}


def fn(name: str) -> str:
    return f"arn:aws:lambda:eu-west-1:123456789012:function:{name}"


def sqs(name: str) -> str:
    return f"arn:aws:sqs:eu-west-1:123456789012:{name}"


def sns(name: str) -> str:
    return f"arn:aws:sns:eu-west-1:123456789012:{name}"


def live(type_: str, name: str, **properties: Value) -> Resource:
    """Something that is deployed under its name, with its ARN."""
    arn = f"arn:aws:{_PART[type_]}{name}" if type_ in _PART else None
    named = {_NAME[type_]: name} if type_ in _NAME else {}
    facts = {"Arn": arn} if arn else {}
    return Resource(
        id=f"{PLACE}/{name}",
        type=type_,
        stack=PLACE,
        address=name,
        properties={**named, **properties},
        attributes=facts,
        deployed=arn,
    )


def lambda_(name: str, *grants: tuple[str, str]) -> tuple[Resource, ...]:
    """A function, and its role with these (action, ARN)."""
    own = role(f"{PLACE}/{name}-role", *(allow(action, on) for action, on in grants))
    return live("AWS::Lambda::Function", name, Role=Ref(own.id, "Arn")), own


def polls(consumer: str, queue: str, **more: Value) -> Resource:
    return live("AWS::Lambda::EventSourceMapping", f"m-{consumer}", FunctionName=fn(consumer), EventSourceArn=sqs(queue), **more)


def hears(consumer: str, topic: str, **more: Value) -> Resource:
    name = f"s-{consumer}"
    return live("AWS::SNS::Subscription", name, TopicArn=sns(topic), Protocol="lambda", Endpoint=fn(consumer), **more)


def graph(
    *parts: Resource | tuple[Resource, ...],
    seen: tuple[tuple[str, str], ...] = (),
    facts: tuple[CodeFacts, ...] = (),
    config: Config | None = None,
) -> EventGraph:
    resources = [item for part in parts for item in (part if isinstance(part, tuple) else (part,))]
    observations = tuple(Observation(stack=PLACE, producer=a, consumer=b, count=12, hours=24.0) for a, b in seen)
    stacks = (Stack(id=PLACE, path=f"aws/{PLACE}", folder="", kind="account"),)
    inventory = Inventory(resources=tuple(resources), stacks=stacks, observations=observations)
    return assemble(inventory, facts, CHANNELS, config)


def level(found: EventGraph, producer: str, consumer: str) -> Confidence | None:
    return next(
        (hop.confidence for hop in found.hops if (hop.producer, hop.consumer) == (f"{PLACE}/{producer}", f"{PLACE}/{consumer}")),
        None,
    )


def reasons(found: EventGraph) -> list[str]:
    return [gap.why for gap in found.gaps]


SHOP = (
    lambda_("intake", ("sqs:SendMessage", sqs("orders"))),
    lambda_("charge"),
    live("AWS::SQS::Queue", "orders"),
    polls("charge", "orders"),
)
INTO, OUT = (fn("intake"), sqs("orders")), (sqs("orders"), fn("charge"))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param((), Confidence.LIKELY, id="nothing seen"),
        pytest.param((INTO, OUT), Confidence.CONFIRMED, id="both parts"),
        pytest.param((INTO,), Confidence.DECLARED, id="the sending; the rest is declared"),
        pytest.param((OUT,), Confidence.LIKELY, id="the delivery says nothing of who sent"),
    ],
)
def test_a_hop_is_as_sure_as_its_weakest_part(seen: tuple[tuple[str, str], ...], expected: Confidence) -> None:
    found = graph(*SHOP, seen=seen)
    assert level(found, "intake", "charge") is expected and reasons(found) == []


def test_the_witness_says_how_often_and_since_when() -> None:
    (hop,) = graph(*SHOP, seen=(INTO, OUT)).hops
    told = [item for item in hop.evidence if item.kind is Witness.OBSERVED]
    assert {item.note for item in told} == {"X-Ray saw it 12 times in 24 h"}


def test_a_call_of_a_queue_without_a_witness_of_writing_is_no_hop() -> None:
    parts = (lambda_("intake"), *SHOP[1:])
    found = graph(*parts, seen=(INTO, OUT))
    assert level(found, "intake", "charge") is None and reasons(found) == [READ_OR_WRITTEN]
    assert found.gaps[0].what == f"{PLACE}/intake → {PLACE}/orders"


def test_a_shared_grant_does_not_make_a_call_of_a_queue_a_write() -> None:
    found = graph(lambda_("intake", ("sqs:*", "*")), *SHOP[1:], seen=(INTO, OUT))
    assert level(found, "intake", "charge") is Confidence.WEAK and reasons(found) == [READ_OR_WRITTEN]


def test_a_call_of_a_topic_is_a_write_that_nothing_else_need_show() -> None:
    parts = (lambda_("ship"), lambda_("notify"), live("AWS::SNS::Topic", "shipped"), hears("notify", "shipped"))
    assert level(graph(*parts), "ship", "notify") is None
    found = graph(*parts, seen=((fn("ship"), sns("shipped")), (sns("shipped"), fn("notify"))))
    assert level(found, "ship", "notify") is Confidence.CONFIRMED


class TestFilters:
    """That A sends and that B receives is not that B receives what A sends."""

    PARTS = (
        lambda_("ship", ("sns:Publish", sns("shipped"))),
        lambda_("refund", ("sns:Publish", sns("shipped"))),
        lambda_("notify"),
        live("AWS::SNS::Topic", "shipped"),
        hears("notify", "shipped", FilterPolicy={"kind": ("parcel",)}),
    )
    SEEN = ((fn("ship"), sns("shipped")), (fn("refund"), sns("shipped")), (sns("shipped"), fn("notify")))

    def sends(self, name: str, kind: str) -> CodeFacts:
        attributes: Value = {"kind": {"DataType": "String", "StringValue": kind}}
        return code(f"{PLACE}/{name}", call("sns", "Publish", TopicArn=sns("shipped"), MessageAttributes=attributes))

    def test_nobody_is_confirmed_where_a_filter_is_in_doubt(self) -> None:
        found = graph(*self.PARTS, seen=self.SEEN)
        assert level(found, "ship", "notify") is level(found, "refund", "notify") is Confidence.LIKELY

    def test_what_a_filter_surely_passes_is_confirmed_and_what_it_excludes_is_not(self) -> None:
        facts = (self.sends("ship", "parcel"), self.sends("refund", "money"))
        found = graph(*self.PARTS, seen=self.SEEN, facts=facts)
        assert level(found, "ship", "notify") is Confidence.CONFIRMED
        assert level(found, "refund", "notify") is Confidence.CONTRADICTED

    def test_of_two_calls_the_other_one_may_have_been_seen(self) -> None:
        both = replace(
            self.sends("ship", "parcel"), calls=(*self.sends("ship", "parcel").calls, *self.sends("ship", "money").calls)
        )
        assert level(graph(*self.PARTS, seen=self.SEEN, facts=(both,)), "ship", "notify") is Confidence.LIKELY


class TestBetweenFunctions:
    def test_a_direct_call_confirms_a_granted_one(self) -> None:
        parts = (lambda_("a", ("lambda:InvokeFunction", "*")), lambda_("b"))
        assert level(graph(*parts), "a", "b") is Confidence.WEAK
        assert level(graph(*parts, seen=((fn("a"), fn("b")),)), "a", "b") is Confidence.CONFIRMED

    def test_the_one_way_that_is_known_is_the_way_it_took(self) -> None:
        assert level(graph(*SHOP, seen=((fn("intake"), fn("charge")),)), "intake", "charge") is Confidence.CONFIRMED

    def test_without_a_channel_it_is_a_gap_that_names_both(self) -> None:
        found = graph(lambda_("a"), lambda_("b"), seen=((fn("a"), fn("b")),))
        assert found.hops == () and reasons(found) == [NO_WAY]
        assert found.gaps[0].what == f"{PLACE}/a → {PLACE}/b"

    def test_which_of_two_ways_is_not_said(self) -> None:
        more = (live("AWS::SQS::Queue", "more"), replace(polls("charge", "more"), id=f"{PLACE}/m2"))
        intake = lambda_("intake", ("sqs:SendMessage", sqs("orders")), ("sqs:SendMessage", sqs("more")))
        found = graph(intake, *SHOP[1:], *more, seen=((fn("intake"), fn("charge")),))
        assert {hop.confidence for hop in found.hops} == {Confidence.LIKELY} and reasons(found) == [SEVERAL_WAYS]


def test_what_went_over_a_channel_between_confirms_the_way_and_adds_none() -> None:
    through = live("AWS::SNS::Subscription", "s", TopicArn=sns("shipped"), Protocol="sqs", Endpoint=sqs("orders"))
    parts = (*SHOP, live("AWS::SNS::Topic", "shipped"), through, lambda_("ship", ("sns:Publish", sns("shipped"))))
    found = graph(*parts, seen=((fn("ship"), sns("shipped")), (sns("shipped"), fn("charge"))))
    assert level(found, "ship", "charge") is Confidence.CONFIRMED
    assert all(len(hop.passages) == 2 for hop in found.hops if hop.producer.endswith("/ship"))


def test_a_delivery_that_no_listing_shows_is_a_hop_where_both_ends_are_known() -> None:
    found = graph(*SHOP[:3], seen=(INTO, OUT))
    assert level(found, "intake", "charge") is Confidence.CONFIRMED


@pytest.mark.parametrize("name", ["SNS", "shipped-elsewhere"])
def test_a_name_that_fits_nothing_is_a_gap(name: str) -> None:
    found = graph(*SHOP, seen=((fn("intake"), sns(name)),))
    assert [gap.what for gap in found.gaps] == [f"lambda function:intake ({PLACE}) → sns {name} ({PLACE})"]
    assert reasons(found) == [UNKNOWN_END] and level(found, "intake", "charge") is Confidence.LIKELY


def test_a_name_of_two_things_is_a_gap() -> None:
    twin = replace(SHOP[2], id="declared/Orders", stack="declared", address="Orders")
    found = graph(*SHOP, twin, seen=(INTO,))
    assert reasons(found)[0] == AMBIGUOUS_END
    assert level(found, "intake", "charge") is not Confidence.CONFIRMED


def test_a_person_has_the_last_word() -> None:
    said = Rejected(reason="not since May", producer=f"{PLACE}/intake", consumer=f"{PLACE}/charge")
    found = graph(*SHOP, seen=(INTO, OUT), config=Config(rejected=(said,)))
    assert level(found, "intake", "charge") is Confidence.CONTRADICTED


def test_a_scan_without_observations_is_as_it_was() -> None:
    plain = assemble(of(function("s/A"), function("s/B")), (), CHANNELS)
    assert plain.usage == {} and reasons(plain) == []
