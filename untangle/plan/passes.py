"""What the planner's passes hand to each other: a chain, the hops that move, those that stay, the tree so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter
from itertools import combinations

from untangle.channels.job_event import heard_at, without_names
from untangle.model.chain import Chain, Verdict
from untangle.model.code import excluding
from untangle.model.entry import Entry, Phase, Switch
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Link, LinkKind, Passage
from untangle.model.location import Location
from untangle.model.outlook import Outlook
from untangle.model.step import Step, Stop
from untangle.model.value import Value
from untangle.model.workflow import Alternative, Nested, Obstacle

STRENGTH = ("one", "maybe", "many")
_RECORDS = frozenset({"sqs", "sns", "s3", "dynamodb_stream"})  # channels whose envelope holds its message as a record
ON_FAILURE = "#on_failure"  # the node of a function's failed invocations, see channels/lambda_destination.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A join that a Parallel or Map state makes: hops of `split` that are `entered`, until all runs of the `workers` have ended.

    `handed` are the workers' hops whose messages are handed on then.
    """

    split: str
    workers: tuple[str, ...]
    entered: frozenset[str]
    handed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """A loop that the workflow makes: the function where it is entered, and its hops in the order of a round.

    The last hop goes back to the `head`.
    """

    head: str
    way: tuple[str, ...]

    @property
    def back(self) -> str:
        """The hop that starts the next round."""
        return self.way[-1]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A plan in the making. `hops` are the chain's by id, sorted; `kept` says of each hop that stays why it does.

    `claim` is the bucket that large messages may go through (see `claims`).

    `entries` are the functions at which the workflow starts; `notes` are obstacles that keep no hop. `savings` say what each
    rewrite of the tree saves. `called_back` are moving hops whose queue stays and calls back (see `callbacks`). `joins` are those
    found (see `joins`), `loops` those that move (see `loops`). `started` says of each entry how it is started (see
    `entries`); `removals`, `leftovers` and `phases` what is switched, and when (see `takeover`).
    """

    graph: EventGraph
    chain: Chain
    hops: Mapping[str, Hop]
    claim: str | None = None
    kept: Mapping[str, Obstacle] = field(default_factory=dict)
    called_back: frozenset[str] = frozenset()
    joins: tuple[Joined, ...] = ()
    loops: tuple[Rounds, ...] = ()
    entries: tuple[str, ...] = ()
    started: Mapping[str, Entry] = field(default_factory=dict)
    removals: tuple[Switch, ...] = ()
    leftovers: tuple[Switch, ...] = ()
    phases: tuple[Phase, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    notes: tuple[Obstacle, ...] = ()
    differences: tuple[str, ...] = ()
    root: Step | None = None
    nested: tuple[Nested, ...] = ()
    savings: tuple[str, ...] = ()
    outlook: Outlook | None = None
    verdict: Verdict | None = None

    @cached_property
    def moving(self) -> Mapping[str, Hop]:
        """The hops that become part of the workflow, by id."""
        return {id: hop for id, hop in self.hops.items() if id not in self.kept}

    @cached_property
    def forward(self) -> Mapping[str, Hop]:
        """The moving hops without those that start the next round of a loop: they go round nowhere."""
        backs = {loop.back for loop in self.loops}
        return {id: hop for id, hop in self.moving.items() if id not in backs}

    @cached_property
    def rounds(self) -> Mapping[str, Rounds]:
        """The loop that each function goes round in, by function id."""
        moving = (loop for loop in self.loops if loop.back in self.moving)
        return {self.hops[id].producer: loop for loop in moving for id in loop.way}

    @cached_property
    def leaving(self) -> Mapping[str, tuple[tuple[str, Hop], ...]]:
        """The moving hops by producer."""
        found: dict[str, list[tuple[str, Hop]]] = {}
        for id, hop in self.moving.items():
            found.setdefault(hop.producer, []).append((id, hop))
        return {producer: tuple(hops) for producer, hops in found.items()}

    @cached_property
    def starters(self) -> Mapping[str, str]:
        """The function behind which the consumer of a moving hop stands: its producer, or where a join hands its messages on,
        the function that split the work. Hops that one join brings to one consumer count as their first."""
        found = {id: hop.producer for id, hop in self.moving.items()}
        for join in self.joins:
            first: dict[str, str] = {}
            for id in join.handed:
                found.pop(id, None)
                found[first.setdefault(self.hops[id].consumer, id)] = join.split
        return found

    @cached_property
    def handed(self) -> frozenset[str]:
        """The hops whose messages a join hands on."""
        return frozenset(id for join in self.joins for id in join.handed)

    @cached_property
    def heard_by_others(self) -> frozenset[str]:
        """The chain's channels that somebody listens to who is not part of the workflow, or that an archive keeps."""
        followed = {passage.channel for hop in self.moving.values() for passage in hop.passages}
        followed.update(hop.consumer for hop in self.moving.values())
        heard = {passage.channel for id in self.kept for passage in self.hops[id].passages[:1]}
        passed = {passage.channel for hop in self.hops.values() for passage in hop.passages}
        links = (link for channel in passed for link in self.graph.standing_from(channel) if link.kind is not LinkKind.PUBLISH)
        archived = {channel for channel in passed if settings(self.graph, channel).get("archived")}
        return frozenset(heard | archived | {link.source for link in links if link.target not in followed})

    @cached_property
    def calls(self) -> Mapping[tuple[str, str], str]:
        """How many messages a run of a function puts into a channel, all its calls taken together: one, maybe or many.

        A hop sees only the calls that its filters let pass; the function's effects on the channel are all of them.
        """
        found: dict[tuple[str, str], dict[tuple[object, ...], Link]] = {}
        for link in (link for function in self.chain.functions for link in self.graph.standing_from(function)):
            if link.kind is LinkKind.PUBLISH and link.sent is not None:
                call = (link.place, *(item.location for item in link.evidence), link.guards)  # a helper's, from several places
                known = found.setdefault((link.source, link.target), {})
                known[call] = max(known.get(call, link), link, key=lambda one: STRENGTH.index(one.multiplicity))
        return {key: _together(tuple(each.values()), alone=key[0] in self.single) for key, each in found.items()}

    @cached_property
    def single(self) -> frozenset[str]:
        """The functions whose event surely holds one record each time.

        The envelope of a moving hop holds one. So does a notification of a topic, an object's on EventBridge, and a mapping's
        batch of one message; of other batches, and of an event that somebody makes up, it is not known.
        """
        return frozenset(function for function in self.chain.functions if _one_record(self, function))

    @cached_property
    def failure_targets(self) -> Mapping[str, str]:
        """The on-failure destination of each function that has one, by function id: a node id."""
        sources = (function + ON_FAILURE for function in self.chain.functions)
        links = (link for source in sources for link in self.graph.standing_from(source) if link.kind is not LinkKind.PUBLISH)
        return {link.source.removesuffix(ON_FAILURE): link.target for link in links}

    def keep(self, ids: Iterable[str], text: str) -> Draft:
        """The draft with these hops kept for one reason, each with its whole loop; a hop that stays keeps its first reason."""
        mates = {id: loop.way for loop in self.loops for id in loop.way}
        fresh = tuple(dict.fromkeys(mate for id in ids for mate in mates.get(id, (id,)) if mate not in self.kept))
        if not fresh:
            return self
        obstacle = Obstacle(text=text, hops=fresh, blocking=True, location=where(self.hops[fresh[0]]))
        return replace(self, kept={**self.kept, **dict.fromkeys(fresh, obstacle)})

    def address(self, node: str) -> str:
        """What people call a function or channel in a text: in Terraform the part of its address that says most, if no other of
        the chain is called so."""
        return self.graph.told(node, self._nodes)

    def full(self, node: str) -> str:
        """Where a function or channel is to be found: its address, or its id where another of the chain has that address."""
        return self.graph.full(node, self._nodes)

    @cached_property
    def _nodes(self) -> frozenset[str]:
        passed = (passage.channel for hop in self.hops.values() for passage in hop.passages)
        return frozenset((*self.chain.functions, *passed))


