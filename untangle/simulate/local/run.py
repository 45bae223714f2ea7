"""Runs one definition: on the clock, against the integrations, with mocks before them."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from untangle.errors import UsageError
from untangle.simulate.call import Answer, Functions
from untangle.simulate.clock import Clock
from untangle.simulate.local.job import Job, Outcome
from untangle.simulate.machine import start
from untangle.simulate.machine.task import Reply, Services, TaskCall
from untangle.simulate.services import Integrations, Machines, Mocks
from untangle.simulate.services.account import Account

MOST = 200_000  # things that may happen in one run
LONGEST = 60.0  # real seconds that one run may take
_TURN = 500  # things between two looks at the watch


class NoFunctions:
    """Stands where handlers would: says what to do."""

    def __init__(self, why: str = "") -> None:
        self.why = why

    def __call__(self, function: str, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Answer:
        """Refuses, with the options that help."""
        name = function.rsplit(":", 1)[-1]
        raise UsageError(
            f"nothing runs the function {name}{f': {self.why}' if self.why else ''}",
            hint="--handlers PATH names the code, --mock FILE --test-case NAME a mocked answer",
        )


def run(job: Job, functions: Functions | None = None) -> Outcome:
    """Run a job to its end; raises UsageError where a task can be carried out by nothing."""
    clock = Clock()
    invoke = functions or NoFunctions()
    account = Account(clock=clock, functions=invoke, keys=keys_in(job.definition, *job.others.values()), seed=job.seed)
    machines = Machines(clock=clock, definitions={**job.others, job.machine: job.definition}, seed=job.seed)
    integrations = Integrations(clock=clock, api=account, functions=invoke, machines=machines, jobs=account.jobs, seed=job.seed)
    account.answer, account.note = integrations.answer, integrations.desk.note
    try:
        return play(job, clock, integrations)
    finally:
        account.close()


def play(job: Job, clock: Clock, integrations: Integrations) -> Outcome:
    """Run a job on a clock, against integrations that are there."""
    mocks = Mocks(job.case, integrations) if job.case else None
    services: Services = _Watched(mocks or integrations)
    execution = start(
        job.definition, job.input, clock=clock, services=services, name=job.name, machine=job.machine, seed=job.seed
    )
    begun = clock.now
    complete = _ran(clock)
    result = execution.result
    notes = list(integrations.desk.notes)
    if result is None:
        notes.append(_waiting(services) if complete else f"it did not end within {LONGEST:g} seconds or {MOST:,} steps")
    events = tuple(event.json() for event in execution.events)
    last = execution.events[-1].time if execution.events else begun
    return Outcome(
        machine=job.machine,
        name=job.name,
        status=result.status if result else "RUNNING",
        output=result.output if result else None,
        error=result.error if result else None,
        cause=result.cause if result else None,
        events=events,
        seconds=last - begun,
        notes=tuple(notes),
        unused=tuple(sorted(set(job.case.answers) - mocks.used)) if job.case and mocks else (),
    )


def _ran(clock: Clock) -> bool:
    """Let everything happen; False where that does not come to an end. (What ends by itself is the same in every run.)"""
    begun = time.monotonic()
    for _ in range(MOST // _TURN):
        if clock.run(most=_TURN):
            return True
        if time.monotonic() - begun > LONGEST:
            return False
    return False


class _Watched:
    """Remembers which calls are not answered yet."""

    def __init__(self, inner: Services) -> None:
        self.inner = inner
        self.calls: list[tuple[TaskCall, Reply]] = []

    def start(self, call: TaskCall, done: Reply) -> None:
        """Hands a call on."""
        if call.pattern in ("callback", "activity", "sync"):
            self.calls.append((call, done))
        self.inner.start(call, done)


def _waiting(services: Services) -> str:
    open_ = [call for call, done in services.calls if done.open] if isinstance(services, _Watched) else []
    if not open_:
        return "it waits, and nothing that could go on is left"
    call = open_[0]
    if call.pattern == "activity":
        return f"{call.state} waits for a worker of its activity, and none is here: mock the state"
    return f"{call.state} waits for its task token to come back, and nobody sends it: mock the state"


def keys_in(*definitions: Any) -> dict[str, tuple[tuple[str, str], ...]]:
    """The keys of tables as far as calls in definitions show them: those of the `Key` of a call that names the table."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    stack = list(definitions)
    while stack:
        value = stack.pop()
        if isinstance(value, Mapping):
            stack.extend(value.values())
            table, key = value.get("TableName"), value.get("Key")
            if isinstance(table, str) and isinstance(key, Mapping) and 0 < len(key) <= 2:
                found.setdefault(re.split(r"[:/]", table)[-1], tuple((name, _type_of(given)) for name, given in key.items()))
        elif isinstance(value, list | tuple):
            stack.extend(value)
    return found


def _type_of(given: Any) -> str:
    """The type of a key's attribute: `{"S.$": "$.id"}` is a text."""
    kind = next(iter(given), "S") if isinstance(given, Mapping) else "S"
    kind = str(kind).removesuffix(".$")
    return kind if kind in ("S", "N", "B") else "S"
