"""What the AWS packages of JavaScript are called, as data.

AWS SDK v2: one package whose classes are services. v3: one package a service (`@aws-sdk/client-…`), commands, and the
`lib-` packages over them. https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/
"""

from __future__ import annotations

import re

from untangle.scanners.code.operations import operation

# Service names of SDK packages and classes that differ from botocore's once lowered and without hyphens.
SERVICES = {
    "eventbridge": "events",
    "cloudwatchevents": "events",
    "sfn": "stepfunctions",
    "iotdataplane": "iot-data",
    "iotdata": "iot-data",
    "cloudwatchlogs": "logs",
    "sagemakerruntime": "sagemaker-runtime",
    "bedrockruntime": "bedrock-runtime",
    "redshiftdata": "redshift-data",
    "dynamodbdocument": "dynamodb",
}
# The document client's own names of operations, in v2 methods and v3 commands.
DOCUMENT = {
    "put": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "batchWrite": "BatchWriteItem",
    "transactWrite": "TransactWriteItems",
    "get": "GetItem",
    "batchGet": "BatchGetItem",
    "transactGet": "TransactGetItems",
}
# Methods that are one operation under another name, per service.
METHODS = {
    ("s3", "upload"): "PutObject",
    ("s3", "copy"): "CopyObject",
    ("lambda", "invokeAsync"): "InvokeAsync",
}
# Packages whose schemas hand on the value that they check: https://zod.dev/basics
SCHEMAS = frozenset({"zod", "zod/v3", "zod/v4"})
PRESIGNERS = frozenset({"getSignedUrl", "getSignedUrlPromise", "createPresignedPost"})
# Functions of packages that read a parameter store: (package, function) -> store.
STORES = {
    ("@aws-lambda-powertools/parameters/ssm", "getParameter"): "ssm",
    ("@aws-lambda-powertools/parameters/secrets", "getSecret"): "secretsmanager",
}
# Packages that wrap one SDK client and hand its operations on (`@dazn/lambda-powertools-sqs-client`).
_WRAPPER = re.compile(r"(?:^|[-/@])([a-z-]+)-client\Z")


def wrapped(package: str, method: str) -> tuple[str, str] | None:
    """botocore's service and the write that a method of a wrapping package makes; None where it is no such package.

    The package is called after the service ("…-sqs-client"), the method after the operation, with words behind it
    ("publishWithCorrelationIds").
    """
    match = _WRAPPER.search(package)
    if match is None or package.startswith("@aws-sdk/"):
        return None
    words = match[1].split("-")
    for start in range(len(words)):
        service = service_of("-".join(words[start:]))
        for length in range(len(method), 0, -1):
            cut = length == len(method) or method[length:].startswith("With")
            name = (DOCUMENT.get(method[:length]) if service == "dynamodb" else None) or operation_of(method[:length])
            if cut and operation(service, name) is not None:
                return service, name
    return None


def service_of(name: str) -> str:
    """botocore's name of a service by its SDK class or package part ("EventBridge", "client-sqs")."""
    plain = name.lower().removeprefix("client-").replace("-", "")
    plain = plain.removesuffix("client") if plain not in ("client",) else plain
    return SERVICES.get(plain, plain)


def operation_of(method: str) -> str:
    """The API's name of an SDK method or command ("sendMessage", "SendMessageCommand")."""
    name = method.removesuffix("Command")
    return name[:1].upper() + name[1:]
