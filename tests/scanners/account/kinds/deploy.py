"""Makes an account of a template: moto's CloudFormation where it makes a type whole, else the calls that CloudFormation makes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.scanners.account.inventory.shop import ACCOUNT, REGION, Shop, arn
from tests.scanners.account.kinds.case import Case, parsed
from tests.scanners.account.kinds.hands import COMPLETED, MADE
from tests.scanners.account.kinds.laid import Laid

# What moto's CloudFormation makes: the property that names it, and its ARN (None where its Ref is one, or it has none).
STACKED: Mapping[str, tuple[str, str] | None] = {
    "AWS::IAM::Role": ("RoleName", f"arn:aws:iam::{ACCOUNT}:role/{{}}"),
    "AWS::Lambda::Function": ("FunctionName", arn("lambda", "function:{}")),
    "AWS::Lambda::Permission": None,
    "AWS::SQS::Queue": ("QueueName", arn("sqs", "{}")),
    "AWS::SNS::Topic": None,
    "AWS::Events::EventBus": ("Name", arn("events", "event-bus/{}")),
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{}"),
    "AWS::DynamoDB::Table": ("TableName", arn("dynamodb", "table/{}")),
    "AWS::Kinesis::Stream": ("Name", arn("kinesis", "stream/{}")),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", arn("states", "stateMachine:{}")),
    "AWS::Logs::LogGroup": ("LogGroupName", arn("logs", "log-group:{}:*")),
}
_HOLE = re.compile(r"\$\{([\w:.]+)\}")


def deploy(shop: Shop, laid: Laid, case: Case) -> None:
    """Makes the resources of a template, in its order where moto's CloudFormation does not make them."""
    resources = parsed(case.text)
    found = _stacked(shop, case.kind, {name: item for name, item in resources.items() if item["Type"] in STACKED})
    for name, item in resources.items():
        if name not in found:
            found[name] = dict(MADE[item["Type"]](shop, laid, resolved(item.get("Properties", {}), found)))
    for item in resources.values():
        if item["Type"] in COMPLETED:
            COMPLETED[item["Type"]](shop, laid, resolved(item["Properties"], found))


def _stacked(shop: Shop, stack: str, resources: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The attributes of what a stack makes, by logical id. Code comes with the template: there is no bucket to take it from.

    The roles' policies are put there afterwards: moto's CloudFormation breaks what lists them.
    """
    instead: dict[str, dict[str, Any]] = {
        "AWS::Lambda::Function": {"Code": {"ZipFile": "def handler(event, context): ..."}},
        "AWS::IAM::Role": {"Policies": []},
    }
    written = {
        name: item | {"Properties": item.get("Properties", {}) | instead.get(item["Type"], {})}
        for name, item in resources.items()
    }
    cloudformation = shop.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": written}))
    made = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    found = {item["LogicalResourceId"]: {"Ref": str(item.get("PhysicalResourceId"))} for item in made}
    assert found.keys() == resources.keys(), "moto makes all of them"
    for name, item in resources.items():
        named = STACKED[item["Type"]]
        if item["Type"] in ("AWS::Events::EventBus", "AWS::Logs::LogGroup") and named:  # moto does not tell
            found[name]["Ref"] = item["Properties"][named[0]]
        found[name]["Arn"] = named[1].format(item["Properties"][named[0]]) if named else found[name]["Ref"]
        if item["Type"] == "AWS::DynamoDB::Table" and "StreamSpecification" in item["Properties"]:
            table = shop.client("dynamodb").describe_table(TableName=item["Properties"]["TableName"])["Table"]
            found[name]["StreamArn"] = table["LatestStreamArn"]
    return found


def resolved(value: Any, found: Mapping[str, Mapping[str, str]]) -> Any:
    """A property without intrinsic functions."""
    if isinstance(value, list):
        return [resolved(item, found) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"}:
        return _attribute(f"{value['Ref']}", found)
    if value.keys() == {"Fn::GetAtt"}:
        return _attribute(".".join(value["Fn::GetAtt"]), found)
    if value.keys() == {"Fn::Sub"}:
        return _HOLE.sub(lambda hole: _attribute(hole[1], found), value["Fn::Sub"])
    return {name: resolved(item, found) for name, item in value.items()}


def _attribute(named: str, found: Mapping[str, Mapping[str, str]]) -> str:
    pseudo = {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
    name, _, attribute = named.partition(".")
    return pseudo.get(named) or found[name][attribute or "Ref"]
