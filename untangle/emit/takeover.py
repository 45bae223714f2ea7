"""How a workflow is started and how it takes over: for people, as sections of a proposal with a checklist, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from untangle.emit.asl import Language
from untangle.emit.asl.entry import START_VARIABLE, start_variable
from untangle.emit.asl.names import Substitutions
from untangle.emit.json import plain
from untangle.emit.markdown import code, prose
from untangle.model.entry import EFFECTS, Entry, Phase, Switch
from untangle.model.graph import EventGraph
from untangle.model.step import Entries, Step, Task
from untangle.model.workflow import Workflow

MIGRATION = "migration.json"
_FORMS = {
    "": "The input is the event that the handler gets.",
    "s3": "The input is the bucket's event on EventBridge; the first state makes the notification of it.",
    "sns": "The input is the queue's record with the notification; the first state makes the event of it.",
    EFFECTS: "What starts it stays as it is; its outbox starts the workflow behind it with {entry, effects}: what it would "
    "have sent.",
}
_PIPED = "The input is the array of records that a pipe hands over; the first state puts them into their envelope."
_MEANT = {
    "observe": "nothing changes",
    "deploy": "nothing is switched",
    "canary": "a part of the work goes the new way",
    "cutover": "the workflow takes over",
    "roll back": "at any time before the last phase",
    "clean up": "when nothing of the old way is needed to go back",
}


def entry_section(workflow: Workflow) -> Iterator[str]:
    """The Markdown of how each entry is started."""
    if not workflow.entries:
        return
    yield "## How it is started"
    yield ""
    for entry in workflow.entries:
        kinds = f" ({prose(', '.join(entry.kinds))})" if entry.kinds else ""
        form = _FORMS.get(entry.form, _PIPED)
        named = " It names its entry: {entry, event}." if len(workflow.entries) > 1 and entry.form != EFFECTS else ""
        stays = "stays outside, because " if entry.form == EFFECTS else ""
        yield f"- {code(entry.name)}{kinds}: {stays}{prose(entry.words)}. {prose(form + named)}"
    yield ""


def phase_section(workflow: Workflow) -> Iterator[str]:
    """The Markdown of all steps in order, a checklist for each phase."""
    if not workflow.phases:
        return
    yield "## The change, in this order"
    yield ""
    for number, phase in enumerate(workflow.phases, 1):
        yield f"{number}. **{phase.name.capitalize()}** ({_MEANT.get(phase.name, '')})"
        yield ""
        yield from (f"   - [ ] {prose(step.text)}{_place(step)}" for step in phase.steps)
        yield ""


def _place(switch: Switch) -> str:
    return f" ({code(str(switch.location))})" if switch.location is not None else ""


def migration_json(workflow: Workflow, graph: EventGraph, language: Language = "jsonata") -> str:
    """The same for programs: entries, what goes, the phases. `${Name}` stands for what `substitutions.json` says."""
    tasks = dict(_tasks(workflow.root))
    names = Substitutions(graph)
    document = {
        "schema": "untangle.migration/1",
        "chain": workflow.chain,
        "entries": [_entry(entry, tasks.get(entry.function), names, language) for entry in workflow.entries],
        "removals": [_switch(switch) for switch in workflow.removals],
        "leftovers": [_switch(switch) for switch in workflow.leftovers],
        "phases": [_phase(phase) for phase in workflow.phases],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _tasks(root: Step | None) -> Iterator[tuple[str, Task]]:
    """The tasks that the workflow starts with, by function."""
    for step in (task for _, task in root.entries) if isinstance(root, Entries) else (root,):
        if isinstance(step, Task):
            yield step.function, step


def _entry(entry: Entry, task: Task | None, names: Substitutions, language: Language) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "function": entry.function,
        "name": entry.name,
        "input": entry.form or "event",
        "started_by": list(entry.kinds),
        "words": entry.words,
        "add": [_switch(switch) for switch in entry.add],
        "remove": [_switch(switch) for switch in entry.remove],
        "canary": entry.canary or None,
    }
    if entry.form == EFFECTS and task is not None:
        found["environment"] = {START_VARIABLE: start_variable(task, names, entry.name, ready=language == "jsonpath")}
    return found


def _switch(switch: Switch) -> Mapping[str, Any]:
    found: dict[str, Any] = {"text": switch.text, "location": _located(switch), "hops": list(switch.hops)}
    return found | ({"properties": plain(switch.properties)} if switch.properties else {})


def _located(switch: Switch) -> dict[str, Any] | None:
    place = switch.location
    return None if place is None else {"path": place.path, "line": place.line}


def _phase(phase: Phase) -> Mapping[str, Any]:
    return {"name": phase.name, "steps": [{"text": step.text, "location": _located(step)} for step in phase.steps]}
