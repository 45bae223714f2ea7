"""What each kind of hop and each structure becomes: one row of the semantics of events for each, in arrow notation.

A row that moves has a definition (`golden/semantics/<name>.json`, its adapters left out) which is executed with handlers that
do what the row says; the consumer must get exactly the event that the platform would have delivered, written here by hand
from AWS's documentation. A row that stays says why. UNTANGLE_UPDATE=1 writes the files anew: read the difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import Handlers, arn, definition, effect, published, sent
from tests.golden import golden
from tests.machines import Failed, Machine
from tests.plan.test_shapes import outline
from untangle.asl import validate
from untangle.emit.asl import asl_definition
from untangle.model.code import CodeFacts
from untangle.model.evidence import Confidence
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.shape import Read
from untangle.model.step import Task, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan

GOLDEN = Path(__file__).parent / "golden" / "semantics"
AT, MILLIS = "2026-01-01T00:00:00.000Z", "1767225600000"
DLQ = ChannelNode(id="app/Dead", type="sqs", address="Dead", stack="app")
ALARM = ChannelNode(id="app/Alarm", type="sns", address="Alarm", stack="app")
TRAIL = ChannelNode(id="app/Bucket", type="s3", address="Bucket", stack="app")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A chain, what its handlers do (`does`: their effects; `fails`: those that raise; `returns`: what one returns), and what
    must come of it: the events of each consumer, the calls that park messages, the seconds waited, words among what differs."""

    text: str
    given: Mapping[str, Any] = field(default_factory=dict)
    does: Mapping[str, Any] = field(default_factory=dict)
    fails: tuple[str, ...] = ()
    returns: Mapping[str, Any] = field(default_factory=dict)
    events: Mapping[str, list[Any]] = field(default_factory=dict)
    parked: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    waits: tuple[int | str, ...] = ()
    differences: tuple[str, ...] = ()

    @property
    def graph(self) -> EventGraph:
        return arrows(self.text, **self.given)


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324


def message(queue: str, body: str, count: int = 1, attributes: Mapping[str, Any] | None = None, **system: str) -> dict[str, Any]:
    """The event of a mapping with one message (Lambda guide, "Using Lambda with Amazon SQS")."""
    return {
        "Records": [
            {
                "messageId": system.pop("id", f"id-{body}"),
                "receiptHandle": f"untangle:{system.pop('handle', f'id-{body}')}",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": str(count),
                    "SentTimestamp": MILLIS,
                    "SenderId": "untangle",
                    "ApproximateFirstReceiveTimestamp": MILLIS,
                    **system,
                },
                "messageAttributes": dict(attributes or {}),
                "md5OfBody": md5(body),
                "eventSource": "aws:sqs",
                "eventSourceARN": arn(queue),
                "awsRegion": "eu-west-1",
            }
        ]
    }


def notification(topic: str, text: str, **attributes: str) -> dict[str, Any]:
    """The event of a subscription of a function (Lambda guide, "Using Lambda with Amazon SNS")."""
    body = {
        "Type": "Notification",
        "MessageId": f"id-{text}",
        "TopicArn": arn(topic),
        "Subject": None,
        "Message": text,
        "Timestamp": AT,
        "SignatureVersion": "1",
        "Signature": "untangle-not-signed",
        "SigningCertUrl": "",
        "UnsubscribeUrl": "",
        "MessageAttributes": {name: {"Type": "String", "Value": value} for name, value in attributes.items()},
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{arn(topic)}:untangle",
        "Sns": body,
    }
    return {"Records": [record]}


def enveloped(topic: str, text: str) -> str:
    """What a queue holds behind a topic without raw delivery (SNS guide, "Parsing message formats")."""
    fields = {
        "Type": "Notification",
        "MessageId": f"id-{text}",
        "TopicArn": arn(topic),
        "Message": text,
        "Timestamp": AT,
        "SignatureVersion": "1",
        "Signature": "untangle-not-signed",
        "SigningCertURL": "",
        "UnsubscribeURL": "",
    }
    return json.dumps(fields, separators=(",", ":"))


def put_events(detail: Any, bus: str = "IntakeBus") -> dict[str, Any]:
    params = {"Source": "shop", "DetailType": "Paid", "Detail": json.dumps(detail), "EventBusName": bus}
    return effect("events", "PutEvents", params, {"EventId": "e-1"})


