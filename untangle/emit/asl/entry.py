"""What differs where a workflow starts: a function that ran outside, and a batch of messages that is parked one by one.

A function that stays outside is invoked without the marker. Its outbox finds the variable `UNTANGLE_START` in its environment
(see `start_variable`), treats the invocation as if the marker had asked for these targets and, when the handler has returned,
starts the state machine with `{"entry": <name>, "effects": […]}`; only then it gives the handler's answer to who waits for
it. Where it made none of these calls nothing is started, as nothing would follow; where the start fails, the invocation does. The
execution is named after the request, so that a request that is tried again starts it once. Where the handler fails, what it was
to hold back is dropped; with calls that had gone out an execution is started at once (`failed`), for each such try, as whoever
listened was told of each; a write that changes nothing is none of them. An invocation with the marker is none of this: the
machine drives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.channels.envelope.sqs import parked_records
from untangle.emit.asl.names import Substitutions
from untangle.emit.asl.states import hands_over, jsonata, parking_state, target_of, targets
from untangle.emit.asl.writer import INPUT, State, Writer, Writing
from untangle.model.step import DeadLetter, Task

START_VARIABLE = "UNTANGLE_START"


def write_outside(writer: Writer, task: Task, writing: Writing) -> list[Writing]:
    """No state: what follows works on the effects in the input."""
    if task.then is None:
        return []
    return [writing.below(task.then, arrive=writing.arrive, source=f"{INPUT}.effects", after=writer.called(task))]


def start_variable(task: Task, names: Substitutions, entry: str, *, ready: bool = False) -> Mapping[str, Any]:
    """The value of `UNTANGLE_START`, as an object: the entry's name and the targets whose calls are held back, or told too;
    `ready` as in the marker, for a definition in JSONPath."""
    held, told = targets(task, names)
    asked: dict[str, Any] = {"stateMachine": "${StateMachineArn}", "entry": entry, "capture": held, "observe": told}
    if task.claim:
        asked["claim"] = {"bucket": task.claim, "of": [target_of(one, names) for one in task.claimed]}
    if hands_over(task):
        asked["failed"] = True
    return asked | {"ready": True} if ready else asked


def write_batch_parked(writer: Writer, task: Task, name: str, state: State, writing: Writing) -> None:
    """The catcher of a task that got a batch from a pipe, which has deleted it from the queue: each message is parked."""
    letter = task.dead_letter or DeadLetter(target="", type="sqs")
    parked = writer.states.take(f"Park {name}")
    state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Output": jsonata(parked_records(writing.source)), "Next": parked}]
    writing.scope[parked] = {**batch_parked_state(writer, letter, name, INPUT), "Output": writing.nothing, "End": True}


def batch_parked_state(writer: Writer, letter: DeadLetter, name: str, source: str, more: str = "") -> State:
    """The Map that parks the messages in `source`; `more` tells the names of its states from those of another one."""
    each = writer.states.take(f"Park a message of {name}{more}")
    sends = {**parking_state(letter, writer.names), "End": True}
    return {
        "Type": "Map",
        "Comment": f"What {name} could not do goes to its dead-letter target, one message at a time.",
        "Items": jsonata(source),
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": each, "States": {each: sends}},
    }
