"""State machines, tables, layers, applications: what is not a function."""

from __future__ import annotations

import pytest

from tests.scanners.sam.template import resource, scan, statements
from untangle.model.value import Ref

TEMPLATE = """
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: orders
      Type: EXPRESS
      DefinitionUri: orders.asl.json
      DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}
      Tracing: {Enabled: true}
      Policies:
        - LambdaInvokePolicy: {FunctionName: !Ref Fn}
      Events:
        Paid:
          Type: EventBridgeRule
          Properties: {Pattern: {source: [shop]}}
        Wrong:
          Type: SQS
          Properties: {Queue: q}
  Written:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}
      Role: arn
      AutoPublishAlias: live
      UseAliasAsEventTarget: true
      Events:
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day), RoleArn: arn}}
  Stored:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: 's3://bucket/a/b.json'}
  Table:
    Type: AWS::Serverless::SimpleTable
    Properties: {PrimaryKey: {Name: order, Type: Number}, TableName: orders}
  Bare: {Type: AWS::Serverless::SimpleTable}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer/, RetentionPolicy: Delete, CompatibleRuntimes: [python3.12]}
  App:
    Type: AWS::Serverless::Application
    Properties: {Location: nested.yaml}
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/}}
  Left: {Type: AWS::SNS::Topic}
"""
EXPANDED = scan(TEMPLATE)


def test_a_state_machine_takes_cloudformations_names() -> None:
    machine = resource(EXPANDED, "Machine", "AWS::StepFunctions::StateMachine")
    assert machine.properties == {
        "StateMachineName": "orders",
        "StateMachineType": "EXPRESS",
        "DefinitionS3Location": "orders.asl.json",
        "DefinitionSubstitutions": {"Fn": Ref("app/Fn", "Arn")},
        "TracingConfiguration": {"Enabled": True},
        "RoleArn": Ref("app/MachineRole", "Arn"),
    }
    assert machine.at("DefinitionS3Location").line == 8


def test_its_policies_are_those_of_its_role() -> None:
    (statement,) = statements(EXPANDED, "MachineRole")
    assert statement["Action"] == ("lambda:InvokeFunction",)
    trust = resource(EXPANDED, "MachineRole").get("AssumeRolePolicyDocument")
    assert trust["Statement"][0]["Principal"] == {"Service": ("states.amazonaws.com",)}


def test_its_events_start_it() -> None:
    (target,) = resource(EXPANDED, "MachinePaid", "AWS::Events::Rule").get("Targets")
    assert target["Arn"] == Ref("app/Machine")


def test_its_alias_is_the_target_where_it_says_so() -> None:
    (target,) = resource(EXPANDED, "WrittenTick").get("Targets")
    assert target["Arn"] == Ref("app/WrittenAliaslive")
    assert "WrittenRole" not in {item.address for item in EXPANDED.resources}


def test_what_cannot_start_a_state_machine_is_a_problem() -> None:
    (problem,) = EXPANDED.problems
    assert "Wrong" in problem.message and problem.location.line == 17


def test_definitions_are_kept_as_they_are_written() -> None:
    assert resource(EXPANDED, "Written").get("Definition", "StartAt") == "A"
    assert resource(EXPANDED, "Stored").get("DefinitionS3Location") == {"Bucket": "bucket", "Key": "a/b.json"}


@pytest.mark.parametrize(("address", "name", "kind"), [("Table", "order", "N"), ("Bare", "id", "S")])
def test_a_simple_table_has_one_key(address: str, name: str, kind: str) -> None:
    table = resource(EXPANDED, address, "AWS::DynamoDB::Table")
    assert table.get("KeySchema") == ({"AttributeName": name, "KeyType": "HASH"},)
    assert table.get("AttributeDefinitions") == ({"AttributeName": name, "AttributeType": kind},)
    assert table.get("BillingMode") == "PAY_PER_REQUEST"


def test_a_layer_keeps_its_logical_id() -> None:
    layer = resource(EXPANDED, "Layer", "AWS::Lambda::LayerVersion")
    assert layer.properties == {"CompatibleRuntimes": ("python3.12",), "LayerName": "Layer", "Content": "layer/"}


@pytest.mark.parametrize(("address", "type"), [("App", "AWS::Serverless::Application"), ("Left", "AWS::SNS::Topic")])
def test_what_is_not_expanded_is_handed_on(address: str, type: str) -> None:
    assert resource(EXPANDED, address, type)


def test_resources_come_sorted() -> None:
    ids = [item.id for item in EXPANDED.resources]
    assert ids == sorted(ids) and len(ids) == len(set(ids))
