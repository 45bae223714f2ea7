"""The law of the outbox: what a handler calls with boto3 becomes, through the effect and the envelope of the hop, the very event
that AWS documents for its consumer. One row for each kind of hop; the envelopes are those of the definitions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from tests.machines import effect_event
from tests.path_machines import ready
from tests.runtime.outboxes import ACCOUNT, AT, REGION, aws, bucket, ran, table  # noqa: F401
from untangle.channels.envelope import envelope, selection
from untangle.model.step import Effects, Stop

pytestmark = pytest.mark.usefixtures("aws")
MILLIS = "1769860800250"
URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/Queue"
ATTRIBUTES = {"kind": {"DataType": "String", "StringValue": "gift"}, "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}}
RECEIVED = {
    "kind": {"stringValue": "gift", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
    "raw": {"binaryValue": "AAE=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
}
NOTIFIED = {"kind": {"Type": "String", "Value": "gift"}, "raw": {"Type": "Binary", "Value": "AAE="}}


def names(node: str, attribute: str) -> str:
    """What a template would give for a node of the rows."""
    if attribute == "StreamArn":
        return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{node}/stream/2026-01-01T00:00:00.000"
    services = {"Queue": "sqs", "Topic": "sns", "Bus": "events", "clicks": "kinesis", "items": "dynamodb", "Next": "lambda"}
    lead = {"Next": "function:", "Bus": "event-bus/", "clicks": "stream/", "items": "table/"}
    if attribute == "Arn":
        return f"arn:aws:{services[node]}:{REGION}:{ACCOUNT}:{lead.get(node, '')}{node}"
    return URL if node == "Queue" else node


@dataclass(frozen=True, kw_only=True)
class Row:
    """A call of the handler, the way of its message, and the event; texts `<id>` and `<etag>` in it are those of the response."""

    call: Callable[[], Any]
    way: tuple[Stop, ...]
    event: Any
    sent: bool = False
    before: Callable[[], Any] = lambda: None
    id: Callable[[Any], Any] = field(default=lambda response: response.get("MessageId"))


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324


def message(body: str, attributes: Any = None) -> dict[str, Any]:
    """Lambda guide, "Using Lambda with Amazon SQS"."""
    return {
        "Records": [
            {
                "messageId": "<id>",
                "receiptHandle": "untangle:<id>",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": MILLIS,
                    "SenderId": "untangle",
                    "ApproximateFirstReceiveTimestamp": MILLIS,
                },
                "messageAttributes": attributes or {},
                "md5OfBody": "<md5>",
                "eventSource": "aws:sqs",
                "eventSourceARN": names("Queue", "Arn"),
                "awsRegion": REGION,
            }
        ]
    }


def notification(**more: Any) -> dict[str, Any]:
    """SNS guide, "Parsing message formats"."""
    return {
        "Type": "Notification",
        "MessageId": "<id>",
        "TopicArn": names("Topic", "Arn"),
        "Subject": "new",
        "Message": "hello",
        "Timestamp": AT,
        "SignatureVersion": "1",
        "Signature": "untangle-not-signed",
        **more,
    }


def bus_event(detail: Any) -> dict[str, Any]:
    """EventBridge guide, "Event structure"."""
    return {
        "version": "0",
        "id": "<id>",
        "detail-type": "Paid",
        "source": "shop",
        "account": "111122223333",
        "time": "2026-01-31T12:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def item_record(name: str, **images: Any) -> dict[str, Any]:
    """DynamoDB API, "Record" and "StreamRecord"; without what is made up."""
    return {
        "Records": [
            {
                "eventName": name,
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": REGION,
                "dynamodb": {
                    "ApproximateCreationDateTime": 1769860800,
                    "Keys": {"id": {"S": "1"}},
                    **images,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN": names("items", "StreamArn"),
            }
        ]
    }


def send(**given: Any) -> Any:
    return boto3.client("sqs").send_message(QueueUrl=URL, **given)


def publish(**given: Any) -> Any:
    return boto3.client("sns").publish(TopicArn=names("Topic", "Arn"), Message="hello", Subject="new", **given)


def put_event() -> Any:
    entry = {"Source": "shop", "DetailType": "Paid", "Detail": '{"order": 7}', "EventBusName": "Bus"}
    return boto3.client("events").put_events(Entries=[entry])


def put_object() -> Any:
    return boto3.client("s3").put_object(Bucket="photos", Key="in/red flower+1.jpg", Body=b"12345")


def put_record() -> Any:
    return boto3.client("kinesis").put_record(StreamName="clicks", Data=b"\xff\x00", PartitionKey="p")


STREAM = Stop(channel="items", type="dynamodb_stream", settings={"key_names": ("id",), "stream_view": "NEW_AND_OLD_IMAGES"})
QUEUE, TOPIC, BUS = Stop(channel="Queue", type="sqs"), Stop(channel="Topic", type="sns"), Stop(channel="Bus", type="eventbridge")
ONE, TWO = {"id": {"S": "1"}, "n": {"N": "1"}}, {"id": {"S": "1"}, "n": {"N": "2"}}
S3_OBJECT = {"key": "in/red+flower%2B1.jpg", "size": 5, "eTag": "<etag>"}
ROWS: dict[str, Row] = {
    "sqs": Row(call=lambda: send(MessageBody="x", MessageAttributes=ATTRIBUTES), way=(QUEUE,), event=message("x", RECEIVED)),
    "sns": Row(
        call=lambda: publish(MessageAttributes=ATTRIBUTES),
        way=(TOPIC,),
        event={
            "Records": [
                {
                    "EventSource": "aws:sns",
                    "EventVersion": "1.0",
                    "EventSubscriptionArn": f"{names('Topic', 'Arn')}:untangle",
                    "Sns": notification(SigningCertUrl="", UnsubscribeUrl="", MessageAttributes=NOTIFIED),
                }
            ]
        },
    ),
    "sns, each entry of a batch": Row(
        call=lambda: boto3.client("sns").publish_batch(
            TopicArn=names("Topic", "Arn"), PublishBatchRequestEntries=[{"Id": "1", "Message": "hello", "Subject": "new"}]
        ),
        way=(TOPIC,),
        id=lambda response: response["Successful"][0]["MessageId"],
        event={
            "Records": [
                {
                    "EventSource": "aws:sns",
                    "EventVersion": "1.0",
                    "EventSubscriptionArn": f"{names('Topic', 'Arn')}:untangle",
                    "Sns": notification(SigningCertUrl="", UnsubscribeUrl="", MessageAttributes={}),
                }
            ]
        },
    ),
    "sns to sqs": Row(
        call=publish, way=(TOPIC, QUEUE), event=message(json.dumps(notification(SigningCertURL="", UnsubscribeURL="")))
    ),
    "sns to sqs, raw": Row(
        call=lambda: publish(MessageAttributes=ATTRIBUTES),
        way=(Stop(channel="Topic", type="sns", delivery={"raw_message_delivery": True}), QUEUE),
        event=message("hello", RECEIVED),
    ),
    "eventbridge": Row(
        call=put_event, way=(BUS,), event=bus_event({"order": 7}), id=lambda response: response["Entries"][0]["EventId"]
    ),
    "eventbridge to sqs": Row(
        call=put_event,
        way=(BUS, QUEUE),
        event=message(json.dumps(bus_event({"order": 7}))),
        id=lambda response: response["Entries"][0]["EventId"],
    ),
    "lambda": Row(
        call=lambda: boto3.client("lambda").invoke(
            FunctionName=names("Next", "Arn"), InvocationType="Event", Payload=b'{"order": [1, null]}'
        ),
        way=(Stop(channel="Next", type="lambda_invoke"),),
        event={"order": [1, None]},
    ),
    "schedule": Row(
        call=lambda: boto3.client("scheduler").create_schedule(
            Name="later",
            ScheduleExpression="at(2026-02-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": names("Next", "Arn"), "RoleArn": "arn:aws:iam::1:role/r", "Input": '{"order": 7}'},
        ),
        way=(Stop(channel="Next", type="create_schedule"),),
        event={"order": 7},
    ),
    "s3": Row(
        call=put_object,
        before=lambda: bucket("photos"),
        way=(Stop(channel="photos", type="s3"),),
        sent=True,
        id=lambda response: response["ETag"].strip('"'),
        event={"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "photos"}, "object": S3_OBJECT}}]},
    ),
    "s3 to eventbridge": Row(
        call=put_object,
        before=lambda: bucket("photos"),
        way=(Stop(channel="photos", type="s3"), Stop(channel="default", type="eventbridge")),
        sent=True,
        id=lambda response: response["ETag"].strip('"'),
        event={
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": {"reason": "PutObject", "object": {"key": "in/red flower+1.jpg", "size": 5, "etag": "<etag>"}},
        },
    ),
    "dynamodb, a new item": Row(
        call=lambda: boto3.resource("dynamodb").Table("items").put_item(Item={"id": "1", "n": 1}),
        before=table,
        way=(STREAM,),
        sent=True,
        event=item_record("INSERT", NewImage=ONE),
    ),
    "dynamodb, an item in the place of another": Row(
        call=lambda: boto3.client("dynamodb").put_item(TableName="items", Item=TWO),
        before=lambda: table().put_item(Item={"id": "1", "n": 1}),
        way=(STREAM,),
        sent=True,
        event=item_record("MODIFY", NewImage=TWO, OldImage=ONE),
    ),
    "dynamodb, an update": Row(
        call=lambda: (
            boto3.resource("dynamodb")
            .Table("items")
            .update_item(Key={"id": "1"}, UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": 1})
        ),
        before=lambda: table().put_item(Item={"id": "1", "n": 1}),
        way=(STREAM,),
        sent=True,
        event=item_record("MODIFY", NewImage=TWO, OldImage=ONE),
    ),
    "dynamodb, a deletion": Row(
        call=lambda: boto3.client("dynamodb").delete_item(TableName="items", Key={"id": {"S": "1"}}),
        before=lambda: table().put_item(Item={"id": "1", "n": 1}),
        way=(STREAM,),
        sent=True,
        event=item_record("REMOVE", OldImage=ONE),
    ),
    "kinesis": Row(
        call=put_record,
        before=lambda: boto3.client("kinesis").create_stream(StreamName="clicks", ShardCount=1),
        way=(Stop(channel="clicks", type="kinesis"),),
        sent=True,
        id=lambda response: response["SequenceNumber"],
        event={
            "Records": [
                {
                    "kinesis": {
                        "kinesisSchemaVersion": "1.0",
                        "partitionKey": "p",
                        "sequenceNumber": "<id>",
                        "data": "/wA=",
                        "approximateArrivalTimestamp": 1769860800.25,
                    },
                    "eventSource": "aws:kinesis",
                    "eventName": "aws:kinesis:record",
                    "eventSourceARN": names("clicks", "Arn"),
                }
            ]
        },
    ),
    "sqs behind a pipe": Row(
        call=lambda: send(MessageBody="x"),
        way=(QUEUE, Stop(channel="Pipe", type="pipe")),
        event=message("x")["Records"],
    ),
}


def within(wanted: Any, found: Any) -> Any:
    """What is found, without the fields that a row does not speak of."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return {key: within(inner, found.get(key, "missing")) for key, inner in wanted.items()}
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [within(one, other) for one, other in zip(wanted, found, strict=True)]
    return found


