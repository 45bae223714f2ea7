"""How far a workflow may grow, and what becomes a workflow of its own before it grows too far.

A function that several hops reach runs once per hop (an XOR-merge, not a join), so all that follows it would stand in the
definition once per hop, too; along a ladder of such merges that doubles with every rung. Such a tail becomes a nested workflow
that is started without waiting. For hops that no producer ever waited for that is the same: what the tail does and how it
fails was never the business of whoever sent the message. The same cut keeps definitions below the service's limit, and
parallel and map states from standing in one another without end.

Where a tail is cut: before the function, where the message reaches it the same way from everywhere (one copy in all); else behind
it, at the effects that it had, so that only the function itself with its envelope stands there once per way. What has to
come back, to a loop or a join, is never cut off.

Nothing enumerates paths: copies are counted from the root down, lengths and depths from the leaves up, each step once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from untangle.model.naming import spoken
from untangle.model.step import (
    Again,
    Choice,
    Each,
    Entries,
    Hand,
    Job,
    Join,
    Loop,
    OneOf,
    Parallel,
    Start,
    Step,
    Task,
    Wait,
    children,
    gathered,
    steps,
    with_below,
)
from untangle.model.workflow import Nested
from untangle.plan.names import nested_name, workflow_name
from untangle.plan.passes import Draft
from untangle.plan.tree.length import own_length, selects

MAX_COPIES = 6
MAX_DEPTH = 8
MAX_CHARACTERS = 700_000
LARGEST = 1_000_000  # of 1,048,576: CreateStateMachine, `definition`, in the Step Functions API reference
_MANY = 1_000_000
_BLANK = Start(workflow="")


def nest_tails(draft: Draft) -> Draft:
    """The draft with the tails that would be copied too often, nest too deeply or outgrow a definition as nested workflows."""
    if draft.root is None:
        return draft
    nesting = _Nesting(draft, draft.root)
    part = gathered(draft.root, nesting.part)
    if max((part.length, *nesting.lengths)) > LARGEST:
        draft = draft.keep(draft.moving, "the definition would outgrow the service's limit of 1 MiB")
        return replace(draft, root=None, entries=(), differences=())
    return replace(draft, root=part.step, nested=tuple(nesting.made), differences=(*draft.differences, *nesting.told))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A step as it stands in its machine: its characters with all below it, and how many scopes stand in one another."""

    step: Step
    length: int
    depth: int


class _Nesting:
    """The nested workflows of one tree so far. `made` holds them in order, what one of them starts before it."""

    def __init__(self, draft: Draft, root: Step) -> None:
        self.made: list[Nested] = []
        self.told: list[str] = []
        self.lengths: list[int] = []
        self._draft = draft
        self._workflow = workflow_name(draft.graph, draft.chain)
        self._facts = _facts(root)
        self._hops = _shared_hops(root, self._facts)
        self._copied = _copied_too_often(root, self._facts)
        self._started: dict[int, Start] = {}
        self._parts: dict[int, _Part] = {}
        self._names: set[str] = {self._workflow}

    def part(self, step: Step, below: tuple[_Part, ...]) -> _Part:
        """The part for a step of the tree, small and flat enough, or the start of a workflow in its place."""
        part = self._measured(with_below(step, tuple(one.step for one in below)))
        if part.depth > MAX_DEPTH:
            part = self._flattened(part)
        if part.length > MAX_CHARACTERS:
            part = self._shortened(part)
        fact = self._facts[id(step)]
        self._facts.setdefault(id(part.step), fact)  # what is known of the step that stands for another one now
        if fact.key not in self._copied:
            return part
        if fact.key not in self._started:
            hops = self._hops[fact.key]
            why = f"more than {MAX_COPIES} ways lead there, and each would need a copy of it"
            self._started[fact.key] = self._start(replace(part, step=replace(part.step, hops=hops)), why)
        return self._measured(replace(self._started[fact.key], hops=step.hops))

    def _measured(self, step: Step) -> _Part:
        below = [self._parts[id(child)] for child in children(step)]
        scope = isinstance(step, Parallel) or (isinstance(step, Each) and step.multiplicity == "many")
        part = _Part(
            step=step,
            length=own_length(step) + sum(one.length for one in below),
            depth=scope + max((one.depth for one in below), default=0),
        )
        self._parts[id(step)] = part  # which holds the step, so that no other one gets its id
        return part

    def _start(self, part: _Part, why: str) -> Start:
        """A new nested workflow, and what starts it."""
        together = selects(part.step)
        name = nested_name(self._workflow, self._subject(part.step), self._names)
        self._names.add(name)
        self.made.append(Nested(name=name, root=part.step, together=together))
        self.lengths.append(part.length)
        self.told.append(
            f"{name} is a workflow of its own, started without waiting for it: {why}; what fails in it fails that execution alone"
        )
        return Start(workflow=name, together=together, hops=part.step.hops)

    def _subject(self, step: Step) -> str:
        """The function that a tail begins with, or after whose effects."""
        if not isinstance(step, Parallel) and not selects(step):
            first = next((one.function for one in steps(step) if isinstance(one, Task)), "")
            return spoken(self._draft.address(first))
        hops = (self._draft.hops.get(id) for one in steps(step) for id in one.hops)
        producer = next((hop.producer for hop in hops if hop is not None), "")
        return f"After {spoken(self._draft.address(producer))}"

    def _flattened(self, part: _Part) -> _Part:
        why = f"it would stand in more than {MAX_DEPTH} parallel and map states"
        return self._measured(
            with_below(
                part.step,
                tuple(
                    self._lowered(child, why) if self._parts[id(child)].depth >= MAX_DEPTH else child
                    for child in children(part.step)
                ),
            )
        )

    def _shortened(self, part: _Part) -> _Part:
        """The step with its longest children nested, then with its branches in groups, until it is short enough."""
        why = "one definition may have 1 MiB"
        least = MAX_CHARACTERS // 2 if isinstance(part.step, Parallel) else 0
        for child in sorted(children(part.step), key=lambda one: -self._parts[id(one)].length):
            if part.length <= MAX_CHARACTERS or self._parts[id(child)].length <= least:
                break
            shorter = self._lowered(child, why)
            below = tuple(shorter if one is child else one for one in children(part.step))
            part = self._measured(with_below(part.step, below))
        if part.length > MAX_CHARACTERS and isinstance(part.step, Parallel):
            part = self._measured(replace(part.step, branches=tuple(self._grouped(part.step, why))))
        return part

    def _grouped(self, parallel: Parallel, why: str) -> Iterator[Step]:
        """Branches side by side in as few nested workflows as hold them; those that must come back stay."""
        total = sum(self._parts[id(branch)].length for branch in parallel.branches)
        even = total // -(-total // MAX_CHARACTERS) + 1  # as many groups as it takes, of one size
        group: list[Step] = []
        length = 0
        for branch in (*parallel.branches, None):
            own = 0 if branch is None else self._parts[id(branch)].length
            if group and (branch is None or length >= even or length + own > MAX_CHARACTERS):
                yield self._together(group, why)
                group, length = [], 0
            if branch is None:
                return
            if self._fact(branch).closed:
                group.append(branch)
                length += own
            else:
                yield branch

    def _together(self, group: list[Step], why: str) -> Step:
        if len(group) == 1:
            return self._lowered(group[0], why)
        parallel = Parallel(branches=tuple(group), hops=tuple(hop for step in group for hop in step.hops))
        return self._measured(self._start(self._measured(parallel), why)).step

    def _lowered(self, step: Step, why: str) -> Step:
        """The step as the start of a workflow, or with that below it where only what is below can be one."""
        if _may_be_nested(step) and self._fact(step).closed:
            return self._measured(self._start(self._parts[id(step)], why)).step
        if isinstance(step, Each | Choice | OneOf | Entries) or (isinstance(step, Task) and not _may_be_nested(step)):
            return self._measured(with_below(step, tuple(self._lowered(child, why) for child in children(step)))).step
        return step

    def _fact(self, step: Step) -> _Fact:
        return self._facts.get(id(step)) or _Fact(key=-1, height=0, tasks=1, closed=isinstance(step, Start))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    """What is known of a step: `key` is the same for steps that do the same, `height` counts the steps below it, `tasks` those
    that would stand there; it is `closed` where nothing below goes back to a loop or a join above."""

    key: int
    height: int
    tasks: int
    closed: bool
    again: bool = False
    hand: bool = False


