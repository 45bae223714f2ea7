"""Textract and Rekognition Video: a notification to the topic of the call's `NotificationChannel`, and results without content.

https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html
https://docs.aws.amazon.com/rekognition/latest/dg/video-notification-payload.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from untangle.channels.envelope.job import JOBS as FORMS
from untangle.simulate.jobs.job import Job, Message, Play, Told, millis

_MEDIA = {"textract": ("DocumentLocation", "DocumentLocation"), "rekognition": ("Video", "Video")}
_STATES = ("IN_PROGRESS", "SUCCEEDED", "FAILED")


def _answer(service: str, jobs: Sequence[Job]) -> Mapping[str, Any]:
    job = jobs[0]
    state = job.state(*_STATES)
    failed = {"StatusMessage": "The job failed."} if state == "FAILED" else {}
    if service == "rekognition":
        return {"JobStatus": state, **failed}
    if state != "SUCCEEDED":
        return {"JobStatus": state, **failed}
    return {"JobStatus": state, "DocumentMetadata": {"Pages": 1}, "Blocks": []}


def _told(service: str, operation: str, job: Job) -> Iterator[Told]:
    channel = job.params.get("NotificationChannel") or {}
    if job.over is None or not channel.get("SNSTopicArn"):
        return
    parameter, name = _MEDIA[service]
    location = (job.params.get(parameter) or {}).get("S3Object") or {}
    message = {
        "JobId": job.id,
        "Status": job.state(*_STATES),
        "API": operation,
        **job.kept("JobTag"),
        "Timestamp": millis(job.over),
        name: {"S3ObjectName": location.get("Name"), "S3Bucket": location.get("Bucket")},
    }
    yield Message(topic=str(channel["SNSTopicArn"]), text=json.dumps(message, separators=(",", ":")))


def _play(service: str, operation: str) -> Play:
    return Play(
        service=service,
        operation=operation,
        response=lambda jobs: {"JobId": jobs[0].id},
        asked=lambda params: (str(params.get("JobId")),),
        answer=lambda jobs: _answer(service, jobs),
        told=lambda job: _told(service, operation, job),
        missing="InvalidJobIdException" if service == "textract" else "ResourceNotFoundException",
        token="ClientRequestToken",  # noqa: S106 — a parameter's name
    )


PLAYS: tuple[Play, ...] = tuple(_play(form.service, form.operation) for form in FORMS if form.service in _MEDIA)
