"""A step of an EMR cluster: the default bus hears that it runs, is complete, has failed or was cancelled.

EMR guide, "Monitor Amazon EMR events with CloudWatch"
(https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-cloudwatch-events.html): the detail holds severity,
actionOnFailure, stepId, name, clusterId, state and message, and the message is a sentence that is shown by examples. A call that
adds several steps is told of several ends. How Step Functions writes the cause of a step that failed is not documented:
`.sync` is taken where a rule hears of completion only ("Create and manage Amazon EMR clusters with Step Functions",
https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html).
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.envelope.form import Names
from untangle.channels.envelope.job.form import HEARS, JobForm, Notice, Sync, event, every, only, states_only
from untangle.model.code import Call
from untangle.model.step import Stop

_KIND = "EMR Step Status Change"
_TOLD = ("COMPLETED", "FAILED", "CANCELLED")


def _effect(stop: Stop, names: Names) -> str:
    return event(
        "aws.emr",
        _KIND,
        "",
        "$a.Step.Status.Timeline.EndDateTime",
        """{
  'severity': $lookup({'COMPLETED': 'INFO', 'FAILED': 'ERROR', 'CANCELLED': 'WARN'}, $a.Step.Status.State),
  'actionOnFailure': $a.Step.ActionOnFailure,
  'stepId': $a.Step.Id,
  'name': $a.Step.Name,
  'clusterId': $e.params.JobFlowId,
  'state': $a.Step.Status.State,
  'message': 'Step ' & $a.Step.Id & ' (' & $a.Step.Name & ') in Amazon EMR cluster ' & $e.params.JobFlowId
}""",
    )


def _one(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
    """Refuses calls that may add several steps."""
    for call in calls:
        added = call.arguments.get("Steps")
        if not isinstance(added, tuple) or len(added) != 1:
            yield f"the call may add several steps ({call.location})"


JOBS: tuple[JobForm, ...] = (
    JobForm(
        service="emr",
        operation="AddJobFlowSteps",
        asks="emr:describeStep",
        arguments={"ClusterId": "$e.params.JobFlowId", "StepId": "$e.response.StepIds[0]"},
        answer="{'Step': $states.result.Step}",
        state="$a.Step.Status.State",
        ended=(*_TOLD, "INTERRUPTED"),
        notices=(
            Notice(
                type="eventbridge",
                told=_TOLD,
                effect=_effect,
                lost=("message",),
                refuses=every(states_only(*_TOLD, at="state", kind=_KIND), only(), _one),
                unset={"Steps": "the cluster tells of the steps that it begins with too"},
            ),
        ),
        page="https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-cloudwatch-events.html",
        sync=Sync(
            resource="elasticmapreduce:addStep.sync",
            arguments="{'ClusterId': $e.params.JobFlowId, 'Step': $e.params.Steps[0]}",
            throttled=("ElasticMapReduce.ThrottlingException", "ElasticMapReduce.InternalServerException"),
            found='"(s-[0-9A-Z]+)"',
            response="{'StepIds': [$found]}",
            takes=("JobFlowId", "Steps"),
            well=("state", ("COMPLETED",)),
            actions=("elasticmapreduce:AddJobFlowSteps", "elasticmapreduce:CancelSteps", *HEARS),
        ),
    ),
)
