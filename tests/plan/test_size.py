"""How large a run is: transitions, events of its history and seconds, from the tree alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.arrows import arrows, chain
from untangle.model.outlook import Size
from untangle.model.step import Retry, Step
from untangle.plan import plan
from untangle.plan.size import events, seconds, transitions, waiting

GIFTS = {"ABus>B": {"detail": {"kind": ("gift",)}}}
FILTERED = {**GIFTS, "ABus>C": {"detail": {"kind": ("plain",)}}}


def root(text: str, **given: Any) -> Step:
    graph = arrows(text, **given)
    found = plan(graph, chain(graph)).root
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "given", "least", "usual", "further"),
    [
        pytest.param("a -sqs-> b -sns-> c", {}, 3, 3, 0, id="a task each"),
        pytest.param("a -sns-> {b, c}", {}, 4, 4, 0, id="a parallel of two"),
        pytest.param("a -sqs?-> b", {}, 3, 3, 0, id="maybe: choice and the end, or choice and task"),
        pytest.param("a -sqs*-> b", {}, 2, 3, 1, id="a map, and a task for each"),
        pytest.param("a -sqs*-> b -sns-> c", {}, 2, 4, 2, id="a map of two tasks"),
        pytest.param("a -eventbridge-> b", {"filters": GIFTS}, 3, 3, 0, id="a filter"),
        pytest.param("a -eventbridge*-> b", {"filters": GIFTS}, 2, 3, 1, id="a filter in the map's items"),
        pytest.param("a -eventbridge?-> b", {"filters": GIFTS}, 3, 3, 0, id="a filter in the question"),
        pytest.param("a -eventbridge*-> {b, c}", {"filters": FILTERED}, 4, 6, 2, id="a map for each filter"),
        pytest.param("a -sqs-> b", {"settings": {"BQueue": {"delay_seconds": 900}}}, 3, 3, 0, id="a wait"),
        pytest.param("{a, b} -sqs:q-> c", {}, 3, 3, 0, id="which entry, then one of them"),
    ],
)
def test_transitions(text: str, given: dict[str, object], least: int, usual: int, further: int) -> None:
    assert transitions(root(text, **given)) == Size(least=least, usual=usual, further=further)


def test_a_task_makes_five_events_and_a_run_two() -> None:
    assert events(root("a -sqs-> b")) == Size(least=12, usual=12)


def test_an_iteration_makes_two_events_of_its_own() -> None:
    assert events(root("a -sqs*-> b")) == Size(least=11, usual=18, further=7)


@pytest.mark.parametrize(
    ("text", "settings", "once", "tries"),
    [
        pytest.param("a -sqs-> b", {"redrive": {"max_receive_count": 1}}, 60, 60, id="one try"),
        pytest.param("a -sqs-> b", {"redrive": {"max_receive_count": 2}}, 60, 120, id="two, the visibility timeout between them"),
        pytest.param("a -sqs-> b", {"redrive": {"max_receive_count": 1}, "delay_seconds": 900}, 960, 960, id="a delay"),
        pytest.param("a -sns-> {b, c}", {}, 60, 300, id="one branch, tried thrice with 60 and 120 s between"),
        pytest.param("a -sqs*-> b", {"redrive": {"max_receive_count": 1}}, 60, 60, id="iterations side by side"),
    ],
)
def test_seconds(text: str, settings: dict[str, object], once: int, tries: int) -> None:
    functions: dict[str, Any] = {name: {"timeout": 30} for name in ("a", "b", "c") if name in text.replace("sns", "")}
    functions["a"]["asynchronous"] = {"maximum_retry_attempts": 0}
    found = root(text, settings={"BQueue": settings}, functions=functions)
    assert (seconds(found, tries=False), seconds(found, tries=True)) == (once, tries)


def test_a_retrier_waits_longer_each_time_up_to_its_limit() -> None:
    assert waiting(Retry(errors="any", interval=60, rate=2, attempts=2)) == 180
    assert waiting(Retry(errors="any", interval=1, rate=2, attempts=5, max_delay=4)) == 1 + 2 + 4 + 4 + 4
