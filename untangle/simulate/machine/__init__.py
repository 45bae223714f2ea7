"""An interpreter of the Amazon States Language: deterministic, single-threaded, in virtual time.

It needs a clock, `Services` that carry out what tasks call, and a seed; the same three give the same history, to the last byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from untangle.simulate.clock import Clock
from untangle.simulate.machine.execution import Execution, Kind, Result
from untangle.simulate.machine.frame import Child
from untangle.simulate.machine.history import Event
from untangle.simulate.machine.task import Services

__all__ = ["Child", "Event", "Execution", "Result", "execute", "start"]


def start(
    definition: Mapping[str, Any],
    input: Any,
    *,
    clock: Clock,
    services: Services | None = None,
    name: str = "run-1",
    machine: str = "Machine",
    seed: int = 0,
    done: Callable[[Result], None] | None = None,
    kind: Kind = "STANDARD",
) -> Execution:
    """Begin an execution: it runs to where it has to wait, and on as the clock runs. `done` is called when it ends.

    The definition is taken as valid (`untangle.asl.validate` tells); `machine` is the machine's name or ARN,
    `kind` its type, STANDARD or EXPRESS.
    """
    return Execution(
        definition, input, clock=clock, services=services, name=name, machine=machine, seed=seed, done=done, kind=kind
    ).begin()


def execute(
    definition: Mapping[str, Any],
    input: Any,
    *,
    clock: Clock | None = None,
    services: Services | None = None,
    name: str = "run-1",
    machine: str = "Machine",
    seed: int = 0,
    done: Callable[[Result], None] | None = None,
    kind: Kind = "STANDARD",
) -> Execution:
    """Run an execution to its end, and whatever else is due on the clock."""
    clock = clock or Clock()
    execution = start(
        definition, input, clock=clock, services=services, name=name, machine=machine, seed=seed, done=done, kind=kind
    )
    clock.run()
    return execution
