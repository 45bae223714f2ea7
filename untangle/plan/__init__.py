"""The planner: ordered pure passes that turn a chain into a workflow, and the verdict whether to use it.

Each pass takes a draft and gives one that knows more. A hop that cannot move without a change in what it does stays
choreographed and says why; nothing is planned across a hop that stays.
"""

from __future__ import annotations

from collections.abc import Callable

from untangle.model.chain import Chain, Verdict
from untangle.model.graph import EventGraph
from untangle.model.workflow import Obstacle, Workflow
from untangle.plan.callbacks import call_back
from untangle.plan.cost.cost import estimate
from untangle.plan.cost.flavour import choose_type
from untangle.plan.differences import note_differences
from untangle.plan.handover import keep_shared_subscriptions
from untangle.plan.jobs.jobs import note_jobs
from untangle.plan.names import workflow_name
from untangle.plan.part import choose_part
from untangle.plan.passes import Draft
from untangle.plan.people import note_people
from untangle.plan.quotas import check_quotas, keep_what_is_too_large
from untangle.plan.reach import keep_unreached
from untangle.plan.stay import keep_what_must_stay
from untangle.plan.takeover.alternatives import offer_alternatives
from untangle.plan.takeover.entries import choose_entries
from untangle.plan.takeover.takeover import plan_takeover
from untangle.plan.tree.exclusive import choose_one
from untangle.plan.tree.fold import fold_choices
from untangle.plan.tree.growth import nest_tails
from untangle.plan.tree.joins import find_joins, note_joins
from untangle.plan.tree.loops import cut_loops
from untangle.plan.tree.structure import build_tree
from untangle.plan.verdict import judge

PASSES: tuple[Callable[[Draft], Draft], ...] = (
    keep_what_must_stay,
    call_back,
    keep_what_is_too_large,
    cut_loops,
    keep_shared_subscriptions,
    choose_part,
    keep_unreached,
    keep_shared_subscriptions,
    choose_entries,
    find_joins,
    build_tree,
    choose_one,
    fold_choices,
    nest_tails,
    estimate,
    choose_type,
    check_quotas,
    note_differences,
    note_jobs,
    note_joins,
    note_people,
    offer_alternatives,
    plan_takeover,
    judge,
)


# Files of this folder that are no pass: what several passes share.
MECHANISMS: tuple[str, ...] = (
    "claims",
    "cost.month",
    "cost.prices",
    "cost.volume",
    "jobs.awaited",
    "jobs.schedules",
    "jobs.starters",
    "names",
    "passes",
    "retry",
    "size",
    "takeover.bus_rule",
    "takeover.switches",
    "tree.counting",
    "tree.length",
    "tree.regions",
    "tree.rounds",
    "ways",
    "words",
    "written",
)


def plan(graph: EventGraph, chain: Chain, claim: str | None = None) -> Workflow:
    """The workflow of a chain: what moves, what stays and why, and the verdict. `claim` is the name of a bucket through which
    messages may go that a state cannot carry, where somebody asks for it.

    `root` is None where nothing can move. A workflow is planned even where the verdict is to keep the chain as it is:
    who asks for it all the same gets it.
    """
    draft = Draft(graph=graph, chain=chain, hops={id: graph.hop(id) for id in sorted(chain.hops)}, claim=claim)
    for run in PASSES:
        draft = run(draft)
    return Workflow(
        chain=chain.id,
        name=workflow_name(graph, chain),
        root=draft.root,
        obstacles=_obstacles(draft),
        differences=draft.differences,
        kept=tuple(sorted(draft.kept)),
        migrated=tuple(sorted(draft.moving)),
        verdict=draft.verdict,
        outlook=draft.outlook,
        nested=draft.nested,
        entries=tuple(draft.started[entry] for entry in draft.entries) if draft.root is not None else (),
        removals=draft.removals,
        leftovers=draft.leftovers,
        phases=draft.phases,
        alternatives=draft.alternatives,
    )


def verdict(graph: EventGraph, chain: Chain) -> Verdict:
    """Whether to migrate a chain, part of it or nothing, with the score and its reasons."""
    return plan(graph, chain).verdict or Verdict(decision="keep", score=0, reasons=())


def _obstacles(draft: Draft) -> tuple[Obstacle, ...]:
    """Each obstacle once, those that keep a hop first."""
    unique = {(obstacle.text, obstacle.hops): obstacle for obstacle in (*draft.kept.values(), *draft.notes)}
    return tuple(sorted(unique.values(), key=lambda obstacle: (not obstacle.blocking, obstacle.text, obstacle.hops)))
