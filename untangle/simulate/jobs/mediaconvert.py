"""A job of MediaConvert. Events: https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_cwe_events.html.

Its outputs are not written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from untangle.simulate.jobs.job import Event, Job, Play, Told, arn, millis
from untangle.simulate.names import ACCOUNT

_STATES = ("PROGRESSING", "COMPLETE", "ERROR")
_ERROR = {"errorCode": 1040, "errorMessage": "The input could not be read."}
_OUTPUT = {"durationInMs": 1000, "videoDetails": {"widthInPx": 1280, "heightInPx": 720}}


def _groups(job: Job) -> list[dict[str, Any]]:
    return list((job.params.get("Settings") or {}).get("OutputGroups") or ())


def _job(job: Job) -> dict[str, Any]:
    """The Job of GetJob."""
    timing = {"SubmitTime": job.begun, "StartTime": job.begun, **({} if job.over is None else {"FinishTime": job.over})}
    found: dict[str, Any] = {
        "Arn": arn("mediaconvert", f"jobs/{job.id}"),
        "Id": job.id,
        "CreatedAt": job.begun,
        "Queue": job.params.get("Queue") or arn("mediaconvert", "queues/Default"),
        "Status": job.state(*_STATES),
        "Timing": timing,
        **job.kept("Role", "Settings", "UserMetadata", "JobTemplate", "Priority"),
    }
    if job.ended and job.well:
        details = {"DurationInMs": 1000, "VideoDetails": {"WidthInPx": 1280, "HeightInPx": 720}}
        found["OutputGroupDetails"] = [{"OutputDetails": [details for _ in group.get("Outputs") or ()]} for group in _groups(job)]
    elif job.ended:
        found |= {"ErrorCode": _ERROR["errorCode"], "ErrorMessage": _ERROR["errorMessage"]}
    return found


def _told(job: Job) -> Iterator[Told]:
    known = _job(job)
    detail = {
        "timestamp": millis(job.over or job.begun),
        "accountId": ACCOUNT,
        "queue": known["Queue"],
        "jobId": job.id,
        "status": known["Status"],
        "userMetadata": known.get("UserMetadata", {}),
    }
    if job.ended and job.well:
        detail["outputGroupDetails"] = [
            {"outputDetails": [_OUTPUT for _ in group.get("Outputs") or ()], "type": "FILE_GROUP"} for group in _groups(job)
        ]
    elif job.ended:
        detail |= _ERROR
    yield Event(source="aws.mediaconvert", kind="MediaConvert Job State Change", resources=(known["Arn"],), detail=detail)


PLAYS: tuple[Play, ...] = (
    Play(
        service="mediaconvert",
        operation="CreateJob",
        response=lambda jobs: {"Job": {**_job(jobs[0]), "Status": "SUBMITTED"}},
        asked=lambda params: (str(params.get("Id")),),
        answer=lambda jobs: {"Job": _job(jobs[0])},
        told=_told,
        missing="NotFoundException",
        token="ClientRequestToken",  # noqa: S106 — a parameter's name
    ),
)
