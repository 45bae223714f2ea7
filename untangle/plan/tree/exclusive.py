"""Effects of which a run has one at most: a single Choice, where a Parallel would ask for each of them.

Two calls exclude one another where they stand under different answers to one question that the code asks once (an `if` and its
`else`, or what follows its return; see `Guard.excludes`), filters where the same field of the same message must have different
values. Whatever is not proved so stands side by side as before. The Choice asks for both all the same, and fails where there
are two: nothing is dropped in silence if the proof should be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

from untangle.model.code import Guard, excluding
from untangle.model.link import LinkKind
from untangle.model.step import Choice, Each, OneOf, Parallel, Step, Stop, gathered, with_below
from untangle.plan.passes import Draft, drawn
from untangle.plan.size import transitions

# Fields that hold one text, whatever the message: a list would be matched by the patterns of several.
_SINGLE = {"eventbridge": ("source", "detail-type", "account", "region"), "dynamodb_stream": ("eventName",)}


def choose_one(draft: Draft) -> Draft:
    """The draft whose tree has a `OneOf` where branches side by side exclude one another."""
    if draft.root is None:
        return draft
    told: list[str] = []

    def rewritten(step: Step, below: tuple[Step, ...]) -> Step:
        step = with_below(step, below)
        return _chosen(draft, step, told) if isinstance(step, Parallel) else step

    root = gathered(draft.root, rewritten)
    return replace(draft, root=root, savings=(*draft.savings, *dict.fromkeys(told)))


def one_of(draft: Draft, branches: tuple[Step, ...]) -> OneOf | None:
    """Branches as one, where each of them excludes each other one; None where not."""
    asking = [one for branch in branches if (one := _asking(branch)) is not None]
    if len(asking) < len(branches) or not all(_exclude(draft, one, other) for one, other in combinations(asking, 2)):
        return None
    return OneOf(branches=tuple(asking), hops=tuple(id for step in asking for id in step.hops))


def exclusive(draft: Draft, function: str, one: str, other: str) -> bool:
    """Whether no run of a function writes into both channels."""
    mine, theirs = (_guards(draft, function, channel) for channel in (one, other))
    return bool(mine and theirs) and all(excluding(first, second) for first in mine for second in theirs)


def _guards(draft: Draft, function: str, channel: str) -> list[tuple[Guard, ...]]:
    """The guards of each call by which a function writes into a channel."""
    links = (link for link in draft.graph.standing_from(function) if link.kind is LinkKind.PUBLISH and link.sent is not None)
    return [link.guards for link in links if link.target == channel]


def _chosen(draft: Draft, parallel: Parallel, told: list[str]) -> Step:
    """Branches that exclude one another as one, in the place of the first of them; the rest as they stand."""
    groups: list[list[tuple[Step, Each | None]]] = []
    for branch in parallel.branches:
        asking = _asking(branch)
        groups_of = (group for group in groups if asking is not None and all(_exclude(draft, asking, one) for _, one in group))
        group = next(groups_of, None)
        if group is None:
            groups.append([(branch, asking)])
        else:
            group.append((branch, asking))
    if len(groups) == len(parallel.branches):
        return parallel
    branches = tuple(_one_of(group) if len(group) > 1 else group[0][0] for group in groups)
    made = branches[0] if len(branches) == 1 else replace(parallel, branches=branches)
    hops = (id for branch in branches if isinstance(branch, OneOf) for id in branch.hops if id in draft.hops)
    names = ", ".join(drawn(draft, draft.hops[id]) for id in hops)
    less = transitions(parallel).usual - transitions(made).usual
    told.append(f"{names}: a run takes one of these ways at most, so one Choice asks for them: {less} transitions less")
    return made


def _one_of(group: list[tuple[Step, Each | None]]) -> OneOf:
    branches = tuple(asking for _, asking in group if asking is not None)
    return OneOf(branches=branches, hops=tuple(id for step in branches for id in step.hops))


def _asking(branch: Step) -> Each | None:
    """A branch that asks for one effect, with the filter behind it; None for any other."""
    if not isinstance(branch, Each) or branch.multiplicity not in ("one", "maybe"):
        return None
    if isinstance(branch.body, Choice) and not branch.stops:
        choice = branch.body
        return replace(branch, multiplicity="maybe", stops=choice.stops, words=choice.words, body=choice.body)
    return branch if branch.multiplicity == "maybe" else None


def _exclude(draft: Draft, one: Each, other: Each | None) -> bool:
    if other is None:
        return False
    if one.effects == other.effects:
        return disjoint(one.stops, other.stops)
    hops = [draft.hops.get(step.hops[0]) if step.hops else None for step in (one, other)]
    first, second = hops
    if first is None or second is None or first.producer != second.producer:
        return False
    return exclusive(draft, first.producer, first.passages[0].channel, second.passages[0].channel)


def disjoint(one: tuple[Stop, ...], other: tuple[Stop, ...]) -> bool:
    """Whether no message passes the filters of both ways, as far as fields that hold one text each show it."""
    return any(
        mine.channel == theirs.channel and any(_apart(mine, theirs, field) for field in _SINGLE.get(mine.type, ()))
        for mine in one
        for theirs in other
    )


def _apart(one: Stop, other: Stop, field: str) -> bool:
    mine, theirs = _texts(one.filter, field), _texts(other.filter, field)
    return mine is not None and theirs is not None and mine.isdisjoint(theirs)


def _texts(filter: object, field: str) -> frozenset[str] | None:
    """The texts that a pattern lets a field have; None where it lets pass others too."""
    values = filter.get(field) if isinstance(filter, Mapping) else None
    if not isinstance(values, tuple | list) or not values:
        return None
    texts = frozenset(value for value in values if isinstance(value, str))
    return texts if len(texts) == len(set(map(repr, values))) else None
