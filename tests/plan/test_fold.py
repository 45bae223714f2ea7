"""Rewrites of the tree: fewer transitions, and the same functions run on the same messages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.emit.asl.test_definition import definition
from tests.machines import evaluate
from untangle.model.outlook import Outlook
from untangle.model.step import Choice, Each, Parallel, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan
from untangle.plan.passes import Draft

KINDS = {"IntakeBus>Gift": {"detail": {"kind": ("gift",)}}, "IntakeBus>Plain": {"detail": {"kind": ("plain",)}}}


def planned(text: str, **given: Any) -> Workflow:
    graph = arrows(text, **given)
    return plan(graph, chain(graph))


def outlook(workflow: Workflow) -> Outlook:
    assert workflow.outlook is not None
    return workflow.outlook


def kinds(workflow: Workflow) -> list[str]:
    return sorted(type(step).__name__ for step in steps(workflow.root))


def event(kind: str) -> dict[str, Any]:
    params = {"EventBusName": "IntakeBus", "Source": "shop", "DetailType": "Order", "Detail": f'{{"kind": "{kind}"}}'}
    return {
        "id": kind,
        "service": "events",
        "op": "PutEvents",
        "params": params,
        "response": {"EventId": kind},
        "at": "2026-01-01T00:00:00.000Z",
        "size": 10,
    }


@pytest.mark.parametrize("multiplicity", ["*", "?"])
def test_a_filter_behind_a_map_or_a_question_is_part_of_it(multiplicity: str) -> None:
    workflow = planned(f"intake -eventbridge{multiplicity}-> gift", filters=KINDS)
    each = next(step for step in steps(workflow.root) if isinstance(step, Each))
    assert each.stops and each.words == "detail.kind is gift"
    assert not any(isinstance(step, Choice) for step in steps(workflow.root))
    assert "1 transition less" in outlook(workflow).savings[0]


def test_a_filter_of_the_one_message_stays_a_choice() -> None:
    workflow = planned("intake -eventbridge-> gift", filters=KINDS)
    assert "Choice" in kinds(workflow)
    assert not outlook(workflow).savings


def test_filters_side_by_side_become_a_map_each() -> None:
    workflow = planned("intake -eventbridge*-> {gift, plain}", filters=KINDS)
    assert kinds(workflow) == ["Each", "Each", "Parallel", "Task", "Task", "Task"]
    assert "at least 3 transitions less for each message" in outlook(workflow).savings[0]
    assert outlook(workflow).savings[-1].endswith("each further message costs 2 instead of 5")


def test_one_without_a_filter_keeps_the_map_in_common() -> None:
    workflow = planned("intake -eventbridge*-> {gift, audit}", filters=KINDS)
    assert kinds(workflow) == ["Choice", "Each", "Parallel", "Task", "Task", "Task"]


def test_a_parallel_in_a_parallel_is_one() -> None:
    workflow = planned("intake -eventbridge*-> {gift, plain}; intake -sqs-> audit", filters=KINDS)
    parallels = [step for step in steps(workflow.root) if isinstance(step, Parallel)]
    assert [len(parallel.branches) for parallel in parallels] == [3]


def test_the_items_of_a_map_are_the_messages_that_its_filter_lets_pass() -> None:
    graph = arrows("intake -eventbridge*-> gift", filters=KINDS)
    [state] = [state for state in definition(graph)["States"].values() if state["Type"] == "Map"]
    context = {"StateMachine": {"Id": "arn:aws:states:eu-west-1:111122223333:stateMachine:S"}}

    def items(*sent: str) -> list[str]:
        found = evaluate(state["Items"], {"input": [event(kind) for kind in sent], "context": context})
        assert isinstance(found, list)
        return [item["id"] for item in found]

    assert items("gift", "plain", "gift") == ["gift", "gift"]
    assert items("gift") == ["gift"]
    assert items("plain") == items() == []


def test_a_question_is_answered_by_the_filtered_message() -> None:
    graph = arrows("intake -eventbridge?-> gift", filters=KINDS)
    [state] = [state for state in definition(graph)["States"].values() if state["Type"] == "Choice"]
    context = {"StateMachine": {"Id": "arn:aws:states:eu-west-1:111122223333:stateMachine:S"}}
    [rule] = state["Choices"]
    assert evaluate(rule["Condition"], {"input": [event("gift")], "context": context}) is True
    assert evaluate(rule["Condition"], {"input": [event("plain")], "context": context}) is False
    assert evaluate(rule["Output"], {"input": [event("gift")], "context": context})["id"] == "gift"


def test_nothing_is_folded_where_nothing_moves() -> None:
    from untangle.plan.tree.fold import fold_choices

    graph = arrows("a -kinesis-> b")
    draft = Draft(graph=graph, chain=chain(graph), hops={})
    assert fold_choices(draft) is draft
