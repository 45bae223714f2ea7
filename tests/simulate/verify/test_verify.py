"""Proofs of small applications: equal as planned, and a fault in the planner or in what it writes is seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from untangle import pipeline
from untangle.cli import main
from untangle.config import Config
from untangle.emit import migrated as emitted
from untangle.emit.asl import states
from untangle.model.certificate import Certificate
from untangle.plan import plan, retry
from untangle.simulate.verify.document import read
from untangle.simulate.verify.options import Options
from untangle.simulate.verify.prove import Job, prove_job

APPS = Path(__file__).parents[2] / "apps"
BUDGET = 12


def proof(
    app: Path, *, budget: int = BUDGET, mutants: bool = False, packages: tuple[Path, ...] = (), **options: Any
) -> Certificate:
    """The certificate of an application's only chain, made in this process."""
    scan = pipeline.scan(app, config=Config())
    (chain,) = scan.chains
    proposal = emitted.migrated(plan(scan.graph, chain), scan.graph)
    asked = Options(budget=budget, mutants=mutants, **options)
    job = Job(graph=scan.graph, root=app.resolve(), chain=chain, migrated=proposal, options=asked, packages=packages)
    return read(json.loads(json.dumps(prove_job(job, lambda text: None))))


TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Handler: app.handler, Timeout: 5}}
Resources:
  Take:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: take
      Environment: {Variables: {TOPIC: !Ref Topic}}
      Policies: [SNSPublishMessagePolicy: {TopicName: !GetAtt Topic.TopicName}]
      Events: {In: {Type: SQS, Properties: {Queue: !GetAtt Inbox.Arn, BatchSize: 1}}}
  Inbox:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Lost.Arn, maxReceiveCount: 3}}
  Lost: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  Paid:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: paid
      Environment: {Variables: {TABLE: !Ref Table}}
      Policies: [DynamoDBWritePolicy: {TableName: !Ref Table}]
      Events: {In: {Type: SNS, Properties: {Topic: !Ref Topic, FilterPolicy: {kind: [paid]}}}}
  Table:
    Type: AWS::Serverless::SimpleTable
"""
TAKE = """
import json, os, boto3
sns = boto3.client("sns")
def handler(event, context):
    for record in event["Records"]:
        order = json.loads(record["body"])
        sns.publish(
            TopicArn=os.environ["TOPIC"],
            Message=json.dumps({"id": order["id"]}),
            MessageAttributes={"kind": {"DataType": "String", "StringValue": order["kind"]}},
        )
"""
PAID = """
import json, os, boto3
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
def handler(event, context):
    for record in event["Records"]:
        table.put_item(Item={"id": json.loads(record["Sns"]["Message"])["id"]})
"""


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """Two functions, a queue before them and a topic with a filter between them."""
    for name, text in (("template.yaml", TEMPLATE), ("take/app.py", TAKE), ("paid/app.py", PAID)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def failing(certificate: Certificate) -> set[str]:
    """The kinds of what is not explained."""
    return {item.kind for one in certificate.scenarios for item in one.deviations if not item.reason}


def test_a_proposal_is_equal_and_faults_in_it_are_told_apart(application: Path) -> None:
    certificate = proof(application, budget=14, mutants=True)
    assert failing(certificate) == set()
    assert certificate.equal
    assert certificate.unable == {}
    assert certificate.score is not None and certificate.score >= 0.95, [m.change for m in certificate.mutants if not m.killed_by]


def test_the_same_seed_gives_the_same_bytes(application: Path) -> None:
    assert proof(application, budget=4) == proof(application, budget=4)


def _fewer_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    real = states.retrier

    def fewer(one: Any) -> Any:
        made = real(one)
        return {**made, "MaxAttempts": made["MaxAttempts"] - 1} if one.errors == "any" else made

    monkeypatch.setattr(states, "retrier", fewer)


def _wrong_message(monkeypatch: pytest.MonkeyPatch) -> None:
    real = states.envelope
    monkeypatch.setattr(states, "envelope", lambda *given: real(*given).replace("$p.Message", '\'{"id": "other"}\''))


def _not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "targets", lambda task, names: ([], []))


PLANTED: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a try less": _fewer_tries,
    "another message": _wrong_message,
    "nothing is held back": _not_held_back,
}


@pytest.mark.parametrize("fault", PLANTED, ids=str)
def test_a_fault_in_what_is_written_is_seen(application: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    PLANTED[fault](monkeypatch)
    certificate = proof(application, budget=6)
    assert not certificate.equal
    assert any(one.story for one in certificate.scenarios)


def test_a_fault_in_the_planner_is_seen(application: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parking is forgotten."""
    real = retry._queue
    monkeypatch.setattr(retry, "_queue", lambda *given: replace(real(*given), dead_letter=None))
    assert not proof(application, budget=8).equal


def test_the_command_says_so_and_exits_with_0(application: Path, tmp_path: Path) -> None:
    out = tmp_path / "certificate.json"
    result = CliRunner().invoke(main, ["verify", str(application), "--budget", "2", "--no-mutants", "-o", str(out)])
    assert result.exit_code == 0, result.output
    document = json.loads(out.read_text())
    assert document["schema"] == "untangle.certificate/1"
    assert [one["equal"] for one in document["scenarios"]] == [True, True]


def test_a_chain_that_does_not_exist_is_a_mistake(application: Path) -> None:
    assert CliRunner().invoke(main, ["verify", str(application), "--chain", "nothing"]).exit_code == 2
