"""How often a month the states of a workflow would be entered, and the workflow itself started, by an account's numbers.

Every count is at least so: what filters hold back, and which loops send nothing, is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from untangle.model.step import Again, Choice, Each, Hand, Job, Join, Loop, Start, Step, Task, Wait, children, gathered, steps
from untangle.plan.passes import Draft, number
from untangle.plan.size import asking, longest_way, own_seconds

MONTH = 30.4  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The counts of a month: runs of a workflow, transitions (at least), seconds of a run on average where known."""

    runs: float
    transitions: float
    seconds: float | None


def months(draft: Draft) -> Mapping[str, Month] | None:
    """The counts of a draft's workflow, under "", and of each one nested in it; None unless all their functions were counted."""
    usage = draft.graph.usage
    if draft.root is None:
        return None
    roots: dict[str, Step] = {"": draft.root, **{one.name: one.root for one in reversed(draft.nested)}}
    tasks = [step for root in roots.values() for step in steps(root) if isinstance(step, Task)]
    if any(task.function not in usage for task in tasks):
        return None
    entered = _entered(draft, tasks)
    runs = {"": sum(usage[entry].per_day for entry in draft.entries) * MONTH}
    starting = _starting(roots.values())
    found: dict[str, Month] = {}
    for name, root in roots.items():
        above: dict[int, float] = {id(root): runs.get(name, 0.0)}
        total = 0.0
        for step in steps(root):
            here = entered.get(id(step), above.get(id(step), 0.0))
            if isinstance(step, Start):
                first = _first(roots[step.workflow])
                here = here if step.together else entered.get(id(first), here) / starting[step.workflow]
                runs[step.workflow] = runs.get(step.workflow, 0.0) + here
            total += _counted(step, here, entered)
            for child in children(step):
                above.setdefault(id(child), here)
        found[name] = Month(runs=runs.get(name, 0.0), transitions=total, seconds=_mean(draft, root))
    return found


def _entered(draft: Draft, tasks: list[Task]) -> dict[int, float]:
    """How often a month each task would be entered: where a function has several, the same number for each."""
    copies: dict[str, int] = {}
    for task in tasks:
        copies[task.function] = copies.get(task.function, 0) + 1
    return {id(task): _messages(draft, task) / copies[task.function] for task in tasks}


def _messages(draft: Draft, task: Task) -> float:
    """Once for each message of its queue, else once for each run of today."""
    last = task.stops[-1] if task.stops else None
    usage = draft.graph.usage[task.function]
    if last is not None and last.type == "sqs" and number(last.delivery, "batch_size", 10) > 1:
        queue = draft.graph.usage.get(last.channel)
        usage = queue if queue is not None and queue.per_day > usage.per_day else usage
    return usage.per_day * MONTH


def _starting(roots: Iterable[Step]) -> dict[str, int]:
    """How many steps start each nested workflow."""
    found: dict[str, int] = {}
    for root in roots:
        for step in steps(root):
            if isinstance(step, Start):
                found[step.workflow] = found.get(step.workflow, 0) + 1
    return found


def _first(step: Step) -> Step:
    while not isinstance(step, Task) and children(step):
        step = children(step)[0]
    return step


def _counted(step: Step, here: float, entered: dict[int, float]) -> float:
    """The transitions of a month that a step makes at least: what filters hold back is not known."""
    if isinstance(step, Again | Hand | Join | Loop) or (isinstance(step, Each) and step.multiplicity == "one"):
        return 0.0
    if isinstance(step, Job):
        return here * (asking() - step.starts)
    if isinstance(step, Choice | Wait):
        below: Step = step
        while id(below) not in entered and children(below):
            below = children(below)[0]
        return entered.get(id(below), 0.0)
    return here


def _mean(draft: Draft, root: Step) -> float | None:
    """The seconds of a run on its longest way by the mean durations of its functions; None where one is not known."""
    means = {id: usage.duration_ms for id, usage in draft.graph.usage.items()}
    if any(means.get(step.function) is None for step in steps(root) if isinstance(step, Task)):
        return None

    def taken(step: Step, below: tuple[float, ...]) -> float:
        own = (means[step.function] or 0.0) / 1000 if isinstance(step, Task) else float(own_seconds(step, tries=False))
        return own + longest_way(step, below)

    return gathered(root, taken)
