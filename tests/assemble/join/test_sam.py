"""What SAM makes of a function's events is joined too: deployed as it is declared, nothing of it is drift."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.assemble.join.sides import (
    BUCKET,
    FUNCTION,
    MAPPING,
    PLACE,
    QUEUE,
    RULE,
    SUBSCRIPTION,
    TOPIC,
    arn,
    inventory,
    live,
    live_function,
    live_queue,
    stack,
    url,
)
from untangle.assemble.join import join
from untangle.channels import CHANNELS
from untangle.scanners import cloudformation
from untangle.scanners.scanner import Options
from untangle.scanners.tree import Tree

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String}}
Globals: {Function: {Runtime: python3.12, Environment: {Variables: {LEVEL: info}}}}
Resources:
  Q: {Type: AWS::SQS::Queue}
  T: {Type: AWS::SNS::Topic}
  B: {Type: AWS::Events::EventBus, Properties: {Name: !Sub "${Stage}-bus"}}
  Files: {Type: AWS::S3::Bucket}
  Tab: {Type: AWS::DynamoDB::Table, Properties: {StreamSpecification: {StreamViewType: NEW_IMAGE}}}
  OrderFn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: src
      AutoPublishAlias: live
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Q.Arn}
      EventInvokeConfig: {MaximumRetryAttempts: 1}
      Events:
        Poll: {Type: SQS, Properties: {Queue: !GetAtt Q.Arn}}
        News: {Type: SNS, Properties: {Topic: !Ref T}}
        NewsQ: {Type: SNS, Properties: {Topic: !Ref T, SqsSubscription: true}}
        Bus: {Type: EventBridgeRule, Properties: {EventBusName: !Ref B, Pattern: {source: [shop]}}}
        Cron: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        CronV2: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        Up: {Type: S3, Properties: {Bucket: !Ref Files, Events: s3:ObjectCreated:*}}
        Str: {Type: DynamoDB, Properties: {Stream: !GetAtt Tab.StreamArn, StartingPosition: LATEST}}
        Api: {Type: Api, Properties: {Path: /x, Method: get}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Succeed}}}
      Events: {R: {Type: EventBridgeRule, Properties: {Pattern: {source: [x]}}}}
"""
F = arn(PLACE, "lambda", "function:shop-OrderFn-X")
T = arn(PLACE, "sns", "shop-T-X")
LIVE = [
    live_queue("shop-Q-X"),
    live_queue("shop-OrderFnNewsQQueue-X"),
    live(PLACE, TOPIC, "shop-T-X", T, T, TopicName="shop-T-X"),
    live(PLACE, "AWS::Events::EventBus", "prod-bus", arn(PLACE, "events", "event-bus/prod-bus"), "prod-bus", Name="prod-bus"),
    live(PLACE, BUCKET, "shop-files-x", "arn:aws:s3:::shop-files-x", BucketName="shop-files-x"),
    live(PLACE, "AWS::DynamoDB::Table", "shop-Tab-X", arn(PLACE, "dynamodb", "table/shop-Tab-X"), TableName="shop-Tab-X"),
    live_function("shop-OrderFn-X", Handler="app.handler", Runtime="python3.12", Environment={"Variables": {"LEVEL": "info"}}),
    live(
        PLACE,
        "AWS::StepFunctions::StateMachine",
        "Machine-X",
        arn(PLACE, "states", "stateMachine:Machine-X"),
        arn(PLACE, "states", "stateMachine:Machine-X"),
        StateMachineName="Machine-X",
    ),
    live(PLACE, MAPPING, "mapping:u1", None, "u1", EventSourceArn=arn(PLACE, "sqs", "shop-Q-X"), FunctionName=F + ":live"),
    live(
        PLACE,
        MAPPING,
        "mapping:u2",
        None,
        "u2",
        EventSourceArn=arn(PLACE, "sqs", "shop-OrderFnNewsQQueue-X"),
        FunctionName=F + ":live",
    ),
    live(
        PLACE,
        MAPPING,
        "mapping:u3",
        None,
        "u3",
        EventSourceArn=arn(PLACE, "dynamodb", "table/shop-Tab-X/stream/2024"),
        FunctionName=F + ":live",
    ),
    live(PLACE, SUBSCRIPTION, "subscription:t:1", T + ":1", T + ":1", TopicArn=T, Protocol="lambda", Endpoint=F + ":live"),
    live(
        PLACE,
        SUBSCRIPTION,
        "subscription:t:2",
        T + ":2",
        T + ":2",
        TopicArn=T,
        Protocol="sqs",
        Endpoint=arn(PLACE, "sqs", "shop-OrderFnNewsQQueue-X"),
    ),
    live(
        PLACE,
        RULE,
        "rule:prod-bus:shop-OrderFnBus-X",
        arn(PLACE, "events", "rule/prod-bus/shop-OrderFnBus-X"),
        "shop-OrderFnBus-X",
        Name="shop-OrderFnBus-X",
        EventBusName=arn(PLACE, "events", "event-bus/prod-bus"),
        Targets=({"Arn": F + ":live"},),
    ),
    live(
        PLACE,
        RULE,
        "rule:shop-OrderFnCron-X",
        arn(PLACE, "events", "rule/shop-OrderFnCron-X"),
        "shop-OrderFnCron-X",
        Name="shop-OrderFnCron-X",
        Targets=({"Arn": F + ":live"},),
    ),
    live(
        PLACE,
        RULE,
        "rule:shop-MachineR-X",
        arn(PLACE, "events", "rule/shop-MachineR-X"),
        "shop-MachineR-X",
        Name="shop-MachineR-X",
    ),
    live(
        PLACE,
        "AWS::Scheduler::Schedule",
        "schedule:default:OrderFnCronV2",
        arn(PLACE, "scheduler", "schedule/default/OrderFnCronV2"),
        "OrderFnCronV2",
        Name="OrderFnCronV2",
    ),
    live(PLACE, "AWS::Lambda::EventInvokeConfig", "invoke-config:shop-OrderFn-X:live", None, None, FunctionName=F + ":live"),
]
TABLE: dict[str, tuple[str | None, str]] = {
    "Q": (QUEUE, url("shop-Q-X")),
    "OrderFnNewsQQueue": (QUEUE, url("shop-OrderFnNewsQQueue-X")),
    "T": (TOPIC, T),
    "B": ("AWS::Events::EventBus", "prod-bus"),
    "Files": (BUCKET, "shop-files-x"),
    "Tab": ("AWS::DynamoDB::Table", "shop-Tab-X"),
    "OrderFn": (FUNCTION, "shop-OrderFn-X"),
    "Machine": ("AWS::StepFunctions::StateMachine", arn(PLACE, "states", "stateMachine:Machine-X")),
    "OrderFnPoll": (MAPPING, "u1"),
    "OrderFnNewsQEventSourceMapping": (MAPPING, "u2"),
    "OrderFnStr": (MAPPING, "u3"),
    "OrderFnNews": (SUBSCRIPTION, T + ":1"),
    "OrderFnNewsQ": (SUBSCRIPTION, T + ":2"),
    "OrderFnBus": (RULE, "prod-bus|shop-OrderFnBus-X"),
    "OrderFnCron": (RULE, "shop-OrderFnCron-X"),
    "MachineR": (RULE, "shop-MachineR-X"),
    "OrderFnCronV2": ("AWS::Scheduler::Schedule", "OrderFnCronV2"),
    "OrderFnEventInvokeConfig": ("AWS::Lambda::EventInvokeConfig", "shop-OrderFn-X|live"),
    "OrderFnRole": ("AWS::IAM::Role", "shop-OrderFnRole-X"),
    "OrderFnVersionabc123": ("AWS::Lambda::Version", F + ":1"),
    "OrderFnAliaslive": ("AWS::Lambda::Alias", F + ":live"),
    "OrderFnBusPermission": ("AWS::Lambda::Permission", "shop-OrderFnBusPermission-1"),
}


def test_what_sam_makes_of_events_is_joined(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    declared = cloudformation.SCANNER.read(Tree(tmp_path), Options())
    there = inventory(*LIVE, stack("shop-prod", TABLE))
    both = replace(there, stacks=there.stacks + declared.stacks, resources=there.resources + declared.resources)
    found = join(both, CHANNELS)
    assert [item.id for item in LIVE if item.id not in found.ids] == []
    assert found.inventory.findings == ()
    assert found.inventory.gaps == ()
