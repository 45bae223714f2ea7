"""Policies of every form end up in the role that SAM generates."""

from __future__ import annotations

import json

import pytest

from tests.scanners.sam.template import resource, scan, statements
from untangle.model.value import Ref, show
from untangle.scanners.sam import grants
from untangle.scanners.sam.policy_templates import TEMPLATES

FUNCTION = """
Parameters:
  Given: {{Type: String}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Policies: {policies}
  Table: {{Type: AWS::DynamoDB::Table}}
  Mine: {{Type: AWS::IAM::ManagedPolicy}}
"""
HERE = "${AWS::Region}:${AWS::AccountId}"


def given(policies: str):
    return scan(FUNCTION.format(policies=policies))


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_template_becomes_statements(name: str) -> None:
    values = dict.fromkeys(grants.holes(TEMPLATES[name]), "some-name")
    expanded = given(json.dumps([{name: values}]))
    granted = statements(expanded, "FnRole")
    assert not expanded.problems
    assert len(granted) == len(TEMPLATES[name])
    for statement in granted:
        services = {action.partition(":")[0] for action in statement["Action"]}
        assert statement["Effect"] == "Allow" and len(services) == 1
        for named in map(show, statement["Resource"]):
            assert named == "*" or named.startswith(("arn:${AWS::Partition}:", "some-name"))
            assert ("some-name" in named) or not grants.holes(TEMPLATES[name]) or "*" in named


@pytest.mark.parametrize(
    ("template", "actions", "resources"),
    [
        ("SQSSendMessagePolicy: {QueueName: q}", "sqs:SendMessage*", f"sqs:{HERE}:q"),
        (
            "SQSPollerPolicy: {QueueName: q}",
            "sqs:ChangeMessageVisibility sqs:ChangeMessageVisibilityBatch sqs:DeleteMessage sqs:DeleteMessageBatch "
            "sqs:GetQueueAttributes sqs:ReceiveMessage",
            f"sqs:{HERE}:q",
        ),
        ("SNSPublishMessagePolicy: {TopicName: t}", "sns:Publish", f"sns:{HERE}:t"),
        ("EventBridgePutEventsPolicy: {EventBusName: b}", "events:PutEvents", f"events:{HERE}:event-bus/b"),
        ("LambdaInvokePolicy: {FunctionName: f}", "lambda:InvokeFunction", f"lambda:{HERE}:function:f*"),
        ("StepFunctionsExecutionPolicy: {StateMachineName: s}", "states:StartExecution", f"states:{HERE}:stateMachine:s"),
        (
            "DynamoDBWritePolicy: {TableName: !Ref Table}",
            "dynamodb:PutItem dynamodb:UpdateItem dynamodb:BatchWriteItem",
            f"dynamodb:{HERE}:table/${{Table}} dynamodb:{HERE}:table/${{Table}}/index/*",
        ),
        (
            "S3WritePolicy: {BucketName: b}",
            "s3:PutObject s3:PutObjectAcl s3:PutLifecycleConfiguration",
            "s3:::b s3:::b/*",
        ),
        (
            "FirehoseWritePolicy: {DeliveryStreamName: d}",
            "firehose:PutRecord firehose:PutRecordBatch",
            f"firehose:{HERE}:deliverystream/d",
        ),
        ("EC2CopyImagePolicy: {ImageId: i}", "ec2:CopyImage", f"ec2:{HERE}:image/i"),
        (
            "Route53ChangeResourceRecordSetsPolicy: {HostedZoneId: z}",
            "route53:ChangeResourceRecordSets",
            "route53:::hostedzone/z",
        ),
        ("EcsRunTaskPolicy: {TaskDefinition: t}", "ecs:RunTask", f"ecs:{HERE}:task-definition/t"),
    ],
)
def test_a_template_grants_exactly_this(template: str, actions: str, resources: str) -> None:
    (statement,) = statements(given(f"[{template}]"), "FnRole")
    assert list(statement["Action"]) == actions.split()
    assert [show(item) for item in statement["Resource"]] == [f"arn:${{AWS::Partition}}:{item}" for item in resources.split()]


def test_a_template_may_hold_a_condition() -> None:
    rotation, password = statements(given("[AWSSecretsManagerRotationPolicy: {FunctionName: f}]"), "FnRole")
    assert show(rotation["Condition"]).startswith("{StringEquals: {secretsmanager:resource/AllowRotationLambdaArn: arn:")
    assert password["Resource"] == ("*",)


def test_names_arns_and_references_are_managed_policies() -> None:
    expanded = given("[AmazonSQSFullAccess, 'arn:aws:iam::1:policy/x', !Ref Mine, !Ref Given, AWSLambdaRole]")
    arns = [show(arn) for arn in resource(expanded, "FnRole").get("ManagedPolicyArns")]
    assert arns == [
        "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:${AWS::Partition}:iam::aws:policy/AmazonSQSFullAccess",
        "arn:aws:iam::1:policy/x",
        "${Mine}",
        "${Given}",
        "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaRole",
    ]


@pytest.mark.parametrize("policies", ["{Statement: [{Effect: Allow, Action: a, Resource: r}]}", "SomePolicy"])
def test_a_single_policy_needs_no_list(policies: str) -> None:
    role = resource(given(policies), "FnRole")
    assert len(role.get("Policies") or role.get("ManagedPolicyArns")[1:]) == 1


def test_a_conditional_policy_keeps_its_condition() -> None:
    document = "{Statement: [{Effect: Allow, Action: a, Resource: r}]}"
    expanded = given(f"[!If [Wide, {document}, !Ref AWS::NoValue], {{VPCAccessPolicy: {{}}}}]")
    policy = resource(expanded, "FnRolePolicy1", "AWS::IAM::Policy")
    assert policy.condition == "Wide"
    assert policy.get("Roles") == (Ref("app/FnRole"),)
    assert len(statements(expanded, "FnRole")) == 1


def test_both_lists_of_a_conditional_property_are_read() -> None:
    expanded = given("!If [Wide, [SQSSendMessagePolicy: {QueueName: a}], [SQSSendMessagePolicy: {QueueName: b}]]")
    found = {item.condition for item in expanded.resources if item.type == "AWS::IAM::Policy"}
    assert found == {"Wide", "not Wide"}


@pytest.mark.parametrize(
    ("policies", "problem", "gap"),
    [
        ("[SQSSendMesagePolicy: {QueueName: q}]", "no policy template SQSSendMesagePolicy", True),
        ("[SQSSendMessagePolicy: {}]", "needs QueueName", False),
        ("[SQSSendMessagePolicy: {Queue: q}]", "needs QueueName", False),
        ("[12]", "12 is no policy", False),
        ("[{}]", "is no policy", False),
    ],
)
def test_what_is_no_policy_is_a_problem_with_its_line(policies: str, problem: str, gap: bool) -> None:
    expanded = given(policies)
    (found,) = expanded.problems
    assert problem in found.message and found.location.line == 9
    assert bool(expanded.gaps) is gap


def test_a_grant_points_at_its_line() -> None:
    expanded = scan(
        """
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - SNSPublishMessagePolicy:
            TopicName: t
        - Statement:
            - Effect: Allow
              Action: a
              Resource: r
"""
    )
    role = resource(expanded, "FnRole")
    assert role.location.line == 6
    assert role.at("Policies", 0, "PolicyDocument", "Statement", 0).line == 7
    assert role.at("Policies", 1, "PolicyDocument", "Statement", 0, "Action").line == 11
    assert role.at("ManagedPolicyArns", 0).line == 3
