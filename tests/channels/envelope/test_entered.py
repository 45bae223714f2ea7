"""What the first handler of a workflow gets, from what the service gives the workflow in its place.

Each row holds the documented example of what starts the workflow, and the event that Lambda gave the function for the same thing
before (Lambda guide, "Using Lambda with Amazon S3/SNS/SQS", "Using Lambda with DynamoDB"), written by hand.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.machines import effect_event
from untangle.channels.envelope import Unsupported, entered


def bus_event(kind: str = "Object Created", key: str = "example-key", **detail: Any) -> dict[str, Any]:
    """S3 user guide, "EventBridge event message structure": the example of an object that was created."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2021-11-12T00:00:00Z",
        "region": "ca-central-1",
        "resources": ["arn:aws:s3:::amzn-s3-demo-bucket1"],
        "detail": {
            "version": "0",
            "bucket": {"name": "amzn-s3-demo-bucket1"},
            "object": {
                "key": key,
                "size": 5,
                "etag": "b1946ac92492d2347c6235b4d2611184",
                "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                "sequencer": "617f08299329d189",
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
            **detail,
        },
    }


def notified(name: str = "ObjectCreated:Put", key: str = "example-key") -> dict[str, Any]:
    """S3 user guide, "Event message structure", for the same object; what the bus does not tell says so."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "ca-central-1",
        "eventTime": "2021-11-12T00:00:00.000Z",
        "eventName": name,
        "userIdentity": {"principalId": "AWS:123456789012"},
        "requestParameters": {"sourceIPAddress": "1.2.3.4"},
        "responseElements": {"x-amz-request-id": "N4N7GDK58NMKJ12R", "x-amz-id-2": "untangle"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "untangle",
            "bucket": {
                "name": "amzn-s3-demo-bucket1",
                "ownerIdentity": {"principalId": "untangle"},
                "arn": "arn:aws:s3:::amzn-s3-demo-bucket1",
            },
            "object": {
                "key": key,
                "size": 5,
                "eTag": "b1946ac92492d2347c6235b4d2611184",
                "versionId": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                "sequencer": "617f08299329d189",
            },
        },
    }
    return {"Records": [record]}


QUEUED = {
    "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
    "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
    "body": "Test message.",
    "attributes": {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1545082649183",
        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
        "ApproximateFirstReceiveTimestamp": "1545082649185",
    },
    "messageAttributes": {"kind": {"stringValue": "a", "stringListValues": [], "binaryListValues": [], "dataType": "String"}},
    "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
    "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue",
    "awsRegion": "us-east-2",
}
CHANGED = {
    "eventID": "1",
    "eventVersion": "1.0",
    "dynamodb": {
        "Keys": {"Id": {"N": "101"}},
        "NewImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
        "StreamViewType": "NEW_AND_OLD_IMAGES",
        "SequenceNumber": "111",
        "SizeBytes": 26,
    },
    "awsRegion": "us-west-2",
    "eventName": "INSERT",
    "eventSourceARN": "arn:aws:dynamodb:us-west-2:111122223333:table/Items/stream/2015-06-27T00:48:05.899",
    "eventSource": "aws:dynamodb",
}
TOPIC = "arn:aws:sns:us-east-1:123456789012:sns-lambda"
HELD = {  # SNS guide, "Parsing message formats": what a queue holds
    "Type": "Notification",
    "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
    "TopicArn": TOPIC,
    "Subject": "TestInvoke",
    "Message": "Hello from SNS!",
    "Timestamp": "2019-01-02T12:45:07.000Z",
    "SignatureVersion": "1",
    "Signature": "tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1+82j...65r==",
    "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ac565b8b1a6c5d002d285f9598aa1d9b.pem",
    "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:q",
    "MessageAttributes": {"Test": {"Type": "String", "Value": "TestString"}},
}
NOTIFIED = {  # Lambda guide: what the function got
    "EventVersion": "1.0",
    "EventSubscriptionArn": f"{TOPIC}:untangle",
    "EventSource": "aws:sns",
    "Sns": {
        **{key: value for key, value in HELD.items() if not key.endswith("URL")},
        "SigningCertUrl": HELD["SigningCertURL"],
        "UnsubscribeUrl": HELD["UnsubscribeURL"],
    },
}
BARE = {key: value for key, value in HELD.items() if key not in ("Subject", "MessageAttributes")}

ROWS: dict[str, tuple[str, Any, Any]] = {
    "an event as it is": ("", {"detail": {"a": 1}}, {"detail": {"a": 1}}),
    "a put": ("s3", bus_event(), notified()),
    "a copy": ("s3", bus_event(reason="CopyObject"), notified("ObjectCreated:Copy")),
    "a form": ("s3", bus_event(reason="POST Object"), notified("ObjectCreated:Post")),
    "parts": ("s3", bus_event(reason="CompleteMultipartUpload"), notified("ObjectCreated:CompleteMultipartUpload")),
    "a key is encoded again": (
        "s3",
        bus_event(key="in/red flower (1)+ü~'.jpg"),
        notified(key="in/red+flower+%281%29%2B%C3%BC%7E%27.jpg"),
    ),
    "a deletion": (
        "s3",
        bus_event("Object Deleted", reason="DeleteObject", **{"deletion-type": "Permanently Deleted"}),
        notified("ObjectRemoved:Delete"),
    ),
    "a delete marker": (
        "s3",
        bus_event("Object Deleted", reason="DeleteObject", **{"deletion-type": "Delete Marker Created"}),
        notified("ObjectRemoved:DeleteMarkerCreated"),
    ),
    "an expiration": (
        "s3",
        bus_event("Object Deleted", reason="Lifecycle Expiration", **{"deletion-type": "Permanently Deleted"}),
        notified("LifecycleExpiration:Delete"),
    ),
    "a message": ("sqs", [QUEUED], {"Records": [QUEUED]}),
    "a batch": ("sqs", [QUEUED, {**QUEUED, "messageId": "2"}], {"Records": [QUEUED, {**QUEUED, "messageId": "2"}]}),
    "a change": ("dynamodb_stream", [CHANGED], {"Records": [CHANGED]}),
    "changes": ("dynamodb_stream", [CHANGED, CHANGED], {"Records": [CHANGED, CHANGED]}),
    "a notification": ("sns", [{**QUEUED, "body": json.dumps(HELD)}], {"Records": [NOTIFIED]}),
    "a bare notification": (
        "sns",
        [{**QUEUED, "body": json.dumps(BARE)}],
        {"Records": [{**NOTIFIED, "Sns": {**NOTIFIED["Sns"], "Subject": None, "MessageAttributes": {}}}]},  # type: ignore[dict-item]
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_handler_gets_what_it_got_before(name: str) -> None:
    form, given, wanted = ROWS[name]
    assert effect_event(entered(form), given) == wanted


def test_a_further_try_is_a_further_receive() -> None:
    (record,) = effect_event(entered("sqs"), [QUEUED], retry=2)["Records"]
    assert record["attributes"] == {**QUEUED["attributes"], "ApproximateReceiveCount": "3"}  # type: ignore[dict-item]


def test_a_channel_that_starts_nothing_says_so() -> None:
    with pytest.raises(Unsupported, match="kinesis starts no workflow"):
        entered("kinesis")
