"""What differs once the workflow has taken over: which subscriptions are gone, what starts it, which functions have outboxes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from untangle.channels.envelope import form_of
from untangle.model.entry import EFFECTS
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind
from untangle.model.step import JOB, Effects, Task
from untangle.model.workflow import Workflow, every_step
from untangle.simulate.call import Answer, ApiCall, ApiError
from untangle.simulate.entry_forms import entered
from untangle.simulate.migrated import Migrated
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.platform import played
from untangle.simulate.platform.jobs import book_of
from untangle.simulate.platform.step_functions import follow, own_definitions
from untangle.simulate.services import Integrations, Machines

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_.:]+)\}")


class Stage(played.Stage, Protocol):
    """What the takeover asks of the world."""

    seed: int

    def invoke(self, function: str, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Answer:
        """Run a function once and synchronously."""
        ...


class Takeover:
    """The workflow of a proposal, as it runs in a world."""

    def __init__(self, stage: Stage, migrated: Migrated) -> None:
        self.stage = stage
        self.migrated = migrated
        self.workflow = migrated.workflow
        self.main = next(iter(migrated.definitions))
        own = own_definitions(stage.application)  # machines that were there before
        definitions = own | {name: self.filled(definition) for name, definition in migrated.definitions.items()}
        self.machines = Machines(clock=stage.clock, definitions=definitions, seed=stage.seed)
        self.services = Integrations(
            clock=stage.clock,
            api=stage.api,
            functions=stage.invoke,
            machines=self.machines,
            jobs=book_of(stage),
            seed=stage.seed,
        )
        self._entries = {entry.function: entry for entry in self.workflow.entries}
        self._tasks = [step for step in every_step(self.workflow.root, self.workflow.nested) if isinstance(step, Task)]
        self._inside = frozenset(task.function for task in self._tasks)
        self._gone = removed(stage.application.graph, self.workflow)

    # subscriptions

    def kept(self, links: Iterable[Link]) -> tuple[Link, ...]:
        """The links that are still there."""
        return tuple(link for link in links if key_of(link) not in self._gone)

    # starts

    def starts(self, function: str) -> bool:
        """Whether the workflow starts in the place of this function."""
        entry = self._entries.get(function)
        return entry is not None and entry.form != EFFECTS

    def start(self, function: str, event: Any) -> Answer:
        """Start the workflow with what would have been the event of its first function."""
        entry = self._entries[function]
        for input in entered(entry.form, event):
            asked = {"entry": entry.name, "event": input} if len(self._entries) > 1 else input
            name = self.stage.new_id()
            self.stage.tell("start", self.main, input=asked, name=name)
            run = self.machines.start(self.services, self.main, asked, name)
            run.when_ended(lambda run: self.stage.tell("end", run.machine, name=run.name, result=_told(run.result)))
        return Answer()

    def answer(self, call: ApiCall) -> Mapping[str, Any] | None:
        """The response to a call about executions or task tokens; None for any other."""
        if call.service != "stepfunctions":
            return None
        before = set(self.machines.runs)
        answered = self.services.answer(call)
        for arn in sorted(set(self.machines.runs) - before):
            follow(self.stage, self.machines.runs[arn])
        return answered

    # functions

    def has_outbox(self, function: str) -> bool:
        """Whether the outbox stands before this function's handler."""
        return function in self._inside

    def environment(self, function: str) -> dict[str, str]:
        """The variables that the takeover adds to a function."""
        entry = self._entries.get(function)
        if entry is None or entry.form != EFFECTS:
            return {}
        given = self.migrated.starts.get(function)
        return {"UNTANGLE_START": json.dumps(self.filled(given if given is not None else self._start_of(function, entry.name)))}

    def _start_of(self, function: str, name: str) -> Mapping[str, Any]:
        """What the outbox of a function outside is told to hold back and to start, as far as the steps say it."""
        task = next((task for task in self._tasks if task.function == function and task.entry == EFFECTS), None)
        captures = () if task is None else task.captures
        return {
            "stateMachine": "${StateMachineArn}",
            "entry": name,
            "capture": [self._target(effects) for effects in captures if not effects.sent],
            "observe": [self._target(effects) for effects in captures if effects.sent],
            "failed": True,
        }

    def _target(self, effects: Effects) -> str:
        if effects.type == JOB:
            return effects.target
        written = form_of(effects.type).written
        attribute = written.by[0][1] if written is not None and written.by else ""
        return self.stage.application.attribute(effects.target, attribute)

    # placeholders

    def filled(self, value: Any) -> Any:
        """A part of a definition with every placeholder replaced."""
        if isinstance(value, str):
            return _PLACEHOLDER.sub(lambda found: self._meant(found[1], found[0]), value)
        if isinstance(value, Mapping):
            return {key: self.filled(inner) for key, inner in value.items()}
        return [self.filled(inner) for inner in value] if isinstance(value, list | tuple) else value

    def _meant(self, name: str, written: str) -> str:
        if name in self.migrated.substitutions:
            node, attribute = self.migrated.substitutions[name]
            if node in self.migrated.definitions:
                return _machine_arn(node)
            return self.stage.application.attribute(node, attribute)
        return _machine_arn(self.main) if name == "StateMachineArn" else written


def _machine_arn(name: str) -> str:
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def removed(graph: EventGraph, workflow: Workflow) -> frozenset[tuple[str, str, str]]:
    """The routes and deliveries that serve migrated hops only, by `key_of`; those of a queue that calls back stay, and those that
    the plan leaves for functions which also run outside."""
    tasks = (step for step in every_step(workflow.root, workflow.nested) if isinstance(step, Task))
    staying = {hop for task in tasks if task.called_back for hop in task.hops}
    staying |= {hop for switch in workflow.leftovers if switch.stays for hop in switch.hops}
    migrated = frozenset(workflow.migrated) - staying
    serves: dict[tuple[str, str, str], set[str]] = {}
    for id, hop in graph.standing_by_id.items():
        for link in hop.links:
            if link.kind is not LinkKind.PUBLISH and not link.source.endswith("#invoke"):
                serves.setdefault(key_of(link), set()).add(id)
    return frozenset(key for key, hops in serves.items() if hops <= migrated)


def key_of(link: Link) -> tuple[str, str, str]:
    """What tells a subscription from the others of its channel."""
    return link.source, link.target, str(link.filter)


def _told(result: Any) -> dict[str, Any]:
    return (
        {} if result is None else {"status": result.status, "output": result.output, "error": result.error, "cause": result.cause}
    )


__all__ = ["ApiError", "Takeover"]
