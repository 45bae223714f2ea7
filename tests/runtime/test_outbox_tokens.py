"""Messages with a task token, a function that starts its workflow, claims, and record mode."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.runtime.outboxes import ACCOUNT, REGION, aws, bucket, context, effects, queue, ran, waiting  # noqa: F401
from untangle.runtime import outbox
from untangle.runtime.outbox import AnswerTooLarge, ClaimError, OutboxError, clients

pytestmark = pytest.mark.usefixtures("aws")
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:Orders"
LARGE = 'a "quoted" text with é, ' * 4_000


class States:
    """Step Functions: what it is told; tokens in `gone` are not waited for, those in `late` not when the answer comes."""

    def __init__(self, gone: tuple[str, ...] = (), late: tuple[str, ...] = ()) -> None:
        self.gone, self.late = gone, late
        self.told: list[tuple[str, dict[str, Any]]] = []

    def send_task_heartbeat(self, taskToken: str) -> None:
        self._tell("heartbeat", self.gone, {"taskToken": taskToken})

    def send_task_success(self, **told: Any) -> None:
        self._tell("success", (*self.gone, *self.late), told)

    def send_task_failure(self, **told: Any) -> None:
        self._tell("failure", (*self.gone, *self.late), told)

    def _tell(self, what: str, gone: tuple[str, ...], told: dict[str, Any]) -> None:
        if told["taskToken"] in gone:
            raise ClientError({"Error": {"Code": "TaskTimedOut", "Message": ""}}, what)
        self.told.append((what, told))

    def of(self, what: str) -> list[dict[str, Any]]:
        return [told for kind, told in self.told if kind == what]


def record(id: str, token: str | None = None, count: int = 1, fifo: bool = False, **asked: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = {"own": {"stringValue": "x", "dataType": "String"}}
    if token is not None:
        attributes["untangle"] = {"stringValue": json.dumps({"token": token, "receives": 3, **asked}), "dataType": "String"}
    return {
        "messageId": id,
        "body": f"body {id}",
        "attributes": {"ApproximateReceiveCount": str(count)},
        "messageAttributes": attributes,
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders{'.fifo' if fifo else ''}",
    }


def handled(states: States, records: list[Any], handler: Callable[[Any], Any]) -> Any:
    clients._made["stepfunctions"] = states
    return outbox.wrap(lambda event, context: handler(event))({"Records": records}, context())


class TestTokens:
    def test_a_message_is_answered_for_with_its_effects(self) -> None:
        url, states, seen = queue(), States(), []

        def handler(event: Any) -> Any:
            seen.append(event)
            return boto3.client("sqs").send_message(QueueUrl=url, MessageBody="next")["MessageId"]

        returned = handled(states, [record("1", "t", capture=[url])], handler)
        assert seen == [{"Records": [record("1")]}] and waiting(url) == []
        assert [what for what, _ in states.told] == ["heartbeat", "success"]
        output = json.loads(states.of("success")[0]["output"])
        assert output["return"] == returned == output["effects"][0]["response"]["MessageId"]

    def test_nobody_waits_any_more(self) -> None:
        url, states, seen = queue(), States(gone=("t",)), []

        def handler(event: Any) -> str:
            seen.append(event)
            boto3.client("sqs").send_message(QueueUrl=url, MessageBody="next")
            return "done"

        assert handled(states, [record("1", "t", capture=[url])], handler) == "done"
        assert seen == [{"Records": [record("1")]}] and waiting(url) == ["next"] and states.told == []

    def test_an_answer_that_comes_too_late_fails_the_message(self) -> None:
        states = States(late=("t",))
        with pytest.raises(Exception, match="given up"):
            handled(states, [record("1", "t", count=3)], lambda event: None)
        assert states.of("failure") == []

    @pytest.mark.parametrize(("count", "parked"), [(1, False), (2, False), (3, True), (4, True)])
    def test_a_failure_is_told_at_the_last_receive(self, count: int, parked: bool) -> None:
        states = States()

        def handler(event: Any) -> None:
            raise KeyError("order")

        with pytest.raises(KeyError):
            handled(states, [record("1", "t", count=count)], handler)
        assert bool(states.of("failure")) is parked
        for told in states.of("failure"):
            assert told["error"] == "Untangle.Parked" and json.loads(told["cause"])["errorType"] == "KeyError"

    def test_without_a_limit_of_receives_nothing_is_parked(self) -> None:
        states = States()
        with pytest.raises(ZeroDivisionError):
            handled(states, [record("1", "t", count=99, receives=None)], lambda event: 1 // 0)
        assert states.of("failure") == []

    def test_a_batch_is_taken_apart(self) -> None:
        states, seen = States(gone=("t4",)), []

        def handler(event: Any) -> None:
            seen.append([item["messageId"] for item in event["Records"]])
            if seen[-1] == ["3"]:
                raise ValueError

        records = [record("1", "t1"), record("2"), record("3", "t3"), record("4", "t4"), record("5")]
        assert handled(states, records, handler) == {"batchItemFailures": [{"itemIdentifier": "3"}]}
        assert seen == [["1"], ["2", "4", "5"], ["3"]]
        assert [told["taskToken"] for told in states.of("success")] == ["t1"]

    def test_behind_a_failure_a_fifo_queue_waits(self) -> None:
        states, seen = States(), []

        def handler(event: Any) -> None:
            seen.append([item["messageId"] for item in event["Records"]])
            if seen[-1] == ["3"]:
                raise ValueError

        records = [record(str(n), token, fifo=True) for n, token in enumerate([None, "t1", None, "t3", "t4", None])]
        failed = handled(states, records, handler)["batchItemFailures"]
        assert seen == [["0"], ["1"], ["2"], ["3"]] and [item["itemIdentifier"] for item in failed] == ["3", "4", "5"]

    def test_what_the_handler_reports_as_failed(self) -> None:
        states = States()
        failing = {"batchItemFailures": [{"itemIdentifier": "1"}]}
        with pytest.raises(outbox.BatchItemFailures):
            handled(states, [record("1", "t", partial=True)], lambda event: failing)
        assert states.of("success") == []
        records = [record("1"), record("2", "t", partial=True), record("3")]
        does = lambda event: failing if len(event["Records"]) > 1 else None  # noqa: E731
        assert handled(States(), records, does) == failing
        unknown = {"batchItemFailures": [{"itemIdentifier": "nobody"}]}
        does = lambda event: unknown if len(event["Records"]) > 1 else None  # noqa: E731
        assert [item["itemIdentifier"] for item in handled(States(), records, does)["batchItemFailures"]] == ["1", "3"]

    def test_all_failed_is_a_failure_whatever_the_mapping_reports(self) -> None:
        with pytest.raises(ZeroDivisionError):
            handled(States(), [record("1", "t1"), record("2", "t2")], lambda event: 1 // 0)

    def test_what_no_state_takes_is_not_answered(self) -> None:
        states = States()
        with pytest.raises(AnswerTooLarge):
            handled(states, [record("1", "t", count=3)], lambda event: "x" * 300_000)
        assert states.of("success") == [] and len(states.of("failure")) == 1

    @pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"token": 7}'])
    def test_an_attribute_of_the_same_name_is_the_handlers_own(self, text: str) -> None:
        mine = record("1")
        mine["messageAttributes"]["untangle"] = {"stringValue": text}
        seen: list[Any] = []
        handled(States(), [mine], seen.append)
        assert seen == [{"Records": [mine]}]


class TestAStart:
    def start(self, monkeypatch: pytest.MonkeyPatch, does: Callable[[], Any], request: str = "req-1", **asked: Any) -> list[Any]:
        started: list[Any] = []

        def start_execution(**given: Any) -> None:
            if any(one["name"] == given["name"] for one in started):
                raise ClientError({"Error": {"Code": "ExecutionAlreadyExists", "Message": ""}}, "StartExecution")
            started.append(given)

        clients._made["stepfunctions"] = SimpleNamespace(start_execution=start_execution)
        monkeypatch.setenv("UNTANGLE_START", json.dumps({"stateMachine": MACHINE, "entry": "api", **asked}))
        handler = outbox.wrap(lambda event, context: does())
        self.answers = [handler({}, context(request=request)) for _ in range(2)]
        return started

    def test_a_function_outside_starts_its_workflow_once_for_a_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        url = queue()
        does = lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="x")["MessageId"]  # noqa: E731
        (started,) = self.start(monkeypatch, does, capture=[url])
        assert (started["stateMachineArn"], started["name"]) == (MACHINE, "req-1") and waiting(url) == []
        given = json.loads(started["input"])
        assert given["entry"] == "api" and given["effects"][0]["response"]["MessageId"] == self.answers[0] == self.answers[1]

    def test_without_effects_nothing_is_started(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.start(monkeypatch, lambda: {"statusCode": 400}, capture=["q"]) == []
        assert self.answers[0] == {"statusCode": 400}

    def test_a_failure_starts_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(ZeroDivisionError):
            self.start(monkeypatch, lambda: 1 // 0, capture=["q"])

    def test_a_start_that_fails_fails_the_invocation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        url = queue()
        monkeypatch.setenv("UNTANGLE_START", json.dumps({"stateMachine": MACHINE, "entry": "api", "capture": [url]}))
        with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
            outbox.wrap(lambda event, context: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="x") and None)(
                {}, context()
            )

    def test_an_invocation_with_a_marker_is_none_of_this(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("UNTANGLE_START", json.dumps({"stateMachine": MACHINE, "entry": "api"}))
        assert ran(lambda: 7, capture=[]) == {"return": 7, "effects": []}

    @pytest.mark.parametrize("value", ["no json", "[]", '{"entry": "api"}'])
    def test_a_variable_that_is_wrong_says_so(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("UNTANGLE_START", value)
        with pytest.raises(OutboxError, match="UNTANGLE_START"):
            outbox.wrap(lambda event, context: None)({}, context())


def claim_of(text: str, name: str = "claims") -> dict[str, str]:
    """The claim of a text that is put into the bucket here."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    boto3.client("s3").put_object(Bucket=name, Key=f"k/{digest}", Body=text.encode())
    return {"untangle-claim": f"s3://{name}/k/{digest}#{digest}"}


