"""A template and the account that it is deployed in, scanned together: one graph, with what only one of the two knows.

moto deploys the template with CloudFormation. It knows no inline policies of roles there, names no event bus, and tags nothing.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.scanners.account.conftest import ACCOUNT, REGION
from tests.scanners.account.faults import Faults, xml_error
from untangle.config import Config
from untangle.model.evidence import Witness
from untangle.model.scan import Scan
from untangle.pipeline import scan
from untangle.scanners.account.scopes import live, replay

PLACE = f"{ACCOUNT}/{REGION}"
_TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def _function(handler: str, **variables: Any) -> dict[str, Any]:
    properties = {"Runtime": "python3.12", "Handler": handler, "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": "src"}
    return {"Type": "AWS::Lambda::Function", "Properties": {**properties, "Environment": {"Variables": variables}}}


TEMPLATE: dict[str, Any] = {
    "Parameters": {"Stage": {"Type": "String"}, "Orders": {"Type": "String"}},
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${Stage}-orders"}}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _TRUST}},
        "Intake": _function("intake.handler", QUEUE_URL={"Ref": "Orders"}),
        "Charge": _function("charge.handler"),
        "Poll": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"FunctionName": {"Ref": "Charge"}, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
        },
    },
}
SOURCES = {
    "intake.py": "import os, boto3\n\ndef handler(event, context):\n"
    "    boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE_URL'], MessageBody='{}')\n",
    "charge.py": "def handler(event, context):\n    return event['Records'][0]['body']\n",
}


def deploy(stage: str, template: dict[str, Any] = TEMPLATE, region: str = REGION) -> None:
    """The stack of a stage; moto takes the code of functions only as text."""
    made = deepcopy(template)
    for item in made["Resources"].values():
        if item["Type"] == "AWS::Lambda::Function":
            item["Properties"]["Code"] = {"ZipFile": "def handler(event, context): ..."}
    url = f"https://sqs.{region}.amazonaws.com/{ACCOUNT}/{stage}-orders"
    boto3.client("cloudformation", region).create_stack(
        StackName=f"shop-{stage}",
        TemplateBody=json.dumps(made),
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}, {"ParameterKey": "Orders", "ParameterValue": url}],
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The application's repository."""
    root = tmp_path / "shop"
    (root / "src").mkdir(parents=True)
    (root / "template.json").write_text(json.dumps(TEMPLATE, indent=1))
    for name, text in SOURCES.items():
        (root / "src" / name).write_text(text)
    return root


def both(tree: Path, regions: tuple[str, ...] = (REGION,), record: Path | None = None) -> Scan:
    return scan(tree, config=Config(), scopes=live(regions=regions, record=record))


def reported(found: Scan) -> list[tuple[str, str, str]]:
    return [(hop.producer, hop.passages[0].channel, hop.consumer) for hop in found.graph.reported]


def drift(found: Scan) -> list[str]:
    rules = ("only-declared", "only-deployed", "changed-wiring")
    return [f"{item.rule}: {item.message}" for item in found.findings if item.rule in rules]


def test_the_account_tells_what_the_template_leaves_open(faults: Faults, tree: Path) -> None:
    deploy("prod")
    found = both(tree)
    assert reported(found) == [("template/Intake", "template/Queue", "template/Charge")]
    (hop,) = found.graph.reported
    assert any("QUEUE_URL" in item.note for item in hop.evidence if item.kind is Witness.DEPLOYED)
    assert [function.id for function in found.graph.functions] == ["template/Charge", "template/Intake"]
    assert all(str(function.deployed).startswith("arn:aws:lambda:") for function in found.graph.functions)
    assert [channel.name for channel in found.graph.channels if channel.type == "sqs"] == ["prod-orders"]
    assert drift(found) == []


def test_a_recording_is_joined_as_the_account_is(faults: Faults, tree: Path, tmp_path: Path) -> None:
    deploy("prod")
    first = both(tree, record=tmp_path / "recorded")
    assert scan(tree, config=Config(), scopes=replay(tmp_path / "recorded")) == first


