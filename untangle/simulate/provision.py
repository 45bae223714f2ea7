"""Creates what handlers touch: tables with their keys and indexes, buckets, topics, buses, streams, parameters, secrets.

Queues are not created: they live on the virtual clock (`platform/sqs.py`). What is created here has no subscriptions, mappings or
functions of its own: deliveries follow the graph.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from untangle.model.node import ChannelNode
from untangle.model.resource import Resource
from untangle.simulate.application import Application
from untangle.simulate.call import ApiCall, ApiError

_KEYS = ("KeySchema", "AttributeDefinitions")
_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def provision(application: Application, carry_out: Callable[[ApiCall], Mapping[str, Any]], note: Callable[[str], None]) -> None:
    """Create everything; what cannot be created is noted, in words, and left out."""
    for call in (*_of_channels(application), *_of_resources(application)):
        try:
            carry_out(call)
        except ApiError as error:
            if error.code not in ("BucketAlreadyOwnedByYou", "ResourceInUseException", "ResourceAlreadyExistsException"):
                note(f"{call.service}:{call.operation} failed while the scene was set: {error}")
        except Exception as error:  # parameters that the service would refuse
            note(f"{call.service}:{call.operation} failed while the scene was set: {error}")


def _of_channels(application: Application) -> list[ApiCall]:
    calls: list[ApiCall] = []
    for channel in application.graph.channels:
        make = _MADE.get(channel.type)
        if make is not None and "#" not in channel.id:
            calls.extend(make(application, channel))
    return calls


def _bucket(application: Application, channel: ChannelNode) -> list[ApiCall]:
    name = application.name(channel.id)
    calls = [ApiCall(service="s3", operation="CreateBucket", params={"Bucket": name})]
    resource = application.resource(channel.id)
    if resource is not None and resource.get("VersioningConfiguration", "Status") == "Enabled":
        params = {"Bucket": name, "VersioningConfiguration": {"Status": "Enabled"}}
        calls.append(ApiCall(service="s3", operation="PutBucketVersioning", params=params))
    return calls


def _topic(application: Application, channel: ChannelNode) -> list[ApiCall]:
    name = application.name(channel.id)
    params: dict[str, Any] = {"Name": name}
    if application.is_fifo(channel.id):
        resource = application.resource(channel.id)
        by_content = resource is not None and resource.get("ContentBasedDeduplication") in (True, "true")
        params["Attributes"] = {"FifoTopic": "true", "ContentBasedDeduplication": "true" if by_content else "false"}
    return [ApiCall(service="sns", operation="CreateTopic", params=params)]


def _bus(application: Application, channel: ChannelNode) -> list[ApiCall]:
    name = application.name(channel.id)
    return [] if name == "default" else [ApiCall(service="events", operation="CreateEventBus", params={"Name": name})]


def _stream(application: Application, channel: ChannelNode) -> list[ApiCall]:
    params = {"StreamName": application.name(channel.id), "ShardCount": 1}
    return [ApiCall(service="kinesis", operation="CreateStream", params=params)]


def _table(application: Application, channel: ChannelNode) -> list[ApiCall]:
    resource = application.resource(channel.id)
    name = application.name(channel.id)
    params: dict[str, Any] = {"TableName": name, "BillingMode": "PAY_PER_REQUEST"}
    written = {} if resource is None else _declared_keys(application, resource)
    names = [str(key) for key in channel.settings.get("key_names") or ()] or ["id"]  # type: ignore[union-attr]
    if not all(written.get(key) for key in _KEYS):
        if not channel.settings.get("key_names"):
            application.stand_ins.setdefault(f"the key of table {name}", "taken as a text 'id'")
        types = ("HASH", "RANGE")
        written = {
            "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in zip(names, types, strict=False)],
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in names[:2]],
        }
    return [ApiCall(service="dynamodb", operation="CreateTable", params=params | written)]


def key_types(application: Application, table: str) -> Mapping[str, str]:
    """The types ("S", "N", "B") of the attributes that a table's keys and indexes use, as far as they are declared."""
    resource = application.resource(table)
    listed = [] if resource is None else _declared_keys(application, resource).get("AttributeDefinitions") or []
    pairs = [(item.get("AttributeName"), item.get("AttributeType")) for item in listed if isinstance(item, dict)]
    return {str(name): str(kind) for name, kind in pairs if name and kind in ("S", "N", "B")}


def keys_of_tables(application: Application) -> Mapping[str, Mapping[str, str]]:
    """The same of every table, by its name."""
    tables = [channel.id for channel in application.graph.channels if channel.type == "dynamodb_stream"]
    return {application.name(table): key_types(application, table) for table in tables}


def _declared_keys(application: Application, resource: Resource) -> dict[str, Any]:
    """Keys, attribute types and indexes of a table as declared; a global table's are the same."""
    found: dict[str, Any] = {}
    for key in (*_KEYS, *_INDEXES):
        value = application.plain(resource.get(key), stack=resource.stack)
        if isinstance(value, list) and value:
            found[key] = value
    for index in _INDEXES:
        kept = ("IndexName", "KeySchema", "Projection")
        if index in found:
            found[index] = [{key: item[key] for key in kept if key in item} for item in found[index] if isinstance(item, dict)]
    return found


_MADE: Mapping[str, Callable[[Application, ChannelNode], list[ApiCall]]] = {
    "dynamodb_stream": _table,
    "eventbridge": _bus,
    "kinesis": _stream,
    "s3": _bucket,
    "sns": _topic,
}


def _of_resources(application: Application) -> list[ApiCall]:
    calls: list[ApiCall] = []
    for resource in sorted(application.inventory.resources, key=lambda item: item.id):
        if resource.type == "AWS::SSM::Parameter":
            calls.append(_parameter(application, resource))
        elif resource.type == "AWS::SecretsManager::Secret":
            calls.append(_secret(application, resource))
        elif resource.type == "AWS::KMS::Key":
            calls.append(ApiCall(service="kms", operation="CreateKey", params={"Description": resource.id}))
    return calls


def _parameter(application: Application, resource: Resource) -> ApiCall:
    kind = resource.get("Type")
    params = {
        "Name": application.name(resource.id),
        "Value": application.text(resource.get("Value"), stack=resource.stack) or "unset",
        "Type": kind if isinstance(kind, str) else "String",
        "Overwrite": True,
    }
    return ApiCall(service="ssm", operation="PutParameter", params=params)


def _secret(application: Application, resource: Resource) -> ApiCall:
    name = application.name(resource.id)
    value = application.text(resource.get("SecretString"), stack=resource.stack)
    template = application.text(resource.get("GenerateSecretString", "SecretStringTemplate"), stack=resource.stack)
    key = application.text(resource.get("GenerateSecretString", "GenerateStringKey"), stack=resource.stack)
    if not value:
        value = _generated(template, key)
        application.stand_ins.setdefault(f"secret {name}", f"taken as {value!r}")
    return ApiCall(service="secretsmanager", operation="CreateSecret", params={"Name": name, "SecretString": value})


def _generated(template: str, key: str) -> str:
    try:
        held = json.loads(template) if template else {}
    except ValueError:
        held = {}
    return json.dumps(held | {key: "simulated"}) if key and isinstance(held, dict) else "simulated"
