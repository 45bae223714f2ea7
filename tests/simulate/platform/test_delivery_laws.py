"""A law of hops: what the platform delivers and what the adapter in JSONata rebuilds for the same call are the same event.

Each way is an application; a client's call is delivered by the simulator on one side, and on the other its parameters and
response are an effect from which the adapter makes the event. What neither can know alike (ids of records, receipt handles,
signatures, sequence numbers) is named in `LEFT_OUT`; everything else is equal, whatever the message.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.machines import effect_event
from tests.simulate.platform.play import (
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
    topic,
)
from untangle.channels.envelope import condition, envelope
from untangle.model.step import Stop

LAW = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
# What is given by the service and cannot be rebuilt, by the name of the field.
LEFT_OUT = frozenset(
    {
        "receiptHandle", "SenderId", "ApproximateFirstReceiveTimestamp", "SentTimestamp", "SequenceNumber", "sequenceNumber",
        "EventSubscriptionArn", "Signature", "SigningCertUrl", "SigningCertURL", "UnsubscribeUrl", "UnsubscribeURL",
        "eventID", "invokeIdentityArn", "SizeBytes", "sequencer", "configurationId", "principalId", "sourceIPAddress",
        "source-ip-address", "x-amz-request-id", "x-amz-id-2", "request-id", "md5OfBody", "messageId", "MessageId", "id",
    }
)  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
NAMES = st.sampled_from(["kind", "n", "a-b", "and"])
JSONS = st.recursive(
    st.one_of(TEXTS, st.integers(-9999, 9999), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=5,
)
OBJECTS = st.dictionaries(NAMES, JSONS, max_size=3)
BODIES = st.one_of(TEXTS, OBJECTS.map(json.dumps))
ATTRIBUTES = st.dictionaries(
    NAMES,
    st.one_of(
        st.builds(lambda text: {"DataType": "String", "StringValue": text}, TEXTS),
        st.builds(lambda n: {"DataType": "Number", "StringValue": str(n)}, st.integers(-99, 99)),
    ),
    min_size=1,
    max_size=2,
)
KEYS = st.text(st.sampled_from("abc /+()!~'*é&=%._-"), min_size=1, max_size=10).filter(lambda key: not key.startswith("/"))


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way from a client's call to the function F. `channels` are the logical ids on it, `calls` what a client may call."""

    channels: tuple[str, ...]
    resources: Mapping[str, Any]
    calls: st.SearchStrategy[Mapping[str, Any]]
    service: str
    operation: str
    target: tuple[str, str]  # the parameter that names the channel, and the attribute of the channel that it is


def sns(**message: Any) -> st.SearchStrategy[Mapping[str, Any]]:
    return st.fixed_dictionaries({"Message": BODIES}, optional={"Subject": TEXTS, "MessageAttributes": ATTRIBUTES, **message})


SQS = st.fixed_dictionaries({"MessageBody": BODIES}, optional={"MessageAttributes": ATTRIBUTES})
ENTRIES = st.fixed_dictionaries(
    {"Source": TEXTS.filter(lambda text: not text.startswith("aws.")), "DetailType": TEXTS, "Detail": OBJECTS.map(json.dumps)},
    optional={"Resources": st.lists(TEXTS, max_size=2)},
)
UPLOADS = st.fixed_dictionaries({"Key": KEYS, "Body": st.binary(max_size=9)})
ITEMS = st.fixed_dictionaries(
    {"Item": st.builds(lambda pk, n: {"pk": {"S": pk}, "n": {"N": str(n)}}, st.sampled_from("ab"), st.integers(0, 1))},
).map(lambda params: {**params, "ReturnValues": "ALL_OLD"})
RECORDS = st.fixed_dictionaries({"Data": st.binary(min_size=1, max_size=9), "PartitionKey": TEXTS})
NOTIFIED = {"Event": "s3:ObjectCreated:*"}
S3_RULE = {"source": ["aws.s3"], "detail": {"bucket": {"name": [ref("Box")]}}}
POSITIVE = {"n": [{"numeric": [">", 0]}]}
ANY = {"account": [{"exists": True}]}
CONSUMED = {"Q": queue(), "F": function(), "M": mapping(arn("Q"))}
TO_LAMBDA = {"S": subscription("F", protocol="lambda"), "F": function()}
TRANSFORMER = {
    "InputPathsMap": {"what": "$.detail.kind", "source": "$.source", "all": "$.detail"},
    "InputTemplate": '{"what": <what>, "text": "of <source>", "nested": [<all>], "id": 1}',
}

