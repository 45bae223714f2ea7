"""A workflow as an Amazon States Language definition (JSONata).

The tree is walked with a work list: each step writes its states into the scope it stands in (the machine, a branch,
an item processor) and is told how to announce its first state to whoever comes before it. What comes out is checked
by `asl.validate` before anybody gets to see it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from untangle.asl import validate
from untangle.channels.envelope import condition
from untangle.emit.state_names import StateNames, Substitutions, called
from untangle.emit.states import State, catcher, chosen, jsonata, parking_state, task_state
from untangle.errors import UntangleError
from untangle.model.graph import EventGraph
from untangle.model.link import Hop
from untangle.model.outlook import EXPRESS
from untangle.model.workflow import Choice, Each, Entries, Parallel, Step, Task, Wait, Workflow, children, steps

INPUT = "$states.input"
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


@dataclass(frozen=True, slots=True)
class _Job:
    """One step to be written: into `scope`, on the effect in `source`; `arrive` is told the name of its first state.

    `guarded` means that it stands beside others whom its failure must not stop.
    """

    step: Step
    scope: State
    source: str
    arrive: Callable[[str], None]
    guarded: bool
    after: str


def _emitted(workflow: Workflow, root: Step, graph: EventGraph) -> tuple[dict[str, Any], Substitutions]:
    writer = _Writer(graph, root)
    machine: dict[str, Any] = {"Comment": _comment(workflow), "QueryLanguage": "JSONata", "StartAt": "", "States": {}}
    jobs = [_Job(root, machine["States"], INPUT, _start(machine), False, "")]
    while jobs:
        jobs.extend(reversed(writer.write(jobs.pop())))
    return machine, writer.names


def _comment(workflow: Workflow) -> str:
    kept = f"; {len(workflow.kept)} hops stay as they are" if workflow.kept else ""
    moved = f"{len(workflow.migrated)} hops of the chain {workflow.chain}"
    kind = " To be created with type EXPRESS." if workflow.outlook and workflow.outlook.type == EXPRESS else ""
    return f"{workflow.name}: {moved}{kept}.{kind} Made by untangle; handlers are unchanged."


class _Writer:
    """Writes one step at a time and says which steps come next."""

    def __init__(self, graph: EventGraph, root: Step) -> None:
        self.graph = graph
        self.names = Substitutions(graph)
        self.states = StateNames()
        self.called = called(graph.function(step.function) for step in steps(root) if isinstance(step, Task))

    def write(self, job: _Job) -> list[_Job]:
        """The states of one step, written; the jobs for the steps below it, in order."""
        step = job.step
        if isinstance(step, Task):
            return self._task(step, job)
        if isinstance(step, Each):
            return self._each(step, job)
        if isinstance(step, Parallel):
            return self._parallel(step, job)
        if isinstance(step, Choice):
            return self._choice(step, job)
        if isinstance(step, Wait):
            return self._wait(step, job)
        return self._entries(step, job)

    def _task(self, task: Task, job: _Job) -> list[_Job]:
        name = self._place(job, self._called(task), task_state(task, self.names, job.source), task.hops)
        state = job.scope[name]
        if task.dead_letter is not None:
            parked = self.states.take(f"Park {name}")
            state["Catch"] = [catcher(task, self.names, job.source, parked)]
            letter = parking_state(task.dead_letter, self.names)
            job.scope[parked] = {"Comment": f"What {name} could not do goes to its dead-letter target.", **letter, "End": True}
        elif job.guarded:
            dropped = self.states.take(f"{name} failed")
            state["Catch"] = [catcher(task, self.names, job.source, dropped)]
            comment = "All retries are used up: the message is dropped here, as it was before, and its siblings go on."
            job.scope[dropped] = {"Type": "Pass", "Comment": comment, "End": True}
        if task.then is None:
            state["End"] = True
            return []
        return [_Job(task.then, job.scope, INPUT, _next(state), job.guarded, name)]

    def _each(self, each: Each, job: _Job) -> list[_Job]:
        found = chosen(each.effects, self.names, job.source, each.stops)
        if each.multiplicity == "one":
            return [_Job(each.body, job.scope, f"$single({found})", job.arrive, job.guarded, job.after)]
        who = self._called(each.body)
        state: State
        if each.multiplicity == "maybe":
            rule: State = {"Condition": jsonata(f"$count({found}) > 0"), "Output": jsonata(f"{found}[0]"), "Next": ""}
            none = self.states.take(f"Nothing for {who}", _after(job))
            state = {"Type": "Choice", "Choices": [rule], "Default": none}
            self._place(job, f"Anything for {who}?", state, each.hops, each.words)
            job.scope[none] = {"Type": "Succeed"}
            return [_Job(each.body, job.scope, INPUT, _next(rule), job.guarded, job.after)]
        processor: State = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "", "States": {}}
        state = {"Type": "Map", "Items": jsonata(found)}
        if each.concurrency is not None:
            state["MaxConcurrency"] = each.concurrency
        state |= {"ItemProcessor": processor, "Output": {}, "End": True}
        self._place(job, f"{who} for each", state, each.hops, each.words)
        return [_Job(each.body, processor["States"], INPUT, _start(processor), True, job.after)]

    def _parallel(self, parallel: Parallel, job: _Job) -> list[_Job]:
        branches: list[State] = [{"StartAt": "", "States": {}} for _ in parallel.branches]
        called = list(dict.fromkeys(self._called(branch) for branch in parallel.branches))
        title = f"{', '.join(called[:-1])} and {called[-1]}" if 1 < len(called) <= 4 else f"After {job.after}"
        self._place(job, title, {"Type": "Parallel", "Branches": branches, "Output": {}, "End": True}, ())
        return [
            _Job(step, branch["States"], job.source, _start(branch), True, job.after)
            for step, branch in zip(parallel.branches, branches, strict=True)
        ]

    def _choice(self, choice: Choice, job: _Job) -> list[_Job]:
        who = self._called(choice.body)
        test = condition(choice.stops, self.names, job.source) or "true"
        rule: State = {"Condition": jsonata(test), "Next": ""}
        other = self.states.take(f"Not for {who}", _after(job))
        state: State = {"Type": "Choice", "Choices": [rule], "Default": other}
        self._place(job, f"Is it for {who}?", state, choice.hops, choice.words)
        job.scope[other] = {"Type": "Succeed"}
        return [_Job(choice.body, job.scope, job.source, _next(rule), job.guarded, job.after)]

    def _wait(self, wait: Wait, job: _Job) -> list[_Job]:
        seconds: int | str = wait.seconds
        if wait.parameter is not None:
            own = f"{job.source}.params.{wait.parameter}"
            seconds = jsonata(f"$exists({own}) ? {own} : {wait.seconds}")
        state: State = {"Type": "Wait", "Seconds": seconds}
        name = self._place(job, f"Wait for {self._called(wait.body)}", state, wait.hops)
        return [_Job(wait.body, job.scope, job.source, _next(job.scope[name]), job.guarded, job.after)]

    def _entries(self, entries: Entries, job: _Job) -> list[_Job]:
        rules: list[State] = [
            {"Condition": jsonata(f"$states.input.entry = '{name}'"), "Output": jsonata("$states.input.event"), "Next": ""}
            for name, _ in entries.entries
        ]
        unknown = self.states.take("Unknown entry")
        self._place(job, "Which entry?", {"Type": "Choice", "Choices": rules, "Default": unknown}, ())
        known = ", ".join(name for name, _ in entries.entries)
        job.scope[unknown] = {"Type": "Fail", "Error": "UnknownEntry", "Cause": f"The input's `entry` must be one of {known}."}
        return [
            _Job(task, job.scope, INPUT, _next(rule), False, "") for rule, (_, task) in zip(rules, entries.entries, strict=True)
        ]

    def _place(self, job: _Job, title: str, state: State, hops: tuple[str, ...], words: str = "") -> str:
        """Give a state its name and comment, put it into its scope and announce it; `words` say what passes its filter."""
        name = self.states.take(title, _after(job))
        comment = "; ".join(self._drawn(self.graph.hop(hop)) for hop in hops) + (f"; it passes if {words}" if words else "")
        head = {"Type": state.pop("Type")}
        if comment:
            head["Comment"] = comment
        job.scope[name] = {**head, **state}
        job.arrive(name)
        return name

    def _drawn(self, hop: Hop) -> str:
        """A hop with its place: `Intake -sqs-> Charge (src/intake/app.py:31)`."""
        ends = [self.graph.function(id).address if self.graph.is_function(id) else id for id in (hop.producer, hop.consumer)]
        way = "/".join(passage.type for passage in hop.passages)
        place = next((item.location for item in hop.evidence if item.location is not None), None)
        return f"{ends[0]} -{way}-> {ends[1]}" + (f" ({place})" if place else "")

    def _called(self, step: Step) -> str:
        """What a step is called after: the first function that runs in it."""
        while not isinstance(step, Task):
            step = children(step)[0]
        return self.called[step.function]


def _after(job: _Job) -> str:
    return f"after {job.after}" if job.after else ""


def _next(state: State) -> Callable[[str], None]:
    def arrive(name: str) -> None:
        state["Next"] = name

    return arrive


def _start(machine: State) -> Callable[[str], None]:
    def arrive(name: str) -> None:
        machine["StartAt"] = name

    return arrive
