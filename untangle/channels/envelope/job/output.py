"""Jobs whose end is an object that they write: Transcribe, Polly, Athena. A job that failed writes none.

The object's size, tag and version are asked of S3. Whether it was written in one piece or in parts is not known, so who reads the
name of the event, or hears of one way only, needs the real one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.envelope.form import Names, fill
from untangle.channels.envelope.job.form import NOW, JobForm, Notice, Refusal, Sync, every, only
from untangle.model.code import Call
from untangle.model.step import Stop
from untangle.model.value import Value, parts_of

_WAYS = ("ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload")


def _effect(stop: Stop, names: Names) -> str:
    return fill(
        """
{
  'id': $e.id & '#end',
  'service': 's3',
  'op': 'PutObject',
  'params': {'Bucket': $place.Bucket, 'Key': $place.Key},
  'response': {'ETag': $o.ETag, 'VersionId': $o.VersionId},
  'at': <<now>>,
  'size': $o.ContentLength
}""",
        now=NOW,
    )


def _every_way(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
    """Refuses notifications that tell of one way to write an object and not of the other."""
    filters = [stop.filter for stop in way if isinstance(stop.filter, Mapping)]
    for filter in filters:
        if "anyOf" in filter:
            yield "several notifications of the bucket lead there"
        detail = filter.get("detail")
        if isinstance(detail, Mapping) and "reason" in detail:
            yield "its rule asks how the object was written, which is not known"
    listed = filters[0].get("events", way[0].delivery.get("events")) if filters else way[0].delivery.get("events")
    types = [str(item).removeprefix("s3:") for item in listed] if isinstance(listed, tuple | list) else []
    if types and not all(any(_covers(type, name) for type in types) for name in _WAYS):
        yield "its notification tells of some ways to write an object only, and which one the job takes is not known"


def _covers(type: str, name: str) -> bool:
    return name.startswith(type[:-1]) if type.endswith("*") else name == type


def _notice(told: str, place: str, *refusals: Refusal, differs: tuple[str, ...] = ()) -> Notice:
    return Notice(
        type="s3",
        told=(told,),
        effect=_effect,
        lost=("eventName", "reason"),
        refuses=every(_every_way, *refusals),
        place=place,
        differs=differs,
    )


# https://docs.aws.amazon.com/transcribe/latest/APIReference/API_StartTranscriptionJob.html, OutputKey
_TRANSCRIPT = """
(
  $key := $e.params.OutputKey;
  $own := $e.params.TranscriptionJobName & '.json';
  {
    'Bucket': $e.params.OutputBucketName,
    'Key': $exists($key) and $key != '' ? ($substring($key, -1) = '/' ? $key & $own : $key) : $own
  }
)"""
_SEVERAL = "the job writes several objects"
# https://docs.aws.amazon.com/polly/latest/dg/longer-cli.html: https://s3.us-east-2.amazonaws.com/bucket/prefix.task.mp3
_SPEECH = """
{
  'Bucket': $e.params.OutputS3BucketName,
  'Key': $substringAfter($a.SynthesisTask.OutputUri, '/' & $e.params.OutputS3BucketName & '/')
}"""
# https://docs.aws.amazon.com/athena/latest/APIReference/API_ResultConfiguration.html, OutputLocation
_RESULT = """
(
  $written := $substringAfter($a.QueryExecution.ResultConfiguration.OutputLocation, 's3://');
  {'Bucket': $substringBefore($written, '/'), 'Key': $substringAfter($written, '/')}
)"""


def _selects(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
    """Athena writes the metadata beside the result, and a manifest beside that of an INSERT."""
    suffixes = {filter.get("suffix") for stop in way[:1] if isinstance(filter := stop.filter, Mapping)}
    if suffixes != {".csv"}:
        yield "it also hears of the metadata that Athena writes beside a result, as it does not ask for the suffix .csv"
    for call in calls:
        if not _lead(call.arguments.get("QueryString")).startswith(("select", "with")):
            yield f"that the query is a SELECT, which writes one result, is not seen ({call.location})"


def _lead(query: Value) -> str:
    first = parts_of(query)[0] if query is not None else None
    return first.lstrip().lower() if isinstance(first, str) else ""


JOBS: tuple[JobForm, ...] = (
    JobForm(
        service="transcribe",
        operation="StartTranscriptionJob",
        asks="transcribe:getTranscriptionJob",
        arguments={"TranscriptionJobName": "$e.params.TranscriptionJobName"},
        answer="$states.result",
        state="$a.TranscriptionJob.TranscriptionJobStatus",
        ended=("COMPLETED", "FAILED"),
        notices=(
            _notice(
                "COMPLETED",
                _TRANSCRIPT.strip(),
                only(("Subtitles", _SEVERAL), ("ContentRedaction", _SEVERAL)),
                differs=("the file with which Transcribe tries whether it may write no longer starts the function",),
            ),
        ),
        page="https://docs.aws.amazon.com/transcribe/latest/APIReference/API_StartTranscriptionJob.html",
    ),
    JobForm(
        service="polly",
        operation="StartSpeechSynthesisTask",
        asks="polly:getSpeechSynthesisTask",
        arguments={"TaskId": "$e.response.SynthesisTask.TaskId"},
        answer="$states.result",
        state="$a.SynthesisTask.TaskStatus",
        ended=("completed", "failed"),
        notices=(_notice("completed", _SPEECH.strip(), only()),),
        page="https://docs.aws.amazon.com/polly/latest/dg/longer-cli.html",
    ),
    JobForm(
        service="athena",
        operation="StartQueryExecution",
        asks="athena:getQueryExecution",
        arguments={"QueryExecutionId": "$e.response.QueryExecutionId"},
        answer="$states.result",
        state="$a.QueryExecution.Status.State",
        ended=("SUCCEEDED", "FAILED", "CANCELLED"),
        notices=(
            _notice(
                "SUCCEEDED",
                _RESULT.strip(),
                _selects,
                only(("ResultReuseConfiguration", "a result that is reused is not written")),
            ),
        ),
        page="https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html",
        sync=Sync(
            resource="athena:startQueryExecution.sync", arguments="$e.params", throttled=("Athena.TooManyRequestsException",)
        ),
    ),
)
