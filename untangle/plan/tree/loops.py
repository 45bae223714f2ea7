"""Loops over channels: a message that leads back to the function that sent it.

A state machine goes back too, from a Choice. That is the same where a round is one sequence of runs of which the last sends at
most one message for the next round, and where the loop is entered at one function only: then there is one round at a time, as
before. A loop of any other form stays whole, with what keeps it.

Whether and when the loop ends is the code's to say, as before. Where a guard holds a count of rounds against a limit, the limit
is named; a limit beyond what a run's history holds keeps the loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from untangle.model.code import Guard
from untangle.model.link import Hop
from untangle.plan.passes import Draft, Rounds, goes_out, how_many
from untangle.plan.quotas import HISTORY
from untangle.plan.tree.rounds import MOST_ROUNDS, Laps

# What people call a count of rounds, held against a number or a name: `attempts < 3`, `event["retry_count"] >= MAX_RETRIES`.
_COUNT = r"(?:attempt|retr(?:y|ies)|tries|rounds?|hops?|laps?|depth|iteration)\w{0,40}[\"'\])]*(?:\s*\+\s*1)?"
_LIMIT = r"(?P<limit>[1-9]\d{0,5}|(?:\w+\.)*[A-Z]\w+)(?![\w(.])"
# Under a condition a round is sent while the count is below the limit; what returns early does so once it is not.
_BOUNDS = {
    "if": re.compile(rf"{_COUNT}\s*<=?\s*{_LIMIT}", re.IGNORECASE),
    "early-return": re.compile(rf"{_COUNT}\s*>=?\s*{_LIMIT}\s*:?\s*(?:return|continue|raise)", re.IGNORECASE),
}
# Channels by which Lambda finds loops (Lambda guide, "Use Lambda recursive loop detection to prevent infinite loops").
DETECTED = frozenset({"sqs", "sns", "lambda_invoke"})
_SHORT = 80  # characters of a guard that are shown
_LONGEST = 400  # characters of a guard that are read


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of rounds as a guard states it: a number, or the name of a constant."""

    limit: str
    guard: Guard


def cut_loops(draft: Draft) -> Draft:
    """The draft with the loops that can move, and with every hop kept of those that cannot."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph((hop.producer, hop.consumer) for hop in draft.moving.values())
    loop_of = {node: index for index, nodes in enumerate(nx.strongly_connected_components(graph)) for node in nodes}
    loops: dict[int, list[str]] = {}
    for id, hop in draft.moving.items():
        if loop_of[hop.producer] == loop_of[hop.consumer]:
            loops.setdefault(loop_of[hop.producer], []).append(id)
    for ids in sorted(loops.values()):
        found = _judged(draft, ids)
        if isinstance(found, Rounds):
            draft = replace(draft, loops=(*draft.loops, found))
            continue
        hops = [draft.hops[id] for id in ids]
        names = ", ".join(sorted({draft.address(hop.producer) for hop in hops}))
        ends = _ends(hops, bound(guard for hop in hops for guard in hop.guards))
        draft = draft.keep(ids, f"{names} form a loop, and {found}; {ends}")
    return draft


def settle_loops(draft: Draft) -> Draft:
    """Keep each loop for which more is known now: a hop into it that stays may bring several records at a time."""
    for loop in draft.loops:
        against = next(_against(draft, list(loop.way)), None) if loop.back in draft.moving else None
        if against is not None:
            names = ", ".join(sorted(draft.address(draft.hops[id].producer) for id in loop.way))
            draft = draft.keep(loop.way, f"{names} form a loop, and {against}")
    return draft


def _judged(draft: Draft, ids: list[str]) -> Rounds | str:
    """The loop that these hops form, or why it stays."""
    hops = {id: draft.hops[id] for id in ids}
    leaving: dict[str, list[str]] = {}
    for id, hop in hops.items():
        leaving.setdefault(hop.producer, []).append(id)
    entered = sorted(function for function in leaving if _entered(draft, function, leaving.keys()))
    if len(entered) != 1:
        names = " and ".join(draft.address(function) for function in entered)
        return f"it is entered at {names}: where a round begins differs" if entered else "nothing is seen that starts it"
    forks = next((function for function, ways in sorted(leaving.items()) if len(ways) > 1), None)
    if forks is not None:
        return f"{draft.address(forks)} has {len(leaving[forks])} ways on within it, so rounds would run beside one another"
    way = [leaving[entered[0]][0]]
    while hops[way[-1]].consumer != entered[0]:
        way.append(leaving[hops[way[-1]].consumer][0])
    return next(_against(draft, way), None) or Rounds(head=entered[0], way=tuple(way))


def _entered(draft: Draft, function: str, within: Iterable[str]) -> bool:
    """Whether something else than the loop itself starts one of its functions."""
    return function in draft.chain.entries or _started(draft, function, within)


def _started(draft: Draft, function: str, within: Iterable[str]) -> bool:
    """Whether a trigger or a hop of others is seen that starts one of a loop's functions."""
    own = set(within)
    others = (hop for hop in draft.graph.reaching(function) if hop.producer not in own or hop.id not in draft.moving)
    return bool(draft.graph.triggers_of(function)) or any(others)


