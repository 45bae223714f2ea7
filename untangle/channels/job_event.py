"""Events of AWS services about the ends of jobs that code starts, as rules on the default bus see them.

A rule says by the fields of an event's detail which jobs it is about: by the job's name, queue, cluster or project. What the call
that starts the job gives for these names is compared with that; fields that tell how it ended are open.
Glue: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
Batch: https://docs.aws.amazon.com/batch/latest/userguide/batch_cwe_events.html
ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
CodeBuild: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
MediaConvert: https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_cwe_events.html
EMR: https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-cloudwatch-events.html
Transcribe: https://docs.aws.amazon.com/transcribe/latest/dg/monitoring-events.html
Athena: https://docs.aws.amazon.com/athena/latest/ug/athena-events.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from untangle.model.value import Value

POINTER = re.compile(r"\$\{([^{}]+?)\}\Z")  # how a pattern that is shown holds what is known when it is deployed
_OPEN = frozenset({"source", "detail-type", "detail", "account", "region"})  # a scan is about one account and region


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """What a service tells of the jobs that `operations` start.

    `kinds` are the detail types; `names` the fields of the detail that say which job it is about, each with the parameter of the
    call that has the same name; `states` the fields that say how it stands.
    """

    source: str
    operations: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    names: Mapping[str, str]
    states: frozenset[str]


JOB_EVENTS: tuple[JobEvent, ...] = (
    JobEvent(
        source="aws.glue",
        operations=(("glue", "StartJobRun"),),
        kinds=("Glue Job State Change", "Glue Job Run Status"),
        names={"jobName": "JobName"},
        states=frozenset({"state", "severity", "message"}),
    ),
    JobEvent(
        source="aws.batch",
        operations=(("batch", "SubmitJob"),),
        kinds=("Batch Job State Change",),
        names={"jobQueue": "jobQueue", "jobDefinition": "jobDefinition", "jobName": "jobName"},
        states=frozenset({"status", "statusReason"}),
    ),
    JobEvent(
        source="aws.ecs",
        operations=(("ecs", "RunTask"), ("ecs", "StartTask")),
        kinds=("ECS Task State Change",),
        names={"clusterArn": "cluster", "taskDefinitionArn": "taskDefinition"},
        states=frozenset({"lastStatus", "desiredStatus", "stopCode", "stoppedReason", "containers"}),
    ),
    JobEvent(
        source="aws.codebuild",
        operations=(("codebuild", "StartBuild"),),
        kinds=("CodeBuild Build State Change", "CodeBuild Build Phase Change"),
        names={"project-name": "projectName"},
        states=frozenset({"build-status", "completed-phase", "completed-phase-status"}),
    ),
    JobEvent(
        source="aws.mediaconvert",
        operations=(("mediaconvert", "CreateJob"),),
        kinds=("MediaConvert Job State Change",),
        names={"queue": "Queue"},
        states=frozenset({"status"}),
    ),
    JobEvent(
        source="aws.emr",
        operations=(("emr", "AddJobFlowSteps"),),
        kinds=("EMR Step Status Change",),
        names={"clusterId": "JobFlowId"},
        states=frozenset({"state", "severity"}),
    ),
    JobEvent(
        source="aws.transcribe",
        operations=(("transcribe", "StartTranscriptionJob"),),
        kinds=("Transcribe Job State Change",),
        names={"TranscriptionJobName": "TranscriptionJobName"},
        states=frozenset({"TranscriptionJobStatus"}),
    ),
    JobEvent(
        source="aws.athena",
        operations=(("athena", "StartQueryExecution"),),
        kinds=("Athena Query State Change",),
        names={"workgroupName": "WorkGroup"},
        states=frozenset({"currentState", "previousState", "statementType", "sequenceNumber"}),
    ),
)
_BY_OPERATION = {operation: event for event in JOB_EVENTS for operation in event.operations}
_BY_NODE = {f"eventbridge/{event.source}": event for event in JOB_EVENTS}


def job_event(service: str, operation: str) -> JobEvent | None:
    """What is told of the jobs that an operation starts; None where nothing is known of it."""
    return _BY_OPERATION.get((service, operation))


def heard_at(node: str) -> JobEvent | None:
    """The events that a node of the default bus stands for: those of one service; None for any other channel."""
    return _BY_NODE.get(node)


def without_names(event: JobEvent, pattern: Value) -> Value:
    """The pattern without the tests for one thing of the scan that says which jobs it is about: the hop says so already."""
    detail = pattern.get("detail") if isinstance(pattern, Mapping) else None
    if not isinstance(pattern, Mapping) or not isinstance(detail, Mapping):
        return pattern
    kept = {key: inner for key, inner in detail.items() if key not in event.names or not _one_pointer(inner)}
    return {**pattern, "detail": kept} if kept else {key: inner for key, inner in pattern.items() if key != "detail"}


def tells(event: JobEvent, pattern: Value, named: Callable[[str, str], bool]) -> str:
    """What a rule's pattern says of one call's jobs: "named", "any" where it names none, "" where it may be about others.

    `named` says whether a text of the pattern is surely what the call gives for a parameter.
    """
    if not isinstance(pattern, Mapping) or pattern.keys() - _OPEN or not _has(pattern.get("source"), (event.source,)):
        return ""
    if "detail-type" in pattern and not _has(pattern["detail-type"], event.kinds):
        return ""
    detail = pattern.get("detail", {})
    if not isinstance(detail, Mapping) or detail.keys() - event.names.keys() - event.states:
        return ""
    asked = [(parameter, detail[field]) for field, parameter in event.names.items() if field in detail]
    agree = all(any(isinstance(text, str) and named(parameter, text) for text in _listed(wanted)) for parameter, wanted in asked)
    return "" if not agree else "named" if asked else "any"


def _has(wanted: Value, texts: tuple[str, ...]) -> bool:
    return any(item in texts for item in _listed(wanted) if isinstance(item, str))


def _listed(wanted: Value) -> tuple[Value, ...]:
    return wanted if isinstance(wanted, tuple) else (wanted,)


def _one_pointer(wanted: Value) -> bool:
    items = wanted if isinstance(wanted, tuple) else (wanted,)
    return len(items) == 1 and isinstance(items[0], str) and POINTER.match(items[0]) is not None
