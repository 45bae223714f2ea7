"""What is switched off: its hops are there and say so, and whatever is not switched off goes its own way."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.assemble.inventories import call, code, inventory, resource
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.detect import chains, findings
from untangle.model.condition import SwitchedOff
from untangle.model.graph import EventGraph
from untangle.model.resource import Resource
from untangle.model.value import Either, Env, Ref

OFF = SwitchedOff("var.on ? 1 : 0")
MAYBE = "var.unknown ? 1 : 0"


def orders(conditions: Mapping[str, str], *others: Resource) -> EventGraph:
    """Send -> Queue -> Take, where these parts stand under conditions."""
    queue = resource("app/Queue", "AWS::SQS::Queue", conditions.get("queue"))
    mapping = resource(
        "app/Mapping",
        "AWS::Lambda::EventSourceMapping",
        conditions.get("mapping"),
        EventSourceArn=Ref("app/Queue", "Arn"),
        FunctionName=Ref("app/Take"),
    )
    take = resource("app/Take", "AWS::Lambda::Function", conditions.get("take"))
    send = resource(
        "app/Send",
        "AWS::Lambda::Function",
        conditions.get("send"),
        Environment={"Variables": {"URL": Ref("app/Queue") if "value" not in conditions else _chosen(conditions["value"])}},
    )
    sent = call("sqs", "SendMessage", QueueUrl=Env("URL"))
    return assemble(inventory(send, queue, mapping, take, *others), [code("app/Send", sent), code("app/Take")], CHANNELS)


def _chosen(condition: str) -> Either:
    return Either((Ref("app/Queue"), None), (condition, f"not ({condition})"))


@pytest.mark.parametrize("part", ["send", "queue", "mapping", "take", "value"])
@pytest.mark.parametrize(("condition", "planned"), [(OFF, False), (MAYBE, True)], ids=["known not to hold", "not known"])
def test_a_hop_of_a_part_that_is_switched_off_is_shown_and_in_no_chain(part: str, condition: str, planned: bool) -> None:
    graph = orders({part: condition})
    (hop,) = graph.reported
    assert (hop.condition, hop.switched_off) == (condition, not planned)
    assert [chain.hops for chain in chains(graph)] == ([(hop.id,)] if planned else [])


def test_the_other_way_of_a_hop_stands() -> None:
    second = resource(
        "app/Second", "AWS::Lambda::EventSourceMapping", EventSourceArn=Ref("app/Queue", "Arn"), FunctionName=Ref("app/Take")
    )
    for graph in (orders({"mapping": OFF}, second), orders({"mapping": MAYBE}, second)):
        assert [(hop.condition, hop.switched_off) for hop in graph.reported] == [(None, False)]


@pytest.mark.parametrize(
    ("conditions", "rules"),
    [
        ({}, {"missing-dlq"}),
        ({"mapping": MAYBE}, {"missing-dlq"}),
        ({"mapping": OFF}, set()),
        ({"queue": OFF}, set()),
        ({"take": OFF}, set()),
    ],
)
def test_findings_are_about_what_is_there(conditions: Mapping[str, str], rules: set[str]) -> None:
    graph = orders(conditions)
    assert {item.rule for item in findings(graph, chains(graph))} & {"missing-dlq"} == rules


def test_a_mapping_that_is_switched_off_is_no_way_in() -> None:
    feed = resource("app/Feed", "AWS::SQS::Queue")
    mapping = resource(
        "app/FeedMapping",
        "AWS::Lambda::EventSourceMapping",
        OFF,
        EventSourceArn=Ref("app/Feed", "Arn"),
        FunctionName=Ref("app/Take"),
    )
    graph = orders({}, feed, mapping)
    assert [(item.channel, item.switched_off) for item in graph.triggers] == [("app/Feed", True)]
    assert [chain.entries for chain in chains(graph)] == [("app/Send",)]
