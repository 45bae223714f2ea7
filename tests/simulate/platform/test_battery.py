"""What the platform does, feature by feature: small applications whose handlers and queues get exactly what AWS gives them.

The first part has the features that emulators were measured by; the second what they lack.
"""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulate.platform.play import (
    Failing,
    Play,
    arn,
    bucket,
    function,
    mapping,
    queue,
    ref,
    resource,
    rule,
    stream,
    subscription,
    table,
    text_attribute,
    topic,
)

K = {"k": text_attribute("v")}
FIFO = {"FifoQueue": True, "ContentBasedDeduplication": True}


def fails(event: Any) -> Any:
    raise Failing("no")


class TestSns:
    def test_a_queue_gets_the_notification(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"T": topic(), "Q": queue(), "S": subscription("Q")})
        play.publish("T", "m", MessageAttributes=K)
        (body,) = play.run().bodies()
        assert (body["Message"], body["TopicArn"]) == ("m", play.name("T"))
        assert body["MessageAttributes"] == {"k": {"Type": "String", "Value": "v"}}
        assert "Subject" not in body

    def test_raw_delivery_gives_the_message_and_its_attributes(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"T": topic(), "Q": queue(), "S": subscription("Q", RawMessageDelivery=True)})
        play.publish("T", "m", MessageAttributes=K)
        (message,) = play.run().messages()
        assert (message["body"], message["attributes"]) == ("m", K)

    def test_a_function_gets_one_record(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"T": topic(), "F": function(), "S": subscription("F", protocol="lambda")})
        play.publish("T", "m", Subject="s")
        (record,) = play.run().records()
        assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("m", "s")

    def test_the_record_names_the_topic_and_the_attributes(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"T": topic(), "F": function(), "S": subscription("F", protocol="lambda")})
        play.publish("T", "m", MessageAttributes=K)
        (record,) = play.run().records()
        assert record["Sns"]["TopicArn"] == play.name("T")
        assert record["Sns"]["MessageAttributes"] == {"k": {"Type": "String", "Value": "v"}}

    def test_a_policy_on_attributes(self, tmp_path: Path) -> None:
        play = Play(
            tmp_path, {"T": topic(), "Q": queue(), "S": subscription("Q", RawMessageDelivery=True, FilterPolicy={"k": ["yes"]})}
        )
        for text in ("no", "yes"):
            play.publish("T", text, MessageAttributes={"k": text_attribute(text)})
        assert play.run().bodies() == ["yes"]

    def test_the_publisher_is_through_before_the_subscriber_runs(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"T": topic(), "F": function(), "S": subscription("F", protocol="lambda")})
        play.publish("T", "m")
        assert play.events() == []
        assert len(play.run().events()) == 1


