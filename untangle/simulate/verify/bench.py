"""The bench on which both sides are run, each in a world of its own, and where what was run once is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from untangle.model.graph import EventGraph
from untangle.model.link import Link
from untangle.simulate.application import Application
from untangle.simulate.call import ApiCall
from untangle.simulate.faults import Fault
from untangle.simulate.migrated import Migrated
from untangle.simulate.verify.carried import Carried, carried_by
from untangle.simulate.verify.given import Given
from untangle.simulate.verify.outcome import Outcome, outcome
from untangle.simulate.verify.trail import trail
from untangle.simulate.world import World

Faults = tuple[Fault, ...]


@dataclass(slots=True)
class Bench:
    """`world` makes a new world for one run: (application, faults, what is migrated or None).

    `unplayed` is what the platform left out in any run, by node, with why.
    """

    application: Application
    migrated: Migrated
    world: Callable[[Application, Faults, Migrated | None, Carried | None], World]
    carried: Carried = field(init=False)
    runs: int = 0
    seconds: float = 0.0
    unplayed: dict[str, str] = field(default_factory=dict)
    _kept: dict[tuple[str, str, Faults], Outcome] = field(default_factory=dict)
    _single: Application | None = None
    _last: tuple[Migrated, str, Faults, Outcome] | None = None

    def __post_init__(self) -> None:
        self.carried = carried_by(self.application, self.migrated.workflow)

    def choreography(
        self,
        given: Given,
        faults: Faults = (),
        *,
        single: bool = False,
        held: bool = False,
        unheard: bool = False,
        last: bool = False,
        told: bool = False,
    ) -> Outcome:
        """The first side; with `single`, where mappings hand over one message at a time; with `held`, where what a run sends goes
        out when it has succeeded; with `unheard` also, where nobody hears of jobs that a failed run has started, but with `last`
        for those of a last try that failed with an error; with `told` also, where what goes out at once is told then
        (see `Telling`)."""
        place = (f"choreography {single} {held} {unheard} {last} {told}", given.name, faults)
        if place not in self._kept:
            application = self.one_by_one if single else self.application
            carried = replace(self.carried, unheard=unheard, last=last, told=told)
            self._kept[place] = self._run(application, given, faults, None, carried if held else None)
        return self._kept[place]

    def machine(self, given: Given, faults: Faults = (), migrated: Migrated | None = None) -> Outcome:
        """The other side: the proposal, or a changed one."""
        if migrated is not None:
            return self._changed(given, faults, migrated)
        place = ("machine", given.name, faults)
        if place not in self._kept:
            self._kept[place] = self._run(self.application, given, faults, self.migrated)
        return self._kept[place]

    def _changed(self, given: Given, faults: Faults, migrated: Migrated) -> Outcome:
        """The run of a changed proposal; only the last one is kept."""
        known = self._last
        if known is None or known[0] is not migrated or known[1:3] != (given.name, faults):
            known = self._last = (migrated, given.name, faults, self._run(self.application, given, faults, migrated))
        return known[3]

    @property
    def one_by_one(self) -> Application:
        """The application with mappings that hand over one message at a time."""
        if self._single is None:
            graph = one_message_at_a_time(self.application.graph)
            self._single = Application(graph, self.application.root, self.application.chain, self.application.packages)
        return self._single

    def _run(
        self,
        application: Application,
        given: Given,
        faults: Faults,
        migrated: Migrated | None,
        held: Carried | None = None,
    ) -> Outcome:
        self.runs += 1
        world = self.world(application, faults, migrated, held)
        for stimulus in given.stimuli_of():
            world.stimulate(stimulus)
        finished = world.run()
        self.seconds += world.clock.now
        self.unplayed |= dict(world.unplayed)
        made = outcome(world.log, world.state(), self._counts(migrated is not None), finished=finished)
        return made if world.takeover is None else replace(made, trail=trail(world.takeover.machines.runs.values()))

    def _counts(self, migrated: bool) -> Callable[[ApiCall, bool], bool]:
        """Whether a call is to be compared: one of a function, and not one that the workflow carries on. A call that should have
        been held back and went out all the same counts, unless the function may run outside of the workflow too."""
        functions = frozenset(function.id for function in self.application.graph.functions)

        def counts(call: ApiCall, marked: bool) -> bool:
            if call.caller not in functions or (migrated and self._of_workflow(call)):
                return False
            held = self.carried.holds(call)
            return not held or (migrated and (marked or call.caller not in self.carried.outside))

        return counts

    def _of_workflow(self, call: ApiCall) -> bool:
        """Whether an outbox makes this call: to start the workflow, or to answer for a task."""
        if call.service != "stepfunctions":
            return False
        machine = str(call.params.get("stateMachineArn", "")).rpartition(":")[2]
        return call.operation.startswith("SendTask") or machine in self.migrated.definitions


def one_message_at_a_time(graph: EventGraph) -> EventGraph:
    """The graph with batches of one."""

    def single(link: Link) -> Link:
        if "batch_size" not in link.delivery:
            return link
        return replace(link, delivery={**link.delivery, "batch_size": 1, "batch_window": 0})

    return replace(graph, links=tuple(single(link) for link in graph.links))
