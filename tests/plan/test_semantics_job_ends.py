"""Jobs whose end the service tells the default bus: Batch, Glue, ECS, CodeBuild, MediaConvert.

A row that moves has a definition (`golden/job-ends/<name>.json`, its adapters left out), executed with what the services are
documented to answer; the event that the consumer gets is held against the one that EventBridge is documented to deliver. A row
that stays says which condition is missing. UNTANGLE_UPDATE=1 writes the files anew: read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import Handlers, definition, effect
from tests.golden import golden
from tests.machines import Failed, Machine
from tests.plan.test_semantics import AT, MILLIS
from tests.plan.test_shapes import outline
from untangle.asl import validate
from untangle.emit.asl import asl_definition
from untangle.model.code import Call, CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Link, Passage
from untangle.model.location import Location
from untangle.model.node import ChannelNode, Function
from untangle.model.resource import Inventory, Resource
from untangle.model.shape import Read
from untangle.model.step import Job, steps
from untangle.model.value import Either, Env, Ref, Symbol
from untangle.plan import plan
from untangle.plan.jobs.awaited import Awaited, awaited, job_actions
from untangle.plan.size import transitions

GOLDEN = Path(__file__).parent / "golden" / "job-ends"
PLACE = Location("start/app.py", 7)  # where arrow notation has the call of a hop
ACCOUNT = "111122223333"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service as the rows use it: how its jobs are started, what rules name, and of which kind and state they hear."""

    operation: tuple[str, str]
    kind: str
    names: str
    state: str
    arguments: Mapping[str, Any]
    resources: tuple[Resource, ...]


def resource(name: str, type: str, **properties: Any) -> Resource:
    return Resource(id=f"app/{name}", type=type, stack="app", address=name, properties=properties)


JOB = resource("Job", "AWS::Glue::Job", Command={"Name": "glueetl"})
QUEUE = resource("Queue", "AWS::Batch::JobQueue")
BATCHED = resource("Batched", "AWS::Batch::JobDefinition", Type="container")
CLUSTER = resource("Cluster", "AWS::ECS::Cluster")
PROJECT = resource("Project", "AWS::CodeBuild::Project", Name="site")
MEDIA = resource("Media", "AWS::MediaConvert::Queue")
EMR = resource("Emr", "AWS::EMR::Cluster")
SERVICES = {
    "glue": Service(
        operation=("glue", "StartJobRun"),
        kind="Glue Job State Change",
        names="jobName",
        state="state",
        arguments={"JobName": Env("JOB")},
        resources=(JOB,),
    ),
    "batch": Service(
        operation=("batch", "SubmitJob"),
        kind="Batch Job State Change",
        names="jobQueue",
        state="status",
        arguments={"jobName": "x", "jobQueue": Ref("app/Queue"), "jobDefinition": Ref("app/Batched")},
        resources=(QUEUE, BATCHED),
    ),
    "ecs": Service(
        operation=("ecs", "RunTask"),
        kind="ECS Task State Change",
        names="clusterArn",
        state="lastStatus",
        arguments={"cluster": Ref("app/Cluster"), "taskDefinition": "x", "count": 1},
        resources=(CLUSTER,),
    ),
    "codebuild": Service(
        operation=("codebuild", "StartBuild"),
        kind="CodeBuild Build State Change",
        names="project-name",
        state="build-status",
        arguments={"projectName": "site"},
        resources=(PROJECT,),
    ),
    "emr": Service(
        operation=("emr", "AddJobFlowSteps"),
        kind="EMR Step Status Change",
        names="clusterId",
        state="state",
        arguments={"JobFlowId": Ref("app/Emr"), "Steps": ({"Name": "copy"},)},
        resources=(EMR,),
    ),
    "mediaconvert": Service(
        operation=("mediaconvert", "CreateJob"),
        kind="MediaConvert Job State Change",
        names="queue",
        state="status",
        arguments={"Queue": Ref("app/Media"), "Role": "r", "Settings": {}},
        resources=(MEDIA,),
    ),
}
POINTED = {"glue": "${app/Job}", "batch": "${app/Queue}", "ecs": "${app/Cluster.Arn}", "codebuild": "site", "emr": "${app/Emr}"}


def started(kind: str, *, answered: bool | None = None, **arguments: Any) -> Call:
    """The call that starts a job, at the place of its hop."""
    service = SERVICES[kind]
    return Call(
        service=service.operation[0], operation=service.operation[1], location=PLACE, text="", mediated="job",
        arguments={**service.arguments, **arguments}, answered=answered,
    )  # fmt: skip


def code(name: str, *calls: Call, reads: tuple[str, ...] = (), readable: bool = True) -> CodeFacts:
    read = (Read(path=reads, required=True, location=Location(f"{name.lower()}/app.py", 3)),) if reads else ()
    return CodeFacts(function=f"app/{name}", readable=readable, calls=calls, reads=read)


def heard(kind: str, *states: str, **detail: Any) -> dict[str, Any]:
    """The pattern of a rule on the ends of what is named."""
    service = SERVICES[kind]
    about = {service.names: (POINTED.get(kind, "${app/Media.Arn}"),), service.state: states, **detail}
    return {"source": (f"aws.{kind}",), "detail-type": (service.kind,), "detail": about}


