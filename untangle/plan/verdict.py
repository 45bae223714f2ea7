"""The verdict: a score from documented signals, each with its points, its words and its locations.

Points: 25 for private channels of one stack, 20 for hidden joins, polling and delays, 15 for compensation and
re-drivers, 10 for waits of people, 10 for a correlation id threaded by hand, up to 10 for length, less 15 each for
batch work, rate limits and independent subscribers, less up to 10 for hops that must stay. 50 and more: migrate, all
of it or the part that can move; 25 to 49: the part that can move, where some hops must stay, else keep; less: keep.
Running cost and idleness count only where volumes are known (see `volume`): per transition Standard is dearer than most
channels, and the reader is told so elsewhere. A chain of two functions stays, and so does one of which nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from untangle.channels.job_event import heard_at
from untangle.model.chain import Reason, Verdict
from untangle.model.link import Hop
from untangle.model.location import Location
from untangle.plan.cost.volume import volume
from untangle.plan.passes import Draft, number, stops, where

ENOUGH = 50
_WAITING = frozenset({"sleep", "polling", "poll", "counter", "flags", "join", "self_schedule"})
_HUMAN = frozenset({"callback", "task_token", "approval"})
_UNDOING = frozenset({"compensation", "rollback", "status"})
_THREADED = ("correlation", "trace_id", "traceid", "request_id", "requestid", "workflow_id", "workflowid", "saga")


def judge(draft: Draft) -> Draft:
    """The draft with its verdict; reasons are sorted by weight, the strongest first."""
    reasons = [reason for signal in SIGNALS for reason in signal(draft)]
    score = max(0, min(100, sum(reason.weight if reason.toward == "migrate" else -reason.weight for reason in reasons)))
    hard = _hard(draft)
    decision = "keep" if hard or score < 25 else "partial" if draft.kept else "migrate" if score >= ENOUGH else "keep"
    ranked = sorted(reasons, key=lambda reason: (-reason.weight, reason.toward, reason.text))
    if decision == "keep" and not hard:
        ranked.append(
            Reason(toward="keep", weight=0, text=f"what speaks for a move comes to {score} points; {ENOUGH} are asked for")
        )
    return replace(draft, verdict=Verdict(decision=decision, score=score, reasons=(*hard, *ranked)))


def _hard(draft: Draft) -> tuple[Reason, ...]:
    """Reasons that decide whatever the score."""
    if len(draft.chain.functions) <= 2:
        return (
            Reason(toward="keep", weight=100, text="two functions and one hop: a state machine would only add a third thing"),
        )
    if draft.root is None:
        places = tuple(place for obstacle in draft.kept.values() if (place := obstacle.location) is not None)
        return (
            Reason(toward="keep", weight=100, text="no hop of it can move without changing what it does", locations=places[:3]),
        )
    return ()


def _private(draft: Draft) -> Iterator[Reason]:
    stacks = {draft.graph.function(id).stack for id in draft.chain.functions if draft.graph.is_function(id)}
    channels = {passage.channel for hop in draft.hops.values() for passage in hop.passages}
    if len(stacks) != 1:
        yield Reason(
            toward="keep", weight=5, text=f"its functions belong to {len(stacks)} stacks: it may cross a boundary between teams"
        )
    elif not channels & {node.id for node in draft.graph.channels if node.external and heard_at(node.id) is None}:
        yield Reason(toward="migrate", weight=25, text="all functions and channels belong to one stack")


def _waits(draft: Draft) -> Iterator[Reason]:
    for hop in draft.hops.values():
        seconds = sum(number(stop.settings, "delay_seconds") for stop in stops(draft.graph, hop))
        if seconds:
            yield Reason(toward="migrate", weight=20, text=f"a queue delays messages by {seconds} s to wait", locations=_at(hop))
            return
    found = _signals(draft, _WAITING)
    if found:
        yield Reason(toward="migrate", weight=20, text="functions wait, poll or count to join by hand", locations=found)
    elif draft.chain.cyclic:
        yield Reason(toward="migrate", weight=20, text="a loop over channels repeats work until something is done")


def _undoing(draft: Draft) -> Iterator[Reason]:
    for hop in draft.hops.values():
        if hop.reason in ("redrive", "on_failure") or any(guard.kind == "except" for guard in hop.guards):
            yield Reason(
                toward="migrate",
                weight=15,
                text="failure is handled by functions of its own, spread over the chain",
                locations=_at(hop),
            )
            return
    found = _signals(draft, _UNDOING)
    if found:
        yield Reason(
            toward="migrate", weight=15, text="steps are undone or tracked by a status that each function writes", locations=found
        )


def _people(draft: Draft) -> Iterator[Reason]:
    found = _signals(draft, _HUMAN)
    if found:
        yield Reason(toward="migrate", weight=10, text="it waits for an answer from outside", locations=found)


def _threaded(draft: Draft) -> Iterator[Reason]:
    places = [
        read.location
        for id in draft.chain.functions
        for read in (draft.graph.code[id].reads if id in draft.graph.code else ())
        if read.path and any(word in read.path[-1].lower() for word in _THREADED)
    ]
    if len(places) > 1:
        found = tuple(place for place in places if place is not None)
        yield Reason(
            toward="migrate", weight=10, text="an id is handed through the messages to keep them together", locations=found[:3]
        )


def _length(draft: Draft) -> Iterator[Reason]:
    longer = min(len(draft.chain.functions) - 2, 3)
    if longer > 0:
        points = round(10 * longer / 3)
        yield Reason(toward="migrate", weight=points, text=f"{len(draft.chain.functions)} functions take part in it")


def _batches(draft: Draft) -> Iterator[Reason]:
    for hop in draft.hops.values():
        if any(
            number(passage.delivery, "batch_window") or number(passage.delivery, "batch_size") > 10 for passage in hop.passages
        ):
            yield Reason(
                toward="keep", weight=15, text="functions work on batches that are collected for them", locations=_at(hop)
            )
            return


def _limits(draft: Draft) -> Iterator[Reason]:
    for hop in draft.hops.values():
        if any(number(passage.delivery, "maximum_concurrency") for passage in hop.passages):
            yield Reason(toward="keep", weight=15, text="a queue limits how many run at a time", locations=_at(hop))
            return


def _subscribers(draft: Draft) -> Iterator[Reason]:
    hearers: dict[str, set[str]] = {}
    for hop in draft.hops.values():
        if hop.passages and hop.passages[0].type in ("sns", "eventbridge"):
            hearers.setdefault(hop.passages[0].channel, set()).add(hop.consumer)
    channel, most = max(hearers.items(), key=lambda item: (len(item[1]), item[0]), default=("", set()))
    if len(most) >= 3:
        text = f"{len(most)} independent subscribers of {draft.address(channel)} want nothing from one another"
        yield Reason(toward="keep", weight=15, text=text)


def _staying(draft: Draft) -> Iterator[Reason]:
    if draft.hops and draft.kept:
        points = round(10 * len(draft.kept) / len(draft.hops))
        places = tuple(dict.fromkeys(place for obstacle in draft.kept.values() if (place := obstacle.location) is not None))
        text = f"{len(draft.kept)} of {len(draft.hops)} hops must stay as they are"
        yield Reason(toward="keep", weight=points, text=text, locations=places[:3])


SIGNALS: tuple[Callable[[Draft], Iterator[Reason]], ...] = (
    _private,
    _waits,
    _undoing,
    _people,
    _threaded,
    _length,
    _batches,
    _limits,
    _subscribers,
    _staying,
    volume,
)


def _at(hop: Hop) -> tuple[Location, ...]:
    place = where(hop)
    return () if place is None else (place,)


def _signals(draft: Draft, names: frozenset[str]) -> tuple[Location, ...]:
    """Where the code of the chain's functions shows one of these signals."""
    found = [
        place
        for id in draft.chain.functions
        if id in draft.graph.code
        for name, place in sorted(draft.graph.code[id].signals.items())
        if name in names
    ]
    return tuple(found[:3])
