"""Calls that go out and are told of: the handler's view is what it was, and the effect has what the consumer will see."""

from __future__ import annotations

import base64
import io
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.runtime.outboxes import ACCOUNT, REGION, aws, bucket, effects, queue, ran, table, waiting  # noqa: F401
from untangle.runtime.outbox import OutboxError

pytestmark = pytest.mark.usefixtures("aws")
ONE, TWO = {"id": {"S": "1"}, "n": {"N": "1"}}, {"id": {"S": "1"}, "n": {"N": "2"}}


def dynamodb() -> Any:
    return boto3.client("dynamodb")


class TestMessages:
    def test_a_message_goes_out_with_the_id_that_is_told(self) -> None:
        url = queue()
        answer = ran(lambda: boto3.client("sqs").send_message(QueueUrl=url, MessageBody="x"), observe=[url])
        assert waiting(url) == ["x"]
        assert answer["effects"][0]["response"]["MessageId"] == answer["return"]["MessageId"]

    def test_a_batch_is_told_message_by_message(self) -> None:
        url = queue()
        entries = [{"Id": id, "MessageBody": id} for id in "ab"]
        answer = ran(lambda: boto3.client("sqs").send_message_batch(QueueUrl=url, Entries=entries), observe=[url])
        assert {found["params"]["MessageBody"]: found["response"]["MessageId"] for found in answer["effects"]} == {
            item["Id"]: item["MessageId"] for item in answer["return"]["Successful"]
        }

    def test_events_of_a_bus(self) -> None:
        entry = {"Source": "shop", "DetailType": "Paid", "Detail": "{}"}
        answer = ran(lambda: boto3.client("events").put_events(Entries=[entry]), observe=["default"])
        assert [found["response"]["EventId"] for found in answer["effects"]] == [answer["return"]["Entries"][0]["EventId"]]

    def test_records_of_a_stream(self) -> None:
        kinesis = boto3.client("kinesis")
        kinesis.create_stream(StreamName="clicks", ShardCount=1)
        records = [{"Data": data, "PartitionKey": "p"} for data in (b"\xff\x00", b"b")]
        answer = ran(lambda: kinesis.put_records(StreamName="clicks", Records=records), observe=["clicks"])
        assert [found["params"] for found in answer["effects"]] == [
            {"StreamName": "clicks", "PartitionKey": "p", "DataB64": base64.b64encode(record["Data"]).decode()}
            for record in records
        ]
        assert [found["response"]["SequenceNumber"] for found in answer["effects"]] == [
            item["SequenceNumber"] for item in answer["return"]["Records"]
        ]

    def test_what_the_service_refuses_is_no_effect(self) -> None:
        def does() -> str:
            try:
                boto3.client("sqs").send_message(QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/gone", MessageBody="x")
            except ClientError as error:
                return str(error.response["Error"]["Code"])
            return ""

        answer = ran(does, observe=["gone"])
        assert answer == {"return": "AWS.SimpleQueueService.NonExistentQueue", "effects": []}


class TestItems:
    """The images of a stream's record: the old one in the response of a put or a deletion, both with an update."""

    def test_a_put_is_told_with_what_was_there_which_the_handler_does_not_see(self) -> None:
        table()
        does = lambda: [dynamodb().put_item(TableName="items", Item=item) for item in (ONE, TWO)]  # noqa: E731
        answer = ran(does, observe=["items"])
        assert [found["response"].get("Attributes") for found in answer["effects"]] == [None, ONE]
        assert all("Attributes" not in response for response in answer["return"])
        assert [found["params"]["Item"] for found in answer["effects"]] == [ONE, TWO]

    def test_the_handler_sees_what_it_asked_for(self) -> None:
        table()
        does = lambda item: dynamodb().put_item(TableName="items", Item=item, ReturnValues="ALL_OLD")  # noqa: E731
        assert ran(lambda: [does(ONE), does(TWO)][1]["Attributes"], observe=["items"])["return"] == ONE

    def test_a_deletion(self) -> None:
        table().put_item(Item={"id": "1", "n": 1})
        does = lambda: dynamodb().delete_item(TableName="items", Key={"id": {"S": "1"}})  # noqa: E731
        answer = ran(lambda: [does(), does()], observe=["items"])
        (found,) = answer["effects"]  # the second deletes nothing, of which the stream has no record
        assert found["response"] == {"Attributes": ONE} and "Attributes" not in answer["return"][0]

    @pytest.mark.parametrize(
        ("asked", "seen"),
        [
            ("NONE", None),
            ("ALL_OLD", ONE),
            ("ALL_NEW", TWO),
            ("UPDATED_OLD", {"n": {"N": "1"}}),
            ("UPDATED_NEW", {"n": {"N": "2"}}),
        ],
    )
    def test_an_update_has_both_images_whatever_the_handler_asks_for(self, asked: str, seen: Any) -> None:
        table().put_item(Item={"id": "1", "n": 1})
        given = {
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            **({"ReturnValues": asked} if asked != "NONE" else {}),
        }
        answer = ran(lambda: dynamodb().update_item(TableName="items", Key={"id": {"S": "1"}}, **given), observe=["items"])
        (found,) = answer["effects"]
        assert (found["oldImage"], found["newImage"]) == (ONE, TWO)
        assert answer["return"].get("Attributes") == seen

    def test_an_update_that_makes_the_item_has_no_old_image(self) -> None:
        table()
        given = {"UpdateExpression": "SET n = :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
        (found,) = effects(lambda: dynamodb().update_item(TableName="items", Key={"id": {"S": "1"}}, **given), observe=["items"])
        assert found["newImage"] == ONE and "oldImage" not in found

    def test_what_changes_nothing_is_no_effect(self) -> None:
        table().put_item(Item={"id": "1", "n": 1})
        assert effects(lambda: dynamodb().put_item(TableName="items", Item=ONE), observe=["items"]) == []

    def test_what_a_try_before_may_have_changed_is_told_of(self) -> None:
        """The run before wrote the item and failed: nobody was told of that write, and this one changes nothing."""
        table().put_item(Item={"id": "1", "n": 1})
        (put,) = effects(lambda: dynamodb().put_item(TableName="items", Item=ONE), observe=["items"], tries=1)
        assert put["params"]["Item"] == ONE and "Attributes" not in put["response"]
        given = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": ONE["n"]}}
        again = lambda: dynamodb().update_item(TableName="items", Key={"id": {"S": "1"}}, **given)  # noqa: E731
        (update,) = effects(again, observe=["items"], tries=1)
        assert update["oldImage"] == update["newImage"] == ONE
        assert effects(again, observe=["items"], tries=0) == []

    def test_a_condition_that_does_not_hold_is_the_handlers_error(self) -> None:
        table().put_item(Item={"id": "1", "n": 1})
        does = lambda: dynamodb().put_item(TableName="items", Item=TWO, ConditionExpression="attribute_not_exists(id)")  # noqa: E731
        with pytest.raises(ClientError) as refused:
            ran(does, observe=["items"])
        assert type(refused.value).__name__ == "ConditionalCheckFailedException"

    def test_the_resource_api_is_told_in_the_low_level_form(self) -> None:
        found = table()
        item = {"id": "1", "d": Decimal("1.50"), "s": {"b", "a"}, "l": [True, None, b"\x00"], "m": {"x": "y"}}

        def does() -> Any:
            found.put_item(Item=item)
            return found.update_item(
                Key={"id": "1"}, UpdateExpression="SET d = :d", ExpressionAttributeValues={":d": 2}, ReturnValues="ALL_NEW"
            )["Attributes"]["d"]

        answer = ran(does, observe=["items"])
        put, update = answer["effects"]
        low = {
            "id": {"S": "1"},
            "d": {"N": "1.50"},
            "l": {"L": [{"BOOL": True}, {"NULL": True}, {"B": "AA=="}]},
            "m": {"M": {"x": {"S": "y"}}},
        }
        assert {**put["params"]["Item"], "s": None} == {**low, "s": None} and sorted(put["params"]["Item"]["s"]["SS"]) == [
            "a",
            "b",
        ]
        assert update["oldImage"]["s"] == {"SS": ["a", "b"]} and update["newImage"]["d"] == {"N": "2"}
        assert answer["return"] == Decimal(2)

    def test_a_batch_is_written_item_by_item(self) -> None:
        found = table()
        found.put_item(Item={"id": "gone", "n": 1})

        def does() -> None:
            with found.batch_writer() as batch:
                batch.put_item(Item={"id": "1", "n": 1})
                batch.delete_item(Key={"id": "gone"})

        put, deleted = effects(does, observe=["items"])
        assert (put["op"], put["params"]) == ("PutItem", {"TableName": "items", "Item": ONE})
        assert (deleted["op"], deleted["response"]) == ("DeleteItem", {"Attributes": {"id": {"S": "gone"}, "n": {"N": "1"}}})
        assert [item["id"] for item in found.scan()["Items"]] == ["1"]

    def test_a_batch_for_several_tables(self) -> None:
        table(), table("others")
        requests = {name: [{"PutRequest": {"Item": ONE}}] for name in ("items", "others")}
        answer = ran(lambda: dynamodb().batch_write_item(RequestItems=requests), observe=["items"])
        assert [found["params"]["TableName"] for found in answer["effects"]] == ["items"]
        assert answer["return"]["UnprocessedItems"] == {}
        assert dynamodb().get_item(TableName="others", Key={"id": {"S": "1"}})["Item"] == ONE

    def test_a_transaction(self) -> None:
        table().put_item(Item={"id": "old", "n": 1})
        items = [
            {"Put": {"TableName": "items", "Item": ONE}},
            {
                "Update": {
                    "TableName": "items",
                    "Key": {"id": {"S": "old"}},
                    "UpdateExpression": "SET n = :n",
                    "ExpressionAttributeValues": {":n": {"N": "5"}},
                }
            },
        ]
        put, update = effects(lambda: dynamodb().transact_write_items(TransactItems=items), observe=["items"])
        assert (put["op"], put["params"]["Item"], put["response"]) == ("PutItem", ONE, {})
        assert (update["oldImage"]["n"], update["newImage"]["n"]) == ({"N": "1"}, {"N": "5"})

    def test_a_statement_is_refused_before_anything_is_written(self) -> None:
        found = table()
        does = lambda: dynamodb().execute_statement(Statement="INSERT INTO \"items\" VALUE {'id': '1'}")  # noqa: E731
        with pytest.raises(OutboxError, match="use PutItem"):
            ran(does, observe=["items"])
        assert found.scan()["Items"] == []
        assert effects(lambda: dynamodb().scan(TableName="items"), observe=["items"]) == []


class Once(io.RawIOBase):
    """A body that can be read but not measured."""

    def __init__(self, data: bytes) -> None:
        self.data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self.data.read(size)

    def seekable(self) -> bool:
        return False


class TestObjects:
    @pytest.mark.parametrize("body", [b"123", "123", io.BytesIO(b"0123")], ids=["bytes", "text", "a file from where it stands"])
    def test_an_object_has_its_size_and_tag(self, body: Any) -> None:
        bucket("photos")
        if hasattr(body, "seek"):
            body.seek(1)
        answer = ran(lambda: boto3.client("s3").put_object(Bucket="photos", Key="a b", Body=body)["ETag"], observe=["photos"])
        (found,) = answer["effects"]
        assert (found["size"], found["response"]["ETag"]) == (3, answer["return"])
        assert found["params"] == {"Bucket": "photos", "Key": "a b"}
        assert boto3.client("s3").get_object(Bucket="photos", Key="a b")["Body"].read() == b"123"

    def test_a_copy_and_a_deletion(self) -> None:
        s3 = boto3.client("s3")
        bucket("photos")
        s3.put_object(Bucket="photos", Key="a", Body=b"1234")

        def does() -> None:
            s3.copy_object(Bucket="photos", Key="b c", CopySource={"Bucket": "photos", "Key": "a"})
            s3.delete_object(Bucket="photos", Key="a")

        copy, gone = effects(does, observe=["photos"])
        assert (copy["op"], copy["size"]) == ("CopyObject", 4) and copy["response"]["CopyObjectResult"]["ETag"]
        assert (gone["op"], gone["params"], "size" in gone) == ("DeleteObject", {"Bucket": "photos", "Key": "a"}, False)

    def test_deletions_are_told_one_by_one(self) -> None:
        s3 = boto3.client("s3")
        bucket("photos")
        s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
        for key in "ab":
            s3.put_object(Bucket="photos", Key=key, Body=b"1")
        listed = {"Objects": [{"Key": key} for key in "ab"]}
        found = effects(lambda: s3.delete_objects(Bucket="photos", Delete=listed), observe=["photos"])
        assert [(one["op"], one["params"]["Key"], one["response"]["DeleteMarker"]) for one in found] == [
            ("DeleteObject", key, True) for key in "ab"
        ]

    @pytest.mark.parametrize("length", [5, 9_000_000], ids=["in one", "in parts, by threads"])
    def test_uploads_of_boto3(self, length: int) -> None:
        bucket("photos")
        does = lambda: boto3.client("s3").upload_fileobj(io.BytesIO(b"x" * length), "photos", "k")  # noqa: E731
        (found,) = effects(does, observe=["photos"])
        assert found["size"] == length and found["op"] == ("PutObject" if length == 5 else "CompleteMultipartUpload")

    def test_parts_that_somebody_else_has_sent_are_measured_by_s3(self) -> None:
        s3 = boto3.client("s3")
        bucket("photos")
        upload = s3.create_multipart_upload(Bucket="photos", Key="k")["UploadId"]
        tag = s3.upload_part(Bucket="photos", Key="k", UploadId=upload, PartNumber=1, Body=b"1234567")["ETag"]
        parts = {"Parts": [{"ETag": tag, "PartNumber": 1}]}
        does = lambda: s3.complete_multipart_upload(Bucket="photos", Key="k", UploadId=upload, MultipartUpload=parts)  # noqa: E731
        assert effects(does, observe=["photos"])[0]["size"] == 7
