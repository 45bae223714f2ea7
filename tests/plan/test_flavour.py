"""Standard or Express: what rules Express out, what makes it worth while, and what it changes in the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.arrows import arrows, chain, function_id
from untangle.emit.asl import asl_definition
from untangle.model.code import CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.location import Location
from untangle.model.outlook import Outlook
from untangle.model.step import Task, steps
from untangle.model.usage import Usage
from untangle.model.workflow import Workflow
from untangle.plan import plan

# A chain that would fit: short, started by events, tried once.
SHORT: dict[str, Any] = {
    "functions": {
        "a": {"timeout": 10, "asynchronous": {"maximum_retry_attempts": 0}},
        "b": {"timeout": 10},
        "c": {"timeout": 10},
    },
    "settings": {name: {"redrive": {"max_receive_count": 1}} for name in ("BQueue", "CQueue")},
    "triggers": {"a": "sns"},
}
TEXT = "a -sqs-> b -sqs-> c"


def graph(text: str = TEXT, daily: int | None = None, **changed: Any) -> EventGraph:
    """The short chain with some of it changed; `daily` runs of each function, of 100 ms."""
    made = arrows(text, **(SHORT | changed))
    usage = {function_id(name): Usage(days=10, count=daily * 10, duration_ms=100) for name in "abc"} if daily is not None else {}
    return replace(made, usage=usage)


def planned(graph: EventGraph) -> Workflow:
    return plan(graph, chain(graph))


def outlook(graph: EventGraph) -> Outlook:
    found = planned(graph).outlook
    assert found is not None
    return found


def grounds(found: Outlook) -> str:
    return " | ".join(ground.text for ground in found.grounds)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"functions": {"a": {"timeout": 290}}}, "may take 350 s by the timeouts"),
        (
            {"settings": {"BQueue": {"delay_seconds": 300, "redrive": {"max_receive_count": 1}}}},
            "300 s of waiting among them",
        ),
        (
            {"functions": {"a": {"timeout": 10}, "b": {"timeout": 10}, "c": {"timeout": 90}}},
            "with the tries after failures a run may take",
        ),
        ({"triggers": {"a": "apigateway"}}, "A is started by apigateway, once for each request"),
        (
            {"code": {"b": CodeFacts(function="app/B", readable=True, signals={"task_token": Location("b.py", 7)})}},
            "callbacks are for Standard workflows only",
        ),
    ],
)
def test_what_rules_express_out(changed: dict[str, Any], words: str) -> None:
    found = outlook(graph(daily=10_000_000, **changed))
    assert found.type == "STANDARD"
    assert words in grounds(found)


def test_a_callback_is_told_with_its_place() -> None:
    code = {"b": CodeFacts(function="app/B", readable=True, signals={"task_token": Location("b.py", 7)})}
    assert Location("b.py", 7) in outlook(graph(code=code)).grounds[-1].locations


def test_what_starts_it_must_be_known() -> None:
    made = graph(daily=10_000_000)
    found = outlook(replace(made, triggers=()))
    assert found.type == "STANDARD" and "what starts A is not known" in grounds(found)


def test_without_numbers_it_is_standard_and_says_from_when_express_would_pay() -> None:
    found = outlook(graph())
    assert found.type == "STANDARD"
    assert "would fit into an Express workflow" in grounds(found)
    assert "runs a day on" in grounds(found)


@pytest.mark.parametrize(
    ("daily", "type"), [(1_000, "STANDARD"), (40_000, "STANDARD"), (50_000, "EXPRESS"), (10_000_000, "EXPRESS")]
)
def test_volume_decides(daily: int, type: str) -> None:
    found = outlook(graph(daily=daily))
    assert found.type == type
    assert f"at {daily * 30.4:,.0f} runs a month Standard costs $" in grounds(found)


def test_express_tries_less_long_while_it_is_refused_and_says_what_changes() -> None:
    made = graph(daily=50_000)
    workflow = planned(made)
    attempts = {retry.attempts for step in steps(workflow.root) if isinstance(step, Task) for retry in step.retries}
    assert attempts == {5}
    assert any("5 times over half a minute" in text for text in workflow.differences)
    assert any("may start over" in text for text in workflow.differences)
    assert not any("about an hour" in text for text in workflow.differences)
    assert "type EXPRESS" in asl_definition(workflow, made)["Comment"]


def test_standard_says_nothing_of_express() -> None:
    workflow = planned(graph())
    assert any("20 times over about an hour" in text for text in workflow.differences)
    assert not any("Express" in text for text in workflow.differences)


def test_the_part_for_each_message_may_be_express() -> None:
    text = "a -sqs*-> b -sqs-> c"
    assert outlook(graph(text, triggers={"a": "apigateway"})).hybrid is None
    found = outlook(graph(text, daily=1_000_000, triggers={"a": "apigateway"}))
    assert found.type == "STANDARD" and found.hybrid is not None
    assert "the 2 states for each message from B on fit into an Express workflow" in found.hybrid


def test_the_verdict_counts_what_the_type_costs() -> None:
    def dear(**changed: Any) -> list[str]:
        verdict = planned(graph(daily=200_000, **changed)).verdict
        assert verdict is not None
        return [reason.text for reason in verdict.reasons if "a month more than today" in reason.text]

    assert dear() == []  # Express, at about what the queues cost
    [said] = dear(triggers={"a": "apigateway"})
    assert "a Standard workflow would cost about $441 a month more" in said
