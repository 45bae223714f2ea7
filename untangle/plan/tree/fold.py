"""Fewer transitions for the same work. Each state that a run enters is billed, so a state that only tests or passes on is folded
into one that is entered anyway:

- a filter right behind a Map moves into the Map's items: what does not pass costs nothing, what passes one transition less;
- a filter right behind the question whether there is a message becomes part of that question;
- filters side by side behind one Map become a Map each, with the filtered items: no Parallel and no Choice for each message;
- a Parallel that stands directly in a branch of another gives its branches to it.

None of these changes what runs, on what, or what its failure stops.
"""

from __future__ import annotations

from dataclasses import replace

from untangle.model.outlook import Size
from untangle.model.step import Choice, Each, Parallel, Step, gathered, with_below
from untangle.plan.passes import Draft, drawn
from untangle.plan.size import transitions

_EACH = ("many", "maybe")


def fold_choices(draft: Draft) -> Draft:
    """The draft with its tree folded, and with what every rewrite saves, in words."""
    if draft.root is None:
        return draft
    told: list[str] = []

    def rewritten(step: Step, below: tuple[Step, ...]) -> Step:
        return _folded(draft, _flat(with_below(step, below), told), told)

    root = gathered(draft.root, rewritten)
    before, after = transitions(draft.root), transitions(root)
    if before != after:
        more = f"; each further message costs {after.further} instead of {before.further}" if before.further else ""
        told.append(f"together: a run makes {_range(after)} transitions with these rewrites, {_range(before)} without them{more}")
    return replace(draft, root=root, savings=(*draft.savings, *dict.fromkeys(told)))


def _range(size: Size) -> str:
    return f"{size.usual}" if size.least == size.usual else f"{size.least} to {size.usual}"


def _folded(draft: Draft, step: Step, told: list[str]) -> Step:
    if not isinstance(step, Each) or step.multiplicity not in _EACH or step.stops:
        return step
    if isinstance(step.body, Choice):
        told.append(_told(draft, step))
        return _filtered(step, step.body)
    if step.multiplicity == "many" and isinstance(step.body, Parallel):
        filters = [branch for branch in step.body.branches if isinstance(branch, Choice)]
        if len(filters) == len(step.body.branches):
            names = " and ".join(_hops(draft, branch) for branch in filters)
            told.append(
                f"{names}: each has a Map of its own with only its messages, instead of a Parallel and {len(filters)} Choices "
                f"for each message: at least {len(filters) + 1} transitions less for each message, {len(filters)} more for a run"
            )
            return Parallel(branches=tuple(_filtered(step, branch) for branch in filters), hops=step.hops)
    return step


def _filtered(each: Each, choice: Choice) -> Each:
    return replace(each, stops=choice.stops, words=choice.words, body=choice.body, hops=choice.hops)


def _told(draft: Draft, each: Each) -> str:
    name = _hops(draft, each)
    if each.multiplicity == "maybe":
        return f"{name}: one Choice asks for the message and for its filter: 1 transition less where there is a message"
    return f"{name}: its filter is in the Map's items: 1 transition less for each message that passes, 2 for each that does not"


def _hops(draft: Draft, step: Choice | Each) -> str:
    return ", ".join(drawn(draft, draft.hops[id]) for id in step.hops if id in draft.hops)


def _flat(step: Step, told: list[str]) -> Step:
    if not isinstance(step, Parallel) or not any(isinstance(branch, Parallel) for branch in step.branches):
        return step
    told.append("a Parallel inside another one is part of it: 1 transition less for each run of it")
    inner = [branch.branches if isinstance(branch, Parallel) else (branch,) for branch in step.branches]
    return replace(step, branches=tuple(branch for branches in inner for branch in branches))