def _against(draft: Draft, way: list[str]) -> Iterator[str]:
    """What keeps a loop with one way round."""
    hops = [draft.hops[id] for id in way]
    for id, hop in zip(way, hops, strict=True):
        ends = f"{draft.address(hop.producer)} to {draft.address(hop.consumer)}"
        if how_many(draft, hop) == "many":
            yield f"a run may send several messages from {ends}, each of which starts rounds of its own"
        if id in draft.called_back:
            yield f"the queue from {ends} stays and calls back"
    if goes_out(draft, hops[-1]) and not _started(draft, hops[-1].consumer, [hop.producer for hop in hops]):
        yield "what starts it is not seen: others who write there start it by the subscription that the loop would take away"
    if all(_always(draft, hop) and not _filtered(hop) for hop in hops):
        yield "every round sends the message for the next one: nothing is seen that ends it"
    found = bound(guard for hop in hops for guard in hop.guards)
    if found is not None and found.limit.isdigit() and int(found.limit) > MOST_ROUNDS // len(way):
        yield f"a run's history holds no {found.limit} rounds"


def _always(draft: Draft, hop: Hop) -> bool:
    """Whether each run of the producer sends the message, on one way or another."""
    return "one" in (how_many(draft, hop), draft.calls.get((hop.producer, hop.passages[0].channel)))


def _filtered(hop: Hop) -> bool:
    """Whether a filter that looks at more than the kind of event may keep a message from going on."""
    return any(
        bool(passage.filter)
        and not (passage.type == "s3" and isinstance(passage.filter, Mapping) and passage.filter.keys() <= {"events"})
        for passage in hop.passages
    )


def loop_differences(draft: Draft, loop: Rounds, made: Laps) -> Iterator[str]:
    """What is otherwise when a loop is part of a workflow, in words."""
    hops = [draft.hops[id] for id in loop.way]
    names = " and ".join(draft.address(hop.producer) for hop in hops) + (" goes" if len(hops) == 1 else " go")
    found = bound(guard for hop in hops for guard in hop.guards)
    own = (
        f"its code ends it after {found.limit} rounds ({_brief(found.guard)}), if each round counts"
        if found
        else ("no guard of it counts rounds against a limit")
    )
    types = {passage.type for hop in hops for passage in hop.passages}
    before = (
        "before, Lambda's recursive loop detection stopped such a chain after about 16 runs, unless the functions' configuration "
        "allows loops (Lambda guide, Use Lambda recursive loop detection to prevent infinite loops), now"
        if types <= DETECTED
        else "before, nothing stopped it, now"
    )
    yield (
        f"{names} round within one run of the workflow: {own}; {before} a run fails (TooManyRounds) "
        f"after {made.loop.limit:,} rounds, as its history holds {HISTORY:,} events: what is left to do then is lost unless it "
        "is sent anew; a branch of a Parallel or an item of a Map ends alone"
    )
    for function in made.parted:
        others = sorted({draft.address(hop.consumer) for id, hop in draft.leaving[function] if id not in loop.way})
        yield (
            f"{draft.address(function)}: the round goes on when {', '.join(others)} and what follows there has ended; before, it "
            "went on beside them"
        )


def bound(guards: Iterable[Guard]) -> Bound | None:
    """The first guard that holds a count of rounds against a limit; None where none is seen."""
    for guard in guards:
        pattern = _BOUNDS.get(guard.kind)
        found = pattern.search(guard.text[:_LONGEST]) if pattern is not None else None
        if found is not None:
            return Bound(found["limit"], guard)
    return None


def _ends(hops: list[Hop], found: Bound | None) -> str:
    """What is known of the loop's end, in words."""
    if found is not None:
        return f"its code ends it after {found.limit} rounds ({_brief(found.guard)}), if each round counts"
    guard = next((guard for hop in hops for guard in hop.guards if guard.kind in ("if", "early-return")), None)
    seen = f"its guard counts nothing against a limit ({_brief(guard)})" if guard else "no guard of it counts anything"
    return f"whether and when it ends is not known: {seen}"


def _brief(guard: Guard) -> str:
    text = " ".join(guard.text.split())
    return f"{text if len(text) <= _SHORT else text[: _SHORT - 1] + '…'}, {guard.location}"
