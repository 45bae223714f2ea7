"""The scenarios that both sides are run through: each input by itself, then what can go wrong, one thing and two at a time.

A fault is bound to a function and to the tries of a message, so it strikes on both sides. Which variants of the choreography may
explain a difference is said here too, with the fault that brings it about.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from untangle.model.graph import EventGraph
from untangle.model.step import JOB, Task
from untangle.model.workflow import Workflow, every_step
from untangle.plan.jobs.awaited import jobs_of
from untangle.simulate.faults import Fault, is_effect
from untangle.simulate.jobs import play_of
from untangle.simulate.verify.bench import Bench
from untangle.simulate.verify.compare import Variant
from untangle.simulate.verify.given import Given
from untangle.simulate.verify.outcome import Outcome, call_of

DUPLICATES = "a message that a channel delivers twice is handled once"
BATCHES = "messages no longer arrive in batches: the function runs once per message"
ORDER = "of the orders in which the channels may deliver, the workflow takes one"
_FAILED = "what a failed run of a producer sent before it failed is not delivered"
_RETURNED = "a consumer starts when its producer has returned"
_STARTED = "of a job that was started by a run that failed"
REFUSED = "while the service refuses an invocation"
EFFECTS = 3  # of a function, after each of which it crashes once


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One variant of the choreography; see `Bench.choreography` for what the flags mean."""

    reason: str
    faults: tuple[Fault, ...]
    held: bool = False
    unheard: bool = False
    last: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A scenario that has not been run yet."""

    given: Given
    faults: tuple[Fault, ...] = ()

    @property
    def name(self) -> str:
        """Input and faults in words."""
        return "; ".join([self.given.name, *(fault.words for fault in self.faults)])


def single_faults(graph: EventGraph, workflow: Workflow, base: Outcome) -> Iterator[Fault]:
    """What can go wrong for one thing, for the functions that an input reaches and the channels on the way."""
    effects = _effects_of_a_run(base)
    for function in sorted(effects):
        # One that has no effect has none to crash before.
        kind = "crash_before" if effects[function] else "error"
        yield Fault(kind=kind, subject=function)  # type: ignore[arg-type]
        yield Fault(kind=kind, subject=function, last=None)  # type: ignore[arg-type]
    for service, operation in jobs_of(workflow):
        if play_of(service, operation) is not None:  # executions of own machines fail, and last, by what they run
            yield Fault(kind="fails", subject=f"{service}:{operation}")
            yield Fault(kind="slow", subject=f"{service}:{operation}")
    for function in sorted(effects):
        yield Fault(kind="throttle", subject=function, last=_more_than_retries(workflow, function))
        yield Fault(kind="timeout", subject=function)
        yield Fault(kind="error", subject=function)
        for number in range(1, min(effects[function], EFFECTS) + 1):
            yield Fault(kind="crash_after", subject=function, effect=number)
        for number in sorted({min(1, effects[function]), effects[function]} - {0}):
            # What comes before it has gone out, and the handler may go on without it.
            yield Fault(kind="refused", subject=function, effect=number)
        if effects[function]:
            yield Fault(kind="refused", subject=function, effect=effects[function], last=None)
    for function in sorted(effects):
        yield Fault(kind="error", subject=function, last=None)
        yield Fault(kind="error", subject=function, last=2)
        yield Fault(kind="error", subject=function, last=None, message=1)
    starting = {trigger.channel for entry in workflow.entries for trigger in graph.triggers_of(entry.function)}
    for channel in _channels(graph, workflow):
        # Where it starts the workflow too, only what starts it: that comes twice on both sides, what is carried does not.
        yield Fault(kind="duplicate", subject=channel, message=1 if channel in starting else None)
        yield Fault(kind="reorder", subject=channel, message=1)
        yield Fault(kind="delay", subject=channel, message=1, seconds=20)


def _effects_of_a_run(base: Outcome) -> dict[str, int]:
    """How many effects a run of each function has, at most: those that a workflow would hold back are among them."""
    most = {run.function: 0 for run in base.runs}
    now: Counter[str] = Counter()
    for item in base.log:
        if item.kind == "invoke":
            now[item.who] = 0
        elif item.kind == "call" and item.who in most and is_effect(call_of(item)):
            now[item.who] += 1
            most[item.who] = max(most[item.who], now[item.who])
    return most


def refused_then_failing(function: str) -> tuple[Fault, ...]:
    """Two refusals, then failure for good: refusals must use up none of the tries."""
    return Fault(kind="throttle", subject=function, last=2), Fault(kind="error", subject=function, last=None)


def _more_than_retries(workflow: Workflow, function: str) -> int:
    """So many refusals that the retries of failures alone would not do."""
    return min(_retries(workflow, function) + 2, 15)


def _retries(workflow: Workflow, function: str) -> int:
    """How often a function is tried again where it fails."""
    most = 0
    for step in every_step(workflow.root, workflow.nested):
        if isinstance(step, Task) and step.function == function:
            most = max([most, *(retry.attempts for retry in step.retries if retry.errors == "any")])
    return most


def _channels(graph: EventGraph, workflow: Workflow) -> list[str]:
    found = {passage.channel for id in (*workflow.migrated, *workflow.kept) for passage in graph.hop(id).passages}
    return sorted(found)


def double_faults(faults: Sequence[Fault], seed: int) -> Iterator[tuple[Fault, ...]]:
    """Two things at once, in an order that the seed gives: of different subjects."""
    pairs = [pair for pair in combinations(faults, 2) if pair[0].subject != pair[1].subject]
    random.Random(seed).shuffle(pairs)  # noqa: S311 — a choice of scenarios
    yield from pairs


def variants(bench: Bench, plan: Plan, differences: Sequence[str]) -> list[Variant]:
    """The variants of the choreography that may explain what differs in a scenario, each with its reason."""
    side = bench.choreography(plan.given, plan.faults)
    some_failed = any(not run.succeeded or run.failed_items for run in side.runs)
    found: list[_Change] = []
    for reason, faults in _without(plan, differences):
        found.append(_Change(reason=reason, faults=faults))
        found.extend(_sent_late(bench.migrated.workflow, reason, faults, differences, some_failed=some_failed))
    made = [_variant(bench, plan, change, single=False) for change in found[1:]]
    if any(len(run.envelopes) > 1 for run in side.runs):
        made += [_variant(bench, plan, replace(one, reason=_both(BATCHES, one.reason)), single=True) for one in found]
    return made


def _without(plan: Plan, differences: Sequence[str]) -> Iterator[tuple[str, tuple[Fault, ...]]]:
    """The faults as they are; then without those of the kinds that a difference is about, all of them or some."""
    yield "", plan.faults
    for kinds, reason in (
        (("duplicate",), DUPLICATES),
        (("reorder", "delay"), ORDER),
        (("throttle",), _listed(differences, REFUSED)),
    ):
        about = [fault for fault in plan.faults if fault.kind in kinds] if reason else []
        for number in range(len(about), 0, -1):
            for gone in combinations(about, number):
                yield reason, tuple(fault for fault in plan.faults if fault not in gone)


def _sent_late(
    workflow: Workflow, reason: str, faults: tuple[Fault, ...], differences: Sequence[str], *, some_failed: bool
) -> Iterator[_Change]:
    """What is sent goes out when a run is over, and that of a run that failed does not, or only that of the last try."""
    failed, returned = _listed(differences, _FAILED), _listed(differences, _RETURNED)
    started = _listed(differences, _STARTED)
    if failed and some_failed:
        if _some_go_out(workflow):
            yield _Change(reason=_both(reason, failed), faults=faults, held=True, told=True)
        before = _changed(faults, ("crash_after", "error", "timeout", "refused"))
        for changed, held in ((faults, True), (before, False), (before, True), (_last_only(workflow, faults), True)):
            yield _Change(reason=_both(reason, failed), faults=changed, held=held)
    elif returned:
        if _some_go_out(workflow):
            yield _Change(reason=_both(reason, returned), faults=faults, held=True, told=True)
        yield _Change(reason=_both(reason, returned), faults=faults, held=True)
    if started and some_failed:
        for last in (False, True):
            yield _Change(reason=_both(reason, failed, started), faults=faults, held=True, unheard=True, last=last)


def _some_go_out(workflow: Workflow) -> bool:
    """Whether the workflow carries on with calls that go out, because others listen too."""
    tasks = (step for step in every_step(workflow.root, workflow.nested) if isinstance(step, Task))
    return any(effects.sent and effects.type != JOB for task in tasks for effects in task.captures)


def _both(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def _variant(bench: Bench, plan: Plan, change: _Change, *, single: bool) -> Variant:
    def make() -> Outcome:
        named = {"single": single, "held": change.held, "unheard": change.unheard, "last": change.last, "told": change.told}
        return bench.choreography(plan.given, change.faults, **named)

    return Variant(reason=change.reason, make=make)


def _listed(differences: Sequence[str], beginning: str) -> str:
    """The difference of the workflow that begins so; "" where it lists none."""
    return next((text for text in differences if text.startswith(beginning)), "")


def _changed(faults: tuple[Fault, ...], kinds: tuple[str, ...]) -> tuple[Fault, ...]:
    """The faults with those of these kinds before the first effect."""
    return tuple(replace(fault, kind="crash_before", effect=1) if fault.kind in kinds else fault for fault in faults)


def _last_only(workflow: Workflow, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The faults with those of every try before the first effect, but for the last try: what went out of that goes on."""
    found: list[Fault] = []
    for fault in faults:
        tries = _retries(workflow, fault.subject) + 1
        if fault.kind == "error" and fault.last is None and tries > 1:
            found.append(replace(fault, kind="crash_before", last=tries - 1))
            fault = replace(fault, first=tries)
        found.append(fault)
    return tuple(found)


def reached(side: Outcome) -> frozenset[str]:
    """What a run has reached: functions that succeeded or failed, states that were entered, calls by their kind."""
    found = {f"{run.function} {'succeeded' if run.succeeded else 'failed'}" for run in side.runs}
    found |= {f"{function} {call.split(' ', 1)[0]}" for function, call in side.effects}
    # Which functions ran, taken together: one that a filter or an `if` kept out is a way of its own.
    found.add(f"only {' '.join(sorted({run.function for run in side.runs if run.succeeded}))}")
    found |= {f"{run.function} failed" for run in side.runs if run.failed_items}
    # One message that leads to several: a list whose items go the same way.
    found |= {
        f"several {function}"
        for function, count in Counter(run.function for run in side.runs if run.succeeded).items()
        if count > 1
    }
    for item in side.log:
        if item.kind in ("deliver", "drop", "park"):
            found.add(f"{item.kind} {item.who} {item.detail.get('to', '')}")
    return frozenset(found)
