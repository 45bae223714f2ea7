"""Classic faults of a planner and of what writes its definitions: each is seen, in one scenario, with a story that tells it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.simulate.verify.test_verify import proof
from untangle.emit import migrated as emitted
from untangle.emit.asl import flow, states
from untangle.model.certificate import Certificate
from untangle.plan.tree import structure

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    Handler: app.handler
    Timeout: 5
    Environment: {Variables: {TOPIC: !Ref Topic, SUMS: !Ref Sums, TABLE: !Ref Table}}
Resources:
  Inbox:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Lost.Arn, maxReceiveCount: 2}}
  Lost: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  Sums:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt LostSums.Arn, maxReceiveCount: 2}}
  LostSums: {Type: AWS::SQS::Queue}
  Table: {Type: AWS::Serverless::SimpleTable}
  Take:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: take
      Policies: [SNSPublishMessagePolicy: {TopicName: !GetAtt Topic.TopicName}]
      Events: {In: {Type: SQS, Properties: {Queue: !GetAtt Inbox.Arn, BatchSize: 1}}}
  Paid:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: send
      Policies: [SQSSendMessagePolicy: {QueueName: !GetAtt Sums.QueueName}]
      Events: {In: {Type: SNS, Properties: {Topic: !Ref Topic, FilterPolicy: {kind: [paid]}}}}
  Free:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: send
      Policies: [SQSSendMessagePolicy: {QueueName: !GetAtt Sums.QueueName}]
      Events: {In: {Type: SNS, Properties: {Topic: !Ref Topic, FilterPolicy: {kind: [free]}}}}
  Sum:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: sum
      Policies: [DynamoDBCrudPolicy: {TableName: !Ref Table}]
      Events: {In: {Type: SQS, Properties: {Queue: !GetAtt Sums.Arn, BatchSize: 1}}}
"""
HANDLERS = {
    "take": """
import json, os, boto3
sns = boto3.client("sns")
def handler(event, context):
    for record in event["Records"]:
        for item in json.loads(record["body"])["items"]:
            sns.publish(
                TopicArn=os.environ["TOPIC"],
                Message=json.dumps({"id": item["id"]}),
                MessageAttributes={"kind": {"DataType": "String", "StringValue": item["kind"]}},
            )
""",
    "send": """
import json, os, boto3
sqs = boto3.client("sqs")
def handler(event, context):
    for record in event["Records"]:
        sqs.send_message(QueueUrl=os.environ["SUMS"], MessageBody=record["Sns"]["Message"])
""",
    "sum": """
import json, os, boto3
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
def handler(event, context):
    for record in event["Records"]:
        id = json.loads(record["body"])["id"]
        if id == "broken":
            raise ValueError(id)
        table.put_item(Item={"id": id})
""",
}
IN_ORDER = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Handler: app.handler, Timeout: 5}}
Resources:
  Take:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: take
      Environment: {Variables: {QUEUE: !Ref Lines}}
      Policies: [SQSSendMessagePolicy: {QueueName: !GetAtt Lines.QueueName}]
      Events: {In: {Type: SQS, Properties: {Queue: !GetAtt Inbox.Arn, BatchSize: 1}}}
  Inbox: {Type: AWS::SQS::Queue}
  Lines: {Type: AWS::SQS::Queue, Properties: {QueueName: lines.fifo, FifoQueue: true, ContentBasedDeduplication: true}}
  Last:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: last
      Environment: {Variables: {TABLE: !Ref Table}}
      Policies: [DynamoDBCrudPolicy: {TableName: !Ref Table}]
      Events: {In: {Type: SQS, Properties: {Queue: !GetAtt Lines.Arn, BatchSize: 1}}}
  Table: {Type: AWS::Serverless::SimpleTable}
"""
HANDLERS_IN_ORDER = {
    "take": """
import json, os, boto3
sqs = boto3.client("sqs")
def handler(event, context):
    for record in event["Records"]:
        for item in json.loads(record["body"])["items"]:
            sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(item), MessageGroupId="one")
""",
    "last": """
import json, os, boto3
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
def handler(event, context):
    for record in event["Records"]:
        table.put_item(Item={"id": "last", "of": json.loads(record["body"])["id"]})
