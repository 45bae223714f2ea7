"""Jobs whose end is an object that they write: Transcribe, Polly, Athena. What is written says nothing.

The file with which Transcribe tries whether it may write is not played.
https://docs.aws.amazon.com/transcribe/latest/APIReference/API_StartTranscriptionJob.html
https://docs.aws.amazon.com/polly/latest/dg/longer-cli.html
https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
https://docs.aws.amazon.com/athena/latest/ug/athena-events.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from untangle.simulate.jobs.job import Event, Job, Play, Told
from untangle.simulate.jobs.job import Object as Written
from untangle.simulate.names import ACCOUNT, REGION

_SPOKEN = ("IN_PROGRESS", "COMPLETED", "FAILED")
_SAID = ("inProgress", "completed", "failed")
_QUERIED = ("RUNNING", "SUCCEEDED", "FAILED")
_EXTENSIONS = {"mp3": "mp3", "ogg_vorbis": "ogg", "ogg_opus": "ogg", "pcm": "pcm", "json": "marks"}


def _named(job: Job) -> str:
    return str(job.params.get("TranscriptionJobName", ""))


def _key(job: Job) -> str:
    key, own = str(job.params.get("OutputKey") or ""), f"{_named(job)}.json"
    return f"{key}{own}" if not key or key.endswith("/") else key


def _transcription(job: Job) -> dict[str, Any]:
    """The TranscriptionJob of GetTranscriptionJob."""
    found = {
        "TranscriptionJobName": _named(job),
        "TranscriptionJobStatus": job.state(*_SPOKEN),
        **job.kept("LanguageCode", "MediaFormat", "MediaSampleRateHertz", "Media", "Settings"),
        "StartTime": job.begun,
        "CreationTime": job.begun,
    }
    if job.over is not None:
        found["CompletionTime"] = job.over
        bucket = job.params.get("OutputBucketName") or f"aws-transcribe-{REGION}-prod"
        uri = f"https://s3.{REGION}.amazonaws.com/{bucket}/{_key(job)}"
        found |= {"Transcript": {"TranscriptFileUri": uri}} if job.well else {"FailureReason": "The media could not be read."}
    return found


def _transcribed(job: Job) -> Iterator[Told]:
    if job.over is None:
        return
    if job.well and job.params.get("OutputBucketName"):
        made = {
            "jobName": _named(job),
            "accountId": ACCOUNT,
            "status": "COMPLETED",
            "results": {"transcripts": [{"transcript": ""}], "items": []},
        }
        yield Written(bucket=str(job.params["OutputBucketName"]), key=_key(job), body=json.dumps(made).encode())
    detail = {"TranscriptionJobName": _named(job), "TranscriptionJobStatus": job.state(*_SPOKEN)}
    yield Event(source="aws.transcribe", kind="Transcribe Job State Change", detail=detail)


def _speech_key(job: Job) -> str:
    prefix, extension = job.params.get("OutputS3KeyPrefix"), _EXTENSIONS.get(str(job.params.get("OutputFormat")), "mp3")
    return f"{prefix}.{job.id}.{extension}" if prefix else f"{job.id}.{extension}"


def _speech(job: Job) -> dict[str, Any]:
    """The SynthesisTask of GetSpeechSynthesisTask."""
    return {
        "TaskId": job.id,
        "TaskStatus": job.state(*_SAID),
        "OutputUri": f"https://s3.{REGION}.amazonaws.com/{job.params.get('OutputS3BucketName')}/{_speech_key(job)}",
        "CreationTime": job.begun,
        "RequestCharacters": len(str(job.params.get("Text", ""))),
        **job.kept("Engine", "LanguageCode", "OutputFormat", "SampleRate", "SnsTopicArn", "TextType", "VoiceId"),
        **({"TaskStatusReason": "The text could not be read."} if job.ended and not job.well else {}),
    }


def _spoken(job: Job) -> Iterator[Told]:
    if job.ended and job.well:
        yield Written(bucket=str(job.params.get("OutputS3BucketName", "")), key=_speech_key(job), body=b"")


def _location(job: Job) -> str:
    """Where the result of a query goes: under its id, with the ending that results of a SELECT have."""
    given = str((job.params.get("ResultConfiguration") or {}).get("OutputLocation") or job.output)
    return f"{given.rstrip('/')}/{job.id}.csv" if given else ""


def _query(job: Job) -> dict[str, Any]:
    """The QueryExecution of GetQueryExecution."""
    status = {"State": job.state(*_QUERIED), "SubmissionDateTime": job.begun}
    if job.over is not None:
        status["CompletionDateTime"] = job.over
        status |= {} if job.well else {"StateChangeReason": "The query failed."}
    return {
        "QueryExecutionId": job.id,
        "Query": job.params.get("QueryString", ""),
        "StatementType": "DML",
        "ResultConfiguration": {**(job.params.get("ResultConfiguration") or {}), "OutputLocation": _location(job)},
        "QueryExecutionContext": job.params.get("QueryExecutionContext") or {},
        "Status": status,
        "WorkGroup": job.params.get("WorkGroup", "primary"),
    }


def _queried(job: Job) -> Iterator[Told]:
    state = job.state(*_QUERIED)
    bucket, _, key = _location(job).removeprefix("s3://").partition("/")
    if job.ended and job.well and bucket:
        yield Written(bucket=bucket, key=key, body=b'"result"\n')
        yield Written(bucket=bucket, key=f"{key}.metadata", body=b"")
    detail = {
        "currentState": state,
        "previousState": "RUNNING" if job.ended else "QUEUED",
        "queryExecutionId": job.id,
        "sequenceNumber": "3" if job.ended else "2",
        "statementType": "DML",
        "versionId": "0",
        "workgroupName": job.params.get("WorkGroup", "primary"),
    }
    yield Event(source="aws.athena", kind="Athena Query State Change", detail=detail)


def _asked(name: str) -> Any:
    return lambda params: (str(params.get(name)),)


def _about(name: str, made: Any) -> Any:
    def answer(jobs: Any) -> Mapping[str, Any]:
        return {name: made(jobs[0])}

    return answer


PLAYS: tuple[Play, ...] = (
    Play(
        service="transcribe",
        operation="StartTranscriptionJob",
        response=_about("TranscriptionJob", _transcription),
        asked=_asked("TranscriptionJobName"),
        named=lambda job: (_named(job),),
        answer=_about("TranscriptionJob", _transcription),
        told=_transcribed,
        missing="BadRequestException",
        taken="ConflictException",
    ),
    Play(
        service="polly",
        operation="StartSpeechSynthesisTask",
        response=_about("SynthesisTask", _speech),
        asked=_asked("TaskId"),
        answer=_about("SynthesisTask", _speech),
        told=_spoken,
        missing="SynthesisTaskNotFoundException",
    ),
    Play(
        service="athena",
        operation="StartQueryExecution",
        response=lambda jobs: {"QueryExecutionId": jobs[0].id},
        asked=_asked("QueryExecutionId"),
        answer=_about("QueryExecution", _query),
        told=_queried,
        missing="InvalidRequestException",
        token="ClientRequestToken",  # noqa: S106 — a parameter's name
    ),
)
