"""Faults on the way to AWS: a session whose answers can be spoiled, operation by operation, through botocore's own events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from io import BytesIO
from threading import Lock
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.session import Session

Fault = Callable[[int, Any], AWSResponse | None]  # how often the operation was asked before, the request


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Any:
        content = self.read()
        while content:
            yield content
            content = self.read()


@cache
def _models() -> Any:
    return Session().get_component("data_loader")


def session() -> boto3.Session:
    """A session that shares with all others what botocore knows of the services: reading that is half of what a scan costs."""
    inner = Session()
    inner.register_component("data_loader", _models())
    return boto3.Session(botocore_session=inner)


def answer(body: str, status: int = 200, **headers: str) -> AWSResponse:
    """An answer as it comes over the wire."""
    return AWSResponse(
        "https://aws", status, {name.replace("_", "-"): value for name, value in headers.items()}, _Raw(body.encode())
    )


def error(code: str, message: str = "no", status: int = 400) -> AWSResponse:
    """An error that every protocol of AWS understands: in the header, as JSON would be ambiguous for those that speak XML."""
    return answer(json.dumps({"__type": code, "message": message}), status, x_amzn_errortype=code)


def xml_error(code: str, message: str = "no", status: int = 403) -> AWSResponse:
    """An error of the services that speak XML, S3 among them."""
    inner = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return answer(inner if code == "AccessDenied" else f"<ErrorResponse>{inner}</ErrorResponse>", status)


class Faults:
    """The spoiled answers of one session, by operation; also counts every call that is sent."""

    def __init__(self, session: boto3.Session) -> None:
        self.session = session
        self.sent: Counter[str] = Counter()
        self._lock = Lock()
        self._faults: dict[str, Fault] = {}
        self._anywhere: Fault | None = None
        self._pages: dict[str, dict[str, Any]] = {}
        session.events.register_first("before-send", self._send)
        session.events.register_first("before-call", self._call)

    def on(self, operation: str, fault: Fault) -> None:
        """Spoils an operation: `fault` gives the answer, raises, or returns None to let the call through."""
        self._faults[operation] = fault

    def anywhere(self, fault: Fault) -> None:
        """Spoils whatever is asked; it hears how many calls there were before, of all operations."""
        self._anywhere = fault

    def always(self, operation: str, make: Callable[[], AWSResponse]) -> None:
        """The same answer every time."""
        self.on(operation, lambda times, request: make())

    def says(self, operation: str, page: dict[str, Any]) -> None:
        """The page of an operation that moto does not have; nothing is sent."""
        self._pages[operation] = page

    def _call(self, event_name: str, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        page = self._pages.get(event_name.rpartition(".")[2])
        return None if page is None else (answer(""), dict(page))

    def _send(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        with self._lock:
            times, total = self.sent[operation], self.sent.total()
            self.sent[operation] += 1
        spoiled = self._anywhere(total, request) if self._anywhere else None
        fault = self._faults.get(operation)
        return spoiled or (fault(times, request) if fault else None)
