"""Asynchronous invocations as Lambda keeps them, synchronous ones as their caller sees them, and the calls of queues."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.simulate.platform.play import Failing, Play, Throttled, arn, function, mapping, queue, resource, text_attribute
from untangle.simulate.call import ApiError


def failing(times: int, kind: type[Exception] = Failing) -> Any:
    """A handler that fails so many times."""
    left: Iterator[None] = iter([None] * times)

    def handler(event: Any) -> Any:
        for _ in left:
            raise kind("no")
        return {"done": event}

    return handler


class TestAsynchronous:
    def test_an_error_is_tried_again_after_one_minute_and_after_two(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function()}, {"F": failing(2)})
        play.invoke("F", {"n": 1})
        first, second, third = play.run().times("F")
        assert (round(second - first), round(third - second)) == (60, 120)

    def test_what_fails_three_times_goes_to_the_dead_letter_queue_as_it_was(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function(DeadLetterConfig={"TargetArn": arn("Q")}), "Q": queue()}, {"F": failing(99)})
        play.invoke("F", {"n": 1})
        play.run()
        assert (len(play.times("F")), play.bodies("Q")) == (3, [{"n": 1}])
        attributes = play.messages("Q")[0]["attributes"]
        assert attributes["ErrorCode"] == {"DataType": "Number", "StringValue": "200"}
        assert attributes["ErrorMessage"] == text_attribute("no")
        assert set(attributes) == {"ErrorCode", "ErrorMessage", "RequestID"}

    @pytest.mark.parametrize(
        ("settings", "tries", "condition"),
        [
            ({"MaximumRetryAttempts": 0}, 1, "RetriesExhausted"),
            ({"MaximumRetryAttempts": 1}, 2, "RetriesExhausted"),
            ({"MaximumEventAgeInSeconds": 60}, 1, "EventAgeExceeded"),
            ({"MaximumEventAgeInSeconds": 100}, 2, "EventAgeExceeded"),
        ],
    )
    def test_its_settings_bound_it_and_the_record_says_which(
        self, tmp_path: Path, settings: dict[str, int], tries: int, condition: str
    ) -> None:
        config = resource(
            "Lambda::EventInvokeConfig",
            FunctionName={"Ref": "F"},
            Qualifier="$LATEST",
            DestinationConfig={"OnFailure": {"Destination": arn("Q")}},
            **settings,
        )
        play = Play(tmp_path, {"F": function(), "C": config, "Q": queue()}, {"F": failing(99)})
        play.invoke("F", {"n": 1})
        record = play.run().bodies("Q")[0]
        assert len(play.times("F")) == tries
        context = record["requestContext"]
        assert (context["condition"], context["approximateInvokeCount"]) == (condition, tries)
        assert context["functionArn"] == f"{play.name('F', 'Arn')}:$LATEST"
        assert record["requestPayload"] == {"n": 1}
        told = {"errorMessage": "no", "errorType": "Failing", "requestId": context["requestId"], "stackTrace": []}
        assert record["responsePayload"] == told
        assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}

    def test_throttles_are_no_tries_and_wait_longer_each_time(self, tmp_path: Path) -> None:
        play = Play(
            tmp_path, {"F": function(DeadLetterConfig={"TargetArn": arn("Q")}), "Q": queue()}, {"F": failing(5, Throttled)}
        )
        play.invoke("F", {})
        times = play.run().times("F")
        assert [round(b - a) for a, b in pairwise(times)] == [1, 2, 4, 8, 16]
        assert not play.messages("Q")

    def test_an_event_that_is_always_throttled_expires_after_six_hours(self, tmp_path: Path) -> None:
        play = Play(
            tmp_path, {"F": function(DeadLetterConfig={"TargetArn": arn("Q")}), "Q": queue()}, {"F": failing(999, Throttled)}
        )
        play.invoke("F", {})
        play.run()
        assert len(play.messages("Q")) == 1
        assert 21_000 < play.world.clock.now <= 21_601

    def test_what_is_lost_is_in_the_log(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function()}, {"F": failing(99)})
        play.invoke("F", {"n": 1})
        play.run()
        dropped = [item for item in play.world.log if item.kind == "drop"]
        assert [item.detail["event"] for item in dropped] == [{"n": 1}]


class TestTheInvokeCall:
    def test_an_event_is_accepted_and_runs_later(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function()})
        answer = play.call("lambda", "Invoke", FunctionName="F", InvocationType="Event", Payload=b'{"n": 1}')
        assert (answer["StatusCode"], play.events()) == (202, [])
        assert play.run().events() == [{"n": 1}]

    def test_who_waits_gets_the_payload(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function()})
        answer = play.call("lambda", "Invoke", FunctionName=play.name("F", "Arn"), Payload="{}")
        assert (answer["StatusCode"], json.loads(answer["Payload"])) == (200, {"ok": 1})

    def test_a_failure_is_told_and_not_tried_again(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function()}, {"F": failing(1)})
        answer = play.call("lambda", "Invoke", FunctionName="F")
        assert answer["FunctionError"] == "Unhandled"
        assert json.loads(answer["Payload"]) == {"errorMessage": "no", "errorType": "Failing", "stackTrace": []}
        assert len(play.run().events()) == 1

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"Payload": b"{"}, "InvalidRequestContentException"),
            ({"Payload": b'"' + b"x" * 6_291_456 + b'"'}, "RequestEntityTooLargeException"),
            ({"Payload": b'"' + b"x" * 1_048_576 + b'"', "InvocationType": "Event"}, "RequestEntityTooLargeException"),
            ({"FunctionName": "nobody"}, "ResourceNotFoundException"),
        ],
    )
    def test_what_is_refused(self, tmp_path: Path, params: dict[str, Any], code: str) -> None:
        play = Play(tmp_path, {"F": function()})
        with pytest.raises(ApiError) as refused:
            play.call("lambda", "Invoke", **{"FunctionName": "F", **params})
        assert refused.value.code == code


class TestTheCallsOfQueues:
    def test_a_client_takes_keeps_and_deletes(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(VisibilityTimeout=30)})
        sent = play.send("Q", "one", MessageAttributes={"k": text_attribute("v")})
        assert sent["MD5OfMessageBody"] == hashlib.md5(b"one", usedforsecurity=False).hexdigest()
        url = play.name("Q")
        (taken,) = play.call("sqs", "ReceiveMessage", QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"])[
            "Messages"
        ]
        assert (taken["Body"], taken["MessageId"], taken["MessageAttributes"]) == (
            "one",
            sent["MessageId"],
            {"k": text_attribute("v")},
        )
        assert taken["Attributes"]["ApproximateReceiveCount"] == "1"
        assert play.call("sqs", "ReceiveMessage", QueueUrl=url) == {}
        play.run(31)
        (again,) = play.call("sqs", "ReceiveMessage", QueueUrl=url)["Messages"]
        play.call("sqs", "ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)
        assert play.call("sqs", "ReceiveMessage", QueueUrl=url)["Messages"][0]["Body"] == "one"
        play.call("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
        assert not play.messages("Q")

    def test_the_digest_of_attributes_is_that_of_the_service(self, tmp_path: Path) -> None:
        """The example that moto and LocalStack check their own against."""
        play = Play(tmp_path, {"Q": queue()})
        attributes = {"timestamp": {"DataType": "Number", "StringValue": "1493147359900"}}
        sent = play.send("Q", "x", MessageAttributes=attributes)
        assert sent["MD5OfMessageAttributes"] == "235c5c510d26fb653d073faed50ae77c"

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"MessageBody": ""}, "MissingParameter"),
            ({"MessageBody": "x" * 1_048_577}, "InvalidParameterValue"),
            ({"MessageBody": "x", "DelaySeconds": 901}, "InvalidParameterValue"),
        ],
    )
    def test_what_is_refused(self, tmp_path: Path, params: dict[str, Any], code: str) -> None:
        play = Play(tmp_path, {"Q": queue()})
        with pytest.raises(ApiError) as refused:
            play.call("sqs", "SendMessage", QueueUrl=play.name("Q"), **params)
        assert refused.value.code == code

    def test_a_fifo_queue_wants_a_group_and_forgets_after_five_minutes(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(FifoQueue=True)})
        with pytest.raises(ApiError, match="MessageGroupId"):
            play.send("Q", "x")
        first = play.send("Q", "x", MessageGroupId="g", MessageDeduplicationId="d")
        assert play.send("Q", "y", MessageGroupId="g", MessageDeduplicationId="d")["MessageId"] == first["MessageId"]
        play.run(301)
        play.send("Q", "z", MessageGroupId="g", MessageDeduplicationId="d")
        assert [message["body"] for message in play.messages("Q")] == ["x", "z"]

    def test_a_batch_with_one_bad_entry_sends_the_others(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue()})
        entries = [{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2", "DelaySeconds": 1000}]
        answer = play.call("sqs", "SendMessageBatch", QueueUrl=play.name("Q"), Entries=entries)
        assert [item["Id"] for item in answer["Successful"]] == ["a"]
        assert [(item["Id"], item["Code"]) for item in answer["Failed"]] == [("b", "InvalidParameterValue")]


def test_what_nobody_polls_is_there_however_long_the_rest_takes(tmp_path: Path) -> None:
    play = Play(tmp_path, {"Q": queue(), "R": queue(), "F": function(), "M": mapping(arn("R"))}, {"F": failing(99)})
    for name in ("Q", "R"):
        play.call("sqs", "SendMessage", QueueUrl=play.name(name), MessageBody='"kept"')
    play.run()
    assert play.world.clock.now >= 345_600  # the other one is tried until it expires
    assert (play.bodies("Q"), play.bodies("R")) == (["kept"], [])
