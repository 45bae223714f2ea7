"""What a chain's volume says for or against a move, where an account was asked for its numbers. Without them nothing is said.

- Each run of a function would be at least one transition of a Standard workflow. From 100 dollars a month on that speaks
  against a move with 10 points, from 1,000 on with 25.
- No run of any of its functions within a week or more: 25 points against; less than one run a day: 10.
- At least ten failed runs, and at least one in a hundred: 10 points for a move.

The price is that of Standard Workflows in US East (N. Virginia) in 2025, without the free 4,000 transitions of a month:
https://aws.amazon.com/step-functions/pricing
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.model.chain import Reason
from untangle.model.usage import Usage
from untangle.plan.passes import Draft

A_MILLION = 25.0  # US dollars for 1,000,000 transitions
MONTH = 30.4  # days
DEAR, VERY_DEAR = 100.0, 1000.0  # US dollars a month
LONG_ENOUGH = 7.0  # days; over less, a chain that did not run may just wait for the end of the month
FEW_FAILURES = 10


def volume(draft: Draft) -> Iterator[Reason]:
    """The reasons that the numbers of the chain's functions give."""
    known = [draft.graph.usage[id] for id in draft.chain.functions if id in draft.graph.usage]
    if not known:
        return
    complete = len(known) == len(draft.chain.functions)
    days = min(usage.days for usage in known)
    runs = sum(usage.count for usage in known)
    yield from _dear(known)
    if complete and days >= LONG_ENOUGH:
        yield from _idle(runs, days)
    yield from _failing(known, runs)


def _dear(known: list[Usage]) -> Iterator[Reason]:
    daily = sum(usage.per_day for usage in known)
    dollars = daily * MONTH * A_MILLION / 1_000_000
    if dollars >= DEAR:
        text = (
            f"its functions run {daily:,.0f} times a day: with a transition for each, a Standard workflow would add about "
            f"${dollars:,.0f} a month"
        )
        yield Reason(toward="keep", weight=25 if dollars >= VERY_DEAR else 10, text=text)


def _idle(runs: int, days: float) -> Iterator[Reason]:
    if runs == 0:
        yield Reason(toward="keep", weight=25, text=f"none of its functions ran in {days:.0f} days: nobody would notice a move")
    elif runs < days:
        text = f"its functions ran {runs} {'time' if runs == 1 else 'times'} in {days:.0f} days: little would be gained by a move"
        yield Reason(toward="keep", weight=10, text=text)


def _failing(known: list[Usage], runs: int) -> Iterator[Reason]:
    failed = sum(usage.errors or 0 for usage in known)
    if failed >= FEW_FAILURES and failed * 100 >= runs:
        text = f"{failed:,} of {runs:,} runs of its functions failed: a workflow shows each of them, with its input and its step"
        yield Reason(toward="migrate", weight=10, text=text)
