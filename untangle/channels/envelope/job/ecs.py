"""A task of ECS: every change of it is told to the default bus, with the task as DescribeTasks answers it.

ECS guide, "Amazon ECS task state change events" (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html):
a task whose `lastStatus` is STOPPED does not change any more. A call that starts several tasks is told of several ends.
`.sync` says of the task that Step Functions started it: Step Functions guide, "Run Amazon ECS or Fargate tasks"
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html).
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.envelope.form import Names
from untangle.channels.envelope.job.form import HEARS, JobForm, Notice, Sync, event, every, only, recased, states_only, without
from untangle.model.code import Call
from untangle.model.step import Stop

_KIND = "ECS Task State Change"
_ENDED = ("STOPPED",)
_LOST = ("updatedAt", "attributes", "tags")


def _effect(stop: Stop, names: Names) -> str:
    task = without("$a.Tasks[0]", _LOST)
    return event("aws.ecs", _KIND, "$a.Tasks[0].TaskArn", "$a.Tasks[0].StoppedAt", recased(task, "lower"))


def _one(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
    """Refuses calls that may start several tasks."""
    for call in calls:
        if call.arguments.get("count", 1) != 1:
            yield f"the call may start several tasks ({call.location})"


JOBS: tuple[JobForm, ...] = (
    JobForm(
        service="ecs",
        operation="RunTask",
        asks="ecs:describeTasks",
        arguments={"Cluster": "$e.response.tasks[0].clusterArn", "Tasks": "[$e.response.tasks[0].taskArn]"},
        answer="$states.result",
        state="$a.Tasks[0].LastStatus",
        ended=_ENDED,
        notices=(
            Notice(
                type="eventbridge",
                told=_ENDED,
                effect=_effect,
                lost=_LOST,
                refuses=every(states_only(*_ENDED, at="lastStatus", kind=_KIND), only(), _one),
                differs=("where ECS answers that no task could be placed, the workflow fails; nobody was told of that before",),
            ),
        ),
        page="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html",
        sync=Sync(
            resource="ecs:runTask.sync",
            arguments=recased("$sift($e.params, function($v, $k) { $k != 'count' })", "upper"),
            throttled=("ECS.ThrottlingException", "ECS.ServerException"),
            found='"TaskArn":\\s*"([^"]+)"',
            response="""{'tasks': [{'taskArn': $found, 'clusterArn': $match($t, /"ClusterArn":\\s*"([^"]+)"/)[0].groups[0]}]}""",
            takes=(
                "taskDefinition", "cluster", "count", "group", "launchType", "capacityProviderStrategy", "networkConfiguration",
                "overrides", "placementConstraints", "placementStrategy", "platformVersion", "propagateTags",
                "enableExecuteCommand",
            ),
            lost=("startedBy",),
            actions=("ecs:RunTask", "ecs:StopTask", *HEARS, "iam:PassRole"),
        ),
    ),
)  # fmt: skip
