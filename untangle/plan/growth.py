"""How far a workflow may grow.

A function that several hops reach runs once per hop (an XOR-merge, not a join), so its subtree is repeated. The number
of repeats is a sum over incoming hops, found in one pass in topological order: nothing enumerates paths.
"""

from __future__ import annotations

from untangle.channels.envelope import envelope
from untangle.model.link import Hop
from untangle.plan.passes import Draft, order, stops

MAX_COPIES = 6
MAX_DEPTH = 8
MAX_CHARACTERS = 900_000  # of 1,048,576: CreateStateMachine, `definition`, in the Step Functions API reference
_FRAME = 900  # a task without its envelope: names, retries, catcher


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


def scopes(draft: Draft, hop: Hop) -> int:
    """How many parallel and map states a hop adds around its consumer, at most."""
    siblings = draft.leaving[hop.producer]
    groups = {other.passages[0].channel for _, other in siblings}
    same = sum(other.passages[0].channel == hop.passages[0].channel for _, other in siblings)
    return (len(groups) > 1) + (same > 1) + (hop.multiplicity == "many")


def _length(draft: Draft, hop: Hop) -> int:
    return len(envelope(stops(draft.graph, hop), lambda node, attribute: "x" * 40))
