"""The second generation of event buses: subscribers, their filters, events of AWS services."""

from __future__ import annotations

import pytest

from tests.channels.world import FN, QUEUE, arrows, link, links, ref, world
from untangle.channels.eventbridge_v2 import CHANNEL
from untangle.model.link import Sent
from untangle.model.value import Value

BUS = {"Type": "AWS::EventsV2::EventBus", "Name": "orders"}
SUBSCRIBER = {
    "Type": "AWS::EventsV2::Subscriber",
    "Name": "ship",
    "EventBusArn": ref("Bus"),
    "InvokeConfiguration": {"TargetArn": ref("Ship", "Arn"), "LambdaParameters": {"InvocationType": "REQUEST_RESPONSE"}},
    "FilterConfiguration": {"Filters": ({"Scope": "DATA", "Pattern": '{"detail-type": ["Placed"]}'},)},
    "BatchConfiguration": {"MaxBatchSize": 10, "MaxBatchWindowInSeconds": 5},
    "RetryPolicy": {"MaxRetryAttempts": 4},
    "OnFailureConfiguration": {"Arn": ref("Dead", "Arn")},
    "Type_": "FIFO",
}


def test_a_subscriber_is_a_link_of_its_bus() -> None:
    made = world(Bus=BUS, Ship=FN, Dead=QUEUE, Sub=SUBSCRIBER)
    assert arrows(CHANNEL, made) == {"Bus -> Ship"}
    found = link(CHANNEL, made)
    assert found.filter == {"DATA": ({"detail-type": ("Placed",)},)}
    assert found.delivery == {
        "subscriber": "s/Sub",
        "fifo": True,
        "batch_size": 10,
        "batch_window": 5,
        "maximum_retry_attempts": 4,
        "invocation_type": "REQUEST_RESPONSE",
        "dead_letter": "s/Dead",
    }


def test_events_of_a_service_are_taken_from_the_default_bus() -> None:
    source = {
        "Type": "AWS::EventsV2::EventSource",
        "EventBusArn": ref("Bus"),
        "Configuration": {
            "AwsServiceEventsConfiguration": {"AwsService": "aws.s3", "Pattern": '{"detail-type": ["Object Created"]}'}
        },
    }
    (found,) = links(CHANNEL, world(Bus=BUS, Source=source))
    assert (found.source, found.target) == ("eventbridge/default", "s/Bus")
    assert found.filter == {"source": ("aws.s3",), "detail-type": ("Object Created",)}


@pytest.mark.parametrize(
    ("filter", "sent", "verdict"),
    [
        (
            {"DATA": ({"detail-type": ("Placed",)},)},
            Sent(service="eventbridgev2", operation="PutEvents", attributes={"DetailType": "Placed"}),
            "passes",
        ),
        (
            {"DATA": ({"detail-type": ("Placed",)},)},
            Sent(service="eventbridgev2", operation="PutEvents", attributes={"DetailType": "Gone"}),
            "excluded",
        ),
        (
            {"DATA": ({"detail-type": ("Placed",)}, {"source": ("shop",)})},
            Sent(service="eventbridgev2", operation="PutEvents", attributes={"DetailType": "Placed"}),
            "unknown",
        ),
        ({"DATA": ({"kind": ("a",)},)}, Sent(service="eventbridgev2", operation="PutRawEvents"), "unknown"),
        (
            {"METADATA": ({"tenant": ("a",)},)},
            Sent(service="eventbridgev2", operation="PutRawEvents", attributes={"Metadata": {"tenant": "b"}}),
            "excluded",
        ),
    ],
)
def test_every_filter_must_match(filter: Value, sent: Sent, verdict: str) -> None:
    assert CHANNEL.accepts is not None
    assert CHANNEL.accepts(sent, filter).verdict.value == verdict
