"""Connectors grant what SAM's profiles say, wherever they are written."""

from __future__ import annotations

import pytest

from tests.scanners.sam.template import resource, scan
from untangle.model.value import Ref, show
from untangle.scanners.sam import grants
from untangle.scanners.sam.connector_profiles import PROFILES

TEMPLATE = """
Resources:
  Fn: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: src/}}}}
  Other: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: src/, Role: !GetAtt Shared.Arn}}}}
  Shared: {{Type: AWS::IAM::Role}}
  Machine: {{Type: AWS::Serverless::StateMachine, Properties: {{DefinitionUri: a.json}}}}
  Table: {{Type: AWS::Serverless::SimpleTable}}
  Queue: {{Type: AWS::SQS::Queue}}
  Topic: {{Type: AWS::SNS::Topic}}
  Bucket: {{Type: AWS::S3::Bucket}}
  Bus: {{Type: AWS::Events::EventBus}}
  Api: {{Type: AWS::Serverless::HttpApi}}
  Rule:
    Type: AWS::Events::Rule
    Properties: {{Targets: [{{Arn: !GetAtt Bus.Arn, RoleArn: !GetAtt Shared.Arn}}]}}
  Link:
    Type: AWS::Serverless::Connector
    Properties: {properties}
"""


def given(source: str, destination: str, permissions: str = "[Write]"):
    text = f"{{Source: {source}, Destination: {destination}, Permissions: {permissions}}}"
    return scan(TEMPLATE.format(properties=text))


@pytest.mark.parametrize(
    ("source", "destination", "permissions", "actions", "role"),
    [
        ("Fn", "Queue", "[Write]", "sqs:DeleteMessage sqs:SendMessage sqs:ChangeMessageVisibility sqs:PurgeQueue", "FnRole"),
        ("Fn", "Topic", "[Write]", "sns:Publish", "FnRole"),
        ("Fn", "Bus", "[Write]", "events:PutEvents", "FnRole"),
        ("Fn", "Other", "[Write]", "lambda:InvokeAsync lambda:InvokeFunction", "FnRole"),
        ("Other", "Machine", "[Write]", "states:StartExecution states:StartSyncExecution states:StopExecution", "Shared"),
        ("Machine", "Queue", "[Write]", "sqs:SendMessage", "MachineRole"),
        ("Queue", "Fn", "[Read, Write]", "sqs:ReceiveMessage sqs:GetQueueAttributes sqs:DeleteMessage", "FnRole"),
        ("Rule", "Bus", "[Write]", "events:PutEvents", "Shared"),
    ],
)
def test_a_connector_grants_to_the_role(source: str, destination: str, permissions: str, actions: str, role: str) -> None:
    expanded = given(f"{{Id: {source}}}", f"{{Id: {destination}}}", permissions)
    policy = resource(expanded, "LinkPolicy", "AWS::IAM::ManagedPolicy")
    granted = [action for statement in policy.get("PolicyDocument")["Statement"] for action in statement["Action"]]
    assert granted == actions.split()
    assert policy.get("Roles") == (Ref(f"app/{role}"),)
    assert (policy.origin, policy.location.line) == ("sam connector", 18)


@pytest.mark.parametrize("permissions", ["[Read]", "[Write]", "[Read, Write]"])
def test_reading_is_not_writing(permissions: str) -> None:
    expanded = given("{Id: Fn}", "{Id: Table}", permissions)
    document = resource(expanded, "LinkPolicy").get("PolicyDocument")
    actions = {action for statement in document["Statement"] for action in statement["Action"]}
    assert ("dynamodb:PutItem" in actions) is ("Write" in permissions)
    assert ("dynamodb:GetItem" in actions) is ("Read" in permissions)
    assert show(document["Statement"][0]["Resource"]) == "[${Table.Arn}, ${Table.Arn}/index/*]"


