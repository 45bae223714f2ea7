"""What a plan says of writes whose function fails, and how it goes on with them where something else is missing then."""

from __future__ import annotations

import pytest

from tests.arrows import arrows, chain
from untangle.model.step import Each, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan


def planned(text: str, **given: object) -> Workflow:
    graph = arrows(text, **given)  # type: ignore[arg-type]
    return plan(graph, chain(graph))


def said(workflow: Workflow) -> list[str]:
    return [*workflow.differences, *(obstacle.text for obstacle in workflow.obstacles)]


def test_where_all_tries_fail_the_last_write_is_followed_and_what_is_not_is_said() -> None:
    workflow = planned("intake -sns-> charge -dynamodb_stream-> ship")
    (text,) = (text for text in said(workflow) if text.startswith("where all tries of"))
    assert text.startswith("where all tries of Charge fail, the workflow goes on with what went out of the last one")
    assert "timed out" in text and "32,768" in text
    assert any("a try of Charge that fails after its write is not told of" in text for text in said(workflow))


def test_where_every_call_is_held_back_there_is_nothing_to_say() -> None:
    assert not [text for text in said(planned("intake -sns-> charge -sqs-> ship")) if " fail" in text and "Charge" in text]


def test_a_function_outside_starts_the_workflow_with_each_failed_try() -> None:
    workflow = planned("api -dynamodb_stream-> ship -sqs-> mail", triggers={"api": "apigateway"})
    assert any("each try that fails starts the workflow" in text for text in workflow.differences)
    assert not any("where all tries of" in text or "a try of" in text for text in said(workflow))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("intake -sns-> charge; charge -dynamodb_stream-> ship; charge -sqs:MailQueue-> mail", {"maybe"}),
        ("intake -sns-> charge; charge -sqs:ShipQueue-> ship; charge -sqs:MailQueue-> mail", {"one"}),
        ("intake -sns-> charge; charge -dynamodb_stream:Table-> {ship, mail}", {"one"}),
    ],
    ids=["a-write-and-a-message", "messages", "one-write"],
)
def test_beside_a_write_a_message_may_be_missing(text: str, found: set[str]) -> None:
    workflow = planned(text)
    charge = next(step for step in steps(workflow.root) if getattr(step, "function", "").endswith("Charge"))
    below = [step for step in steps(charge) if isinstance(step, Each)]
    assert {each.multiplicity for each in below} == found