def graph(
    kind: str,
    pattern: Any,
    *calls: Call,
    text: str = "start -eventbridge:Default-> take",
    reads: tuple[str, ...] = (),
    more: tuple[Resource, ...] = (),
    without: tuple[Resource, ...] = (),
    facts: Mapping[str, CodeFacts] | None = None,
    environment: Mapping[str, Any] | None = None,
    readable: bool = True,
) -> EventGraph:
    """`start` starts jobs, and the rule on the default bus brings their ends to those behind it."""
    behind = {name: code(name.title(), reads=reads, readable=readable) for name in ("take", "mail") if name in text}
    made = arrows(
        text,
        filters={"Default": pattern},
        hops={f"start>{name}": {"mediated": True} for name in behind},
        code={"start": code("Start", *calls), **behind, **(facts or {})},
        functions={"start": {"environment": environment or {"JOB": Ref("app/Job")}}},
    )
    kept = (*(item for item in SERVICES[kind].resources if item not in without), *more)
    return on_default_bus(replace(made, inventory=Inventory(resources=kept)), f"aws.{kind}")


def on_default_bus(graph: EventGraph, service: str) -> EventGraph:
    """The graph with its bus as the node that stands for the events of a service."""
    node = f"eventbridge/{service}"

    def named(id: str) -> str:
        return node if id == "app/Default" else id

    def passage(item: Passage) -> Passage:
        return replace(item, channel=named(item.channel))

    def link(item: Link) -> Link:
        return replace(item, source=named(item.source), target=named(item.target))

    def hop(item: Hop) -> Hop:
        return replace(item, passages=tuple(map(passage, item.passages)), links=tuple(map(link, item.links)))

    bus = ChannelNode(id=node, type="eventbridge", address=service, stack="", name=service, external=True)
    others = tuple(item for item in graph.channels if item.id != "app/Default")
    return replace(
        graph,
        channels=(*others, bus),
        links=tuple(map(link, graph.links)),
        hops=tuple(sorted(map(hop, graph.hops), key=lambda item: item.id)),
    )


def event(kind: str, resources: list[str], detail: Any) -> dict[str, Any]:
    """The event as EventBridge delivers it, without its id, which is made up."""
    return {
        "version": "0", "detail-type": SERVICES[kind].kind, "source": f"aws.{kind}", "account": ACCOUNT,
        "time": "2026-01-01T00:00:00Z", "region": "eu-west-1", "resources": resources, "detail": detail,
    }  # fmt: skip


# Glue

RUN = {"Id": "jr_1", "JobName": "app-job", "Attempt": 0, "JobRunState": "SUCCEEDED", "CompletedOn": AT}
FAILED_RUN = {**RUN, "JobRunState": "FAILED", "ErrorMessage": "no such table"}
GET_RUN, RUN_SYNC = "aws-sdk:glue:getJobRun", "glue:startJobRun.sync"
START_RUN = effect("glue", "StartJobRun", {"JobName": "app-job", "Arguments": {"--day": "1"}}, {"JobRunId": "jr_1"})
HELD_RUN = {**START_RUN, "response": {"JobRunId": "made-up"}}


def run_ended(state: str, severity: str, message: str) -> dict[str, Any]:
    detail = {"jobName": "app-job", "severity": severity, "state": state, "jobRunId": "jr_1", "message": message}
    return event("glue", [], detail)


# Batch

JOB_ARN = f"arn:aws:batch:eu-west-1:{ACCOUNT}:job/b-1"
# What DescribeJobs answers, in the names of the service.
BATCH_JOB = {
    "jobArn": JOB_ARN, "jobName": "x", "jobId": "b-1", "jobQueue": f"arn:aws:batch:eu-west-1:{ACCOUNT}:job-queue/q",
    "status": "SUCCEEDED", "statusReason": "Essential container in task exited", "createdAt": 1, "startedAt": 2,
    "stoppedAt": int(MILLIS),
    "attempts": [{"container": {"exitCode": 0, "networkInterfaces": []}, "startedAt": 2, "stoppedAt": 3}],
    "retryStrategy": {"attempts": 1, "evaluateOnExit": []}, "dependsOn": [], "parameters": {"Day": "1"},
    "jobDefinition": f"arn:aws:batch:eu-west-1:{ACCOUNT}:job-definition/d:1",
    "container": {
        "image": "busybox", "command": ["sleep", "600"], "environment": [{"name": "A", "value": "b"}], "exitCode": 0,
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "G"}}, "secrets": [],
    },
    "platformCapabilities": ["FARGATE"], "propagateTags": False,
}  # fmt: skip
SUBMITTED = effect("batch", "SubmitJob", {"jobName": "x", "jobQueue": "q", "jobDefinition": "d"}, {"jobId": "b-1"})
DESCRIBE_JOBS, SUBMIT_SYNC = "aws-sdk:batch:describeJobs", "batch:submitJob.sync"

# ECS

TASK_ARN, CLUSTER_ARN = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task/c/t1", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/c"
ECS_TASK = {
    "taskArn": TASK_ARN, "clusterArn": CLUSTER_ARN, "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "cpu": "256",
    "containers": [{"name": "app", "exitCode": 1, "lastStatus": "STOPPED", "networkInterfaces": []}], "launchType": "FARGATE",
    "overrides": {"containerOverrides": [{"name": "app"}]}, "stopCode": "EssentialContainerExited", "version": 5,
    "stoppedAt": "2026-01-01T00:00:00.500Z", "stoppedReason": "Essential container in task exited", "group": "family:x",
}  # fmt: skip
TASK_STARTED = effect(
    "ecs",
    "RunTask",
    {"cluster": "c", "taskDefinition": "x", "count": 1, "overrides": {"containerOverrides": [{"name": "app", "command": ["a"]}]}},
    {"tasks": [{"taskArn": TASK_ARN, "clusterArn": CLUSTER_ARN}], "failures": []},
)
DESCRIBE_TASKS, TASK_SYNC = "aws-sdk:ecs:describeTasks", "ecs:runTask.sync"

