"""Envelopes: the event that each way gives a handler, as AWS documents it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.machines import effect_event
from untangle.channels.envelope import ENVELOPES, Unsupported, condition, envelope, message
from untangle.model.step import Stop

AT = "2026-01-31T12:00:00.250Z"


def names(node: str, attribute: str) -> str:
    """ARNs as a deployed stack would have them."""
    if attribute == "StreamArn":
        return f"arn:aws:dynamodb:eu-west-1:111122223333:table/{node}/stream/2026-01-01T00:00:00.000"
    return f"arn:aws:sqs:eu-west-1:111122223333:{node}" if attribute == "Arn" else node


def effect(op: str, params: Mapping[str, Any], response: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "run#0", "service": "x", "op": op, "params": params, "response": response, "at": AT, **more}


def stop(type: str, **fields: Any) -> Stop:
    return Stop(channel=type.title(), type=type, **fields)


def event(stops: tuple[Stop, ...], effect: Mapping[str, Any], retry: int = 0) -> Any:
    return effect_event(envelope(stops, names), effect, retry)


SENT = effect(
    "SendMessage",
    {
        "QueueUrl": "Sqs",
        "MessageBody": '{"order": 1}',
        "MessageAttributes": {
            "kind": {"DataType": "String", "StringValue": "gift"},
            "raw": {"DataType": "Binary", "BinaryValue": "AAE="},
        },
    },
    {"MessageId": "m-1"},
)
PUBLISHED = effect(
    "Publish",
    {
        "TopicArn": "t",
        "Subject": "new",
        "Message": "hello",
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "gift"}},
    },
    {"MessageId": "n-1"},
)
PUT_EVENTS = effect(
    "PutEvents", {"Source": "shop", "DetailType": "Paid", "Detail": '{"order": {"id": 7, "tags": ["a"]}}'}, {"EventId": "e-1"}
)
STORED = effect("PutObject", {"Bucket": "photos", "Key": "in/red flower.jpg"}, {"ETag": '"abc"', "VersionId": "v1"}, size=12)


class TestSqs:
    def test_a_record_as_a_mapping_hands_it_over(self) -> None:
        (record,) = event((stop("sqs"),), SENT)["Records"]
        assert record == {
            "messageId": "m-1",
            "receiptHandle": "untangle:m-1",
            "body": '{"order": 1}',
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1769860800250",
                "SenderId": "untangle",
                "ApproximateFirstReceiveTimestamp": "1769860800250",
            },
            "messageAttributes": {
                "kind": {"stringValue": "gift", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
                "raw": {"binaryValue": "AAE=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
            },
            "md5OfBody": hashlib.md5(b'{"order": 1}').hexdigest(),  # noqa: S324
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:Sqs",
            "awsRegion": "eu-west-1",
        }

    def test_attempts_are_counted_as_deliveries(self) -> None:
        assert event((stop("sqs"),), SENT, retry=2)["Records"][0]["attributes"]["ApproximateReceiveCount"] == "3"

    def test_without_attributes_there_are_none(self) -> None:
        plain = effect("SendMessage", {"MessageBody": "x"}, {"MessageId": "m"})
        assert event((stop("sqs"),), plain)["Records"][0]["messageAttributes"] == {}

    def test_a_fifo_queue_adds_its_own(self) -> None:
        grouped = effect(
            "SendMessage", {"MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d"}, {"MessageId": "m"}
        )
        found = event((stop("sqs", settings={"fifo": True}),), grouped)["Records"][0]["attributes"]
        assert (found["MessageGroupId"], found["MessageDeduplicationId"]) == ("g", "d")
        assert "SequenceNumber" in found

    def test_the_parked_message_has_body_and_attributes(self) -> None:
        parked = effect_event(message((stop("sqs"),), names), SENT)
        assert parked["body"] == '{"order": 1}'
        assert parked["attributes"] == SENT["params"]["MessageAttributes"]

    def test_a_redriven_message_arrives_as_it_was(self) -> None:
        found = event((stop("sqs"), Stop(channel="Dead", type="sqs")), SENT)["Records"][0]
        assert (found["body"], found["eventSourceARN"]) == ('{"order": 1}', "arn:aws:sqs:eu-west-1:111122223333:Dead")


class TestSns:
    def test_a_function_gets_one_notification(self) -> None:
        (record,) = event((stop("sns"),), PUBLISHED)["Records"]
        assert record["EventSource"] == "aws:sns"
        assert record["Sns"]["Message"] == "hello"
        assert record["Sns"]["Subject"] == "new"
        assert record["Sns"]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "gift"}}
        assert {"SigningCertUrl", "UnsubscribeUrl"} <= record["Sns"].keys()

    @pytest.mark.parametrize(("way", "wanted"), [((), "for functions"), (("sqs",), "for queues")])
    def test_a_message_may_differ_by_protocol(self, way: tuple[str, ...], wanted: str) -> None:
        texts = json.dumps({"default": "for all", "lambda": "for functions", "sqs": "for queues"})
        found = event(
            (stop("sns"), *map(stop, way)), effect("Publish", {"Message": texts, "MessageStructure": "json"}, {"MessageId": "n"})
        )
        record = found["Records"][0]
        assert (json.loads(record["body"])["Message"] if way else record["Sns"]["Message"]) == wanted

    def test_a_queue_holds_the_notification_as_text(self) -> None:
        (record,) = event((stop("sns"), stop("sqs")), PUBLISHED)["Records"]
        body = json.loads(record["body"])
        assert (body["Type"], body["Message"], body["Subject"]) == ("Notification", "hello", "new")
        assert body["MessageAttributes"] == {"kind": {"Type": "String", "Value": "gift"}}
        assert {"SigningCertURL", "UnsubscribeURL"} <= body.keys()
        assert record["messageAttributes"] == {}

    def test_raw_delivery_hands_on_the_bare_message_and_its_attributes(self) -> None:
        (record,) = event((stop("sns", delivery={"raw_message_delivery": True}), stop("sqs")), PUBLISHED)["Records"]
        assert record["body"] == "hello"
        assert record["messageAttributes"]["kind"]["stringValue"] == "gift"


class TestEventBridge:
    def test_a_function_gets_the_event(self) -> None:
        assert event((stop("eventbridge"),), PUT_EVENTS) == {
            "version": "0",
            "id": "e-1",
            "detail-type": "Paid",
            "source": "shop",
            "account": "111122223333",
            "time": "2026-01-31T12:00:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": {"order": {"id": 7, "tags": ["a"]}},
        }

    @pytest.mark.parametrize(
        ("delivery", "wanted"),
        [
            ({"input": '{"fixed": true}'}, {"fixed": True}),
            ({"input_path": "$.detail.order"}, {"id": 7, "tags": ["a"]}),
            ({"input_path": "$.detail.order.tags[0]"}, "a"),
            (
                {
                    "input_transformer": {
                        "InputPathsMap": {"id": "$.detail.order.id", "kind": "$.detail-type"},
                        "InputTemplate": '{"id": <id>, "text": "order <id> is <kind>", "all": <aws.events.event.json>}',
                    }
                },
                "transformed",
            ),
            ({"input_transformer": {"InputPathsMap": {"id": "$.detail.order.id"}, "InputTemplate": '"order <id>"'}}, "order 7"),
        ],
    )
    def test_a_rule_may_replace_the_event(self, delivery: Mapping[str, Any], wanted: Any) -> None:
        found = event((stop("eventbridge", delivery=delivery),), PUT_EVENTS)
        if wanted == "transformed":
            assert (found["id"], found["text"], found["all"]["source"]) == (7, "order 7 is Paid", "shop")
        else:
            assert found == wanted

    @pytest.mark.parametrize(
        ("template", "wanted"),
        [
            ("<kind> is <id>", "Paid is 7"),
            ("order <id>", "order 7"),
            ('"order <id>, <none>."', "order 7, ."),
            ("<id>", 7),
            ("<order>", {"id": 7, "tags": ["a"]}),
            ('{"order": <order>, "list": [<id>, "<id>"], "nothing": <none>}', "object"),
            ("<aws.events.event>", "event without detail"),
        ],
    )
    def test_templates(self, template: str, wanted: Any) -> None:
        paths = {"id": "$.detail.order.id", "kind": "$.detail-type", "order": "$.detail.order", "none": "$.detail.none"}
        delivery = {"input_transformer": {"InputPathsMap": paths, "InputTemplate": template}}
        found = event((stop("eventbridge", delivery=delivery),), PUT_EVENTS)
        if wanted == "object":
            assert found == {"order": {"id": 7, "tags": ["a"]}, "list": [7, "7"]}
        elif wanted == "event without detail":
            assert found["source"] == "shop" and "detail" not in found
        else:
            assert found == wanted

    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ('{"rule": <aws.events.rule-arn>}', "only the rule can give"),
            ('"rule <aws.events.rule-name>"', "only the rule can give"),
            ('{"a": <unknown>}', "has no path"),
            ('"one"\n"two"', "neither JSON nor plain text"),
            ('{"a": <id>', "neither JSON nor plain text"),
        ],
    )
    def test_templates_that_cannot_be_rebuilt(self, template: str, words: str) -> None:
        delivery = {"input_transformer": {"InputPathsMap": {"id": "$.detail.order.id"}, "InputTemplate": template}}
        with pytest.raises(Unsupported, match=words):
            envelope((stop("eventbridge", delivery=delivery),), names)

    def test_a_queue_behind_a_rule_holds_the_event_as_text(self) -> None:
        (record,) = event((stop("eventbridge"), stop("sqs")), PUT_EVENTS)["Records"]
        assert json.loads(record["body"])["detail"]["order"]["id"] == 7

    def test_a_topic_behind_a_rule_notifies_of_the_event(self) -> None:
        (record,) = event((stop("eventbridge"), stop("sns")), PUT_EVENTS)["Records"]
        assert json.loads(record["Sns"]["Message"])["detail-type"] == "Paid"

    def test_another_bus_forwards_the_event(self) -> None:
        assert event((stop("eventbridge"), stop("eventbridge")), PUT_EVENTS)["source"] == "shop"


class TestS3:
    def test_a_notification_encodes_the_key(self) -> None:
        (record,) = event((stop("s3"),), STORED)["Records"]
        assert record["eventName"] == "ObjectCreated:Put"
        assert record["s3"]["bucket"]["name"] == "photos"
        found = record["s3"]["object"]
        assert (found["key"], found["size"], found["eTag"], found["versionId"]) == ("in/red+flower.jpg", 12, "abc", "v1")

    @pytest.mark.parametrize("through", ["sqs", "sns"])
    def test_a_queue_or_topic_holds_the_notification_as_text(self, through: str) -> None:
        (record,) = event((stop("s3"), stop(through)), STORED)["Records"]
        text = record["body"] if through == "sqs" else record["Sns"]["Message"]
        assert json.loads(text)["Records"][0]["s3"]["object"]["key"] == "in/red+flower.jpg"

    def test_the_event_on_a_bus_has_another_shape_and_the_bare_key(self) -> None:
        found = event((stop("s3"), stop("eventbridge")), STORED)
        assert (found["source"], found["detail-type"]) == ("aws.s3", "Object Created")
        assert found["detail"]["object"]["key"] == "in/red flower.jpg"
        assert found["detail"]["reason"] == "PutObject"

    def test_a_deletion_says_so(self) -> None:
        gone = effect("DeleteObject", {"Bucket": "photos", "Key": "k"}, {"DeleteMarker": True})
        assert event((stop("s3"),), gone)["Records"][0]["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
        assert event((stop("s3"), stop("eventbridge")), gone)["detail"]["deletion-type"] == "Delete Marker Created"


TABLE = {"key_names": ("id",), "stream_view": "NEW_AND_OLD_IMAGES"}
NEW, OLD = {"id": {"S": "1"}, "n": {"N": "2"}}, {"id": {"S": "1"}, "n": {"N": "1"}}


class TestDynamodbStream:
    def record(self, effect: Mapping[str, Any], **settings: Any) -> Any:
        return event((stop("dynamodb_stream", settings={**TABLE, **settings}),), effect)["Records"][0]

    def test_a_first_write_is_an_insert(self) -> None:
        found = self.record(effect("PutItem", {"Item": NEW}, {}))
        assert found["eventName"] == "INSERT"
        assert found["dynamodb"]["Keys"] == {"id": {"S": "1"}}
        assert found["dynamodb"]["NewImage"] == NEW
        assert "OldImage" not in found["dynamodb"]

    def test_an_overwrite_shows_both_images(self) -> None:
        found = self.record(effect("PutItem", {"Item": NEW}, {"Attributes": OLD}))
        assert (found["eventName"], found["dynamodb"]["OldImage"]) == ("MODIFY", OLD)

    def test_a_deletion_shows_what_was(self) -> None:
        found = self.record(effect("DeleteItem", {"Key": {"id": {"S": "1"}}}, {"Attributes": OLD}))
        assert (found["eventName"], found["dynamodb"]["OldImage"]) == ("REMOVE", OLD)
        assert "NewImage" not in found["dynamodb"]

    def test_an_update_takes_its_images_from_the_outbox(self) -> None:
        found = self.record(effect("UpdateItem", {}, {}, oldImage=OLD, newImage=NEW))
        assert (found["eventName"], found["dynamodb"]["NewImage"]) == ("MODIFY", NEW)

    @pytest.mark.parametrize(("view", "images"), [("KEYS_ONLY", set()), ("NEW_IMAGE", {"NewImage"}), ("OLD_IMAGE", {"OldImage"})])
    def test_the_view_decides_on_images(self, view: str, images: set[str]) -> None:
        found = self.record(effect("PutItem", {"Item": NEW}, {"Attributes": OLD}), stream_view=view)
        assert {"NewImage", "OldImage"} & found["dynamodb"].keys() == images

    def test_unknown_keys_are_not_guessed(self) -> None:
        with pytest.raises(Unsupported, match="key names"):
            envelope((stop("dynamodb_stream"),), names)


class TestKinesis:
    put = effect(
        "PutRecord",
        {"PartitionKey": "p", "DataB64": base64.b64encode('{"price": "3 €"}'.encode()).decode()},
        {"SequenceNumber": "49", "ShardId": "shardId-000000000001"},
    )

    def test_the_record_carries_its_data_in_base64(self) -> None:
        (record,) = event((stop("kinesis"),), self.put)["Records"]
        assert base64.b64decode(record["kinesis"]["data"]).decode() == '{"price": "3 €"}'
        assert record["eventID"] == "shardId-000000000001:49"

    def test_a_pipe_hands_over_bare_flat_records(self) -> None:
        (record,) = event((stop("kinesis"), stop("pipe")), self.put)
        assert (record["partitionKey"], record["sequenceNumber"], record["eventSource"]) == ("p", "49", "aws:kinesis")


class TestOthers:
    def test_an_invocation_hands_over_its_payload(self) -> None:
        assert event((stop("lambda_invoke"),), effect("Invoke", {"Payload": {"a": [1]}}, {})) == {"a": [1]}

    def test_a_pipe_from_a_queue_hands_over_an_array(self) -> None:
        (record,) = event((stop("sqs"), stop("pipe")), SENT)
        assert record["body"] == '{"order": 1}'

    @pytest.mark.parametrize("through", ["sqs", "sns", "eventbridge"])
    def test_an_invocation_record_may_go_on(self, through: str) -> None:
        record = {
            "requestContext": {"requestId": "r", "condition": "Success", "functionArn": "f"},
            "timestamp": AT,
            "responsePayload": 1,
        }
        found = event((stop("lambda_destination"), stop(through)), effect("OnSuccess", record, {}))
        if through == "eventbridge":
            assert (found["detail-type"], found["detail"]["responsePayload"]) == (
                "Lambda Function Invocation Result - Success",
                1,
            )
        else:
            text = found["Records"][0]["body"] if through == "sqs" else found["Records"][0]["Sns"]["Message"]
            assert json.loads(text) == record


class TestWhatCannotBeRebuilt:
    @pytest.mark.parametrize(
        "stops",
        [
            (stop("iot"),),
            (stop("pipe"),),
            (stop("sqs"), stop("eventbridge")),
            (stop("sqs"), stop("pipe", delivery={"input_template": "{}"})),
            (stop("eventbridge", delivery={"input_path": "$..id"}),),
            (stop("eventbridge", delivery={"input_transformer": {"InputTemplate": "<nowhere>"}}),),
        ],
        ids=lambda stops: "/".join(stop.type for stop in stops),
    )
    def test_it_says_so_instead_of_guessing(self, stops: tuple[Stop, ...]) -> None:
        with pytest.raises(Unsupported):
            envelope(stops, names)

    def test_every_form_names_its_type_once(self) -> None:
        types = [form.type for form in ENVELOPES]
        assert sorted(set(types)) == sorted(types)


def filtered(kind: str, text: str) -> tuple[Stop, ...]:
    """A subscription with a policy before a mapping with a filter."""
    return stop("sns", filter={"kind": (kind,)}), stop("sqs", filter=({"body": {"Message": (text,)}},))


class TestConditions:
    def test_no_filter_needs_no_condition(self) -> None:
        assert condition((stop("sns"), stop("sqs")), names) is None

    @pytest.mark.parametrize(
        ("stops", "effect", "passes"),
        [
            ((stop("sns", filter={"kind": ("gift", "card")}),), PUBLISHED, True),
            ((stop("sns", filter={"kind": ("card",)}),), PUBLISHED, False),
            ((stop("sns", filter={"absent": ({"exists": False},)}),), PUBLISHED, True),
            ((stop("sns", filter={"MessageBody": {"a": (1,)}}),), effect("Publish", {"Message": '{"a": 1}'}, {}), True),
            ((stop("eventbridge", filter={"source": ("shop",), "detail": {"order": {"id": (7,)}}}),), PUT_EVENTS, True),
            ((stop("eventbridge", filter={"source": ("shop",), "detail": {"order": {"id": ("7",)}}}),), PUT_EVENTS, False),
            ((stop("s3", filter={"events": ("s3:ObjectCreated:*",), "prefix": "in/", "suffix": ".jpg"}),), STORED, True),
            ((stop("s3", filter={"events": ("s3:ObjectCreated:*",), "prefix": "out/"}),), STORED, False),
            ((stop("s3", filter={"events": ("s3:ObjectRemoved:*",)}),), STORED, False),
            ((stop("sqs", filter=({"body": {"order": (1,)}},)),), SENT, True),
            ((stop("sqs", filter=({"body": {"order": (2,)}},)),), SENT, False),
            ((stop("sqs", filter=({"body": {"order": (2,)}}, {"body": {"order": (1,)}})),), SENT, True),
            (
                filtered("gift", "hello"),
                PUBLISHED,
                True,
            ),
            (filtered("gift", "bye"), PUBLISHED, False),
            (
                filtered("card", "hello"),
                PUBLISHED,
                False,
            ),
        ],
    )
    def test_every_filter_on_the_way_must_let_it_pass(
        self, stops: tuple[Stop, ...], effect: Mapping[str, Any], passes: bool
    ) -> None:
        text = condition(stops, names)
        assert text is not None
        assert effect_event(text, effect) is passes

    def test_a_stream_filter_sees_the_record(self) -> None:
        settings = {"key_names": ("id",), "stream_view": "NEW_IMAGE"}
        wanted = {"eventName": ("INSERT",), "dynamodb": {"NewImage": {"s": {"S": ("new",)}}}}
        way = (stop("dynamodb_stream", settings=settings, filter=(wanted,)),)
        text = condition(way, names)
        assert text is not None
        for state, passes in (("new", True), ("old", False)):
            assert effect_event(text, effect("PutItem", {"Item": {"id": {"S": "1"}, "s": {"S": state}}}, {})) is passes
