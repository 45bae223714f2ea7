"""Waiting for the end of a job of another service: asking for its state at intervals, or an integration that waits.

The states carry `{effect, answer}`: the effect of the call that started the job, and what the service last answered. What
follows gets the effect that told of the end, made anew. A job that ended in a state that nobody was told of ends the branch, as
silently as before; while it is in a state that is none of its last ones it is asked for again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from untangle.channels.envelope.form import literal
from untangle.channels.envelope.job import JobForm, Notice, Sync, job_of
from untangle.emit.asl.states import jsonata
from untangle.emit.asl.writer import INPUT, State, Writer, Writing, next_of
from untangle.errors import UntangleError
from untangle.model.step import Job, Stop

_LEAD = "arn:aws:states:::"
_BOUND = "$e := $states.input.effect; $a := $states.input.answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A job with what is known of it: its form, the notice of its end and the channel of that; `words` are what it is called."""

    job: Job
    form: JobForm
    notice: Notice
    channel: Stop
    words: str


def write_job(writer: Writer, job: Job, writing: Writing) -> list[Writing]:
    """The states of a job, then what follows on the effect of its notice. Raises `UntangleError` for a job without a form."""
    told = _told(job)
    rules: list[State] = []
    if job.starts and told.form.sync is not None and not told.form.sync.response:
        before, other = _run(writer, told, writing, told.form.sync), _nothing(writer, told, writing)
    else:
        before, other, rules = _ask(writer, told, writing)
    known = _placed(writer, writing, f"Is {told.words} done?", {"Type": "Choice", "Choices": [], "Default": other}, before)
    rule: State = {"Condition": jsonata(f"({_BOUND}; {_is_told(writer, told)})"), "Next": ""}
    known["Choices"] = [rule, *rules]
    made = told.notice.effect(told.channel, writer.names)
    if told.notice.place:
        state = _found(writer, told, writing, made, rule)
        return [writing.below(job.body, arrive=next_of(state), source=INPUT)]
    rule["Output"] = jsonata(f"({_BOUND}; {made})")
    return [writing.below(job.body, arrive=next_of(rule), source=INPUT)]


def _told(job: Job) -> _Told:
    form = job_of(job.service, job.operation)
    notice = form.notice(job.notice.type) if form is not None and job.notice is not None else None
    if form is None or notice is None or job.notice is None:
        raise UntangleError(f"how the end of {job.service} {job.operation} is told is not known")
    started = re.sub(r"^(Start|Submit|Create|Run)(?=[A-Z])", "", job.operation)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", started).lower()
    return _Told(job=job, form=form, notice=notice, channel=job.notice, words=words)


def _run(writer: Writer, told: _Told, writing: Writing, sync: Sync) -> State:
    """The integration that makes the call and waits. It fails where the job does, which nobody was told of."""
    state = _call(writing, sync, {"effect": jsonata(writing.source), "answer": jsonata("$states.result")})
    return _guarded(writer, told, writing, f"Run {told.words}", state, None)


def _call(writing: Writing, sync: Sync, output: Any) -> State:
    return {
        "Type": "Task",
        "Resource": f"{_LEAD}{sync.resource}",
        "Arguments": jsonata(f"($e := {writing.source}; {sync.arguments})"),
        "Output": output,
        "Retry": [_retrier(*sync.throttled)],
    }


def _run_and_catch(writer: Writer, told: _Told, writing: Writing, sync: Sync) -> tuple[State, State]:
    """The integration that makes the call and waits; the two states that go on to the question: behind a job that ended well,
    and behind one that failed the task. Where it was never started, that failure is the workflow's."""
    state = _call(writing, sync, jsonata(_answered(writing, sync, "$states.result", "")))
    title = f"Run {told.words}"
    run: State = writing.scope[writer.place(writing, title, state, told.job.hops)]
    started = writer.states.take(f"Did {told.words} start?", writing.reached)
    error = ", 'error': $states.errorOutput"
    output = jsonata(_answered(writing, sync, "$states.errorOutput.Cause", error))
    run["Catch"] = [{"ErrorEquals": ["States.TaskFailed"], "Output": output, "Next": started}]
    failed = writer.states.take(f"{title} failed", writing.reached)
    writing.scope[failed] = _dropped(writing) if writing.guarded else _fail()
    if writing.guarded:
        run["Catch"].append({"ErrorEquals": ["States.ALL"], "Output": {}, "Next": failed})
    has = jsonata("$count($keys($states.input.effect.response)) > 0")
    rule: State = {"Condition": has, "Output": {"effect": jsonata("$states.input.effect")}, "Next": ""}
    none: State = {"Output": {}} if writing.guarded else {}
    writing.scope[started] = {"Type": "Choice", "Choices": [rule], "Default": failed, **none}
    return run, rule