def test_two_stages_are_two(faults: Faults, tree: Path) -> None:
    """The other stage has hops of its own, and the code of the same handlers; no hop leads from one to the other."""
    deploy("dev")
    deploy("prod")
    found = both(tree)
    (mine, theirs) = sorted(reported(found), reverse=True)
    assert mine == ("template/Intake", "template/Queue", "template/Charge")
    assert all(id.startswith(f"{PLACE}/") and "dev" in id for id in theirs)
    assert any("shop-dev" in gap.why for gap in found.graph.gaps)
    assert drift(found) == []


def test_a_stack_in_another_region_is_another(faults: Faults, tree: Path) -> None:
    deploy("prod")
    deploy("prod", region="us-east-1")
    found = both(tree, (REGION, "us-east-1"))
    assert {(a.rpartition("/")[0], c.rpartition("/")[0]) for a, _, c in reported(found)} == {
        ("template", "template"), (f"{ACCOUNT}/us-east-1", f"{ACCOUNT}/us-east-1"),
    }  # fmt: skip


def test_what_was_changed_by_hand_is_drift(faults: Faults, tree: Path) -> None:
    deploy("prod")
    client = boto3.client("lambda", REGION)
    names = [item["FunctionName"] for item in client.list_functions()["Functions"]]
    charge, intake = (next(name for name in names if word in name) for word in ("Charge", "Intake"))
    (mapping,) = client.list_event_source_mappings()["EventSourceMappings"]
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    client.create_event_source_mapping(FunctionName=intake, EventSourceArn=mapping["EventSourceArn"])
    client.update_function_configuration(FunctionName=charge, Runtime="python3.9")
    found = both(tree)
    told = sorted(drift(found))
    assert [line.partition(":")[0] for line in told] == ["changed-wiring"] * 3
    assert told[0].startswith("changed-wiring: 1 event source mapping is declared and not deployed")
    assert told[1].startswith("changed-wiring: 1 event source mapping of Queue and Intake is deployed and not declared")
    assert told[2].endswith("runtime python3.9 instead of python3.12")


def test_what_was_never_deployed_is_drift(faults: Faults, tree: Path) -> None:
    deploy("prod")
    newer = deepcopy(TEMPLATE)
    newer["Resources"]["Mail"] = {"Type": "AWS::SQS::Queue"}
    (tree / "template.json").write_text(json.dumps(newer, indent=1))
    assert drift(both(tree)) == [f"only-declared: 1 queue is declared and not deployed in {PLACE}: Mail"]


@pytest.mark.parametrize("operation", ["ListStacks", "ListStackResources"])
def test_where_the_stacks_may_not_be_read_nothing_is_said_to_be_missing(faults: Faults, tree: Path, operation: str) -> None:
    """What is left are the shapes of names: one queue fits, and the mapping is known by nothing."""
    deploy("prod")
    faults.always(operation, lambda: xml_error("AccessDeniedException"))
    found = both(tree)
    assert drift(found) == []
    assert any(operation in row.operation and row.outcome == "denied" for row in found.graph.coverage)
    assert [channel.id for channel in found.graph.channels if channel.type == "sqs"] == ["template/Queue"]


def test_another_applications_function_does_not_get_this_trees_code(faults: Faults, tree: Path) -> None:
    """Its handler is called alike, and the tree has a file of that name; that says nothing."""
    other = {"Parameters": TEMPLATE["Parameters"], "Resources": {
        "Role": TEMPLATE["Resources"]["Role"], "Other": _function("intake.handler", QUEUE_URL={"Ref": "Orders"}),
    }}  # fmt: skip
    deploy("prod")
    boto3.client("sqs", REGION).create_queue(QueueName="other-orders")
    deploy("other", other)
    found = both(tree)
    assert [producer for producer, _, _ in reported(found)] == ["template/Intake"]
    assert any(gap.what == f"what else is deployed in {PLACE}" and gap.why.startswith("2 ") for gap in found.graph.gaps)