class TestS3:
    def notified(self, **more: Any) -> dict[str, Any]:
        return {"Event": "s3:ObjectCreated:*", **more}

    def test_a_function_gets_what_its_filter_takes(self, tmp_path: Path) -> None:
        rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]
        notification = self.notified(Function=arn("F"), Filter={"S3Key": {"Rules": rules}})
        play = Play(tmp_path, {"Box": bucket(LambdaConfigurations=[notification]), "F": function()})
        play.upload("Box", "in/x.txt")
        play.upload("Box", "in/a b.csv", b"12345")
        (record,) = play.run().records()
        assert (record["s3"]["object"]["key"], record["s3"]["object"]["size"]) == ("in/a+b.csv", 5)
        assert (record["eventName"], record["eventSource"]) == ("ObjectCreated:Put", "aws:s3")

    def test_a_queue(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Box": bucket(QueueConfigurations=[self.notified(Queue=arn("Q"))]), "Q": queue()})
        play.upload("Box", "k")
        (body,) = play.run().bodies()
        assert [record["s3"]["object"]["key"] for record in body["Records"]] == ["k"]

    def test_a_topic(self, tmp_path: Path) -> None:
        resources = {
            "Box": bucket(TopicConfigurations=[self.notified(Topic=ref("T"))]),
            "T": topic(),
            "Q": queue(),
            "S": subscription("Q", RawMessageDelivery=True),
        }
        play = Play(tmp_path, resources)
        play.upload("Box", "k")
        (body,) = play.run().bodies()
        assert [record["s3"]["object"]["key"] for record in body["Records"]] == ["k"]

    def test_a_rule_on_the_default_bus(self, tmp_path: Path) -> None:
        pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [ref("Box")]}}}
        play = Play(tmp_path, {"Box": bucket(EventBridgeConfiguration={}), "Q": queue(), "R": rule(arn("Q"), pattern)})
        play.upload("Box", "a b")
        (body,) = play.run().bodies()
        assert body["detail"]["object"]["key"] == "a b"

    def test_copies_uploads_in_parts_and_deletions(self, tmp_path: Path) -> None:
        notifications = [{"Event": event, "Function": arn("F")} for event in ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")]
        play = Play(tmp_path, {"Box": bucket(LambdaConfigurations=notifications), "F": function()})
        name = play.name("Box")
        play.upload("Box", "a")
        play.call("s3", "CopyObject", Bucket=name, Key="b", CopySource=f"{name}/a")
        id = play.call("s3", "CreateMultipartUpload", Bucket=name, Key="c")["UploadId"]
        part = play.call("s3", "UploadPart", Bucket=name, Key="c", UploadId=id, PartNumber=1, Body=b"123")
        parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
        play.call("s3", "CompleteMultipartUpload", Bucket=name, Key="c", UploadId=id, MultipartUpload=parts)
        play.call("s3", "DeleteObject", Bucket=name, Key="a")
        play.call("s3", "DeleteObject", Bucket=name, Key="never there")
        play.call("s3", "DeleteObjects", Bucket=name, Delete={"Objects": [{"Key": "b"}, {"Key": "c"}]})
        told = [(record["eventName"], record["s3"]["object"]["key"]) for record in play.run().records()]
        assert told == [
            ("ObjectCreated:Put", "a"),
            ("ObjectCreated:Copy", "b"),
            ("ObjectCreated:CompleteMultipartUpload", "c"),
            ("ObjectRemoved:Delete", "a"),
            ("ObjectRemoved:Delete", "b"),
            ("ObjectRemoved:Delete", "c"),
        ]
        sequencers = [record["s3"]["object"]["sequencer"] for record in play.records()]
        assert sequencers == sorted(set(sequencers))


class TestEventBridge:
    def test_a_queue(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(), "R": rule(arn("Q"))})
        play.put_event({"a": 1})
        (body,) = play.run().bodies()
        assert (body["detail"], body["detail-type"]) == ({"a": 1}, "dt")

    def test_a_function(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function(), "R": rule(arn("F"))})
        play.put_event({"a": 1})
        (event,) = play.run().events()
        assert (event["detail"], event["source"]) == ({"a": 1}, "shop")

    def test_a_topic(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"T": topic(), "Q": queue(), "S": subscription("Q", RawMessageDelivery=True), "R": rule(ref("T"))})
        play.put_event({"a": 1})
        assert [body["detail"] for body in play.run().bodies()] == [{"a": 1}]

    def test_a_template(self, tmp_path: Path) -> None:
        transformer = {"InputPathsMap": {"x": "$.detail.a"}, "InputTemplate": '{"v": <x>}'}
        play = Play(tmp_path, {"Q": queue(), "R": rule(arn("Q"), InputTransformer=transformer)})
        play.put_event({"a": 1})
        assert play.run().bodies() == [{"v": 1}]

    def test_the_operators_of_patterns(self, tmp_path: Path) -> None:
        detail = {"n": [{"numeric": [">", 5]}], "p": [{"prefix": "ab"}], "q": [{"anything-but": ["z"]}]}
        play = Play(tmp_path, {"Q": queue(), "R": rule(arn("Q"), {"source": ["shop"], "detail": detail})})
        for n in (1, 9):
            play.put_event({"n": n, "p": "abc", "q": "y"})
        assert [body["detail"]["n"] for body in play.run().bodies()] == [9]

    def test_a_part_of_the_event(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(), "R": rule(arn("Q"), InputPath="$.detail")})
        play.put_event({"a": 1})
        assert play.run().bodies() == [{"a": 1}]

    def test_a_constant(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function(), "R": rule(arn("F"), Input='{"fixed": true}')})
        play.put_event({"a": 1})
        assert play.run().events() == [{"fixed": True}]

    def test_from_bus_to_bus(self, tmp_path: Path) -> None:
        resources = {
            "One": resource("Events::EventBus", Name="one"),
            "Two": resource("Events::EventBus", Name="two"),
            "Over": rule(arn("Two"), bus=ref("One")),
            "R": rule(arn("F"), bus=ref("Two")),
            "Default": rule(arn("F")),
            "F": function(),
        }
        play = Play(tmp_path, resources)
        id = play.put_event({"a": 1}, bus="one")["Entries"][0]["EventId"]
        (event,) = play.run().events()
        assert (event["id"], event["detail"]) == (id, {"a": 1})

    def test_a_ring_of_buses_comes_to_an_end(self, tmp_path: Path) -> None:
        resources = {
            "One": resource("Events::EventBus", Name="one"),
            "Two": resource("Events::EventBus", Name="two"),
            "Over": rule(arn("Two"), bus=ref("One")),
            "Back": rule(arn("One"), bus=ref("Two")),
        }
        play = Play(tmp_path, resources)
        play.put_event({"a": 1}, bus="one")
        assert play.run().world.unplayed == (("template/Two", "an event went through 16 buses"),)

    @pytest.mark.parametrize(
        ("entry", "code"),
        [
            ({"Source": "aws.s3", "DetailType": "d", "Detail": "{}"}, "NotAuthorizedForSource"),
            ({"Source": "s", "DetailType": "d", "Detail": "[1"}, "MalformedDetail"),
            ({"Source": "s", "DetailType": "d", "Detail": "[1]"}, "MalformedDetail"),
            ({"Source": "s", "Detail": "{}"}, "InvalidArgument"),
        ],
    )
    def test_entries_that_are_refused(self, tmp_path: Path, entry: dict[str, str], code: str) -> None:
        play = Play(tmp_path, {"F": function(), "R": rule(arn("F"), {"account": [{"exists": True}]})})
        answer = play.call("events", "PutEvents", Entries=[entry, {"Source": "s", "DetailType": "d", "Detail": "{}"}])
        assert (answer["FailedEntryCount"], answer["Entries"][0]["ErrorCode"]) == (1, code)
        assert len(play.run().events()) == 1

    def test_a_target_that_is_not_there(self, tmp_path: Path) -> None:
        missing = "arn:aws:sqs:us-east-1:123456789012:elsewhere"
        play = Play(tmp_path, {"D": queue(), "R": rule(missing, DeadLetterConfig={"Arn": arn("D")})})
        play.put_event({"a": 1})
        play.run()
        assert [body["detail"] for body in play.bodies("D")] in ([{"a": 1}], [])


