"""EventBridge Scheduler: entries of functions and of channels."""

from __future__ import annotations

import pytest

from tests.channels.world import FN, QUEUE, arrows, link, ref, triggers, world
from untangle.channels.scheduler import CHANNEL
from untangle.model.value import Concat, Value


def schedule(**target: Value) -> dict[str, Value]:
    return {"Type": "AWS::Scheduler::Schedule", "ScheduleExpression": "rate(1 hour)", "Target": target}


def test_a_schedule_of_a_function() -> None:
    made = world(Work=FN, Hourly=schedule(Arn=ref("Work", "Arn"), RetryPolicy={"MaximumRetryAttempts": 1}))
    (trigger,) = triggers(CHANNEL, made)
    assert (trigger.type, trigger.channel, trigger.note) == ("schedule", "s/Hourly", "rate(1 hour)")
    assert trigger.delivery == {"schedule": "rate(1 hour)", "maximum_retry_attempts": 1}


def test_a_schedule_of_a_queue() -> None:
    made = world(Orders=QUEUE, Hourly={**schedule(Arn=ref("Orders", "Arn")), "State": "DISABLED"})
    assert arrows(CHANNEL, made) == {"Hourly => Orders"}
    assert link(CHANNEL, made).delivery["enabled"] is False


@pytest.mark.parametrize(
    ("arn", "input", "wanted"),
    [
        ("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", {"QueueUrl": ref("Orders")}, "Hourly => Orders"),
        ("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", Concat(('{"QueueUrl": "', ref("Orders"), '"}')), "Hourly => Orders"),
    ],
    ids=["mapping", "text"],
)
def test_a_universal_target_is_named_in_its_input(arn: str, input: Value, wanted: str) -> None:
    assert arrows(CHANNEL, world(Orders=QUEUE, Hourly=schedule(Arn=arn, Input=input))) == {wanted}


def test_a_universal_target_that_is_a_function() -> None:
    target = schedule(Arn="arn:aws:scheduler:::aws-sdk:lambda:invoke", Input={"FunctionName": ref("Work")})
    (trigger,) = triggers(CHANNEL, world(Work=FN, Hourly=target))
    assert trigger.function == "s/Work"


def test_a_schedule_that_calls_something_else_is_nobodys_entry() -> None:
    target = schedule(Arn="arn:aws:scheduler:::aws-sdk:ec2:stopInstances", Input='{"InstanceIds": ["i-1"]}')
    assert list(CHANNEL.links(world(Hourly=target))) == []
