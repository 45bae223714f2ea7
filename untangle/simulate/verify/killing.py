"""Which faults planted into a proposal the scenarios tell apart, found with as few runs as that takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from untangle.model.certificate import Mutant
from untangle.model.graph import EventGraph
from untangle.simulate.handlers.invocation import Unable
from untangle.simulate.migrated import Migrated
from untangle.simulate.verify.bench import Bench
from untangle.simulate.verify.equivalent import equivalent
from untangle.simulate.verify.mutants import Planted, planted
from untangle.simulate.verify.scenarios import Plan
from untangle.simulate.verify.trail import came_by

Differs = Callable[[Plan, Migrated], bool]
CHECKED = 12  # scenarios that a mutant is tried with all the same of which a rule says that it changes nothing


class Killing:
    """The mutants of one proposal. `differs` says whether a scenario tells a changed proposal apart, `late` why nothing more is
    to be run, "" as long as there is time."""

    def __init__(self, bench: Bench, plans: Sequence[Plan], differs: Differs, late: Callable[[], str]) -> None:
        self.bench = bench
        self.plans = plans
        self.differs = differs
        self.late = late
        self._kills: Counter[str] = Counter()

    def mutants(self, progress: Callable[[str], None]) -> Iterator[Mutant]:
        """Each mutant, with the first scenario that tells it apart."""
        made = list(planted(self.bench.migrated, reads_of(self.bench.application.graph)))
        for number, mutant in enumerate(made, 1):
            progress(f"planted fault {number} of {len(made)}: {mutant.change}")
            yield self._judged(mutant)

    def _judged(self, mutant: Planted) -> Mutant:
        same = equivalent(mutant, self.bench.application.graph, self.bench.migrated)
        killer, left = self._killer(mutant, CHECKED if same else None)
        if killer:
            self._kills[killer] += 1
            return Mutant(change=mutant.change, killed_by=killer)
        return Mutant(change=mutant.change, equivalent=same, unable="" if same else left)

    def _killer(self, mutant: Planted, most: int | None) -> tuple[str, str]:
        """The first scenario that tells a mutant apart, of the `most` promising, or "" and why some were not run."""
        for plan in self._order(mutant)[:most]:
            if left := self.late():
                return "", left
            try:
                if self.differs(plan, mutant.migrated):
                    return plan.name, ""
            except Unable:
                continue
        return "", ""

    def _order(self, mutant: Planted) -> list[Plan]:
        """The scenarios in which an execution comes to what is changed, the most promising first."""
        node = self.bench.migrated.substitutions.get(mutant.function, ("", ""))[0]
        concerned = [
            plan
            for plan in self.plans
            if came_by(self.bench.machine(plan.given, plan.faults).trail, (mutant.machine, mutant.seen), mutant.failing)
        ]
        return sorted(concerned, key=lambda plan: (_distance(plan, mutant, node), -self._kills[plan.name]))


def _distance(plan: Plan, mutant: Planted, node: str) -> int:
    """How far a scenario seems to be from what a mutant changes."""
    hit = any(fault.subject == node for fault in plan.faults)
    if mutant.failing or any(word in mutant.change for word in _FAILURES):
        return 0 if hit and len(plan.faults) == 1 else 1 if len(plan.faults) == 1 else 2
    return len(plan.faults)


_FAILURES = ("park", "Park", "failed items")


def reads_of(graph: EventGraph) -> Callable[[str], tuple[tuple[str, ...], ...]]:
    """Gives the paths that a function reads of its event, by node id."""

    def reads(function: str) -> tuple[tuple[str, ...], ...]:
        facts = graph.code.get(function)
        return tuple(dict.fromkeys(read.path for read in facts.reads)) if facts is not None else ()

    return reads