class TestSqs:
    def test_a_function_gets_records(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(), "F": function(), "M": mapping(arn("Q"))})
        play.send("Q", "hi", MessageAttributes=K)
        (record,) = play.run().records()
        assert (record["body"], record["messageAttributes"]["k"]["stringValue"]) == ("hi", "v")

    def test_messages_come_in_batches(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(), "F": function(), "M": mapping(arn("Q"), BatchSize=4)})
        entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(6)]
        play.call("sqs", "SendMessageBatch", QueueUrl=play.name("Q"), Entries=entries)
        sizes = [len(event["Records"]) for event in play.run().events()]
        assert (sum(sizes), max(sizes)) == (6, 4)

    def test_what_fails_goes_to_the_dead_letter_queue(self, tmp_path: Path) -> None:
        redrive = {"deadLetterTargetArn": arn("D"), "maxReceiveCount": 2}
        resources = {
            "D": queue(),
            "Q": queue(VisibilityTimeout=1, RedrivePolicy=redrive),
            "F": function(),
            "M": mapping(arn("Q")),
        }
        play = Play(tmp_path, resources, {"F": fails})
        play.send("Q", "x")
        assert play.run(60).bodies("D") == ["x"]
        assert len(play.events()) == 2

    def test_what_fails_in_a_batch_comes_back_alone(self, tmp_path: Path) -> None:
        def partial(event: Any) -> Any:
            bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
            return {"batchItemFailures": [{"itemIdentifier": id} for id in bad]}

        responses = mapping(arn("Q"), FunctionResponseTypes=["ReportBatchItemFailures"])
        play = Play(tmp_path, {"Q": queue(VisibilityTimeout=30), "F": function(), "M": responses}, {"F": partial})
        for body in ("good", "bad", "good2"):
            play.send("Q", body)
        assert play.run(10).bodies() == ["bad"]

    def test_filters_of_the_mapping(self, tmp_path: Path) -> None:
        criteria = {"Filters": [{"Pattern": json.dumps({"body": {"t": ["yes"]}})}]}
        play = Play(tmp_path, {"Q": queue(), "F": function(), "M": mapping(arn("Q"), FilterCriteria=criteria)})
        for text in ("no", "yes"):
            play.send("Q", json.dumps({"t": text}))
        assert [json.loads(record["body"])["t"] for record in play.run().records()] == ["yes"]
        assert play.bodies() == []

    def test_a_delay(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(), "F": function(), "M": mapping(arn("Q"))})
        play.send("Q", "x", DelaySeconds=2)
        assert play.run(1.5).events() == []
        assert len(play.run(1.5).events()) == 1

    def test_a_fifo_topic_before_a_fifo_queue(self, tmp_path: Path) -> None:
        resources = {
            "T": topic(FifoTopic=True, ContentBasedDeduplication=True),
            "Q": queue(**FIFO),
            "S": subscription("Q", RawMessageDelivery=True),
            "F": function(),
            "M": mapping(arn("Q")),
        }
        play = Play(tmp_path, resources)
        for text in ("a", "b", "a"):
            play.publish("T", text, MessageGroupId="g")
        assert [record["body"] for record in play.run().records()] == ["a", "b"]


