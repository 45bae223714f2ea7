"""An interpreter of the Amazon States Language: deterministic, single-threaded, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from untangle.simulate.clock import Clock
from untangle.simulate.machine.execution import Execution, Result
from untangle.simulate.machine.task import NoServices, Services


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
    """Begin an execution; what it does happens as the clock runs. `done` is called when it ends."""
    return Execution(
        definition=definition,
        input=input,
        clock=clock,
        services=services or NoServices(),
        name=name,
        machine=machine,
        seed=seed,
        done=done,
    )


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