WAYS: Mapping[str, Way] = {
    "sqs": Way(
        channels=("Q",), resources={"Q": queue(), "F": function(), "M": mapping(arn("Q"))}, calls=SQS,
        service="sqs", operation="SendMessage", target=("QueueUrl", ""),
    ),
    "sns": Way(
        channels=("T",), resources={"T": topic(), **TO_LAMBDA}, calls=sns(),
        service="sns", operation="Publish", target=("TopicArn", "Arn"),
    ),
    "sns filtered by attributes": Way(
        channels=("T",),
        resources={"T": topic(), "F": function(), "S": subscription("F", protocol="lambda", FilterPolicy=POSITIVE)},
        calls=sns(), service="sns", operation="Publish", target=("TopicArn", "Arn"),
    ),
    "sns to sqs": Way(
        channels=("T", "Q"),
        resources={"T": topic(), **CONSUMED, "S": subscription("Q")},
        calls=sns(), service="sns", operation="Publish", target=("TopicArn", "Arn"),
    ),
    "sns to sqs, raw": Way(
        channels=("T", "Q"),
        resources={"T": topic(), **CONSUMED, "S": subscription("Q", RawMessageDelivery=True)},
        calls=sns(), service="sns", operation="Publish", target=("TopicArn", "Arn"),
    ),
    "eventbridge": Way(
        channels=("Bus",),
        resources={"Bus": resource("Events::EventBus", Name="bus"), "F": function(), "R": rule(arn("F"), ANY, ref("Bus"))},
        calls=ENTRIES, service="events", operation="PutEvents", target=("EventBusName", ""),
    ),
    "eventbridge with a template": Way(
        channels=("Bus",),
        resources={
            "Bus": resource("Events::EventBus", Name="bus"),
            "F": function(),
            "R": rule(arn("F"), ANY, ref("Bus"), InputTransformer=TRANSFORMER),
        },
        calls=ENTRIES, service="events", operation="PutEvents", target=("EventBusName", ""),
    ),
    "eventbridge with a path": Way(
        channels=("Bus",),
        resources={
            "Bus": resource("Events::EventBus", Name="bus"),
            "F": function(),
            "R": rule(arn("F"), {"detail": {"kind": [{"exists": True}]}}, ref("Bus"), InputPath="$.detail.kind"),
        },
        calls=ENTRIES, service="events", operation="PutEvents", target=("EventBusName", ""),
    ),
    "eventbridge to sqs": Way(
        channels=("Bus", "Q"),
        resources={
            "Bus": resource("Events::EventBus", Name="bus"), "Q": queue(), "F": function(), "M": mapping(arn("Q")),
            "R": rule(arn("Q"), ANY, ref("Bus")),
        },
        calls=ENTRIES, service="events", operation="PutEvents", target=("EventBusName", ""),
    ),
    "eventbridge to sns": Way(
        channels=("Bus", "T"),
        resources={
            "Bus": resource("Events::EventBus", Name="bus"), "T": topic(), **TO_LAMBDA,
            "R": rule(ref("T"), ANY, ref("Bus")),
        },
        calls=ENTRIES, service="events", operation="PutEvents", target=("EventBusName", ""),
    ),
    "from bus to bus": Way(
        channels=("Bus", "Other"),
        resources={
            "Bus": resource("Events::EventBus", Name="bus"), "Other": resource("Events::EventBus", Name="other"), "F": function(),
            "Over": rule(arn("Other"), ANY, ref("Bus")),
            "R": rule(arn("F"), ANY, ref("Other")),
        },
        calls=ENTRIES, service="events", operation="PutEvents", target=("EventBusName", ""),
    ),
    "s3": Way(
        channels=("Box",), resources={"Box": bucket(LambdaConfigurations=[{**NOTIFIED, "Function": arn("F")}]), "F": function()},
        calls=UPLOADS, service="s3", operation="PutObject", target=("Bucket", ""),
    ),
    "s3 to sqs": Way(
        channels=("Box", "Q"),
        resources={"Box": bucket(QueueConfigurations=[{**NOTIFIED, "Queue": arn("Q")}]), **CONSUMED},
        calls=UPLOADS, service="s3", operation="PutObject", target=("Bucket", ""),
    ),
    "s3 to sns": Way(
        channels=("Box", "T"),
        resources={"Box": bucket(TopicConfigurations=[{**NOTIFIED, "Topic": ref("T")}]), "T": topic(), **TO_LAMBDA},
        calls=UPLOADS, service="s3", operation="PutObject", target=("Bucket", ""),
    ),
    "s3 to eventbridge": Way(
        channels=("Box", "eventbridge/default"),
        resources={"Box": bucket(EventBridgeConfiguration={}), "F": function(), "R": rule(arn("F"), S3_RULE)},
        calls=UPLOADS, service="s3", operation="PutObject", target=("Bucket", ""),
    ),
    "dynamodb": Way(
        channels=("A",), resources={"A": table(), "F": function(), "M": mapping(arn("A", "StreamArn"))},
        calls=ITEMS, service="dynamodb", operation="PutItem", target=("TableName", ""),
    ),
    "kinesis": Way(
        channels=("N",), resources={"N": stream(), "F": function(), "M": mapping(arn("N"), StartingPosition="LATEST")},
        calls=RECORDS, service="kinesis", operation="PutRecord", target=("StreamName", ""),
    ),
    "sqs by a pipe": Way(
        channels=("Q", "P"),
        resources={"Q": queue(), "F": function(), "P": resource("Pipes::Pipe", Source=arn("Q"), Target=arn("F"))},
        calls=SQS, service="sqs", operation="SendMessage", target=("QueueUrl", ""),
    ),
    "kinesis by a pipe": Way(
        channels=("N", "P"),
        resources={"N": stream(), "F": function(), "P": resource("Pipes::Pipe", Source=arn("N"), Target=arn("F"))},
        calls=RECORDS, service="kinesis", operation="PutRecord", target=("StreamName", ""),
    ),
    "dynamodb by a pipe": Way(
        channels=("A", "P"),
        resources={"A": table(), "F": function(), "P": resource("Pipes::Pipe", Source=arn("A", "StreamArn"), Target=arn("F"))},
        calls=ITEMS, service="dynamodb", operation="PutItem", target=("TableName", ""),
    ),
    "invocation": Way(
        channels=("F#invoke",),
        resources={"F": function()},
        calls=st.fixed_dictionaries({"Payload": JSONS.map(lambda value: json.dumps(value).encode())}).map(
            lambda params: {**params, "InvocationType": "Event"}
        ),
        service="lambda", operation="Invoke", target=("FunctionName", ""),
    ),
}  # fmt: skip


