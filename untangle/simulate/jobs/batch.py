"""A job of AWS Batch. Events: https://docs.aws.amazon.com/batch/latest/userguide/batch_cwe_events.html.

Of the states on the way only RUNNING is told; array jobs and jobs on several nodes are played as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from untangle.simulate.jobs.job import Event, Job, Play, Told, arn, millis

_STATES = ("RUNNING", "SUCCEEDED", "FAILED")


def _full(kind: str, name: str, version: str = "") -> str:
    return name if name.startswith("arn:") else arn("batch", f"{kind}/{name}{version if ':' not in name else ''}")


def _detail(job: Job) -> dict[str, Any]:
    """The JobDetail of DescribeJobs."""
    overrides = job.params.get("containerOverrides") or {}
    container: dict[str, Any] = {
        "environment": list(overrides.get("environment") or ()),
        "command": list(overrides.get("command") or ()),
        "mountPoints": [],
        "volumes": [],
        "ulimits": [],
        "networkInterfaces": [],
        "resourceRequirements": list(overrides.get("resourceRequirements") or ()),
        "secrets": [],
    }
    found = {
        "jobArn": arn("batch", f"job/{job.id}"),
        "jobName": job.params.get("jobName", ""),
        "jobId": job.id,
        "jobQueue": _full("job-queue", str(job.params.get("jobQueue", ""))),
        "status": job.state(*_STATES),
        "attempts": [],
        "createdAt": millis(job.begun),
        "startedAt": millis(job.begun),
        "dependsOn": list(job.params.get("dependsOn") or ()),
        "jobDefinition": _full("job-definition", str(job.params.get("jobDefinition", "")), ":1"),
        "parameters": dict(job.params.get("parameters") or {}),
        "container": container,
        "tags": dict(job.params.get("tags") or {}),
        "propagateTags": bool(job.params.get("propagateTags", False)),
        "platformCapabilities": ["EC2"],
        **job.kept("retryStrategy", "timeout", "schedulingPriority"),
    }
    if job.over is not None:
        container["exitCode"] = 0 if job.well else 1
        found |= {"stoppedAt": millis(job.over), "statusReason": "Essential container in task exited"}
    return found


def _told(job: Job) -> Iterator[Told]:
    detail = _detail(job)
    yield Event(source="aws.batch", kind="Batch Job State Change", resources=(detail["jobArn"],), detail=detail)


def _response(jobs: Sequence[Job]) -> Mapping[str, Any]:
    detail = _detail(jobs[0])
    return {name: detail[name] for name in ("jobArn", "jobName", "jobId")}


PLAYS: tuple[Play, ...] = (
    Play(
        service="batch",
        operation="SubmitJob",
        response=_response,
        asked=lambda params: [str(one) for one in params.get("jobs") or ()],
        named=lambda job: (job.id, arn("batch", f"job/{job.id}")),
        answer=lambda jobs: {"jobs": [_detail(job) for job in jobs]},
        told=_told,
        result=lambda answer: answer["Jobs"][0],
        missing="ClientException",
    ),
)
