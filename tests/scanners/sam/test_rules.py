"""Schedules and patterns become rules and schedules, for functions and state machines alike."""

from __future__ import annotations

import pytest

from tests.scanners.sam.template import resource, scan
from untangle.model.value import Either, Ref

TEMPLATE = """
Parameters:
  Stage: {{Type: String}}
Resources:
  Fn:
    Type: AWS::Serverless::{kind}
    Properties:
      CodeUri: src/
      Events:
        Tick:
          Type: {type}
          Properties: {properties}
"""


def rule(type: str, properties: str, kind: str = "Function"):
    return resource(scan(TEMPLATE.format(kind=kind, type=type, properties=properties)), "FnTick")


def test_a_schedule_is_a_rule_with_an_expression() -> None:
    made = rule("Schedule", "{Schedule: rate(1 day), Name: nightly, Description: d, Input: '{}'}")
    assert made.type == "AWS::Events::Rule"
    assert made.properties == {
        "ScheduleExpression": "rate(1 day)",
        "Name": "nightly",
        "Description": "d",
        "Targets": ({"Arn": Ref("app/Fn", "Arn"), "Id": "FnTickLambdaTarget", "Input": "{}"},),
    }
    assert made.at("ScheduleExpression").line == 12


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ("Enabled: false", "DISABLED"),
        ("Enabled: true", "ENABLED"),
        ("Enabled: 'false'", "DISABLED"),
        ("State: DISABLED", "DISABLED"),
        ("Description: d", None),
        ("Enabled: !Ref Stage", None),
        ("Enabled: !If [Prod, true, false]", Either(("ENABLED", "DISABLED"), ("Prod", "not Prod"))),
    ],
)
def test_enabled_becomes_a_state(given: str, state: object) -> None:
    assert rule("Schedule", f"{{Schedule: rate(1 day), {given}}}").get("State") == state


@pytest.mark.parametrize("type", ["EventBridgeRule", "CloudWatchEvent"])
def test_a_pattern_is_a_rule_on_its_bus(type: str) -> None:
    made = rule(
        type,
        "{Pattern: {source: [shop]}, EventBusName: orders, RuleName: paid, InputPath: $.detail, Target: {Id: mine}, "
        "RetryPolicy: {MaximumRetryAttempts: 1}, DeadLetterConfig: {Arn: dlq}}",
    )
    assert made.properties == {
        "EventPattern": {"source": ("shop",)},
        "Name": "paid",
        "EventBusName": "orders",
        "Targets": (
            {
                "Arn": Ref("app/Fn", "Arn"),
                "Id": "mine",
                "InputPath": "$.detail",
                "RetryPolicy": {"MaximumRetryAttempts": 1},
                "DeadLetterConfig": {"Arn": "dlq"},
            },
        ),
    }


def test_a_dead_letter_queue_is_generated_with_its_policy() -> None:
    text = "{Schedule: rate(1 day), DeadLetterConfig: {Type: SQS, QueueLogicalId: Lost}}"
    expanded = scan(TEMPLATE.format(kind="Function", type="Schedule", properties=text))
    queue = resource(expanded, "Lost", "AWS::SQS::Queue")
    target = resource(expanded, "FnTick").get("Targets")[0]
    assert target["DeadLetterConfig"] == {"Arn": Ref(queue.id, "Arn")}
    policy = resource(expanded, "FnTickQueuePolicy", "AWS::SQS::QueuePolicy")
    assert policy.get("Queues") == (Ref(queue.id),)
    assert policy.get("PolicyDocument")["Statement"][0]["Principal"] == {"Service": "events.amazonaws.com"}


def test_schedule_v2_is_a_schedule_with_a_role() -> None:
    text = "{ScheduleExpression: rate(1 hour), ScheduleExpressionTimezone: UTC, Input: '{}', DeadLetterConfig: {Type: SQS}}"
    expanded = scan(TEMPLATE.format(kind="Function", type="ScheduleV2", properties=text))
    made = resource(expanded, "FnTick", "AWS::Scheduler::Schedule")
    assert made.get("Name") == "FnTick"
    assert made.get("FlexibleTimeWindow") == {"Mode": "OFF"}
    assert made.get("Target") == {
        "Arn": Ref("app/Fn", "Arn"),
        "RoleArn": Ref("app/FnTickRole", "Arn"),
        "DeadLetterConfig": {"Arn": Ref("app/FnTickQueue", "Arn")},
        "Input": "{}",
    }
    granted = resource(expanded, "FnTickRole").get("Policies")[0]["PolicyDocument"]["Statement"]
    assert [statement["Action"] for statement in granted] == [("lambda:InvokeFunction",), ("sqs:SendMessage",)]


def test_a_rule_that_starts_a_state_machine_assumes_a_role() -> None:
    made = rule("EventBridgeRule", "{Pattern: {source: [shop]}}", kind="StateMachine")
    assert made.get("Targets") == (
        {"Arn": Ref("app/Fn"), "Id": "FnTickStepFunctionsTarget", "RoleArn": Ref("app/FnTickRole", "Arn")},
    )
    given = rule("Schedule", "{Schedule: rate(1 day), RoleArn: mine}", kind="StateMachine")
    assert given.get("Targets")[0]["RoleArn"] == "mine"
