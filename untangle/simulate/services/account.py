"""An account on this machine: API calls are carried out by moto, in this process, and nothing reaches the network.

For runs of a definition alone, where there is no `World` that knows the application: queues, topics, buses, buckets and tables
that a call names and nobody made are made on first use, and a note says so. Jobs are answered as `jobs` has it, functions are
invoked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from untangle.errors import UntangleError
from untangle.simulate.call import ApiCall, ApiError, Functions
from untangle.simulate.clock import Clock
from untangle.simulate.names import REGION
from untangle.simulate.services.desk import Ids, as_text
from untangle.simulate.services.jobs import made_up
from untangle.simulate.services.stock import make, meant

_DUMMY = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_SESSION_TOKEN": "testing"}
_PROFILE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ENDPOINT_URL")


class NoMoto(UntangleError):
    """moto is not installed."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is carried out by moto, which is not installed", hint="pip install 'untangle-aws[run]', or mock the state"
        )


class Account:
    """An `Api` on in-process moto. `answer` is asked first (see `Integrations.answer`); `note` keeps what people should know.

    `keys` are the keys of tables that are not made yet, by the table's name: `(name, type)` of each attribute.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        functions: Functions,
        answer: Callable[[ApiCall], Mapping[str, Any] | None] = lambda call: None,
        note: Callable[[str], None] = lambda text: None,
        keys: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
        seed: int = 0,
    ) -> None:
        self.clock = clock
        self.functions = functions
        self.answer = answer
        self.note = note
        self.keys = dict(keys or {})
        self.ids = Ids(seed + 1_000_003)
        self._mock: Any = None
        self._clients: dict[str, Any] = {}

    def __call__(self, call: ApiCall) -> Mapping[str, Any]:
        """Carry out a call; raises ApiError, and NoMoto where moto is needed and not there."""
        answered = self.answer(call)
        if answered is not None:
            return answered
        if call.service == "lambda" and call.operation in ("Invoke", "InvokeAsync"):
            return self._invoke(call)
        job = made_up(call.service, call.operation, call.params, self.ids)
        if job is not None:
            self.note(f"{call.caller}: nothing runs what {call.service} {call.operation} asks for")
            return job
        meant_call = meant(call)
        with self._standing(call):
            try:
                return self._carried(meant_call)
            except ApiError as error:
                made = make(self._carried, meant_call, error, self.keys)
                if made is None:
                    raise
            self.note(f"{call.caller or call.operation}: there was no {made}; an empty one was made")
            return self._carried(meant_call)

    def close(self) -> None:
        """Everything that was made is gone."""
        if self._mock is not None:
            self._mock.stop()
        self._mock = None
        self._clients.clear()

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

    @contextmanager
    def _standing(self, call: ApiCall) -> Iterator[None]:
        """moto stands in for AWS from here on."""
        if self._mock is None:
            try:
                with _bare_environment():
                    from moto import mock_aws

                    self._mock = mock_aws()
            except ImportError:
                raise NoMoto(f"{call.service}:{call.operation} ({call.caller})") from None
            self._mock.start()
            _seed(self.ids.seed)
        yield

    def _carried(self, call: ApiCall) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client = self._client(call.service)
            response = client._make_api_call(call.operation, dict(call.params))
        except ClientError as error:
            said = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
            raise ApiError(
                str(said.get("Code") or "Unknown"), str(said.get("Message") or ""), status=status, service=call.service
            ) from None
        except NotImplementedError as error:
            raise ApiError("NotImplemented", f"moto has no {call.operation}: {error}", status=501, service=call.service) from None
        except BotoCoreError as error:
            raise ApiError("SdkClientException", str(error), status=400, service=call.service) from None
        except Exception as error:  # moto's own defects, of which there are some
            told = f"moto failed at {call.operation}: {type(error).__name__}: {error}"
            raise ApiError("InternalFailure", told, status=500, service=call.service) from None
        response.pop("ResponseMetadata", None)
        return dict(response)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            import botocore.session
            from botocore.config import Config

            with _bare_environment():
                session = botocore.session.Session()
                session.set_credentials("testing", "testing", "testing")
                client = session.create_client(service, region_name=REGION, config=Config(retries={"total_max_attempts": 1}))
            client._endpoint.http_session = _NoNetwork()
            self._clients[service] = client
        return self._clients[service]


class _NoNetwork:
    """What moto has left alone would go to AWS: it does not."""

    def send(self, request: Any) -> Any:
        """Refuses."""
        raise NotImplementedError(f"{request.method} {request.url.split('?')[0]}")

    def close(self) -> None:
        """Nothing is open."""


def _seed(seed: int) -> None:
    """moto's ids are the same in every run."""
    from moto.moto_api._internal import mock_random

    mock_random.seed(seed)


@contextmanager
def _bare_environment() -> Iterator[None]:
    """The environment without what names the user's own account."""
    kept = {name: os.environ.pop(name) for name in (*_PROFILE, *_DUMMY) if name in os.environ}
    os.environ.update(_DUMMY)
    try:
        yield
    finally:
        for name in _DUMMY:
            os.environ.pop(name, None)
        os.environ.update(kept)