def written(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class TestClaims:
    def test_a_large_text_goes_into_the_bucket_and_comes_back(self) -> None:
        url = queue()
        bucket()
        does = lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody=LARGE) and None  # noqa: E731
        (found,) = effects(does, capture=[url], claim={"bucket": "claims", "of": [url]}, execution="run-1")
        claim = json.loads(found["params"]["MessageBody"])["untangle-claim"]
        assert claim.startswith("s3://claims/untangle/run-1/") and claim.endswith(hashlib.sha256(LARGE.encode()).hexdigest())
        seen: list[Any] = []
        event = {"Records": [{"body": found["params"]["MessageBody"], "md5OfBody": "of the claim"}]}
        outbox.wrap(lambda event, context: seen.append(event))(event, None)
        md5 = hashlib.md5(LARGE.encode()).hexdigest()  # noqa: S324
        assert seen == [{"Records": [{"body": LARGE, "md5OfBody": md5}]}]

    @pytest.mark.parametrize(
        ("does", "target"),
        [
            (
                lambda: boto3.client("sns").publish(TopicArn="arn:aws:sns:eu-west-1:1:t", Message=LARGE),
                "arn:aws:sns:eu-west-1:1:t",
            ),
            (
                lambda: boto3.client("events").put_events(
                    Entries=[{"Source": "s", "DetailType": "d", "Detail": written({"a": LARGE})}]
                ),
                "default",
            ),
            (
                lambda: boto3.client("lambda").invoke(
                    FunctionName="next", InvocationType="Event", Payload=written({"a": LARGE}).encode()
                )["StatusCode"],
                "next",
            ),
        ],
    )
    def test_texts_of_every_channel(self, does: Any, target: str) -> None:
        bucket()
        (found,) = effects(lambda: does() and None, capture=[target], claim={"bucket": "claims", "of": [target]})
        assert len(written(found)) < 2_000
        text = next(found["params"][name] for name in ("Message", "Detail", "Payload") if name in found["params"])
        assert (isinstance(text, dict)) is (found["op"] == "Invoke") and "untangle-claim" in written(text)

    def test_what_stays_in_the_state(self) -> None:
        url, other = queue(), queue("other")
        topic = boto3.client("sns").create_topic(Name="t")["TopicArn"]
        asked = {"bucket": "claims", "of": [url, topic]}
        small = lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="x" * 4096)  # noqa: E731
        foreign = lambda: boto3.client("sqs").send_message(QueueUrl=other, MessageBody=LARGE)  # noqa: E731
        several = lambda: boto3.client("sns").publish(  # noqa: E731
            TopicArn=topic, MessageStructure="json", Message=written({"default": LARGE})
        )
        for does in (small, foreign, several):
            (found,) = effects(lambda does=does: does() and None, capture=[url, other, topic], claim=asked)  # type: ignore[misc]
            assert "untangle-claim" not in written(found["params"])
        (found,) = effects(
            lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody=LARGE) and None, observe=[url], claim=asked
        )
        assert found["params"]["MessageBody"] == LARGE

    def test_claims_within_texts_are_replaced_as_they_are_escaped(self) -> None:
        bucket()
        notification = lambda text: {"Type": "Notification", "Message": text}  # noqa: E731
        detail = written({"order": LARGE})
        rows = [
            (claim_of(detail), {"order": LARGE}),
            ({"detail": claim_of(detail)}, {"detail": {"order": LARGE}}),
            (written(claim_of(LARGE)), LARGE),
            (written(notification(written(claim_of(LARGE)))), written(notification(LARGE))),
            (written({"detail": claim_of(detail)}), written({"detail": {"order": LARGE}})),
            (
                written(notification(written({"detail": claim_of(detail)}))),
                written(notification(written({"detail": {"order": LARGE}}))),
            ),
            (
                written(notification(written(notification(written(claim_of(LARGE)))))),
                written(notification(written(notification(LARGE)))),
            ),
        ]
        for given, wanted in rows:
            assert outbox.wrap(lambda event, context: event)(given, None) == wanted

    @pytest.mark.parametrize(
        "event",
        [
            {"untangle-claim": 7},
            {"untangle-claim": "s3://b/k"},
            {"untangle-claim": "s3://b/k#" + "0" * 64, "more": 1},
            'what an "untangle-claim" is',
        ],
    )
    def test_what_only_looks_like_one_stays(self, event: Any) -> None:
        assert outbox.wrap(lambda event, context: event)({"a": event}, None) == {"a": event}

    def test_another_text_than_the_one_that_was_put_there_is_refused(self) -> None:
        bucket()
        claim = claim_of(LARGE)
        boto3.client("s3").put_object(Bucket="claims", Key=f"k/{hashlib.sha256(LARGE.encode()).hexdigest()}", Body=b"other")
        with pytest.raises(ClaimError, match="not the one"):
            outbox.wrap(lambda event, context: None)({"body": written(claim)}, None)

    def test_only_the_buckets_that_are_named_are_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bucket()
        claim = {"body": written(claim_of(LARGE))}
        monkeypatch.setenv("UNTANGLE_CLAIMS", "mine, yours")
        with pytest.raises(ClaimError, match="UNTANGLE_CLAIMS"):
            outbox.wrap(lambda event, context: None)(claim, None)
        monkeypatch.setenv("UNTANGLE_CLAIMS", "mine, claims")
        assert outbox.wrap(lambda event, context: event["body"])(claim, None) == LARGE


