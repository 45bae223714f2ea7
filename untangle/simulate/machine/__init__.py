"""An interpreter of the Amazon States Language: deterministic, single-threaded, in virtual time.

It needs a clock, `Services` that carry out what tasks call, and a seed; the same three give the same history, to the last byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from untangle.simulate.clock import Clock
from untangle.simulate.machine.execution import Execution, Result
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
) -> Execution:
    """Begin an execution: it runs to where it has to wait, and on as the clock runs. `done` is called when it ends.

    The definition is taken as valid (`untangle.asl.validate` tells); `machine` is the machine's name or ARN.
    """
    return Execution(definition, input, clock=clock, services=services, name=name, machine=machine, seed=seed, done=done).begin()


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
) -> Execution:
    """Run an execution to its end, and whatever else is due on the clock."""
    clock = clock or Clock()
    execution = start(definition, input, clock=clock, services=services, name=name, machine=machine, seed=seed, done=done)
    clock.run()
    return execution