def how_many(draft: Draft, hop: Hop) -> str:
    """How many effects there may be: those of the hop's own calls, and of all other calls into the same channel.

    Where no call was seen (the code was not read) nothing is known, so there may be any number.
    """
    first = hop.passages[0]
    calls = draft.calls.get((hop.producer, first.channel), "one" if first.type == "lambda_destination" else "many")
    return max(own_calls(draft, hop), calls, key=STRENGTH.index)


def own_calls(draft: Draft, hop: Hop) -> str:
    """How many effects the calls of a hop itself make: loops over records go round once where there is one record."""
    if hop.multiplicity != "many" or hop.producer not in draft.single:
        return hop.multiplicity
    calls = [_multiplicity(link, alone=True) for link in hop.links if link.kind is LinkKind.PUBLISH]
    return max(calls, key=STRENGTH.index, default="many")


def _one_record(draft: Draft, function: str) -> bool:
    """Whether each way into a function, by a moving hop, by one that stays or from outside, brings one record at a time."""
    hops, triggers = draft.graph.reaching(function), draft.graph.triggers_of(function)
    entry = draft.started.get(function)
    form = entry.form if entry is not None else None
    return bool(hops or triggers) and all(
        (
            *(_one_of(trigger.type, trigger.delivery, form) for trigger in triggers),
            *(_one_by(hop, form, moves=hop.id in draft.moving) for hop in hops),
        )
    )


def _one_by(hop: Hop, form: str | None, *, moves: bool) -> bool:
    """Whether a hop hands over one record at a time. What a destination hears may stay after all, where its producer does."""
    if not hop.passages or hop.passages[0].type == "lambda_destination":
        return False
    last = hop.passages[-1]
    return last.type in _RECORDS if moves else _one_of(last.type, last.delivery, form)


