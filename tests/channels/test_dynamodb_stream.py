"""DynamoDB streams: mappings, failure destinations, filters on the record that a call makes."""

from __future__ import annotations

import pytest

from tests.channels.world import FN, QUEUE, arrows, links, ref, world
from untangle.channels.dynamodb_stream import CHANNEL
from untangle.model.link import Sent
from untangle.model.shape import Shape
from untangle.model.value import Either, Symbol, Value

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "KeySchema": ({"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}),
    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
}
MAPPING = {
    "Type": "AWS::Lambda::EventSourceMapping",
    "EventSourceArn": ref("Items", "StreamArn"),
    "FunctionName": ref("Index"),
    "StartingPosition": "LATEST",
    "BisectBatchOnFunctionError": "true",
    "ParallelizationFactor": 2,
    "MaximumRetryAttempts": 3,
    "DestinationConfig": {"OnFailure": {"Destination": ref("Failed", "Arn")}},
    "FilterCriteria": {"Filters": ({"Pattern": '{"eventName": ["INSERT"]}'},)},
}


def test_a_mapping_delivers_and_says_where_failures_go() -> None:
    made = world(Items=TABLE, Index=FN, Failed=QUEUE, Mapping=MAPPING)
    assert arrows(CHANNEL, made) == {"Items -> Index", "Index ~> Failed"}
    delivered, failed = links(CHANNEL, made)
    assert failed.reason == "on_failure"
    assert delivered.filter == ({"eventName": ("INSERT",)},)
    assert delivered.delivery == {
        "batch_size": 100,
        "parallelization_factor": 2,
        "maximum_retry_attempts": 3,
        "starting_position": "LATEST",
        "bisect_batch": True,
        "on_failure": "s/Failed",
    }


def test_a_table_sends_its_changes_to_a_kinesis_stream() -> None:
    stream = {"Type": "AWS::Kinesis::Stream"}
    table = TABLE | {"KinesisStreamSpecification": {"StreamArn": ref("Changes", "Arn")}}
    assert arrows(CHANNEL, world(Items=table, Changes=stream)) == {"Items => Changes"}
    replica = {"Region": "eu-west-1", "KinesisStreamSpecification": {"StreamArn": ref("Changes", "Arn")}}
    copied = TABLE | {"Type": "AWS::DynamoDB::GlobalTable", "Replicas": (replica,)}
    assert arrows(CHANNEL, world(Items=copied, Changes=stream)) == {"Items => Changes"}


def test_what_the_table_brings() -> None:
    made = world(Items=TABLE)
    assert CHANNEL.settings is not None
    assert CHANNEL.settings(made.resources["s/Items"], made) == {"key_names": ("pk", "sk"), "stream_view": "NEW_IMAGE"}


def sent(operation: str, body: Shape | None = None, **attributes: Value) -> Sent:
    return Sent(service="dynamodb", operation=operation, attributes=attributes, body=body)


INSERT: Value = ({"eventName": ("INSERT",)},)
REMOVE: Value = ({"eventName": ("REMOVE",)},)
DONE: Value = ({"dynamodb": {"NewImage": {"status": {"S": ("DONE",)}}}},)
# What is known of a writer's message where only a grant is seen.
GRANTED = Sent(service="dynamodb_stream", operation="")
KIND: Value = ({"dynamodb": {"NewImage": {"event": {"M": {"kind": {"S": ("A",)}}}}}},)
EXPIRED: Value = ({"userIdentity": {"principalId": ("dynamodb.amazonaws.com",)}},)


def event(kind: Shape) -> Shape:
    """An item that holds a message whose kind is known."""
    return Shape(kind="object", properties={"event": Shape(kind="object", properties={"kind": kind}, open=True)})


@pytest.mark.parametrize(
    ("filter", "call", "verdict"),
    [
        (INSERT, sent("PutItem"), "unknown"),
        (INSERT, sent("PutItem", ConditionExpression="attribute_not_exists(pk)"), "passes"),
        (INSERT, sent("UpdateItem"), "unknown"),
        (INSERT, sent("DeleteItem"), "excluded"),
        (({"eventName": ("INSERT", "MODIFY")},), sent("PutItem"), "passes"),
        (({"eventName": ("INSERT", "MODIFY")},), sent("UpdateItem"), "passes"),
        (REMOVE, sent("PutItem"), "excluded"),
        (REMOVE, sent("DeleteItem"), "passes"),
        (REMOVE, sent("BatchWriteItem"), "unknown"),
        (REMOVE, sent("BatchWriteItem", PutRequest={}), "excluded"),
        (REMOVE, sent("TransactWriteItems", Delete={}), "passes"),
        (DONE, sent("PutItem", Item={"status": {"S": "DONE"}}), "passes"),
        (DONE, sent("PutItem", Item={"status": {"S": "NEW"}}), "excluded"),
        (DONE, sent("PutItem", Item={"status": "NEW"}), "excluded"),
        (DONE, sent("PutItem", Item={"status": Symbol("s")}), "unknown"),
        (DONE, sent("PutItem", Item={"pk": "1"}), "excluded"),
        (DONE, sent("PutItem"), "unknown"),
        (DONE, sent("PutItem", Shape(kind="object", properties={"status": Shape(kind="string", constant="NEW")})), "excluded"),
        (KIND, sent("PutItem", event(Shape(kind="string", source=Either(("B", "C"))))), "excluded"),
        (KIND, sent("PutItem", event(Shape(kind="string", source=Either(("A", "B"))))), "unknown"),
        (KIND, sent("PutItem", event(Shape(kind="string", constant="A"))), "passes"),
        (KIND, sent("PutItem", event(Shape())), "unknown"),
        (KIND, sent("PutItem", Shape(kind="object", properties={"event": Shape()})), "unknown"),
        (KIND, sent("PutItem", Item={"event": {"M": {"kind": {"S": "B"}}}}), "excluded"),
        (KIND, sent("PutItem", Item={"event": {"kind": "B"}}), "excluded"),
        (DONE, sent("UpdateItem"), "unknown"),
        (DONE, sent("DeleteItem"), "excluded"),
        (({"dynamodb": {"Keys": {"pk": {"S": ({"prefix": "o#"},)}}}},), sent("UpdateItem", Key={"pk": "c#1"}), "excluded"),
        (({"dynamodb": {"NewImage": {"n": {"N": ("4",)}}}},), sent("PutItem", Item={"n": 4}), "passes"),
        (EXPIRED, sent("DeleteItem"), "excluded"),
        (EXPIRED, GRANTED, "excluded"),
        (DONE, GRANTED, "unknown"),
        ((*REMOVE, *INSERT), sent("DeleteItem"), "passes"),
    ],
)
def test_what_a_filter_lets_pass(filter: Value, call: Sent, verdict: str) -> None:
    assert CHANNEL.accepts is not None
    assert CHANNEL.accepts(call, filter).verdict.value == verdict