class TestDynamoDb:
    def test_each_write_is_a_record(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"A": table(), "F": function(), "M": mapping(arn("A", "StreamArn"), StartingPosition="LATEST")})
        play.put_item("A", pk="1")
        play.put_item("A", pk="2")
        assert [record["dynamodb"]["NewImage"]["pk"]["S"] for record in play.run().records()] == ["1", "2"]

    def test_filters_of_the_mapping(self, tmp_path: Path) -> None:
        criteria = {"Filters": [{"Pattern": json.dumps({"eventName": ["REMOVE"]})}]}
        play = Play(tmp_path, {"A": table(), "F": function(), "M": mapping(arn("A", "StreamArn"), FilterCriteria=criteria)})
        play.put_item("A", pk="1")
        play.call("dynamodb", "DeleteItem", TableName=play.name("A"), Key={"pk": {"S": "1"}})
        assert [record["eventName"] for record in play.run().records()] == ["REMOVE"]


class TestKinesis:
    def test_a_function_gets_records(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"N": stream(), "F": function(), "M": mapping(arn("N"), StartingPosition="LATEST")})
        play.call("kinesis", "PutRecord", StreamName=play.name("N"), Data=b"x", PartitionKey="p")
        (record,) = play.run().records()
        assert base64.b64decode(record["kinesis"]["data"]) == b"x"
        assert (record["kinesis"]["partitionKey"], record["eventSource"]) == ("p", "aws:kinesis")


class TestAsynchronousInvocations:
    def config(self, **properties: Any) -> dict[str, Any]:
        return dict(resource("Lambda::EventInvokeConfig", FunctionName=ref("F"), Qualifier="$LATEST", **properties))

    def test_a_failure_goes_to_its_destination(self, tmp_path: Path) -> None:
        config = self.config(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn("Q")}})
        play = Play(tmp_path, {"Q": queue(), "F": function(), "C": config}, {"F": fails})
        play.invoke("F", {"z": 1})
        assert [body["requestPayload"] for body in play.run().bodies()] == [{"z": 1}]

    def test_a_success_goes_to_its_destination(self, tmp_path: Path) -> None:
        config = self.config(DestinationConfig={"OnSuccess": {"Destination": arn("G")}})
        play = Play(tmp_path, {"F": function(), "G": function(), "C": config})
        play.invoke("F", {"z": 1})
        (event,) = play.run().events("G")
        assert (event["requestPayload"], event["responsePayload"]) == ({"z": 1}, {"ok": 1})


