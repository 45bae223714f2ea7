"""Loops over channels stay: whether and when they end is in the code, not in the graph."""

from __future__ import annotations

from untangle.plan.passes import Draft


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