@pytest.mark.parametrize(
    ("source", "destination", "address", "type"),
    [
        ("Topic", "Queue", "LinkQueuePolicy", "AWS::SQS::QueuePolicy"),
        ("Rule", "Queue", "LinkQueuePolicy", "AWS::SQS::QueuePolicy"),
        ("Rule", "Topic", "LinkTopicPolicy", "AWS::SNS::TopicPolicy"),
        ("Topic", "Fn", "LinkWriteLambdaPermission", "AWS::Lambda::Permission"),
        ("Bucket", "Fn", "LinkWriteLambdaPermission", "AWS::Lambda::Permission"),
        ("Api", "Fn", "LinkWriteLambdaPermission", "AWS::Lambda::Permission"),
    ],
)
def test_a_connector_may_be_a_resource_policy(source: str, destination: str, address: str, type: str) -> None:
    assert resource(given(f"{{Id: {source}}}", f"{{Id: {destination}}}"), address, type)


def test_a_queue_policy_names_topic_and_queue() -> None:
    policy = resource(given("{Id: Topic}", "{Id: Queue}"), "LinkQueuePolicy")
    assert policy.get("Queues") == (Ref("app/Queue"),)
    (statement,) = policy.get("PolicyDocument")["Statement"]
    assert statement["Resource"] == Ref("app/Queue", "Arn")
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": Ref("app/Topic")}}


def test_an_end_may_be_named_by_type_and_arn() -> None:
    expanded = given(
        "{Type: AWS::Serverless::Function, RoleName: role}", "{Type: AWS::SQS::Queue, Arn: arn, QueueUrl: url}", "[Write]"
    )
    policy = resource(expanded, "LinkPolicy")
    assert policy.get("Roles") == ("role",)
    assert policy.get("PolicyDocument")["Statement"][0]["Resource"] == ("arn",)


def test_several_destinations_are_told_apart() -> None:
    expanded = given("{Id: Fn}", "[{Id: Queue}, {Id: Topic}]")
    assert resource(expanded, "LinkPolicyDestination0").get("PolicyDocument") != resource(expanded, "LinkPolicyDestination1").get(
        "PolicyDocument"
    )


def test_a_connector_may_stand_in_its_source() -> None:
    expanded = scan(
        """
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Condition: Live
    Properties: {CodeUri: src/}
    Connectors:
      ToQueue:
        Properties:
          Destination: {Id: Queue}
          Permissions: [Write]
  Queue: {Type: AWS::SQS::Queue}
"""
    )
    policy = resource(expanded, "FnToQueuePolicy", "AWS::IAM::ManagedPolicy")
    assert policy.get("Roles") == (Ref("app/FnRole"),)
    assert (policy.condition, policy.location.line) == ("Live", 10)


@pytest.mark.parametrize(
    ("source", "destination", "permissions"),
    [
        ("{Id: Nobody}", "{Id: Queue}", "[Write]"),
        ("{Id: Queue}", "{Id: Topic}", "[Write]"),
        ("{}", "{Id: Queue}", "[Write]"),
        ("{Id: Fn}", "{Id: Queue}", "[]"),
        ("{Id: [Fn]}", "{Id: Queue}", "[Write]"),
    ],
)
def test_a_connector_that_connects_nothing_is_a_problem(source: str, destination: str, permissions: str) -> None:
    (problem,) = given(source, destination, permissions).problems
    assert problem.location.line == 18


def test_an_end_without_a_role_is_a_gap() -> None:
    expanded = given("{Type: AWS::Serverless::Function, Arn: arn}", "{Id: Queue}")
    assert [gap.location.line for gap in expanded.gaps] == [18]


@pytest.mark.parametrize("pair", sorted(PROFILES), ids=" to ".join)
def test_every_profile_is_filled_from_what_an_end_knows(pair: tuple[str, str]) -> None:
    profile = PROFILES[pair]
    assert grants.holes(profile.read + profile.write) <= {"Source.Arn", "Destination.Arn", "Destination.Name"}
    assert (profile.kind == "grant") is bool(profile.read or profile.write)