# CodeBuild

BUILD_ARN = f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:build/site:1"
BUILD = {
    "Id": "site:1", "Arn": BUILD_ARN, "BuildNumber": 7, "EndTime": AT,
    "BuildStatus": "FAILED", "ProjectName": "site", "TimeoutInMinutes": 60,
    "Initiator": "start", "Source": {"Type": "S3", "Location": "in/x.zip"}, "SourceVersion": "v1", "Environment": {"Image": "i"},
    "Artifacts": {"Location": "arn:aws:s3:::out/x.zip"},
    "Logs": {"GroupName": "g", "StreamName": "s", "DeepLink": "https://logs"},
}  # fmt: skip
BUILD_ENDED = event(
    "codebuild",
    [BUILD_ARN],
    {
        "build-status": "FAILED", "project-name": "site", "build-id": BUILD_ARN, "current-phase": "COMPLETED",
        "current-phase-context": "[]", "version": "1",
        "additional-information": {
            "build-number": 7, "timeout-in-minutes": 60, "build-complete": True, "initiator": "start", "source-version": "v1",
            "source": {"location": "in/x.zip", "type": "S3"}, "artifact": {"location": "arn:aws:s3:::out/x.zip"},
            "logs": {"group-name": "g", "stream-name": "s", "deep-link": "https://logs"},
        },
    },
)  # fmt: skip
BUILD_STARTED = effect("codebuild", "StartBuild", {"projectName": "site"}, {"build": {"id": "site:1"}})
GET_BUILDS, BUILD_SYNC = "aws-sdk:codebuild:batchGetBuilds", "codebuild:startBuild.sync"

# MediaConvert

MEDIA_ARN = f"arn:aws:mediaconvert:eu-west-1:{ACCOUNT}:jobs/m-1"
MEDIA_QUEUE = f"arn:aws:mediaconvert:eu-west-1:{ACCOUNT}:queues/q"
MEDIA_JOB = {
    "Arn": MEDIA_ARN, "Id": "m-1", "Queue": MEDIA_QUEUE, "Status": "COMPLETE", "UserMetadata": {"order": "1"},
    "Timing": {"FinishTime": AT},
    "OutputGroupDetails": [{"OutputDetails": [{"DurationInMs": 5, "VideoDetails": {"WidthInPx": 640, "HeightInPx": 360}}]}],
}  # fmt: skip
MEDIA_STARTED = effect("mediaconvert", "CreateJob", {"Queue": "q", "Role": "r", "Settings": {}}, {"Job": {"Id": "m-1"}})
GET_MEDIA, MEDIA_SYNC = "aws-sdk:mediaconvert:getJob", "mediaconvert:createJob.sync"


def media_ended(status: str, **more: Any) -> dict[str, Any]:
    known = {"timestamp": int(MILLIS), "accountId": ACCOUNT, "queue": MEDIA_QUEUE, "jobId": "m-1", "userMetadata": {"order": "1"}}
    return event("mediaconvert", [MEDIA_ARN], {**known, "status": status, **more})


# EMR

STEP = {
    "Id": "s-1A", "Name": "copy", "ActionOnFailure": "CONTINUE",
    "Status": {"State": "COMPLETED", "Timeline": {"EndDateTime": AT}},
}  # fmt: skip
STEPPED = effect("emr", "AddJobFlowSteps", {"JobFlowId": "j-1", "Steps": [{"Name": "copy"}]}, {"StepIds": ["s-1A"]})
GET_STEP, STEP_SYNC = "aws-sdk:emr:describeStep", "elasticmapreduce:addStep.sync"


def stepped(state: str, severity: str) -> dict[str, Any]:
    known = {"actionOnFailure": "CONTINUE", "stepId": "s-1A", "name": "copy", "clusterId": "j-1"}
    message = "Step s-1A (copy) in Amazon EMR cluster j-1"
    return event("emr", [], {**known, "severity": severity, "state": state, "message": message})


def pascal(value: Any, *own: str) -> Any:
    """An answer in the spelling of Step Functions, which writes every name of a service with a capital letter."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: inner if key in own else pascal(inner, *own) for key, inner in value.items()}
    return [pascal(item, *own) for item in value] if isinstance(value, list) else value


def described(status: str = "SUCCEEDED", **more: Any) -> dict[str, Any]:
    return {"Jobs": [{**pascal(BATCH_JOB, "parameters", "options"), "Status": status, "Tags": {"k": "v"}, **more}]}


TASKS = {"Tasks": [{**pascal(ECS_TASK), "Tags": []}], "Failures": []}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A chain, the effects of `Start`, what the services answer, and what must come of it: the events of each consumer, the
    seconds waited, the integrations that were called."""

    graph: EventGraph
    does: tuple[Any, ...]
    answers: Mapping[str, list[Any]]
    events: Mapping[str, list[Any]] = field(default_factory=dict)
    waits: tuple[int, ...] = (30,)
    calls: tuple[str, ...] = ()


def cause(value: Any) -> Failed:
    """How a task fails whose job failed: the cause is the job as JSON."""
    return Failed("States.TaskFailed", json.dumps(value, separators=(",", ":")))


