"""aiobotocore has a method of its own for calls: the outbox meets it too, also when it is imported later than the outbox.

aiobotocore pins the botocore that it works with, so it stands in no environment of this repository: `pip install aiobotocore
'moto[server]'` into one of its own runs these tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.runtime.outboxes import AT, context
from untangle.runtime import outbox

session = pytest.importorskip("aiobotocore.session", reason="aiobotocore is not installed: its clients are not tested here")
REGION = "eu-west-1"
URL = f"https://sqs.{REGION}.amazonaws.com/123456789012/orders"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, REGION)
    monkeypatch.setattr("untangle.runtime.outbox.effect.now", lambda: AT)
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def ran(does: Any, **asked: Any) -> Any:
    """The answer of a handler that starts a loop, as Lambda's do."""
    return outbox.wrap(lambda event, context: asyncio.run(does()))({}, context(asked))


def test_calls_are_held_back_and_answered(endpoint: str) -> None:
    async def does() -> Any:
        async with session.get_session().create_client("sqs") as sqs, session.get_session().create_client("lambda") as functions:
            sent = await asyncio.gather(*(sqs.send_message(QueueUrl=URL, MessageBody=str(n)) for n in range(3)))
            invoked = await functions.invoke(FunctionName="next", InvocationType="Event", Payload=b"{}")
            return [*(one["MessageId"] for one in sent), (await invoked["Payload"].read()).decode()]

    answer = ran(does, capture=[URL, "next"])
    *sent, invoked = answer["effects"]
    assert [one["response"]["MessageId"] for one in sent] == answer["return"][:3] and answer["return"][3] == ""
    assert [one["params"]["MessageBody"] for one in sent] == ["0", "1", "2"] and invoked["params"]["Payload"] == {}


def test_calls_that_go_out_are_told_of(endpoint: str) -> None:
    async def does() -> Any:
        async with session.get_session().create_client("dynamodb", endpoint_url=endpoint) as dynamodb:
            await dynamodb.create_table(
                TableName="items",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            key = {"id": {"S": "1"}}
            await dynamodb.put_item(TableName="items", Item=key)
            update = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}
            return await dynamodb.update_item(TableName="items", Key=key, **update)

    answer = ran(does, observe=["items"])
    put, update = answer["effects"]
    assert (put["op"], put["response"].get("Attributes")) == ("PutItem", None)
    assert update["oldImage"] == {"id": {"S": "1"}} and update["newImage"] == {"id": {"S": "1"}, "n": {"N": "1"}}
    assert "Attributes" not in answer["return"]


def test_what_is_refused_is_raised(endpoint: str) -> None:
    from botocore.exceptions import ParamValidationError

    async def does() -> Any:
        async with session.get_session().create_client("sqs") as sqs:
            await sqs.send_message(QueueUrl=URL, MessageBody=7)

    with pytest.raises(ParamValidationError):
        ran(does, capture=[URL])


def test_a_handler_that_is_awaited(endpoint: str) -> None:
    async def handler(event: Any, context: Any) -> str:
        async with session.get_session().create_client("sqs") as sqs:
            return str((await sqs.send_message(QueueUrl=URL, MessageBody="x"))["MessageId"])

    answer = asyncio.run(outbox.wrap(handler)({}, context({"capture": [URL]})))
    assert answer["effects"][0]["response"]["MessageId"] == answer["return"]


def test_a_tracing_library_that_is_there(endpoint: str) -> None:
    trace = pytest.importorskip("opentelemetry.trace", reason="opentelemetry is not installed: the real one is not tested here")
    given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    def handler(event: Any, context: Any) -> str:
        return format(trace.get_current_span().get_span_context().trace_id, "032x")

    assert outbox.wrap(handler)({}, context({"traceparent": given}))["return"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert not trace.get_current_span().get_span_context().is_valid


def test_powertools_around_a_handler(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = pytest.importorskip(
        "aws_lambda_powertools.utilities.batch", reason="Powertools is not installed: it is not tested here"
    )
    import boto3

    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "1")
    processor = batch.BatchProcessor(event_type=batch.EventType.SQS)

    def each(record: Any) -> None:
        boto3.client("sqs").send_message(QueueUrl=URL, MessageBody=record.body)
        if record.body == "bad":
            raise ValueError

    def handler(event: Any, context: Any) -> Any:
        return batch.process_partial_response(event=event, record_handler=each, processor=processor, context=context)

    def event(*bodies: str) -> Any:
        return {"Records": [{"messageId": body, "body": body, "eventSourceARN": "arn:aws:sqs:r:1:q"} for body in bodies]}

    asked = {"capture": [URL], "partial": True}
    answer = outbox.wrap(handler)(event("good"), context(asked))
    assert answer["return"] == {"batchItemFailures": []} and len(answer["effects"]) == 1
    with pytest.raises(Exception):  # noqa: B017 - Powertools raises its own where all have failed
        outbox.wrap(handler)(event("bad"), context(asked))
    with pytest.raises(outbox.BatchItemFailures):
        outbox.wrap(handler)(event("good", "bad"), context(asked))
