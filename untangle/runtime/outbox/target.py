"""Which calls a workflow asked for: targets as the marker names them, held against what a call says.

A target is what the template knows of a resource: a queue's URL, the ARN of a topic or function, the name of a bus, table,
stream, bucket or function, or `service:Operation` for every call of an operation. A call may say the same in another form (a
queue by its name or old URL, a function by its ARN, a part of it or an alias, a table by its ARN); what one form does not say
(account, region) is not compared. A name alone is one in the region of the call.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Any, NamedTuple

_OPERATION = re.compile(r"([a-z][a-z0-9-]*):([A-Z][A-Za-z0-9]*)\Z")
_URL = re.compile(r"https?://([^/]+)/(?:(.*)/)?([^/]+)/?\Z")
_HOSTS = re.compile(r"(?:^|\.)(?:sqs|sqs-fips)\.([a-z0-9-]+)\.|^([a-z0-9-]+)\.queue\.")
_PARTIAL = re.compile(r"(\d{12}):(?:function:)?([^:]+)(?::([^:]+))?\Z")
_FUNCTION = re.compile(r"(?:function:)?([^:]+)(?::([^:]+))?\Z")
_WHERE_GLOBAL = ("s3",)


class Target(NamedTuple):
    """What is known of a resource; None is unknown. `operation` is set for every call of an operation."""

    text: str
    name: str
    service: str | None = None
    region: str | None = None
    account: str | None = None
    operation: str | None = None
    qualifier: str | None = None


def target(text: str) -> Target:
    """An entry of `capture` or `observe`."""
    return _target(text, os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))


@lru_cache(maxsize=1024)
def _target(text: str, own: str | None) -> Target:
    if (operation := _OPERATION.match(text)) is not None:
        return Target(text, "", service=operation[1], operation=operation[2])
    found = _parsed(text, None)
    return found if found.region or text.startswith(("arn:", "http")) else found._replace(region=own)


@lru_cache(maxsize=1024)
def named(service: str, text: str, region: str | None) -> Target:
    """What a call of a service, by a client in this region, names as its resource."""
    found = _parsed(text, service)._replace(service=service)
    return found if found.region or text.startswith(("arn:", "http")) else found._replace(region=region)


def matched(targets: tuple[Target, ...], given: Target) -> Target | None:
    """The first target that is what a call names; None where it is another resource."""
    for one in targets:
        if one.operation is None and one.name == given.name and _same(one, given):
            return one
    return None


def _same(one: Target, given: Target) -> bool:
    if one.service is not None and one.service != given.service:
        return False
    if one.qualifier is not None and given.qualifier is not None and one.qualifier != given.qualifier:
        return False
    if given.service in _WHERE_GLOBAL:
        return True
    for ours, theirs in ((one.region, given.region), (one.account, given.account)):
        if ours and theirs and ours != theirs:
            return False
    return True


def _parsed(text: str, service: str | None) -> Target:
    if text.startswith("arn:"):
        return _arn(text)
    url = _URL.match(text)
    if url is not None:
        host = _HOSTS.search(url[1])
        region = (host[1] or host[2]) if host is not None else "us-east-1" if url[1] == "queue.amazonaws.com" else None
        account = (url[2] or "").rpartition("/")[2]
        return Target(text, url[3], service="sqs", region=region, account=account if account.isdigit() else None)
    if service == "lambda":
        partial = _PARTIAL.match(text)
        if partial is not None:
            return Target(text, partial[2], account=partial[1], qualifier=partial[3])
        function = _FUNCTION.match(text)
        if function is not None:
            return Target(text, function[1], qualifier=function[2])
    return Target(text, text)


def _arn(text: str) -> Target:
    """An ARN; what stands before the name of a resource (`table/`, `event-bus/`, `stream/`, `function:`) is left out."""
    parts = text.split(":", 5)
    if len(parts) < 6:
        return Target(text, text)
    _, _, service, region, account, rest = parts
    known: dict[str, Any] = {"service": service, "region": region or None, "account": account or None}
    if service == "lambda":
        function = _FUNCTION.match(rest)
        return Target(text, function[1], qualifier=function[2], **known) if function is not None else Target(text, rest, **known)
    if service in ("events", "kinesis", "dynamodb"):
        return Target(text, rest.split("/")[1] if "/" in rest else rest, **known)
    return Target(text, rest, **known)
