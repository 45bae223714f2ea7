"""A proposal as values that can be run: its definitions, what their placeholders stand for, what starts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.emit.asl import Language, asl_machines
from untangle.emit.asl.entry import start_variable
from untangle.emit.asl.names import Substitutions
from untangle.model.entry import EFFECTS
from untangle.model.graph import EventGraph
from untangle.model.step import Task
from untangle.model.workflow import Workflow, every_step
from untangle.simulate.migrated import Migrated


def migrated(workflow: Workflow, graph: EventGraph, language: Language = "jsonata") -> Migrated:
    """The proposal for a workflow. Raises like `asl_machines`."""
    machines = asl_machines(workflow, graph, language)
    found: dict[str, tuple[str, str]] = {}
    for machine in machines.values():
        found |= machine.substitutions
    names = Substitutions(graph)
    starts = _starts(workflow, names, language)
    return Migrated(
        definitions={name: machine.definition for name, machine in machines.items()},
        substitutions={**found, **names.used},
        workflow=workflow,
        starts=starts,
    )


def _starts(workflow: Workflow, names: Substitutions, language: Language) -> Mapping[str, Mapping[str, Any]]:
    """`UNTANGLE_START` of the functions that stay outside."""
    outside = {entry.function: entry for entry in workflow.entries if entry.form == EFFECTS}
    return {
        step.function: start_variable(step, names, outside[step.function].name, ready=language == "jsonpath")
        for step in every_step(workflow.root, workflow.nested)
        if isinstance(step, Task) and step.entry == EFFECTS and step.function in outside
    }
