"""One execution of a state machine, from its start to its end."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from untangle.simulate.clock import Clock, Due
from untangle.simulate.machine.failure import StateFailure, text_of
from untangle.simulate.machine.frame import Child, Frame
from untangle.simulate.machine.history import MOST, MOST_OF_EXPRESS, UNCUT, Event, History
from untangle.simulate.machine.interpret import run_states
from untangle.simulate.machine.query.functions import uuid
from untangle.simulate.machine.strand import Strand, Work
from untangle.simulate.machine.task import NoServices, Services
from untangle.simulate.names import ACCOUNT, REGION

Status = Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
Kind = Literal["STANDARD", "EXPRESS"]
Identity = dict[str, Any]
_EXPRESS = 300  # seconds that an express workflow may run (Step Functions guide, "Quotas")
_STATES = f"arn:aws:states:{REGION}:{ACCOUNT}"
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/StepFunctions"
_ENDS = {"FAILED": "ExecutionFailed", "TIMED_OUT": "ExecutionTimedOut", "ABORTED": "ExecutionAborted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an execution ended: its `output` (plain JSON) where it succeeded, otherwise `error` and `cause`, either of them may be
    None."""

    status: Status
    output: Any = None
    error: str | None = None
    cause: str | None = None


class Execution:
    """One execution; `result` is None while it runs. `children` are the runs of its distributed Maps' items."""

    def __init__(
        self,
        definition: Mapping[str, Any],
        input: Any,
        *,
        clock: Clock,
        services: Services | None = None,
        name: str = "run-1",
        machine: str = "Machine",
        seed: int = 0,
        done: Callable[[Result], None] | None = None,
        kind: Kind = "STANDARD",
    ) -> None:
        self.definition, self.input, self.clock = definition, input, clock
        self.services: Services = services or NoServices()
        self.name, self.machine, self.done = name, machine, done
        self.random = random.Random(seed)  # noqa: S311 - a simulation has to be repeatable, not secret
        self.result: Result | None = None
        self.kind = kind
        self.history = History(clock, MOST if kind == "STANDARD" else MOST_OF_EXPRESS)
        self.children: list[Child] = []
        self._limit: Due | None = None
        self._frame: Frame | None = None
        self._strand: Strand | None = None

    @property
    def events(self) -> list[Event]:
        """The history, as far as the execution has come."""
        return self.history.events

    @property
    def arn(self) -> str:
        """The execution's ARN; `machine` may be the machine's ARN or its name."""
        between = ":execution:" if self.kind == "STANDARD" else ":express:"
        return f"{self.machine_arn.replace(':stateMachine:', between, 1)}:{self.name}"

    @property
    def machine_arn(self) -> str:
        """The machine's ARN."""
        return self.machine if self.machine.startswith("arn:") else f"{_STATES}:stateMachine:{self.machine}"

    @property
    def millis(self) -> int:
        """The time of day, in milliseconds since 1970."""
        return round(self.clock.moment.timestamp() * 1000)

    def uuid(self) -> str:
        """A new id."""
        return uuid(self.random)

    def identity(self) -> Identity:
        """What the context object says of the execution and its machine."""
        execution = {
            "Id": self.arn,
            "Input": self.input,
            "Name": self.name,
            "RoleArn": _ROLE,
            "StartTime": self.history.now,
            "RedriveCount": 0,
        }
        return {"Execution": execution, "StateMachine": {"Id": self.machine_arn, "Name": self.machine_arn.rpartition(":")[2]}}

    def run(self, frame: Frame, name: str, value: Any) -> Work:
        """Run the states of a frame, beginning with one; returns the output of the last."""
        return run_states(frame, name, value)

    def begin(self) -> Execution:
        """Let it run up to where it has to wait for the clock."""
        given = {"input": text_of(self.input), "inputDetails": UNCUT, "roleArn": _ROLE}
        self.history.add("ExecutionStarted", 0, given)
        self._frame = Frame(self, self.definition, self.history, self.identity())
        self._strand = Strand(run_states(self._frame, self.definition["StartAt"], self.input), self._ended)
        limit = self.definition.get("TimeoutSeconds")
        if self.kind == "EXPRESS":
            limit = min(limit or _EXPRESS, _EXPRESS)
        if isinstance(limit, int | float):
            self._limit = self.clock.after(limit, lambda: self._broken("TIMED_OUT", "States.Timeout", None))
        self._strand.begin()
        return self

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """End the execution from outside, as StopExecution does; nothing where it has ended."""
        self._broken("ABORTED", error, cause)

    def _broken(self, status: Status, error: str | None, cause: str | None) -> None:
        if self.result is None and self._strand is not None:
            self._strand.cancel()
            self._end(Result(status=status, error=error, cause=cause))

    def _ended(self, answer: Any) -> None:
        if isinstance(answer, StateFailure):
            self._end(Result(status="FAILED", error=answer.error, cause=answer.cause or None))
        else:
            self._end(Result(status="SUCCEEDED", output=answer))

    def _end(self, result: Result) -> None:
        last = self._frame.last if self._frame is not None else 0
        if result.status == "SUCCEEDED":
            self.history.add("ExecutionSucceeded", last, {"output": text_of(result.output), "outputDetails": UNCUT})
        else:
            said = {"error": result.error, "cause": result.cause}
            self.history.add(_ENDS[result.status], last, {key: text for key, text in said.items() if text is not None})
        self.result = result
        if self._limit is not None:
            self._limit.cancel()
        if self.done is not None:
            self.done(result)
