"""What a state machine asks of the world: the call of a Task state, and the answer to it.

The machine knows nothing of services. It hands a `TaskCall` to its `Services` and goes on when the `Reply` is called: within the
same call for what answers at once, later in virtual time for callbacks, jobs and activities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, Protocol

Pattern = Literal["request", "sync", "callback", "activity"]
_SUFFIXES: tuple[tuple[str, Pattern, int], ...] = (
    (".sync", "sync", 1),
    (".sync:2", "sync", 2),
    (".waitForTaskToken", "callback", 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCall:
    """One attempt of a Task state, or one call that a distributed Map makes to read its items or to write its results.

    `resource` is the ARN as it is written. `service` and `action` are its parts: ("lambda", "invoke"), ("sqs", "sendMessage"),
    ("aws-sdk:dynamodb", "putItem"), ("states", "startExecution"); ("lambda", "") for a function's own ARN, ("activity", "") for
    an activity's. `pattern` is what the suffix says ("sync" for `.sync` and `.sync:2`, see `version`). `arguments` are evaluated:
    the parameters, or the whole payload for a function's own ARN and an activity. `context` is the context object ($$); `token`
    is the task token, which a "request" has not. `attempt` counts from 0. `state` is the state's name, `path` the names of the
    states around it and the indices within them, which tells runs of one state apart.
    """

    resource: str
    service: str
    action: str
    pattern: Pattern = "request"
    version: int = 1
    arguments: Any = None
    context: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None
    attempt: int = 0
    state: str = ""
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailure:
    """How a call failed: the error's name as Step Functions reports it ("Lambda.TooManyRequestsException"), and its cause; None
    for what SendTaskFailure left out.

    `stage` says what failed: the work itself ("run"), the call that was to start it ("submit": of patterns sync and callback), or
    the preparation of the call ("start"). It decides which event the history gets.
    """

    error: str | None
    cause: str | None = ""
    stage: Literal["run", "submit", "start"] = "run"


@dataclass(slots=True)
class Reply:
    """Where the answer to a call goes: `done(result)`, `done(TaskFailure(...))`. Only the first answer counts.

    `submitted(output)` may be told before, by calls with patterns sync and callback, when the service has taken the request (the
    history gets its `TaskSubmitted`). `heartbeat()` says that the work goes on. `open` is whether anybody still waits; who has
    something to stop when nobody does (a job, a nested execution) sets `cancelled`, which is called once.
    """

    answered: Callable[[Any | TaskFailure], None]
    on_submitted: Callable[[Any], None] | None = None
    on_heartbeat: Callable[[], None] | None = None
    cancelled: Callable[[], None] | None = None
    open: bool = True

    def __call__(self, answer: Any | TaskFailure) -> None:
        """The answer; ignored where there was one before, or nobody waits any more."""
        if self.open:
            self.open = False
            self.answered(answer)

    def submitted(self, output: Any) -> None:
        """The service has taken the request, and this is what it said."""
        if self.open and self.on_submitted is not None:
            self.on_submitted(output)

    def heartbeat(self) -> None:
        """The work goes on: the state's heartbeat timeout begins anew."""
        if self.open and self.on_heartbeat is not None:
            self.on_heartbeat()

    def cancel(self) -> None:
        """Nobody waits any more: the state timed out, or what it belongs to has ended."""
        if self.open:
            self.open = False
            if self.cancelled is not None:
                self.cancelled()


@dataclass(frozen=True, slots=True)
class Called:
    """The parts of a task's resource."""

    service: str
    action: str
    pattern: Pattern
    version: int


@lru_cache(maxsize=1024)
def called(resource: str) -> Called:
    """What the ARN of a task's resource calls; see `TaskCall`."""
    parts = resource.split(":", 6)
    if len(parts) < 6 or parts[2] != "states":
        return Called(parts[2] if len(parts) > 2 else "lambda", "", "request", 1)
    if parts[5] == "activity":
        return Called("activity", "", "activity", 1)
    service, action = parts[5], parts[6] if len(parts) > 6 else ""
    if service == "aws-sdk":
        sdk, _, action = action.partition(":")
        service = f"aws-sdk:{sdk}"
    for suffix, pattern, version in _SUFFIXES:
        if action.endswith(suffix):
            return Called(service, action.removesuffix(suffix), pattern, version)
    return Called(service, action, "request", 1)


class Services(Protocol):
    """Carries out the calls of a machine's tasks."""

    def start(self, call: TaskCall, done: Reply) -> None:
        """Begin a call. `done` is called once with the result (plain JSON) or a `TaskFailure`, at once or later."""
        ...


class NoServices:
    """Fails every call: for machines that call nothing."""

    def start(self, call: TaskCall, done: Reply) -> None:
        """Answers that there is nothing to call."""
        done(TaskFailure(error="States.TaskFailed", cause=f"nothing stands in for {call.resource}", stage="start"))