class TestRecording:
    def lines(self, monkeypatch: pytest.MonkeyPatch, path: Any, does: Callable[[], Any], **more: str) -> list[Any]:
        monkeypatch.setenv("UNTANGLE_RECORD", str(path))
        for name, value in more.items():
            monkeypatch.setenv(name, value)
        outbox.wrap(lambda event, context: does() and None)({}, context())
        return [json.loads(line) for line in path.read_text().splitlines()]

    def test_everything_goes_out_and_its_shape_is_written_down(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        url = queue()
        body = written({"card": "4111", "items": [{"sku": 1}, {"sku": 2}], "ok": None})
        does = lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)  # noqa: E731
        (line,) = self.lines(monkeypatch, tmp_path / "log", does)
        assert waiting(url) == [body]
        assert line["params"] == {"QueueUrl": url} and line["size"] == len(body) and "4111" not in json.dumps(line)
        assert line["shape"] == {"MessageBody": {"json": {"card": "string", "items": [{"sku": "number"}], "ok": "null"}}}

    def test_values_are_kept_where_somebody_asks(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        url = queue()
        does = lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="secret")  # noqa: E731
        (line,) = self.lines(monkeypatch, tmp_path / "log", does, UNTANGLE_RECORD_VALUES="1")
        assert line["params"]["MessageBody"] == "secret" and line["response"]["MessageId"]

    def test_reads_are_not_written_down(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        (tmp_path / "log").touch()
        assert self.lines(monkeypatch, tmp_path / "log", lambda: boto3.client("sqs").list_queues()) == []

    def test_to_the_standard_output(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        url = queue()
        monkeypatch.setenv("UNTANGLE_RECORD", "stdout")
        outbox.wrap(lambda event, context: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="x") and None)(
            {}, context()
        )
        assert json.loads(capsys.readouterr().out)["op"] == "SendMessage"

    def test_with_a_marker_too(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        url = queue()
        monkeypatch.setenv("UNTANGLE_RECORD", str(tmp_path / "log"))
        does = lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="x")["MessageId"]  # noqa: E731
        assert len(effects(does, capture=[url])) == 1 and len((tmp_path / "log").read_text().splitlines()) == 1


def test_an_event_that_is_no_plain_json_is_looked_through_as_well() -> None:
    class Record(dict[str, Any]):
        """A record of a host that is not Lambda."""

    bucket()
    deep: Any = "x"
    for _ in range(3_000):
        deep = [deep]
    event = {"record": Record(body=written(claim_of(LARGE))), "deep": object()}
    assert outbox.wrap(lambda event, context: event["record"]["body"])(event, None) == LARGE
    assert outbox.wrap(lambda event, context: "done")({"deep": deep}, None) == "done"
