"""Calls that are held back: what the handler is answered, what is reported, what is refused, and that nothing goes out."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from tests.runtime.outboxes import ACCOUNT, AT, REGION, aws, effects, queue, ran, waiting  # noqa: F401
from untangle.runtime.outbox.target import matched, named, target

pytestmark = pytest.mark.usefixtures("aws")
URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:next"


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324


def send(**given: Any) -> Any:
    return boto3.client("sqs").send_message(**{"QueueUrl": URL, "MessageBody": "x", **given})


class TestTargets:
    """A call names its resource in many forms; each row is (service, what the marker holds, what the call says, same?)."""

    @pytest.mark.parametrize(
        ("service", "asked", "given", "same"),
        [
            ("sqs", URL, URL, True),
            ("sqs", URL, "orders", True),
            ("sqs", URL, f"https://{REGION}.queue.amazonaws.com/{ACCOUNT}/orders", True),
            ("sqs", URL, f"https://vpce-1.sqs.{REGION}.vpce.amazonaws.com/{ACCOUNT}/orders", True),
            ("sqs", URL, f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/orders", False),
            ("sqs", URL, f"https://sqs.{REGION}.amazonaws.com/999999999999/orders", False),
            ("sqs", URL, URL + "-dead", False),
            ("sqs", f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders", URL, True),
            ("sns", TOPIC, TOPIC, True),
            ("sns", TOPIC, TOPIC.replace("news", "old-news"), False),
            ("sqs", TOPIC, "news", False),
            ("events", "default", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default", True),
            ("events", "default", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default", False),
            ("events", "shop", "shop", True),
            ("lambda", "next", "next", True),
            ("lambda", "next", FUNCTION, True),
            ("lambda", "next", f"{FUNCTION}:live", True),
            ("lambda", "next", "next:live", True),
            ("lambda", "next", f"{ACCOUNT}:function:next", True),
            ("lambda", "next", "next-one", False),
            ("lambda", FUNCTION, "next", True),
            ("kinesis", "clicks", f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks", True),
            ("dynamodb", "items", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/items", True),
            ("s3", "photos", "photos", True),
            ("s3", "photos", "arn:aws:s3:::photos", True),
        ],
    )
    def test_forms(self, service: str, asked: str, given: str, same: bool) -> None:
        assert (matched((target(asked),), named(service, given, REGION)) is not None) is same

    def test_a_name_in_another_region_is_another_resource(self) -> None:
        assert matched((target("default"),), named("events", "default", "us-east-1")) is None

    def test_the_effect_names_it_in_the_words_of_the_marker(self) -> None:
        (found,) = effects(lambda: send(QueueUrl=f"https://{REGION}.queue.amazonaws.com/{ACCOUNT}/orders"), capture=[URL])
        assert found["params"]["QueueUrl"] == URL

    def test_a_call_on_another_target_is_the_handlers_own(self) -> None:
        other = queue("other")
        assert effects(lambda: send(QueueUrl=other), capture=[URL]) == [] and waiting(other) == ["x"]


class TestQueues:
    def test_a_message_is_held_back_and_answered(self) -> None:
        url = queue()
        attributes = {
            "n": {"DataType": "Number", "StringValue": "7"},
            "b": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        }
        answer = ran(lambda: send(MessageAttributes=attributes), capture=[url])
        (found,), response = answer["effects"], answer["return"]
        assert waiting(url) == []
        assert response["MD5OfMessageBody"] == md5("x") and response["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert found["response"]["MessageId"] == response["MessageId"]
        assert (found["service"], found["op"], found["at"], found["size"]) == ("sqs", "SendMessage", AT, 1)
        assert found["params"]["MessageAttributes"]["b"] == {"DataType": "Binary", "BinaryValue": "AAE="}

    def test_the_digests_are_those_of_the_service(self) -> None:
        url = queue()
        given: dict[str, Any] = {
            "MessageAttributes": {
                "kind": {"DataType": "String.own", "StringValue": "é"},
                "raw": {"DataType": "Binary", "BinaryValue": b"\x00"},
            }
        }
        real = send(**given)
        held = ran(lambda: send(**given), capture=[url])["return"]
        for name in ("MD5OfMessageBody", "MD5OfMessageAttributes"):
            assert held[name] == real[name]
        assert set(real) == set(held)

    def test_a_batch_is_one_effect_for_each_message(self) -> None:
        url = queue()
        entries = [{"Id": id, "MessageBody": f"body {id}", "DelaySeconds": 5} for id in "ab"]
        answer = ran(lambda: boto3.client("sqs").send_message_batch(QueueUrl=url, Entries=entries), capture=[url])
        assert [found["params"] for found in answer["effects"]] == [
            {"QueueUrl": url, "MessageBody": f"body {id}", "DelaySeconds": 5} for id in "ab"
        ]
        told = {found["response"]["MessageId"] for found in answer["effects"]}
        assert {item["MessageId"] for item in answer["return"]["Successful"]} == told and len(told) == 2
        assert all("Id" not in found["response"] for found in answer["effects"]) and waiting(url) == []

    def test_a_message_of_a_batch_that_is_refused_is_no_effect(self) -> None:
        entries = [{"Id": "a", "MessageBody": "x"}, {"Id": "b", "MessageBody": "x", "DelaySeconds": 901}]
        answer = ran(lambda: boto3.client("sqs").send_message_batch(QueueUrl=URL, Entries=entries), capture=[URL])
        assert len(answer["effects"]) == 1
        assert [(item["Id"], item["SenderFault"]) for item in answer["return"]["Failed"]] == [("b", True)]

    def test_a_fifo_queue_numbers_its_messages(self) -> None:
        url = f"{URL}.fifo"
        given = {"QueueUrl": url, "MessageGroupId": "g", "MessageDeduplicationId": "d"}
        first, second = ran(lambda: [send(**given), send(**given)], capture=[url])["return"]
        assert len(first["SequenceNumber"]) == 20 and first["SequenceNumber"] < second["SequenceNumber"]

    def test_the_resource_api(self) -> None:
        url = queue()
        answer = ran(lambda: boto3.resource("sqs").Queue(url).send_message(MessageBody="x")["MessageId"], capture=[url])
        assert answer["effects"][0]["response"]["MessageId"] == answer["return"] and waiting(url) == []

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"MessageBody": "x" * 1_048_577}, "InvalidParameterValue"),
            ({"MessageBody": ""}, "MissingParameter"),
            ({"MessageBody": "\x00"}, "InvalidMessageContents"),
            ({"DelaySeconds": 901}, "InvalidParameterValue"),
            ({"QueueUrl": f"{URL}.fifo"}, "MissingParameter"),
            (
                {"MessageAttributes": {str(n): {"DataType": "String", "StringValue": "x"} for n in range(11)}},
                "InvalidParameterValue",
            ),
        ],
    )
    def test_what_the_queue_refuses(self, given: Any, code: str) -> None:
        with pytest.raises(ClientError) as refused:
            ran(lambda: send(**given), capture=[URL, f"{URL}.fifo"])
        assert refused.value.response["Error"]["Code"] == code

    @pytest.mark.parametrize(
        ("entries", "code"),
        [
            ([{"Id": str(n), "MessageBody": "x"} for n in range(11)], "TooManyEntriesInBatchRequest"),
            ([{"Id": "1", "MessageBody": "x"}] * 2, "BatchEntryIdsNotDistinct"),
            ([{"Id": "a b", "MessageBody": "x"}], "InvalidBatchEntryId"),
            ([{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)], "BatchRequestTooLong"),
        ],
    )
    def test_what_is_refused_of_a_whole_batch(self, entries: Any, code: str) -> None:
        with pytest.raises(ClientError) as refused:
            ran(lambda: boto3.client("sqs").send_message_batch(QueueUrl=URL, Entries=entries), capture=[URL])
        assert refused.value.response["Error"]["Code"] == f"AWS.SimpleQueueService.{code}"

    @pytest.mark.parametrize("given", [{"MessageBody": 7}, {"Unknown": 1}, {"MessageAttributes": {"a": {"StringValue": "x"}}}])
    def test_parameters_that_botocore_does_not_take(self, given: Any) -> None:
        with pytest.raises(ParamValidationError):
            ran(lambda: send(**given), capture=[URL])

    def test_an_error_can_be_caught_by_the_clients_own_class(self) -> None:
        sqs = boto3.client("sqs")

        def does() -> str:
            try:
                sqs.send_message_batch(QueueUrl=URL, Entries=[{"Id": "1", "MessageBody": "x"}] * 2)
            except sqs.exceptions.BatchEntryIdsNotDistinct:
                return "caught"
            return "not"

        assert ran(does, capture=[URL])["return"] == "caught"


class TestTopics:
    def test_a_publication(self) -> None:
        does = lambda: boto3.client("sns").publish(TargetArn=TOPIC, Message="m", Subject="s")  # noqa: E731
        answer = ran(does, capture=[TOPIC])
        (found,) = answer["effects"]
        assert found["params"] == {"TargetArn": TOPIC, "Message": "m", "Subject": "s"}
        assert found["response"] == {"MessageId": answer["return"]["MessageId"]}

    def test_a_batch(self) -> None:
        entries = [{"Id": id, "Message": id, "Subject": "s"} for id in "ab"]
        does = lambda: boto3.client("sns").publish_batch(TopicArn=TOPIC, PublishBatchRequestEntries=entries)  # noqa: E731
        answer = ran(does, capture=[TOPIC])
        assert [found["params"] for found in answer["effects"]] == [
            {"TopicArn": TOPIC, "Message": id, "Subject": "s"} for id in "ab"
        ]
        assert answer["return"]["Failed"] == [] and len(answer["return"]["Successful"]) == 2

    def test_a_text_message_is_no_publication_to_a_topic(self) -> None:
        assert effects(lambda: boto3.client("sns").publish(PhoneNumber="+31600000000", Message="m"), capture=[TOPIC]) == []

    @pytest.mark.parametrize(
        "given",
        [
            {"Message": ""},
            {"Message": "x" * 1_048_577},
            {"Message": "m", "Subject": "s" * 101},
            {"Message": "{}", "MessageStructure": "json"},
        ],
    )
    def test_what_the_topic_refuses(self, given: Any) -> None:
        with pytest.raises(ClientError) as refused:
            ran(lambda: boto3.client("sns").publish(TopicArn=TOPIC, **given), capture=[TOPIC])
        assert refused.value.response["Error"]["Code"] == "InvalidParameter"


def event(**given: Any) -> dict[str, Any]:
    return {"Source": "shop", "DetailType": "Paid", "Detail": "{}", **given}


class TestBuses:
    def test_each_entry_is_an_effect(self) -> None:
        entries = [event(), event(EventBusName="default", Time="2026-01-01T00:00:00Z", Resources=["r"])]
        answer = ran(lambda: boto3.client("events").put_events(Entries=entries), capture=["default"])
        assert answer["return"]["FailedEntryCount"] == 0
        assert [item["EventId"] for item in answer["return"]["Entries"]] == [
            found["response"]["EventId"] for found in answer["effects"]
        ]
        assert answer["effects"][1]["params"]["Time"] == "2026-01-01T00:00:00.000Z"

    def test_entries_of_other_buses_go_out(self) -> None:
        boto3.client("events").create_event_bus(Name="other")
        entries = [event(EventBusName="other"), event(), event(EventBusName="other")]
        answer = ran(lambda: boto3.client("events").put_events(Entries=entries), capture=["default"])
        (found,) = answer["effects"]
        assert answer["return"]["Entries"][1]["EventId"] == found["response"]["EventId"]
        assert all(item["EventId"] for item in answer["return"]["Entries"])

    @pytest.mark.parametrize(
        ("bad", "code"),
        [
            (event(Detail="no json"), "MalformedDetail"),
            (event(Detail="[]"), "MalformedDetail"),
            ({"Source": "shop", "Detail": "{}"}, "InvalidArgument"),
            (event(Source="aws.s3"), "NotAuthorizedForSource"),
        ],
    )
    def test_an_entry_that_the_bus_does_not_take(self, bad: Any, code: str) -> None:
        answer = ran(lambda: boto3.client("events").put_events(Entries=[event(), bad]), capture=["default"])
        assert answer["return"]["FailedEntryCount"] == 1 and len(answer["effects"]) == 1
        assert answer["return"]["Entries"][1]["ErrorCode"] == code

    @pytest.mark.parametrize("entries", [[event()] * 11, [event(Detail=json.dumps("x" * 1_048_577))]])
    def test_what_is_refused_as_a_whole(self, entries: Any) -> None:
        with pytest.raises(ClientError) as refused:
            ran(lambda: boto3.client("events").put_events(Entries=entries), capture=["default"])
        assert refused.value.response["Error"]["Code"] == "ValidationException"


class TestFunctions:
    @pytest.mark.parametrize("payload", [b'{"z": 1}', '{"z": 1}', bytearray(b'{"z": 1}'), io.BytesIO(b'{"z": 1}')])
    def test_an_asynchronous_invocation(self, payload: Any) -> None:
        does = lambda: boto3.client("lambda").invoke(FunctionName="next:live", InvocationType="Event", Payload=payload)  # noqa: E731
        answer = ran(lambda: {**(made := does()), "Payload": made["Payload"].read().decode()}, capture=["next"])
        (found,) = answer["effects"]
        assert found["params"] == {"FunctionName": "next", "InvocationType": "Event", "Payload": {"z": 1}}
        assert (answer["return"]["StatusCode"], answer["return"]["Payload"]) == (202, "")

    def test_without_a_payload(self) -> None:
        does = lambda: boto3.client("lambda").invoke(FunctionName=FUNCTION, InvocationType="Event")["StatusCode"]  # noqa: E731
        assert "Payload" not in effects(does, capture=["next"])[0]["params"]
        assert effects(does, capture=["next"], ready=True)[0]["params"]["Payload"] == {}

    def test_who_waits_for_the_answer_gets_it(self) -> None:
        with pytest.raises(ClientError) as refused:
            ran(lambda: boto3.client("lambda").invoke(FunctionName="next", Payload=b"{}"), capture=["next"])
        assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"

    @pytest.mark.parametrize(
        ("payload", "code"),
        [(b"no json", "InvalidRequestContentException"), (b'"' + b"x" * 1_048_576 + b'"', "RequestEntityTooLargeException")],
    )
    def test_a_payload_that_is_refused(self, payload: bytes, code: str) -> None:
        does = lambda: boto3.client("lambda").invoke(FunctionName="next", InvocationType="Event", Payload=payload)  # noqa: E731
        with pytest.raises(ClientError) as refused:
            ran(does, capture=["next"])
        assert refused.value.response["Error"]["Code"] == code

    def test_a_schedule_for_a_function(self) -> None:
        does = lambda: boto3.client("scheduler").create_schedule(  # noqa: E731
            Name="later",
            ScheduleExpression="at(2026-02-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": FUNCTION, "RoleArn": "arn:aws:iam::1:role/r", "Input": "{}"},
        )
        answer = ran(does, capture=[FUNCTION])
        assert answer["return"]["ScheduleArn"] == f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/later"
        assert answer["effects"][0]["params"]["ScheduleExpression"] == "at(2026-02-01T00:00:00)"


def test_a_stream_takes_bytes_and_text() -> None:
    kinesis = boto3.client("kinesis")

    def does() -> Any:
        return [
            kinesis.put_record(StreamName="clicks", Data=b"\xff", PartitionKey="p"),
            kinesis.put_records(
                StreamARN=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks", Records=[{"Data": b"x", "PartitionKey": "q"}]
            ),
        ]

    answer = ran(does, capture=["clicks"])
    assert [(found["op"], found["params"]["DataB64"]) for found in answer["effects"]] == [
        ("PutRecord", "/w=="),
        ("PutRecord", "eA=="),
    ]
    one, many = answer["return"]
    assert len(one["SequenceNumber"]) == 56 and many["FailedRecordCount"] == 0
    assert one["SequenceNumber"] < many["Records"][0]["SequenceNumber"]


@pytest.mark.parametrize("asked", [{"capture": ["athena:StartQueryExecution"]}, {"observe": ["athena:StartQueryExecution"]}])
def test_the_start_of_a_job(asked: Any) -> None:
    does = lambda: boto3.client("athena").start_query_execution(QueryString="SELECT 1")  # noqa: E731
    answer = ran(does, **asked)
    (found,) = answer["effects"]
    assert (found["service"], found["op"], found["params"]["QueryString"]) == ("athena", "StartQueryExecution", "SELECT 1")
    assert found["response"]["QueryExecutionId"] == answer["return"]["QueryExecutionId"]
    listed = boto3.client("athena").list_query_executions()["QueryExecutionIds"]
    assert bool(listed) is ("observe" in asked)


CLIENTS: dict[str, Callable[[], Any]] = {
    "made in a session of its own": lambda: boto3.session.Session().client("sqs"),
    "with a configuration": lambda: boto3.client("sqs", config=Config(parameter_validation=False)),
    "of a resource": lambda: boto3.resource("sqs").meta.client,
}


@pytest.mark.parametrize("how", CLIENTS)
def test_clients_of_every_make(how: str) -> None:
    url = queue()
    before = CLIENTS[how]()
    assert len(effects(lambda: before.send_message(QueueUrl=url, MessageBody="x"), capture=[url])) == 1
    assert len(effects(lambda: CLIENTS[how]().send_message(QueueUrl=url, MessageBody="x"), capture=[url])) == 1
    assert waiting(url) == []


def test_ids_are_the_same_for_the_same_request() -> None:
    def ids() -> list[str]:
        return [found["response"]["MessageId"] for found in effects(lambda: [send(), send()], capture=[URL])]

    assert ids() == ids() and len(set(ids())) == 2


def test_the_tracing_header_goes_along_where_the_sdk_sends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2")
    assert "trace" not in effects(send, capture=[URL])[0]
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    (found,) = effects(send, capture=[URL], ready=True)
    assert found["trace"] == "Root=1-2" and found["ready"]["system"] == {"AWSTraceHeader": "Root=1-2"}