def event(detail: Any) -> dict[str, Any]:
    """The event on a bus (EventBridge guide, "Event structure")."""
    return {
        "version": "0",
        "id": "e-1",
        "detail-type": "Paid",
        "source": "shop",
        "account": "111122223333",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }


PUT = {
    **effect("s3", "PutObject", {"Bucket": "IntakeBucket", "Key": "in/red flower.jpg"}, {"ETag": '"abc"', "VersionId": "v1"}),
    "size": 12,
}
SEED = md5("arn:aws:states:eu-west-1:111122223333:execution:Orders:run-1|r#0").upper()
OBJECT = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "awsRegion": "eu-west-1",
    "eventTime": AT,
    "eventName": "ObjectCreated:Put",
    "userIdentity": {"principalId": "AWS:untangle"},
    "requestParameters": {"sourceIPAddress": "127.0.0.1"},
    "responseElements": {"x-amz-request-id": SEED[:16], "x-amz-id-2": "untangle"},
    "s3": {
        "s3SchemaVersion": "1.0",
        "configurationId": "untangle",
        "bucket": {"name": "IntakeBucket", "ownerIdentity": {"principalId": "untangle"}, "arn": "arn:aws:s3:::IntakeBucket"},
        "object": {"key": "in/red+flower.jpg", "size": 12, "eTag": "abc", "versionId": "v1", "sequencer": SEED[:18]},
    },
}
OBJECT_EVENT = {
    "version": "0",
    "id": SEED,
    "detail-type": "Object Created",
    "source": "aws.s3",
    "account": "111122223333",
    "time": "2026-01-01T00:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:s3:::IntakeBucket"],
    "detail": {
        "version": "0",
        "bucket": {"name": "IntakeBucket"},
        "object": {"key": "in/red flower.jpg", "size": 12, "etag": "abc", "version-id": "v1", "sequencer": SEED[:18]},
        "request-id": SEED[:16],
        "requester": "111122223333",
        "source-ip-address": "127.0.0.1",
        "reason": "PutObject",
    },
}
NEW, OLD = {"id": {"S": "7"}, "n": {"N": "2"}}, {"id": {"S": "7"}, "n": {"N": "1"}}
STORED = effect("dynamodb", "PutItem", {"TableName": "IntakeTable", "Item": NEW}, {"Attributes": OLD})
CHANGE = {
    "eventID": SEED.lower(),
    "eventName": "MODIFY",
    "eventVersion": "1.1",
    "eventSource": "aws:dynamodb",
    "awsRegion": "eu-west-1",
    "dynamodb": {
        "ApproximateCreationDateTime": 1767225600,
        "Keys": {"id": {"S": "7"}},
        "NewImage": NEW,
        "OldImage": OLD,
        "SequenceNumber": MILLIS + "0000000",
        "SizeBytes": len(json.dumps(NEW, separators=(",", ":"))),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    },
    "eventSourceARN": arn("IntakeTable"),
}
INVOKED = effect("lambda", "Invoke", {"FunctionName": "Charge", "Payload": {"order": 1}}, {"StatusCode": 202})


def record(function: str, request: Any, **outcome: Any) -> dict[str, Any]:
    """An invocation record (Lambda guide, "Capturing records of asynchronous invocations")."""
    context = {
        "requestId": "req-1",
        "functionArn": f"{arn(function)}:$LATEST",
        "condition": "Success",
        "approximateInvokeCount": 1,
        **outcome.pop("context", {}),
    }
    response = {"statusCode": 200, "executedVersion": "$LATEST", **outcome.pop("response", {})}
    return {
        "version": "1.0",
        "timestamp": AT,
        "requestContext": context,
        "requestPayload": request,
        "responseContext": response,
        "responsePayload": outcome["payload"],
    }


