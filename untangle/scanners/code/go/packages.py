"""What the AWS packages of Go are called, as data.

SDK v1: `github.com/aws/aws-sdk-go/service/<service>`; v2: `github.com/aws/aws-sdk-go-v2/service/<service>`.
Operations and parameters have the API's own names. https://aws.github.io/aws-sdk-go-v2/docs/
"""

from __future__ import annotations

import re

LAMBDA = "github.com/aws/aws-lambda-go/lambda"
EVENTS = "github.com/aws/aws-lambda-go/events"
_SERVICE = re.compile(r"\Agithub\.com/aws/aws-sdk-go(?:-v2)?/service/(\w+)(?:/(\w+))?")
SDKS = ("github.com/aws/aws-sdk-go/", "github.com/aws/aws-sdk-go-v2/")
# Service names of packages that differ from botocore's.
SERVICES = {
    "eventbridge": "events",
    "cloudwatchevents": "events",
    "sfn": "stepfunctions",
    "iotdataplane": "iot-data",
    "cloudwatchlogs": "logs",
    "sagemakerruntime": "sagemaker-runtime",
    "bedrockruntime": "bedrock-runtime",
    "redshiftdata": "redshift-data",
    "redshiftdataapiservice": "redshift-data",
    "transcribeservice": "transcribe",
}
# Packages over a service: what is made in them is a client with methods of its own.
FEATURES = {
    "github.com/aws/aws-sdk-go/service/s3/s3manager": ("s3", "manager"),
    "github.com/aws/aws-sdk-go-v2/feature/s3/manager": ("s3", "manager"),
    "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager": ("s3", "manager"),
}
UPLOADS = frozenset({"Upload", "UploadWithContext", "UploadObject"})
# Functions and types of packages whose value is that of their first argument, by their name alone: pointers to literals.
SAME = frozenset(
    (
        *(
            "String",
            "StringValue",
            "ToString",
            "Ptr",
            "Pointer",
            "To",
            "ToPtr",
            "Of",
            "StringPtr",
            "Int64",
            "Int32",
            "Int",
            "Bool",
        ),
        *("Must", "Itoa", "FormatInt", "TrimSpace", "NewReader", "NewBuffer", "NewBufferString", "NopCloser", "ReadAll"),
        *("QueryUnescape", "PathUnescape", "Clone", "MarshalMap", "Marshal", "ConvertToMap", "Val", "Deref", "NewBufferReader"),
    )
)
WRAPS = re.compile(r"wrap|instrument|middleware|newhandler|recover", re.IGNORECASE)
# Keys of Lambda's events that are not the field's name with a small letter.
EVENT_KEYS = {"Records": "Records", "SNS": "Sns", "Change": "dynamodb", "DetailType": "detail-type", "URLDecodedKey": "key"}
CAPITALS_UNDER = frozenset({"Sns", "dynamodb"})


def service_of(package: str) -> str | None:
    """botocore's name of the service that a package of an SDK is for; None for every other package."""
    match = _SERVICE.match(package)
    return SERVICES.get(match[1], match[1]) if match is not None else None


def operation_of(method: str) -> str:
    """The API's name of a client's method: v1 has forms with a context, and requests to be sent later."""
    for suffix in ("WithContext", "Request", "Pages"):
        method = method.removesuffix(suffix)
    return method


def event_key(name: str, path: tuple[str, ...]) -> str:
    """The key of Lambda's event that a field of its type stands for."""
    if any(part in CAPITALS_UNDER for part in path):
        return name.replace("ID", "Id") if "Sns" in path else name
    return EVENT_KEYS.get(name) or small(name)


def small(name: str) -> str:
    """A name with a small beginning: `Body` body, `ID` id, `AWSRegion` awsRegion, `RequestID` requestId."""
    if len(name) > 2 and name.endswith(("ID", "IP")) and name != "EventID" and name[-3].islower():
        name = name[:-1] + name[-1].lower()
    match = re.match(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+\Z|[A-Z]", name)
    return match[0].lower() + name[match.end() :] if match is not None else name
