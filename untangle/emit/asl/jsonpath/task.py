"""The invocation of a handler in JSONPath, and where its message goes when all tries have failed.

The states of a task work on `{effect, …}` or on the effect itself. What a Task state computes, it computes anew for each try;
what a Pass state before it made (see `way`) stands beside the effect.
"""

from __future__ import annotations

import json
from typing import Any

from untangle.channels.envelope.form import Unsupported
from untangle.emit.asl.jsonpath.messages import event, parked
from untangle.emit.asl.jsonpath.selection import picked
from untangle.emit.asl.jsonpath.text import Expression, call, of_effect, placed, quoted, step_of, template
from untangle.emit.asl.jsonpath.way import Message, Way, way_of
from untangle.emit.asl.states import FAILED, LAMBDA, MARGIN, RETRY_SERVICE, hands_over, retrier, target_of, targets
from untangle.emit.asl.writer import State, Writer, Writing, next_of
from untangle.model.entry import EFFECTS, EVENT
from untangle.model.step import DeadLetter, Hand, Task

ROOT = "$"
_EVERY = ["States.ALL"]


def write_task(writer: Writer, task: Task, writing: Writing) -> list[Writing]:
    """Pass states for what the event needs, the Task state with its catcher, and what follows on the effects that it puts out."""
    if task.called_back:
        raise Unsupported("its own queue runs it and calls back, which is not written in JSONPath")
    if task.entry == EFFECTS:  # it ran outside: what follows works on the effects in the input
        below = () if task.then is None else (task.then,)
        return [writing.below(step, arrive=writing.arrive, source=ROOT, after=writer.called(task)) for step in below]
    way = way_of(writer.graph, task.hops, writing.source, writer.names)
    payload = event(task.stops, way) if task.stops else _entered(task.entry)
    letter = None
    if task.dead_letter is not None:
        check_letter(task, task.dead_letter)
        letter = parked(task.stops, way)
    writing = prepared(writer, way, writing, f"Prepare {writer.called(task)}")
    called = writer.called(task)
    name = writer.place(writing, called, _state(task, writer, way, payload), task.hops)
    state = writing.scope[name]
    if task.dead_letter is not None and letter is not None:
        state["Catch"] = [catcher(park(writer, writing, name, task.dead_letter, way, letter), "$.error")]
    elif writing.guarded:
        dropped = writer.states.take(f"{name} failed")
        state["Catch"] = [catcher(dropped, None)]
        comment = "All retries are used up: the message is dropped here, as it was before, and its siblings go on."
        writing.scope[dropped] = {"Type": "Pass", "Comment": comment, "OutputPath": None, "End": True}
    if task.then is None:
        state |= {"OutputPath": None, "End": True}
        return []
    last = _failed(task, writer, writing, name, way, letter)
    if isinstance(task.then, Hand):
        handed = picked(task.then.effects, writer.names, "$.Payload.effects")
        state |= {"ResultSelector": {"effects.$": handed}, "End": True}
        if last is not None:
            last["Next"] = writer.states.take(f"Hand out what {name} has written")
            chosen = {"effects.$": picked(task.then.effects, writer.names, "$.effects")}
            writing.scope[last["Next"]] = {"Type": "Pass", "Parameters": chosen, "End": True}
        return []
    state["ResultSelector"] = _effects(task, writer, writing)

    def arrive(follows: str) -> None:
        for one in (state, *([last] if last is not None else ())):
            one["Next"] = follows

    return [writing.below(task.then, arrive=arrive, source=ROOT, after=name)]


def _failed(task: Task, writer: Writer, writing: Writing, name: str, way: Way, message: Message | None) -> State | None:
    """The catcher of a task whose calls go out, and the last of the states by which their effects go on where every try fails
    (see `emit.asl.failed`); None where there are none."""
    if not hands_over(task):
        return None
    if task.record:
        raise Unsupported("where it fails after its writes there is no record of its run, which a path must find beside them")
    state = writing.scope[name]
    read, taken = writer.states.take(f"Read what {name} has written"), writer.states.take(f"Take what {name} has written")
    first, error = read, ROOT
    if task.dead_letter is not None and message is not None:
        first, error = park(writer, writing, name, task.dead_letter, way, message, then=read), "$.error"
    state["Catch"] = [{"ErrorEquals": [FAILED], "ResultPath": error, "Next": first}, *state.get("Catch", ())]
    comment = f"{name} has failed: what it has written before it failed is worked on."
    cause = call("StringToJson", Expression(f"{error}.Cause"))
    writing.scope[read] = {"Type": "Pass", "Comment": comment, "Parameters": template({"said": cause}), "Next": taken}
    told = call("StringToJson", Expression("$.said.errorMessage"))
    writing.scope[taken] = {"Type": "Pass", "Parameters": template({"told": told}), "OutputPath": "$.told"}
    last: State = writing.scope[taken]
    return last


def prepared(writer: Writer, way: Way, writing: Writing, title: str) -> Writing:
    """The writing that comes after the Pass states of a way."""
    for parameters in way.passes:
        state: State = {"Type": "Pass", "Parameters": parameters}
        name = writer.place(writing, title, state, ())
        writing = writing.below(writing.step, arrive=next_of(writing.scope[name]))
    return writing


def _entered(form: str) -> Any:
    """The event of a function that a workflow starts with, from its input in the form of this channel type."""
    if form == EVENT:
        return of_effect()
    if form == "dynamodb_stream":  # a pipe hands over an array of the very records that a mapping puts into an envelope
        return {"Records": of_effect()}
    raise Unsupported(f"its event is made of what {form} starts the workflow with, for which JSONPath lacks the functions")


