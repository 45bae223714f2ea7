"""Joins that are hidden in a count, and which of them a Parallel or Map state makes.

A handler that counts in a table, looks at the result and sends on only then waits for others in the only way it can. The
handlers stay as they are, so the count stays too and decides as before whether a message is sent; what changes is where its
consumer stands: behind the Parallel or Map of all runs that count, on the messages that these hand out, once for each. That is
the same but for time: the consumer waits for runs that count to their end, and for those that fail for good. It
never ran twice for one message, and where the count never gets there no message is handed out.

So much holds of any part with one entry and one exit (`regions`). It is called a join, and made one, only where the code shows
it to be one: `_Search` has the conditions. What does not show them stays as it was, each consumer behind each run, and the
first condition that is missing is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from untangle.model.link import Hop
from untangle.model.workflow import Obstacle
from untangle.plan.passes import Draft, Joined, drawn, how_many
from untangle.plan.tree.counting import (
    COUNTS,
    Counting,
    counting,
    guarded,
    loops_over_records,
    table_of,
    tables_written,
    to_a_constant,
)
from untangle.plan.tree.exclusive import exclusive
from untangle.plan.tree.regions import Region, Ways, overlapping
from untangle.plan.tree.structure import channel_effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Functions that count, and the hops by which they tell others when they are done.

    `region` is the part that they end, where there is one; `lacks` says what keeps it from being a join, "" for one that is.
    """

    workers: tuple[str, ...]
    handed: tuple[str, ...]
    region: Region | None = None
    lacks: str = ""


def find_joins(draft: Draft) -> Draft:
    """The draft with the joins that Parallel and Map states make."""
    found = [
        Joined(split=one.region.split, workers=one.workers, entered=frozenset(one.region.entered), handed=one.handed)
        for one in candidates(draft)
        if one.region is not None and not one.lacks
    ]
    return replace(draft, joins=tuple(found))


def candidates(draft: Draft) -> tuple[Candidate, ...]:
    """Every set of functions that count and send on, in order, with the first condition that it does not meet."""
    return tuple(_Search(draft).judged())


