"""The resource of a Task: which integrations there are, what each needs, and which can wait (`.sync`, `.waitForTaskToken`).

Source: Step Functions guide, "Integrating optimized services", and the services' API references for required parameters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from untangle.asl.diagnostic import RESOURCE, SCHEMA, closest

_ARN = re.compile(r"arn:[a-z0-9-]+:")
_INTEGRATION = re.compile(r"arn:[a-z0-9-]+:states:[^:]*:[^:]*:(?P<service>[a-z0-9-]+):(?P<action>.+)\Z", re.IGNORECASE)
_WHOLE_CONTEXT = re.compile(r'"\$\$(\.Task)?"|\$states\.context\s*(%\}|[,)}])|\$states\.context\.Task\b')
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
_WAITS = re.compile(r"(?P<action>.*?)(?P<pattern>\.sync(?::2)?|\.waitForTaskToken)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimized:
    """An optimized integration: what it requires (alternatives joined by "|"), and how it can wait."""

    requires: tuple[str, ...] = ()
    sync: bool = False
    token: bool = False


_SYNC = Optimized(sync=True)
_EMR = ("createCluster", "terminateCluster", "addStep", "cancelStep", "setClusterTerminationProtection")
_EMR_MORE = ("modifyInstanceFleetByName", "modifyInstanceGroupByName")
_SAGEMAKER = ("createEndpoint", "createEndpointConfig", "createHyperParameterTuningJob", "createLabelingJob", "createModel")
_SAGEMAKER_MORE = ("createProcessingJob", "createTrainingJob", "createTransformJob", "updateEndpoint")
_EKS = (
    "createCluster",
    "deleteCluster",
    "createFargateProfile",
    "deleteFargateProfile",
    "createNodegroup",
    "deleteNodegroup",
    "runJob",
)

SERVICES: Mapping[str, Mapping[str, Optimized]] = {
    "lambda": {"invoke": Optimized(requires=("FunctionName",), token=True)},
    "sqs": {"sendMessage": Optimized(requires=("QueueUrl", "MessageBody"), token=True)},
    "sns": {"publish": Optimized(requires=("Message", "TopicArn|TargetArn|PhoneNumber"), token=True)},
    "events": {"putEvents": Optimized(requires=("Entries",), token=True)},
    "dynamodb": {
        "getItem": Optimized(requires=("TableName", "Key")),
        "putItem": Optimized(requires=("TableName", "Item")),
        "updateItem": Optimized(requires=("TableName", "Key")),
        "deleteItem": Optimized(requires=("TableName", "Key")),
    },
    "states": {"startExecution": Optimized(requires=("StateMachineArn",), sync=True, token=True)},
    "ecs": {"runTask": Optimized(requires=("TaskDefinition",), sync=True, token=True)},
    "batch": {"submitJob": Optimized(requires=("JobName", "JobQueue", "JobDefinition"), sync=True, token=True)},
    "glue": {"startJobRun": Optimized(requires=("JobName",), sync=True, token=True)},
    "athena": {
        "startQueryExecution": Optimized(requires=("QueryString",), sync=True),
        "stopQueryExecution": Optimized(requires=("QueryExecutionId",)),
        "getQueryExecution": Optimized(requires=("QueryExecutionId",)),
        "getQueryResults": Optimized(requires=("QueryExecutionId",)),
    },
    "codebuild": {
        "startBuild": Optimized(requires=("ProjectName",), sync=True),
        "stopBuild": Optimized(requires=("Id",)),
        "batchDeleteBuilds": Optimized(requires=("Ids",)),
        "batchGetReports": Optimized(requires=("ReportArns",)),
        "startBuildBatch": Optimized(requires=("ProjectName",), sync=True),
        "stopBuildBatch": Optimized(requires=("Id",)),
        "retryBuildBatch": _SYNC,
        "deleteBuildBatch": Optimized(requires=("Id",)),
    },
    "apigateway": {"invoke": Optimized(requires=("ApiEndpoint", "Method"), token=True)},
    "http": {"invoke": Optimized(requires=("ApiEndpoint", "Method"))},
    "databrew": {"startJobRun": Optimized(requires=("Name",), sync=True)},
    "elasticmapreduce": dict.fromkeys((*_EMR, *_EMR_MORE), _SYNC),
    "emr-containers": dict.fromkeys(("createVirtualCluster", "deleteVirtualCluster", "startJobRun"), _SYNC),
    "emr-serverless": dict.fromkeys(
        ("createApplication", "startApplication", "stopApplication", "deleteApplication", "startJobRun", "cancelJobRun"), _SYNC
    ),
    "eks": dict.fromkeys((*_EKS, "call"), _SYNC),
    "sagemaker": dict.fromkeys((*_SAGEMAKER, *_SAGEMAKER_MORE), _SYNC),
    "bedrock": {
        "invokeModel": Optimized(token=True),
        "createModelCustomizationJob": _SYNC,
    },
    "mediaconvert": {"createJob": _SYNC},
}


def resource_problems(resource: object, arguments: object, suffix: bool) -> Iterator[tuple[str, str, str | None]]:
    """(code, message, hint) for a Task's resource; `suffix` says that parameters may end in `.$` (JSONPath)."""
    if not isinstance(resource, str) or not resource:
        yield SCHEMA, "Resource must be an ARN", None
        return
    if resource.startswith("${"):
        return
    resource = _PLACEHOLDER.sub("x", resource)
    found = _INTEGRATION.match(resource)
    if not _ARN.match(resource):
        yield RESOURCE, f"{resource!r} is not an ARN", None
    elif found is None or found["service"] == "activity":
        return
    elif found["service"] == "aws-sdk":
        yield from _sdk(found["action"])
    else:
        yield from _optimized(found["service"], found["action"], arguments, suffix)


