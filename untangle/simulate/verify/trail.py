"""Where the executions of a proposal have been: the states they entered, and those in which something failed.

A fault planted into a state shows only where an execution comes there, and one in what follows a failure only where one fails
there; everything else of such a run is the same to the last byte. So no other scenario has to be run with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from untangle.simulate.machine.history import Event
from untangle.simulate.services.machines import Run

Place = tuple[str, str]  # the machine and the state
_ENCLOSING = ("MapStateStarted", "MapIterationStarted", "ParallelStateStarted", "MapRunStarted")
_FAILURES = ("Failed", "TimedOut", "FailedToSchedule")


def trail(runs: Iterable[Run]) -> Mapping[Place, bool]:
    """The states that these executions entered, each with whether something failed there or within."""
    found: dict[Place, bool] = {}
    for run in runs:
        events = run.execution.events if run.execution is not None else ()
        by_id = {event.id: event for event in events}
        for event in events:
            if (name := _entered(event)) is not None:
                found.setdefault((run.machine, name), False)
            elif event.type == "MapIterationStarted" and (event.details or {}).get("index"):
                found[run.machine, several(str((event.details or {}).get("name")))] = False
            elif event.type.endswith(_FAILURES):
                found.update(((run.machine, name), True) for name in _around(event, by_id))
    return found


def _entered(event: Event) -> str | None:
    return str((event.details or {}).get("name")) if event.type.endswith("StateEntered") else None


def _around(event: Event, by_id: Mapping[int, Event]) -> Iterator[str]:
    """The state in which an event happened, and the ones around it."""
    asked = True
    here: Event | None = by_id.get(event.previous)
    while here is not None:
        name = _entered(here)
        if name is not None and asked:
            yield name
            asked = False
        asked = asked or here.type in _ENCLOSING
        here = by_id.get(here.previous)


def several(name: str) -> str:
    """What a trail calls a state that was entered with more than one item."""
    return f"{name} with several items"


def came_by(trail: Mapping[Place, bool], place: Place, failing: bool) -> bool:
    """Whether an execution came to a state; with `failing`, whether something failed there."""
    return trail.get(place, False) if failing else place in trail


def distributed(path: Sequence[str | int], definition: Mapping[str, object]) -> str:
    """The name of the outermost state on the way to a state whose items run as executions of their own; "" for none.

    `path` are the keys down to the `States` in which the state stands.
    """
    here: object = definition
    for number, step in enumerate(path):
        here = here[step]  # type: ignore[index]
        settings = here.get("ProcessorConfig") if isinstance(here, Mapping) else None
        if isinstance(settings, Mapping) and settings.get("Mode") == "DISTRIBUTED":
            return str(path[number - 1])
    return ""
