"""The planned workflow of a chain: its tree of steps, what stands in the way and what differs, the verdict, the outlook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from untangle.model.chain import Verdict
from untangle.model.entry import Entry, Phase, Switch
from untangle.model.location import Location
from untangle.model.outlook import Outlook
from untangle.model.step import Step, steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What the planner cannot do or what would change, in words. `blocking` means that the hop stays as it is.

    `topic` marks what a person could do better and the planner does not do by itself: "job", "join", "loop" or "human".
    """

    text: str
    hops: tuple[str, ...] = ()
    blocking: bool = False
    location: Location | None = None
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another way to run one function of the workflow: `way` is "activity" or "ecs", `reason` says why one may want it."""

    function: str
    way: str
    reason: str
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """A workflow that others start without waiting for it; `root` is the step that it starts with.

    It runs on one effect or, where `together`, on all effects of the function before it; the input holds them as `effect` or
    `effects`. `outlook` says as what this one would be run, and how large a run of it is without what it starts itself.
    """

    name: str
    root: Step
    together: bool = False
    outlook: Outlook | None = None


def every_step(root: Step | None, nested: Iterable[Nested]) -> Iterator[Step]:
    """Every distinct step of a workflow and of those nested in it."""
    for one in (root, *(part.root for part in nested)):
        yield from steps(one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The proposal for one chain. `root` is None where nothing is to be migrated; `kept` are the hops that stay
    choreographed, `migrated` those that become transitions. `differences` say what changes all the same. `outlook` says
    as what it would be run and what it would cost, the nested ones included. `nested` are the workflows that a `Start` names;
    what one of them starts stands before it. `entries` say how it is started, `removals` which subscriptions must go when it
    takes over (the calls of its functions still go out) and `leftovers` which are no longer needed then; `phases` are all steps
    in order.
    """

    chain: str
    name: str
    root: Step | None
    obstacles: tuple[Obstacle, ...] = ()
    differences: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    migrated: tuple[str, ...] = ()
    verdict: Verdict | None = None
    outlook: Outlook | None = None
    nested: tuple[Nested, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    entries: tuple[Entry, ...] = ()
    removals: tuple[Switch, ...] = ()
    leftovers: tuple[Switch, ...] = ()
    phases: tuple[Phase, ...] = ()