class TestSchedules:
    def create(self, play: Play, expression: str, **target: Any) -> None:
        target = {"Arn": play.name("F", "Arn"), "RoleArn": "arn:aws:iam::123456789012:role/r", **target}
        window = {"Mode": "OFF"}
        play.call(
            "scheduler", "CreateSchedule", Name="s", ScheduleExpression=expression, FlexibleTimeWindow=window, Target=target
        )

    def test_a_function_gets_the_input_at_its_time(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function()})
        self.create(play, "at(2026-01-01T00:05:00)", Input='{"s":1}')
        assert play.run(299).events() == []
        assert play.run(2).events() == [{"s": 1}]

    def test_a_schedule_that_is_deleted_does_nothing(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function()})
        self.create(play, "at(2026-01-01T00:05:00)", Input='{"s":1}')
        play.call("scheduler", "DeleteSchedule", Name="s")
        assert play.run().events() == []

    def test_a_universal_target_is_called(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(), "F": function()})
        params = json.dumps({"QueueUrl": play.name("Q"), "MessageBody": "at <aws.scheduler.scheduled-time>"})
        self.create(play, "at(2026-01-01T00:05:00)", Arn="arn:aws:scheduler:::aws-sdk:sqs:sendMessage", Input=params)
        assert play.run().bodies() == ["at 2026-01-01T00:05:00Z"]

    def test_a_schedule_that_comes_back_is_not_played_and_it_is_said(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function()})
        self.create(play, "rate(1 minutes)", Input="{}")
        assert play.run().events() == []
        assert [why for _, why in play.world.unplayed] == ["rate(1 minutes) comes back: what it does is not part of one run"]


class TestPipes:
    def test_a_function_gets_an_array(self, tmp_path: Path) -> None:
        pipe = resource("Pipes::Pipe", Source=arn("Q"), Target=arn("F"))
        play = Play(tmp_path, {"Q": queue(), "F": function(), "P": pipe})
        play.send("Q", "x")
        (event,) = play.run().events()
        assert [record["body"] for record in event] == ["x"]


class TestStepFunctions:
    def test_a_rule_starts_an_execution(self, tmp_path: Path) -> None:
        definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
        machine = resource(
            "StepFunctions::StateMachine", DefinitionString=json.dumps(definition), RoleArn="arn:aws:iam::1:role/r"
        )
        play = Play(tmp_path, {"X": machine, "R": rule(ref("X"), RoleArn="arn:aws:iam::1:role/r")})
        play.put_event({"a": 1})
        play.run()
        starts = [one.detail for one in play.world.log if one.kind == "call" and one.detail["operation"] == "StartExecution"]
        assert [json.loads(start["params"]["input"])["detail"] for start in starts] == [{"a": 1}]
        assert "error" not in starts[0]


class TestLogs:
    def test_a_subscription_gets_the_lines(self, tmp_path: Path) -> None:
        filter = resource("Logs::SubscriptionFilter", LogGroupName="/g", FilterPattern="", DestinationArn=arn("F"))
        play = Play(tmp_path, {"F": function(), "L": filter})
        play.call("logs", "CreateLogGroup", logGroupName="/g")
        play.call("logs", "CreateLogStream", logGroupName="/g", logStreamName="s")
        lines = [{"timestamp": 1767225600000, "message": "m"}]
        play.call("logs", "PutLogEvents", logGroupName="/g", logStreamName="s", logEvents=lines)
        (event,) = play.run().events()
        told = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
        assert (told["logGroup"], [line["message"] for line in told["logEvents"]]) == ("/g", ["m"])
