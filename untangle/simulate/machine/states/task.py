"""Task: calls a service and waits for its answer, for a callback, for a job, or for a worker of an activity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.machine.failure import StateFailure, exceeds, text_of, too_large
from untangle.simulate.machine.states.kind import Kind, finished, given
from untangle.simulate.machine.states.record import Recorder, recorder_of
from untangle.simulate.machine.strand import Cancel, Effect, Resume, Work, sleep
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure, called
from untangle.simulate.machine.visit import Visit

_TIMEOUT = "States.Timeout"


def _work(visit: Visit) -> Work:
    resource = visit.state["Resource"]
    parts = called(resource)
    visit.token = visit.frame.execution.uuid() if parts.pattern != "request" else None
    arguments = given(visit)
    limits = (_limit(visit, "TimeoutSeconds"), _limit(visit, "HeartbeatSeconds"))
    call = TaskCall(
        resource=resource,
        service=parts.service,
        action=parts.action,
        pattern=parts.pattern,
        version=parts.version,
        arguments={} if arguments is None else arguments,
        context=visit.context(),
        token=visit.token,
        attempt=visit.retries,
        state=visit.name,
        path=visit.frame.path,
    )
    recorder = recorder_of(visit, call)
    recorder.scheduled(*limits)
    if visit.frame.shared:
        yield sleep(visit.frame.execution.clock, 0)
    answer = yield _answer(visit, call, recorder, *limits)
    visit.token = None
    if isinstance(answer, TaskFailure):
        recorder.failed(answer)
        if visit.frame.shared:
            yield sleep(visit.frame.execution.clock, 0)  # what else fails at this moment is told of too
        raise StateFailure(answer.error, answer.cause)
    text = text_of(answer)
    if exceeds(text):
        failure = too_large(parts.service if parts.action else resource)
        recorder.failed(TaskFailure(error=str(failure.error), cause=str(failure.cause)))
        raise failure
    recorder.succeeded(text)
    return finished(visit, answer)


def _begun(recorder: Recorder, answer: Any) -> Any:
    """Notes that the call has begun before its answer; the failure in the answer's place where the history is full."""
    try:
        recorder.started()
    except StateFailure as full:
        return full
    return answer


def _answer(visit: Visit, call: TaskCall, recorder: Recorder, timeout: float | None, heartbeat: float | None) -> Effect:
    """Make the call; answers with its result, or a `TaskFailure`."""
    clock = visit.frame.execution.clock

    def begin(resume: Resume) -> Cancel:
        timers: dict[str, Any] = {}

        def over(name: str, seconds: float | None) -> None:
            if seconds is not None:
                timers[name] = clock.after(seconds, expired)

        def expired() -> None:
            reply.cancel()
            settle(TaskFailure(error=_TIMEOUT))

        def settle(answer: Any) -> None:
            for timer in timers.values():
                timer.cancel()
            resume(_begun(recorder, answer))

        def alive() -> None:
            if heartbeat is not None:
                timers["heartbeat"].cancel()
                over("heartbeat", heartbeat)

        def answered(answer: Any) -> None:
            if isinstance(answer, TaskFailure) and answer.stage == "start":
                recorder.unstarted = True
            settle(answer)

        reply = Reply(answered=answered, on_submitted=recorder.submitted, on_heartbeat=alive)
        over("timeout", timeout)
        over("heartbeat", heartbeat)
        visit.frame.execution.services.start(call, reply)
        if reply.open and call.pattern != "activity":
            recorder.started()

        def cancel() -> None:
            for timer in timers.values():
                timer.cancel()
            reply.cancel()

        return cancel

    return begin


def _limit(visit: Visit, field: str) -> float | None:
    """A timeout in seconds; None where the state has none."""
    state: Mapping[str, Any] = visit.state
    if field in state:
        value = visit.expected(state[field], field, "number") if visit.jsonata else state[field]
    elif f"{field}Path" in state:
        value = visit.at(state[f"{field}Path"], visit.input)
    else:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0 or int(value) != value:
        raise visit.invalid(f"The {field} must be a positive integer, but was: {text_of(value)}")
    return float(value)


TASK = Kind("Task", _work)
