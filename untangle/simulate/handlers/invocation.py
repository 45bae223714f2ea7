"""One invocation of one function, as a host gets it, and the ways in which it can be unable to run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from untangle.model.node import Function
from untangle.simulate.call import Answer, Api, ApiCall


class Unable(Exception):
    """A handler that cannot be run here; `reason` says why and what would help, for people."""

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(f"{function}: {reason}")
        self.function = function
        self.reason = reason


class Crash(BaseException):
    """The end of an execution environment, planted: no handler may catch it. `type` and `message` are as Lambda reports them."""

    def __init__(self, type: str = "Runtime.ExitError", message: str = "Runtime exited with error: signal: killed") -> None:
        super().__init__(message)
        self.type = type
        self.message = message


PLANTED = ("PlantedError", "a fault that was planted")  # the type and the message of an error that is planted into a handler


def _nothing(call: ApiCall) -> None:
    """No fault."""


def _unheard(text: str) -> None:
    """Nobody listens to what the handler prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One invocation.

    `handler` is the user's, `outbox` whether ours stands before it; with `fails` the handler raises `PLANTED` when it is through.
    `environment` are the variables of the template (and of the takeover); the host adds those that Lambda sets. `api` carries out
    what reaches a service; `before` and `after` are told of every call that the handler itself makes, above any outbox, and may
    raise `Crash`, or `ApiError` in the name of the service. `now` gives the virtual time in seconds since 1970, `seconds` is the
    function's timeout in virtual time, `wall` how long it may run really. `said` takes what the handler prints.
    """

    function: Function
    event: Any
    request_id: str
    handler: str
    arn: str
    name: str
    api: Api
    now: Callable[[], float]
    seconds: float
    client_context: Mapping[str, Any] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[ApiCall], None] = _nothing
    after: Callable[[ApiCall], None] = _nothing
    wall: float = 20.0
    outbox: bool = False
    fails: bool = False
    seed: int = 0
    said: Callable[[str], None] = _unheard


class Runs(Protocol):
    """A host of one language."""

    def fresh(self) -> None:
        """Forget every loaded function: the next invocation of each is a cold start."""
        ...

    def close(self) -> None:
        """Nothing is run any more: what runs beside this process is ended."""
        ...

    def __call__(self, invocation: Invocation) -> Answer:
        """Run a handler. Raises `Unable`."""
        ...