def text_of(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


ATTRIBUTES = {"kind": {"DataType": "String", "StringValue": "gift"}}
RECEIVED = {"kind": {"stringValue": "gift", "stringListValues": [], "binaryListValues": [], "dataType": "String"}}
REDRIVE = {"visibility_timeout": 180, "redrive": {"dead_letter": "app/Dead", "max_receive_count": 3}}

HOPS: dict[str, Row] = {
    "sqs": Row(
        text="intake -sqs-> charge",
        does={"Intake": [sent("ChargeQueue", "x", MessageAttributes=ATTRIBUTES)]},
        events={"Charge": [message("ChargeQueue", "x", attributes=RECEIVED)]},
        differences=("has no redrive policy",),
    ),
    "sqs-delay": Row(
        text="intake -sqs-> charge",
        given={"settings": {"ChargeQueue": {"delay_seconds": 900}}},
        does={"Intake": [sent("ChargeQueue", "x")]},
        events={"Charge": [message("ChargeQueue", "x")]},
        waits=(900,),
    ),
    "sqs-batch": Row(
        text="intake -sqs*-> charge",
        given={"delivery": {"ChargeQueue": {"batch_size": 10}}},
        does={"Intake": [sent("ChargeQueue", "x"), sent("ChargeQueue", "y")]},
        events={"Charge": [message("ChargeQueue", "x"), message("ChargeQueue", "y")]},
        differences=("messages no longer arrive in batches",),
    ),
    "sqs-partial-batch": Row(
        text="intake -sqs*-> charge",
        given={
            "settings": {"ChargeQueue": REDRIVE},
            "delivery": {"ChargeQueue": {"report_batch_item_failures": True}},
            "extra": (DLQ,),
        },
        does={"Intake": [sent("ChargeQueue", "x")]},
        returns={"Charge": {"batchItemFailures": [{"itemIdentifier": "id-x"}]}},
        events={"Charge": [message("ChargeQueue", "x", count) for count in (1, 2, 3)]},
        parked=(("sqs:sendMessage", {"QueueUrl": "Dead", "MessageBody": "x"}),),
    ),
    "sqs-failures-reported-to-a-mapping-that-does-not-listen": Row(
        text="intake -sqs*-> charge",
        given={"settings": {"ChargeQueue": REDRIVE}, "extra": (DLQ,)},
        does={"Intake": [sent("ChargeQueue", "x")]},
        returns={"Charge": {"batchItemFailures": [{"itemIdentifier": "id-x"}]}},
        events={"Charge": [message("ChargeQueue", "x")]},
    ),
    "sqs-dead-letter": Row(
        text="intake -sqs-> charge",
        given={"settings": {"ChargeQueue": REDRIVE}, "extra": (DLQ,)},
        does={"Intake": [sent("ChargeQueue", "x", MessageAttributes=ATTRIBUTES)]},
        fails=("Charge",),
        events={"Charge": [message("ChargeQueue", "x", count, RECEIVED) for count in (1, 2, 3)]},
        parked=(("sqs:sendMessage", {"QueueUrl": "Dead", "MessageBody": "x", "MessageAttributes": ATTRIBUTES}),),
    ),
    "sns": Row(
        text="intake -sns-> charge",
        does={"Intake": [published("IntakeTopic", "x", kind="gift")]},
        events={"Charge": [notification("IntakeTopic", "x", kind="gift")]},
    ),
    "sns-sqs": Row(
        text="intake -sns/sqs-> charge",
        does={"Intake": [published("IntakeTopic", "x")]},
        events={"Charge": [message("ChargeQueue", enveloped("IntakeTopic", "x"), id="id-x", handle="id-x")]},
    ),
    "sns-sqs-raw": Row(
        text="intake -sns/sqs-> charge",
        given={"delivery": {"IntakeTopic": {"raw_message_delivery": True}}},
        does={"Intake": [published("IntakeTopic", "x", kind="gift")]},
        events={"Charge": [message("ChargeQueue", "x", attributes=RECEIVED)]},
    ),
    "sns-filter-policy": Row(
        text="intake -sns-> {charge, mail}",
        given={"filters": {"IntakeTopic>Mail": {"kind": ("plain",)}}},
        does={"Intake": [published("IntakeTopic", "x", kind="gift")]},
        events={"Charge": [notification("IntakeTopic", "x", kind="gift")]},
    ),
    "eventbridge": Row(
        text="intake -eventbridge-> charge",
        does={"Intake": [put_events({"total": 3})]},
        events={"Charge": [event({"total": 3})]},
    ),
    "eventbridge-transformer": Row(
        text="intake -eventbridge-> charge",
        given={
            "delivery": {
                "IntakeBus": {
                    "input_transformer": {
                        "InputPathsMap": {"total": "$.detail.total", "kind": "$.detail-type", "none": "$.detail.none"},
                        "InputTemplate": '{"total": <total>, "text": "<kind> (<total>)", "none": "<none>"}',
                    }
                }
            }
        },
        does={"Intake": [put_events({"total": 3})]},
        events={"Charge": [{"total": 3, "text": "Paid (3)", "none": ""}]},
    ),
    "eventbridge-input": Row(
        text="intake -eventbridge-> charge",
        given={"delivery": {"IntakeBus": {"input": '{"fixed": [1]}'}}},
        does={"Intake": [put_events({"total": 3})]},
        events={"Charge": [{"fixed": [1]}]},
    ),
    "eventbridge-input-path": Row(
        text="intake -eventbridge-> charge",
        given={"delivery": {"IntakeBus": {"input_path": "$.detail"}}},
        does={"Intake": [put_events({"total": 3})]},
        events={"Charge": [{"total": 3}]},
    ),
    "eventbridge-sqs": Row(
        text="intake -eventbridge/sqs-> charge",
        does={"Intake": [put_events({"total": 3})]},
        events={"Charge": [message("ChargeQueue", text_of(event({"total": 3})), id="e-1", handle="e-1")]},
    ),
    "eventbridge-heard-by-others": Row(
        text="intake -eventbridge:bus-> charge; intake -eventbridge:bus/sqs:slow-> mail",
        given={"settings": {"slow": {"fifo": True}}},
        does={"Intake": [put_events({"total": 3}, "bus")]},
        events={"Charge": [event({"total": 3})]},
        differences=("bus has other listeners: the call still goes out",),
    ),
    "eventbridge-archive": Row(
        text="intake -eventbridge-> charge",
        given={"settings": {"IntakeBus": {"archived": True}}},
        does={"Intake": [put_events({"total": 3})]},
        events={"Charge": [event({"total": 3})]},
        differences=("IntakeBus is archived: the call still goes out",),
    ),
    "eventbridge-retry-policy": Row(
        text="intake -eventbridge-> charge",
        given={"delivery": {"IntakeBus": {"maximum_retry_attempts": 185, "dead_letter": "app/Dead"}}, "extra": (DLQ,)},
        does={"Intake": [put_events({"total": 3})]},
        fails=(),
        events={"Charge": [event({"total": 3})]},
        differences=("the retry policy of the rule's target no longer acts", "dead-letter queue of the delivery itself"),
    ),
    "s3": Row(text="intake -s3-> charge", does={"Intake": [PUT]}, events={"Charge": [{"Records": [OBJECT]}]}),
    "s3-eventbridge": Row(text="intake -s3/eventbridge-> charge", does={"Intake": [PUT]}, events={"Charge": [OBJECT_EVENT]}),
    "s3-sqs": Row(
        text="intake -s3/sqs-> charge",
        does={"Intake": [PUT]},
        events={"Charge": [message("ChargeQueue", text_of({"Records": [OBJECT]}), id=SEED, handle=SEED)]},
    ),
    "dynamodb-stream": Row(
        text="intake -dynamodb_stream-> charge",
        does={"Intake": [STORED]},
        events={"Charge": [{"Records": [CHANGE]}]},
        differences=("retried until the record expired",),
    ),
    "invoke": Row(text="intake -lambda_invoke-> charge", does={"Intake": [INVOKED]}, events={"Charge": [{"order": 1}]}),
    "invoke-without-payload": Row(
        text="intake -lambda_invoke-> charge",
        does={"Intake": [effect("lambda", "Invoke", {"FunctionName": "Charge"}, {"StatusCode": 202})]},
        events={"Charge": [{}]},
    ),
    "invoke-dead-letter": Row(
        text="intake -lambda_invoke-> charge",
        given={"functions": {"charge": {"asynchronous": {"dead_letter": "app/Dead"}}}, "extra": (DLQ,)},
        does={"Intake": [INVOKED]},
        fails=("Charge",),
        events={"Charge": [{"order": 1}] * 3},
        parked=(
            (
                "sqs:sendMessage",
                {
                    "QueueUrl": "Dead",
                    "MessageBody": '{"order":1}',
                    "MessageAttributes": {
                        "RequestID": {"DataType": "String", "StringValue": "run-1"},
                        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
                        "ErrorMessage": {"DataType": "String", "StringValue": "broken"},
                    },
                },
            ),
        ),
    ),
    "destination-on-success": Row(
        text="intake -lambda_destination-> charge",
        given={"triggers": {"intake": "schedule"}},
        returns={"Intake": {"done": True}},
        events={"Charge": [record("Intake", {}, payload={"done": True})]},
    ),
    "destination-on-success-sqs": Row(
        text="intake -lambda_destination/sqs-> charge",
        given={"triggers": {"intake": "schedule"}},
        returns={"Intake": {"done": True}},
        events={
            "Charge": [message("ChargeQueue", text_of(record("Intake", {}, payload={"done": True})), id="req-1", handle="req-1")]
        },
    ),
    "destination-on-failure": Row(
        text="intake -sns-> charge",
        given={
            "extra": (ALARM,),
            "links": (
                Link(
                    source="app/Charge#on_failure",
                    target="app/Alarm",
                    kind=LinkKind.ROUTE,
                    confidence=Confidence.DECLARED,
                    evidence=(),
                ),
            ),
        },
        does={"Intake": [published("IntakeTopic", "x")]},
        fails=("Charge",),
        events={"Charge": [notification("IntakeTopic", "x")] * 3},
        parked=(
            (
                "sns:publish",
                {
                    "TopicArn": arn("Alarm"),
                    "Message": text_of(
                        record(
                            "Charge",
                            notification("IntakeTopic", "x"),
                            context={"requestId": "run-1", "condition": "RetriesExhausted", "approximateInvokeCount": 3},
                            response={"functionError": "Unhandled"},
                            payload={"errorMessage": "broken"},
                        )
                    ),
                },
            ),
        ),
    ),
    "pipe": Row(
        text="intake -sqs/pipe-> charge",
        given={"settings": {"ChargeQueue": {"visibility_timeout": 60, "redrive": {"max_receive_count": 2}}}},
        does={"Intake": [sent("ChargeQueue", "x")]},
        events={"Charge": [message("ChargeQueue", "x")["Records"]]},
    ),
    "pipe-dead-letter": Row(
        text="intake -sqs/pipe-> charge",
        given={"settings": {"ChargeQueue": REDRIVE}, "extra": (DLQ,)},
        does={"Intake": [sent("ChargeQueue", "x")]},
        fails=("Charge",),
        events={"Charge": [message("ChargeQueue", "x", count)["Records"] for count in (1, 2, 3)]},
        parked=(("sqs:sendMessage", {"QueueUrl": "Dead", "MessageBody": "x"}),),
    ),
}

STRUCTURES: dict[str, Row] = {
    "sequence": Row(
        text="intake -sqs-> charge -sns-> ship",
        does={"Intake": [sent("ChargeQueue", "x")], "Charge": [published("ChargeTopic", "y")]},
        events={"Charge": [message("ChargeQueue", "x")], "Ship": [notification("ChargeTopic", "y")]},
    ),
    "maybe-none": Row(text="intake -sqs?-> charge", does={"Intake": []}, events={}),
    "maybe-one": Row(
        text="intake -sqs?-> charge",
        does={"Intake": [sent("ChargeQueue", "x")]},
        events={"Charge": [message("ChargeQueue", "x")]},
    ),
    "many": Row(
        text="intake -sns*-> charge",
        does={"Intake": [published("IntakeTopic", text) for text in "xyz"]},
        events={"Charge": [notification("IntakeTopic", text) for text in "xyz"]},
    ),
    "independent-subscribers": Row(
        text="intake -sns-> {charge, mail, ship}",
        does={"Intake": [published("IntakeTopic", "x")]},
        fails=("Charge",),
        events={
            "Charge": [notification("IntakeTopic", "x")] * 3,
            "Mail": [notification("IntakeTopic", "x")],
            "Ship": [notification("IntakeTopic", "x")],
        },
    ),
    "merge": Row(
        text="intake -sns-> {pack, label}; {pack, label} -sqs:Ready-> ship",
        does={
            "Intake": [published("IntakeTopic", "x")],
            "Pack": [sent("Ready", "packed")],
            "Label": [sent("Ready", "labelled")],
        },
        events={
            "Pack": [notification("IntakeTopic", "x")],
            "Label": [notification("IntakeTopic", "x")],
            "Ship": [message("Ready", "labelled"), message("Ready", "packed")],
        },
        differences=("Ship is reached by 2 hops and runs once for each",),
    ),
    "write-then-many-ways": Row(
        text="intake -sqs-> {charge, reserve}; {charge, reserve} -dynamodb_stream:IntakeTable-> ship",
        does={
            "Intake": [sent("ChargeQueue", "x"), sent("ReserveQueue", "y")],
            "Charge": [STORED],
            "Reserve": [STORED],
        },
        events={
            "Charge": [message("ChargeQueue", "x")],
            "Reserve": [message("ReserveQueue", "y")],
            "Ship": [{"Records": [CHANGE]}] * 2,
        },
        differences=("Ship is reached by 2 hops",),
    ),
    "cut-at-a-hop-that-stays": Row(
        text="intake -sqs-> charge -sns-> mail -sqs:fifo-> ship",
        given={"settings": {"fifo": {"fifo": True}}},
        does={"Intake": [sent("ChargeQueue", "x")], "Charge": [published("ChargeTopic", "y")]},
        events={"Charge": [message("ChargeQueue", "x")], "Mail": [notification("ChargeTopic", "y")]},
    ),
}
ROWS = {**HOPS, **STRUCTURES}

ENRICHED = ChannelNode(id="app/EnrichPipe#enriched", type="pipe", address="EnrichPipe (enriched)", stack="app")
RETURNED = Link(source="app/Enrich", target=ENRICHED.id, kind=LinkKind.PUBLISH, confidence=Confidence.DECLARED, evidence=())
STAYING: dict[str, tuple[str, Mapping[str, Any], str]] = {
    "sqs-fifo": ("a -sqs:q-> b", {"settings": {"q": {"fifo": True}}}, "FIFO"),
    "sns-fifo": ("a -sns:t/sqs-> b", {"settings": {"t": {"fifo": True}}}, "FIFO"),
    "sqs-window": ("a -sqs:q-> b", {"delivery": {"q": {"batch_window": 30}}}, "collected into batches over a window"),
    "sqs-large-batch": ("a -sqs:q-> b", {"delivery": {"q": {"batch_size": 100}}}, "batches of up to 100"),
    "sqs-rate-limit": ("a -sqs:q-> b", {"delivery": {"q": {"maximum_concurrency": 5}}}, "limits the function to 5 at a time"),
    "kinesis": ("a -kinesis-> b", {}, "order of its records"),
    "dynamodb-window": ("a -dynamodb_stream:t-> b", {"delivery": {"t": {"tumbling_window": 60}}}, "tumbling window"),
    "dynamodb-failure-destination": (
        "a -dynamodb_stream:t-> b",
        {"hops": {"a>b": {"reason": "on_failure"}}},
        "carries what failed",
    ),
    "pipe-enrichment": ("a -sqs/pipe-> enrich", {"extra": (ENRICHED,), "links": (RETURNED,)}, "hands on what it returns"),
    "pipe-template": ("a -sqs/pipe:p-> b", {"delivery": {"p": {"input_template": '{"x": <$.body>}'}}}, "input template"),
    "scheduler-of-an-unknown-time": ("a -create_schedule-> b", {}, "it is not seen to be a one-off schedule"),
    "invoke-and-wait": (
        "a -lambda_invoke-> b",
        {"hops": {"a>b": {"sent": {"InvocationType": "RequestResponse"}}}},
        "the caller waits for the answer",
    ),
    "start-execution": ("a -step_functions-> b", {"functions": {"b": {"kind": "state_machine"}}}, "not a Lambda function"),
    "loop": ("a -sqs-> b -sqs-> a", {"triggers": {"a": "s3"}}, "form a loop"),
    "self-loop": ("a -sqs-> a", {"triggers": {"a": "s3"}}, "form a loop"),
    "competing-consumers": ("a -sqs:q-> {b, c}", {}, "compete for the messages"),
}


def planned(row: Row) -> tuple[Workflow, EventGraph]:
    graph = row.graph
    return plan(graph, chain(graph)), graph


def in_jsonata(graph: EventGraph, handlers: Handlers) -> Machine:
    """What runs a definition as it is usually written."""
    return Machine(definition(graph), handlers)


def executed(row: Row, made: Callable[[EventGraph, Handlers], Machine] = in_jsonata) -> tuple[Machine, Handlers]:
    """The definition, run once; handlers answer as the row says."""

    def answer(name: str) -> Any:
        def run(event: Any) -> Any:
            if name in row.fails:
                raise ValueError("broken")
            return row.does.get(name, [])

        return run

    names = {function.address for function in row.graph.functions}
    handlers = Handlers(row.returns, **{name: answer(name) for name in names})
    machine = made(row.graph, handlers)
    machine.run({})
    return machine, handlers


@pytest.mark.parametrize("name", ROWS)
def test_definition(name: str) -> None:
    workflow, graph = planned(ROWS[name])
    written = asl_definition(workflow, graph)
    assert [found for found in validate(written) if found.severity == "error"] == []
    path = GOLDEN / f"{name}.json"
    text = json.dumps(outline(written), indent=2, ensure_ascii=False) + "\n"
    assert text == golden(path, text)


@pytest.mark.parametrize("name", ROWS)
def test_consumers_get_what_the_platform_would_have_delivered(name: str) -> None:
    row = ROWS[name]
    machine, handlers = executed(row)
    got = {function: events for function, events in sorted(handlers.events.items()) if function != "Intake"}
    assert got == dict(row.events)
    assert tuple((resource.removeprefix("arn:aws:states:::"), call) for resource, call in machine.calls) == row.parked
    assert tuple(machine.waits) == row.waits


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.differences])
def test_what_no_longer_holds_is_said(name: str) -> None:
    workflow, _ = planned(ROWS[name])
    said = " | ".join((*workflow.differences, *(obstacle.text for obstacle in workflow.obstacles)))
    for words in ROWS[name].differences:
        assert words in said


