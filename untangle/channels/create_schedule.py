"""Schedules that a function makes for another: each function has an entry `<function>#schedule`.

`CreateSchedule` names the function that EventBridge Scheduler is to invoke, and what with. At least once, asynchronously: tried
for up to 24 hours and 185 times until Lambda takes it, then by the function's own asynchronous settings.
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World, Write
from untangle.channels.routing import entrance

FUNCTION = "AWS::Lambda::Function"
ENTRY = "#schedule"


def _links(world: World) -> Iterator[Found]:
    for function in world.of_type(FUNCTION):
        yield from entrance(world, function, "create_schedule", ENTRY)


CHANNEL = Channel(
    type="create_schedule",
    title="Schedule made by code",
    writes=(
        Write(
            service="scheduler", operation="CreateSchedule", target="Target.Arn", action="scheduler:CreateSchedule", mixed=True
        ),
    ),
    links=_links,
    enters=FUNCTION,
    entry=ENTRY,
)