def _answered(writing: Writing, sync: Sync, held: str, more: str) -> str:
    """The effect with the response that the call would have had, out of what holds the job: a value or its JSON."""
    text = f"$t := $type({held}) = 'string' ? {held} : $string({held}); $found := $match($t, /{sync.found}/)[0].groups[0]"
    effect = f"$merge([{writing.source}, {{'response': $exists($found) ? {sync.response} : {{}}}}])"
    return f"({text}; {{'effect': {effect}{more}}})"


def _fail() -> State:
    return {
        "Type": "Fail",
        "Error": jsonata("$states.input.error.Error"),
        "Cause": jsonata("$exists($states.input.error.Cause) ? $states.input.error.Cause : ''"),
    }


def _ask(writer: Writer, told: _Told, writing: Writing) -> tuple[State, str, list[State]]:
    """A first wait, or the integration that waits, and the question; who comes there when the job goes on, and the rule for an
    end that nobody is told of."""
    waiting: State = {"Type": "Wait", "Seconds": told.job.seconds}
    caught: State | None = None
    if told.job.starts and told.form.sync is not None:
        first, caught = _run_and_catch(writer, told, writing, told.form.sync)
    else:
        state: State = {**waiting, "Output": {"effect": jsonata(writing.source)}}
        first = writing.scope[writer.place(writing, f"Wait for {told.words}", state, told.job.hops)]
    arguments = {
        name: jsonata(text.replace("$e.", "$states.input.effect.")) if isinstance(text, str) else text
        for name, text in told.form.arguments.items()
    }
    state = {
        "Type": "Task",
        "Resource": f"{_LEAD}aws-sdk:{told.form.asks}",
        "Arguments": arguments,
        "Output": {"effect": jsonata("$states.input.effect"), "answer": jsonata(told.form.answer)},
        "Retry": [_retrier("States.ALL")],
    }
    title = f"Ask for {told.words}"
    asked = _guarded(writer, told, writing, title, state, first)
    again = writer.states.take(f"Wait again for {told.words}", writing.reached)
    writing.scope[again] = {**waiting, "Next": first["Next"]}
    if caught is not None:
        caught["Next"] = first["Next"]
    if told.notice.told == told.form.ended and not told.notice.place:
        return asked, again, []
    silent = f"({_BOUND}; {told.form.state} in {literal(told.form.ended)})"
    return asked, again, [{"Condition": jsonata(silent), "Next": _nothing(writer, told, writing)}]


def _is_told(writer: Writer, told: _Told) -> str:
    """Whether the job has ended so that somebody is told: for an object, in the bucket of the notice."""
    ended = f"{told.form.state} in {literal(told.notice.told)}"
    if not told.notice.place:
        return ended
    return f"{ended} and {told.notice.place}.Bucket = '{writer.names(told.channel.channel, '')}'"


def _found(writer: Writer, told: _Told, writing: Writing, made: str, rule: State) -> State:
    """What S3 says of the object, and the effect of having written it."""
    place = f"{_BOUND}; $place := {told.notice.place}"
    state: State = {
        "Type": "Task",
        "Resource": f"{_LEAD}aws-sdk:s3:headObject",
        "Arguments": jsonata(f"({place}; $place)"),
        "Output": jsonata(f"({place}; $o := $states.result; {made})"),
        "Retry": [_retrier("States.ALL")],
    }
    return _guarded(writer, told, writing, f"Find what {told.words} wrote", state, rule)


def _nothing(writer: Writer, told: _Told, writing: Writing) -> str:
    none = writer.states.take(f"Nothing of {told.words}", writing.reached)
    writing.scope[none] = writing.ended()
    return none


def _retrier(*errors: str) -> State:
    return {"ErrorEquals": list(errors), "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 8, "JitterStrategy": "FULL"}


def _placed(writer: Writer, writing: Writing, title: str, state: State, before: State | None) -> State:
    """The state in its scope, behind another one or where the writing stands."""
    at = writing if before is None else replace(writing, arrive=next_of(before))
    placed: State = writing.scope[writer.place(at, title, state, ())]
    return placed


def _guarded(writer: Writer, told: _Told, writing: Writing, title: str, state: State, before: State | None) -> State:
    """A task whose failure must not stop its siblings, where it has some."""
    at = writing if before is None else replace(writing, arrive=next_of(before))
    placed: State = writing.scope[writer.place(at, title, state, told.job.hops if before is None else ())]
    if writing.guarded:
        dropped = writer.states.take(f"{title} failed", writing.reached)
        placed["Catch"] = [{"ErrorEquals": ["States.ALL"], "Output": {}, "Next": dropped}]
        writing.scope[dropped] = _dropped(writing)
    return placed


def _dropped(writing: Writing) -> State:
    comment = "The end of the job is told to nobody from here, and its siblings go on."
    return {"Type": "Pass", "Comment": comment, **({"Output": writing.nothing} if writing.handing else {}), "End": True}