def _facts(root: Step) -> dict[int, _Fact]:
    keys: dict[tuple[str, tuple[int, ...]], int] = {}
    found: dict[int, _Fact] = {}

    def of(step: Step, below: tuple[_Fact, ...]) -> _Fact:
        bare = replace(with_below(step, tuple(_BLANK for _ in below)), hops=())
        again = isinstance(step, Again) or (not isinstance(step, Loop) and any(one.again for one in below))
        free = below[1:] if isinstance(step, Join) else below
        hand = isinstance(step, Hand) or any(one.hand for one in free)
        found[id(step)] = _Fact(
            key=keys.setdefault((repr(bare), tuple(one.key for one in below)), len(keys)),
            height=1 + max((one.height for one in below), default=0),
            tasks=min(_MANY, isinstance(step, Task) + sum(one.tasks for one in below)),
            closed=not again and not hand,
            again=again,
            hand=hand,
        )
        return found[id(step)]

    gathered(root, of)
    return found


def _shared_hops(root: Step, facts: Mapping[int, _Fact]) -> dict[int, tuple[str, ...]]:
    """The hops of all steps that do the same, by their key."""
    found: dict[int, dict[str, None]] = {}
    for step in steps(root):
        found.setdefault(facts[id(step)].key, {}).update(dict.fromkeys(step.hops))
    return {key: tuple(sorted(hops)) for key, hops in found.items()}


def _copied_too_often(root: Step, facts: Mapping[int, _Fact]) -> set[int]:
    """The keys of the topmost steps that would stand in the definition too often and are worth a workflow of their own.

    From the highest steps down: all that stand above a step are higher than it is.
    """
    copies: dict[int, int] = {id(root): 1}
    same: dict[int, list[Step]] = {}
    for step in steps(root):
        same.setdefault(facts[id(step)].key, []).append(step)
    cut: set[int] = set()
    for key, alike in sorted(same.items(), key=lambda item: (-facts[id(item[1][0])].height, item[0])):
        fact = facts[id(alike[0])]
        total = sum(copies.get(id(step), 0) for step in alike)
        if total > MAX_COPIES and fact.tasks > 1 and fact.closed and _may_be_nested(alike[0]):
            cut.add(key)
            alike = alike[:1]
            copies[id(alike[0])] = 1
        for step in alike:
            for child in children(step):
                copies[id(child)] = min(_MANY, copies.get(id(child), 0) + copies.get(id(step), 0))
    return cut


def _may_be_nested(step: Step) -> bool:
    """Whether a workflow may begin here: behind the questions whether there is a message and whether it passes, so that none is
    started for nothing; not at what only the root can be, nor at one of several messages that a queue takes in their order."""
    if isinstance(step, Each):
        return step.multiplicity == "many"
    return isinstance(step, Wait | Parallel | Join | Loop | Job) or (
        isinstance(step, Task) and bool(step.stops) and not (step.called_back and step.stops[0].settings.get("fifo"))
    )