@pytest.mark.parametrize("name", STAYING)
def test_staying(name: str) -> None:
    text, given, words = STAYING[name]
    graph = arrows(text, **given)
    workflow = plan(graph, chain(graph))
    assert workflow.root is None and workflow.migrated == ()
    assert words in " | ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)


# The retrier for failed runs (seconds, rate, tries after the first; None where there is none) and the seconds that the tries
# cover while the invocation itself is refused.
RETRIES: dict[str, tuple[str, Mapping[str, Any], tuple[int, float, int] | None, int]] = {
    "asynchronous": ("a -sns-> b", {}, (60, 2, 2), 20),
    "asynchronous-once": ("a -s3-> b", {"b": {"maximum_retry_attempts": 1}}, (60, 2, 1), 20),
    "asynchronous-never": ("a -eventbridge-> b", {"b": {"maximum_retry_attempts": 0}}, None, 20),
    "asynchronous-too-old-for-the-second": ("a -lambda_invoke-> b", {"b": {"maximum_event_age": 120}}, (60, 2, 1), 7),
    "asynchronous-just-old-enough": ("a -lambda_invoke-> b", {"b": {"maximum_event_age": 180}}, (60, 2, 2), 8),
    "queue": ("a -sqs:q-> b", {"q": {"visibility_timeout": 90, "redrive": {"max_receive_count": 4}}}, (90, 1, 3), 20),
    "queue-once": ("a -sqs:q-> b", {"q": {"redrive": {"max_receive_count": 1}}}, None, 20),
    "queue-without-end": ("a -sqs:q-> b", {"q": {"visibility_timeout": 30}}, (30, 1, 49), 20),
    "queue-that-forgets": ("a -sqs:q-> b", {"q": {"visibility_timeout": 60, "retention": 300}}, (60, 1, 4), 20),
    "queue-that-hides-for-hours": ("a -sqs:q-> b", {"q": {"visibility_timeout": 43200}}, (43200, 1, 7), 20),
    "pipe-on-a-queue": (
        "a -sqs:q/pipe-> b",
        {"q": {"visibility_timeout": 5, "redrive": {"max_receive_count": 3}}},
        (5, 1, 2),
        20,
    ),
    "stream-until-expiry": ("a -dynamodb_stream-> b", {}, (1, 2, 20), 20),
    "stream": ("a -dynamodb_stream:t-> b", {"t>": {"maximum_retry_attempts": 3}}, (1, 2, 3), 20),
    "pipe-on-a-stream": ("a -dynamodb_stream:t/pipe-> b", {"t>": {"maximum_retry_attempts": 0}}, None, 20),
}


