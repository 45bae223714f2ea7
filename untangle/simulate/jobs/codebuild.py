"""A build of CodeBuild. Events: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html.

The project's own settings are not looked up: environment, source and artifacts hold what the call said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.simulate.jobs.job import Event, Job, Play, Told, arn

_STATES = ("IN_PROGRESS", "SUCCEEDED", "FAILED")


def _id(job: Job) -> str:
    return f"{job.params.get('projectName', '')}:{job.id}"


def _source(job: Job) -> dict[str, Any]:
    location = job.params.get("sourceLocationOverride")
    kind = {"type": job.params.get("sourceTypeOverride", "NO_SOURCE")}
    return {**kind, "location": location} if location else kind


def _logs(job: Job) -> dict[str, Any]:
    name = str(job.params.get("projectName", ""))
    link = f"https://console.aws.amazon.com/cloudwatch/home#logEvent:group=/aws/codebuild/{name};stream={job.id}"
    return {"groupName": f"/aws/codebuild/{name}", "streamName": job.id, "deepLink": link}


def _build(job: Job) -> dict[str, Any]:
    """The Build of BatchGetBuilds."""
    return {
        "id": _id(job),
        "arn": arn("codebuild", f"build/{_id(job)}"),
        "buildNumber": 1,
        "startTime": job.begun,
        **({} if job.over is None else {"endTime": job.over}),
        "currentPhase": "BUILD" if job.over is None else "COMPLETED",
        "buildStatus": job.state(*_STATES),
        **({"sourceVersion": job.params["sourceVersion"]} if "sourceVersion" in job.params else {}),
        "projectName": job.params.get("projectName", ""),
        "source": _source(job),
        "artifacts": {"location": ""},
        "environment": _environment(job),
        "logs": _logs(job),
        "timeoutInMinutes": job.params.get("timeoutInMinutesOverride", 60),
        "buildComplete": job.ended,
        "initiator": "simulated",
    }


def _environment(job: Job) -> dict[str, Any]:
    return {
        "type": "LINUX_CONTAINER",
        "image": job.params.get("imageOverride", "aws/codebuild/standard:7.0"),
        "computeType": job.params.get("computeTypeOverride", "BUILD_GENERAL1_SMALL"),
        "environmentVariables": list(job.params.get("environmentVariablesOverride") or ()),
    }


def _told(job: Job) -> Iterator[Told]:
    build = _build(job)
    environment, logs = build["environment"], build["logs"]
    more = {
        "artifact": {"location": ""},
        "environment": {
            "image": environment["image"],
            "privileged-mode": False,
            "compute-type": environment["computeType"],
            "type": environment["type"],
            "environment-variables": environment["environmentVariables"],
        },
        "build-number": build["buildNumber"],
        "timeout-in-minutes": build["timeoutInMinutes"],
        "build-complete": build["buildComplete"],
        "initiator": build["initiator"],
        "build-start-time": job.begun.strftime("%b %d, %Y %I:%M:%S %p"),
        "source": _source(job),
        **({"source-version": build["sourceVersion"]} if "sourceVersion" in build else {}),
        "logs": {"group-name": logs["groupName"], "stream-name": logs["streamName"], "deep-link": logs["deepLink"]},
        "phases": [],
    }
    detail = {
        "build-status": build["buildStatus"],
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "additional-information": more,
        "current-phase": build["currentPhase"] if job.ended else "SUBMITTED",
        "current-phase-context": "[]",
        "version": "1",
    }
    yield Event(source="aws.codebuild", kind="CodeBuild Build State Change", resources=(build["arn"],), detail=detail)


def _asked(params: Mapping[str, Any]) -> list[str]:
    return [str(one) for one in params.get("ids") or ()]


PLAYS: tuple[Play, ...] = (
    Play(
        service="codebuild",
        operation="StartBuild",
        response=lambda jobs: {"build": _build(jobs[0])},
        asked=_asked,
        named=lambda job: (_id(job), arn("codebuild", f"build/{_id(job)}")),
        answer=lambda jobs: {"builds": [_build(job) for job in jobs]},
        told=_told,
        result=lambda answer: {"Build": answer["Builds"][0]},
        missing="InvalidInputException",
        token="idempotencyToken",  # noqa: S106 — a parameter's name
    ),
)
