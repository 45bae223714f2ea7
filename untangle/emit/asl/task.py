"""The invocation of a handler, and where its message goes when all tries have failed."""

from __future__ import annotations

from untangle.emit.asl.callback import write_called_back
from untangle.emit.asl.entry import write_batch_parked, write_outside
from untangle.emit.asl.failed import write_failed
from untangle.emit.asl.join import handed
from untangle.emit.asl.states import catcher, parking_state, task_state
from untangle.emit.asl.writer import INPUT, Writer, Writing
from untangle.model.entry import EFFECTS
from untangle.model.step import Hand, Task


def write_task(writer: Writer, task: Task, writing: Writing) -> list[Writing]:
    """A Task state with its catcher; what follows works on the effects that it puts out."""
    if task.entry == EFFECTS:
        return write_outside(writer, task, writing)
    if task.called_back:
        return write_called_back(writer, task, writing)
    name = writer.place(writing, writer.called(task), task_state(task, writer.names, writing.source), task.hops)
    state = writing.scope[name]
    if task.dead_letter is not None and task.entry == "sqs" and task.dead_letter.body == "message":
        write_batch_parked(writer, task, name, state, writing)
    elif task.dead_letter is not None:
        parked = writer.states.take(f"Park {name}")
        state["Catch"] = [catcher(task, writer.names, writing.source, parked)]
        letter = {**parking_state(task.dead_letter, writer.names), "Output": writing.nothing}
        writing.scope[parked] = {"Comment": f"What {name} could not do goes to its dead-letter target.", **letter, "End": True}
    elif writing.guarded:
        dropped = writer.states.take(f"{name} failed")
        state["Catch"] = [catcher(task, writer.names, writing.source, dropped)]
        comment = "All retries are used up: the message is dropped here, as it was before, and its siblings go on."
        drop = {"Type": "Pass", "Comment": comment, **({"Output": writing.nothing} if writing.handing else {}), "End": True}
        writing.scope[dropped] = drop
    if task.then is None:
        state |= {"Output": writing.nothing, "End": True}
        return []
    arrive = write_failed(writer, task, name, writing)
    if isinstance(task.then, Hand):
        state |= {"Output": handed(writer, task.then, "$states.result.Payload.effects"), "End": True}
        return []
    return [writing.below(task.then, arrive=arrive, source=INPUT, after=name)]
