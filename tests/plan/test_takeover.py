"""What goes when a workflow takes over, what may go later, and in which order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.arrows import arrows, chain
from untangle.emit.proposal import proposal
from untangle.emit.takeover import MIGRATION
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind
from untangle.model.workflow import Workflow
from untangle.plan import plan


def planned(text: str, **given: Any) -> tuple[EventGraph, Workflow]:
    graph = arrows(text, **given)
    return graph, plan(graph, chain(graph))


def phase(workflow: Workflow, name: str) -> str:
    return "\n".join(step.text for item in workflow.phases if item.name == name for step in item.steps)


def link(source: str, target: str, kind: LinkKind) -> Link:
    evidence = (Evidence(kind=Witness.DECLARED, note="subscription (lambda)"),)
    return Link(source=source, target=target, kind=kind, confidence=Confidence.LIKELY, evidence=evidence)


@pytest.mark.parametrize("text", ["a -s3-> b", "a -dynamodb_stream-> b", "a -s3/sqs-> b"])
def test_a_write_is_made_either_way_so_its_subscription_must_go_at_once(text: str) -> None:
    _, workflow = planned(text)
    (removal,) = workflow.removals
    assert removal.hops == workflow.migrated and not workflow.leftovers
    assert removal.text in phase(workflow, "cutover") and "no part can go first" in phase(workflow, "canary")


@pytest.mark.parametrize("text", ["a -sqs-> b", "a -sns-> b", "a -sns/sqs-> b", "a -eventbridge-> b"])
def test_what_is_held_back_reaches_nobody_so_its_subscription_may_stay_until_the_end(text: str) -> None:
    _, workflow = planned(text)
    (leftover,) = workflow.leftovers
    assert leftover.hops == workflow.migrated and not workflow.removals
    assert leftover.text in phase(workflow, "clean up") and leftover.text not in phase(workflow, "cutover")


def test_a_publication_that_others_hear_too_goes_out() -> None:
    others = (link("app/ATopic", "else/Audit", LinkKind.DELIVER),)
    _, workflow = planned("a -sns-> b", links=others)
    (removal,) = workflow.removals
    assert removal.text == "call: ATopic to B"


def test_what_somebody_else_still_sends_keeps_its_subscription() -> None:
    graph = arrows("a -sqs:q-> b; c -sqs:q-> b", hops={"c>b": {"mediated": True}}, triggers={"a": "schedule"})
    workflow = plan(graph, chain(graph))
    (leftover,) = workflow.leftovers
    assert leftover.text.endswith("which C still needs: it stays")
    assert "delete q" not in phase(workflow, "clean up")


def test_a_queue_of_which_nobody_else_knows_is_deleted_last() -> None:
    _, workflow = planned("a -sqs-> b")
    assert "delete BQueue once its mapping is gone" in phase(workflow, "clean up")


def test_nothing_is_subscribed_to_a_direct_call() -> None:
    _, workflow = planned("a -lambda_invoke-> b")
    assert not workflow.removals and not workflow.leftovers and not phase(workflow, "clean up")


def test_a_queue_waits_so_its_mapping_goes_before_its_pipe_comes() -> None:
    _, workflow = planned("a -sqs-> b", triggers={"a": "sqs"})
    first, second = phase(workflow, "cutover").splitlines()
    assert first.startswith("take away event source mapping of ASource to A: disable it")
    assert second.startswith("add a pipe from queue ASource")


def test_anything_else_is_switched_together() -> None:
    _, workflow = planned("a -sqs-> b", triggers={"a": "eventbridge"})
    first, *rest = phase(workflow, "cutover").splitlines()
    assert "in one deployment" in first and [line.split()[0] for line in rest] == ["add", "take"]


def test_a_function_that_stays_outside_gets_a_variable() -> None:
    graph, workflow = planned("a -sns-> b", triggers={"a": "apigateway"})
    assert "set the variable UNTANGLE_START of A" in phase(workflow, "cutover")
    assert "take UNTANGLE_START away from A" in phase(workflow, "roll back")
    made = proposal(graph, chain(graph), workflow)
    (text,) = (file.text for file in made.files if file.path == MIGRATION)
    (entry,) = json.loads(text)["entries"]
    assert entry["environment"] == {
        "UNTANGLE_START": {
            "stateMachine": "${StateMachineArn}",
            "entry": "A",
            "capture": ["${ATopicArn}"],
            "observe": [],
        }
    }


def test_the_role_is_told_what_it_needs() -> None:
    _, workflow = planned("a -sqs-> b", settings={"BQueue": {"redrive": {"dead_letter": "app/Dead", "max_receive_count": 2}}})
    assert "its role may invoke A, B, and send to Dead" in phase(workflow, "deploy")


def test_nothing_is_said_of_what_nobody_moves() -> None:
    _, workflow = planned("a -kinesis-> b")
    assert workflow.root is None and not workflow.phases and not workflow.entries


def test_the_page_holds_a_checklist_in_the_order_of_the_phases() -> None:
    graph, workflow = planned("a -s3-> b -sns-> c", triggers={"a": "s3"})
    body = proposal(graph, chain(graph), workflow).body
    names = ("Observe", "Deploy", "Canary", "Cutover", "Roll back", "Clean up")
    places = [body.index(f"{number}. **{name}**") for number, name in enumerate(names, 1)]
    assert places == sorted(places) and "- [ ] take away bucket ASource: its notification to A" in body
    assert "`A` (s3): the bucket sends its events to EventBridge" in body
