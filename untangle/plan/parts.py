"""Which part of a chain becomes a workflow: loops cut, the largest connected part chosen, its growth bounded.

A function that several hops reach runs once per hop (an XOR-merge, not a join), so its subtree is repeated. The number
of repeats is a sum over incoming hops, found in one pass in topological order: nothing enumerates paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from graphlib import TopologicalSorter

from untangle.channels.envelope import envelope
from untangle.model.link import Hop
from untangle.plan.draft import Draft, stops

MAX_COPIES = 6
MAX_DEPTH = 8
MAX_CHARACTERS = 900_000  # of 1,048,576 bytes, StartExecution API reference, CreateStateMachine `definition`
_FRAME = 900  # a task without its envelope: names, retries, catcher


def cut_loops(draft: Draft) -> Draft:
    """Keep every hop within a cycle."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph((hop.producer, hop.consumer) for hop in draft.moving.values())
    loop_of = {node: index for index, nodes in enumerate(nx.strongly_connected_components(graph)) for node in nodes}
    loops: dict[int, list[str]] = {}
    for id, hop in draft.moving.items():
        if loop_of[hop.producer] == loop_of[hop.consumer]:
            loops.setdefault(loop_of[hop.producer], []).append(id)
    for ids in sorted(loops.values()):
        names = sorted({draft.address(draft.hops[id].producer) for id in ids})
        draft = draft.keep(ids, f"{', '.join(names)} form a loop; whether and when it ends is not known")
    return draft


def choose_part(draft: Draft) -> Draft:
    """Of the parts that the moving hops form, take the one with the most hops; the others stay."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph((hop.producer, hop.consumer) for hop in draft.moving.values())
    part_of = {node: index for index, nodes in enumerate(nx.weakly_connected_components(graph)) for node in nodes}
    parts: dict[int, list[str]] = {}
    for id, hop in draft.moving.items():
        parts.setdefault(part_of[hop.producer], []).append(id)
    ranked = sorted(parts.values(), key=lambda ids: (-len(ids), min(ids)))
    for ids in ranked[1:]:
        draft = draft.keep(ids, "hops that stay cut this part off from the part that moves; it can be a workflow of its own")
    if not ranked:
        return draft
    consumers = {draft.hops[id].consumer for id in ranked[0]}
    producers = {draft.hops[id].producer for id in ranked[0]}
    starts = (producers - consumers) | ((producers | consumers) & set(draft.chain.entries))
    return replace(draft, entries=tuple(sorted(starts)))


def bound_growth(draft: Draft) -> Draft:
    """Keep the hops into functions that would be repeated too often, nest too deeply or outgrow a definition."""
    copies: dict[str, int] = dict.fromkeys(draft.entries, 1)
    depth: dict[str, int] = dict.fromkeys(draft.entries, 0)
    incoming: dict[str, list[tuple[str, Hop]]] = {}
    for id, hop in draft.moving.items():
        incoming.setdefault(hop.consumer, []).append((id, hop))
    size = _FRAME * len(draft.entries)
    too_many: list[str] = []
    too_deep: list[str] = []
    too_large: list[str] = []
    for function in order(draft.moving):
        arriving = [(id, hop) for id, hop in incoming.get(function, ()) if copies.get(hop.producer)]
        if not arriving:
            continue
        times = sum(copies[hop.producer] for _, hop in arriving)
        level = max(depth[hop.producer] + scopes(draft, hop) for _, hop in arriving)
        grown = size + sum(copies[hop.producer] * (_FRAME + _length(draft, hop)) for _, hop in arriving)
        full = (
            too_many if times > MAX_COPIES else too_deep if level > MAX_DEPTH else too_large if grown > MAX_CHARACTERS else None
        )
        if full is not None:
            full.extend(id for id, _ in arriving)
            continue
        copies[function] = copies.get(function, 0) + times
        depth[function] = max(level, depth.get(function, 0))
        size = grown
    draft = draft.keep(too_many, f"more than {MAX_COPIES} ways lead here, and each would need a copy of all that follows")
    draft = draft.keep(too_deep, f"the workflow would nest more than {MAX_DEPTH} parallel and map states")
    return draft.keep(too_large, "the definition would outgrow the service's limit of 1 MiB")


def keep_unreached(draft: Draft) -> Draft:
    """Keep what lies behind hops that stay, and let entries go that start nothing."""
    reached = set(draft.entries)
    for function in order(draft.moving):
        if function in reached:
            reached.update(hop.consumer for _, hop in draft.leaving.get(function, ()))
    behind = [id for id, hop in draft.moving.items() if hop.producer not in reached]
    draft = draft.keep(behind, "it lies behind a hop that stays")
    return replace(draft, entries=tuple(entry for entry in draft.entries if entry in draft.leaving))


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


def scopes(draft: Draft, hop: Hop) -> int:
    """How many parallel and map states a hop adds around its consumer, at most."""
    siblings = draft.leaving[hop.producer]
    groups = {other.passages[0].channel for _, other in siblings}
    same = sum(other.passages[0].channel == hop.passages[0].channel for _, other in siblings)
    return (len(groups) > 1) + (same > 1) + (hop.multiplicity == "many")


def _length(draft: Draft, hop: Hop) -> int:
    return len(envelope(stops(draft.graph, hop), lambda node, attribute: "x" * 40))
