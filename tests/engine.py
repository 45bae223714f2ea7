"""A small interpreter of the States Language, for tests in which time stands still: what is waited for takes none.

Everything else is run by the interpreter itself, see `tests.machines`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.machines import CONTEXT, Failed, effect_event, evaluate

__all__ = ["CONTEXT", "Failed", "Machine", "effect_event", "evaluate"]


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
        self.variables: list[dict[str, Any]] = []  # of the scopes around a state, the innermost last

    def run(self, value: Any) -> Any:
        """The output of an execution; raises `Failed` where it fails."""
        return self._machine(self.definition, value)

    def _machine(self, machine: Mapping[str, Any], value: Any) -> Any:
        name = machine["StartAt"]
        self.variables.append({})
        try:
            while True:
                state = machine["States"][name]
                self.visited.append(name)
                value, name = self._state(name, state, value)
                if name is None:
                    return value
        finally:
            self.variables.pop()

    def _state(self, name: str, state: Mapping[str, Any], value: Any) -> tuple[Any, str | None]:
        retries = [0] * len(state.get("Retry", ()))
        while True:
            context = {**CONTEXT, "State": {**CONTEXT["State"], "Name": name, "RetryCount": sum(retries)}}
            if state.get("Resource", "").endswith(".waitForTaskToken"):
                context["Task"] = {"Token": f"token-{len(self.visited)}-{sum(retries)}"}
            states = {"input": value, "context": context}
            try:
                return self._once(state, states)
            except Failed as failed:
                rule = next((i for i, rule in enumerate(state.get("Retry", ())) if _catches(rule, failed)), None)
                if rule is not None and retries[rule] < state["Retry"][rule].get("MaxAttempts", 3):
                    retries[rule] += 1
                    continue
                catcher = next((rule for rule in state.get("Catch", ()) if _catches(rule, failed)), None)
                if catcher is None:
                    raise
                states["errorOutput"] = {"Error": failed.error, "Cause": failed.cause}
                output = self._fill(catcher["Output"], states) if "Output" in catcher else states["errorOutput"]
                return output, catcher["Next"]

    def _once(self, state: Mapping[str, Any], states: dict[str, Any]) -> tuple[Any, str | None]:
        kind = state["Type"]
        if kind == "Fail":
            raise Failed(state.get("Error", ""), state.get("Cause", ""))
        if kind == "Choice":
            return self._choice(state, states)
        if kind == "Wait":
            self.waits.append(self._fill(state.get("Seconds", state.get("Timestamp")), states))
        elif kind == "Task":
            states["result"] = self._task(state, self._fill(state["Arguments"], states))
        elif kind == "Map":
            items = self._fill(state["Items"], states)
            states["result"] = [self._machine(state["ItemProcessor"], item) for item in items]
        elif kind == "Parallel":
            states["result"] = [self._machine(branch, states["input"]) for branch in state["Branches"]]
        output = states.get("result", states["input"])
        if "Output" in state:
            output = self._fill(state["Output"], states)
        self._assign(state, states)
        return output, state.get("Next")

    def _assign(self, state: Mapping[str, Any], states: dict[str, Any]) -> None:
        """Sets the variables of a state or rule, all by what they were before; a scope may not hold one of a scope around it."""
        values = {name: self._fill(value, states) for name, value in state.get("Assign", {}).items()}
        assert not any(name in outer for name in values for outer in self.variables[:-1]), "a variable of an outer scope"
        self.variables[-1].update(values)

    def _choice(self, state: Mapping[str, Any], states: dict[str, Any]) -> tuple[Any, str | None]:
        for rule in state["Choices"]:
            met = self._fill(rule["Condition"], states)
            assert isinstance(met, bool), f"a condition must be a boolean, not {met!r}"
            if met:
                output = self._fill(rule["Output"], states) if "Output" in rule else states["input"]
                self._assign(rule, states)
                return output, rule["Next"]
        self._assign(state, states)
        return states["input"], state["Default"]

    def _task(self, state: Mapping[str, Any], arguments: Any) -> Any:
        if state["Resource"] == "arn:aws:states:::sqs:sendMessage.waitForTaskToken":
            return json.loads(json.dumps(self.queues[arguments["QueueUrl"]](arguments)))
        if state["Resource"] == "arn:aws:states:::states:startExecution":
            return self._started(arguments["StateMachineArn"], arguments["Input"])
        if state["Resource"] != "arn:aws:states:::lambda:invoke" or arguments.get("InvocationType") == "Event":
            self.calls.append((state["Resource"], arguments))
            answer = next(iter(self.answers.get(state["Resource"].removeprefix("arn:aws:states:::"), ())), {})
            if answer:
                self.answers[state["Resource"].removeprefix("arn:aws:states:::")].pop(0)
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
        around, self.variables = self.variables, []
        try:
            self._machine(self.machines[arn], json.loads(json.dumps(value)))
        except Failed as failed:
            self.failed.append((arn, failed.error))
        finally:
            self.variables = around
        return {"ExecutionArn": f"{arn}:run-{len(self.started)}", "StartDate": "2026-01-01T00:00:00.000Z"}

    def _fill(self, template: Any, states: Mapping[str, Any]) -> Any:
        if isinstance(template, str) and template.startswith("{%"):
            try:
                found = evaluate(template, states, {name: value for scope in self.variables for name, value in scope.items()})
            except Exception as error:
                raise Failed("States.QueryEvaluationError", str(error)) from error
            if found is None:
                raise Failed("States.QueryEvaluationError", f"undefined: {template[:200]}")
            return found
        if isinstance(template, Mapping):
            return {key: self._fill(inner, states) for key, inner in template.items()}
        if isinstance(template, list):
            return [self._fill(inner, states) for inner in template]
        return template


def _catches(rule: Mapping[str, Any], failed: Failed) -> bool:
    named = rule["ErrorEquals"]
    if "States.TaskFailed" in named and failed.error != "States.Timeout":
        return True
    return "States.ALL" in named or failed.error in named
