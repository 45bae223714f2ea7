"""A workflow as an Amazon States Language definition (JSONata), and the writer of each kind of step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from untangle.asl import validate
from untangle.emit.asl.flow import write_choice, write_each, write_entries, write_parallel, write_wait
from untangle.emit.asl.join import write_hand, write_join
from untangle.emit.asl.names import Substitutions
from untangle.emit.asl.task import write_task
from untangle.emit.asl.writer import INPUT, StepWriter, Writer, Writing, start_of
from untangle.errors import UntangleError
from untangle.model.graph import EventGraph
from untangle.model.outlook import EXPRESS
from untangle.model.step import Choice, Each, Entries, Hand, Join, Parallel, Step, Task, Wait
from untangle.model.workflow import Workflow

WRITERS: Mapping[type, StepWriter] = {
    Choice: write_choice,
    Each: write_each,
    Entries: write_entries,
    Hand: write_hand,
    Join: write_join,
    Parallel: write_parallel,
    Task: write_task,
    Wait: write_wait,
}
LARGEST = 1_048_576  # bytes: CreateStateMachine, `definition`, in the Step Functions API reference


def asl_definition(workflow: Workflow, graph: EventGraph) -> dict[str, Any]:
    """The definition of a workflow. Raises `UntangleError` where there is nothing to migrate, or where the check fails."""
    if workflow.root is None:
        raise UntangleError(f"nothing of {workflow.chain} is to be migrated, so there is no definition to write")
    definition, _ = _emitted(workflow, workflow.root, graph)
    errors = [found for found in validate(definition) if found.severity == "error"]
    if errors:
        raise UntangleError(
            f"the definition for {workflow.chain} fails its own check: {errors[0].message}", where=errors[0].pointer
        )
    if (size := len(_written(definition).encode())) > LARGEST:
        raise UntangleError(f"the definition for {workflow.chain} has {size:,} bytes, and the service takes {LARGEST:,}")
    return definition


def asl_json(workflow: Workflow, graph: EventGraph) -> str:
    """The definition as JSON text that ends in a newline; at most 1 MiB."""
    return _written(asl_definition(workflow, graph))


def _written(definition: Mapping[str, Any]) -> str:
    """Indented for people, unless only without its spaces it is small enough for the service."""
    text = json.dumps(definition, indent=2, ensure_ascii=False)
    if len(text.encode()) >= LARGEST:
        text = json.dumps(definition, separators=(",", ":"), ensure_ascii=False)
    return text + "\n"


def substitutions(workflow: Workflow, graph: EventGraph) -> Mapping[str, tuple[str, str]]:
    """The `DefinitionSubstitutions` that the definition needs: name -> (resource id, attribute), "" standing for Ref."""
    if workflow.root is None:
        return {}
    _, names = _emitted(workflow, workflow.root, graph)
    return dict(sorted(names.used.items()))


def _emitted(workflow: Workflow, root: Step, graph: EventGraph) -> tuple[dict[str, Any], Substitutions]:
    writer = Writer(graph, root, WRITERS)
    machine: dict[str, Any] = {"Comment": _comment(workflow), "QueryLanguage": "JSONata", "StartAt": "", "States": {}}
    pending = [Writing(step=root, scope=machine["States"], source=INPUT, arrive=start_of(machine))]
    while pending:
        pending.extend(reversed(writer.write(pending.pop())))
    return machine, writer.names


def _comment(workflow: Workflow) -> str:
    kept = f"; {len(workflow.kept)} hops stay as they are" if workflow.kept else ""
    moved = f"{len(workflow.migrated)} hops of the chain {workflow.chain}"
    kind = " To be created with type EXPRESS." if workflow.outlook and workflow.outlook.type == EXPRESS else ""
    return f"{workflow.name}: {moved}{kept}.{kind} Made by untangle; handlers are unchanged."
