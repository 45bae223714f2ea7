"""Amazon ECS tasks that are run on demand: a task definition is a consumer, its entry `<task definition>#run`.

RunTask starts the containers once and does not retry them; the message travels in overrides (environment or command) of at most
8,192 characters. A definition that a service keeps running is not run on demand. Rules, pipes and schedules name the definition
too and reach it directly.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World, Write
from untangle.channels.routing import entrance

TASK_DEFINITION = "AWS::ECS::TaskDefinition"
ENTRY = "#run"


def _links(world: World) -> Iterator[Found]:
    kept_running = _of_services(world)
    for task in world.of_type(TASK_DEFINITION):
        if task.id in kept_running:
            continue
        yield from entrance(world, task, "ecs_run_task", ENTRY, named="Family", note="task definition")


def _of_services(world: World) -> set[str]:
    """The task definitions that services keep running."""
    services = world.of_type("AWS::ECS::Service")
    named = (world.function(service.get("TaskDefinition"), near=service.stack) for service in services)
    return {target.node for targets in named for target in targets}


CHANNEL = Channel(
    type="ecs_run_task",
    title="ECS task run on demand",
    writes=(
        Write(service="ecs", operation="RunTask", target="taskDefinition", action="ecs:RunTask"),
        Write(service="ecs", operation="StartTask", target="taskDefinition", action="ecs:StartTask"),
    ),
    links=_links,
    enters=TASK_DEFINITION,
    entry=ENTRY,
)
