"""Loops over the records of a function's own event: one message each where the workflow hands over one record, else several.

`@` stands for one message for each record, `@?` for one at most (see tests/arrows.py). What is planned is executed, and the
consumer must get the messages of the handler that got one record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.emit.asl.test_definition import Handlers, definition, sent
from tests.machines import Machine
from tests.plan.test_semantics_loops import guard
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.location import Location
from untangle.model.step import Each, Loop, OneOf, Step, steps
from untangle.plan import plan

ALONE: dict[str, tuple[str, dict[str, Any], str]] = {
    "behind-a-queue": ("intake -sqs-> split -sqs@-> work", {}, "one"),
    "behind-a-queue-that-hands-over-ten": (
        "intake -sqs-> split -sqs@-> work",
        {"delivery": {"SplitQueue": {"batch_size": 10}}},
        "one",
    ),
    "behind-a-topic": ("intake -sns-> split -sqs@-> work", {}, "one"),
    "behind-a-topic's-queue": ("intake -sns/sqs-> split -sqs@-> work", {}, "one"),
    "behind-a-bucket": ("intake -s3-> split -sqs@-> work", {}, "one"),
    "under-a-condition": ("intake -sqs-> split -sqs@?-> work", {}, "maybe"),
    "several-at-first": ("intake -sqs*-> split -sqs@-> work", {}, "one"),
    "an-object-on-the-bus-starts-it": ("split -sqs@-> work", {"triggers": {"split": "s3"}}, "one"),
    "a-queue-that-hands-over-one-starts-it": (
        "split -sqs@-> work",
        {"triggers": {"split": "sqs"}, "delivery": {"SplitSource": {"batch_size": 1}}},
        "one",
    ),
}
SEVERAL: dict[str, tuple[str, dict[str, Any]]] = {
    "a-queue-starts-it": ("split -sqs@-> work", {"triggers": {"split": "sqs"}, "delivery": {"SplitSource": {"batch_size": 10}}}),
    "a-queue-of-which-nothing-is-known-starts-it": ("split -sqs@-> work", {"triggers": {"split": "sqs"}}),
    "nothing-is-seen-that-starts-it": ("split -sqs@-> work", {}),
    "somebody-makes-its-event-up": ("intake -lambda_invoke-> split -sqs@-> work", {}),
    "a-rule-starts-it": ("intake -eventbridge-> split -sqs@-> work", {}),
    "an-api-starts-it-too": ("intake -sqs-> split -sqs@-> work", {"triggers": {"split": "apigateway"}}),
    "a-way-into-it-stays": (
        "intake -sqs-> split -sqs@-> work; other -sqs-> split",
        {"functions": {"other": {"kind": "ecs_task"}}, "delivery": {"SplitQueue": {"batch_size": 10}}},
    ),
    "another-loop-too": ("intake -sqs-> split -sqs*-> work", {}),
}


def graph_of(text: str, given: Mapping[str, Any]) -> EventGraph:
    return arrows(text, **given)


def into_work(graph: EventGraph) -> Each:
    """The step that runs Work for what Split sent."""
    root = plan(graph, chain(graph)).root
    (hop,) = (hop for hop in graph.hops if hop.consumer == "app/Work")
    (each,) = (step for step in steps(root) if isinstance(step, Each) and step.hops == (hop.id,))
    return each


@pytest.mark.parametrize("name", ALONE)
def test_one_record_makes_one_message(name: str) -> None:
    text, given, expected = ALONE[name]
    assert into_work(graph_of(text, given)).multiplicity == expected


@pytest.mark.parametrize("name", SEVERAL)
def test_several_records_may_make_several_messages(name: str) -> None:
    assert into_work(graph_of(*SEVERAL[name])).multiplicity == "many"


@pytest.mark.parametrize(("count", "text"), [(1, "intake -sqs-> split -sqs@-> work"), (3, "intake -sqs*-> split -sqs@-> work")])
def test_each_message_is_handed_on(count: int, text: str) -> None:
    handlers = Handlers(
        {},
        Intake=[sent("SplitQueue", str(number)) for number in range(count)],
        Split=lambda event: [sent("WorkQueue", record["body"] + "!") for record in event["Records"]],
    )
    Machine(definition(arrows(text)), handlers).run({})
    assert [event["Records"][0]["body"] for event in handlers.events["Work"]] == [f"{number}!" for number in range(count)]


def test_two_answers_for_one_record_are_one_choice() -> None:
    hops = {"split>pack": guard("paid", "4+"), "split>mail": guard("not (paid)", "4-")}
    behind = arrows("intake -sqs-> split; split -sqs@?-> pack; split -sns@?-> mail", hops=hops)
    first = arrows("split -sqs@?-> pack; split -sns@?-> mail", hops=hops, triggers={"split": "sqs"})
    kinds: list[set[type[Step]]] = [{type(step) for step in steps(plan(graph, chain(graph)).root)} for graph in (behind, first)]
    assert OneOf in kinds[0] and OneOf not in kinds[1]


def test_two_calls_for_one_record_are_two_messages() -> None:
    call = Link(
        source="app/Split",
        target="app/WorkQueue",
        kind=LinkKind.PUBLISH,
        confidence=Confidence.LIKELY,
        evidence=(Evidence(kind=Witness.CODED, note="call", location=Location("split/app.py", 9)),),
        multiplicity="many",
        per_record="one",
        sent=Sent(service="sqs", operation="SendMessage"),
    )
    assert into_work(arrows("intake -sqs-> split -sqs@-> work", links=(call,))).multiplicity == "many"


LOOP = "intake -sqs-> poll; poll -sqs:Again@?-> poll"


def test_a_round_for_one_record_sends_one_message_at_most() -> None:
    graph = arrows(LOOP, triggers={"intake": "schedule"}, delivery={"Again": {"batch_size": 10}})
    workflow = plan(graph, chain(graph))
    assert any(isinstance(step, Loop) for step in steps(workflow.root))
    counts: list[str] = []

    def poll(event: Any) -> list[dict[str, Any]]:
        counts.extend(record["body"] for record in event["Records"])
        return [sent("Again", str(int(record["body"]) - 1)) for record in event["Records"] if int(record["body"])]

    Machine(definition(graph), Handlers({}, Intake=[sent("PollQueue", "3")], Poll=poll)).run({})
    assert counts == ["3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("poll -sqs:Again@?-> poll", {"triggers": {"poll": "sqs"}}),
        (f"{LOOP}; other -sqs-> poll", {"functions": {"other": {"kind": "ecs_task"}}, "triggers": {"intake": "schedule"}}),
        ("intake -lambda_invoke-> poll; poll -sqs:Again@?-> poll", {"triggers": {"intake": "schedule"}}),
    ],
)
def test_a_round_for_several_records_may_send_several(text: str, given: dict[str, Any]) -> None:
    graph = arrows(text, **given)
    workflow = plan(graph, chain(graph))
    assert not any(isinstance(step, Loop) for step in steps(workflow.root))
    assert any("may send several messages from Poll to Poll" in obstacle.text for obstacle in workflow.obstacles)