@pytest.mark.parametrize("name", RETRIES)
def test_retries(name: str) -> None:
    text, given, wanted, refused = RETRIES[name]
    graph = arrows(
        text,
        functions={"b": {"asynchronous": given["b"]}} if "b" in given else {},
        settings={key: value for key, value in given.items() if key != "b" and not key.endswith(">")},
        delivery={key[:-1]: value for key, value in given.items() if key.endswith(">")},
    )
    workflow = plan(graph, chain(graph))
    (task,) = (step for step in steps(workflow.root) if isinstance(step, Task) and step.function == "app/B")
    any_error = {(retry.interval, retry.rate, retry.attempts) for retry in task.retries if retry.errors == "any"}
    assert any_error == ({wanted} if wanted else set())
    assert [retry.attempts for retry in task.retries if retry.errors == "throttle"] == [refused]


def reading(text: str, *path: str) -> Workflow:
    """The plan of a chain whose consumer `b` reads a field of its event."""
    facts = CodeFacts(function="b", readable=True, reads=(Read(path=path, required=True, location=Location("b.py", 3)),))
    graph = arrows(text, code={"b": facts})
    return plan(graph, chain(graph))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a -sqs-> b", ("Records", "*", "receiptHandle")),
        ("a -sns-> b", ("Records", "*", "Sns", "Signature")),
        ("a -sns/sqs-> b", ("Records", "*", "body", "()", "Signature")),
        ("a -s3/sqs-> b", ("Records", "*", "body", "()", "Records", "*", "s3", "object", "sequencer")),
        ("a -dynamodb_stream-> b", ("Records", "*", "dynamodb", "SequenceNumber")),
    ],
)
def test_a_field_that_only_the_transport_can_give_keeps_the_hop(text: str, path: tuple[str, ...]) -> None:
    workflow = reading(text, *path)
    assert workflow.root is None
    assert f"B reads {'.'.join(path)} (b.py:3)" in " ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a -sqs-> b", ("Records", "*", "attributes", "SenderId")),
        ("a -sns/sqs-> b", ("Records", "*", "body", "()", "UnsubscribeURL")),
        ("a -s3-> b", ("Records", "*", "userIdentity", "principalId")),
        ("a -s3/eventbridge-> b", ("detail", "requester")),
    ],
)
def test_a_field_that_is_made_up_is_noted(text: str, path: tuple[str, ...]) -> None:
    workflow = reading(text, *path)
    assert workflow.root is not None
    (note,) = (obstacle for obstacle in workflow.obstacles if "made up" in obstacle.text)
    assert f"reads {'.'.join(path)} (b.py:3)" in note.text and not note.blocking


def test_a_failure_destination_that_no_state_writes_to_is_named() -> None:
    links = tuple(replace(link, target=TRAIL.id) for link in HOPS["destination-on-failure"].given["links"])
    graph = arrows("intake -sns-> charge", extra=(TRAIL,), links=links)
    workflow = plan(graph, chain(graph))
    assert any("sent the record of a failed run to Bucket" in text for text in workflow.differences)


def test_every_independent_branch_ends_in_its_own_catch() -> None:
    written = definition(STRUCTURES["independent-subscribers"].graph)
    (parallel,) = (state for state in written["States"].values() if state["Type"] == "Parallel")
    for branch in parallel["Branches"]:
        assert all("Catch" in state for state in branch["States"].values() if state["Type"] == "Task")


def test_a_failure_that_nobody_parks_is_seen() -> None:
    with pytest.raises(Failed, match="broken"):
        executed(Row(text="intake -sns-> charge", does={"Intake": [published("IntakeTopic", "x")]}, fails=("Charge",)))


def test_cloudformation_takes_them_all() -> None:
    assert refused(definition(row.graph) for row in ROWS.values()) == []


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ROWS)
