"""S3: notifications of every spelling, and which calls they take."""

from __future__ import annotations

import pytest

from tests.channels.world import BUCKET, FN, QUEUE, TOPIC, arrows, link, ref, world
from untangle.channels.s3 import CHANNEL
from untangle.model.link import Sent
from untangle.model.value import Concat, Symbol, Value

RULES = {"S3Key": {"Rules": ({"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"})}}
WANTED = {"events": ("s3:ObjectCreated:*",), "prefix": "in/", "suffix": ".csv"}


def bucket(**configuration: Value) -> dict[str, Value]:
    return {**BUCKET, "NotificationConfiguration": configuration}


def test_notifications_to_functions_queues_and_topics() -> None:
    created = {"Event": "s3:ObjectCreated:*"}
    made = world(
        In=bucket(
            LambdaConfigurations=({**created, "Function": ref("Ship", "Arn")},),
            QueueConfigurations=({**created, "Queue": ref("Orders", "Arn")},),
            TopicConfigurations=({**created, "Topic": ref("News")},),
        ),
        Ship=FN,
        Orders=QUEUE,
        News=TOPIC,
    )
    assert arrows(CHANNEL, made) == {"In -> Ship", "In => Orders", "In => News"}


def test_the_filter() -> None:
    made = world(
        In=bucket(LambdaConfigurations=({"Event": "s3:ObjectCreated:*", "Function": ref("Ship", "Arn"), "Filter": RULES},)),
        Ship=FN,
    )
    assert link(CHANNEL, made).filter == WANTED


def test_notifications_that_the_cdk_makes_later() -> None:
    configuration = {
        "LambdaFunctionConfigurations": (
            {
                "Events": ("s3:ObjectCreated:*",),
                "LambdaFunctionArn": ref("Ship", "Arn"),
                "Filter": {"Key": {"FilterRules": ({"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"})}},
            },
        ),
        "EventBridgeConfiguration": {},
    }
    custom = {"Type": "Custom::S3BucketNotifications", "BucketName": ref("In"), "NotificationConfiguration": configuration}
    made = world(In=BUCKET, Ship=FN, Notify=custom)
    assert arrows(CHANNEL, made) == {"In -> Ship", "In => eventbridge/default"}
    assert WANTED in [item.filter for item in CHANNEL.links(made) if hasattr(item, "filter")]


@pytest.mark.parametrize(
    ("operation", "key", "verdict"),
    [
        ("PutObject", "in/a.csv", "passes"),
        ("PutObject", "out/a.csv", "excluded"),
        ("PutObject", "in/a.json", "excluded"),
        ("PutObject", Concat(("in/", Symbol("id"), ".csv")), "passes"),
        ("PutObject", Concat(("in/", Symbol("id"), "/extract.xml")), "excluded"),
        ("PutObject", Concat((Symbol("folder"), "/a.csv")), "unknown"),
        ("PutObject", Symbol("key"), "unknown"),
        ("PutObject", None, "unknown"),
        ("CopyObject", "in/a.csv", "passes"),
        ("CompleteMultipartUpload", "in/a.csv", "passes"),
        ("DeleteObject", "in/a.csv", "excluded"),
        ("PutObjectTagging", "in/a.csv", "excluded"),
    ],
)
def test_which_calls_a_notification_takes(operation: str, key: Value, verdict: str) -> None:
    assert CHANNEL.accepts is not None
    sent = Sent(service="s3", operation=operation, attributes={} if key is None else {"Key": key})
    assert CHANNEL.accepts(sent, WANTED).verdict.value == verdict


@pytest.mark.parametrize(
    ("event", "operation", "attributes", "verdict"),
    [
        ("s3:ObjectCreated:Put", "PutObject", {}, "passes"),
        ("s3:ObjectCreated:Put", "CopyObject", {}, "excluded"),
        ("s3:ObjectCreated:Put", "PutObject", {"Filename": "a"}, "unknown"),
        ("s3:ObjectCreated:*", "PutObject", {"Fileobj": "a"}, "passes"),
        ("s3:ObjectRemoved:*", "DeleteObject", {}, "passes"),
        ("s3:ObjectRemoved:Delete", "DeleteObject", {}, "unknown"),
        ("s3:ReducedRedundancyLostObject", "PutObject", {}, "excluded"),
        ("s3:ObjectCreated:Put", "SomethingNew", {}, "unknown"),
    ],
)
def test_event_types(event: str, operation: str, attributes: dict[str, Value], verdict: str) -> None:
    assert CHANNEL.accepts is not None
    sent = Sent(service="s3", operation=operation, attributes=attributes)
    assert CHANNEL.accepts(sent, {"events": (event,)}).verdict.value == verdict


def test_the_reason_names_key_and_filter() -> None:
    assert CHANNEL.accepts is not None
    sent = Sent(service="s3", operation="PutObject", attributes={"Key": "out/a.csv"})
    assert CHANNEL.accepts(sent, WANTED).why == "the key is out/a.csv, the notification wants prefix in/"


@pytest.mark.parametrize(
    ("permitted", "verdict"),
    [
        pytest.param((), "unknown", id="any key"),
        pytest.param(("out/*",), "excluded", id="another prefix"),
        pytest.param(("in/*/report.json",), "excluded", id="another suffix"),
        pytest.param(("in/?/a.csv",), "unknown", id="a key that is taken"),
        pytest.param(("*/a.csv",), "unknown", id="a key that may be taken"),
        pytest.param(("out/*", "in/*"), "unknown", id="one of several"),
    ],
)
def test_a_key_that_only_run_time_knows_is_one_that_the_role_permits(permitted: tuple[str, ...], verdict: str) -> None:
    assert CHANNEL.accepts is not None
    sent = Sent(service="s3", operation="PutObject", permitted=permitted)
    assert CHANNEL.accepts(sent, WANTED).verdict.value == verdict
