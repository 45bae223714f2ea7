"""Topics, buckets, user pools, log groups, IoT rules, skills: what invokes a function itself."""

from __future__ import annotations

import pytest

from tests.scanners.sam.template import resource, scan
from untangle.model.value import Either, Ref, Value

TEMPLATE = """
Parameters:
  Elsewhere: {{Type: String}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Events:
        In:
          Type: {type}
          Properties: {properties}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        LambdaConfigurations: [{{Event: 's3:ObjectRemoved:*', Function: other}}]
  Pool: {{Type: AWS::Cognito::UserPool}}
  Topic: {{Type: AWS::SNS::Topic}}
  Ordered: {{Type: AWS::SNS::Topic, Properties: {{FifoTopic: true}}}}
"""
ARN = Ref("app/Fn", "Arn")


def given(type: str, properties: str):
    return scan(TEMPLATE.format(type=type, properties=properties))


def test_a_topic_subscribes_the_function() -> None:
    expanded = given("SNS", "{Topic: !Ref Topic, Region: eu-west-1, FilterPolicy: {kind: [a]}, FilterPolicyScope: MessageBody}")
    assert resource(expanded, "FnIn", "AWS::SNS::Subscription").properties == {
        "Protocol": "lambda",
        "Endpoint": ARN,
        "TopicArn": Ref("app/Topic"),
        "Region": "eu-west-1",
        "FilterPolicy": {"kind": ("a",)},
        "FilterPolicyScope": "MessageBody",
    }
    assert resource(expanded, "FnInPermission", "AWS::Lambda::Permission").get("Principal") == "sns.amazonaws.com"


@pytest.mark.parametrize(("topic", "queue"), [("Topic", {}), ("Ordered", {"FifoQueue": True})])
def test_a_topic_may_go_through_a_generated_queue(topic: str, queue: dict[str, Value]) -> None:
    expanded = given("SNS", f"{{Topic: !Ref {topic}, SqsSubscription: true, RedrivePolicy: {{deadLetterTargetArn: d}}}}")
    subscription = resource(expanded, "FnIn", "AWS::SNS::Subscription")
    assert (subscription.get("Protocol"), subscription.get("Endpoint")) == ("sqs", Ref("app/FnInQueue", "Arn"))
    assert subscription.get("RedrivePolicy") == {"deadLetterTargetArn": "d"}
    assert resource(expanded, "FnInQueue", "AWS::SQS::Queue").properties == queue
    mapping = resource(expanded, "FnInEventSourceMapping", "AWS::Lambda::EventSourceMapping")
    assert mapping.get("EventSourceArn") == Ref("app/FnInQueue", "Arn")
    statement = resource(expanded, "FnInQueuePolicy", "AWS::SQS::QueuePolicy").get("PolicyDocument")["Statement"][0]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": Ref(f"app/{topic}")}}


def test_a_topic_may_go_through_a_queue_of_the_users_own() -> None:
    text = "{Topic: !Ref Topic, SqsSubscription: {QueueArn: arn, QueueUrl: url, BatchSize: 7, QueuePolicyLogicalId: Mine}}"
    expanded = given("SNS", text)
    assert resource(expanded, "FnIn").get("Endpoint") == "arn"
    assert resource(expanded, "FnInEventSourceMapping").get("BatchSize") == 7
    assert resource(expanded, "Mine", "AWS::SQS::QueuePolicy").get("Queues") == ("url",)


def test_both_sides_of_a_conditional_subscription_are_followed() -> None:
    expanded = given("SNS", "{Topic: !Ref Topic, SqsSubscription: !If [Queued, true, false]}")
    forms = {item.get("Protocol"): item.condition for item in expanded.resources if item.type == "AWS::SNS::Subscription"}
    assert forms == {"sqs": "Queued", "lambda": "not Queued"}


def test_a_bucket_event_is_added_to_the_bucket() -> None:
    rules = "{S3Key: {Rules: [{Name: prefix, Value: in/}]}}"
    expanded = given("S3", f"{{Bucket: !Ref Bucket, Events: ['s3:ObjectCreated:*', 's3:ObjectRestore:*'], Filter: {rules}}}")
    bucket = resource(expanded, "Bucket", "AWS::S3::Bucket")
    filter = {"S3Key": {"Rules": ({"Name": "prefix", "Value": "in/"},)}}
    assert bucket.get("NotificationConfiguration", "LambdaConfigurations") == (
        {"Event": "s3:ObjectRemoved:*", "Function": "other"},
        {"Event": "s3:ObjectCreated:*", "Function": ARN, "Filter": filter},
        {"Event": "s3:ObjectRestore:*", "Function": ARN, "Filter": filter},
    )
    assert bucket.at("NotificationConfiguration", "LambdaConfigurations", 1).line == 12
    assert bucket.at("NotificationConfiguration", "LambdaConfigurations", 0).line == 17


def test_a_conditional_bucket_event_keeps_its_condition() -> None:
    expanded = given("S3", "{Bucket: !Ref Bucket, Events: !If [Late, 's3:ObjectCreated:*', 's3:ObjectRestore:*']}")
    _, first, second = resource(expanded, "Bucket").get("NotificationConfiguration", "LambdaConfigurations")
    assert first == Either(({"Event": "s3:ObjectCreated:*", "Function": ARN}, None), ("Late", "not Late"))
    assert second.conditions == ("not Late", "Late")


@pytest.mark.parametrize("bucket", ["!Ref Elsewhere", "a-name", "!Ref Topic", "!Ref Nowhere"])
def test_a_bucket_that_is_not_here_is_a_problem_and_a_gap(bucket: str) -> None:
    expanded = given("S3", f"{{Bucket: {bucket}, Events: 's3:ObjectCreated:*'}}")
    assert [problem.location.line for problem in expanded.problems] == [12]
    assert expanded.gaps


def test_a_user_pool_gets_its_triggers() -> None:
    expanded = given("Cognito", "{UserPool: !Ref Pool, Trigger: [PreSignUp, PostConfirmation]}")
    pool = resource(expanded, "Pool", "AWS::Cognito::UserPool")
    assert pool.properties == {"LambdaConfig": {"PreSignUp": ARN, "PostConfirmation": ARN}}
    assert resource(expanded, "FnCognitoPermission").get("SourceArn") == Ref("app/Pool", "Arn")


@pytest.mark.parametrize(
    ("type", "properties", "made", "expected"),
    [
        (
            "CloudWatchLogs",
            "{LogGroupName: /x, FilterPattern: ERROR}",
            "AWS::Logs::SubscriptionFilter",
            {"DestinationArn": ARN, "LogGroupName": "/x", "FilterPattern": "ERROR"},
        ),
        (
            "IoTRule",
            "{Sql: SELECT *, AwsIotSqlVersion: beta}",
            "AWS::IoT::TopicRule",
            {
                "TopicRulePayload": {
                    "Sql": "SELECT *",
                    "AwsIotSqlVersion": "beta",
                    "RuleDisabled": False,
                    "Actions": ({"Lambda": {"FunctionArn": ARN}},),
                }
            },
        ),
    ],
)
def test_other_pushes(type: str, properties: str, made: str, expected: dict[str, Value]) -> None:
    assert resource(given(type, properties), "FnIn", made).properties == expected


def test_a_skill_is_a_permission_alone() -> None:
    permission = resource(given("AlexaSkill", "{SkillId: s}"), "FnInPermission", "AWS::Lambda::Permission")
    assert permission.properties == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": Ref("app/Fn"),
        "Principal": "alexa-appkit.amazon.com",
        "EventSourceToken": "s",
    }
