"""The live backing: boto3, with lazily made clients, own paging, and patience. Nothing here decides what may be asked.

boto3 is imported when the first account is read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from untangle.errors import AwsError
from untangle.scanners.account.call import GLOBAL, Outcome, Page, Request
from untangle.scanners.account.denied import code_of, is_credentials, is_throttled, outcome_of
from untangle.scanners.account.manners import Bucket, Manners, Stopped
from untangle.scanners.account.operations import Fields, operation
from untangle.scanners.account.paging import SIZES, Pager, pager
from untangle.scanners.account.recording import Recorded

if TYPE_CHECKING:
    import boto3

HOME = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}  # where global services are asked
PATIENCE = 8  # rounds of waiting after botocore itself has given up on a throttled call
_BROKEN_TOKEN = {"InvalidNextToken", "InvalidNextTokenException", "InvalidPaginationTokenException",
                 "ExpiredNextTokenException", "ExpiredNextToken",
                 "InvalidPaginationToken"}  # fmt: skip


class Live:
    """Answers from AWS. `sessions` are by account; `throttled` counts the calls that were refused for their number."""

    def __init__(
        self, sessions: Mapping[str, boto3.Session], manners: Manners, partition: str = "aws", attempts: int = 5
    ) -> None:
        self._sessions, self._manners, self._partition, self._attempts = dict(sessions), manners, partition, attempts
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._pagers: dict[tuple[str, str], Pager | None] = {}
        self._fields: dict[tuple[str, str], Mapping[str, Fields]] = {}
        self._lock = threading.Lock()
        self.throttled = 0

    def close(self) -> None:
        """Lets go of the clients, and of what botocore knows of the services: tens of megabytes that linking can use."""
        with self._lock:
            self._clients.clear()
            self._sessions.clear()

    def fetch(self, request: Request) -> Recorded:
        """All pages of one request as AWS gives them. Raises AwsError for bad credentials, Stopped after an interrupt."""
        pages: list[Page] = []
        for fresh in (False, True):
            pages.clear()
            try:
                self._collect(request, pages)
                return Recorded(pages=tuple(pages), outcome=Outcome.READ)
            except Stopped:
                raise
            except Exception as error:
                if is_credentials(error):
                    raise refused(error) from error
                if code_of(error) in _BROKEN_TOKEN and pages and not fresh:
                    continue  # the listing took too long for its token: once more from the start
                outcome, code = outcome_of(error)
                if pages and outcome is not Outcome.READ:  # some is known, so it is not absent; and it is not all
                    outcome = Outcome.INCOMPLETE
                return Recorded(pages=tuple(pages), outcome=outcome, code=code)
        raise AssertionError("unreachable")

    def _collect(self, request: Request, pages: list[Page]) -> None:
        client = self._client(request)
        method = getattr(client, _method(client, request.operation))
        turn = self._pager(client, request)
        bucket = self._manners.bucket(request.account, request.region, request.service, request.operation)
        params = {**SIZES.get((request.service, request.operation), {}), **request.params}
        seen: list[dict[str, Any]] = []
        while True:
            page = self._patiently(bucket, lambda: method(**params))  # noqa: B023  called before the loop goes on
            pages.append(page)
            following = turn.following(page) if turn else None
            if following is None:
                return
            if following in seen[-1:]:
                raise RepeatedToken
            seen.append(following)
            params = {**params, **following}

    def _patiently(self, bucket: Bucket | None, call: Callable[[], Page]) -> Page:
        """One call; one that is throttled for longer than botocore has patience waits, more slowly each time."""
        for attempt in range(PATIENCE + 1):
            try:
                page = self._manners.make(bucket, call)
            except Stopped:
                raise
            except Exception as error:
                if not is_throttled(error) or attempt == PATIENCE:
                    raise
                with self._lock:
                    self.throttled += 1
                if bucket:
                    bucket.refused()
                self._manners.pause(min(2.0**attempt, 20) if bucket else 0.05)
                continue
            if bucket:
                retried = page.get("ResponseMetadata", {}).get("RetryAttempts", 0)
                bucket.refused() if retried else bucket.went_well()
            return page
        raise AssertionError("unreachable")

    def _client(self, request: Request) -> Any:
        region = HOME.get(self._partition, HOME["aws"]) if request.region == GLOBAL else request.region
        key = (request.account, region, request.service)
        with self._lock:
            if key not in self._clients:
                client = self._sessions[request.account].client(request.service, region, config=config(self._attempts))
                client.meta.events.register("before-parse", _whole)
                self._clients[key] = client
            return self._clients[key]

    def _pager(self, client: Any, request: Request) -> Pager | None:
        key = (request.service, request.operation)
        if key not in self._pagers:
            model = client.meta.service_model.operation_model(request.operation)
            takes = list(model.input_shape.members) if model.input_shape else []
            gives = list(model.output_shape.members) if model.output_shape else []
            self._pagers[key] = pager(*key, _description(self._sessions[request.account], *key), takes, gives)
        return self._pagers[key]

    def fields(self, request: Request) -> Mapping[str, Fields]:
        """The fields that may be kept, without those plain ones that botocore's model calls sensitive."""
        key = (request.service, request.operation)
        if key not in self._fields:
            model = self._client(request).meta.service_model.operation_model(request.operation)
            self._fields[key] = without_sensitive(model.output_shape, operation(*key).fields)
        return self._fields[key]

    def is_recorded(self, request: Request) -> bool:
        """Never."""
        return False


