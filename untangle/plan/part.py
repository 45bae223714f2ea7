"""Which part of a chain becomes a workflow, where hops that stay cut it into several."""

from __future__ import annotations

from dataclasses import replace

from untangle.plan.passes import Draft, drawn
from untangle.plan.words import named


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
        draft = draft.keep(ids, _cut_off(draft, ids))
    if not ranked:
        return draft
    consumers = {draft.hops[id].consumer for id in ranked[0] if id in draft.forward}
    producers = {draft.hops[id].producer for id in ranked[0]}
    starts = (producers - consumers) | ((producers | consumers) & set(draft.chain.entries))
    return replace(draft, entries=tuple(sorted(starts)))


def _cut_off(draft: Draft, ids: list[str]) -> str:
    """Why a part stays, with the hops that it is made of and those that stay around it."""
    ends = {end for id in ids for end in (draft.hops[id].producer, draft.hops[id].consumer)}
    around = [hop for id in sorted(draft.kept) for hop in (draft.hops[id],) if hop.producer in ends or hop.consumer in ends]
    cuts = named(drawn(draft, hop) for hop in around)
    mine = named(drawn(draft, draft.hops[id]) for id in ids)
    which = f"what stays ({cuts})" if cuts else "what stays"
    return f"{mine}: cut off by {which} from the part that moves; it can be a workflow of its own"
