"""The optimized integrations of Step Functions: what each requires and takes, and how it can wait.

Source: Step Functions guide, "Integrating optimized services", and the services' API references for the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimized:
    """An optimized integration: what it requires (alternatives joined by "|"), what more it takes, and how it can wait.

    `takes` is empty where what it takes is not known here.
    """

    requires: tuple[str, ...] = ()
    takes: str = ""
    sync: bool = False
    token: bool = False


_SYNC = Optimized(sync=True)
_CALLED = Optimized()
_READ = "ExpressionAttributeNames ReturnConsumedCapacity"
_WRITE = f"""{_READ} ConditionExpression ConditionalOperator Expected ExpressionAttributeValues ReturnItemCollectionMetrics
ReturnValues ReturnValuesOnConditionCheckFailure"""
_CALL = "Headers QueryParameters RequestBody"
_INVOKE = "ClientContext DurableExecutionName InvocationType LogType Payload Qualifier TenantId"
_SEND = "DelaySeconds MessageAttributes MessageDeduplicationId MessageGroupId MessageSystemAttributes"
_PUBLISH = "MessageAttributes MessageDeduplicationId MessageGroupId MessageStructure Subject"
_GATEWAY = "AllowNullValues AuthType Path Stage"
_EMR_JOBS = ("createCluster", "terminateCluster", "addStep")
_EMR = ("cancelStep", "setClusterTerminationProtection", "modifyInstanceFleetByName", "modifyInstanceGroupByName")
_SAGEMAKER_JOBS = (
    *("createHyperParameterTuningJob", "createLabelingJob"),
    *("createProcessingJob", "createTrainingJob", "createTransformJob"),
)
_SAGEMAKER = ("createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint")
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
    "lambda": {"invoke": Optimized(requires=("FunctionName",), takes=_INVOKE, token=True)},
    "sqs": {"sendMessage": Optimized(requires=("QueueUrl", "MessageBody"), takes=_SEND, token=True)},
    "sns": {"publish": Optimized(requires=("Message", "TopicArn|TargetArn|PhoneNumber"), takes=_PUBLISH, token=True)},
    "events": {"putEvents": Optimized(requires=("Entries",), takes="EndpointId", token=True)},
    "dynamodb": {
        "getItem": Optimized(requires=("TableName", "Key"), takes=f"{_READ} AttributesToGet ConsistentRead ProjectionExpression"),
        "putItem": Optimized(requires=("TableName", "Item"), takes=_WRITE),
        "updateItem": Optimized(requires=("TableName", "Key"), takes=f"{_WRITE} AttributeUpdates UpdateExpression"),
        "deleteItem": Optimized(requires=("TableName", "Key"), takes=_WRITE),
    },
    "states": {"startExecution": Optimized(requires=("StateMachineArn",), takes="Input Name TraceHeader", sync=True, token=True)},
    "ecs": {"runTask": Optimized(requires=("TaskDefinition",), sync=True, token=True)},
    "batch": {"submitJob": Optimized(requires=("JobName", "JobQueue", "JobDefinition"), sync=True)},
    "glue": {"startJobRun": Optimized(requires=("JobName",), sync=True)},
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
    "apigateway": {"invoke": Optimized(requires=("ApiEndpoint", "Method"), takes=f"{_CALL} {_GATEWAY}", token=True)},
    "http": {
        "invoke": Optimized(requires=("ApiEndpoint", "Method", "Authentication|InvocationConfig"), takes=f"{_CALL} Transform")
    },
    "databrew": {"startJobRun": Optimized(requires=("Name",), sync=True)},
    "elasticmapreduce": dict.fromkeys(_EMR_JOBS, _SYNC) | dict.fromkeys(_EMR, _CALLED),
    "emr-containers": {"createVirtualCluster": _CALLED, "deleteVirtualCluster": _SYNC, "startJobRun": _SYNC},
    "emr-serverless": dict.fromkeys(
        ("createApplication", "startApplication", "stopApplication", "deleteApplication", "startJobRun", "cancelJobRun"), _SYNC
    ),
    "eks": dict.fromkeys(_EKS, Optimized(sync=True, token=True)) | {"call": Optimized(token=True)},
    "sagemaker": dict.fromkeys(_SAGEMAKER_JOBS, _SYNC) | dict.fromkeys(_SAGEMAKER, _CALLED),
    "bedrock": {
        "invokeModel": Optimized(token=True),
        "createModelCustomizationJob": _SYNC,
    },
    "mediaconvert": {"createJob": _SYNC},
}