ROWS: dict[str, Row] = {
    "glue-asked": Row(
        graph=graph("glue", heard("glue", "SUCCEEDED"), started("glue"), reads=("detail", "jobRunId")),
        does=(START_RUN,),
        answers={GET_RUN: [{"JobRun": {**RUN, "JobRunState": "RUNNING"}}, {"JobRun": RUN}]},
        events={"Take": [run_ended("SUCCEEDED", "INFO", "Job run succeeded")]},
        waits=(30, 30),
        calls=(GET_RUN, GET_RUN),
    ),
    "glue-asked-that-fails-unheard": Row(
        graph=graph("glue", heard("glue", "SUCCEEDED"), started("glue")),
        does=(START_RUN,),
        answers={GET_RUN: [{"JobRun": FAILED_RUN}]},
        calls=(GET_RUN,),
    ),
    "glue-asked-that-ends-untold": Row(
        graph=graph("glue", heard("glue", "FAILED"), started("glue")),
        does=(START_RUN,),
        answers={GET_RUN: [{"JobRun": {**RUN, "JobRunState": "EXPIRED"}}]},
        calls=(GET_RUN,),
    ),
    "glue": Row(
        graph=graph("glue", heard("glue", "SUCCEEDED", "FAILED"), started("glue", answered=False)),
        does=(HELD_RUN,),
        answers={RUN_SYNC: [RUN], GET_RUN: [{"JobRun": RUN}]},
        events={"Take": [run_ended("SUCCEEDED", "INFO", "Job run succeeded")]},
        waits=(),
        calls=(RUN_SYNC, GET_RUN),
    ),
    "glue-that-fails": Row(
        graph=graph("glue", heard("glue", "SUCCEEDED", "FAILED"), started("glue", answered=False)),
        does=(HELD_RUN,),
        answers={RUN_SYNC: [cause(FAILED_RUN)], GET_RUN: [{"JobRun": FAILED_RUN}]},
        events={"Take": [run_ended("FAILED", "ERROR", "no such table")]},
        waits=(),
        calls=(RUN_SYNC, GET_RUN),
    ),
    "glue-runs-one-of-which-is-refused": Row(
        graph=graph(
            "glue",
            heard("glue", "SUCCEEDED", "TIMEOUT"),
            started("glue", answered=False),
            text="start -eventbridge:Default*-> take",
        ),
        does=(HELD_RUN, HELD_RUN),
        answers={
            RUN_SYNC: [Failed("Glue.EntityNotFoundException", "no such job"), cause({**RUN, "JobRunState": "TIMEOUT"})],
            GET_RUN: [{"JobRun": {**RUN, "JobRunState": "TIMEOUT", "ErrorMessage": "late"}}],
        },
        events={"Take": [run_ended("TIMEOUT", "WARN", "late")]},
        waits=(),
        calls=(RUN_SYNC, RUN_SYNC, GET_RUN),
    ),
    "glue-for-two": Row(
        graph=graph("glue", heard("glue", "SUCCEEDED"), started("glue"), text="start -eventbridge:Default-> {mail, take}"),
        does=(START_RUN,),
        answers={GET_RUN: [{"JobRun": RUN}]},
        events={name: [run_ended("SUCCEEDED", "INFO", "Job run succeeded")] for name in ("Mail", "Take")},
        calls=(GET_RUN,),
    ),
    "batch-asked": Row(
        graph=graph("batch", heard("batch", "SUCCEEDED"), started("batch"), reads=("detail", "container", "exitCode")),
        does=(SUBMITTED,),
        answers={DESCRIBE_JOBS: [described("RUNNABLE"), described()]},
        events={"Take": [event("batch", [JOB_ARN], BATCH_JOB)]},
        waits=(30, 30),
        calls=(DESCRIBE_JOBS, DESCRIBE_JOBS),
    ),
    "batch": Row(
        graph=graph("batch", heard("batch", "SUCCEEDED", "FAILED"), started("batch", answered=False)),
        does=(SUBMITTED,),
        answers={SUBMIT_SYNC: [cause(described("FAILED")["Jobs"][0])], DESCRIBE_JOBS: [described("FAILED")]},
        events={"Take": [event("batch", [JOB_ARN], {**BATCH_JOB, "status": "FAILED"})]},
        waits=(),
        calls=(SUBMIT_SYNC, DESCRIBE_JOBS),
    ),
    "batch-whose-environment-is-read": Row(
        graph=graph(
            "batch",
            heard("batch", "SUCCEEDED"),
            started("batch", answered=False),
            reads=("detail", "container", "environment"),
        ),
        does=(SUBMITTED,),
        answers={DESCRIBE_JOBS: [described()]},
        events={"Take": [event("batch", [JOB_ARN], BATCH_JOB)]},
        calls=(DESCRIBE_JOBS,),
    ),
    "batch-with-what-the-integration-does-not-take": Row(
        graph=graph("batch", heard("batch", "SUCCEEDED"), started("batch", answered=False, shareIdentifier="s")),
        does=(SUBMITTED,),
        answers={DESCRIBE_JOBS: [described()]},
        events={"Take": [event("batch", [JOB_ARN], BATCH_JOB)]},
        calls=(DESCRIBE_JOBS,),
    ),
    "ecs-asked": Row(
        graph=graph("ecs", heard("ecs", "STOPPED", desiredStatus=("STOPPED",)), started("ecs")),
        does=(TASK_STARTED,),
        answers={DESCRIBE_TASKS: [{"Tasks": [{**pascal(ECS_TASK), "LastStatus": "DEPROVISIONING"}]}, TASKS]},
        events={"Take": [event("ecs", [TASK_ARN], ECS_TASK)]},
        waits=(30, 30),
        calls=(DESCRIBE_TASKS, DESCRIBE_TASKS),
    ),
    "ecs": Row(
        graph=graph("ecs", heard("ecs", "STOPPED"), started("ecs", answered=False)),
        does=(TASK_STARTED,),
        answers={TASK_SYNC: [cause(TASKS["Tasks"][0])], DESCRIBE_TASKS: [TASKS]},
        events={"Take": [event("ecs", [TASK_ARN], ECS_TASK)]},
        waits=(),
        calls=(TASK_SYNC, DESCRIBE_TASKS),
    ),
    "codebuild-asked": Row(
        graph=graph("codebuild", heard("codebuild", "FAILED", "STOPPED"), started("codebuild")),
        does=(BUILD_STARTED,),
        answers={GET_BUILDS: [{"Builds": [{**BUILD, "BuildStatus": "IN_PROGRESS"}]}, {"Builds": [BUILD]}]},
        events={"Take": [BUILD_ENDED]},
        waits=(30, 30),
        calls=(GET_BUILDS, GET_BUILDS),
    ),
    "codebuild": Row(
        graph=graph("codebuild", heard("codebuild", "FAILED"), started("codebuild", answered=False)),
        does=(BUILD_STARTED,),
        answers={BUILD_SYNC: [cause({"Build": BUILD})], GET_BUILDS: [{"Builds": [BUILD]}]},
        events={"Take": [BUILD_ENDED]},
        waits=(),
        calls=(BUILD_SYNC, GET_BUILDS),
    ),
    "mediaconvert-asked": Row(
        graph=graph("mediaconvert", heard("mediaconvert", "COMPLETE", "ERROR"), started("mediaconvert")),
        does=(MEDIA_STARTED,),
        answers={GET_MEDIA: [{"Job": {**MEDIA_JOB, "Status": "ERROR", "ErrorCode": 1010, "ErrorMessage": "no input"}}]},
        events={"Take": [media_ended("ERROR", errorCode=1010, errorMessage="no input")]},
        calls=(GET_MEDIA,),
    ),
    "mediaconvert": Row(
        graph=graph("mediaconvert", heard("mediaconvert", "COMPLETE"), started("mediaconvert", answered=False)),
        does=(MEDIA_STARTED,),
        answers={MEDIA_SYNC: [{"Job": MEDIA_JOB}], GET_MEDIA: [{"Job": MEDIA_JOB}]},
        events={
            "Take": [
                media_ended(
                    "COMPLETE",
                    outputGroupDetails=[
                        {"outputDetails": [{"durationInMs": 5, "videoDetails": {"widthInPx": 640, "heightInPx": 360}}]}
                    ],
                )
            ]
        },
        waits=(),
        calls=(MEDIA_SYNC, GET_MEDIA),
    ),
    "emr-asked": Row(
        graph=graph("emr", heard("emr", "FAILED", "COMPLETED"), started("emr", answered=False)),
        does=(STEPPED,),
        answers={GET_STEP: [{"Step": {**STEP, "Status": {"State": "FAILED"}}}]},
        events={"Take": [{**stepped("FAILED", "ERROR"), "time": "2026-01-01T00:00:30Z"}]},
        calls=(GET_STEP,),
    ),
    "emr": Row(
        graph=graph("emr", heard("emr", "COMPLETED"), started("emr", answered=False)),
        does=(STEPPED,),
        answers={STEP_SYNC: [{"Step": STEP}], GET_STEP: [{"Step": STEP}]},
        events={"Take": [stepped("COMPLETED", "INFO")]},
        waits=(),
        calls=(STEP_SYNC, GET_STEP),
    ),
    "mediaconvert-whose-failure-is-heard": Row(
        graph=graph("mediaconvert", heard("mediaconvert", "COMPLETE", "ERROR"), started("mediaconvert", answered=False)),
        does=(MEDIA_STARTED,),
        answers={GET_MEDIA: [{"Job": {**MEDIA_JOB, "Status": "CANCELED"}}]},
        calls=(GET_MEDIA,),
    ),
}


