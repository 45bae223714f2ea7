"""What the tests of the outbox share: an account that moto plays, contexts of invocations, a run with its marker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from untangle.runtime import outbox
from untangle.runtime.outbox import clients

REGION, ACCOUNT = "eu-west-1", "123456789012"
AT = "2026-01-31T12:00:00.250Z"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, REGION)
    for name in ("UNTANGLE_START", "UNTANGLE_RECORD", "UNTANGLE_CLAIMS", "_X_AMZN_TRACE_ID", "AWS_LAMBDA_FUNCTION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("untangle.runtime.outbox.effect.now", lambda: AT)
    clients._made.clear()
    with mock_aws():
        yield
    clients._made.clear()


def context(asked: Any = None, request: str = "req-1") -> SimpleNamespace:
    """The context of an invocation, with a marker or without."""
    given = None if asked is None else SimpleNamespace(custom={"untangle": asked}, env=None, client=None)
    return SimpleNamespace(aws_request_id=request, client_context=given)


def ran(does: Callable[[], Any], event: Any = None, **asked: Any) -> Any:
    """`{return, effects}` of a handler that does this; whatever is answered is JSON."""
    answer = outbox.wrap(lambda event, context: does())(event or {}, context(asked))
    json.dumps(answer["effects"])
    return answer


def effects(does: Callable[[], Any], **asked: Any) -> list[Any]:
    """The effects alone."""
    found: list[Any] = ran(does, **asked)["effects"]
    return found


def queue(name: str = "orders", **attributes: str) -> str:
    """The URL of a queue."""
    url: str = boto3.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def waiting(url: str) -> list[str]:
    """The bodies in a queue."""
    found = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in found.get("Messages", ())]


def table(name: str = "items", **more: Any) -> Any:
    """A table with the key `id`, as a resource."""
    return boto3.resource("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )


def bucket(name: str = "claims") -> str:
    """A bucket."""
    boto3.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name
