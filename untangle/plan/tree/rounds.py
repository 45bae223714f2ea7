"""The tree of a loop: the first lap by the way the loop is entered, then a `Loop` with the way that goes back.

The two differ where the first message comes by another channel than the later ones, so the functions of a round stand twice.
What else a function of the round sends runs before the round goes on: a state machine can go back out of a Choice, not out of a
branch of a Parallel. Where the code excludes the one or the other, one Choice asks for both.

The number of rounds has a limit, which Lambda's own guard against loops gave before ("Use Lambda recursive loop detection to
prevent infinite loops", Lambda guide: after about 16 runs by SQS, SNS or Lambda itself, unless the function's configuration
allows loops) and which the history of a run gives now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from untangle.model.step import Again, Each, Hand, Join, Loop, Parallel, Step, gathered, with_below
from untangle.plan.passes import Draft, Rounds
from untangle.plan.quotas import HISTORY
from untangle.plan.size import events
from untangle.plan.tree.exclusive import one_of

MOST = HISTORY * 4 // 5  # events for the rounds: the rest is for the way to the loop and for tries after failures
MOST_ROUNDS = MOST // 7  # a task and a Choice each


@dataclass(frozen=True, slots=True, kw_only=True)
class Laps:
    """What follows each function of a loop in the first lap, and the loop itself, for a way in that is the way back.

    `parted` are the functions behind which the round waits for what they send besides.
    """

    first: Mapping[str, Step]
    loop: Loop
    parted: tuple[str, ...]


def laps(
    draft: Draft,
    loop: Rounds,
    beside: Mapping[str, Step | None],
    hop: Callable[[str, Step], Step],
    each: Callable[[str, Step], Each],
) -> Laps:
    """The steps of a loop. `beside` is what else follows each of its functions; `hop` makes the step of a hop from what follows
    its consumer, `each` what selects a hop's effects for a step."""
    parted: list[str] = []

    def lap(last: Step) -> dict[str, Step]:
        made: dict[str, Step] = {}
        body = last
        for place in reversed(range(len(loop.way))):
            producer = draft.hops[loop.way[place]].producer
            made[producer] = _onward(draft, producer, beside.get(producer), each(loop.way[place], body), parted)
            if place:
                body = hop(loop.way[place - 1], made[producer])
        return made

    body = hop(loop.back, lap(Again(hops=(loop.back,)))[loop.head])
    round = Loop(body=body, limit=rounds_that_fit(body), hops=(loop.back,))
    return Laps(first=lap(round), loop=round, parted=tuple(dict.fromkeys(parted)))


def rounds_that_fit(body: Step) -> int:
    """How many rounds a run's history holds, in two digits."""
    fit: int = MOST // max(1, events(body).usual - 2)
    scale = int("1" + "0" * (len(str(fit)) - 2)) if fit > 99 else 1
    return max(1, fit // scale * scale)


def _onward(draft: Draft, producer: str, beside: Step | None, onward: Each, parted: list[str]) -> Step:
    """What follows a function of the round: what it sends besides, then the round's own way."""
    if beside is None:
        return onward
    branches = beside.branches if isinstance(beside, Parallel) else (beside,)
    one = one_of(draft, (*branches, onward))
    if one is not None:
        return one
    parted.append(producer)
    hand = Hand(effects=(onward.effects,), hops=onward.hops)
    return Join(body=Parallel(branches=(*branches, hand), hops=beside.hops), then=onward, hops=onward.hops)


def alike(one: Step, other: Step) -> bool:
    """Whether two ways into a function are the same in all but the hop that they came from."""
    return gathered(one, _bare) == gathered(other, _bare)


def _bare(step: Step, below: tuple[Step, ...]) -> Step:
    return replace(with_below(step, below), hops=())