def executed(row: Row) -> tuple[Machine, Handlers]:
    handlers = Handlers(Start=list(row.does))
    machine = Machine(definition(row.graph), handlers, answers=row.answers)
    machine.run({})
    return machine, handlers


@pytest.mark.parametrize("name", ROWS)
def test_definition(name: str) -> None:
    graph = ROWS[name].graph
    made = asl_definition(plan(graph, chain(graph)), graph)
    assert [found for found in validate(made) if found.severity == "error"] == []
    path = GOLDEN / f"{name}.json"
    text = json.dumps(outline(made), indent=2, ensure_ascii=False) + "\n"
    assert text == golden(path, text)


@pytest.mark.parametrize("name", ROWS)
def test_consumers_hear_of_the_end_as_before(name: str) -> None:
    row = ROWS[name]
    machine, handlers = executed(row)
    heard = {function: events for function, events in handlers.events.items() if function != "Start"}
    ids = [event.pop("id") for events in heard.values() for event in events]
    assert heard == dict(row.events) and all(isinstance(id, str) and id for id in ids)
    assert tuple(machine.waits) == row.waits
    assert tuple(resource.removeprefix("arn:aws:states:::") for resource, _ in machine.calls) == row.calls


GLUE = heard("glue", "SUCCEEDED")
NIGHTLY = {"source": ("aws.glue",), "detail-type": (SERVICES["glue"].kind,), "detail": {"jobName": ("x",), "state": ("FAILED",)}}
ROLE = resource("OtherRole", "AWS::IAM::Role", Policies=({"PolicyDocument": {"Statement": ({"Action": "glue:Start*"},)}},))
READER = resource("OtherRole", "AWS::IAM::Role", Policies=({"PolicyDocument": {"Statement": ({"Action": "s3:*"},)}},))
BESIDE = "start -eventbridge:Default-> take; other -sqs-> last"


