"""Subscriptions that a hop that stays needs too: nothing is lost and nothing runs twice when the workflow takes over."""

from __future__ import annotations

import pytest

from tests.arrows import arrows, chain
from untangle.model.code import Guard
from untangle.model.graph import EventGraph
from untangle.model.location import Location
from untangle.model.workflow import Workflow
from untangle.plan import plan

FAILED = (Guard(kind="except", text="except OSError", location=Location("phone/app.py", 9)),)


def planned(text: str, **more: object) -> tuple[EventGraph, Workflow]:
    graph = arrows(text, hops={"phone>ship": {"guards": FAILED}}, **more)  # type: ignore[arg-type]
    return graph, plan(graph, chain(graph))


def moves(graph: EventGraph, workflow: Workflow) -> set[str]:
    return {f"{graph.hop(id).producer[4:]}>{graph.hop(id).consumer[4:]}" for id in workflow.migrated}


@pytest.mark.parametrize("channel", ["sns", "eventbridge", "s3", "dynamodb_stream"])
def test_one_subscription_cannot_serve_a_hop_that_moves_and_one_that_stays(channel: str) -> None:
    # phone sends from an exception handler, so its hop stays; the shop's would need the same subscription gone.
    graph, workflow = planned(f"shop -{channel}:Orders-> ship; phone -{channel}:Orders-> ship; shop -sqs-> bill")
    assert moves(graph, workflow) == {"Shop>Bill"}
    [said] = [item.text for item in workflow.obstacles if "subscription" in item.text]
    assert said.startswith(f"Shop -{channel}-> Ship: its subscription also serves Phone -{channel}-> Ship, which stays")


def test_a_message_to_a_queue_can_be_held_back_alone() -> None:
    graph, workflow = planned("shop -sqs:Orders-> ship; phone -sqs:Orders-> ship")
    assert moves(graph, workflow) == {"Shop>Ship"}


def test_a_subscription_of_ones_own_moves() -> None:
    graph, workflow = planned("shop -sns:Orders-> pack; phone -sns:Orders-> ship; shop -sns:Orders-> mail")
    assert moves(graph, workflow) == {"Shop>Pack", "Shop>Mail"}


def test_the_same_bus_through_another_filter_is_another_subscription() -> None:
    graph, workflow = planned(
        "shop -eventbridge:Bus-> {pack, mail}; phone -eventbridge:Bus-> ship", filters={"Bus>Ship": {"source": ("p",)}}
    )
    assert moves(graph, workflow) == {"Shop>Pack", "Shop>Mail"}


def test_what_lies_behind_it_is_not_reached_and_stays_too() -> None:
    graph, workflow = planned(
        "shop -s3:Files-> ship; phone -s3:Files-> ship; ship -sqs-> mail; shop -sqs-> a -sqs-> b -sqs-> ship"
    )
    assert ("Shop>Ship" in moves(graph, workflow)) is False
    assert {"Shop>A", "A>B", "B>Ship", "Ship>Mail"} == moves(graph, workflow)
