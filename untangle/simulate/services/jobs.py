"""Jobs of other services: ECS tasks, Batch jobs, Glue runs, queries of Athena, builds and the like.

Nothing runs them here. The request goes to the world's API; where `.sync` waits for the end, the job succeeds after `SECONDS` of
virtual time, and its description has the shape that the service documents, with what the request said. What it made of that can
only be mocked, and a note says so.

Sources: Step Functions guide, "Integrating optimized services" (what each `.sync` gives); the services' API references.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from untangle.simulate.machine.task import Reply, TaskCall
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.services.desk import Desk, Ids, Integration, parameters
from untangle.simulate.services.messages import optimized

SECONDS = 60.0  # of virtual time: what a job takes that nobody runs

_NAMES = {
    "emr-containers": "emr-containers",
    "elasticmapreduce": "emr",
    "emr-serverless": "emr-serverless",
    "bedrock": "bedrock-runtime",
}
_PREFIXES = {
    "ecs": "ECS",
    "batch": "Batch",
    "glue": "Glue",
    "athena": "Athena",
    "codebuild": "CodeBuild",
    "databrew": "DataBrew",
    "elasticmapreduce": "ElasticMapReduce",
    "emr-containers": "EMRContainers",
    "emr-serverless": "EMRServerless",
    "eks": "EKS",
    "sagemaker": "SageMaker",
    "bedrock": "Bedrock",
    "mediaconvert": "MediaConvert",
}


def _request(desk: Desk, call: TaskCall) -> Any:
    service = "bedrock" if (call.service, call.action) == ("bedrock", "createModelCustomizationJob") else _NAMES.get(call.service)
    params = parameters(call)
    response = optimized(desk, call, service or call.service, params)
    if (call.service, call.action) == ("glue", "startJobRun"):  # Step Functions adds the name
        response["JobName"] = params.get("JobName")
    return response


def _finish(desk: Desk, call: TaskCall, response: Any, done: Reply) -> None:
    finished = _FINISHED.get((call.service, call.action), _same)
    desk.note(f"{call.state}: nothing runs a {call.service}:{call.action} here; a job that succeeded was made up")
    due = desk.clock.after(SECONDS, lambda: done(finished(parameters(call), response)))
    done.cancelled = due.cancel


def _same(params: Mapping[str, Any], response: Mapping[str, Any]) -> Any:
    kept = {key: value for key, value in response.items() if not key.startswith("Sdk")}
    return {**params, **kept, "Status": "SUCCEEDED"}


def _task(params: Mapping[str, Any], response: Mapping[str, Any]) -> Any:
    task = (response.get("Tasks") or [{}])[0]
    containers = [{**container, "ExitCode": 0, "LastStatus": "STOPPED"} for container in task.get("Containers", [])]
    ended = {"DesiredStatus": "STOPPED", "LastStatus": "STOPPED", "StopCode": "EssentialContainerExited"}
    return {**task, **ended, "Containers": containers, "StoppedReason": "Essential container in task exited"}


def _batch(params: Mapping[str, Any], response: Mapping[str, Any]) -> Any:
    kept = {key: response[key] for key in ("JobArn", "JobId", "JobName") if key in response}
    asked = {key: params[key] for key in ("JobDefinition", "JobQueue", "Parameters", "Tags") if key in params}
    return {**asked, **kept, "Attempts": [], "Container": {"ExitCode": 0}, "Status": "SUCCEEDED"}


def _glue(params: Mapping[str, Any], response: Mapping[str, Any]) -> Any:
    kept = {"Id": response.get("JobRunId"), "JobName": params.get("JobName"), "JobRunState": "SUCCEEDED", "Attempt": 0}
    return kept | ({"Arguments": params["Arguments"]} if "Arguments" in params else {})


def _query(params: Mapping[str, Any], response: Mapping[str, Any]) -> Any:
    asked = {key: params[key] for key in ("QueryExecutionContext", "ResultConfiguration", "WorkGroup") if key in params}
    told = {"Query": params.get("QueryString"), "QueryExecutionId": response.get("QueryExecutionId")}
    return {"QueryExecution": {**told, **asked, "StatementType": "DML", "Status": {"State": "SUCCEEDED"}}}


def _build(params: Mapping[str, Any], response: Mapping[str, Any]) -> Any:
    name = "BuildBatch" if "BuildBatch" in response else "Build"
    ended = {
        f"{name}Status": "SUCCEEDED",
        "CurrentPhase": "COMPLETED",
        ("Complete" if name == "BuildBatch" else "BuildComplete"): True,
    }
    return {name: {**response.get(name, {}), **ended}}


_FINISHED: Mapping[tuple[str, str], Callable[[Mapping[str, Any], Mapping[str, Any]], Any]] = {
    ("ecs", "runTask"): _task,
    ("batch", "submitJob"): _batch,
    ("glue", "startJobRun"): _glue,
    ("athena", "startQueryExecution"): _query,
    ("codebuild", "startBuild"): _build,
    ("codebuild", "startBuildBatch"): _build,
}


def made_up(service: str, operation: str, params: Mapping[str, Any], ids: Ids) -> dict[str, Any] | None:
    """The answer to the request of a job, for a world without the service; None for what is no job that is known here."""
    make = _STARTED.get((service, operation))
    return make(params, ids) if make else None


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _run_task(params: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    cluster = str(params.get("cluster", "default")).rsplit("/", 1)[-1]
    definition = str(params.get("taskDefinition", ""))
    overrides = params.get("overrides", {}).get("containerOverrides", [])
    containers = [{"name": item.get("name", ""), "lastStatus": "PENDING"} for item in overrides] or [{"lastStatus": "PENDING"}]
    task = {
        "taskArn": _arn("ecs", f"task/{cluster}/{ids.uuid().replace('-', '')}"),
        "clusterArn": _arn("ecs", f"cluster/{cluster}"),
        "taskDefinitionArn": definition if definition.startswith("arn:") else _arn("ecs", f"task-definition/{definition}"),
        "containers": containers,
        "overrides": params.get("overrides", {}),
        "desiredStatus": "RUNNING",
        "lastStatus": "PROVISIONING",
    }
    return {"tasks": [task], "failures": []}


def _submit_job(params: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    id = ids.uuid()
    return {"jobArn": _arn("batch", f"job/{id}"), "jobId": id, "jobName": params.get("jobName", "")}


def _start_build(params: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    project = str(params.get("projectName", ""))
    id = f"{project}:{ids.uuid()}"
    return {"build": {"id": id, "arn": _arn("codebuild", f"build/{id}"), "projectName": project, "buildStatus": "IN_PROGRESS"}}


_STARTED: Mapping[tuple[str, str], Callable[[Mapping[str, Any], Ids], dict[str, Any]]] = {
    ("ecs", "RunTask"): _run_task,
    ("batch", "SubmitJob"): _submit_job,
    ("codebuild", "StartBuild"): _start_build,
    ("glue", "StartJobRun"): lambda params, ids: {"JobRunId": f"jr_{ids.uuid().replace('-', '')}"},
    ("glue", "StartCrawler"): lambda params, ids: {},
    ("athena", "StartQueryExecution"): lambda params, ids: {"QueryExecutionId": ids.uuid()},
    ("databrew", "StartJobRun"): lambda params, ids: {"RunId": f"db_{ids.uuid().replace('-', '')}"},
}

JOBS: tuple[Integration, ...] = tuple(
    Integration(service=service, call=_request, prefix=prefix, finish=_finish) for service, prefix in _PREFIXES.items()
)
