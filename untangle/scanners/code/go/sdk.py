"""How the AWS SDKs of Go are called: clients, requests by structs, and the managers over S3."""

from __future__ import annotations

from untangle.model.value import Stored
from untangle.scanners.code.go.packages import FEATURES, UPLOADS, operation_of, service_of
from untangle.scanners.code.lowered.library import Follower, Site
from untangle.scanners.code.lowered.spelling import SDK
from untangle.scanners.code.lowered.things import (
    Client,
    Items,
    Message,
    Record,
    Thing,
    Unknown,
    options,
    to_value,
)

TABLE = "table"
_ANSWERS = {
    ("ssm", "GetParameter"): (("Parameter", "Value"), "Name", "ssm"),
    ("secretsmanager", "GetSecretValue"): (("SecretString",), "SecretId", "secretsmanager"),
    ("sqs", "GetQueueUrl"): (("QueueUrl",), "QueueName", None),
    ("sqs", "CreateQueue"): (("QueueUrl",), "QueueName", None),
    ("sns", "CreateTopic"): (("TopicArn",), "Name", None),
}
_INVOCATIONS = ("Event", "RequestResponse", "DryRun")
# Packages over DynamoDB whose tables write by methods of their own.
DYNAMO = ("github.com/guregu/dynamo",)
_DYNAMO_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}


def is_client(name: str) -> bool:
    """Whether a type of a service's package is its client, or an interface of one."""
    return name == "Client" or name.endswith("API") or name.isupper() or name in ("Lambda", "EventBridge", "DynamoDB", "Kinesis")


def known_type(package: str, name: str) -> Thing:
    """What a value of an SDK's type is that the code does not make itself: a client; else unknown."""
    if package in FEATURES:
        return Client(*FEATURES[package]) if "Upload" in name else Unknown()
    service = service_of(package)
    if service is None or "/types" in package or not is_client(name):
        return Unknown()
    return Client(service)


def member(package: str, name: str) -> Thing:
    """A constant of an SDK's package that tells something; None for the rest."""
    for value in _INVOCATIONS:
        if name == f"InvocationType{value}":
            return value
    return None


def call(package: str, name: str, arguments: list[Thing], site: Site, interpreter: Follower, *, new: bool) -> Thing:
    """A function of an SDK's package, or with `new` a literal of one of its types."""
    first = arguments[0] if arguments else None
    service = service_of(package)
    if new:
        return literal_of(service, name, first)
    if package in FEATURES and name.startswith("New"):
        return Client(*FEATURES[package]) if "Upload" in name or name == "New" else Unknown(name)
    if service is not None and name == "NewPresignClient":
        return Client(service, "presign")
    if (
        service is not None
        and "/types" not in package
        and name.startswith("New")
        and "Paginator" not in name
        and "Waiter" not in name
    ):
        return Client(service)
    if len(arguments) == 1 and not name.startswith("New"):
        return first  # aws.String("x"), types.InvocationType("Event")
    return interpreter.apply(Unknown(name), arguments, site)


def literal_of(service: str | None, name: str, given: Thing) -> Thing:
    """A request or a part of one. `&sqs.SendMessageInput{…}` says itself which operation it is for."""
    fields = dict(given.fields) if isinstance(given, Record) else {}
    return Record(fields, type=f"{SDK}{service or ''}:{name}")


def send(client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """A method of a client."""
    given = request_in(arguments)
    if client.flavour == "manager":
        return interpreter.record("s3", "PutObject", given, site) if method in UPLOADS else Unknown(site.text)
    if client.flavour == "presign":
        if method == "PresignPutObject":
            interpreter.record("s3", "PutObject", given, site, "client upload")
        return Unknown(site.text)
    if client.flavour == "dynamo":
        return Record({"table": arguments[0] if arguments else Unknown("table")}, type=TABLE) if method == "Table" else client
    operation = operation_of(method)
    later = "client upload" if (client.service, method) == ("s3", "PutObjectRequest") else None
    interpreter.record(client.service, operation, given, site, later)
    return answer(client.service, operation, given) or Unknown(site.text)


def request_in(arguments: list[Thing]) -> Thing:
    """The request among the arguments: what is a request by its type, else what follows the context."""
    for thing in arguments:
        if any(isinstance(option, Record) and option.type.startswith(SDK) for option in options(thing)):
            return thing
    return next((thing for thing in arguments[1:2] or arguments[:1]), None)


def answer(service: str, operation: str, parameters: Thing) -> Thing:
    """What reading a parameter, a secret or a queue's URL gives."""
    known = _ANSWERS.get((service, operation))
    if known is None or not isinstance(parameters, Record):
        return None
    route, asked, store = known
    name = parameters.fields.get(asked)
    value: Thing = Stored(store, to_value(name)) if store is not None else name
    for step in reversed(route):
        value = Record({step: value}, open=True, type=f"{SDK}:answer")
    return value


def requested(owner: Thing, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> tuple[bool, Thing]:
    """A request that is sent by something that is not known to be a client, an interface as a rule: its type says where to."""
    if isinstance(owner, Message | Items):
        return False, None
    given = request_in(arguments)
    for option in options(given):
        if not isinstance(option, Record) or not option.type.startswith(SDK):
            continue
        service, _, name = option.type.removeprefix(SDK).partition(":")
        operation = operation_of(method)
        if service and name == f"{operation}Input":
            interpreter.record(service, operation, given, site)
            return True, answer(service, operation, given) or Unknown(site.text)
        if service == "s3" and method in UPLOADS and name in ("UploadInput", "PutObjectInput", "UploadObjectInput"):
            return True, interpreter.record("s3", "PutObject", given, site)
    return False, None


def of_request(record: Record, method: str, arguments: list[Thing]) -> tuple[bool, Thing]:
    """SDK v1's setters: `input.SetQueueUrl(url)`."""
    if method.startswith("Set") and len(arguments) == 1:
        record.fields[method[3:]] = arguments[0]
        return True, record
    return False, None


def of_table(table: Record, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> tuple[bool, Thing]:
    """A table of a package over DynamoDB: `table.Put(item)`."""
    operation = _DYNAMO_WRITES.get(method)
    if operation is None:
        return True, table
    fields = {"TableName": table.fields.get("table"), "Item" if method == "Put" else "Key": arguments[0] if arguments else None}
    interpreter.record("dynamodb", operation, Record(fields), site)
    return True, table
