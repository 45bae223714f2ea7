"""What a chain's volume says for or against a move, where an account was asked for its numbers. Without them nothing is said.

- What the workflow would cost more than the channels it replaces (see `cost`). From 100 dollars a month on that speaks against a
  move with 10 points, from 1,000 on with 25. Where not every function was counted, each counted run is taken as one transition.
- No run of any of its functions within a week or more: 25 points against; less than one run a day: 10.
- At least ten failed runs, and at least one in a hundred: 10 points for a move.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.model.chain import Reason
from untangle.model.outlook import EXPRESS
from untangle.model.usage import Usage
from untangle.plan.cost.cost import money, surplus
from untangle.plan.cost.month import MONTH
from untangle.plan.cost.prices import per_million
from untangle.plan.passes import Draft

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
    yield from _dear(draft, known)
    if complete and days >= LONG_ENOUGH:
        yield from _idle(runs, days)
    yield from _failing(known, runs)


def _dear(draft: Draft, known: list[Usage]) -> Iterator[Reason]:
    daily = sum(usage.per_day for usage in known)
    outlook = draft.outlook
    dollars = surplus(outlook) if outlook is not None else None
    if dollars is None:
        dollars = per_million("states.transition", daily * MONTH / 1e6)
    if dollars >= DEAR:
        kind = "an Express" if outlook is not None and outlook.type == EXPRESS else "a Standard"
        more = f"{kind} workflow would cost about {money(dollars)} a month more than today"
        text = f"its functions run {daily:,.0f} times a day: {more}"
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
