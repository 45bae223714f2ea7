"""One API call of a handler on its way through the outbox, and what may be done with it.

What happens to a call is written as a generator, once for botocore and for aiobotocore: it yields what is to be carried out (a
`Send`, a `Prepare`) and is given the answer; what it returns is the response that the handler gets.
"""

from __future__ import annotations

from typing import Any, Generator, Mapping, NamedTuple

from .parts import Operation
from .recording import Recording


class Send(NamedTuple):
    """A call that goes out, by the same client."""

    operation: str
    params: Any


class Prepare(NamedTuple):
    """The parameters of the call as botocore's own handlers (and those of a resource) leave them."""


class Call(NamedTuple):
    """A call of one run: `operation` as botocore names it, `told` how it is told, `params` as the handler gave them."""

    recording: Recording
    client: Any
    service: str
    name: str
    operation: Operation
    params: Any

    def refuse(self, code: str, message: str, status: int = 400) -> Exception:
        """The error that the service would have answered with, of the client's own class."""
        response = {
            "Error": {"Code": code, "Message": message, "Type": "Sender"},
            "ResponseMetadata": {**self.metadata(), "HTTPStatusCode": status},
        }
        known = code.rpartition(".")[2]  # classes are named without the service
        error: Exception = self.client.exceptions.from_code(known)(response, self.name)
        return error

    def metadata(self) -> dict[str, Any]:
        """What stands beside every response."""
        request = self.recording.identifier(self.recording.number())
        return {
            "RequestId": request,
            "HTTPStatusCode": 200,
            "HTTPHeaders": {"x-amzn-requestid": request},
            "RetryAttempts": 0,
        }


Steps = Generator[Any, Any, Mapping[str, Any]]
