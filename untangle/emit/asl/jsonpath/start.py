"""The start of a nested workflow that nobody waits for, in JSONPath. What it means is said in `emit.asl.start`."""

from __future__ import annotations

from untangle.emit.asl.jsonpath.messages import parked
from untangle.emit.asl.jsonpath.task import ROOT, catcher, check_letter, park, prepared
from untangle.emit.asl.jsonpath.way import way_of
from untangle.emit.asl.start import RETRY, first_task
from untangle.emit.asl.writer import State, Writer, Writing
from untangle.model.step import Start
from untangle.model.workflow import Nested


def source_of(nested: Nested) -> str:
    """Where the first state of a nested workflow finds its effect; all effects of a function stand where its state puts them."""
    return ROOT if nested.together else f"{ROOT}.effect"


def write_start(writer: Writer, start: Start, writing: Writing) -> list[Writing]:
    """A Task state that starts the workflow; where that fails for good, the message goes where its consumer's would have gone."""
    nested = writer.nested[start.workflow]
    task = None if start.together else first_task(nested.root)
    hops = start.hops if task is None else task.hops
    way = way_of(writer.graph, hops, writing.source, writer.names)
    letter = None
    if task is not None and task.dead_letter is not None:
        check_letter(task, task.dead_letter)
        letter = parked(task.stops, way)
    writing = prepared(writer, way, writing, f"Prepare {writer.called(start)}")
    given = f"{way.effect}.effects" if nested.together else way.effect
    state: State = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {
            "StateMachineArn": writer.names.machine(start.workflow),
            "Input": {
                "effects.$" if nested.together else "effect.$": given,
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id",
            },
        },
        "OutputPath": None,
        "Retry": [dict(retrier) for retrier in RETRY],
        "End": True,
    }
    title = f"Start {writer.called(start)}"
    name = writer.place(writing, title, state, start.hops)
    if task is not None and task.dead_letter is not None and letter is not None:
        first = park(writer, writing, name, task.dead_letter, way, letter)
        writing.scope[name]["Catch"] = [catcher(first, "$.error")]
    elif writing.guarded:
        dropped = writer.states.take(f"{name} failed")
        writing.scope[name]["Catch"] = [catcher(dropped, None)]
        comment = "It could not be started in about an hour: the message is dropped here, and its siblings go on."
        writing.scope[dropped] = {"Type": "Pass", "Comment": comment, "OutputPath": None, "End": True}
    return []
