"""Loops: which guards bound one, and what is said of it."""

from __future__ import annotations

import pytest

from tests.arrows import arrows, chain
from untangle.model.code import Guard
from untangle.model.location import Location
from untangle.model.workflow import Workflow
from untangle.plan import plan
from untangle.plan.tree.loops import bound

PLACE = Location("poll/app.py", 5)


def guard(text: str, kind: str = "if") -> Guard:
    return Guard(kind=kind, text=text, location=PLACE)


@pytest.mark.parametrize(
    ("kind", "text", "limit"),
    [
        ("if", "attempts < 3", "3"),
        ("if", "attempts + 1 <= 5", "5"),
        ("if", "message.attempt < config.MAX_ATTEMPTS", "config.MAX_ATTEMPTS"),
        ("if", "retries < maxRetries", "maxRetries"),
        ("early-return", 'if event["retry_count"] >= MAX_RETRIES: return', "MAX_RETRIES"),
        ("early-return", "if hops + 1 >= MAX_TURN_HOPS: continue", "MAX_TURN_HOPS"),
        ("if", "attempts > 3", None),  # it is sent beyond the limit, so nothing ends it
        ("early-return", "if attempts < 3: return", None),
        ("if", "retries === undefined", None),
        ("if", "retries > 0", None),
        ("if", "len(payload['regions']) > 0", None),
        ("if", "!scanComplete", None),
        ("if", "attempts < limit(3)", None),
        ("loop", "while attempts < 3", None),
        ("except", "except Attempts", None),
    ],
)
def test_a_count_of_rounds_against_a_limit_is_a_bound(kind: str, text: str, limit: str | None) -> None:
    found = bound([guard(text, kind)])
    assert (found.limit if found else None) == limit


def planned(*guards: Guard, text: str = "intake -sqs-> poll; poll -sqs:Again?-> poll") -> Workflow:
    graph = arrows(text, hops={"poll>poll": {"guards": guards}}, triggers={"intake": "schedule"})
    return plan(graph, chain(graph))


def test_a_loop_that_moves_says_what_its_code_counts() -> None:
    (told,) = (text for text in planned(guard("attempts < 3")).differences if "within one run of the workflow" in text)
    assert "ends it after 3 rounds (attempts < 3, poll/app.py:5)" in told
    (told,) = (text for text in planned(guard("not done")).differences if "within one run of the workflow" in text)
    assert "no guard of it counts rounds" in told


@pytest.mark.parametrize(
    ("guards", "words"),
    [
        ((guard("attempts < 3"),), "its code ends it after 3 rounds (attempts < 3, poll/app.py:5)"),
        ((guard("not done"),), "its guard counts nothing against a limit (not done, poll/app.py:5)"),
        ((), "no guard of it counts anything"),
    ],
)
def test_a_loop_that_stays_says_so_too(guards: tuple[Guard, ...], words: str) -> None:
    workflow = planned(*guards, text="intake -sqs-> poll; poll -sqs:Again*-> poll")
    (kept,) = (item.text for item in workflow.obstacles if item.blocking and "form a loop" in item.text)
    assert words in kept
