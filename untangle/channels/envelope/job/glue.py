"""A run of a Glue job: Glue tells the default bus when it has succeeded, failed, run out of time or was stopped.

Glue guide, "Automating AWS Glue with EventBridge"
(https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html): the detail holds jobName, severity,
state, jobRunId and message; how the message of a run that did not succeed is worded is shown by examples only, so who reads it
needs the real one. Glue starts a run of its own for each of MaxRetries, which tells of its own end.
Step Functions guide, "Start an AWS Glue job with Step Functions"
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html).
"""

from __future__ import annotations

from untangle.channels.envelope.form import Names
from untangle.channels.envelope.job.form import JobForm, Notice, Sync, event, every, only, states_only
from untangle.model.step import Stop

_KIND = "Glue Job State Change"
_TOLD = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED")


def _effect(stop: Stop, names: Names) -> str:
    return event(
        "aws.glue",
        _KIND,
        "",
        "$a.JobRun.CompletedOn",
        """{
  'jobName': $a.JobRun.JobName,
  'severity': $a.JobRun.JobRunState = 'FAILED' ? 'ERROR' : $a.JobRun.JobRunState = 'TIMEOUT' ? 'WARN' : 'INFO',
  'state': $a.JobRun.JobRunState,
  'jobRunId': $a.JobRun.Id,
  'message': $a.JobRun.JobRunState = 'SUCCEEDED' ? 'Job run succeeded' : $string($a.JobRun.ErrorMessage)
}""",
    )


JOBS: tuple[JobForm, ...] = (
    JobForm(
        service="glue",
        operation="StartJobRun",
        asks="glue:getJobRun",
        arguments={"JobName": "$e.params.JobName", "RunId": "$e.response.JobRunId"},
        answer="{'JobRun': $states.result.JobRun}",
        state="$a.JobRun.JobRunState",
        ended=(*_TOLD, "ERROR", "EXPIRED"),
        notices=(
            Notice(
                type="eventbridge",
                told=_TOLD,
                effect=_effect,
                lost=("message",),
                refuses=every(states_only(*_TOLD, at="state", kind=_KIND), only()),
                unset={"MaxRetries": "Glue tries a run again that failed, and each try tells of its own end"},
            ),
        ),
        page="https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html",
        sync=Sync(
            resource="glue:startJobRun.sync",
            arguments="$e.params",
            throttled=("Glue.ConcurrentRunsExceededException", "Glue.OperationTimeoutException"),
            found='"(jr_[^"]+)"',
            response="{'JobRunId': $found}",
            takes=(
                "JobName",
                "Arguments",
                "AllocatedCapacity",
                "Timeout",
                "MaxCapacity",
                "SecurityConfiguration",
                "NotificationProperty",
                "WorkerType",
                "NumberOfWorkers",
            ),
            actions=("glue:BatchStopJobRun", "glue:GetJobRuns", "glue:StartJobRun"),
        ),
    ),
)
