"""Event sources that Lambda polls become event source mappings, and the role may read them."""

from __future__ import annotations

import pytest

from tests.scanners.sam.template import resource, scan, statements
from untangle.model.value import Ref, Value

FUNCTION = """
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Events:
        Work:
          Type: {type}
          Properties: {properties}
  Q: {{Type: AWS::SQS::Queue}}
"""

SOURCE = Ref("app/Q", "Arn")


@pytest.mark.parametrize(
    ("type", "properties", "expected"),
    [
        (
            "SQS",
            "{Queue: !GetAtt Q.Arn, BatchSize: 5, Enabled: false, FunctionResponseTypes: [ReportBatchItemFailures], "
            "FilterCriteria: {Filters: [{Pattern: x}]}, ScalingConfig: {MaximumConcurrency: 2}, "
            "MaximumBatchingWindowInSeconds: 3}",
            {
                "EventSourceArn": SOURCE,
                "BatchSize": 5,
                "Enabled": False,
                "FunctionResponseTypes": ("ReportBatchItemFailures",),
                "FilterCriteria": {"Filters": ({"Pattern": "x"},)},
                "ScalingConfig": {"MaximumConcurrency": 2},
                "MaximumBatchingWindowInSeconds": 3,
            },
        ),
        (
            "Kinesis",
            "{Stream: !GetAtt Q.Arn, StartingPosition: LATEST, ParallelizationFactor: 4, BisectBatchOnFunctionError: true, "
            "MaximumRetryAttempts: 2, MaximumRecordAgeInSeconds: 60, TumblingWindowInSeconds: 30}",
            {
                "EventSourceArn": SOURCE,
                "StartingPosition": "LATEST",
                "ParallelizationFactor": 4,
                "BisectBatchOnFunctionError": True,
                "MaximumRetryAttempts": 2,
                "MaximumRecordAgeInSeconds": 60,
                "TumblingWindowInSeconds": 30,
            },
        ),
        (
            "DynamoDB",
            "{Stream: !GetAtt Q.StreamArn, StartingPosition: TRIM_HORIZON, "
            "DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Q.Arn}}}",
            {
                "EventSourceArn": Ref("app/Q", "StreamArn"),
                "StartingPosition": "TRIM_HORIZON",
                "DestinationConfig": {"OnFailure": {"Destination": SOURCE}},
            },
        ),
        (
            "MSK",
            "{Stream: !GetAtt Q.Arn, StartingPosition: LATEST, Topics: [t], ConsumerGroupId: g}",
            {
                "EventSourceArn": SOURCE,
                "StartingPosition": "LATEST",
                "Topics": ("t",),
                "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"},
            },
        ),
        (
            "MQ",
            "{Broker: !GetAtt Q.Arn, Queues: [q], SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: secret}]}",
            {
                "EventSourceArn": SOURCE,
                "Queues": ("q",),
                "SourceAccessConfigurations": ({"Type": "BASIC_AUTH", "URI": "secret"},),
            },
        ),
        (
            "SelfManagedKafka",
            "{KafkaBootstrapServers: [a:9092], Topics: [t], ConsumerGroupId: g}",
            {
                "Topics": ("t",),
                "SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ("a:9092",)}},
                "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"},
            },
        ),
        (
            "DocumentDB",
            "{Cluster: !GetAtt Q.Arn, DatabaseName: d, CollectionName: c, FullDocument: UpdateLookup}",
            {
                "EventSourceArn": SOURCE,
                "DocumentDBEventSourceConfig": {"DatabaseName": "d", "CollectionName": "c", "FullDocument": "UpdateLookup"},
            },
        ),
    ],
)
def test_a_polled_source_is_a_mapping_with_all_its_properties(type: str, properties: str, expected: dict[str, Value]) -> None:
    expanded = scan(FUNCTION.format(type=type, properties=properties))
    mapping = resource(expanded, "FnWork", "AWS::Lambda::EventSourceMapping")
    assert mapping.properties == {"FunctionName": Ref("app/Fn"), **expected}
    assert not expanded.problems


@pytest.mark.parametrize(
    ("type", "properties", "action"),
    [
        ("MQ", "{Broker: b, SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: secret}]}", "secretsmanager:GetSecretValue"),
        ("MQ", "{Broker: b}", "mq:DescribeBroker"),
        ("DocumentDB", "{Cluster: c, DatabaseName: d}", "rds:DescribeDBClusters"),
        (
            "SelfManagedKafka",
            "{KafkaBootstrapServers: [a], Topics: [t], SourceAccessConfigurations: [{Type: VPC_SUBNET, URI: s}]}",
            "ec2:CreateNetworkInterface",
        ),
        ("MQ", "{Broker: b, SecretsManagerKmsKeyId: k}", "kms:Decrypt"),
        ("Kinesis", "{Stream: s, DestinationConfig: {OnFailure: {Type: SNS, Destination: t}}}", "sns:Publish"),
        ("Kinesis", "{Stream: s, DestinationConfig: {OnFailure: {Type: SQS, Destination: q}}}", "sqs:SendMessage"),
        ("Kinesis", "{Stream: s, DestinationConfig: {OnFailure: {Type: S3, Destination: b}}}", "s3:PutObject"),
    ],
)
def test_what_a_mapping_needs_is_granted_to_the_role(type: str, properties: str, action: str) -> None:
    granted = statements(scan(FUNCTION.format(type=type, properties=properties)), "FnRole")
    assert action in {name for statement in granted for name in statement["Action"]}


@pytest.mark.parametrize(
    ("type", "policy"),
    [
        ("SQS", "AWSLambdaSQSQueueExecutionRole"),
        ("Kinesis", "AWSLambdaKinesisExecutionRole"),
        ("DynamoDB", "AWSLambdaDynamoDBExecutionRole"),
        ("MSK", "AWSLambdaMSKExecutionRole"),
    ],
)
def test_reading_is_granted_by_a_managed_policy(type: str, policy: str) -> None:
    expanded = scan(FUNCTION.format(type=type, properties="{Queue: q, Stream: s}"))
    arns = resource(expanded, "FnRole", "AWS::IAM::Role").get("ManagedPolicyArns")
    assert any(policy in str(arn) for arn in arns)


def test_lines_point_at_the_event() -> None:
    mapping = resource(scan(FUNCTION.format(type="SQS", properties="{Queue: !GetAtt Q.Arn}")), "FnWork")
    assert (mapping.location.path, mapping.location.line) == ("app/template.yaml", 8)
    assert mapping.at("EventSourceArn").line == 10
    assert mapping.origin == "sam event"
