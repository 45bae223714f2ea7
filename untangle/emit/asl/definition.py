"""A workflow as an Amazon States Language definition, in JSONata or JSONPath, and the writer of each kind of step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from untangle.asl import validate
from untangle.channels.envelope import Unsupported
from untangle.emit.asl import jsonpath
from untangle.emit.asl.flow import write_choice, write_each, write_entries, write_parallel, write_wait
from untangle.emit.asl.job import write_job
from untangle.emit.asl.join import write_hand, write_join
from untangle.emit.asl.rounds import write_again, write_loop, write_one_of
from untangle.emit.asl.start import source_of, write_start
from untangle.emit.asl.task import write_task
from untangle.emit.asl.writer import INPUT, StepWriter, Writer, Writing, start_of
from untangle.errors import UntangleError
from untangle.model.graph import EventGraph
from untangle.model.outlook import EXPRESS, Outlook
from untangle.model.step import Again, Choice, Each, Entries, Hand, Job, Join, Loop, OneOf, Parallel, Start, Task, Wait, children
from untangle.model.workflow import Nested, Workflow

WRITERS: Mapping[type, StepWriter] = {
    Again: write_again,
    Choice: write_choice,
    Each: write_each,
    Entries: write_entries,
    Hand: write_hand,
    Job: write_job,
    Join: write_join,
    Loop: write_loop,
    OneOf: write_one_of,
    Parallel: write_parallel,
    Start: write_start,
    Task: write_task,
    Wait: write_wait,
}
Language: TypeAlias = Literal["jsonata", "jsonpath"]
# The language as a definition names it, the writers, and where a state finds its input.
_LANGUAGES: Mapping[str, tuple[str, Mapping[type, StepWriter], str]] = {
    "jsonata": ("JSONata", WRITERS, INPUT),
    "jsonpath": ("JSONPath", jsonpath.WRITERS, jsonpath.ROOT),
}
LARGEST = 1_048_576  # bytes: CreateStateMachine, `definition`, in the Step Functions API reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The definition of a workflow or of a nested one, and what its placeholders stand for (see `substitutions`)."""

    definition: dict[str, Any]
    substitutions: Mapping[str, tuple[str, str]]


def asl_definition(workflow: Workflow, graph: EventGraph, language: Language = "jsonata") -> dict[str, Any]:
    """The definition of a workflow. Raises `UntangleError` where there is nothing to migrate, where the check fails, or with the
    hops and the reasons where they cannot be said in the language: JSONata says all of them."""
    return _checked(workflow, _emitted(_writer(graph, workflow, language), workflow, None, language))


def asl_definitions(workflow: Workflow, graph: EventGraph, language: Language = "jsonata") -> Mapping[str, dict[str, Any]]:
    """The definition of a workflow and of each nested one, by name, the workflow's own first. Raises like `asl_definition`."""
    return {name: one.definition for name, one in asl_machines(workflow, graph, language).items()}


def asl_machines(workflow: Workflow, graph: EventGraph, language: Language = "jsonata") -> Mapping[str, Machine]:
    """Each of `asl_definitions` with its `substitutions`, all written once."""
    writer = _writer(graph, workflow, language)
    parts = {workflow.name: None, **{nested.name: nested for nested in reversed(workflow.nested)}}
    found = {}
    for name, nested in parts.items():
        definition = _checked(workflow, _emitted(writer, workflow, nested, language))
        found[name] = Machine(definition=definition, substitutions=_used(writer))
    return found


def asl_json(workflow: Workflow, graph: EventGraph, language: Language = "jsonata") -> str:
    """The definition as JSON text that ends in a newline; at most 1 MiB."""
    return as_text(asl_definition(workflow, graph, language))


def as_text(definition: Mapping[str, Any]) -> str:
    """A definition as JSON text that ends in a newline, indented for people unless only without its spaces it is small enough
    for the service."""
    text = json.dumps(definition, indent=2, ensure_ascii=False)
    if len(text.encode()) >= LARGEST:
        text = json.dumps(definition, separators=(",", ":"), ensure_ascii=False)
    return text + "\n"


