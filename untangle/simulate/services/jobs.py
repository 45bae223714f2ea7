"""Jobs of other services: ECS tasks, Batch jobs, Glue runs, queries of Athena, builds and the like.

Nothing runs them here. The request goes to the world's API, and where `.sync` waits for the end, it waits for that of the job
which `untangle.simulate.jobs` plays. A job of another kind succeeds after as long, described by what the request said. What it
made of that can only be mocked, and a note says so.

Sources: Step Functions guide, "Integrating optimized services" (what each `.sync` gives); the services' API references.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from untangle.simulate.jobs import SECONDS, Job, Play, play_of
from untangle.simulate.machine.task import Reply, TaskCall, TaskFailure
from untangle.simulate.services.desk import Desk, Ids, Integration, as_text, parameters
from untangle.simulate.services.messages import optimized
from untangle.simulate.services.shapes import capital, from_api, model_of, plain

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
    if (call.service, call.action) == ("elasticmapreduce", "addStep"):  # Step Functions' own word for it
        return _add_step(desk, call)
    params = parameters(call)
    response = optimized(desk, call, service or call.service, params)
    if (call.service, call.action) == ("glue", "startJobRun"):  # Step Functions adds the name
        response["JobName"] = params.get("JobName")
    return response


def _add_step(desk: Desk, call: TaskCall) -> Any:
    """One step is added: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html."""
    params = parameters(call)
    asked = {"JobFlowId": params.get("ClusterId"), "Steps": [params.get("Step")]}
    response = optimized(desk, replace(call, action="addJobFlowSteps"), "emr", asked)
    return {**response, "StepId": response["StepIds"][0]}


def _finish(desk: Desk, call: TaskCall, response: Any, done: Reply) -> None:
    action = "addJobFlowSteps" if call.action == "addStep" else call.action
    play = play_of(_NAMES.get(call.service, call.service), action[:1].upper() + action[1:])
    job = desk.jobs.meant(play, as_text(response)) if play is not None and desk.jobs is not None else None
    if play is not None and job is not None and desk.jobs is not None:
        desk.note(f"{call.state}: nothing runs a {call.service}:{call.action} here; its end was made up")
        desk.jobs.when_ended(job, lambda: done(_ended(play, job)))
        return
    finished = _FINISHED.get((call.service, call.action), _same)
    desk.note(f"{call.state}: nothing runs a {call.service}:{call.action} here; a job that succeeded was made up")
    due = desk.clock.after(SECONDS, lambda: done(finished(parameters(call), response)))
    done.cancelled = due.cancel


def _ended(play: Play, job: Job) -> Any:
    """What `.sync` gives of a job that has ended; one that failed fails the task, with the job as the cause."""
    shape = model_of(play.service).operation_model(play.asks).output_shape
    result = play.result(from_api(shape, plain(play.answer((job,))), capital))
    return result if job.well else TaskFailure(error="States.TaskFailed", cause=as_text(result))


def _same(params: Mapping[str, Any], response: Mapping[str, Any]) -> Any:
    kept = {key: value for key, value in response.items() if not key.startswith("Sdk")}
    return {**params, **kept, "Status": "SUCCEEDED"}


def _build(params: Mapping[str, Any], response: Mapping[str, Any]) -> Any:
    ended = {"BuildBatchStatus": "SUCCEEDED", "CurrentPhase": "COMPLETED", "Complete": True}
    return {"BuildBatch": {**response.get("BuildBatch", {}), **ended}}


_FINISHED: Mapping[tuple[str, str], Callable[[Mapping[str, Any], Mapping[str, Any]], Any]] = {
    ("codebuild", "startBuildBatch"): _build,
}


def made_up(service: str, operation: str, params: Mapping[str, Any], ids: Ids) -> dict[str, Any] | None:
    """The answer to the request of a job that is not played further, for a world without the service; None for no such job."""
    make = _STARTED.get((service, operation))
    return make(params, ids) if make else None


_STARTED: Mapping[tuple[str, str], Callable[[Mapping[str, Any], Ids], dict[str, Any]]] = {
    ("glue", "StartCrawler"): lambda params, ids: {},
    ("databrew", "StartJobRun"): lambda params, ids: {"RunId": f"db_{ids.uuid().replace('-', '')}"},
}

JOBS: tuple[Integration, ...] = tuple(
    Integration(service=service, call=_request, prefix=prefix, finish=_finish) for service, prefix in _PREFIXES.items()
)
