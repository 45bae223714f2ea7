"""One run of a chain, in the child process: as the choreography that it is, or as the workflow that is proposed for it.

What starts it is what the user gives (an event, or stimuli as `stimulus.read_stimulus` takes them), else an input made from
what the handlers read. Items that handlers look for and that nobody put there are put there first, and said.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from untangle.errors import UsageError
from untangle.model.chain import Chain
from untangle.model.graph import EventGraph
from untangle.simulate.application import Application
from untangle.simulate.child import Tell, run_in_child
from untangle.simulate.handlers import Host, Unable
from untangle.simulate.local.job import Outcome
from untangle.simulate.migrated import Migrated
from untangle.simulate.services.machines import Run
from untangle.simulate.services.mocks import MISSING
from untangle.simulate.stimulus import read_stimulus
from untangle.simulate.verify.before import missing
from untangle.simulate.verify.given import Given
from untangle.simulate.verify.sample import Sampler
from untangle.simulate.verify.stimuli import doors, given, user_given
from untangle.simulate.verify.story import words as in_words
from untangle.simulate.verify.vocabulary import vocabulary
from untangle.simulate.world import World

_ROUNDS = 3  # in which what handlers look for is put there


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """What to run. With `migrated` the workflow runs in the place of its hops. `input` is MISSING where one is to be made."""

    graph: EventGraph
    root: Path
    chain: Chain
    migrated: Migrated | None = None
    input: Any = MISSING
    seed: int = 0
    packages: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What came of it: `lines` tell it in words with their times, `log` is all of it, `state` what is left, `executions` those of
    state machines. `given` says what started it. `failed` are the functions whose invocations failed."""

    given: Mapping[str, Any]
    lines: tuple[tuple[float, str], ...] = ()
    log: tuple[Mapping[str, Any], ...] = ()
    state: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    executions: tuple[Outcome, ...] = ()
    failed: tuple[str, ...] = ()
    seconds: float = 0.0
    finished: bool = True
    notes: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether nothing failed for good: every execution of the workflow, or every invocation where there is none."""
        if self.executions:
            return self.finished and all(execution.succeeded for execution in self.executions)
        return self.finished and not self.failed


def perform(playing: Playing, *, python: str | None = None) -> Performance:
    """Run a chain in a child process. Raises `child.ChildFailed`, and UsageError where a function cannot be run."""
    told = run_in_child("chain", playing, python=python)
    return Performance(
        given=told["given"],
        lines=tuple((time, text) for time, text in told["lines"]),
        log=tuple(told["log"]),
        state=told["state"],
        executions=tuple(_outcome(found) for found in told["executions"]),
        failed=tuple(told["failed"]),
        seconds=told["seconds"],
        finished=told["finished"],
        notes=tuple(told["notes"]),
    )


def _outcome(found: Mapping[str, Any]) -> Outcome:
    return Outcome(**{**found, **{key: tuple(found[key]) for key in ("events", "notes", "unused", "said")}})


def chain_job(playing: Playing, tell: Tell) -> dict[str, Any]:
    """What the child does."""
    return dataclasses.asdict(perform_here(playing))


def perform_here(playing: Playing) -> Performance:
    """Run a chain in this process: for the child, and for tests."""
    application = Application(playing.graph, playing.root, playing.chain, playing.packages)
    chosen = _given(playing, application)
    words = vocabulary(application.graph, application.root, playing.chain.functions, playing.chain.hops)
    try:
        with closing(Host(application)) as host:
            for _ in range(_ROUNDS):
                world, finished = _run(playing, host, chosen)
                fresh = [call for call in missing(world.log, Sampler(words=words)) if call not in chosen.before]
                if not fresh:
                    break
                chosen = replace(chosen, before=(*chosen.before, *fresh))
    except Unable as unable:
        raise UsageError(str(unable), hint="untangle verify says of every chain what can be run") from None
    machines = world.takeover.machines if world.takeover is not None else None
    stand_ins = [f"{what} {how}" for what, how in sorted(application.stand_ins.items())]
    return Performance(
        given=chosen.json(),
        lines=tuple((item.time, text) for item in world.log if (text := in_words(item))),
        log=tuple({"time": item.time, "kind": item.kind, "who": item.who, "detail": item.detail} for item in world.log),
        state=world.state(),
        executions=tuple(_execution(run) for run in machines.runs.values()) if machines is not None else (),
        failed=tuple(dict.fromkeys(item.who for item in world.log if item.kind == "error" and item.who)),
        seconds=world.clock.now,
        finished=finished,
        notes=(*dict.fromkeys(world.notes), *(f"{node}: {why}" for node, why in world.unplayed), *stand_ins),
    )


def _run(playing: Playing, host: Host, chosen: Given) -> tuple[World, bool]:
    world = World(host.application, host, seed=playing.seed, migrated=playing.migrated)
    for stimulus in chosen.stimuli_of():
        world.stimulate(stimulus)
    return world, world.run()


def _given(playing: Playing, application: Application) -> Given:
    """What the run begins with."""
    value = playing.input
    items = value if isinstance(value, list) else [value]
    if all(isinstance(item, Mapping) and ("function" in item or {"service", "operation"} <= set(item)) for item in items):
        try:
            read = [read_stimulus(item) for item in items]
        except ValueError as error:
            raise UsageError(f"the input cannot be used: {error}") from None
        late = tuple(item.what for item in read if not item.setup)
        early = tuple(item.what for item in read if item.setup)
        return Given(name="the input", stimuli=late, before=early)  # type: ignore[arg-type]
    ways = doors(application)
    if not ways:
        raise UsageError("nothing starts this chain", hint='give an input that does: {"function": …, "event": …}')
    if value is MISSING:
        words = vocabulary(application.graph, application.root, playing.chain.functions, playing.chain.hops)
        return next(given(ways[0], words, playing.seed))
    return next(user_given(ways[0], [("the input", value)]))


def _execution(run: Run) -> Outcome:
    result = run.result
    events = run.execution.events if run.execution is not None else []
    return Outcome(
        machine=run.machine,
        name=run.name,
        status=result.status if result else "RUNNING",
        output=result.output if result else None,
        error=result.error if result else None,
        cause=result.cause if result else None,
        events=tuple(event.json() for event in events),
        seconds=(run.stopped or run.started) - run.started,
    )