def every_state(definition: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state of a definition with its name, outer ones first, those in branches and item processors included."""
    pending = [definition]
    while pending:
        for name, state in pending.pop(0)["States"].items():
            yield name, state
            pending.extend(state.get("Branches", ()))
            pending.extend([state["ItemProcessor"]] if "ItemProcessor" in state else ())


def states_of(definition: Mapping[str, Any]) -> int:
    """How many states a definition has, those in branches and item processors included."""
    return sum(1 for _ in every_state(definition))


def substitutions(
    workflow: Workflow, graph: EventGraph, nested: Nested | None = None, language: Language = "jsonata"
) -> Mapping[str, tuple[str, str]]:
    """The `DefinitionSubstitutions` that the definition needs, or that of a nested workflow: name -> (resource id, attribute),
    "" standing for Ref. A nested workflow that it starts stands there by its name."""
    if workflow.root is None:
        return {}
    writer = _writer(graph, workflow, language)
    _emitted(writer, workflow, nested, language)
    return _used(writer)


def _used(writer: Writer) -> Mapping[str, tuple[str, str]]:
    """The substitutions of the definition that was written last."""
    return dict(sorted(writer.names.used.items()))


def _checked(workflow: Workflow, definition: dict[str, Any]) -> dict[str, Any]:
    errors = [found for found in validate(definition) if found.severity == "error"]
    if errors:
        raise UntangleError(
            f"the definition for {workflow.chain} fails its own check: {errors[0].message}", where=errors[0].pointer
        )
    if (size := len(as_text(definition).encode())) > LARGEST:
        raise UntangleError(f"the definition for {workflow.chain} has {size:,} bytes, and the service takes {LARGEST:,}")
    return definition


def _writer(graph: EventGraph, workflow: Workflow, language: Language) -> Writer:
    return Writer(graph, workflow, _LANGUAGES[language][1])


def _emitted(writer: Writer, workflow: Workflow, nested: Nested | None, language: Language) -> dict[str, Any]:
    """The definition of a workflow, or of one that is nested in it; the writer holds the substitutions that it uses."""
    called, _, whole = _LANGUAGES[language]
    within = source_of if language == "jsonata" else jsonpath.source_of
    root, source = (workflow.root, whole) if nested is None else (nested.root, within(nested))
    if root is None:
        raise UntangleError(f"nothing of {workflow.chain} is to be migrated, so there is no definition to write")
    writer.begin()
    comment = _comment(workflow) if nested is None else _nested_comment(workflow, nested)
    machine: dict[str, Any] = {"Comment": comment, "QueryLanguage": called, "StartAt": "", "States": {}}
    pending = [Writing(step=root, scope=machine["States"], source=source, arrive=start_of(machine))]
    refused: list[str] = []
    while pending:
        writing = pending.pop()
        try:
            pending.extend(reversed(writer.write(writing)))
        except Unsupported as reason:
            refused.append(f"{writer.drawn(writing.step.hops) or writer.called(writing.step)}: {reason}")
            pending.extend(_beside(writing))
    if refused:
        reasons = "".join(f"\n  {reason}" for reason in dict.fromkeys(refused))
        raise UntangleError(
            f"{workflow.chain} cannot be written in {called}:{reasons}", hint="JSONata says it: leave --query-language away"
        )
    return machine


def _beside(writing: Writing) -> Iterator[Writing]:
    """The steps below one that was refused, written to nowhere, so that the reasons of all are found."""
    for step in reversed(children(writing.step)):
        yield replace(writing, step=step, scope={}, arrive=lambda name: None)


def _comment(workflow: Workflow) -> str:
    kept = f"; {len(workflow.kept)} hops stay as they are" if workflow.kept else ""
    moved = f"{len(workflow.migrated)} hops of the chain {workflow.chain}"
    many = len(workflow.nested)
    nested = f", with {many} nested workflow{'s' if many > 1 else ''}" if many else ""
    return f"{workflow.name}: {moved}{nested}{kept}.{_kind(workflow.outlook)} Made by untangle; handlers are unchanged."


def _nested_comment(workflow: Workflow, nested: Nested) -> str:
    kind = _kind(nested.outlook)
    return f"{nested.name}: a part of {workflow.name} that nobody waits for.{kind} Made by untangle; handlers are unchanged."


def _kind(outlook: Outlook | None) -> str:
    return " To be created with type EXPRESS." if outlook and outlook.type == EXPRESS else ""
