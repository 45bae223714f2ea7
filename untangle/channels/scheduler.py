"""EventBridge Scheduler: a time at which a target is called.

At least once; tried for 24 hours and 185 times by default, then the input goes to the schedule's dead-letter queue. A schedule is
an entry from outside: of a function, or of the channel that it feeds. Universal targets (`aws-sdk:sqs:sendMessage`) name theirs
in the input.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, Kind, World
from untangle.channels.known import decoded, inner, number, plain, reference
from untangle.channels.routing import dead_letter, onward, triggers
from untangle.model.resource import Resource
from untangle.model.value import Value

SCHEDULE = "AWS::Scheduler::Schedule"
# The parameters by which the API calls that Scheduler can make name their target.
_NAMED_BY = ("FunctionName", "QueueUrl", "TopicArn", "StateMachineArn", "StreamName", "EventBusName")


def _links(world: World) -> Iterator[Found]:
    for schedule in world.of_type(SCHEDULE):
        value = _target(world, schedule)
        note = str(plain(world, schedule.get("ScheduleExpression")))
        settings = _delivery(world, schedule)
        if value is None:
            continue
        if world.function(value, near=schedule.stack):
            yield from triggers(
                world, "schedule", schedule, value, "Target", "Arn", note=note, channel=schedule.id, delivery=settings
            )
        else:
            yield from onward(world, schedule.id, schedule, value, "Target", "Arn", note=f"schedule {note}", delivery=settings)


def _target(world: World, schedule: Resource) -> Value:
    task = schedule.get("Target", "EcsParameters", "TaskDefinitionArn")
    if task is not None:
        return task
    arn = schedule.get("Target", "Arn")
    if ":aws-sdk:" not in str(plain(world, arn)):
        return arn
    given = decoded(world, schedule.get("Target", "Input"))
    return next((reference(value) for name in _NAMED_BY if (value := inner(given, name)) is not None), None)


def _delivery(world: World, schedule: Resource) -> dict[str, Value]:
    settings: dict[str, Value] = {"schedule": plain(world, schedule.get("ScheduleExpression"))}
    if schedule.get("Target", "Input") is not None:
        settings["input"] = plain(world, schedule.get("Target", "Input"))
    for name, key in (
        ("MaximumRetryAttempts", "maximum_retry_attempts"),
        ("MaximumEventAgeInSeconds", "maximum_event_age"),
    ):
        count = number(world, schedule.get("Target", "RetryPolicy", name))
        if count is not None:
            settings[key] = count
    if world.text(schedule.get("State")) == "DISABLED":
        settings["enabled"] = False
    return settings | dead_letter(world, schedule.get("Target", "DeadLetterConfig", "Arn"), schedule.stack)


CHANNEL = Channel(
    type="scheduler",
    title="EventBridge schedule",
    kinds=(Kind(type=SCHEDULE, name="Name", service="scheduler", arn="schedule/default/{name}"),),
    links=_links,
)
