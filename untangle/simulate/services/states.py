"""Nested executions: `states:startExecution`, alone or waited for with `.sync` and `.sync:2`.

`.sync` gives DescribeExecution's answer with `Input` and `Output` as texts, `.sync:2` as JSON. A nested execution that does not
succeed fails the state with `States.TaskFailed` and that answer as the cause. When the state is stopped, so is what it waits for.

Source: Step Functions guide, "Start a new AWS Step Functions state machine from a running execution".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from untangle.simulate.call import ApiError
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure
from untangle.simulate.services.desk import Desk, Failed, Integration, as_text, metadata, parameters
from untangle.simulate.services.machines import Run
from untangle.simulate.services.shapes import capital, plain

_TAKES = frozenset(("StateMachineArn", "Input", "Name", "TraceHeader"))


def _start(desk: Desk, call: TaskCall) -> Any:
    params = parameters(call)
    if call.action != "startExecution":
        raise Failed("States.Runtime", f"The resource provided {call.resource} is not recognized")
    unknown = sorted(set(params) - _TAKES)
    if unknown:
        raise Failed("States.Runtime", f"The field '{unknown[0]}' is not supported by Step Functions")
    machine = params.get("StateMachineArn")
    if not isinstance(machine, str):
        raise Failed("States.Runtime", "The field 'StateMachineArn' is required but was missing")
    value = params.get("Input")
    given = {"stateMachineArn": machine, "input": as_text({} if value is None else value)}
    name = params.get("Name")
    given["name"] = str(name) if name is not None else desk.ids.uuid()
    response = desk.request(call, "stepfunctions", "StartExecution", given)
    return metadata(desk, {capital(key): value for key, value in plain(response).items()})


def _finish(desk: Desk, call: TaskCall, response: Any, done: Reply) -> None:
    """Wait for the execution that was started."""
    try:
        run = desk.machines.find(response["ExecutionArn"])
    except ApiError as error:
        done(TaskFailure(error="States.TaskFailed", cause=error.message))
        return

    def told(run: Run) -> None:
        described = _spelled(run.describe())
        if run.result is None or run.result.status != "SUCCEEDED":
            done(TaskFailure(error="States.TaskFailed", cause=as_text(described)))
            return
        done(
            {
                key: json.loads(value) if call.version == 2 and key in ("Input", "Output") else value
                for key, value in described.items()
            }
        )

    done.cancelled = lambda: run.execution.stop("", "") if run.execution else None
    run.when_ended(told)


def _spelled(described: Mapping[str, Any]) -> dict[str, Any]:
    return {capital(key): _spelled(value) if isinstance(value, Mapping) else value for key, value in described.items()}


STATES = Integration(service="states", call=_start, prefix="StepFunctions", finish=_finish)