def beside(
    other: CodeFacts | None, *more: Resource, role: str | None = None, environment: Mapping[str, Any] | None = None
) -> Any:
    """A chain of two beside a function `other`, which has this code, role and environment."""
    made = graph("glue", GLUE, started("glue"), text=BESIDE, facts={"other": other} if other else {}, more=more)
    functions = (
        replace(item, role=role, environment=environment or {}) if item.id == "app/Other" else item for item in made.functions
    )
    facts = {**made.code, "app/Last": code("Last")}
    return replace(made, functions=tuple(functions), code=facts)


def elsewhere(**arguments: Any) -> Call:
    return replace(started("glue"), arguments=arguments, location=Location("other/app.py", 5))


def with_container(graph: EventGraph, *resources: Resource, role: str | None = None) -> EventGraph:
    """The graph with a task of ECS whose code is not seen."""
    task = Function(id="app/Web", address="Web", stack="app", kind="ecs_task", role=role)
    return replace(
        graph,
        functions=(*graph.functions, task),
        inventory=Inventory(resources=(*graph.inventory.resources, resource("Web", "AWS::ECS::TaskDefinition"), *resources)),
    )


def another_definition() -> EventGraph:
    """A function that submits jobs of another definition to the same queue."""
    other = replace(started("batch", jobDefinition=Ref("app/Batched2")), location=Location("other/app.py", 5))
    return graph(
        "batch",
        heard("batch", "SUCCEEDED"),
        started("batch"),
        text=BESIDE,
        facts={"other": code("Other", other), "last": code("Last")},
        more=(resource("Batched2", "AWS::Batch::JobDefinition"),),
    )


