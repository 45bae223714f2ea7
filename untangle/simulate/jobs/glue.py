"""A run of a Glue job. Events: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html.

Retries of Glue's own (`MaxRetries`) are not played.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from untangle.simulate.jobs.job import SECONDS, Event, Job, Play, Told

_STATES = ("RUNNING", "SUCCEEDED", "FAILED")


def _id(job: Job) -> str:
    return f"jr_{job.id}"


def _run(job: Job) -> dict[str, Any]:
    """The JobRun of GetJobRun."""
    found = {
        "Id": _id(job),
        "Attempt": 0,
        "StartedOn": job.begun,
        "LastModifiedOn": job.over or job.begun,
        "JobRunState": job.state(*_STATES),
        "PredecessorRuns": [],
        "ExecutionTime": 0 if job.over is None else round(SECONDS),
        **job.kept("JobName", "Arguments", "Timeout", "MaxCapacity", "WorkerType", "NumberOfWorkers", "SecurityConfiguration"),
    }
    if job.over is not None:
        found["CompletedOn"] = job.over
        found |= {} if job.well else {"ErrorMessage": "Command failed with exit code 1"}
    return found


def _told(job: Job) -> Iterator[Told]:
    if job.over is None:
        return
    name = job.params.get("JobName", "")
    failed = f"JobName:{name} and JobRunId:{_id(job)} failed to execute with exception Command failed with exit code 1"
    detail = {
        "jobName": name,
        "severity": "INFO" if job.well else "ERROR",
        "state": job.state(*_STATES),
        "jobRunId": _id(job),
        "message": "Job run succeeded" if job.well else failed,
    }
    yield Event(source="aws.glue", kind="Glue Job State Change", detail=detail)


PLAYS: tuple[Play, ...] = (
    Play(
        service="glue",
        operation="StartJobRun",
        response=lambda jobs: {"JobRunId": _id(jobs[0])},
        asked=lambda params: (str(params.get("RunId")),),
        named=lambda job: (_id(job),),
        answer=lambda jobs: {"JobRun": _run(jobs[0])},
        told=_told,
        result=lambda answer: answer["JobRun"],
        missing="EntityNotFoundException",
    ),
)