def _one_of(type: str, delivery: Mapping[str, Value], form: str | None) -> bool:
    """Whether what starts a function from outside of the workflow hands over one record at a time."""
    if type == "sns":
        return form not in (None, "sns")  # a pipe starts the workflow with what a queue has collected
    if type == "s3":
        return form == "s3"
    return type in ("sqs", "dynamodb_stream") and number(delivery, "batch_size", 2) == 1


def goes_out(draft: Draft, hop: Hop) -> bool:
    """Whether the producer's call must still be made: it is the write itself, or somebody else hears it."""
    first = hop.passages[0]
    return first.type in ("s3", "dynamodb_stream", "kinesis") or (
        first.type in ("sns", "eventbridge") and first.channel in draft.heard_by_others
    )


def stops(graph: EventGraph, hop: Hop) -> tuple[Stop, ...]:
    """The channels of a hop with their own settings; of one by way of a state machine, those after it, which tell of its end.

    The rule's test for this machine is left out there: the hop says already that it is the one. So it is with the rule's test
    for a job of the scan where the service tells of its end.
    """
    passages = told_by(hop)
    if passages and len(passages) < len(hop.passages):
        passages = (_of_any_machine(passages[0]), *passages[1:])
    elif passages and hop.mediated and (event := heard_at(passages[0].channel)) is not None:
        passages = (replace(passages[0], filter=without_names(event, passages[0].filter)), *passages[1:])
    return tuple(Stop.of(passage, settings(graph, passage.channel)) for passage in passages)


def _of_any_machine(passage: Passage) -> Passage:
    pattern = passage.filter
    detail = pattern.get("detail") if isinstance(pattern, Mapping) else None
    if not isinstance(pattern, Mapping) or not isinstance(detail, Mapping):
        return passage
    return replace(
        passage, filter={**pattern, "detail": {key: inner for key, inner in detail.items() if key != "stateMachineArn"}}
    )


def told_by(hop: Hop) -> tuple[Passage, ...]:
    """The channels that pass a message of a hop on: a state machine does not, but its end is told by those behind it."""
    first = hop.passages[:1]
    return hop.passages[1:] if first and first[0].type == "step_functions" else hop.passages


def settings(graph: EventGraph, channel: str) -> Mapping[str, Value]:
    """A channel's own settings; {} for one that the graph does not hold."""
    try:
        return graph.channel(channel).settings
    except KeyError:
        return {}


def where(hop: Hop) -> Location | None:
    """The first location among a hop's evidence."""
    return next((item.location for item in hop.evidence if item.location is not None), None)


def drawn(draft: Draft, hop: Hop) -> str:
    """A hop in one line: `Intake -sqs-> Charge`."""
    way = "/".join(passage.type for passage in hop.passages)
    return f"{draft.address(hop.producer)} -{way}-> {draft.address(hop.consumer)}"


def number(values: Mapping[str, Value], key: str, default: int = 0) -> int:
    """A setting that is a number, or a number as text; the default for what is absent or not known."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        return int(value)
    except (ValueError, OverflowError):
        return default


def _multiplicity(call: Link, *, alone: bool) -> str:
    """How many messages one call sends; with `alone`, in a run for a single record."""
    return (call.per_record if alone else "") or call.multiplicity


def _together(calls: tuple[Link, ...], *, alone: bool) -> str:
    """How many messages several calls put into one channel: one at most where each excludes each other one, just one where they
    stand under the two answers to one question and under nothing else; with `alone`, in a run for a single record."""
    most = max((_multiplicity(call, alone=alone) for call in calls), key=STRENGTH.index)
    if len(calls) == 1:
        return most
    if most != "many":  # so each of their loops goes round once
        calls = tuple(replace(call, guards=tuple(guard for guard in call.guards if guard.kind != "loop")) for call in calls)
        if len(calls) == 2 and [len(call.guards) for call in calls] == [1, 1] and _opposite(*calls):
            return "one"
    apart = all(excluding(one.guards, other.guards) for one, other in combinations(calls, 2))
    return "maybe" if apart and most != "many" else "many"


def onward(draft: Draft) -> tuple[str, ...]:
    """The functions of the workflow, producers before consumers as far as loops have not gone round."""
    found = order(draft.forward)
    return (*found, *sorted(draft.rounds.keys() - set(found)))  # one that only goes round by itself has no hop forward


def _opposite(one: Link, other: Link) -> bool:
    """Whether two calls stand under `if` and `else` of one question."""
    return one.guards[0].excludes(other.guards[0]) and {one.guards[0].side[-1], other.guards[0].side[-1]} == {"+", "-"}


def order(hops: Mapping[str, Hop]) -> tuple[str, ...]:
    """The functions of acyclic hops, producers before consumers, by id where nothing else decides."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for hop in hops.values():
        sorter.add(hop.consumer, hop.producer)
    sorter.prepare()
    found: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found.extend(ready)
        sorter.done(*ready)
    return tuple(found)