STAYING: dict[str, tuple[EventGraph, str]] = {
    "any-state": (
        graph("glue", {"source": ("aws.glue",), "detail-type": (SERVICES["glue"].kind,), "detail": {"jobName": ("${app/Job}",)}},
              started("glue")),
        "its rule hears of other states than SUCCEEDED, FAILED, TIMEOUT, STOPPED",
    ),
    "a-state-on-the-way": (
        graph("batch", heard("batch", "RUNNING", "SUCCEEDED"), started("batch")),
        "its rule hears of other states than SUCCEEDED, FAILED",
    ),
    "a-task-that-stops": (
        graph("ecs", heard("ecs", desiredStatus=("STOPPED",)), started("ecs")),
        "its rule hears of other states than STOPPED",
    ),
    "any-kind": (
        graph("glue", {"source": ("aws.glue",), "detail": GLUE["detail"]}, started("glue")),
        "its rule hears of other events than those of the kind Glue Job State Change",
    ),
    "several-rules": (graph("glue", {"anyOf": (GLUE, NIGHTLY)}, started("glue")), "several rules lead there"),
    "parameters-that-are-not-all-seen": (
        graph("glue", GLUE, started("glue", **{"**": "…"})),
        "not all parameters of StartJobRun are known",
    ),
    "an-array-of-jobs": (
        graph("batch", heard("batch", "SUCCEEDED"), started("batch", arrayProperties={"size": 3})),
        "the job has several parts",
    ),
    "a-job-on-several-nodes": (
        graph(
            "batch",
            heard("batch", "SUCCEEDED"),
            started("batch"),
            without=(BATCHED,),
            more=(resource("Batched", "AWS::Batch::JobDefinition", NodeProperties={"NumNodes": 2}),),
        ),
        "Batched has NodeProperties: the job has several parts",
    ),
    "a-job-whose-definition-is-not-seen": (
        graph("batch", heard("batch", "SUCCEEDED"), started("batch", jobDefinition=Symbol("definition"))),
        "the jobDefinition of SubmitJob is not seen to be one of this scan",
    ),
    "several-tasks": (graph("ecs", heard("ecs", "STOPPED"), started("ecs", count=Symbol("n"))), "may start several tasks"),
    "tries-of-glue": (
        graph("glue", GLUE, started("glue"), without=(JOB,), more=(resource("Job", "AWS::Glue::Job", MaxRetries=1),)),
        "Job has MaxRetries: Glue tries a run again that failed",
    ),
    "tries-of-glue-that-are-not-known": (
        graph("glue", GLUE, started("glue"), without=(JOB,), more=(resource("Job", "AWS::Glue::Job", MaxRetries=Symbol("n")),)),
        "Job has MaxRetries",
    ),
    "a-webhook": (
        graph(
            "codebuild",
            heard("codebuild", "FAILED"),
            started("codebuild"),
            without=(PROJECT,),
            more=(resource("Project", "AWS::CodeBuild::Project", Name="site", Triggers={"Webhook": True}),),
        ),
        "Project has Triggers: who pushes to its repository starts builds of it too",
    ),
    "one-of-several-jobs": (
        graph("glue", GLUE, started("glue"), environment={"JOB": Either((Ref("app/Job"), Ref("app/Weekly")))}),
        "which of several StartJobRun starts is not known (start/app.py:7)",
    ),
    "a-job-that-is-declared-elsewhere": (
        graph("glue", GLUE, started("glue"), without=(JOB,)),
        "${app/Job} is not declared in this scan, and who else starts such jobs is not known",
    ),
    "another-job-of-the-producer": (
        graph("glue", GLUE, started("glue"), replace(started("glue"), location=Location("start/app.py", 30))),
        "StartJobRun is called for something else too (start/app.py:30)",
    ),
    "a-trigger-of-glue": (
        graph("glue", GLUE, started("glue"), more=(resource("Nightly", "AWS::Glue::Trigger", Actions=({"J": Ref("app/Job")},)),)),
        "Nightly names Job too, and may start such jobs",
    ),
    "a-trigger-by-name": (
        graph(
            "codebuild",
            heard("codebuild", "FAILED"),
            started("codebuild"),
            more=(resource("Pipe", "AWS::CodePipeline::Pipeline", Stages=({"Configuration": {"ProjectName": "site"}},)),),
        ),
        "Pipe names Project too",
    ),
    "a-service-in-the-cluster": (
        graph("ecs", heard("ecs", "STOPPED"), started("ecs"), more=(resource("Web", "AWS::ECS::Service", C=Ref("app/Cluster")),)),
        "Web names Cluster too",
    ),
    "a-rule-that-starts-it": (
        graph("batch", heard("batch", "FAILED"), started("batch"),
              more=(resource("Daily", "AWS::Events::Rule", Targets=({"Arn": Ref("app/Queue")},)),)),
        "Daily names Queue too",
    ),
    "another-function": (beside(code("Other", elsewhere(JobName=Env("WHICH")))), "Other starts glue jobs too (other/app.py:5)"),
    "code-that-was-not-read": (
        beside(code("Other", readable=False), ROLE, role="app/OtherRole"),
        "Other may start Job too, as its code could not be read",
    ),
    "code-that-was-not-read-without-a-role": (
        beside(code("Other", readable=False)),
        "Other may start Job too, as its code could not be read",
    ),
    "another-function-by-a-stored-name": (
        beside(code("Other", elsewhere(JobName=Ref("app/Name"))), resource("Name", "AWS::SSM::Parameter")),
        "and that these are not of Job is not seen",
    ),
    "another-definition-in-the-same-queue": (
        another_definition(),
        "Other starts batch jobs too (other/app.py:5), and that these are not of Queue is not seen",
    ),
    "a-name-that-nobody-declares-beside-it": (
        graph("codebuild", {**heard("codebuild", "FAILED"),
                            "detail": {"project-name": ("site", "shop"), "build-status": ("FAILED",)}}, started("codebuild")),
        "site and shop is not declared in this scan",
    ),
    "any-name-beside-it": (
        graph("codebuild", {**heard("codebuild", "FAILED"),
                            "detail": {"project-name": ("site", {"exists": True}), "build-status": ("FAILED",)}},
              started("codebuild")),
        "what it runs is not declared in this scan",
    ),
    "a-container-that-may": (
        with_container(graph("glue", GLUE, started("glue")), ROLE, role="app/OtherRole"),
        "Web may start Job too, as its code could not be read",
    ),
    "several-steps": (
        graph("emr", heard("emr", "COMPLETED"), started("emr", Steps=({"Name": "a"}, {"Name": "b"}))),
        "the call may add several steps",
    ),
    "steps-that-are-not-seen": (
        graph("emr", heard("emr", "COMPLETED"), started("emr", Steps=Symbol("steps"))),
        "the call may add several steps",
    ),
    "a-step-of-the-template": (
        graph("emr", heard("emr", "COMPLETED"), started("emr"), more=(resource("S", "AWS::EMR::Step", Id=Ref("app/Emr")),)),
        "S names Emr too",
    ),
    "the-message": (
        graph("glue", GLUE, started("glue"), reads=("detail", "message")),
        "its consumer reads detail.message (take/app.py:3), which only the real notice can give",
    ),
    "where-the-outputs-went": (
        graph("mediaconvert", heard("mediaconvert", "COMPLETE"), started("mediaconvert"),
              reads=("detail", "outputGroupDetails", "*", "outputDetails", "*", "outputFilePaths")),
        "which only the real notice can give",
    ),
    "phases-of-a-build": (
        graph("codebuild", heard("codebuild", "FAILED"), started("codebuild"), reads=("detail", "a", "phases")),
        "which only the real notice can give",
    ),
    "a-consumer-that-was-not-read": (graph("glue", GLUE, started("glue"), readable=False), "its code could not be read"),
}  # fmt: skip


MOVING: dict[str, EventGraph] = {
    "an-alarm-on-it": graph(
        "glue", GLUE, started("glue"), more=(resource("A", "AWS::CloudWatch::Alarm", Dimensions=({"Value": Ref("app/Job")},)),)
    ),
    "another-rule-on-it": graph(
        "glue", GLUE, started("glue"), more=(resource("R", "AWS::Events::Rule", EventPattern=GLUE, Targets=()),)
    ),
    "another-job-of-another-function": beside(
        code("Other", elsewhere(JobName=Env("WHICH"))),
        resource("Weekly", "AWS::Glue::Job"),
        environment={"WHICH": Ref("app/Weekly")},
    ),
    "a-container-without-a-role": with_container(graph("glue", GLUE, started("glue"))),
    "code-that-was-not-read-and-may-not": beside(code("Other", readable=False), READER, role="app/OtherRole"),
    "no-tries-of-glue": graph(
        "glue", GLUE, started("glue"), without=(JOB,), more=(resource("Job", "AWS::Glue::Job", MaxRetries=0),)
    ),
}


@pytest.mark.parametrize("name", STAYING)
def test_staying(name: str) -> None:
    graph, words = STAYING[name]
    workflow = plan(graph, chain(graph))
    assert not any(isinstance(step, Job) for step in steps(workflow.root))
    assert words in " | ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)


