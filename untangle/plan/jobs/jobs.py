"""Jobs that a function starts and somebody waits for: what a state machine could wait with instead, as an alternative in words.

A job's end reaches the chain by a notification, by what the job writes, or by a function that asks again and again. Step
Functions waits for some services itself (`.sync`); for all others a Task starts the job through the AWS SDK integration and
either asks in a loop of Wait and Choice or is called back by whoever hears of the end. What the workflow waits for itself is
in awaited.py; this is for the others, for whose end nobody is seen to wait or which miss a condition.

Source: Step Functions guide, "Integrating services with Step Functions" and "Discover service integration patterns"
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from untangle.model.code import Call
from untangle.model.link import Hop
from untangle.model.workflow import Obstacle
from untangle.plan.jobs.awaited import awaited
from untangle.plan.passes import Draft

# What Step Functions waits for itself.
SYNC: Mapping[tuple[str, str], str] = {
    ("athena", "StartQueryExecution"): "athena:startQueryExecution.sync",
    ("batch", "SubmitJob"): "batch:submitJob.sync",
    ("codebuild", "StartBuild"): "codebuild:startBuild.sync",
    ("ecs", "RunTask"): "ecs:runTask.sync",
    ("emr", "AddJobFlowSteps"): "elasticmapreduce:addStep.sync",
    ("emr-serverless", "StartJobRun"): "emr-serverless:startJobRun.sync",
    ("glue", "StartJobRun"): "glue:startJobRun.sync",
    ("mediaconvert", "CreateJob"): "mediaconvert:createJob.sync",
    ("sagemaker", "CreateProcessingJob"): "sagemaker:createProcessingJob.sync",
    ("sagemaker", "CreateTrainingJob"): "sagemaker:createTrainingJob.sync",
    ("sagemaker", "CreateTransformJob"): "sagemaker:createTransformJob.sync",
    ("stepfunctions", "StartExecution"): "states:startExecution.sync:2",
}
# What can be asked how far it is: the operation that starts a job, the one that asks, and where it says so.
ASKED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("glue", "StartCrawler"): ("getCrawler", "Crawler.State"),
    ("polly", "StartSpeechSynthesisTask"): ("getSpeechSynthesisTask", "SynthesisTask.TaskStatus"),
    ("rekognition", "StartCelebrityRecognition"): ("getCelebrityRecognition", "JobStatus"),
    ("rekognition", "StartContentModeration"): ("getContentModeration", "JobStatus"),
    ("rekognition", "StartFaceDetection"): ("getFaceDetection", "JobStatus"),
    ("rekognition", "StartFaceSearch"): ("getFaceSearch", "JobStatus"),
    ("rekognition", "StartLabelDetection"): ("getLabelDetection", "JobStatus"),
    ("rekognition", "StartSegmentDetection"): ("getSegmentDetection", "JobStatus"),
    ("rekognition", "StartTextDetection"): ("getTextDetection", "JobStatus"),
    ("ssm", "SendCommand"): ("getCommandInvocation", "Status"),
    ("textract", "StartDocumentAnalysis"): ("getDocumentAnalysis", "JobStatus"),
    ("textract", "StartDocumentTextDetection"): ("getDocumentTextDetection", "JobStatus"),
    ("textract", "StartExpenseAnalysis"): ("getExpenseAnalysis", "JobStatus"),
    ("transcribe", "StartTranscriptionJob"): ("getTranscriptionJob", "TranscriptionJob.TranscriptionJobStatus"),
    ("translate", "StartTextTranslationJob"): ("describeTextTranslationJob", "TextTranslationJobProperties.JobStatus"),
}
_POLLING = ("polling", "sleep")
_NO_JOB = frozenset({"client upload"})
_LEAD = "arn:aws:states:::"


def note_jobs(draft: Draft) -> Draft:
    """The draft with a note for each kind of job that a function of the chain starts."""
    found = [note for function in draft.chain.functions for note in _notes(draft, function)]
    return replace(draft, notes=(*draft.notes, *found))


def _notes(draft: Draft, function: str) -> Iterator[Obstacle]:
    facts = draft.graph.code.get(function)
    seen = _waited_for(draft, function)
    for call in facts.calls if facts is not None else ():
        key = (call.service, call.operation)
        if key not in seen and (key in SYNC or key in ASKED) and call.mediated not in _NO_JOB:
            seen.add(key)
            hops = tuple(id for id, hop in draft.hops.items() if hop.producer == function and hop.mediated)
            text = f"{draft.address(function)} starts a job ({call.service} {call.operation}){_told(draft, function, hops)}: "
            yield Obstacle(text=text + alternative(call), hops=hops, location=call.location, topic="job")


def _waited_for(draft: Draft, function: str) -> set[tuple[str, str]]:
    """The jobs of a function that the workflow waits for already, by service and operation."""
    hops = [awaited(draft.graph, hop) for _, hop in draft.leaving.get(function, ()) if hop.mediated]
    return {(job.form.service, job.form.operation) for job in hops if not isinstance(job, str)}


def alternative(call: Call) -> str:
    """What a state machine would wait with instead of a notification or a poll, with the exact resource."""
    key = (call.service, call.operation)
    if key in SYNC:
        return f"a Task {_LEAD}{SYNC[key]} in its place would wait for the end, and fail where the job fails"
    asks, status = ASKED[key]
    sdk = {"stepfunctions": "sfn"}.get(call.service, call.service)
    start = f"{_LEAD}aws-sdk:{sdk}:{call.operation[:1].lower()}{call.operation[1:]}"
    return (
        f"there is no .sync for it; a Task {start}, then a Wait, {_LEAD}aws-sdk:{sdk}:{asks} and a Choice on {status} would wait "
        f"for it; or {_LEAD}lambda:invoke.waitForTaskToken on this function, which keeps the token by the job's id, and whoever "
        "hears of the end calls SendTaskSuccess with it (with HeartbeatSeconds: a lost notification would wait for a year)"
    )


def _told(draft: Draft, function: str, hops: tuple[str, ...]) -> str:
    """Who hears of the job's end, as far as that is known."""
    facts = draft.graph.code.get(function)
    told = [draft.hops[id] for id in hops if draft.hops[id].passages and draft.hops[id].passages[0].type != "ecs_run_task"]
    if told:
        names = dict.fromkeys(f"{draft.address(hop.consumer)} (by {_way(hop)})" for hop in told)
        return f", of whose end {' and '.join(names)} hears"
    if facts is not None and (place := next((facts.signals[name] for name in _POLLING if name in facts.signals), None)):
        return f" and waits for it ({place})"
    return ""


def _way(hop: Hop) -> str:
    return "/".join(passage.type for passage in hop.passages)