class _Search:
    """The joins among the moving hops of a draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        functions = [id for id in draft.graph.code if draft.graph.is_function(id)]
        self._counting = {id: found for id in functions if (found := counting(draft.graph, id)) is not None}
        self._setting = tables_written(draft.graph, functions) if self._counting else {}
        self._arriving: dict[str, list[str]] = {}
        for id, hop in draft.moving.items():
            self._arriving.setdefault(hop.consumer, []).append(id)
        self._ways = Ways(draft.moving, draft.entries)

    def judged(self) -> Iterator[Candidate]:
        """The candidates, those that overlap told from those that do not."""
        found = [self._placed(one) for one in self._groups()]
        across = overlapping(one.region for one in found if one.region is not None and not one.lacks)
        for one in found:
            other = across.get(one.region) if one.region is not None and not one.lacks else None
            if other is not None:
                names = self._names(sorted(other.ends))
                one = replace(one, lacks=f"it overlaps with the join of {names}, and neither holds the other")
            yield one

    def _groups(self) -> Iterator[Candidate]:
        """The consumers of functions that count, those of the same functions together; each that cannot be joined alone."""
        together: dict[tuple[str, ...], list[str]] = {}
        for consumer, ids in sorted(self._arriving.items()):
            workers = tuple(sorted({self._draft.moving[id].producer for id in ids}))
            if not any(self._counts(self._draft.moving[id]) for id in ids):
                continue
            lacks = next(self._lacking(consumer, ids), "")
            if lacks:
                counted = tuple(worker for worker in workers if worker in self._counting)
                yield Candidate(workers=counted, handed=tuple(sorted(ids)), lacks=lacks)
            else:
                together.setdefault(workers, []).extend(ids)
        for workers, ids in sorted(together.items()):
            yield Candidate(workers=workers, handed=tuple(sorted(ids)))

    def _counts(self, hop: Hop) -> bool:
        return hop.producer in self._counting and guarded(hop, self._counting[hop.producer])

    def _lacking(self, consumer: str, ids: list[str]) -> Iterator[str]:
        """What the ways into a consumer do not show."""
        draft, name = self._draft, self._draft.address(consumer)
        for hop in (draft.moving[id] for id in ids):
            if hop.producer not in self._counting:
                yield f"{draft.address(hop.producer)} sends to {name} too and is not seen to count"
            elif not self._counts(hop):
                yield f"{drawn(draft, hop)} is not seen to be sent under a comparison"
        ways = {(channel_effects(draft, draft.moving[id]), *self._passed(draft.moving[id])) for id in ids}
        if len(ways) > 1:
            yield f"not all that count reach {name} by the same way"
        for hop in draft.graph.reaching(consumer):
            if hop.id not in draft.moving and self._passed(hop) in {self._passed(draft.moving[id]) for id in ids}:
                yield f"{drawn(draft, hop)} stays"

    def _passed(self, hop: Hop) -> tuple[str, ...]:
        return tuple(f"{passage.channel} {passage.filter!r}" for passage in hop.passages)

    def _placed(self, one: Candidate) -> Candidate:
        """A candidate with the part that it ends, or with what keeps it from ending one."""
        if one.lacks:
            return one
        lacks = next(self._uncounted(one.workers), "")
        if lacks:
            return replace(one, lacks=lacks)
        splits = [split for split in self._splits(one.workers) if self._sends_several(split)]
        regions = (self._ways.region(split, frozenset(one.workers)) for split in splits)
        nearest = next((region for region in regions if self._forks(region)), None)
        if nearest is None:
            return replace(one, lacks=f"no function that all ways to {self._names(one.workers)} pass splits the work")
        round = sorted((nearest.nodes | {self._draft.moving[id].consumer for id in one.handed}) & self._draft.rounds.keys())
        if round:
            return replace(one, lacks=f"{self._names(round)} goes round in a loop, of which no round may hand out for all")
        region = self._set_out(one, nearest, splits)
        if region is None and not all(self._total_sent(id) for id in one.handed):
            name = self._draft.address(nearest.split)
            return replace(one, lacks=f"{name} splits the work, but is not seen to write to the table that is counted in")
        region = region or nearest
        return replace(one, region=region, lacks=next(self._open(one, region), ""))

    def _set_out(self, one: Candidate, nearest: Region, splits: list[str]) -> Region | None:
        """The nearest part whose split is seen to write to the table that is counted in."""
        setting = self._setting.get(self._counting[one.workers[0]].table or "", frozenset())
        if nearest.split in setting:
            return nearest
        regions = (self._ways.region(split, frozenset(one.workers)) for split in splits if split in setting)
        return next((region for region in regions if self._forks(region)), None)

    def _splits(self, workers: tuple[str, ...]) -> Iterator[str]:
        """The functions that all ways to these pass, the nearest first."""
        first, *others = (tuple(self._ways.before(worker)) for worker in workers)
        common = frozenset(first).intersection(*others)
        return (split for split in first if split in common)

    def _sends_several(self, function: str) -> bool:
        hops = self._draft.leaving.get(function, ())
        return len(hops) > 1 or any(how_many(self._draft, hop) == "many" for _, hop in hops)

    def _total_sent(self, id: str) -> bool:
        """Whether a count needs nobody to set it: it rises from nothing to what the message or the item says."""
        hop = self._draft.moving[id]
        found = self._counting[hop.producer]
        return found.kind == "flags" or (not found.down and not to_a_constant(hop))

    def _forks(self, region: Region) -> bool:
        """Whether one run of the split sends several messages into a part: on two ways that do not exclude one another, or in a
        loop that is not just the one over the records of its event."""
        hops = [self._draft.moving[id] for id in region.entered]
        channels = [hop.passages[0].channel for hop in hops]
        both = any(not exclusive(self._draft, region.split, *pair) for pair in combinations(channels, 2))
        return both or any(how_many(self._draft, hop) == "many" and not loops_over_records(hop) for hop in hops)

    def _uncounted(self, workers: tuple[str, ...]) -> Iterator[str]:
        """What the counts of the workers do not show."""
        names, counts = self._names(workers), [self._counting[worker] for worker in workers]
        tables = {count.table for count in counts}
        if None in tables:
            yield f"in which table {names} counts is not known"
        elif len(tables) > 1:
            yield f"{names} count in different tables"
        elif all(count.names for count in counts) and not frozenset.intersection(*(count.names for count in counts)):
            yield f"{names} count in different attributes"
        if not all(count.keyed for count in counts):
            yield f"the key of the item in which {names} counts is not seen to come from the message"

    def _others(self, workers: tuple[str, ...]) -> list[str]:
        """Functions that count there too and look at what comes of it: they could be the last."""
        table = self._counting[workers[0]].table
        return sorted(id for id, count in self._counting.items() if count.table == table and id not in workers)

    def _open(self, one: Candidate, region: Region) -> Iterator[str]:
        """How a part is entered or left otherwise than by its split and by what is handed out."""
        draft = self._draft
        for id in region.left:
            if id in one.handed:
                continue
            hop = draft.moving[id]
            to = draft.address(hop.consumer)
            if self._counts(hop):
                yield (
                    f"{draft.address(hop.producer)} is waited for by {to} too, with others: joins that overlap have no order of "
                    f"Parallel states, so each consumer stands behind every run that may send to it"
                )
            yield f"{drawn(draft, hop)} leads elsewhere, and its end would be waited for too"
        for node in sorted(region.nodes):
            if node in draft.rounds:
                yield f"{draft.address(node)} goes round in a loop"
            for hop in draft.graph.reaching(node):
                if hop.id not in draft.moving:
                    yield f"{drawn(draft, hop)} stays, and {draft.address(node)} counts for it too"
        others = self._others(one.workers)
        if others:
            yield f"{self._names(others)} counts in the same table"

    def _names(self, functions: tuple[str, ...] | list[str]) -> str:
        return " and ".join(self._draft.address(function) for function in functions)


def note_joins(draft: Draft) -> Draft:
    """The draft with a note for each function that may join others by counting and is not joined, and what the joins change."""
    joined = {worker for join in draft.joins for worker in join.workers}
    lacking = {worker: one.lacks for one in reversed(candidates(draft)) if one.lacks for worker in one.workers}
    apart = (id for id in draft.chain.functions if id not in joined)
    notes = [note for id in apart for note in _notes(draft, id, lacking.get(id) or _nothing(draft, id))]
    if draft.root is None:
        return replace(draft, notes=(*draft.notes, *notes))
    return replace(draft, notes=(*draft.notes, *notes, *_hazards(draft)), differences=(*draft.differences, *_differences(draft)))


def _nothing(draft: Draft, function: str) -> str:
    """Why a function that counts is not even a candidate."""
    if not draft.leaving.get(function):
        return "nothing that it sends is a part of the workflow"
    facts = draft.graph.code.get(function)
    if facts is not None and "listing" in facts.signals and not {"counter", "flags"} & facts.signals.keys():
        return "that a listing holds what the branches of this run have written, and nothing else, cannot be seen in the code"
    if counting(draft.graph, function) is None:
        return "how its code counts is not seen"
    return "what it sends is not seen to be sent under a comparison of the count"


def _differences(draft: Draft) -> Iterator[str]:
    for join in draft.joins:
        consumers = sorted({draft.address(draft.hops[id].consumer) for id in join.handed})
        workers = ", ".join(draft.address(worker) for worker in join.workers)
        runs = "run" if len(consumers) > 1 else "runs"
        yield (
            f"{', '.join(consumers)} {runs} for each message that {workers} sent, as before, but only when all that "
            f"{draft.address(join.split)} split has ended, what failed for good included; the count in {workers} stays and "
            "decides as before whether there is a message"
        )


def _hazards(draft: Draft) -> Iterator[Obstacle]:
    """A count is changed by each try; what a try that failed afterwards had sent is lost to a state machine."""
    for id in draft.chain.functions:
        found = counting(draft.graph, id)
        hops = [(hop_id, hop) for hop_id, hop in draft.leaving.get(id, ()) if found is not None and guarded(hop, found)]
        if found is None or found.kind != "counter" or not hops:
            continue
        name = draft.address(id)
        text = (
            f"a run of {name} that fails after it has counted is tried again and counts again, as before; but what it had sent "
            f"by then under its comparison is lost with it and not sent again: {', '.join(drawn(draft, hop) for _, hop in hops)}"
        )
        yield Obstacle(text=text, hops=tuple(hop_id for hop_id, _ in hops), location=found.place)


def _notes(draft: Draft, function: str, lacks: str) -> Iterator[Obstacle]:
    facts = draft.graph.code.get(function)
    for name, place in sorted(facts.signals.items() if facts is not None else ()):
        if name in COUNTS:
            conditions = "; ".join(f"({number}) {text}" for number, text in enumerate(_conditions(draft, function, name), 1))
            text = (
                f"{draft.address(function)} {COUNTS[name]}, as one who waits for others to be done. A Parallel or Map state "
                f"before it could join them, and the count go, only if {conditions}"
            )
            yield Obstacle(text=f"{text}. As it is, nothing is joined: {lacks}", location=place, topic="join")


def _conditions(draft: Draft, function: str, kind: str) -> Iterator[str]:
    """What must hold, each with what the code shows of it."""
    if kind == "listing":
        yield from _of_listing(draft, function)
        return
    found: Counting | None = counting(draft.graph, function)
    table = found.table if found is not None else None
    first = _writers(draft, table, ("PutItem", "BatchWriteItem"))
    others = _writers(draft, table, ("UpdateItem",))
    senders = list(dict.fromkeys(draft.address(hop.producer) for hop in draft.graph.reaching(function)))
    key = found.place if found is not None and found.key is not None else None
    yield "the item that is counted in belongs to one run of the whole chain" + (f" (its key: {key})" if key else "")
    yield "the function that splits the work sets the count" + (
        f" (seen to write the item: {_list(first)})" if first else " (none was seen to)"
    )
    yield "nobody but the branches changes it" + (f" (seen to: {_list(others)})" if others else "")
    yield f"each of them ends here ({_list(senders)} send to it)" if senders else "each of them ends here"
    yield "exactly one of them passes the comparison, retries and doubles included"


def _of_listing(draft: Draft, function: str) -> Iterator[str]:
    """What must hold where the length of a listing is compared."""
    senders = list(dict.fromkeys(draft.address(hop.producer) for hop in draft.graph.reaching(function)))
    yield "what is listed belongs to one run of the whole chain (its prefix or key), and is gone before the next"
    yield "the number that it is compared with is what the function that splits the work sent"
    yield "nobody but the branches adds to it, or takes away"
    yield f"each of them ends here ({_list(senders)} send to it)" if senders else "each of them ends here"
    yield "the listing is not cut off by a page, and shows what the last of them wrote"
    yield "exactly one of them passes the comparison, retries and doubles included"


def _writers(draft: Draft, table: str | None, operations: tuple[str, ...]) -> list[str]:
    """The functions of the chain that write to a table by one of these operations."""
    return [
        draft.address(function)
        for function in draft.chain.functions
        if table is not None
        and any(
            call.service == "dynamodb" and call.operation in operations and table_of(draft.graph, function, call) == table
            for call in (draft.graph.code[function].calls if function in draft.graph.code else ())
        )
    ]


def _list(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
