"""Services for the tests of machines: answers by resource, in turn, after some virtual seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.clock import Clock
from untangle.simulate.machine import Execution, execute
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure

ECHO = "arn:aws:lambda:us-east-1:123456789012:function:Echo"


class Scripted:
    """Answers each call with the next thing scripted for its resource (the last one stays), `after` so many seconds.

    A resource without a script answers with its arguments. `calls` holds what was asked, and when.
    """

    def __init__(self, clock: Clock, script: Mapping[str, list[Any]] | None = None, after: float = 0) -> None:
        self.clock, self.after = clock, after
        self.script = {resource: list(answers) for resource, answers in (script or {}).items()}
        self.calls: list[tuple[float, TaskCall]] = []
        self.replies: list[Reply] = []

    def start(self, call: TaskCall, done: Reply) -> None:
        self.calls.append((self.clock.now, call))
        self.replies.append(done)
        answers = self.script.get(call.resource, [call.arguments])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            return  # never answers by itself
        if self.after:
            self.clock.after(self.after, lambda: done(answer))
        else:
            done(answer)


def task(resource: str = ECHO, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **fields}


def machine(first: Mapping[str, Any], **others: Mapping[str, Any]) -> dict[str, Any]:
    """A machine that begins with the state `First`."""
    return {"StartAt": "First", "States": {"First": dict(first), **others}}


def jsonata(first: Mapping[str, Any], **others: Mapping[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **machine(first, **others)}


def played(
    definition: Mapping[str, Any],
    value: Any = None,
    script: Mapping[str, list[Any]] | None = None,
    *,
    after: float = 0,
    **said: Any,
) -> tuple[Execution, Scripted]:
    clock = Clock()
    services = Scripted(clock, script, after)
    return execute(definition, {} if value is None else value, clock=clock, services=services, **said), services


def output(definition: Mapping[str, Any], value: Any = None, script: Mapping[str, list[Any]] | None = None) -> Any:
    """The output of an execution that succeeds."""
    execution, _ = played(definition, value, script)
    assert execution.result is not None
    assert execution.result.status == "SUCCEEDED", execution.result
    return execution.result.output


def error(definition: Mapping[str, Any], value: Any = None, script: Mapping[str, list[Any]] | None = None) -> tuple[Any, Any]:
    """(error, cause) of an execution that fails."""
    execution, _ = played(definition, value, script)
    assert execution.result is not None
    assert execution.result.status == "FAILED", execution.result
    return execution.result.error, execution.result.cause


def types(execution: Execution) -> list[str]:
    return [event.type for event in execution.events]


def failure(error: str, cause: str = "") -> TaskFailure:
    return TaskFailure(error=error, cause=cause)