def check_letter(task: Task, letter: DeadLetter) -> None:
    """Raises `Unsupported` unless what is parked is the message itself."""
    if letter.body == "record":
        raise Unsupported("how often it was tried is not known to the state that would write the record of the failure")
    if letter.body == "event" or not task.stops:
        raise Unsupported("the error's text goes to the dead-letter target cut to its length, and JSONPath cannot cut")


def _state(task: Task, writer: Writer, way: Way, payload: Any) -> State:
    arguments = {
        "FunctionName": writer.names(task.function, "Arn"),
        "ClientContext": _context(task, writer),
        "Payload": payload,
    }
    state: State = {"Type": "Task", "Resource": LAMBDA, "Parameters": placed(template(arguments), way.effect)}
    if task.timeout:
        state["TimeoutSeconds"] = task.timeout + MARGIN
    if task.retries:
        state["Retry"] = [retrier(retry) for retry in task.retries]
    return state


def _context(task: Task, writer: Writer) -> Expression:
    """The client context with the marker: `ready` asks for what paths cannot work out, `span` says of what the outbox makes the
    trace context (see `emit.asl.states.marker`)."""
    held, told = targets(task, writer.names)
    asked: dict[str, Any] = {"capture": held, "observe": told}
    if hands_over(task):
        asked["failed"] = True
    if task.partial:
        asked["partial"] = True
    if task.claim:
        asked["claim"] = {"bucket": task.claim, "of": [target_of(effects, writer.names) for effects in task.claimed]}
    asked |= {"ready": True, "execution": "<>", "span": "<>|<>|<>"}
    values = [Expression(f"$$.{path}") for path in ("Execution.Name", "Execution.Id", "State.Name", "State.EnteredTime")]
    if task.stops and task.stops[0].type != "lambda_destination":
        asked["span"] += "|<>"
        values.append(of_effect("id"))
    text = json.dumps({"custom": {"untangle": asked}}, separators=(",", ":"))
    return call("Base64Encode", call("Format", Expression(quoted(text).replace("<>", "{}")), *values))


def _effects(task: Task, writer: Writer, writing: Writing) -> State:
    """What the state puts out: the effects and, for an on-success destination, the record of the run."""
    found: dict[str, Any] = {"effects": Expression("$.Payload.effects")}
    if task.record:
        if task.stops:
            raise Unsupported("the record for its destination repeats its event, which only the state before it knows")
        below = writing.source.removeprefix("$")
        version = Expression("$.ExecutedVersion")
        found["record"] = {
            "version": "1.0",
            "timestamp": Expression("$$.State.EnteredTime"),
            "requestContext": {
                "requestId": Expression("$.SdkResponseMetadata.RequestId"),
                "functionArn": call("Format", Expression("'{}:{}'"), writer.names(task.function, "Arn"), version),
                "condition": "Success",
                "approximateInvokeCount": call("MathAdd", Expression("$$.State.RetryCount"), 1),
            },
            "requestPayload": Expression(f"$$.Execution.Input{below}"),
            "responseContext": {
                "statusCode": Expression("$.StatusCode"),
                "executedVersion": version,
            },
            "responsePayload": Expression("$.Payload.return"),
        }
    return template(found)


def catcher(next: str, at: str | None) -> State:
    """A catcher of everything; the error goes to the path `at`, or nowhere."""
    return {"ErrorEquals": list(_EVERY), "ResultPath": at, "Next": next}


def park(
    writer: Writer, writing: Writing, name: str, letter: DeadLetter, way: Way, message: Message, *, then: str | None = None
) -> str:
    """The states that send the message to the dead-letter target, with its attributes where it has some; the first one's name.
    With `then` they keep their input and go on there."""
    comment = f"What {name} could not do goes to its dead-letter target."
    first = writer.states.take(f"Park {name}" if then is None else f"Park {name} and go on")

    def sends(more: dict[str, Any]) -> State:
        state = _send(writer, letter, way, message, more)
        if then is None:
            return {**state, "End": True}
        del state["OutputPath"]
        return {**state, "ResultPath": None, "Next": then}

    plain = {"Comment": comment, **sends({})}
    if message.given is None or letter.type not in ("sqs", "sns"):
        writing.scope[first] = {"Type": plain.pop("Type"), **plain}
        return first
    bare, full = (writer.states.take(f"{first} {how} attributes") for how in ("without", "with"))
    place = placed(message.given, way.effect)
    rule = {"Variable": place, "IsPresent": True, "Next": full}
    writing.scope[first] = {"Type": "Choice", "Comment": comment, "Choices": [rule], "Default": bare}
    writing.scope[bare] = sends({})
    writing.scope[full] = sends({"MessageAttributes": message.given})
    return first


def _send(writer: Writer, letter: DeadLetter, way: Way, message: Message, more: dict[str, Any]) -> State:
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "sqs": ("sqs:sendMessage", {"QueueUrl": writer.names(letter.target, ""), "MessageBody": message.text}),
        "sns": ("sns:publish", {"TopicArn": writer.names(letter.target, "Arn"), "Message": message.text}),
    }
    if letter.type not in calls:
        raise Unsupported(f"a message is not parked in a {letter.type} in JSONPath")
    action, arguments = calls[letter.type]
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{action}",
        "Parameters": placed(template({**arguments, **more}), way.effect),
        "OutputPath": None,
        "Retry": [dict(RETRY_SERVICE)],
    }


def parameter(source: str, name: str) -> str:
    """The path of a parameter of the effect's call."""
    return f"{source}.params{step_of(name)}"