""",
}
KINDS = {"a": "paid", "b": "paid", "c": "free"}
BROKEN = {"broken": "paid"}


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """A split with a filter each way, whose ends come together in a queue with a dead-letter queue."""
    return written(tmp_path, TEMPLATE, HANDLERS)


def written(folder: Path, template: str, handlers: Mapping[str, str]) -> Path:
    """An application in a folder."""
    (folder / "template.yaml").write_text(template)
    for name, text in handlers.items():
        (folder / name).mkdir()
        (folder / name / "app.py").write_text(text)
    return folder


def proved(application: Path, kinds: Mapping[str, str]) -> Certificate:
    """The proof of one scenario: one order with these items."""
    order = {"items": [{"id": id, "kind": kind} for id, kind in kinds.items()]}
    return proof(
        application, budget=1, inputs=(("an order", {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(order)}]}),)
    )


@pytest.mark.parametrize("kinds", [KINDS, BROKEN, {"x": "neither"}], ids=["handled", "parked", "dropped"])
def test_without_a_fault_it_is_equal(application: Path, kinds: Mapping[str, str]) -> None:
    certificate = proved(application, kinds)
    assert certificate.equal, [item for one in certificate.scenarios for item in one.deviations]


def _of_conditions(monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str]) -> None:
    for module in (flow, states):
        real = module.condition

        def changed(*given: Any, real: Callable[..., str | None] = real) -> str | None:
            found = real(*given)
            return None if found is None else change(found)

        monkeypatch.setattr(module, "condition", changed)


def _of_states(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None]) -> None:
    """Every state of every definition, changed after it was written."""
    real = emitted.asl_machines

    def changed(*given: Any) -> Any:
        machines = real(*given)
        for machine in machines.values():
            for state in _all(machine.definition):
                change(state)
        return machines

    monkeypatch.setattr(emitted, "asl_machines", changed)


def _all(definition: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for state in list(definition["States"].values()):
        yield state
        for inner in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())):
            yield from _all(inner)


def _filter_negated(monkeypatch: pytest.MonkeyPatch) -> None:
    _of_conditions(monkeypatch, lambda text: f"$not({text})")


def _filter_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    _of_conditions(monkeypatch, lambda text: "true")


def _joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes together is handled once, by the first that gets there."""
    real = structure._task

    def once(draft: Any, function: str, way: Any, fails: Any, then: Any, hops: Any) -> Any:
        return real(draft, function, way, fails, None if function.endswith("/Free") else then, hops)

    monkeypatch.setattr(structure, "_task", once)


def _tries(more: int) -> Callable[[pytest.MonkeyPatch], None]:
    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        real = states.retrier

        def other(one: Any) -> Any:
            made = real(one)
            return {**made, "MaxAttempts": made["MaxAttempts"] + more} if one.errors == "any" else made

        monkeypatch.setattr(states, "retrier", other)

    return plant


def _no_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    _of_states(monkeypatch, lambda state: state.pop("Retry", None))


def _no_catch(monkeypatch: pytest.MonkeyPatch) -> None:
    _of_states(monkeypatch, lambda state: state.pop("Catch", None))


def _envelope(before: str, after: str) -> Callable[[pytest.MonkeyPatch], None]:
    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        real = states.envelope

        def other(*given: Any) -> str:
            text = real(*given)
            return str(text.replace(before, after))

        monkeypatch.setattr(states, "envelope", other)

    return plant


def _items(template: str) -> Callable[[pytest.MonkeyPatch], None]:
    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        real = flow.chosen
        monkeypatch.setattr(flow, "chosen", lambda *given: template.replace("ITEMS", real(*given)))

    return plant


def _parks(before: str, after: str) -> Callable[[pytest.MonkeyPatch], None]:
    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        def change(state: dict[str, Any]) -> None:
            if "sendMessage" in str(state.get("Resource")) and isinstance(state["Arguments"], str):
                state["Arguments"] = state["Arguments"].replace(before, after)

        _of_states(monkeypatch, change)

    return plant


FAULTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Mapping[str, str], str]] = {
    "a filter negated": (_filter_negated, KINDS, "invocation"),
    "a filter dropped": (_filter_dropped, KINDS, "invocation"),
    "a fan-in taken for a join": (_joined, KINDS, "invocation"),
    "a try less": (_tries(-1), BROKEN, "tries"),
    "a try more": (_tries(1), BROKEN, "tries"),
    "no tries at all": (_no_retry, BROKEN, "tries"),
    "no catcher": (_no_catch, BROKEN, "state"),
    "another source of the event": (_envelope("'aws:sns'", "'aws:sqs'"), KINDS, "invocation"),
    "another message": (_envelope("$p.MessageBody", '\'{"id": "other"}\''), KINDS, "state"),
    "only the first of several": (_items("[(ITEMS)[0]]"), KINDS, "invocation"),
    "each of several twice": (_items("$append(ITEMS, ITEMS)"), KINDS, "invocation"),
    "another body in the dead-letter queue": (_parks("$states.input.body", "'{}'"), BROKEN, "state"),
    "another dead-letter queue": (_parks("LostSums", "Lost"), BROKEN, "state"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_seen_and_told(application: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    plant, kinds, kind = FAULTS[fault]
    plant(monkeypatch)
    told(proved(application, kinds), kind)


def test_messages_in_another_order_are_seen_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    application = written(tmp_path, IN_ORDER, HANDLERS_IN_ORDER)
    assert proved(application, KINDS).equal
    _items("$reverse(ITEMS)")(monkeypatch)
    told(proved(application, KINDS), "state")


def told(certificate: Certificate, kind: str) -> None:
    """That the only scenario differs in something of a kind, and that its story has both sides."""
    (scenario,) = certificate.scenarios
    assert scenario.equal is False
    assert kind in {item.kind for item in scenario.deviations if not item.reason}
    assert any(line.startswith("choreography") for line in scenario.story)
    assert any(line.startswith("machine") for line in scenario.story)
