"""A step of an EMR cluster. Events: https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-cloudwatch-events.html.

All steps of a call run at once, as on a cluster with a step concurrency that allows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from untangle.simulate.jobs.job import Event, Job, Play, Told

_STATES = ("RUNNING", "COMPLETED", "FAILED")
_ENDS = {"RUNNING": "started running", "COMPLETED": "completed execution", "FAILED": "failed"}


def _id(job: Job) -> str:
    return f"s-{job.id.upper()}"


def _asked_for(job: Job) -> dict[str, Any]:
    return dict(job.params["Steps"][job.number])


def _step(job: Job) -> dict[str, Any]:
    """The Step of DescribeStep."""
    asked = _asked_for(job)
    jar = asked.get("HadoopJarStep") or {}
    timeline = {"CreationDateTime": job.begun, "StartDateTime": job.begun}
    if job.over is not None:
        timeline["EndDateTime"] = job.over
    return {
        "Id": _id(job),
        "Name": asked.get("Name", ""),
        "Config": {
            "Jar": jar.get("Jar", ""),
            "Properties": {item["Key"]: item.get("Value", "") for item in jar.get("Properties") or ()},
            **({"MainClass": jar["MainClass"]} if "MainClass" in jar else {}),
            "Args": list(jar.get("Args") or ()),
        },
        "ActionOnFailure": asked.get("ActionOnFailure", "CONTINUE"),
        "Status": {"State": job.state(*_STATES), "StateChangeReason": {}, "Timeline": timeline},
    }


def _told(job: Job) -> Iterator[Told]:
    step, cluster = _step(job), job.params.get("JobFlowId", "")
    state = step["Status"]["State"]
    at = (job.over or job.begun).strftime("%Y-%m-%d %H:%M UTC")
    detail = {
        "severity": "ERROR" if state == "FAILED" else "INFO",
        "actionOnFailure": step["ActionOnFailure"],
        "stepId": step["Id"],
        "name": step["Name"],
        "clusterId": cluster,
        "state": state,
        "message": f"Step {step['Id']} ({step['Name']}) in Amazon EMR cluster {cluster} {_ENDS[state]} at {at}.",
    }
    yield Event(source="aws.emr", kind="EMR Step Status Change", detail=detail)


PLAYS: tuple[Play, ...] = (
    Play(
        service="emr",
        operation="AddJobFlowSteps",
        response=lambda jobs: {"StepIds": [_id(job) for job in jobs]},
        asked=lambda params: (str(params.get("StepId")),),
        named=lambda job: (_id(job),),
        answer=lambda jobs: {"Step": _step(jobs[0])},
        told=_told,
        several=lambda params: len(params.get("Steps") or ()),
        missing="InvalidRequestException",
    ),
)
