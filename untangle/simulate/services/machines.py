"""The state machines that can be started, and their executions: nested ones run on the same clock as those that start them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.call import ApiError
from untangle.simulate.clock import START, Clock
from untangle.simulate.machine import start
from untangle.simulate.machine.execution import Execution, Result
from untangle.simulate.machine.task import Services
from untangle.simulate.names import ACCOUNT, REGION, of_placeholder

_ARN = re.compile(r"arn:[a-z-]+:states:[^:]*:[^:]*:(?:stateMachine|express|execution):(?P<name>[^:]+)(?::(?P<more>.+))?\Z")


@dataclass(slots=True, kw_only=True)
class Run:
    """One execution that was started by a call. `name` is its own, `machine` that of its machine; `stopped` when it ended."""

    arn: str
    name: str
    machine: str
    input: str
    started: float
    execution: Execution | None = None
    stopped: float | None = None
    waiting: list[Callable[[Run], None]] = field(default_factory=list)

    @property
    def result(self) -> Result | None:
        """How it ended; None while it runs."""
        return self.execution.result if self.execution else None

    def ended(self, result: Result, now: float) -> None:
        """Tell who waits for its end."""
        self.stopped = now
        for tell in self.waiting:
            tell(self)
        self.waiting.clear()

    def when_ended(self, tell: Callable[[Run], None]) -> None:
        """Have somebody told of its end, at once where it has ended."""
        if self.stopped is None:
            self.waiting.append(tell)
        else:
            tell(self)

    def describe(self) -> dict[str, Any]:
        """What DescribeExecution says; times are in milliseconds since 1970, as `.sync` gives them."""
        begun = int(START.timestamp() * 1000)
        result = self.result
        told: dict[str, Any] = {
            "executionArn": self.arn,
            "input": self.input,
            "inputDetails": {"included": True},
            "name": self.name,
            "startDate": begun + round(self.started * 1000),
            "stateMachineArn": self.arn.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0],
            "status": result.status if result else "RUNNING",
        }
        if result and self.stopped is not None:
            told["stopDate"] = begun + round(self.stopped * 1000)
        if result and result.status == "SUCCEEDED":
            told |= {"output": json.dumps(result.output, separators=(",", ":")), "outputDetails": {"included": True}}
        elif result:
            told |= {key: value for key, value in (("error", result.error), ("cause", result.cause)) if value is not None}
        return told


@dataclass(slots=True, kw_only=True)
class Machines:
    """The machines by name, and every execution that was started of them by ARN."""

    clock: Clock
    definitions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seed: int = 0
    runs: dict[str, Run] = field(default_factory=dict)

    def named(self, machine: str) -> str | None:
        """The name of a machine that is known by a name, an ARN (of a version or alias, too) or a placeholder; None for none."""
        found = _ARN.match(machine)
        options = (
            machine,
            found["name"] if found else "",
            of_placeholder(machine) or "",
            of_placeholder(found["name"]) or "" if found else "",
        )
        return next((name for name in options if name in self.definitions), None)

    def start(self, services: Services, machine: str, input: Any, name: str) -> Run:
        """Begin an execution. `input` is JSON or its text. Raises ApiError as StartExecution does.

        The name of an execution that runs or ran is refused, unless that one runs with the same input: then it is given again.
        """
        known = self.named(machine)
        if known is None:
            raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine}'", service="stepfunctions")
        text = input if isinstance(input, str) else json.dumps(input, separators=(",", ":"))
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise ApiError("InvalidExecutionInput", "Invalid State Machine Execution Input", service="stepfunctions") from None
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{known}:{name}"
        if (before := self.runs.get(arn)) is not None:
            if before.result is None and before.input == text:
                return before
            raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'", service="stepfunctions")
        run = Run(arn=arn, name=name, machine=known, input=text, started=self.clock.now)
        self.runs[arn] = run
        run.execution = start(
            self.definitions[known],
            value,
            clock=self.clock,
            services=services,
            name=name,
            machine=known,
            seed=self.seed + len(self.runs),
            done=lambda result: run.ended(result, self.clock.now),
        )
        if run.execution.result is not None and run.stopped is None:
            run.ended(run.execution.result, self.clock.now)
        return run

    def find(self, arn: str) -> Run:
        """The execution with an ARN; raises ApiError where there is none."""
        if arn not in self.runs:
            raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", service="stepfunctions")
        return self.runs[arn]
