"""A run that fails after calls of it had gone out: its error carries what they did, and the handler's own error."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.runtime.outboxes import aws, context, queue, waiting  # noqa: F401
from tests.runtime.test_outbox_told import ONE, TWO, dynamodb
from untangle.emit.asl.states import FAILED
from untangle.runtime import outbox
from untangle.runtime.outbox import BatchItemFailures, FailedWithEffects, clients

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture(autouse=True)
def table(aws: None) -> None:  # noqa: F811
    dynamodb().create_table(
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def put(item: Any = ONE) -> Any:
    return dynamodb().put_item(TableName="items", Item=item)


def broken(*does: Callable[[], Any]) -> Callable[[Any, Any], Any]:
    """A handler that does this and fails."""

    def handler(event: Any, context: Any) -> Any:
        for one in does:
            one()
        raise KeyError("order")

    return handler


def failed(handler: Callable[[Any, Any], Any], **asked: Any) -> Any:
    """What its error says."""
    with pytest.raises(FailedWithEffects) as found:
        outbox.wrap(handler)({}, context({"observe": ["items"], "failed": True, **asked}))
    return json.loads(str(found.value))


class TestTheError:
    def test_it_holds_the_handlers_own_and_the_effects(self) -> None:
        said = failed(broken(put))
        assert (said["errorType"], said["errorMessage"]) == ("KeyError", "'order'")
        assert [effect["params"]["Item"] for effect in said["effects"]] == [ONE]

    def test_its_name_is_what_the_catcher_takes_and_its_trace_the_handlers(self) -> None:
        with pytest.raises(FailedWithEffects) as found:
            outbox.wrap(broken(put))({}, context({"observe": ["items"], "failed": True}))
        assert type(found.value).__name__ == FAILED
        assert isinstance(found.value.__cause__, KeyError)
        assert 'raise KeyError("order")' in "".join(traceback.format_tb(found.value.__traceback__))

    def test_what_was_held_back_is_dropped(self) -> None:
        url = queue()
        send = lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="x")  # noqa: E731
        said = failed(broken(send, put), capture=[url])
        assert [effect["op"] for effect in said["effects"]] == ["PutItem"] and waiting(url) == []

    def test_messages_that_others_hear_of_too_are_handed_over(self) -> None:
        url = queue()
        send = lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="x")  # noqa: E731
        said = failed(broken(send), observe=[url])
        assert [effect["op"] for effect in said["effects"]] == ["SendMessage"] and waiting(url) == ["x"]

    def test_the_write_of_a_try_before_counts(self) -> None:
        put()
        (effect,) = failed(broken(put), tries=2)["effects"]
        assert effect["params"]["Item"] == ONE and "Attributes" not in effect["response"]

    def test_an_answer_that_reports_failures_is_one(self) -> None:
        answer = {"batchItemFailures": [{"itemIdentifier": "1"}]}
        said = failed(lambda event, context: put() and answer, partial=True)
        assert said["errorType"] == BatchItemFailures.__name__ and len(said["effects"]) == 1

    def test_so_is_an_answer_that_is_too_large(self) -> None:
        assert failed(lambda event, context: put() and "x" * 300_000)["errorType"] == "AnswerTooLarge"

    def test_of_an_awaited_handler(self) -> None:
        async def handler(event: Any, context: Any) -> None:
            put()
            raise KeyError("order")

        with pytest.raises(FailedWithEffects):
            asyncio.run(outbox.wrap(handler)({}, context({"observe": ["items"], "failed": True})))

    @pytest.mark.parametrize(
        ("does", "asked"),
        [
            ((), {"failed": True}),
            ((put,), {}),
            ((put,), {"failed": True, "observe": ["others"]}),
        ],
    )
    def test_otherwise_the_error_is_the_handlers(self, does: tuple[Any, ...], asked: Any) -> None:
        with pytest.raises(KeyError):
            outbox.wrap(broken(*does))({}, context({"observe": ["items"], **asked}))

    def test_the_end_of_the_process_is_none_of_it(self) -> None:
        def handler(event: Any, context: Any) -> None:
            put()
            raise SystemExit(1)

        with pytest.raises(SystemExit):
            outbox.wrap(handler)({}, context({"observe": ["items"], "failed": True}))

    def test_a_cause_takes_only_so_much(self, capsys: pytest.CaptureFixture[str]) -> None:
        large = {"id": {"S": "1"}, "text": {"S": "é" * 6_000}}
        with pytest.raises(KeyError):
            outbox.wrap(broken(lambda: put(large)))({}, context({"observe": ["items"], "failed": True}))
        assert "nothing follows" in capsys.readouterr().err

    def test_for_the_rest_the_trace_is_left_out(self) -> None:
        def deep(level: int) -> None:
            if not level:
                raise KeyError("order")
            # a line of code that is long enough for a hundred of them to fill a cause .........................................
            deep(level - 1) if level % 2 else exec("deep(level - 1)", {"deep": deep, "level": level})  # noqa: S102

        large = {"id": {"S": "1"}, "text": {"S": "x" * 28_000}}
        with pytest.raises(FailedWithEffects) as found:
            outbox.wrap(broken(lambda: put(large), lambda: deep(40)))({}, context({"observe": ["items"], "failed": True}))
        told = {"errorMessage": str(found.value), "stackTrace": traceback.format_tb(found.value.__traceback__)}
        assert len(json.dumps(told)) < 32_768


class TestAToken:
    def test_the_last_receive_answers_with_the_effects_and_the_queue_gets_the_handlers_error(self) -> None:
        told: list[Any] = []
        clients._made["stepfunctions"] = SimpleNamespace(
            send_task_heartbeat=lambda **given: None, send_task_failure=lambda **given: told.append(given)
        )
        marker = json.dumps({"token": "t", "receives": 3, "observe": ["items"], "failed": True, "tries": 0})
        for count in ("2", "3"):
            record = {
                "messageId": "1",
                "attributes": {"ApproximateReceiveCount": count},
                "messageAttributes": {"untangle": {"stringValue": marker, "dataType": "String"}},
            }
            with pytest.raises(KeyError):
                outbox.wrap(broken(put))({"Records": [record]}, context())
        (one,) = told
        cause = json.loads(one["cause"])
        assert one["error"] == cause["errorType"] == FAILED
        assert [effect["op"] for effect in json.loads(cause["errorMessage"])["effects"]] == ["PutItem"]


class TestAStart:
    def tried(self, monkeypatch: pytest.MonkeyPatch, *tries: Callable[[], Any], refuses: bool = False) -> list[Any]:
        """The executions that the tries of one request start."""
        started: list[Any] = []

        def start_execution(**given: Any) -> None:
            if refuses:
                raise ClientError({"Error": {"Code": "ExecutionLimitExceeded", "Message": ""}}, "StartExecution")
            started.append((given["name"], [effect["op"] for effect in json.loads(given["input"])["effects"]]))

        clients._made["stepfunctions"] = SimpleNamespace(start_execution=start_execution)
        asked = {"stateMachine": "arn:m", "entry": "api", "observe": ["items"], "failed": True, "capture": [self.url]}
        monkeypatch.setenv("UNTANGLE_START", json.dumps(asked))
        for does in tries:
            try:
                outbox.wrap(lambda event, context, does=does: does())({}, context(request="req-1"))
            except KeyError:
                continue
        return started

    @pytest.fixture(autouse=True)
    def url(self) -> None:
        self.url = queue()

    def send(self) -> Any:
        return boto3.client("sqs").send_message(QueueUrl=self.url, MessageBody="x")["MessageId"]

    def fails(self, *does: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: broken(*does)({}, None)

    def test_a_failed_try_starts_one_at_once_beside_that_of_the_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second = self.tried(monkeypatch, self.fails(self.send, put), lambda: (put(), self.send())[1])
        assert first[0].startswith("req-1-") and first[1] == ["PutItem"]
        assert second == ("req-1", ["SendMessage"]), "the put of the second try changes nothing, and was told of"

    def test_each_failed_try_tells_of_its_own_changes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tries = [self.fails(put), self.fails(put), self.fails(lambda: put(TWO))]
        first, second = self.tried(monkeypatch, *tries)
        assert first[0] != second[0]

    def test_without_writes_nothing_starts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.tried(monkeypatch, self.fails(self.send)) == []

    def test_a_start_that_is_refused_leaves_the_run_its_error(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.tried(monkeypatch, self.fails(put), refuses=True) == []
        assert "nothing follows" in capsys.readouterr().err