def stops(play: Play, way: Way) -> tuple[Stop, ...]:
    """The channels of a way with the filters and settings that their links have in the graph."""
    nodes = [name if "/" in name else f"template/{name}" for name in way.channels]
    graph = play.world.graph
    found = []
    for node, after in zip(nodes, [*nodes[1:], "template/F"], strict=True):
        links = [link for link in graph.links if link.source == node and link.target == after]
        entry = node.endswith("#invoke")  # which stands in the graph for those functions only that code invokes
        type, settings = ("lambda_invoke", {}) if entry else (graph.channel(node).type, graph.channel(node).settings)
        link = links[0] if links else None
        found.append(
            Stop(
                channel=node,
                type=type,
                filter=link.filter if link else None,
                delivery=link.delivery if link else {},
                settings=settings,
            )
        )
    return tuple(found)


def effect(play: Play, way: Way, params: Mapping[str, Any], response: Mapping[str, Any]) -> dict[str, Any]:
    """The call as the outbox reports it."""
    made = {"id": "run#0", "service": way.service, "op": way.operation, "at": play.world.clock.text}
    given, answer = dict(params), {key: value for key, value in response.items() if key != "ResponseMetadata"}
    if way.operation == "PutEvents":
        given, answer = dict(params["Entries"][0]), response["Entries"][0]
    if way.operation == "PutObject":
        made["size"] = len(given.pop("Body"))
    if way.operation == "PutRecord":
        given["DataB64"] = base64.b64encode(given.pop("Data")).decode()
    if way.operation == "Invoke":
        given["Payload"] = json.loads(given["Payload"])
    return {**made, "params": given, "response": {key: value for key, value in answer.items() if key != "Payload"}}


def normal(value: Any) -> Any:
    """An event without what cannot be rebuilt; texts that are JSON as what they hold."""
    if isinstance(value, dict):
        return {key: normal(inner) for key, inner in value.items() if key not in LEFT_OUT}
    if isinstance(value, list):
        return [normal(inner) for inner in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return ["json", normal(json.loads(value))]
        except ValueError:
            return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value):
        return value[:19]  # on its way a message takes some milliseconds
    return value


