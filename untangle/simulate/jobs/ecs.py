"""A task of ECS. Events: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html.

Of the changes on the way only that to RUNNING is told. Containers are those that the call overrides, else one without a name:
what the task definition says is not looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from untangle.simulate.jobs.job import Event, Job, Play, Told, arn, text_of


def _cluster(job: Job) -> str:
    name = str(job.params.get("cluster") or "default")
    return name if name.startswith("arn:") else arn("ecs", f"cluster/{name}")


def _arn(job: Job) -> str:
    return arn("ecs", f"task/{_cluster(job).rpartition('/')[2]}/{job.id}")


def _definition(job: Job) -> str:
    name = str(job.params.get("taskDefinition", ""))
    return name if name.startswith("arn:") else arn("ecs", f"task-definition/{name}{'' if ':' in name else ':1'}")


def _task(job: Job) -> dict[str, Any]:
    """The Task of DescribeTasks, times as moments."""
    overrides = job.params.get("overrides") or {}
    state = "RUNNING" if job.over is None else "STOPPED"
    ended = {} if job.over is None else {"exitCode": 0 if job.well else 1}
    containers = [
        {
            "containerArn": f"{_arn(job)}/{number}",
            "lastStatus": state,
            "name": item.get("name", ""),
            "taskArn": _arn(job),
            **ended,
        }
        for number, item in enumerate(overrides.get("containerOverrides") or ({"name": "main"},))
    ]
    found: dict[str, Any] = {
        "attachments": [],
        "attributes": [],
        "clusterArn": _cluster(job),
        "containers": containers,
        "createdAt": job.begun,
        "desiredStatus": state,
        "enableExecuteCommand": bool(job.params.get("enableExecuteCommand", False)),
        "group": job.params.get("group") or f"family:{_definition(job).rpartition('/')[2].partition(':')[0]}",
        "lastStatus": state,
        "launchType": job.params.get("launchType", "EC2"),
        "overrides": overrides,
        "startedAt": job.begun,
        "taskArn": _arn(job),
        "taskDefinitionArn": _definition(job),
        "version": 1 if job.over is None else 2,
        **job.kept("startedBy"),
    }
    if job.over is not None:
        found |= {
            "stoppedAt": job.over,
            "stoppingAt": job.over,
            "executionStoppedAt": job.over,
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
        }
    return found


def _told(job: Job) -> Iterator[Told]:
    detail = {name: text_of(value) if name.endswith("At") else value for name, value in _task(job).items()}
    detail["updatedAt"] = text_of(job.over or job.begun)
    yield Event(source="aws.ecs", kind="ECS Task State Change", resources=(_arn(job),), detail=detail)


def _response(jobs: Sequence[Job]) -> Mapping[str, Any]:
    return {"tasks": [{**_task(job), "lastStatus": "PROVISIONING", "desiredStatus": "RUNNING"} for job in jobs], "failures": []}


PLAYS: tuple[Play, ...] = (
    Play(
        service="ecs",
        operation="RunTask",
        response=_response,
        asked=lambda params: [str(one).rpartition("/")[2] for one in params.get("tasks") or ()],
        answer=lambda jobs: {"tasks": [_task(job) for job in jobs], "failures": []},
        told=_told,
        result=lambda answer: answer["Tasks"][0],
        several=lambda params: int(params.get("count") or 1),
        missing="InvalidParameterException",
        token="clientToken",  # noqa: S106 — a parameter's name
    ),
)
