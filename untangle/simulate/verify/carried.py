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

_BATCHES = {"SendMessageBatch": "SendMessage", "PublishBatch": "Publish", "InvokeAsync": "Invoke", "PutRecords": "PutRecord"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """`targets` are, by function, service and operation, the texts that name what the calls are held back from.

    `outside` are the functions that also run outside of the workflow, where their calls go out as ever.
    """

    targets: Mapping[tuple[str, str, str], frozenset[str]] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()

    def holds(self, call: ApiCall) -> bool:
        """Whether a call is one that the workflow carries on."""
        named = self.targets.get((call.caller, call.service, _BATCHES.get(call.operation, call.operation)))
        return named is not None and ("" in named or bool(named & set(_named(call.params))))


def carried_by(application: Application, workflow: Workflow) -> Carried:
    """What a workflow carries."""
    targets: dict[tuple[str, str, str], set[str]] = {}
    for step in every_step(workflow.root, workflow.nested):
        if isinstance(step, Task):
            for effects in step.captures:
                for operation, service, names in _calls(application, effects):
                    targets.setdefault((step.function, service, operation), set()).update(names)
    moved = set(workflow.migrated)
    outside = {hop.consumer for hop in application.graph.standing if hop.id not in moved}
    return Carried(targets={place: frozenset(names) for place, names in targets.items()}, outside=frozenset(outside))


def _calls(application: Application, effects: Effects) -> list[tuple[str, str, set[str]]]:
    if effects.sent:
        return []
    if effects.type == JOB:
        service, _, operation = effects.target.partition(":")
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
