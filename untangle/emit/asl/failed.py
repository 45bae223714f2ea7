"""What goes on where every try of a handler fails: calls of it that had gone out, to a table, a bucket or to others who listen.

Whoever listened was told of them at once, whatever became of the run. So the outbox, asked by `failed` in the marker, hands them
over: the error of a run that fails after such calls is `FailedWithEffects`, whose message is JSON, `{errorType, errorMessage,
effects}`, the handler's own error and the effects of these calls; what was held back is dropped. (Where that is longer than the
32,768 characters of a cause, the error is the handler's own. To a message with a token the outbox answers with it after the last
receive, in the place of `Untangle.Parked`; that queue parks the message itself.)

Retriers treat it as any other error. A catcher of its own, before that for all others, parks the message as that one does, with
the handler's own error, and goes on where a good run goes on, with the effects of the last try. So a run without failures passes
no state more, and no state but the one that parks stands there twice. An execution that has gone on so does not fail with it: the
function's own metric counts the failures, as it did.

A run that times out or is ended from outside has told nothing. Neither has a last try that failed before it wrote what an earlier
one had written: the service keeps nothing of the errors that it retries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from untangle.channels.envelope.form import fill
from untangle.channels.envelope.sqs import parked_records
from untangle.emit.asl.entry import batch_parked_state
from untangle.emit.asl.join import handed
from untangle.emit.asl.states import FAILED, hands_over, jsonata, parked, parking_state
from untangle.emit.asl.writer import INPUT, Writer, Writing, next_of
from untangle.model.step import Hand, Task

_EFFECTS = "$parse($parse($states.errorOutput.Cause).errorMessage).effects"


def write_failed(writer: Writer, task: Task, name: str, writing: Writing) -> Callable[[str], None]:
    """The catcher of a task whose calls go out, and the state that parks where there is one. What is given back is to be told
    the name of the state that follows the task."""
    state = writing.scope[name]
    if not hands_over(task):
        return next_of(state)
    caught: dict[str, Any] = {"ErrorEquals": [FAILED], "Output": jsonata(_EFFECTS), "Next": ""}
    state["Catch"] = [caught, *state.get("Catch", ())]
    last = caught if task.dead_letter is None else _park(writer, task, name, writing, caught)
    if isinstance(task.then, Hand):
        _hand(writer, task.then, name, writing, last)

    def arrive(follows: str) -> None:
        state["Next"] = last["Next"] = follows

    return arrive


def _park(writer: Writer, task: Task, name: str, writing: Writing, caught: dict[str, Any]) -> dict[str, Any]:
    """The state that parks the message and puts out the effects that came with it."""
    letter = task.dead_letter
    assert letter is not None  # noqa: S101
    parks = caught["Next"] = writer.states.take(f"Park {name} and go on")
    if task.entry == "sqs" and letter.body == "message":
        caught["Output"] = jsonata(f"{{'records': {parked_records(writing.source)}, 'effects': {_EFFECTS}}}")
        state = batch_parked_state(writer, letter, name, f"{INPUT}.records", " and go on")
    else:
        message = parked(task, letter, writer.names, writing.source, handed_over=True)
        caught["Output"] = jsonata(fill("$merge([<<message>>, {'effects': <<effects>>}])", message=message, effects=_EFFECTS))
        state = {"Comment": f"What {name} could not do goes to its dead-letter target.", **parking_state(letter, writer.names)}
    state["Comment"] += " What it has written before it failed is worked on."
    writing.scope[parks] = {**state, "Output": jsonata(f"{INPUT}.effects"), "Next": ""}
    return writing.scope[parks]  # type: ignore[no-any-return]


def _hand(writer: Writer, hand: Hand, name: str, writing: Writing, last: dict[str, Any]) -> None:
    """The end of a task whose effects a join waits for: what it has written is handed out."""
    source = f"{INPUT}.effects" if last.get("Type") else _EFFECTS
    last["Output"] = handed(writer, hand, source)
    if last.get("Type"):
        del last["Next"]
        last["End"] = True
        return
    last["Next"] = writer.states.take(f"{name} failed and handed out")
    comment = "All retries are used up: the message is dropped here, and what was written before is handed out."
    writing.scope[last["Next"]] = {"Type": "Pass", "Comment": comment, "End": True}
