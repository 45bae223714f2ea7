"""The start of a nested workflow that nobody waits for.

The input of a nested workflow is `{effect: …}` or, where it works on all effects of the function before it, `{effects: […]}`,
beside the key by which Step Functions ties the two executions together (Step Functions guide, "Start workflow executions from a
task state"). The start is answered at once; what the nested workflow does, and how it fails, does not touch who started it.
"""

from __future__ import annotations

from untangle.emit.asl.states import catcher, jsonata, parking_state
from untangle.emit.asl.writer import INPUT, State, Writer, Writing
from untangle.model.step import Choice, Start, Step, Task, Wait
from untangle.model.workflow import Nested

# While too many executions are open, and after any other error; together as long as an invocation that is refused is tried.
RETRY = (
    {
        "ErrorEquals": ["StepFunctions.ExecutionLimitExceeded"],
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxAttempts": 20,
        "MaxDelaySeconds": 300,
        "JitterStrategy": "FULL",
    },
    {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 1,
        "BackoffRate": 2,
        "MaxAttempts": 20,
        "MaxDelaySeconds": 300,
        "JitterStrategy": "FULL",
    },
)


def source_of(nested: Nested) -> str:
    """Where the first state of a nested workflow finds what it works on."""
    return f"{INPUT}.effects" if nested.together else f"{INPUT}.effect"


def write_start(writer: Writer, start: Start, writing: Writing) -> list[Writing]:
    """A Task state that starts the workflow; where that fails for good, the message goes where its consumer's would have gone."""
    nested = writer.nested[start.workflow]
    key = source_of(nested).rpartition(".")[2]
    state: State = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {
            "StateMachineArn": writer.names.machine(start.workflow),
            "Input": {
                key: jsonata(writing.source),
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": jsonata("$states.context.Execution.Id"),
            },
        },
        "Output": writing.nothing,
        "Retry": [dict(retrier) for retrier in RETRY],
    }
    name = writer.place(writing, f"Start {writer.called(start)}", state, start.hops)
    task = None if start.together else first_task(nested.root)
    if task is not None and task.dead_letter is not None:
        parked = writer.states.take(f"Park {writer.called(task)}", writing.reached)
        state["Catch"] = [catcher(task, writer.names, writing.source, parked)]
        letter = {**parking_state(task.dead_letter, writer.names), "Output": writing.nothing}
        writing.scope[parked] = {"Comment": "What could not be started goes to the dead-letter target.", **letter, "End": True}
    elif writing.guarded:
        dropped = writer.states.take(f"{name} failed")
        state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Output": {}, "Next": dropped}]
        comment = "It could not be started in about an hour: the message is dropped here, and its siblings go on."
        drop = {"Type": "Pass", "Comment": comment, "Output": writing.nothing, "End": True}
        writing.scope[dropped] = drop
    state["End"] = True
    writing.scope[name] |= state
    return []


def first_task(step: Step) -> Task | None:
    """The task that one message goes to first, whatever it waits for or must pass before."""
    while isinstance(step, Wait | Choice):
        step = step.body
    return step if isinstance(step, Task) else None
