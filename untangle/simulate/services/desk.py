"""What the integrations of a machine's tasks share: the world's API, its functions and machines, tokens, ids and time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from untangle.simulate.call import Api, ApiCall, Functions
from untangle.simulate.clock import Clock
from untangle.simulate.jobs import Book
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure

if TYPE_CHECKING:
    from untangle.simulate.services.machines import Machines
    from untangle.simulate.services.tokens import Tokens

Worker = Callable[[Any], Any]


class Failed(Exception):
    """A call that fails: the error's name as Step Functions reports it, and its cause."""

    def __init__(self, error: str, cause: str = "", *, submitting: bool = False) -> None:
        super().__init__(f"{error}: {cause}")
        self.failure = TaskFailure(error=error, cause=cause, stage="submit" if submitting else "run")


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """An answer, or a failure, that comes only when `seconds` of virtual time have passed."""

    seconds: float
    answer: Any


@dataclass(slots=True)
class Ids:
    """Ids in the form of a UUID, the same for the same seed and order."""

    seed: int = 0
    given: int = 0

    def uuid(self) -> str:
        """The next id."""
        self.given += 1
        text = hashlib.sha256(f"{self.seed}|{self.given}".encode()).hexdigest()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"


@dataclass(slots=True, kw_only=True)
class Desk:
    """`jobs` are those of the world, `notes` things that people should know about a run: what was made up, or made for it."""

    clock: Clock
    api: Api
    functions: Functions
    machines: Machines
    tokens: Tokens
    ids: Ids = field(default_factory=Ids)
    jobs: Book | None = None
    workers: Mapping[str, Worker] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def request(self, call: TaskCall, service: str, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry out an API call for a task; raises `ApiError`."""
        return self.api(ApiCall(service=service, operation=operation, params=params, caller=call.state))

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """How a service of Step Functions is called.

    `service` is its name in a resource; `prefix` that of its errors ("SQS"). `call` carries out the request and gives its
    response, or `After`; it raises `Failed` or `ApiError`. `finish` is for `.sync`: it is handed the response and answers when
    the work is done.
    """

    service: str
    call: Callable[[Desk, TaskCall], Any]
    prefix: str = ""
    finish: Callable[[Desk, TaskCall, Any, Reply], None] | None = None


def as_text(value: Any) -> str:
    """A value as a parameter that is a text: itself where it is one, otherwise as JSON without spaces."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def parameters(call: TaskCall) -> dict[str, Any]:
    """The arguments of a call, which must be an object."""
    if not isinstance(call.arguments, Mapping):
        raise Failed("States.Runtime", f"the parameters of {call.service}:{call.action} must be an object")
    return dict(call.arguments)


def metadata(desk: Desk, response: Mapping[str, Any]) -> dict[str, Any]:
    """A response as an optimized integration gives it: with the metadata of the SDK beside its fields."""
    request = desk.ids.uuid()
    headers = {"x-amzn-RequestId": request, "Content-Type": "application/json"}
    http = {"AllHttpHeaders": {key: [value] for key, value in headers.items()}, "HttpHeaders": headers, "HttpStatusCode": 200}
    return {**response, "SdkHttpMetadata": http, "SdkResponseMetadata": {"RequestId": request}}
