"""What numbers say for or against a move: from documented thresholds on, in words that hold the numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.arrows import arrows, chain, function_id
from untangle.model.chain import Reason
from untangle.model.usage import Usage
from untangle.plan import verdict

DAYS = 14.5


def reasons(**counts: Usage | int) -> list[Reason]:
    """What the verdict on `a -> b -> c` says beyond what it says without numbers; an int is a count of runs."""
    plain = arrows("a -sqs-> b -sqs-> c")
    usage = {
        function_id(name): item if isinstance(item, Usage) else Usage(days=DAYS, count=item, errors=0)
        for name, item in counts.items()
    }
    known = {reason.text for reason in verdict(plain, chain(plain)).reasons}
    graph = replace(plain, usage=usage)
    return [reason for reason in verdict(graph, chain(graph)).reasons if reason.text not in known and reason.weight]


def test_without_numbers_nothing_is_said() -> None:
    assert reasons() == []


def test_an_ordinary_volume_says_nothing() -> None:
    assert reasons(a=10_000, b=10_000, c=10_000) == []


@pytest.mark.parametrize(
    ("daily", "weight", "dollars"),
    [(131_000, None, ""), (132_000, 10, "$100 a month"), (1_315_000, 10, "$999 a month"), (1_316_000, 25, "$1,000 a month")],
)
def test_transitions_have_a_price(daily: int, weight: int | None, dollars: str) -> None:
    found = reasons(a=round(daily * DAYS), b=0, c=0)
    assert [item.weight for item in found] == ([weight] if weight else [])
    assert all(item.toward == "keep" and dollars in item.text and f"{daily:,} times a day" in item.text for item in found)


@pytest.mark.parametrize(
    ("counts", "days", "expected"),
    [
        pytest.param((0, 0, 0), 14.5, (25, "none of its functions ran in 14 days"), id="idle"),
        pytest.param((1, 0, 0), 14.5, (10, "ran 1 time in 14 days"), id="almost idle"),
        pytest.param((5, 5, 5), 14.5, None, id="once a day"),
        pytest.param((0, 0, 0), 6.9, None, id="not looked at for long enough"),
        pytest.param((0, 0), 14.5, None, id="one function was not counted"),
    ],
)
def test_an_idle_chain_is_not_worth_a_move(counts: tuple[int, ...], days: float, expected: tuple[int, str] | None) -> None:
    found = reasons(**{name: Usage(days=days, count=runs) for name, runs in zip("abc", counts, strict=False)})
    assert len(found) == (expected is not None)
    if expected is not None:
        assert (found[0].toward, found[0].weight) == ("keep", expected[0]) and expected[1] in found[0].text


@pytest.mark.parametrize(("failed", "said"), [(9, False), (10, True), (100, True)])
@pytest.mark.parametrize(("runs", "often"), [(900, True), (100_000, False)])
def test_failures_speak_for_a_workflow(failed: int, said: bool, runs: int, often: bool) -> None:
    found = reasons(a=Usage(days=DAYS, count=runs, errors=failed))
    assert [(item.toward, item.weight) for item in found] == ([("migrate", 10)] if said and often else [])
    assert all(f"{failed:,} of {runs:,} runs" in item.text for item in found)
