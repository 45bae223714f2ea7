"""Definitions run in tests, by the interpreter, against handlers given as Python functions; and single expressions of JSONata.

`Machine` stands for the services: it plays the outbox of functions, callbacks of queues, nested executions and whatever else a
definition calls.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from untangle.simulate.clock import START, Clock
from untangle.simulate.machine import Execution, execute
from untangle.simulate.machine.query import jsonata
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure

STATE_MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Orders"
CONTEXT: Mapping[str, Any] = {
    "Execution": {"Id": "arn:aws:states:eu-west-1:111122223333:execution:Orders:run-1", "Name": "run-1"},
    "StateMachine": {"Id": STATE_MACHINE, "Name": "Orders"},
    "State": {"Name": "S", "RetryCount": 0, "EnteredTime": "2026-01-01T00:00:00.000Z"},
}


class Failed(Exception):
    """An error of a state, with its name."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class _Source:
    random = random.Random(0)  # noqa: S311
    millis = round(START.timestamp() * 1000)


def evaluate(expression: str, states: Mapping[str, Any], variables: Mapping[str, Any] | None = None) -> Any:
    """One expression (with or without its delimiters), `$states` and the variables bound; None where it gives nothing."""
    text = expression[2:-2] if expression.startswith("{%") else expression
    bound = {**(variables or {}), "states": dict(states)}
    try:
        return jsonata.evaluate(text, bound.__getitem__, _Source())
    except jsonata.Nothing:
        return None


def effect_event(expression: str, effect: Any, retry: int = 0) -> Any:
    """An envelope's event for an effect."""
    context = {**CONTEXT, "State": {**CONTEXT["State"], "RetryCount": retry}}
    return evaluate(expression, {"input": effect, "context": context})


def _states(definition: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state of a definition, those within others too."""
    if isinstance(definition, Mapping):
        for name, state in definition.get("States", {}).items():
            yield name, state
            for inner in (state.get("ItemProcessor"), *state.get("Branches", ())):
                yield from _states(inner)


class Machine:
    """Executes one definition. `handlers` are called with (event, marker) by function ARN and return the outbox's answer;
    other integrations are recorded in `calls` as (resource, arguments). `queues` answer by URL for messages that are sent with a
    task token: they get the arguments and return what the callback brings, or raise `Failed`. `machines` are definitions by ARN
    that an execution starts without waiting: what such a one does is noted here too, how it fails in `failed` alone. `answers`
    are what other integrations answer one after the other, by resource; an exception among them is raised."""

    def __init__(
        self,
        definition: Mapping[str, Any],
        handlers: Mapping[str, Callable[[Any, Any], Any]],
        queues: Mapping[str, Callable[[Any], Any]] | None = None,
        machines: Mapping[str, Mapping[str, Any]] | None = None,
        answers: Mapping[str, list[Any]] | None = None,
    ) -> None:
        self.definition = definition
        self.queues = queues or {}
        self.machines = machines or {}
        self.answers = {resource: list(given) for resource, given in (answers or {}).items()}
        self.started: list[tuple[str, Any]] = []
        self.failed: list[tuple[str, str]] = []
        self.handlers = handlers
        self.calls: list[tuple[str, Any]] = []
        self.waits: list[Any] = []
        self.visited: list[str] = []
        self.clock = Clock()  # of the execution that runs

    def run(self, value: Any) -> Any:
        """The output of an execution; raises `Failed` where it fails."""
        result = self._executed(self.definition, value).result
        assert result is not None, "the execution does not end"
        if result.status != "SUCCEEDED":
            raise Failed(result.error or "", result.cause or "")
        return result.output

    def _executed(self, definition: Mapping[str, Any], value: Any) -> Execution:
        around, self.clock = self.clock, Clock()
        execution = execute(definition, value, clock=self.clock, services=self, machine=STATE_MACHINE)
        self.clock = around
        until = {name for name, state in _states(definition) if {"Timestamp", "TimestampPath"} & state.keys()}
        for events in (execution.events, *(child.events for child in execution.children)):
            entered: dict[str, list[float]] = {}
            for event in events:
                details = event.details or {}
                if event.type.endswith("StateEntered"):
                    self.visited.append(details["name"])
                if event.type == "WaitStateEntered":
                    entered.setdefault(details["name"], []).append(event.time)
                elif event.type == "WaitStateExited":
                    seconds = round(event.time - entered[details["name"]].pop(0))
                    moment = (START + timedelta(seconds=event.time)).strftime("%Y-%m-%dT%H:%M:%SZ")
                    self.waits.append(moment if details["name"] in until else seconds)
        return execution

    def start(self, call: TaskCall, done: Reply) -> None:
        """What a task calls, as the interpreter asks for it."""
        try:
            done(json.loads(json.dumps(self._task({"Resource": call.resource}, call.arguments))))
        except Failed as failed:
            done(TaskFailure(error=failed.error, cause=failed.cause))

    def _task(self, state: Mapping[str, Any], arguments: Any) -> Any:
        resource = state["Resource"]
        if resource == "arn:aws:states:::sqs:sendMessage.waitForTaskToken":
            return self.queues[arguments["QueueUrl"]](arguments)
        if resource == "arn:aws:states:::states:startExecution":
            return self._started(arguments["StateMachineArn"], arguments["Input"])
        if resource != "arn:aws:states:::lambda:invoke" or arguments.get("InvocationType") == "Event":
            self.calls.append((resource, arguments))
            given = self.answers.get(resource.removeprefix("arn:aws:states:::"), [])
            answer = given.pop(0) if given else {}
            if isinstance(answer, Failed):
                raise answer
            return answer
        marker = json.loads(base64.b64decode(arguments["ClientContext"]))["custom"]["untangle"]
        try:
            answer = self.handlers[arguments["FunctionName"]](arguments["Payload"], marker)
            if marker.get("partial") and (answer.get("return") or {}).get("batchItemFailures"):
                raise Failed("BatchItemFailures", "{}")
        except Failed:
            raise
        except Exception as error:
            raise Failed(type(error).__name__, json.dumps({"errorMessage": str(error)})) from error
        payload = {"return": answer.get("return"), "effects": answer.get("effects", [])}
        return {
            "Payload": payload,
            "StatusCode": 200,
            "ExecutedVersion": "$LATEST",
            "SdkResponseMetadata": {"RequestId": "req-1"},
        }

    def _started(self, arn: str, value: Any) -> Any:
        """The answer to a start; the execution runs beside, with its own input and its own end."""
        if arn not in self.machines:
            raise Failed("StepFunctions.StateMachineDoesNotExistException", arn)
        self.started.append((arn, value))
        number = len(self.started)
        result = self._executed(self.machines[arn], json.loads(json.dumps(value))).result
        assert result is not None
        if result.status != "SUCCEEDED":
            self.failed.append((arn, result.error or ""))
        return {"ExecutionArn": f"{arn}:run-{number}", "StartDate": "2026-01-01T00:00:00.000Z"}
