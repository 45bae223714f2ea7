"""What crosses the border between a simulated function or machine and the services: an API call and its answer.

One chokepoint for both worlds: whatever a handler calls (Python through botocore, Node through its middleware) and whatever a
state machine calls goes through one `Api`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class ApiError(Exception):
    """An error that a service answers with: `code` as AWS names it (`ConditionalCheckFailedException`), the HTTP `status`.

    `response` holds what else the service says beside the code and the message (`CancellationReasons`).
    """

    def __init__(
        self, code: str, message: str = "", *, status: int = 400, service: str = "", response: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.service = service
        self.response = dict(response or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One call. `service` is botocore's name ("sqs", "events"), `operation` the API's ("SendMessage"), `params` in its spelling.

    `caller` is the node id of the function, or the name of the state machine's state, that makes it.
    """

    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    caller: str = ""


class Api(Protocol):
    """Carries out API calls."""

    def __call__(self, call: ApiCall) -> Mapping[str, Any]:
        """The response, without `ResponseMetadata`; raises `ApiError`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionError:
    """How an invocation failed: `type` and `message` as Lambda reports them (`errorType`, `errorMessage`).

    `throttled` means that the invocation itself was refused, `timed_out` that the function's timeout was reached.
    """

    type: str
    message: str = ""
    trace: tuple[str, ...] = ()
    throttled: bool = False
    timed_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an invocation gives: the `payload`, or the `error`. `seconds` is how long it took, in virtual time."""

    payload: Any = None
    error: FunctionError | None = None
    seconds: float = 0.0


class Functions(Protocol):
    """Invokes functions synchronously."""

    def __call__(self, function: str, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Answer:
        """Invoke a function, by its node id, ARN or name, with an event (plain JSON)."""
        ...
