"""boto3 and its asynchronous twins: sessions, clients, resource objects; which of their methods write."""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable

from untangle.model.value import ACCOUNT, Stored, Symbol
from untangle.scanners.code.counted import LISTINGS
from untangle.scanners.code.operations import OPERATIONS, SERVICE_ALIASES, Operation, operation
from untangle.scanners.code.python.attributes import Attributes
from untangle.scanners.code.python.domain import (
    Abstract,
    Arguments,
    Client,
    DictOf,
    Foreign,
    ListOf,
    Member,
    Scope,
    SdkObject,
    ServiceResource,
    either,
    options,
)
from untangle.scanners.code.python.export import value_of
from untangle.scanners.code.python.recording import record


def snake(name: str) -> str:
    """boto3's method for an API operation: `PutEvents` -> `put_events`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


METHODS: dict[tuple[str, str], Operation] = {(found.service, snake(found.name)): found for found in OPERATIONS.values()}
_TRANSFERS = {  # positional parameters of the transfer methods; all end in PutObject or CopyObject
    "upload_file": ("PutObject", ("Filename", "Bucket", "Key")),
    "upload_fileobj": ("PutObject", ("Fileobj", "Bucket", "Key")),
    "copy": ("CopyObject", ("CopySource", "Bucket", "Key")),
}
_CLIENT_UPLOAD = "client upload"
# Resource objects: the API parameters that name them, in the order of the constructor, with the constructor's own names.
KINDS: dict[tuple[str, str], tuple[tuple[str, tuple[str, ...]], ...]] = {
    ("sqs", "Queue"): (("QueueUrl", ("url",)),),
    ("sqs", "Message"): (("QueueUrl", ("queue_url",)),),
    ("sns", "Topic"): (("TopicArn", ("arn",)),),
    ("sns", "PlatformEndpoint"): (("TargetArn", ("arn",)),),
    ("dynamodb", "Table"): (("TableName", ("name",)),),
    ("s3", "Bucket"): (("Bucket", ("name",)),),
    ("s3", "Object"): (("Bucket", ("bucket_name",)), ("Key", ("key",))),
    ("s3", "ObjectSummary"): (("Bucket", ("bucket_name",)), ("Key", ("key",))),
    ("s3", "MultipartUpload"): (("Bucket", ("bucket_name",)), ("Key", ("object_key",)), ("UploadId", ("id",))),
}
_OBJECT_METHODS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("Queue", "send_message"): ("SendMessage", ()),
    ("Queue", "send_messages"): ("SendMessageBatch", ()),
    ("Topic", "publish"): ("Publish", ()),
    ("PlatformEndpoint", "publish"): ("Publish", ()),
    ("Table", "put_item"): ("PutItem", ()),
    ("Table", "update_item"): ("UpdateItem", ()),
    ("Table", "delete_item"): ("DeleteItem", ()),
    ("Table", "batch_write_item"): ("BatchWriteItem", ()),
    ("Bucket", "put_object"): ("PutObject", ()),
    ("Bucket", "upload_file"): ("PutObject", ("Filename", "Key")),
    ("Bucket", "upload_fileobj"): ("PutObject", ("Fileobj", "Key")),
    ("Bucket", "copy"): ("CopyObject", ("CopySource", "Key")),
    ("Bucket", "delete_objects"): ("DeleteObjects", ()),
    ("Objects", "delete"): ("DeleteObjects", ()),
    ("MultipartUpload", "complete"): ("CompleteMultipartUpload", ()),
    **{
        (kind, name): (op, given)
        for kind in ("Object", "ObjectSummary")
        for name, op, given in (
            ("put", "PutObject", ()),
            ("upload_file", "PutObject", ("Filename",)),
            ("upload_fileobj", "PutObject", ("Fileobj",)),
            ("copy", "CopyObject", ("CopySource",)),
            ("copy_from", "CopyObject", ()),
            ("delete", "DeleteObject", ()),
            ("restore_object", "RestoreObject", ()),
        )
    },
}


def service_name(value: Abstract) -> str | None:
    """The service a client is asked for; None where that is not one literal name."""
    found = [option for option in options(value) if isinstance(option, str)]
    return SERVICE_ALIASES.get(found[0], found[0]) if len(found) == 1 else None


def session_call(name: str, arguments: Arguments) -> Abstract:
    """`client(...)` or `resource(...)` of boto3, a session or an asynchronous twin; None for anything else."""
    service = service_name(arguments.get("service_name", 0))
    if name in ("client", "create_client") and service is not None:
        return Client(service)
    if name == "resource" and service is not None:
        return ServiceResource(service)
    return None


def call(core: Attributes, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    """What a method of a client, a service resource or a resource object gives; its writes are recorded."""
    receiver = member.receiver
    if isinstance(receiver, Client):
        return _of_client(core, receiver.service, member, arguments, node, scope)
    if isinstance(receiver, ServiceResource):
        return _of_service(core, receiver.service, member, arguments, node, scope)
    if isinstance(receiver, SdkObject):
        return _of_object(core, receiver, member, arguments, node, scope)
    return member.text


def _of_client(core: Attributes, service: str, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    name = member.name
    found = METHODS.get((service, name))
    core.lists = core.lists or (service, _pascal(name)) in LISTINGS or name == "get_paginator"
    if found is not None:
        record(core, found, dict(arguments.named), node, scope)
        return DictOf(open=True, others=member.text, has_others=True)
    if service == "s3" and (name in _TRANSFERS or name.startswith("generate_presigned")):
        return _transfer(core, name, arguments, node, scope, member)
    if name.startswith("get_") or name in ("create_queue", "create_topic", "batch_get_secret_value"):
        known = _gotten(service, name, arguments)
        if known is not None:
            return known
    if name in ("get_paginator", "get_waiter"):
        return Foreign(f"{service}.{name}", arguments)
    core.hand_over(name, arguments, node, scope)
    return DictOf(open=True, others=member.text, has_others=True)


def _transfer(core: Attributes, name: str, arguments: Arguments, node: ast.AST, scope: Scope, member: Member) -> Abstract:
    if name == "generate_presigned_url":
        target = operation("s3", _pascal(arguments.get("ClientMethod", 0)))
        params = arguments.get("Params", 1)
        if target is not None:
            given = {str(key): value for key, value in params.entries.items()} if isinstance(params, DictOf) else {}
            record(core, target, given, node, scope, mediated=_CLIENT_UPLOAD)
        return member.text
    if name == "generate_presigned_post":
        given = _named(("Bucket", "Key"), arguments)
        record(core, OPERATIONS["s3", "PutObject"], given, node, scope, mediated=_CLIENT_UPLOAD)
        return DictOf(open=True, others=member.text, has_others=True)
    target_name, order = _TRANSFERS[name]
    record(core, OPERATIONS["s3", target_name], _named(order, arguments), node, scope)
    return None


def _pascal(name: Abstract) -> str:
    return "".join(word.capitalize() for word in name.split("_")) if isinstance(name, str) else ""


def _named(order: tuple[str, ...], arguments: Arguments) -> dict[str, Abstract]:
    return {**dict(zip(order, arguments.positional, strict=False)), **arguments.named}


def stored(store: str, name: Abstract) -> Abstract:
    """What a parameter store holds under a name."""
    if name is None:
        return Symbol(f"{store} parameter")
    return either(Stored(store, value_of(option)) for option in options(name))


def _gotten(service: str, name: str, arguments: Arguments) -> Abstract:
    """The reads whose answers name things: queues by name, stored parameters, the own account."""
    if service == "sqs" and name in ("get_queue_url", "create_queue"):
        return DictOf({"QueueUrl": arguments.get("QueueName")}, open=True)
    if service == "sns" and name == "create_topic":
        return DictOf({"TopicArn": arguments.get("Name")}, open=True)
    if service == "ssm" and name == "get_parameter":
        given = arguments.get("Name")
        return DictOf({"Parameter": DictOf({"Name": given, "Value": stored("ssm", given)}, open=True)}, open=True)
    if service == "ssm" and name == "get_parameters":
        names = arguments.get("Names")
        if isinstance(names, ListOf):
            rows: list[Abstract] = [DictOf({"Name": item, "Value": stored("ssm", item)}, open=True) for item in names.items]
            return DictOf({"Parameters": ListOf(rows, open=names.open)}, open=True)
    if service == "secretsmanager" and name == "get_secret_value":
        held = stored("secretsmanager", arguments.get("SecretId"))
        return DictOf({"SecretString": held, "SecretBinary": held}, open=True)
    if service == "sts" and name == "get_caller_identity":
        return DictOf({"Account": ACCOUNT}, open=True)
    return None


def _of_service(core: Attributes, service: str, member: Member, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
    name = member.name
    if (service, name) in KINDS:
        return made(service, name, arguments)
    if service == "sqs" and name in ("get_queue_by_name", "create_queue"):
        return SdkObject("sqs", "Queue", (("QueueUrl", arguments.get("QueueName")),))
    if service == "sns" and name == "create_topic":
        return SdkObject("sns", "Topic", (("TopicArn", arguments.get("Name")),))
    if service == "dynamodb" and name == "create_table":
        return SdkObject("dynamodb", "Table", (("TableName", arguments.get("TableName")),))
    return _of_client(core, service, member, arguments, node, scope)


def made(service: str, kind: str, arguments: Arguments, known: tuple[tuple[str, Abstract], ...] = ()) -> SdkObject:
    """A resource object from the arguments of its constructor; `known` are the parameters it has already."""
    names = list(known)
    parameters = KINDS[service, kind][len(known) :]
    for i, (parameter, aliases) in enumerate(parameters):
        value = arguments.get(aliases[0], i, Symbol(parameter))
        names.append((parameter, value))
    return SdkObject(service, kind, tuple(names))


def _of_object(
    core: Attributes, receiver: SdkObject, member: Member, arguments: Arguments, node: ast.AST, scope: Scope
) -> Abstract:
    name, kind = member.name, receiver.kind
    core.lists = core.lists or (receiver.service, _pascal(name)) in LISTINGS
    found = _OBJECT_METHODS.get((kind, name))
    if found is not None:
        target, order = found
        given = {**dict(receiver.names), **_named(order, arguments)}
        record(core, OPERATIONS[receiver.service, target], given, node, scope)
        return DictOf(open=True, others=member.text, has_others=True)
    if kind == "Table" and name == "batch_writer":
        return SdkObject(receiver.service, "BatchWriter", receiver.names)
    if kind == "BatchWriter" and name in ("put_item", "delete_item"):
        _batch(core, receiver, name, arguments, node, scope)
        return None
    if kind == "Bucket" and name == "Object":
        return made("s3", "Object", arguments, receiver.names)
    if kind == "Object" and name in ("initiate_multipart_upload", "MultipartUpload"):
        return SdkObject("s3", "MultipartUpload", receiver.names)
    if kind in ("Object", "ObjectSummary") and name in ("Object", "Bucket"):
        return receiver if name == "Object" else SdkObject("s3", "Bucket", receiver.names[:1])
    if kind == "Objects":
        return receiver if name in ("all", "filter", "limit", "page_size", "pages") else member.text
    core.hand_over(name, arguments, node, scope)
    return DictOf(open=True, others=member.text, has_others=True)


def _batch(core: Attributes, receiver: SdkObject, name: str, arguments: Arguments, node: ast.AST, scope: Scope) -> None:
    """A batch writer's entry: an API call of its own kind, although many are sent together."""
    key, kind = ("Item", "PutRequest") if name == "put_item" else ("Key", "DeleteRequest")
    request = DictOf({key: arguments.get(key, 0)})
    table = dict(receiver.names).get("TableName")
    requests = DictOf({table: ListOf([DictOf({kind: request})])}) if isinstance(table, Hashable) else DictOf()
    record(core, OPERATIONS["dynamodb", "BatchWriteItem"], {"RequestItems": requests}, node, scope)
