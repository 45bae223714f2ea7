"""The choreography alone: an application's functions and channels on this machine, for one set of stimuli."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from untangle.model.chain import Chain
from untangle.model.graph import EventGraph
from untangle.simulate.child import Tell, run_in_child
from untangle.simulate.faults import Fault
from untangle.simulate.happening import Happening
from untangle.simulate.stimulus import Stimulus

if TYPE_CHECKING:
    from untangle.simulate.application import Application
    from untangle.simulate.handlers import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What to play: the application, the chain that is looked at (None for all), what starts it, faults, the seed."""

    graph: EventGraph
    root: Path
    stimuli: tuple[Stimulus, ...]
    chain: Chain | None = None
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    until: float = 30 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of it. `state` is what is left (see `World.state`), `seconds` of virtual time have passed, `finished` says that
    nothing more would happen. `unable` is why it had to end early, "" where it had not; `notes` and `stand_ins` are for people.
    """

    log: tuple[Happening, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    finished: bool = True
    unable: str = ""
    notes: tuple[str, ...] = ()
    stand_ins: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Happening, ...]:
        """The invocations that failed."""
        return tuple(item for item in self.log if item.kind == "error")


def play(job: Play, *, python: str | None = None, seconds: float = 300.0) -> Played:
    """Play a choreography in a child process. Raises `child.ChildFailed`, and UntangleError where moto is missing."""
    return _read(run_in_child("choreography", job, python=python, seconds=seconds))


def play_here(job: Play) -> Played:
    """Play a choreography in this process: for a child, and for tests."""
    from untangle.simulate.application import Application
    from untangle.simulate.handlers import Host

    application = Application(job.graph, job.root, job.chain)
    with closing(Host(application)) as host:
        return _played(job, application, host)


def _played(job: Play, application: Application, host: Host) -> Played:
    from untangle.simulate.handlers import Unable
    from untangle.simulate.world import World

    world = World(application, host, seed=job.seed, faults=job.faults)
    unable = ""
    try:
        for stimulus in _setting_first(job.stimuli):
            world.stimulate(stimulus)
        world.run(until=job.until)
        world.finished = world.finished and not world.clock.waiting
    except Unable as found:
        unable = str(found)
    return Played(
        log=tuple(world.log),
        state=world.state(),
        seconds=world.clock.now,
        finished=world.finished and not unable,
        unable=unable,
        notes=tuple(dict.fromkeys([*world.notes, *(f"{who}: {why}" for who, why in world.unplayed)])),
        stand_ins=dict(sorted(application.stand_ins.items())),
    )


def _setting_first(stimuli: Iterable[Stimulus]) -> list[Stimulus]:
    return sorted(stimuli, key=lambda stimulus: (not stimulus.setup, stimulus.at))


def play_job(job: Play, tell: Tell) -> dict[str, Any]:
    """What the child does."""
    played = play_here(job)
    return {
        "log": [{"time": item.time, "kind": item.kind, "who": item.who, "detail": item.detail} for item in played.log],
        "state": played.state,
        "seconds": played.seconds,
        "finished": played.finished,
        "unable": played.unable,
        "notes": list(played.notes),
        "stand_ins": played.stand_ins,
    }


def _read(told: Mapping[str, Any]) -> Played:
    log = tuple(Happening(time=item["time"], kind=item["kind"], who=item["who"], detail=item["detail"]) for item in told["log"])
    return Played(
        log=log,
        state=told["state"],
        seconds=told["seconds"],
        finished=told["finished"],
        unable=told["unable"],
        notes=tuple(told["notes"]),
        stand_ins=told["stand_ins"],
    )
