"""A limit of time: what it says, and that a proof says what it has not run."""

from __future__ import annotations

import pytest

from untangle.model.certificate import Certificate, Mutant, Scenario
from untangle.simulate.verify import limit
from untangle.simulate.verify.limit import Limit


@pytest.mark.parametrize(
    ("seconds", "gone", "share", "over"),
    [(None, 1e9, 1.0, ""), (100, 99, 1.0, ""), (100, 100, 1.0, "100 s"), (100, 59, 0.6, ""), (100, 60, 0.6, "100 s")],
)
def test_it_is_over_when_its_share_is_gone(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None, gone: float, share: float, over: str
) -> None:
    now = [5.0]
    monkeypatch.setattr(limit.time, "monotonic", lambda: now[0])
    made = Limit(seconds)
    now[0] += gone
    assert over in made.over(share) if over else made.over(share) == ""


def test_what_was_not_run_counts_neither_for_nor_against() -> None:
    certificate = Certificate(
        chain="c",
        fingerprint="f",
        seed=0,
        scenarios=(Scenario(name="a", stimulus={}, equal=True), Scenario(name="b", stimulus={}, unable="not run")),
        mutants=(Mutant(change="x", killed_by="a"), Mutant(change="y", unable="not run")),
    )
    assert certificate.equal
    assert certificate.score == 1.0


def test_a_certificate_in_which_nothing_was_run_is_not_equal() -> None:
    scenario = Scenario(name="b", stimulus={}, unable="not run")
    assert not Certificate(chain="c", fingerprint="f", seed=0, scenarios=(scenario,)).equal