def _sdk(action: str) -> Iterator[tuple[str, str, str | None]]:
    service, _, call = action.partition(":")
    if not call:
        yield RESOURCE, f"aws-sdk:{action} names no API action", None
    elif ".sync" in call:
        yield RESOURCE, f"aws-sdk:{service} cannot wait for a job to finish: AWS SDK integrations have no .sync", None
    elif call[:1].isupper():
        yield RESOURCE, f"the API action {call} begins with a small letter here", call[:1].lower() + call[1:]


def _optimized(service: str, written: str, arguments: object, suffix: bool) -> Iterator[tuple[str, str, str | None]]:
    split = _WAITS.match(written)
    action, pattern = (split["action"], split["pattern"] or "") if split else (written, "")
    actions = SERVICES.get(service)
    if actions is None:
        yield RESOURCE, f"there is no optimized integration with {service}", closest(service, SERVICES)
        return
    if action not in actions:
        yield RESOURCE, f"the integration with {service} has no action {action}", closest(action, actions)
        return
    known = actions[action]
    if pattern.startswith(".sync") and not known.sync:
        yield RESOURCE, f"{service}:{action} cannot wait for a job to finish (.sync)", None
    if pattern == ".waitForTaskToken":
        if not known.token:
            yield RESOURCE, f"{service}:{action} cannot wait for a callback (.waitForTaskToken)", None
        elif arguments is not None and not _hands_token(arguments):
            message = "nothing hands the task token on, so nobody can ever answer and the state waits until it times out"
            yield SCHEMA, message, "$$.Task.Token" if suffix else "{% $states.context.Task.Token %}"
    yield from _required(f"{service}:{action}", known, arguments, suffix)


def _required(action: str, known: Optimized, arguments: object, suffix: bool) -> Iterator[tuple[str, str, str | None]]:
    if arguments is None:
        names = () if suffix else known.requires[:1]  # without Parameters the whole input is passed on
        for name in names:
            yield SCHEMA, f"{action} needs {name.replace('|', ' or ')}", None
        return
    if not isinstance(arguments, Mapping):
        return
    given = {str(name).removesuffix(".$") if suffix else str(name) for name in arguments}
    for name in known.requires:
        if not given & set(name.split("|")):
            yield SCHEMA, f"{action} needs {name.replace('|', ' or ')}", closest(name, [str(key) for key in arguments])


def _hands_token(arguments: Any) -> bool:
    """Whether the token, or the whole context or input that may hold it, is among the arguments."""
    text = json.dumps(arguments, default=str)
    return "Task.Token" in text or _WHOLE_CONTEXT.search(text) is not None
