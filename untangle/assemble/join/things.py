"""What of an account and of a template is compared: the types, what names them, and which listing tells of them."""

from __future__ import annotations

from collections.abc import Mapping

FUNCTION = "AWS::Lambda::Function"
RULE = "AWS::Events::Rule"
MAPPING = "AWS::Lambda::EventSourceMapping"
SUBSCRIPTION = "AWS::SNS::Subscription"
INVOKE_CONFIG = "AWS::Lambda::EventInvokeConfig"
ROLE = "AWS::IAM::Role"
BUCKET = "AWS::S3::Bucket"

# The property that holds the physical name.
NAMES: Mapping[str, str] = {
    FUNCTION: "FunctionName",
    ROLE: "RoleName",
    RULE: "Name",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::Events::EventBus": "Name",
    BUCKET: "BucketName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::Pipes::Pipe": "Name",
    "AWS::Scheduler::Schedule": "Name",
}
# What wires one thing to another, and the properties that name the two.
ENDS: Mapping[str, tuple[str, ...]] = {
    MAPPING: ("EventSourceArn", "FunctionName"),
    SUBSCRIPTION: ("TopicArn", "Endpoint"),
    INVOKE_CONFIG: ("FunctionName",),
}
WIRING = frozenset({*ENDS, RULE, "AWS::Pipes::Pipe", "AWS::Scheduler::Schedule"})
# Which operations list the things of a type: where one of them was refused, that a thing is not there says nothing.
LISTED_BY: Mapping[str, tuple[str, ...]] = {
    FUNCTION: ("lambda.ListFunctions",),
    MAPPING: ("lambda.ListEventSourceMappings",),
    INVOKE_CONFIG: ("lambda.ListFunctions", "lambda.ListFunctionEventInvokeConfigs"),
    RULE: ("events.ListEventBuses", "events.ListRules"),
    SUBSCRIPTION: ("sns.ListSubscriptions",),
    "AWS::SQS::Queue": ("sqs.ListQueues",),
    "AWS::SNS::Topic": ("sns.ListTopics",),
    "AWS::Events::EventBus": ("events.ListEventBuses",),
    BUCKET: ("s3.ListBuckets",),
    "AWS::DynamoDB::Table": ("dynamodb.ListTables",),
    "AWS::Kinesis::Stream": ("kinesis.ListStreams",),
    "AWS::KinesisFirehose::DeliveryStream": ("firehose.ListDeliveryStreams",),
    "AWS::StepFunctions::StateMachine": ("stepfunctions.ListStateMachines",),
    "AWS::Pipes::Pipe": ("pipes.ListPipes",),
    "AWS::Scheduler::Schedule": ("scheduler.ListSchedules",),
}
COMPARED = frozenset(LISTED_BY)


def noun(type_: str, count: int) -> str:
    """A type as people say it, with how many there are: "2 queues"."""
    word = _NOUNS.get(type_, type_)
    if count == 1:
        return f"1 {word}"
    return f"{count} {word[:-1]}ies" if word.endswith("y") else f"{count} {word}es" if word.endswith("s") else f"{count} {word}s"


_NOUNS = {
    FUNCTION: "function",
    MAPPING: "event source mapping",
    INVOKE_CONFIG: "event invoke configuration",
    RULE: "rule",
    SUBSCRIPTION: "subscription",
    "AWS::SQS::Queue": "queue",
    "AWS::SNS::Topic": "topic",
    "AWS::Events::EventBus": "event bus",
    BUCKET: "bucket",
    "AWS::DynamoDB::Table": "table",
    "AWS::Kinesis::Stream": "stream",
    "AWS::KinesisFirehose::DeliveryStream": "delivery stream",
    "AWS::StepFunctions::StateMachine": "state machine",
    "AWS::Pipes::Pipe": "pipe",
    "AWS::Scheduler::Schedule": "schedule",
}
