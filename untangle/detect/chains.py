"""Chains: the connected hops that a person would call one workflow.

A chain is a weakly connected part of the reported hops, cut where somebody else's responsibility begins: at
channels that nobody in the scan declares, at another account, at the door of an existing state machine and
at what the configuration names. What is switched off is no part of any. Everything here is linear in the hops;
nothing enumerates paths or cycles.

A state machine that a function starts itself, and whose end a rule tells another one of, is to these two a job like any
other: the hop belongs to the chain. What the machine runs is orchestrated already, and is in no chain for that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count

from untangle.channels.job_event import heard_at
from untangle.model.chain import Chain
from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.naming import place_of, telling, unhashed
from untangle.model.node import Function

_ORCHESTRATED = "step_functions"


def chains(graph: EventGraph, boundaries: tuple[str, ...] = ()) -> tuple[Chain, ...]:
    """The chains of a graph, by id of their first function.

    `boundaries` name, by id or address, channels whose hops are cut, functions whose incoming hops are cut (a
    new chain begins there), or single hops by id; those that the graph itself carries always count.
    """
    cut = boundary_hops(graph, boundaries)
    outside = {trigger.function for trigger in graph.triggers if not trigger.switched_off} | {
        graph.hop(id).consumer for id in cut
    }
    cycle_of = {function: functions[0] for functions in graph.cycles(without=cut) for function in functions}
    parts = [(functions, hops, _entries(functions, hops, outside, cycle_of)) for functions, hops in graph.components(without=cut)]
    return tuple(
        Chain(
            id=id,
            functions=functions,
            hops=tuple(sorted(hop.id for hop in hops)),
            entries=entries,
            cyclic=any(function in cycle_of for function in functions),
        )
        for id, (functions, hops, entries) in zip(_ids([graph.function(entries[0]) for *_, entries in parts]), parts, strict=True)
    )


def _ids(first: Sequence[Function]) -> Iterator[str]:
    """A chain's id is its first function's name as people say it; where several have the same, that of its stack comes first."""
    names = [slug(place_of(function) or unhashed(telling(function.address))) for function in first]
    shared = Counter(names)
    used: set[str] = set()
    for function, name in zip(first, names, strict=True):
        place = slug(function.stack.rpartition("/")[2])
        yield _unique(slug(f"{place}-{name}") if shared[name] > 1 and place != name else name, used)


def boundary_hops(graph: EventGraph, boundaries: tuple[str, ...] = ()) -> frozenset[str]:
    """The ids of the reported hops that no chain holds because they cross a boundary."""
    named = frozenset(boundaries) | frozenset(graph.boundaries)
    # on the default bus a service tells of jobs, and hops there are those whose job a function of the scan starts
    theirs = {node.id for node in graph.channels if node.external and heard_at(node.id) is None}
    outside = theirs | {node.id for node in graph.channels if named & {node.id, node.address}}
    starts = {function.id for function in graph.functions if named & {function.id, function.address}}
    machines = {machine.id: frozenset(machine.functions) for machine in graph.state_machines}
    accounts = {function.id: account for function in graph.functions if (account := _account(function.deployed))}
    return frozenset(
        id
        for id, hop in graph.standing_by_id.items()
        if id in named
        or hop.consumer in starts
        or any(passage.channel in outside for passage in hop.passages)
        or _orchestrated(hop, machines)
        or _crosses(accounts.get(hop.producer), accounts.get(hop.consumer))
    )


def _orchestrated(hop: Hop, machines: Mapping[str, Collection[str]]) -> bool:
    """Whether a hop goes by a state machine in any other way than that its producer starts it and its consumer hears of the end.

    Where one of the two is a step of the machine, or both are one function, it goes round within what is orchestrated.
    """
    by = [passage.channel for passage in hop.passages if passage.type == _ORCHESTRATED]
    if not by:
        return False
    told = hop.mediated and len(by) == 1 and len(hop.passages) > 1 and hop.passages[0].channel == by[0]
    own = machines.get(by[0], ())
    return not told or hop.producer in own or hop.consumer in own or hop.producer == hop.consumer


def slug(text: str) -> str:
    """A lower-case kebab name that is safe in file names, branches and anchors; `chain` where nothing is left.

    `OrderFn` gives `order-fn`, `scale_up` gives `scale-up`.
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", text)
    return re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")[:80].strip("-") or "chain"


def _entries(
    functions: Sequence[str], hops: Iterable[Hop], outside: Collection[str], cycle_of: Mapping[str, str]
) -> tuple[str, ...]:
    """The functions reached from outside, those that nothing precedes, and one for each cycle that nothing precedes.

    `cycle_of` names each function's cycle by its first function.
    """
    preceded = {hop.consumer for hop in hops if cycle_of.get(hop.producer, hop.producer) != cycle_of.get(hop.consumer)}
    fed = {cycle_of[function] for function in preceded if function in cycle_of}
    entries = {function for function in functions if function in outside}
    fed |= {cycle_of[function] for function in entries if function in cycle_of}
    for function in functions:
        cycle = cycle_of.get(function)
        if cycle is None and function not in preceded:
            entries.add(function)
        elif cycle is not None and cycle not in fed:
            entries.add(cycle)
    return tuple(sorted(entries))


def _unique(name: str, used: set[str]) -> str:
    """The name itself, or with the first free number behind it."""
    free = next(candidate for number in count(1) if (candidate := name if number == 1 else f"{name}-{number}") not in used)
    used.add(free)
    return free


def _account(arn: str | None) -> str | None:
    """The account in an ARN; None where there is none to read."""
    parts = (arn or "").split(":")
    return parts[4] if len(parts) > 5 and parts[4] else None


def _crosses(producer: str | None, consumer: str | None) -> bool:
    """Whether two known accounts differ."""
    return producer is not None and consumer is not None and producer != consumer
