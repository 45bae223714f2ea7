"""Functions that are at Lambda's limits, or that are containers already, and could run outside of it with the same handler.

An Activity takes a worker of one's own, wherever it runs; ECS starts a container for each task. Both are for Standard workflows,
and both run as long as they need. Sources: Lambda guide, "Lambda quotas" (900 seconds, 10,240 MB); Step Functions guide,
"Activities" and "Run Amazon ECS or Fargate tasks".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.model.entry import EFFECTS
from untangle.model.node import Function
from untangle.model.step import Task
from untangle.model.workflow import Alternative, every_step
from untangle.plan.passes import Draft
from untangle.plan.stay import LONGEST

NEAR = 780  # seconds: two minutes more and it would not end
HEAVY = 8192  # MB of 10,240
WAYS = ("activity", "ecs")


def offer_alternatives(draft: Draft) -> Draft:
    """The draft with the alternatives for each function of the workflow that is long, heavy or a container."""
    every = every_step(draft.root, draft.nested)
    tasks = [step for step in every if isinstance(step, Task) and step.entry != EFFECTS and not step.called_back]
    functions = sorted({task.function for task in tasks})
    recorded = {task.function for task in tasks if task.record}
    found = [
        Alternative(function=function, way=way, reason=reason, location=draft.graph.function(function).location)
        for function in functions
        if function not in recorded and (reason := "; ".join(_reasons(draft.graph.function(function))))
        for way in WAYS
    ]
    return replace(draft, alternatives=tuple(found))


def _reasons(function: Function) -> Iterator[str]:
    if (function.timeout or 0) >= NEAR:
        yield f"it may run {function.timeout} s of the {LONGEST} s that Lambda gives it"
    if (function.memory or 0) >= HEAVY:
        yield f"it has {function.memory:,} MB of the 10,240 MB that Lambda gives it"
    if function.image:
        yield "it is a container image already"
