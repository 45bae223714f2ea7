"""How errors of services are called in a state machine.

An optimized integration reports `<Service>.<code>` with a cause in the words of the first Java SDK; an AWS SDK integration
reports `<Service>.<Exception>` in those of the second. An error that the service's model does not name is called by the exception
that all of the service's are: DynamoDB.AmazonDynamoDBException, DynamoDb.DynamoDbException.

Sources: Step Functions guide, "Handling errors", "Using AWS service SDK integrations" (the table of exception prefixes); AWS SDK
for Java 2, the naming of its generated classes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from untangle.simulate.call import ApiError
from untangle.simulate.machine.task import TaskFailure

if TYPE_CHECKING:
    from botocore.model import ServiceModel

# What the first Java SDK calls the services whose errors name them otherwise than `Amazon<prefix>`.
_SERVICES = {
    "Lambda": "AWSLambda",
    "DynamoDB": "AmazonDynamoDBv2",
    "StepFunctions": "AWSStepFunctions",
    "Glue": "AWSGlue",
    "Batch": "AWSBatch",
    "CodeBuild": "AWSCodeBuild",
    "EventBridge": "AmazonCloudWatchEvents",
}
# Their codes come without the ending that the exceptions' names have.
_SUFFIXED = frozenset({"StepFunctions", "SQS", "SNS"})
_LONG = re.compile(r"(?P<first>[^a-z]{2,})v(?P<number>\d)")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+")


def of_optimized(prefix: str, error: ApiError, request: str, model: ServiceModel | None = None) -> TaskFailure:
    """The failure of an optimized integration; `model` is that of its service."""
    code = error.code.rsplit(".", 1)[-1]  # AWS.SimpleQueueService.NonExistentQueue
    named = {"NonExistentQueue": "QueueDoesNotExist"}.get(code, code)
    suffix = "Exception" if prefix in _SUFFIXED and not named.endswith("Exception") else ""
    service = _SERVICES.get(prefix, f"Amazon{prefix}")
    name = f"{named}{suffix}"
    if model is not None and not any(named in (shape.name, _code(shape)) for shape in model.error_shapes):
        name = f"{service.removesuffix('v2')}Exception"
    details = f"Service: {service}; Status Code: {error.status}; Error Code: {error.code}"
    return TaskFailure(error=f"{prefix}.{name}", cause=f"{error.message} ({details}; Request ID: {request}; Proxy: null)")


def of_sdk(model: ServiceModel, error: ApiError, request: str) -> TaskFailure:
    """The failure of an AWS SDK integration."""
    prefix = pascal(str(model.service_id))
    shape = next((shape.name for shape in model.error_shapes if error.code in (shape.name, _code(shape))), None)
    details = f"Service: {prefix}, Status Code: {error.status}, Request ID: {request}"
    return TaskFailure(error=f"{prefix}.{exception(shape or prefix)}", cause=f"{error.message} ({details})")


def _code(shape: object) -> str | None:
    """The code on the wire of an error's shape, where it differs from its name."""
    metadata = getattr(shape, "metadata", {})
    code = metadata.get("error", {}).get("code") if isinstance(metadata, dict) else None
    return str(code) if code else None


def exception(shape: str) -> str:
    """An error's shape as the Java SDK calls its class: `NoSuchKey` is NoSuchKeyException."""
    name = shape.removesuffix("Fault") if shape != "Fault" else shape
    name = name[:1].upper() + name[1:]
    return name if name.endswith("Exception") else f"{name}Exception"


def pascal(name: str) -> str:
    """A name in the case that the Java SDK gives it: `DynamoDB` is DynamoDb, `RDS Data` RdsData, `SESv2` SesV2."""
    parted = _LONG.sub(r"\g<first> V\g<number>", name.replace("IoT", "Iot"))
    return "".join(word.capitalize() for word in _WORD.findall(parted))
