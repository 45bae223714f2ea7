"""What the history says of a task: the events of a Lambda function, of an activity, and of every other service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.machine.failure import text_of
from untangle.simulate.machine.history import UNCUT
from untangle.simulate.machine.task import TaskCall, TaskFailure
from untangle.simulate.machine.visit import Visit
from untangle.simulate.names import REGION


class Recorder:
    """Records the events of one attempt of a task that calls a service."""

    prefix = "Task"

    def __init__(self, visit: Visit, call: TaskCall) -> None:
        self.frame, self.call = visit.frame, call
        self.running = self.unstarted = False
        resource = call.resource.split(":", 5)[-1]
        self.named: Mapping[str, Any] = {
            "resourceType": call.service,
            "resource": resource.removeprefix(f"{call.service}:"),
        }

    def scheduled(self, timeout: float | None, heartbeat: float | None) -> None:
        """The call is to be made."""
        details = {**self.named, "region": REGION, "parameters": text_of(self.call.arguments)}
        self.frame.record("TaskScheduled", {**details, **_limits(timeout, heartbeat)})

    def started(self) -> None:
        """The call is being made; recorded once, and not where its preparation failed."""
        if not self.running and not self.unstarted:
            self.running = True
            self.frame.record(f"{self.prefix}Started", self.named or None)

    def submitted(self, output: Any) -> None:
        """The service has taken the request and goes on by itself."""
        self.started()
        self.frame.record("TaskSubmitted", {**self.named, "output": text_of(output), "outputDetails": UNCUT})

    def succeeded(self, text: str) -> None:
        """The task has a result, given as JSON."""
        self.frame.record(f"{self.prefix}Succeeded", {**self.named, "output": text, "outputDetails": UNCUT})

    def failed(self, failure: TaskFailure) -> None:
        """The task failed, or ran out of time."""
        said = {"error": failure.error, "cause": failure.cause or None}
        details = {**self.named, **{key: text for key, text in said.items() if text is not None}}
        self.frame.record(self._end(failure), details)

    def _end(self, failure: TaskFailure) -> str:
        if failure.error == "States.Timeout" and failure.stage == "run":
            return f"{self.prefix}TimedOut"
        return {"run": "TaskFailed", "submit": "TaskSubmitFailed", "start": "TaskStartFailed"}[failure.stage]


class FunctionRecorder(Recorder):
    """Records the events of a task that names a Lambda function by its ARN."""

    prefix = "LambdaFunction"

    def __init__(self, visit: Visit, call: TaskCall) -> None:
        super().__init__(visit, call)
        self.named = {}

    def scheduled(self, timeout: float | None, heartbeat: float | None) -> None:
        """The function is to be invoked."""
        details = {"resource": self.call.resource, "input": text_of(self.call.arguments), "inputDetails": UNCUT}
        self.frame.record("LambdaFunctionScheduled", {**details, **_limits(timeout, None)})

    def _end(self, failure: TaskFailure) -> str:
        if failure.error == "States.Timeout":
            return "LambdaFunctionTimedOut"
        return "LambdaFunctionStartFailed" if failure.stage == "start" else "LambdaFunctionFailed"


class ActivityRecorder(Recorder):
    """Records the events of an activity: it starts when a worker takes it, who is told as `submitted`."""

    prefix = "Activity"

    def __init__(self, visit: Visit, call: TaskCall) -> None:
        super().__init__(visit, call)
        self.named = {}
        self.unstarted = True

    def scheduled(self, timeout: float | None, heartbeat: float | None) -> None:
        """The activity is offered to workers."""
        details = {"resource": self.call.resource, "input": text_of(self.call.arguments), "inputDetails": UNCUT}
        self.frame.record("ActivityScheduled", {**details, **_limits(timeout, heartbeat)})

    def submitted(self, output: Any) -> None:
        """A worker has taken it; `output` is the worker's name."""
        self.frame.record("ActivityStarted", {"workerName": output} if isinstance(output, str) else {})

    def _end(self, failure: TaskFailure) -> str:
        return "ActivityTimedOut" if failure.error == "States.Timeout" else "ActivityFailed"


def _limits(timeout: float | None, heartbeat: float | None) -> dict[str, int]:
    given = {"timeoutInSeconds": timeout, "heartbeatInSeconds": heartbeat}
    return {name: int(seconds) for name, seconds in given.items() if seconds is not None}


def recorder_of(visit: Visit, call: TaskCall) -> Recorder:
    """Who records the events of a call."""
    if call.service == "lambda" and not call.action:
        return FunctionRecorder(visit, call)
    return ActivityRecorder(visit, call) if call.pattern == "activity" else Recorder(visit, call)
