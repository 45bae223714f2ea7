"""The planner: ordered pure passes that turn a chain into a workflow, and the verdict whether to use it.

Each pass takes a draft and gives one that knows more. A hop that cannot move without a change in what it does stays
choreographed and says why; nothing is planned across a hop that stays.
"""

from __future__ import annotations

from collections.abc import Callable

from untangle.model.chain import Chain, Verdict
from untangle.model.graph import EventGraph
from untangle.model.workflow import Obstacle, Workflow
from untangle.plan.draft import Draft
from untangle.plan.name import workflow_name
from untangle.plan.notes import note_differences
from untangle.plan.parts import bound_growth, choose_part, cut_loops, keep_unreached
from untangle.plan.score import judge
from untangle.plan.stay import keep_what_must_stay
from untangle.plan.structure import build_tree

PASSES: tuple[Callable[[Draft], Draft], ...] = (
    keep_what_must_stay,
    cut_loops,
    choose_part,
    bound_growth,
    keep_unreached,
    build_tree,
    note_differences,
)


def plan(graph: EventGraph, chain: Chain) -> Workflow:
    """The workflow of a chain: what moves, what stays and why, and the verdict."""
    draft = _draft(graph, chain)
    return Workflow(
        chain=chain.id,
        name=workflow_name(chain.id),
        root=draft.root,
        obstacles=_obstacles(draft),
        differences=draft.differences,
        kept=tuple(sorted(draft.kept)),
        migrated=tuple(sorted(draft.moving)),
        verdict=judge(draft),
    )


def verdict(graph: EventGraph, chain: Chain) -> Verdict:
    """Whether to migrate a chain, part of it or nothing, with the score and its reasons."""
    return judge(_draft(graph, chain))


def _draft(graph: EventGraph, chain: Chain) -> Draft:
    draft = Draft(graph=graph, chain=chain, hops={id: graph.hop(id) for id in sorted(chain.hops)})
    for run in PASSES:
        draft = run(draft)
    return draft


def _obstacles(draft: Draft) -> tuple[Obstacle, ...]:
    """Each obstacle once, those that keep a hop first."""
    unique = {(obstacle.text, obstacle.hops): obstacle for obstacle in (*draft.kept.values(), *draft.notes)}
    return tuple(sorted(unique.values(), key=lambda obstacle: (not obstacle.blocking, obstacle.text, obstacle.hops)))
