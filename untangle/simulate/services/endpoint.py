"""The API of Step Functions itself, as handlers and machines call it: task tokens, executions, activities.

`Integrations.answer` hands calls here before anything else carries them out, so that an answer sent with a token reaches the
state that waits for it, wherever it is sent from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.clock import START
from untangle.simulate.machine.task import Services
from untangle.simulate.services.activities import Activities
from untangle.simulate.services.desk import Ids
from untangle.simulate.services.machines import Machines, Run
from untangle.simulate.services.tokens import Tokens


class Endpoint:
    """Answers calls of the service `stepfunctions` about what runs here."""

    def __init__(self, services: Services, machines: Machines, tokens: Tokens, activities: Activities, ids: Ids) -> None:
        self.services = services
        self.machines = machines
        self.tokens = tokens
        self.activities = activities
        self.ids = ids
        self._operations: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
            "SendTaskSuccess": self._succeed,
            "SendTaskFailure": self._fail,
            "SendTaskHeartbeat": self._beat,
            "GetActivityTask": lambda params: self.activities.take(str(params.get("activityArn", "")), params.get("workerName")),
            "StartExecution": self._start,
            "StartSyncExecution": self._start_sync,
            "DescribeExecution": lambda params: _described(self.machines.find(str(params.get("executionArn", "")))),
            "StopExecution": self._stop,
        }

    def answer(self, call: ApiCall) -> Mapping[str, Any] | None:
        """The response; None for a call of another service or operation. Raises ApiError."""
        operation = self._operations.get(call.operation) if call.service == "stepfunctions" else None
        return operation(call.params) if operation else None

    def _succeed(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.tokens.succeed(params.get("taskToken", ""), params.get("output", ""))
        return {}

    def _fail(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.tokens.fail(params.get("taskToken", ""), params.get("error"), params.get("cause"))
        return {}

    def _beat(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.tokens.beat(params.get("taskToken", ""))
        return {}

    def _begin(self, params: Mapping[str, Any]) -> Run:
        machine, name = str(params.get("stateMachineArn", "")), params.get("name") or self.ids.uuid()
        return self.machines.start(self.services, machine, params.get("input", "{}"), str(name))

    def _start(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        run = self._begin(params)
        return {"executionArn": run.arn, "startDate": START + timedelta(seconds=run.started)}

    def _start_sync(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """An execution that the caller waits for: nothing but what belongs to this world happens meanwhile."""
        run = self._begin(params)
        clock = self.machines.clock
        while run.result is None and clock.run(most=1) is False:
            pass
        if run.result is None:
            raise ApiError("InvalidArn", f"{run.arn} never ends", service="stepfunctions")
        return _described(run)

    def _stop(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        run = self.machines.find(str(params.get("executionArn", "")))
        if run.execution is not None and run.result is None:
            run.execution.stop(params.get("error"), params.get("cause"))
        return {"stopDate": START + timedelta(seconds=run.stopped or self.machines.clock.now)}


def _described(run: Run) -> Mapping[str, Any]:
    """DescribeExecution's response, with times as botocore has them."""
    told = run.describe()
    for key, seconds in (("startDate", run.started), ("stopDate", run.stopped)):
        if key in told and seconds is not None:
            told[key] = START + timedelta(seconds=seconds)
    json.dumps(told["input"])
    return told