def filled(wanted: Any, id: str) -> Any:
    text = json.dumps(wanted).replace("<id>", id).replace("<etag>", id)
    return json.loads(text)


@pytest.mark.parametrize("name", ROWS)
def test_the_consumer_gets_the_event_that_is_documented(name: str) -> None:
    row = ROWS[name]
    row.before()
    first = row.way[0]
    attribute = {"sns": "Arn", "create_schedule": "Arn"}.get(first.type, "")
    target = names(first.channel, attribute)
    responses: list[Any] = []
    answer = ran(lambda: responses.append(row.call()), **{"observe" if row.sent else "capture": [target]})
    found = json.loads(json.dumps(answer["effects"]))
    (effect,) = effect_event(selection(Effects(target=first.channel, type=first.type), names), found)
    event = effect_event(envelope(row.way, names), effect)
    wanted = filled(row.event, str(row.id(responses[0])))
    records = wanted.get("Records", ()) if isinstance(wanted, dict) else wanted
    for one in (one for one in records if "body" in one):
        body = one["body"]
        if body.startswith("{"):  # a text in a text: the same JSON, however it is written
            told = (event["Records"] if isinstance(event, dict) else event)[records.index(one)]
            assert json.loads(told["body"]) == json.loads(body)
            one["body"] = told["body"]
        one["md5OfBody"] = md5(one["body"])
    assert within(wanted, event) == wanted


# The player of those tests knows no binary attributes.
PLAIN = ("sns, each entry of a batch", "sns to sqs", "eventbridge", "eventbridge to sqs", "sqs behind a pipe")


@pytest.mark.parametrize("name", PLAIN)
def test_what_paths_cannot_work_out_is_what_the_tests_of_the_definitions_expect(name: str) -> None:
    row = ROWS[name]
    target = names(row.way[0].channel, "Arn" if row.way[0].type == "sns" else "")
    marker = {"capture": [target], "observe": [], "ready": True}
    (effect,) = ran(lambda: row.call() and None, **marker)["effects"]
    assert effect["ready"] == ready(effect, marker)
