"""A proof: both sides run through scenarios and are compared; then the proposal is spoilt, and that must show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from untangle.model.certificate import Certificate, Deviation, Mutant, Scenario, fingerprint
from untangle.model.chain import Chain
from untangle.model.entry import EFFECTS
from untangle.model.graph import EventGraph
from untangle.model.step import Task
from untangle.model.workflow import every_step
from untangle.plan.callbacks import PARKED_AS_SENT
from untangle.plan.retry import ONCE
from untangle.simulate.application import Application
from untangle.simulate.child import run_in_child
from untangle.simulate.faults import Fault
from untangle.simulate.handlers import Host
from untangle.simulate.handlers.invocation import Unable
from untangle.simulate.migrated import Migrated
from untangle.simulate.verify.bench import Bench
from untangle.simulate.verify.carried import Carried
from untangle.simulate.verify.compare import Terms, clamps, compare
from untangle.simulate.verify.crossing import crossed, why_not
from untangle.simulate.verify.document import as_data, read
from untangle.simulate.verify.given import Given
from untangle.simulate.verify.holding import Holding
from untangle.simulate.verify.inputs import inputs, main_inputs
from untangle.simulate.verify.killing import Killing
from untangle.simulate.verify.limit import Limit
from untangle.simulate.verify.options import Options
from untangle.simulate.verify.outcome import Outcome
from untangle.simulate.verify.scenarios import (
    REFUSED,
    Plan,
    double_faults,
    refused_then_failing,
    single_faults,
    variants,
)
from untangle.simulate.verify.shrink import shrunk
from untangle.simulate.verify.story import story
from untangle.simulate.verify.telling import Telling
from untangle.simulate.world import World

Progress = Callable[[str], None]
LONGEST = 3600.0  # real seconds of a proof
_SCENARIOS = 0.6  # of a limit may be spent on scenarios where faults are planted afterwards
TOLD = 2  # failing scenarios that are made small and told


def prove(bench: Bench, options: Options, progress: Progress = lambda text: None) -> Certificate:
    """The certificate of a chain. What cannot be run is said in it."""
    return _Proof(bench, options, progress).certificate()


class _Proof:
    """One proof at work."""

    def __init__(self, bench: Bench, options: Options, progress: Progress) -> None:
        self.bench = bench
        self.options = options
        self.progress = progress
        self.limit = Limit(options.seconds)
        self.unable: dict[str, str] = {}
        self._sides: dict[tuple[str, tuple[Fault, ...]], tuple[Plan, tuple[Deviation, ...]]] = {}
        self.workflow = bench.migrated.workflow
        graph = bench.application.graph
        readers: dict[str, list[str]] = {}
        windows: dict[str, float] = {}
        reports: dict[str, str] = {}
        for hop in graph.standing:
            readers.setdefault(hop.passages[-1].channel, []).append(hop.consumer)
            delivery = hop.passages[-1].delivery
            window = delivery.get("batch_window")
            told = f"the mapping of {hop.passages[-1].channel} reports failed batches to its destination"
            said = [text for text in self.workflow.differences if text.startswith(told)]
            if said and isinstance(delivery.get("on_failure"), str):
                reports[str(delivery["on_failure"])] = said[0]
            consumer = graph.function(hop.consumer)
            queue = consumer.asynchronous.get("dead_letter")
            once = [text for text in self.workflow.differences if text.startswith(f"{consumer.address}: {ONCE}")]
            if once and isinstance(queue, str):
                reports[queue] = once[0]
            windows[hop.consumer] = float(window) if isinstance(window, int | float) else 0.0
            windows[hop.consumer] += _until_parked(graph, hop.passages[-1].channel)
        self.inside = frozenset(
            step.function
            for step in every_step(self.workflow.root, self.workflow.nested)
            if isinstance(step, Task) and step.entry != EFFECTS and not step.called_back
        )
        # What is listed of one hop stands behind its name.
        of_hops = (obstacle.text.partition(": ")[2] for obstacle in self.workflow.obstacles if not obstacle.blocking)
        self.listed = (*self.workflow.differences, *of_hops)
        self.clamps = dict(clamps(self.workflow.differences, readers))
        self.windows = windows
        self.reports = reports

    def certificate(self) -> Certificate:
        """The whole of it."""
        self.progress("looking for inputs")
        chosen = inputs(self.bench, self.options, self.unable)
        plans = list(islice(self._plans(chosen), self.options.budget))
        scenarios: list[Scenario] = []
        for number, plan in enumerate(plans, 1):
            self.progress(f"scenario {number} of {len(plans)}: {plan.name}")
            scenarios.append(self._scenario(plan, sum(one.equal is False for one in scenarios) < TOLD))
        hops = self._hops(chosen)
        sound = [plan for plan, scenario in zip(plans, scenarios, strict=True) if scenario.equal]
        return Certificate(
            chain=self.workflow.chain,
            fingerprint=fingerprint(self.bench.migrated.definitions),
            seed=self.options.seed,
            scenarios=tuple(scenarios),
            mutants=self._mutants(sound) if self.options.mutants and sound else (),
            unable=dict(sorted((self.bench.unplayed | self.unable).items())),
            hops=dict(sorted(hops.items())),
            differences=self.workflow.differences,
            seconds=round(self.bench.seconds, 3),
        )

    def _plans(self, chosen: Sequence[Given]) -> Iterator[Plan]:
        """Every input by itself; then the faults, of one thing, then of two."""
        yield from (Plan(given=one) for one in chosen)
        main = list(main_inputs(self.bench, chosen))
        single = [
            (one, list(dict.fromkeys(single_faults(self.bench.application.graph, self.workflow, self.bench.choreography(one)))))
            for one in main
        ]
        for one, faults in single:
            yield from (Plan(given=one, faults=(fault,)) for fault in faults)
            refused = [fault.subject for fault in faults if fault.kind == "throttle"]
            yield from (Plan(given=one, faults=refused_then_failing(function)) for function in refused)
        for one in chosen:
            if len(one.stimuli) > 1 and one not in main:
                more = single_faults(self.bench.application.graph, self.workflow, self.bench.choreography(one))
                yield from (Plan(given=one, faults=(fault,)) for fault in more if fault.message is not None or fault.last == 1)
        for one, faults in single:
            for pair in double_faults(faults, self.options.seed):
                yield Plan(given=one, faults=pair)

    def _hops(self, chosen: Sequence[Given]) -> dict[str, bool]:
        """The hops that move, in words, with whether a message went over each; why not goes to what is not proved."""
        graph, sides = self.bench.application.graph, [self.bench.choreography(one) for one in chosen]
        unable = {**self.bench.unplayed, **self.unable}
        found: dict[str, bool] = {}
        for id, went in crossed(graph, self.workflow, sides).items():
            words = self._drawn(id)
            found[words] = found.get(words, True) and went
            if not went:
                self.unable[words] = why_not(graph, graph.hop(id), sides, unable)
        return found

    def _drawn(self, id: str) -> str:
        """A hop in words."""
        graph = self.bench.application.graph
        hop = graph.hop(id)
        way = "/".join(passage.type for passage in hop.passages)
        return f"{graph.function(hop.producer).address} -{way}-> {graph.function(hop.consumer).address}"

    def deviations(self, plan: Plan, migrated: Migrated | None = None) -> tuple[Deviation, ...]:
        """What differs in a scenario; with a changed proposal, also where its executions end otherwise than the proposal's.

        A workflow waits refusals out: it does what the choreography does without them or, as they come, with them. A changed
        proposal must do as the proposal did.
        """
        before, found = self._side_of(plan)
        if migrated is None:
            return found
        other = self.bench.machine(plan.given, plan.faults, migrated)
        found = self._compared(other, before, bare=not plan.faults)
        ended = sorted(self.bench.machine(plan.given, plan.faults).status)
        if ended == sorted(other.status):
            return found
        return (*found, Deviation(kind="status", subject="executions", choreography=ended, machine=sorted(other.status)))

    def _side_of(self, plan: Plan) -> tuple[Plan, tuple[Deviation, ...]]:
        """The scenario in which the choreography did what the proposal does in this one, and what differs all the same."""
        place = (plan.given.name, plan.faults)
        if place not in self._sides:
            patient = replace(plan, faults=self._patient(plan.faults))
            other = self.bench.machine(plan.given, plan.faults)
            found = patient, self._compared(other, patient, bare=not plan.faults)
            if patient != plan and any(not deviation.reason for deviation in found[1]):
                late = self._compared(other, plan)
                found = found if any(not deviation.reason for deviation in late) else (plan, late)
            self._sides[place] = found
        return self._sides[place]

    def _compared(self, other: Outcome, before: Plan, *, bare: bool = False) -> tuple[Deviation, ...]:
        """What the machine does otherwise than the choreography in a scenario; `bare` where it has gone through no fault."""
        one = self.bench.choreography(before.given, before.faults)
        terms = Terms(
            clamps=self.clamps,
            times=bare,
            reports=self.reports,
            failing=next((text for text in self.listed if "or the job fails, the workflow does" in text), ""),
            parked=next((text for text in self.listed if text.startswith(PARKED_AS_SENT)), ""),
            windows=self.windows,
        )
        return compare(one, other, variants(self.bench, before, self.listed), terms)

    def _patient(self, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
        """The faults without refusals that the workflow says it waits out: a queue counts them as receives, it does not."""
        if not any(text.startswith(REFUSED) for text in self.workflow.differences):
            return faults
        return tuple(fault for fault in faults if fault.kind != "throttle" or fault.subject not in self.inside)

    def _scenario(self, plan: Plan, told: bool) -> Scenario:
        words = tuple(fault.words for fault in plan.faults)
        if late := self.limit.over(_SCENARIOS if self.options.mutants else 1.0):
            return Scenario(name=plan.name, stimulus=plan.given.json(), faults=words, unable=late)
        try:
            found = self.deviations(plan)
        except Unable as reason:
            self.unable[reason.function] = reason.reason
            return Scenario(
                name=plan.name, stimulus=plan.given.json(), faults=words, unable=f"{reason.function}: {reason.reason}"
            )
        equal = all(deviation.reason for deviation in found)
        told_by: tuple[str, ...] = ()
        if not equal and told:
            plan = shrunk(plan, self._fails)
            told_by = story(self.bench.choreography(plan.given, plan.faults), self.bench.machine(plan.given, plan.faults))
            found = self.deviations(plan)
        return Scenario(
            name=plan.name,
            stimulus=plan.given.json(),
            faults=tuple(fault.words for fault in plan.faults),
            equal=equal,
            deviations=found,
            story=told_by,
        )

    def _mutants(self, plans: Sequence[Plan]) -> tuple[Mutant, ...]:
        def differs(plan: Plan, migrated: Migrated) -> bool:
            return any(not deviation.reason for deviation in self.deviations(plan, migrated))

        return tuple(Killing(self.bench, plans, differs, self.limit.over).mutants(self.progress))

    def _fails(self, plan: Plan) -> bool:
        try:
            return any(not deviation.reason for deviation in self.deviations(plan))
        except Unable:
            return False


def _until_parked(graph: EventGraph, channel: str) -> float:
    """Seconds that a queue keeps a message after its last failure, before this dead-letter queue gets it; a workflow does not."""
    found = [0.0]
    for node in graph.channels:
        redrive = node.settings.get("redrive")
        if isinstance(redrive, Mapping) and redrive.get("dead_letter") == channel:
            timeout = node.settings.get("visibility_timeout")
            found.append(float(timeout) if isinstance(timeout, int | float) else 30.0)
    return max(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a child process is asked to prove."""

    graph: EventGraph
    root: Path
    chain: Chain
    migrated: Migrated
    options: Options
    packages: tuple[Path, ...] = ()


def prove_job(job: Job, tell: Progress) -> dict[str, Any]:
    """The certificate of a job as plain JSON: what the child process does."""
    application = Application(job.graph, job.root, job.chain, job.packages)
    hosts: dict[int, Host] = {}

    def world(application: Application, faults: tuple[Fault, ...], migrated: Migrated | None, held: Carried | None) -> World:
        host = hosts.setdefault(id(application), Host(application))
        if held is not None:
            made = Telling if held.told else Holding
            return made(application, host, seed=job.options.seed, faults=faults, carried=held)
        return World(application, host, seed=job.options.seed, faults=faults, migrated=migrated)

    bench = Bench(application, job.migrated, world)
    try:
        return as_data(prove(bench, job.options, tell))
    finally:
        for host in hosts.values():
            host.close()


def prove_in_child(job: Job, *, python: str | None = None, progress: Progress = lambda text: None) -> Certificate:
    """The certificate of a job, made in a child process. Raises `UntangleError` where that cannot be."""
    seconds = max(LONGEST, 2 * (job.options.seconds or 0.0))  # one scenario may run for longer than what is left
    return read(run_in_child("verify", job, python=python, seconds=seconds, tell=progress))