def region(value: Any) -> Any:
    """The account and region of the tests' state machine as those of the world."""
    text = json.dumps(value).replace("eu-west-1", "us-east-1").replace("111122223333", "123456789012")
    return json.loads(text)


@pytest.mark.parametrize("name", WAYS)
def test_both_sides_deliver_the_same(name: str, tmp_path: Path) -> None:
    way = WAYS[name]
    play = Play(tmp_path, way.resources)

    @LAW
    @given(way.calls)
    def law(message: Mapping[str, Any]) -> None:
        parameter, attribute = way.target
        target = play.name(way.channels[0].partition("#")[0], attribute)
        params: dict[str, Any] = {**message, parameter: target}
        params = {"Entries": [params]} if way.operation == "PutEvents" else params
        play.world.clock.now = math.ceil(play.world.clock.now)  # what is on its way for milliseconds arrives within the second
        asked = effect(play, way, params, play.call(way.service, way.operation, **params))
        path, names = stops(play, way), play.world.application.attribute
        play.seen.clear()
        delivered = play.run().events()
        test = condition(path, names)
        passes = True if test is None else effect_event(test, asked)
        assert passes in (True, False)
        unchanged = way.operation == "PutItem" and asked["params"]["Item"] == asked["response"].get("Attributes")
        rebuilt = [region(effect_event(envelope(path, names), asked))] if passes and not unchanged else []
        assert [normal(event) for event in delivered] == [normal(event) for event in rebuilt]

    law()


def told(play: Play, way: tuple[str, ...], asked: Mapping[str, Any]) -> Any:
    """What the adapter makes of an effect on a way whose links are those of the graph."""
    path = stops(play, Way(channels=way, resources={}, calls=st.none(), service="", operation="", target=("", "")))
    return normal(region(effect_event(envelope(path, play.world.application.attribute), asked)))


