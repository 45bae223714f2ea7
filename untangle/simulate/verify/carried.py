"""Which calls are the workflow's own business: those that it holds back and carries on, in the place of the channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.channels.envelope import form_of
from untangle.model.step import JOB, Effects, Task
from untangle.model.workflow import Workflow, every_step
from untangle.simulate.application import Application
from untangle.simulate.call import ApiCall
from untangle.simulate.takeover import removed

_BATCHES = {"SendMessageBatch": "SendMessage", "PublishBatch": "Publish", "InvokeAsync": "Invoke", "PutRecords": "PutRecord"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """`targets` are, by function, service and operation, the texts that name what the calls are held back from.

    `written` are those that go out because others listen too, in the same form, `tries_of` says how often a function is tried
    that makes them, and `gone` are the subscriptions that the workflow takes the place of (`takeover.removed`). With `told` they
    are told when the run is through (see `Telling`).
    `outside` are the functions that also run outside of the workflow, where their calls go out as ever. `starts` are the calls
    that start jobs and go out, by function, service and operation, each with how often a run of the function is tried.
    `unheard` says that nobody hears of such jobs where the run fails, `last` that those of the last try are heard of.
    """

    targets: Mapping[tuple[str, str, str], frozenset[str]] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()
    starts: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    unheard: bool = False
    last: bool = False
    written: Mapping[tuple[str, str, str], frozenset[str]] = field(default_factory=dict)
    tries_of: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[tuple[str, str, str]] = frozenset()
    told: bool = False

    def holds(self, call: ApiCall) -> bool:
        """Whether a call is one that the workflow carries on."""
        return _meant(self.targets, call)

    def goes_out(self, call: ApiCall) -> bool:
        """Whether a call goes out, and the workflow carries on with it."""
        return _meant(self.written, call)

    def tries(self, call: ApiCall) -> int | None:
        """How often a run is tried that starts a job by this call; None for another call."""
        return self.starts.get((call.caller, call.service, call.operation))


def _meant(targets: Mapping[tuple[str, str, str], frozenset[str]], call: ApiCall) -> bool:
    named = targets.get((call.caller, call.service, _BATCHES.get(call.operation, call.operation)))
    return named is not None and ("" in named or bool(named & set(_named(call.params))))


def carried_by(application: Application, workflow: Workflow) -> Carried:
    """What a workflow carries."""
    targets, written = (_targets(application, workflow, sent=sent) for sent in (False, True))
    starts = {
        (step.function, *_operation(effects)): 1 + max((one.attempts for one in step.retries if one.errors == "any"), default=0)
        for step in every_step(workflow.root, workflow.nested)
        if isinstance(step, Task)
        for effects in step.captures
        if effects.type == JOB and effects.sent
    }
    moved = set(workflow.migrated)
    outside = {hop.consumer for hop in application.graph.standing if hop.id not in moved}
    return Carried(
        targets=targets,
        outside=frozenset(outside),
        starts=starts,
        written=written,
        tries_of={function: tries_of(workflow, function) for function, _, _ in written},
        gone=removed(application.graph, workflow),
    )


def _targets(application: Application, workflow: Workflow, *, sent: bool) -> dict[tuple[str, str, str], frozenset[str]]:
    """The calls that go out (`sent`), or those that are held back."""
    found: dict[tuple[str, str, str], frozenset[str]] = {}
    for step in every_step(workflow.root, workflow.nested):
        for effects in step.captures if isinstance(step, Task) else ():
            if effects.sent is not sent or (sent and effects.type == JOB):  # jobs that go out are `starts`
                continue
            for operation, service, names in _calls(application, effects):
                place = (step.function, service, operation)  # type: ignore[union-attr]
                found[place] = found.get(place, frozenset()) | names
    return found


def tries_of(workflow: Workflow, function: str) -> int:
    """How often a workflow tries a function whose runs fail."""
    tasks = (step for step in every_step(workflow.root, workflow.nested) if isinstance(step, Task) and step.function == function)
    return 1 + max((retry.attempts for task in tasks for retry in task.retries if retry.errors == "any"), default=0)


def _operation(effects: Effects) -> tuple[str, str]:
    """The service and the operation by which a job starts."""
    service, _, operation = effects.target.partition(":")
    return service, operation


def _calls(application: Application, effects: Effects) -> list[tuple[str, str, set[str]]]:
    if effects.type == JOB:
        service, operation = _operation(effects)
        return [(operation, service, {""})]
    written = form_of(effects.type).written
    if written is None or not written.by:
        return []
    texts = {application.attribute(effects.target, ""), application.attribute(effects.target, "Arn")}
    if written.default is not None and written.default in texts:
        texts.add("")
    return [(operation, written.service, texts) for operation in written.operations]


def _named(params: Mapping[str, Any]) -> list[str]:
    """The texts that a call's parameters hold, entries of batches and one level of members included."""
    found: list[str] = []
    pending: list[tuple[Any, int]] = [(params, 0)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, Mapping) and depth < 3:
            pending.extend((inner, depth + 1) for inner in value.values())
        elif isinstance(value, list | tuple) and depth < 3:
            pending.extend((inner, depth + 1) for inner in value)
    return found
