"""Kinesis, Firehose, pipes and the brokers: what is polled, and where it goes on."""

from __future__ import annotations

import pytest

from tests.channels.world import BUCKET, BUS, FN, QUEUE, arrows, gaps, link, links, nodes, ref, triggers, world
from untangle.channels import documentdb, firehose, kinesis, mq, msk, pipe
from untangle.channels.channel import Channel, Verdict
from untangle.channels.eventbridge import CHANNEL as EVENTBRIDGE
from untangle.model.link import Sent
from untangle.model.value import Symbol, Value

STREAM = {"Type": "AWS::Kinesis::Stream"}
MAPPING = {"Type": "AWS::Lambda::EventSourceMapping", "FunctionName": ref("Work")}


def test_a_stream_and_its_registered_consumer() -> None:
    made = world(
        Clicks=STREAM,
        Fast={"Type": "AWS::Kinesis::StreamConsumer", "StreamARN": ref("Clicks", "Arn")},
        Work=FN,
        Mapping={**MAPPING, "EventSourceArn": ref("Fast"), "TumblingWindowInSeconds": 60},
    )
    assert arrows(kinesis.CHANNEL, made) == {"Clicks -> Work"}
    assert link(kinesis.CHANNEL, made).delivery == {"batch_size": 100, "tumbling_window": 60}


@pytest.mark.parametrize(
    ("filter", "verdict"),
    [
        (({"data": {"kind": ("a",)}},), Verdict.PASSES),
        (({"data": {"kind": ("b",)}},), Verdict.EXCLUDED),
        (({"partitionKey": ("k",)},), Verdict.PASSES),
        (({"data": {"kind": ("b",)}}, {"partitionKey": ("k",)}), Verdict.PASSES),
    ],
)
def test_a_filter_sees_data_and_key(filter: Value, verdict: Verdict) -> None:
    sent = Sent(service="kinesis", operation="PutRecord", attributes={"Data": '{"kind": "a"}', "PartitionKey": "k"})
    assert kinesis.CHANNEL.accepts is not None
    assert kinesis.CHANNEL.accepts(sent, filter).verdict is verdict


def test_a_delivery_stream_transforms_and_stores() -> None:
    processors = ({"Type": "Lambda", "Parameters": ({"ParameterName": "LambdaArn", "ParameterValue": ref("Work", "Arn")},)},)
    made = world(
        Clicks=STREAM,
        Work=FN,
        Lake=BUCKET,
        Hose={
            "Type": "AWS::KinesisFirehose::DeliveryStream",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": ref("Clicks", "Arn")},
            "ExtendedS3DestinationConfiguration": {
                "BucketARN": ref("Lake", "Arn"),
                "Prefix": "raw/!{timestamp:yyyy}/",
                "ProcessingConfiguration": {"Processors": processors},
            },
        },
    )
    assert arrows(firehose.CHANNEL, made) == {"Clicks => Hose", "Hose -> Work", "Hose => Lake"}
    (stored,) = [item for item in links(firehose.CHANNEL, made) if item.target == "s/Lake"]
    assert stored.mediated
    assert firehose.CHANNEL.onward is not None
    written = firehose.CHANNEL.onward(Sent(service="firehose", operation="PutRecord"), stored)
    assert written is not None and written.operation == "PutObject"


PIPE = {"Type": "AWS::Pipes::Pipe", "Source": ref("Orders", "Arn"), "Target": ref("Bus", "Arn")}


def test_a_pipe_joins_source_and_target() -> None:
    made = world(
        Orders=QUEUE,
        Bus=BUS,
        Pipe={
            **PIPE,
            "DesiredState": "STOPPED",
            "SourceParameters": {
                "FilterCriteria": {"Filters": ({"Pattern": '{"body": {"kind": ["order"]}}'},)},
                "SqsQueueParameters": {"BatchSize": 1},
            },
            "TargetParameters": {"EventBridgeEventBusParameters": {"DetailType": "Order", "Source": "shop"}},
        },
    )
    assert arrows(pipe.CHANNEL, made) == {"Orders => Pipe", "Pipe => Bus"}
    fed, left = sorted(links(pipe.CHANNEL, made), key=lambda item: item.source)
    assert fed.filter == ({"body": {"kind": ("order",)}},)
    assert fed.delivery == {"batch_size": 1, "enabled": False}
    assert left.delivery == {"source": "shop", "detail_type": "Order"}
    assert pipe.CHANNEL.onward is not None and EVENTBRIDGE.accepts is not None
    event = pipe.CHANNEL.onward(Sent(service="sqs", operation="SendMessage"), left)
    assert event is not None
    assert EVENTBRIDGE.accepts(event, {"source": ("shop",)}).verdict is Verdict.PASSES
    assert EVENTBRIDGE.accepts(event, {"source": ("stock",)}).verdict is Verdict.EXCLUDED


def test_an_enrichment_is_a_consumer_and_a_producer() -> None:
    made = world(Orders=QUEUE, Bus=BUS, Enrich=FN, Pipe={**PIPE, "Enrichment": ref("Enrich", "Arn")})
    assert arrows(pipe.CHANNEL, made) == {"Orders => Pipe", "Pipe -> Enrich", "Enrich ~> Pipe#enriched", "Pipe#enriched => Bus"}
    assert nodes(pipe.CHANNEL, made)["s/Pipe#enriched"].type == "pipe"


def test_an_enrichment_that_is_not_known_is_said() -> None:
    made = world(Orders=QUEUE, Bus=BUS, Pipe={**PIPE, "Enrichment": Symbol("Arn")})
    assert [gap.what for gap in gaps(pipe.CHANNEL, made)] == ["enrichment of the pipe of Pipe"]


def test_a_pipe_to_a_task() -> None:
    parameters = {"EcsTaskParameters": {"TaskDefinitionArn": ref("Task")}}
    made = world(
        Orders=QUEUE,
        Task={"Type": "AWS::ECS::TaskDefinition"},
        Pipe={**PIPE, "Target": ref("Cluster", "Arn"), "TargetParameters": parameters},
    )
    assert arrows(pipe.CHANNEL, made) == {"Orders => Pipe", "Pipe -> Task"}


@pytest.mark.parametrize(
    ("channel", "source", "extra", "delivery"),
    [
        (msk.CHANNEL, "AWS::MSK::Cluster", {"Topics": ("orders",)}, {"topics": ("orders",)}),
        (mq.CHANNEL, "AWS::AmazonMQ::Broker", {"Queues": ("orders",)}, {"queues": ("orders",)}),
        (
            documentdb.CHANNEL,
            "AWS::DocDB::DBCluster",
            {"DocumentDBEventSourceConfig": {"DatabaseName": "shop", "CollectionName": "orders"}},
            {"database": "shop", "collection": "orders"},
        ),
    ],
    ids=["msk", "mq", "documentdb"],
)
def test_brokers_are_entries(channel: Channel, source: str, extra: dict[str, Value], delivery: dict[str, Value]) -> None:
    made = world(Source={"Type": source}, Work=FN, Mapping={**MAPPING, "EventSourceArn": ref("Source", "Arn"), **extra})
    assert arrows(channel, made) == {"Source -> Work"}
    assert link(channel, made).delivery == {"batch_size": 100, **delivery}


def test_kafka_of_ones_own() -> None:
    made = world(Work=FN, Mapping={**MAPPING, "SelfManagedEventSource": {"Endpoints": {}}, "Topics": ("orders",)})
    (trigger,) = triggers(msk.CHANNEL, made)
    assert (trigger.type, trigger.delivery["topics"]) == ("msk", ("orders",))
