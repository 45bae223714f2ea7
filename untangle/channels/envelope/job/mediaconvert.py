"""A job of MediaConvert: the default bus hears that it is complete, has failed or was cancelled.

MediaConvert guide, "EventBridge event types" (https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_cwe_events.html).
GetJob answers neither where the outputs went (`outputFilePaths`, `playlistFilePaths`) nor what was found out on the way: who
reads that needs the real event. How Step Functions writes the cause of a job that failed is not documented: `.sync` is taken
where a rule hears of completion only.
Step Functions guide, "Create AWS Elemental MediaConvert jobs with Step Functions"
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-mediaconvert.html).
"""

from __future__ import annotations

from untangle.channels.envelope.form import ACCOUNT, Names, fill
from untangle.channels.envelope.job.form import HEARS, NOW, JobForm, Notice, Sync, event, every, only, states_only
from untangle.model.step import Stop

_KIND = "MediaConvert Job State Change"
_ENDED = ("COMPLETE", "ERROR", "CANCELED")


def _effect(stop: Stop, names: Names) -> str:
    detail = fill(
        """
(
  $j := $a.Job;
  $common := {
    'timestamp': $toMillis($exists($j.Timing.FinishTime) ? $j.Timing.FinishTime : <<now>>),
    'accountId': <<account>>,
    'queue': $j.Queue,
    'jobId': $j.Id,
    'status': $j.Status,
    'userMetadata': $exists($j.UserMetadata) ? $j.UserMetadata : {}
  };
  $outputs := [$j.OutputGroupDetails.{
    'outputDetails': [$.OutputDetails.{
      'durationInMs': $.DurationInMs,
      'videoDetails': {'widthInPx': $.VideoDetails.WidthInPx, 'heightInPx': $.VideoDetails.HeightInPx}
    }]
  }];
  $merge([
    $common,
    $j.Status = 'COMPLETE' ? {'outputGroupDetails': $outputs} : {},
    $j.Status = 'ERROR' ? {'errorCode': $j.ErrorCode, 'errorMessage': $j.ErrorMessage} : {}
  ])
)""",
        now=NOW,
        account=ACCOUNT,
    )
    return event("aws.mediaconvert", _KIND, "$a.Job.Arn", "$a.Job.Timing.FinishTime", detail)


JOBS: tuple[JobForm, ...] = (
    JobForm(
        service="mediaconvert",
        operation="CreateJob",
        asks="mediaconvert:getJob",
        arguments={"Id": "$e.response.Job.Id"},
        answer="$states.result",
        state="$a.Job.Status",
        ended=_ENDED,
        notices=(
            Notice(
                type="eventbridge",
                told=_ENDED,
                effect=_effect,
                lost=(
                    "timestamp", "outputFilePaths", "playlistFilePaths", "type", "averageBitrate", "averageQVBRScore",
                    "minQVBRScore", "maxQVBRScore", "minQVBRScoreLocation", "maxQVBRScoreLocation", "paddingInserted",
                    "blackVideoDetected", "blackVideoSegments", "warnings",
                ),
                refuses=every(states_only(*_ENDED, at="status", kind=_KIND), only()),
            ),
        ),
        page="https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_cwe_events.html",
        sync=Sync(
            resource="mediaconvert:createJob.sync",
            arguments="$e.params",
            throttled=("MediaConvert.TooManyRequestsException",),
            found=':jobs\\/([^"]+)"',
            response="{'Job': {'Id': $found}}",
            well=("status", ("COMPLETE",)),
            actions=("mediaconvert:CancelJob", "mediaconvert:CreateJob", *HEARS, "iam:PassRole"),
        ),
    ),
)  # fmt: skip