def of_call(play: Play, service: str, operation: str, params: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A client's call, and its effect."""
    answer = play.call(service, operation, **params)
    made = {"id": "run#0", "service": service, "op": operation, "at": play.world.clock.text}
    return {**made, "params": dict(params), "response": json.loads(json.dumps(answer, default=str)), **more}


@pytest.mark.parametrize("to", ["function", "bus"])
@pytest.mark.parametrize("operation", ["CopyObject", "CompleteMultipartUpload", "DeleteObject"])
def test_other_changes_of_objects(operation: str, to: str, tmp_path: Path) -> None:
    listed = [{"Event": f"s3:Object{what}:*", "Function": arn("F")} for what in ("Created", "Removed")]
    notified = {"LambdaConfigurations": listed} if to == "function" else {"EventBridgeConfiguration": {}}
    play = Play(
        tmp_path, {"Box": bucket(**notified), "F": function(), **({} if to == "function" else {"R": rule(arn("F"), S3_RULE)})}
    )
    name = play.name("Box")
    play.upload("Box", "a b", b"12345")
    play.run().seen.clear()
    params: dict[str, Any] = {"Bucket": name, "Key": "a b"}
    if operation == "CopyObject":
        params = {"Bucket": name, "Key": "c d", "CopySource": f"{name}/a b"}
    if operation == "CompleteMultipartUpload":
        params["UploadId"] = play.call("s3", "CreateMultipartUpload", **params)["UploadId"]
        part = play.call("s3", "UploadPart", **params, PartNumber=1, Body=b"12345")
        params["MultipartUpload"] = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    asked = of_call(play, "s3", operation, params, **({} if operation == "DeleteObject" else {"size": 5}))
    (delivered,) = play.run().events()
    way = ("Box",) if to == "function" else ("Box", "eventbridge/default")
    assert normal(delivered) == told(play, way, asked)


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_other_changes_of_items(view: str, tmp_path: Path) -> None:
    play = Play(tmp_path, {"A": table(view), "F": function(), "M": mapping(arn("A", "StreamArn"))})
    old, new, key = {"pk": {"S": "1"}}, {"pk": {"S": "1"}, "n": {"N": "2"}}, {"pk": {"S": "1"}}
    play.call("dynamodb", "PutItem", TableName=play.name("A"), Item=old)
    play.run().seen.clear()
    params = {
        "TableName": play.name("A"),
        "Key": key,
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": {"N": "2"}},
    }
    updated = of_call(play, "dynamodb", "UpdateItem", params, oldImage=old, newImage=new)
    gone = of_call(play, "dynamodb", "DeleteItem", {"TableName": play.name("A"), "Key": key, "ReturnValues": "ALL_OLD"})
    (event,) = play.run().events()
    records = [told(play, ("A",), asked)["Records"][0] for asked in (updated, gone)]
    assert normal(event)["Records"] == records


def test_a_schedule_for_one_moment(tmp_path: Path) -> None:
    play = Play(tmp_path, {"F": function()})
    target = {"Arn": play.name("F", "Arn"), "RoleArn": "arn:aws:iam::123456789012:role/r", "Input": '{"a": [1, null]}'}
    params = {
        "Name": "s",
        "ScheduleExpression": "at(2026-01-01T00:05:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }
    asked = of_call(play, "scheduler", "CreateSchedule", params)
    path = (Stop(channel="template/F#schedule", type="create_schedule"),)
    (event,) = play.run().events()
    assert event == effect_event(envelope(path, play.world.application.attribute), asked)


@pytest.mark.parametrize("way", [("T",), ("T", "Q")])
def test_a_text_for_each_protocol(way: tuple[str, ...], tmp_path: Path) -> None:
    consumed = {**CONSUMED, "S": subscription("Q")} if len(way) > 1 else TO_LAMBDA
    play = Play(tmp_path, {"T": topic(), **consumed})
    text = json.dumps({"default": "all", "lambda": "functions", "sqs": "queues"})
    asked = of_call(play, "sns", "Publish", {"TopicArn": play.name("T"), "Message": text, "MessageStructure": "json"})
    (event,) = play.run().events()
    assert normal(event) == told(play, way, asked)


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("fifo", [True, False])
def test_a_fifo_topic_before_a_queue(fifo: bool, raw: bool, tmp_path: Path) -> None:
    resources = {
        "T": topic(FifoTopic=True, ContentBasedDeduplication=True),
        "Q": queue(FifoQueue=True, ContentBasedDeduplication=True) if fifo else queue(),
        "S": subscription("Q", RawMessageDelivery=raw),
        "F": function(),
        "M": mapping(arn("Q")),
    }
    play = Play(tmp_path, resources)
    params = {"TopicArn": play.name("T"), "Message": "m", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    asked = of_call(play, "sns", "Publish", params)
    (event,) = play.run().events()
    assert normal(event) == told(play, ("T", "Q"), asked)
    assert ("MessageGroupId" in event["Records"][0]["attributes"]) is fifo


def test_a_fifo_queue(tmp_path: Path) -> None:
    play = Play(tmp_path, {"Q": queue(FifoQueue=True), "F": function(), "M": mapping(arn("Q"))})
    params = {"QueueUrl": play.name("Q"), "MessageBody": "m", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    asked = of_call(play, "sqs", "SendMessage", params)
    (event,) = play.run().events()
    assert normal(event) == told(play, ("Q",), asked)


@pytest.mark.parametrize("to", ["F", "T", "Q", "Bus"])
def test_what_follows_a_success(to: str, tmp_path: Path) -> None:
    resources = {
        "G": function(),
        "F": function(),
        "T": topic(),
        "S": subscription("F", protocol="lambda"),
        "Q": queue(),
        "M": mapping(arn("Q")),
        "Bus": resource("Events::EventBus", Name="bus"),
        "R": rule(arn("F"), ANY, ref("Bus")),
        "C": resource(
            "Lambda::EventInvokeConfig",
            FunctionName=ref("G"),
            Qualifier="$LATEST",
            DestinationConfig={"OnSuccess": {"Destination": ref("T") if to == "T" else arn(to)}},
        ),
    }
    play = Play(tmp_path, resources)
    play.invoke("G", {"a": 1})
    (event,) = play.run().events()
    (answered,) = [one.time for one in play.world.log if one.kind == "answer" and one.who == "template/G"]
    assert answered < 1
    (delivered,) = [
        one.detail["record"] for one in play.world.log if one.kind == "deliver" and one.who == "template/G#on_success"
    ]
    asked = {
        "id": "run#0",
        "service": "lambda",
        "op": "OnSuccess",
        "at": play.world.clock.text,
        "params": delivered,
        "response": {},
    }
    way = ("G#on_success",) if to == "F" else ("G#on_success", to)
    assert normal(event) == told(play, way, asked)