@pytest.mark.parametrize("name", MOVING)
def test_what_starts_no_such_job_keeps_nothing(name: str) -> None:
    graph = MOVING[name]
    [hop] = [hop for hop in graph.hops if hop.consumer == "app/Take"]
    found = awaited(graph, hop)
    assert isinstance(found, Awaited) and found.form.operation == "StartJobRun"


def test_a_call_that_is_refused_fails_the_workflow_with_the_same_error() -> None:
    row = replace(ROWS["glue"], answers={RUN_SYNC: [Failed("Glue.EntityNotFoundException", "no such job")]})
    with pytest.raises(Failed) as raised:
        executed(row)
    assert (raised.value.error, raised.value.cause) == ("Glue.EntityNotFoundException", "no such job")


PARAMETERS = {
    "glue": HELD_RUN["params"],
    "batch": {"JobName": "x", "JobQueue": "q", "JobDefinition": "d"},
    "ecs": {
        "Cluster": "c",
        "TaskDefinition": "x",
        "Overrides": {"ContainerOverrides": [{"Name": "app", "Command": ["a"]}]},
    },
    "codebuild": {"ProjectName": "site"},
    "mediaconvert": MEDIA_STARTED["params"],
    "emr": {"ClusterId": "j-1", "Step": {"Name": "copy"}},
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_integration_gets_the_parameters_of_the_call(name: str) -> None:
    machine, handlers = executed(ROWS[name])
    service = SERVICES[name]
    assert machine.calls[0][1] == PARAMETERS[name]
    assert handlers.markers["Start"]["capture"] == [":".join(service.operation)]


def test_names_that_people_gave_stay() -> None:
    given = {**SUBMITTED["params"], "parameters": {"day": "1"}, "tags": {"team": "x"}, "retryStrategy": {"attempts": 2}}
    machine, _ = executed(replace(ROWS["batch"], does=({**SUBMITTED, "params": given},)))
    assert machine.calls[0][1] == {
        **PARAMETERS["batch"], "Parameters": {"day": "1"}, "Tags": {"team": "x"}, "RetryStrategy": {"Attempts": 2},
    }  # fmt: skip


ASKING = {
    "glue-asked": {"JobName": "app-job", "RunId": "jr_1"},
    "batch-asked": {"Jobs": ["b-1"]},
    "ecs-asked": {"Cluster": CLUSTER_ARN, "Tasks": [TASK_ARN]},
    "codebuild-asked": {"Ids": ["site:1"]},
    "mediaconvert-asked": {"Id": "m-1"},
    "emr-asked": {"ClusterId": "j-1", "StepId": "s-1A"},
}


@pytest.mark.parametrize("name", [*ASKING, *PARAMETERS])
def test_the_job_is_asked_for_by_its_id(name: str) -> None:
    machine, _ = executed(ROWS[name])
    asked = ASKING.get(name) or ASKING[f"{name}-asked"]
    assert machine.calls[-1][1] == asked


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.events and len(row.does) == 1])
def test_its_transitions_are_counted(name: str) -> None:
    """Those of a job that is done when it is first asked for, and did not fail the task that waited for it."""
    row = ROWS[name]
    root = plan(row.graph, chain(row.graph)).root
    machine, _ = executed(row)
    caught = any(state.startswith("Did ") for state in machine.visited)
    assert root is not None
    assert transitions(root).usual == len(machine.visited) - 3 * max(len(row.waits) - 1, 0) - caught


def test_what_changes_is_said() -> None:
    said = {name: " | ".join(item.text for item in plan(row.graph, chain(row.graph)).obstacles) for name, row in ROWS.items()}
    assert (
        "its call is held back and glue:startJobRun.sync makes it: where the service refuses the call the workflow"
        in said["glue"]
    )
    assert (
        "of such jobs that somebody starts who is not in this scan (by hand, from another stack), Take hears no more"
        in said["glue"]
    )
    assert "MANAGED_BY_AWS" in said["batch"] and "MANAGED_BY_AWS" not in said["batch-asked"]
    assert "the end of the job is asked for every 30 s" in said["ecs-asked"]
    assert "no task could be placed" in said["ecs"]
    assert all("Take must no longer get it when the workflow takes over" in text for text in said.values())


def test_what_waiting_takes_of_a_role() -> None:
    found = {name: job_actions(plan(row.graph, chain(row.graph)).root) for name, row in ROWS.items()}
    rules = ("events:DescribeRule", "events:PutRule", "events:PutTargets")
    assert found["glue-asked"] == ("glue:GetJobRun",)
    assert found["glue"] == ("glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun")
    assert found["batch"] == ("batch:DescribeJobs", "batch:SubmitJob", "batch:TerminateJob", *rules)
    assert found["ecs"] == ("ecs:DescribeTasks", "ecs:RunTask", "ecs:StopTask", *rules, "iam:PassRole")
    assert found["codebuild-asked"] == ("codebuild:BatchGetBuilds",)
    media = tuple(f"mediaconvert:{name}" for name in ("CancelJob", "CreateJob", "GetJob"))
    assert found["mediaconvert"] == (*rules, "iam:PassRole", *media)


@pytest.mark.parametrize("name", ["glue", "glue-asked", "ecs", "glue-for-two"])
def test_who_heard_of_the_end_is_switched_over(name: str) -> None:
    """The service goes on telling of it, whoever makes the call: without that the consumer would run twice."""
    workflow = plan(ROWS[name].graph, chain(ROWS[name].graph))
    assert sorted(hop for switch in workflow.removals for hop in switch.hops) == sorted(workflow.migrated)


def test_cloudformation_takes_them_all() -> None:
    assert refused(definition(row.graph) for row in ROWS.values()) == []


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ROWS)
