"""A job of AWS Batch: every change of its state is told to the default bus, with the job as DescribeJobs answers it.

Batch guide, "AWS Batch events" (https://docs.aws.amazon.com/batch/latest/userguide/batch_cwe_events.html): "the detail section
resembles the JobDetail object". Attempts are within one job. An array job tells of each child, one on several nodes of each node.
`.sync` adds a variable to the container's environment and needs a managed rule: Step Functions guide, "Run AWS Batch workloads
with Step Functions" (https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html).
"""

from __future__ import annotations

from untangle.channels.envelope.form import Names
from untangle.channels.envelope.job.form import HEARS, JobForm, Notice, Sync, event, every, only, recased, states_only, without
from untangle.model.step import Stop

_KIND = "Batch Job State Change"
_ENDED = ("SUCCEEDED", "FAILED")
# What the event writes otherwise than the answer, or what stands deeper in it than is documented.
_LOST = (
    "tags", "nodeDetails", "nodeProperties", "arrayProperties", "eksProperties", "eksAttempts", "ecsProperties",
    "consumableResourceProperties",
)  # fmt: skip
_SEVERAL = "the job has several parts, and each tells of its own end"


def _effect(stop: Stop, names: Names) -> str:
    job = without("$a.Jobs[0]", _LOST)
    ended = "$fromMillis($a.Jobs[0].StoppedAt)"
    return event("aws.batch", _KIND, "$a.Jobs[0].JobArn", ended, recased(job, "lower", ("Parameters", "Options")))


JOBS: tuple[JobForm, ...] = (
    JobForm(
        service="batch",
        operation="SubmitJob",
        asks="batch:describeJobs",
        arguments={"Jobs": "[$e.response.jobId]"},
        answer="$states.result",
        state="$a.Jobs[0].Status",
        ended=_ENDED,
        notices=(
            Notice(
                type="eventbridge",
                told=_ENDED,
                effect=_effect,
                lost=_LOST,
                refuses=every(
                    states_only(*_ENDED, at="status", kind=_KIND),
                    only(("arrayProperties", _SEVERAL), ("nodeOverrides", _SEVERAL)),
                ),
                unset={"NodeProperties": _SEVERAL},
                declared=("jobDefinition",),
            ),
        ),
        page="https://docs.aws.amazon.com/batch/latest/userguide/batch_cwe_events.html",
        sync=Sync(
            resource="batch:submitJob.sync",
            arguments=recased("$e.params", "upper", ("parameters", "tags")),
            throttled=("Batch.TooManyRequestsException",),
            found='"JobId":\\s*"([^"]+)"',
            response="{'jobId': $found}",
            takes=(
                "jobName", "jobQueue", "jobDefinition", "parameters", "containerOverrides", "retryStrategy", "timeout", "tags",
                "propagateTags",
            ),
            lost=("environment",),
            differs=("the container finds the variable MANAGED_BY_AWS in its environment, which Step Functions adds",),
            actions=("batch:SubmitJob", "batch:TerminateJob", *HEARS),
        ),
    ),
)  # fmt: skip
