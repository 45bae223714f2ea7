"""Runs of a definition with handlers: in the child process, in a world with the application's own channels and tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from untangle.errors import UntangleError, UsageError, nearest
from untangle.model.graph import EventGraph
from untangle.simulate.application import Application
from untangle.simulate.call import Answer
from untangle.simulate.child import Tell, run_in_child
from untangle.simulate.handlers import Host, Unable
from untangle.simulate.local.handlers import choose
from untangle.simulate.local.job import Job, Outcome
from untangle.simulate.local.run import keys_in, play
from untangle.simulate.platform.jobs import book_of
from untangle.simulate.services import Integrations, Machines
from untangle.simulate.services.account import Account
from untangle.simulate.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Jobs that run one after the other with the functions of a graph, whose code is below `root`."""

    jobs: tuple[Job, ...]
    graph: EventGraph
    root: Path


def run_all(batch: Batch, *, python: str | None = None) -> list[Outcome | UntangleError]:
    """What came of each job, or why it could not be run. Raises `child.ChildFailed`."""
    return [_read(told) for told in run_in_child("run", batch, python=python)]


def run_job(batch: Batch, tell: Tell) -> list[dict[str, Any]]:
    """What the child does."""
    return [_told(job, batch) for job in batch.jobs]


def _told(job: Job, batch: Batch) -> dict[str, Any]:
    try:
        return {"outcome": dataclasses.asdict(run_here(job, Application(batch.graph, batch.root)))}
    except UntangleError as error:
        return {"error": {"message": error.message, "where": error.where, "hint": error.hint}}


def _read(told: Mapping[str, Any]) -> Outcome | UntangleError:
    if "error" in told:
        error = told["error"]
        return UsageError(error["message"], where=error["where"], hint=error["hint"])
    found = told["outcome"]
    lists = {key: tuple(found[key]) for key in ("events", "notes", "unused")}
    return Outcome(**{**found, **lists, "said": tuple((name, line) for name, line in found["said"])})


def run_here(job: Job, application: Application) -> Outcome:
    """Run a job with handlers in this process: for the child, and for tests."""
    with closing(Host(application)) as host:
        return _run(job, application, host)


def _run(job: Job, application: Application, host: Host) -> Outcome:
    world = World(application, host, seed=job.seed)
    functions = Functions(world)
    account = Account(clock=world.clock, functions=functions, carry=world.api, keys=keys_in(job.definition), seed=job.seed)
    machines = Machines(clock=world.clock, definitions={**job.others, job.machine: job.definition}, seed=job.seed)
    integrations = Integrations(
        clock=world.clock, api=account, functions=functions, machines=machines, jobs=book_of(world), seed=job.seed
    )
    account.answer, account.note = integrations.answer, integrations.desk.note
    # what handlers call about executions and task tokens reaches these
    world.memory("step_functions").update(machines=machines, services=integrations)
    try:
        outcome = play(job, world.clock, integrations)
    except Unable as unable:
        raise UsageError(str(unable), hint="mock the state: --mock FILE --test-case NAME") from None
    assumed = [f"{what} {how}" for what, how in sorted(application.stand_ins.items())]
    return dataclasses.replace(outcome, notes=(*outcome.notes, *dict.fromkeys(world.notes), *assumed), said=_said(world))


def _said(world: World) -> tuple[tuple[str, str], ...]:
    """What handlers printed, line by line, with the function's name."""
    told: list[tuple[str, str]] = []
    for item in world.log:
        if item.kind == "said":
            name = item.who.rpartition("/")[2]
            told += [(name, line) for line in str(item.detail.get("text", "")).splitlines() if line.strip()]
    return tuple(told)


class Functions:
    """The functions of a world, by whatever name a definition has for them."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, function: str, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Answer:
        """Invoke; raises UsageError where no function of this name has code here."""
        application = self.world.application
        found = application.function(function)
        known: Sequence[tuple[str, str]] = [
            (name, node.id) for node in application.graph.functions for name in (node.address, application.name(node.id))
        ]
        if found is None:
            chosen = choose(function, {name for name, _ in known})
            found = application.function(next((id for name, id in known if name == chosen), ""))
        if found is None:
            wanted = function.rsplit(":", 1)[-1]
            raise UsageError(
                f"no handler is called {wanted}; {nearest('', (name for name, _ in known))}",
                hint="mock the state (--mock FILE --test-case NAME), or name its placeholder: --parameter NAME=FUNCTION",
            )
        return self.world.invoke(found.id, event, client_context=client_context)
