"""An account on this machine: API calls are carried out by moto, in this process, and nothing reaches the network.

For runs of a definition alone, where there is no `World` that knows the application: queues, topics, buses, buckets and tables
that a call names and nobody made are made on first use, and a note says so. Jobs are answered as `jobs` has it, functions are
invoked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from untangle.errors import UntangleError, UsageError
from untangle.simulate import backend
from untangle.simulate.call import Api, ApiCall, ApiError, Functions
from untangle.simulate.clock import Clock
from untangle.simulate.jobs import PLAYS, Book, play_of
from untangle.simulate.services.desk import Ids, as_text
from untangle.simulate.services.jobs import made_up
from untangle.simulate.services.stock import make, meant

_PROFILE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ENDPOINT_URL")


class Account:
    """An `Api` on in-process moto. `answer` is asked first (see `Integrations.answer`); `note` keeps what people should know.

    `keys` are the keys of tables that are not made yet, by the table's name: `(name, type)` of each attribute.
    `carry` is a world's API, which knows more than moto.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        functions: Functions,
        answer: Callable[[ApiCall], Mapping[str, Any] | None] = lambda call: None,
        note: Callable[[str], None] = lambda text: None,
        keys: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
        carry: Api | None = None,
        seed: int = 0,
    ) -> None:
        self.clock = clock
        self.functions = functions
        self.answer = answer
        self.note = note
        self.keys = dict(keys or {})
        self.ids = Ids(seed + 1_000_003)
        self.jobs = Book(plays=PLAYS, clock=clock, new_id=self.ids.uuid)
        self._world = carry
        self._kept: dict[str, str | None] | None = None

    def __call__(self, call: ApiCall) -> Mapping[str, Any]:
        """Carry out a call; raises ApiError, and UntangleError where moto is needed and not installed."""
        answered = self.answer(call)
        if answered is not None:
            return answered
        if call.service == "lambda" and call.operation in ("Invoke", "InvokeAsync"):
            return self._world(call) if self._world else self._invoke(call)
        job = self._job(call)
        if job is not None:
            return job
        meant_call = meant(call)
        if self._world is None:
            self._begin(call)
        try:
            return self._carried(meant_call)
        except ApiError as error:
            made = make(self._carried, meant_call, error, self.keys)
            if made is None:
                raise
        self.note(f"{call.caller or call.operation}: there was no {made}; an empty one was made")
        return self._carried(meant_call)

    def _job(self, call: ApiCall) -> Mapping[str, Any] | None:
        """What is answered about a job here; None where the world plays it, or where it is none."""
        starts = play_of(call.service, call.operation) is not None
        answered = self.jobs.answer(call) if self._world is None else None
        if answered is None and not starts:
            answered = made_up(call.service, call.operation, call.params, self.ids)
            starts = answered is not None
        if starts:
            self.note(f"{call.caller}: nothing runs what {call.service} {call.operation} asks for")
        return answered

    def close(self) -> None:
        """The environment is the user's again."""
        if self._kept is not None:
            backend.stop()
        for name, value in (self._kept or {}).items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        self._kept = None

    def _invoke(self, call: ApiCall) -> Mapping[str, Any]:
        from untangle.simulate.services.functions import split

        name, given = split(str(call.params.get("FunctionName", "")))[0], call.params.get("Payload", "{}")
        event = json.loads(given) if given else {}
        if call.params.get("InvocationType") == "Event":
            self.clock.after(0, lambda: self._told(name, self.functions(name, event).error))
            return {"StatusCode": 202}
        answer = self.functions(name, event)
        if answer.error is None:
            return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": as_text(json.dumps(answer.payload))}
        if answer.error.throttled:
            raise ApiError("TooManyRequestsException", answer.error.message, status=429, service="lambda")
        said = {"errorMessage": answer.error.message, "errorType": answer.error.type, "stackTrace": list(answer.error.trace)}
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "FunctionError": "Unhandled", "Payload": json.dumps(said)}

    def _told(self, name: str, error: Any) -> None:
        if error is not None:
            self.note(f"{name}, invoked without waiting, failed with {error.type}: {error.message}; it was not tried again")

    def _begin(self, call: ApiCall) -> None:
        """moto stands in for AWS from here on, with nothing in it."""
        if self._kept is None:
            self._kept = {name: os.environ.get(name) for name in (*_PROFILE, *backend.DUMMY)}
            for name in _PROFILE:
                os.environ.pop(name, None)
            try:
                backend.fresh(self.ids.seed)
            except backend.NoMoto as error:
                raise UntangleError(
                    f"{call.caller}: {call.service}:{call.operation} is carried out by moto, which is not installed",
                    hint=f"{error.hint}, or mock the state",
                ) from None

    def _carried(self, call: ApiCall) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError

        try:
            return self._world(call) if self._world else backend.carry_out(call)
        except ApiError as error:
            if error.code in ("NotImplemented", "InternalFailure") and error.message.startswith("moto "):
                # not the service's error: nothing may catch it or try again
                raise UsageError(f"{call.caller}: {error.message}", hint="mock the state: --mock FILE --test-case NAME") from None
            raise
        except BotoCoreError as error:
            raise ApiError("SdkClientException", str(error).replace("\n", " "), service=call.service) from None