class TruncatedAnswer(Exception):
    """A body that is not the whole of a JSON object."""


def _whole(operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Refuses what botocore would take for an answer without contents: JSON that breaks off, the page of a proxy."""
    protocol = str(operation_model.service_model.metadata.get("protocol", ""))
    body = response_dict.get("body", b"")
    if "json" not in protocol or response_dict.get("status_code", 200) >= 300 or not isinstance(body, bytes) or not body.strip():
        return
    body = body.strip()
    if not (body.startswith(b"{") and body.endswith(b"}")):
        raise TruncatedAnswer


class RepeatedToken(Exception):  # told to the user by this name
    """A listing gave the same token twice: what follows would be the same page for ever."""


def without_sensitive(shape: Any, fields: Mapping[str, Fields]) -> dict[str, Fields]:
    """Drops every field of the plain kind whose shape, or whose elements' shape, botocore marks as sensitive."""
    kept: dict[str, Fields] = {}
    while shape.type_name == "list":
        shape = shape.member
    for name, inner in fields.items():
        part = shape.value if shape.type_name == "map" else shape.members.get(name)
        if part is None:
            continue
        if isinstance(inner, str):
            element = part.member if part.type_name == "list" else part
            if inner not in ("", "id") or not (part.metadata.get("sensitive") or element.metadata.get("sensitive")):
                kept[name] = inner
        else:
            kept[name] = without_sensitive(part, inner)
    return kept


def config(attempts: int = 5) -> Any:
    """How clients behave: adaptive retries, short timeouts, a name that the account's owner can find in their trail."""
    from botocore.config import Config

    from untangle import __version__

    return Config(
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=32,
        user_agent_extra=f"untangle/{__version__}",
        parameter_validation=True,
    )


def refused(error: BaseException) -> AwsError:
    """Bad credentials, as the user is told of them: what AWS said, never what was sent."""
    code = code_of(error)
    if code in ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyConnectionError", "SSLError"):
        return AwsError(f"AWS cannot be reached: {code}", hint="a recording needs no network: `untangle scan DIR`")
    if code == "ProfileNotFound":
        return AwsError(str(error), hint="`aws configure list-profiles` tells those that there are")
    if code in ("NoCredentialsError", "PartialCredentialsError"):
        return AwsError(
            f"no credentials were found: {code}",
            hint="sign in (`aws sso login`, `aws configure`) or say --profile NAME; a recording needs none: `untangle scan DIR`",
        )
    return AwsError(
        f"the credentials do not work: {code}",
        hint="sign in again (for example `aws sso login`), then go on with --resume where a recording was being made",
    )


def _method(client: Any, operation: str) -> str:
    from botocore import xform_name

    name = str(xform_name(operation))
    if not hasattr(client, name):
        raise NotImplementedError(operation)  # a botocore that is older than the operation
    return name


def _description(session: boto3.Session, service: str, operation: str) -> Mapping[str, Any] | None:
    """What botocore knows about an operation's pages."""
    try:
        found: Mapping[str, Any] = session._session.get_paginator_model(service).get_paginator(operation)
        return found
    except Exception:  # UnknownServiceError, ValueError, DataNotFoundError: it knows nothing
        return None
