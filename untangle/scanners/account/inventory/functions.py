"""Lambda: functions, what they poll, where their results go, their URLs, and who may invoke them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.invokers import permissions
from untangle.scanners.account.inventory.place import Found, Place, Reader, picked

_KEPT = ("FunctionName", "Runtime", "Role", "Handler", "Timeout", "MemorySize", "PackageType", "Architectures", "TracingConfig")
_POLLING = (
    "EventSourceArn", "BatchSize", "MaximumBatchingWindowInSeconds", "ParallelizationFactor", "StartingPosition",
    "FilterCriteria", "DestinationConfig", "Topics", "Queues", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "BisectBatchOnFunctionError", "TumblingWindowInSeconds", "FunctionResponseTypes", "ScalingConfig",
    "SelfManagedEventSource", "AmazonManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig",
)  # fmt: skip


def read(place: Place) -> Iterator[Found]:
    """Every function of a region, with all that Lambda itself knows of its triggers."""
    functions = sorted(place.ask("lambda", "ListFunctions").items("Functions"), key=lambda item: str(item.get("FunctionName")))
    for function in functions:
        yield _function(place, function)
    for mapping in place.ask("lambda", "ListEventSourceMappings").items("EventSourceMappings"):
        yield _mapping(place, mapping)
    names = [{"FunctionName": function["FunctionName"]} for function in functions]
    answers = place.each("lambda", "ListFunctionEventInvokeConfigs", names)
    for answer in answers:
        yield from (_invoke_config(place, config) for config in answer.items("FunctionEventInvokeConfigs"))
    for answer in place.each("lambda", "ListFunctionUrlConfigs", names):
        for url in answer.items("FunctionUrlConfigs"):
            yield _url(place, url)
    for answer in place.each("lambda", "GetPolicy", names):
        yield from permissions(place, answer)


def _function(place: Place, found: Mapping[str, Any]) -> Found:
    """The dead-letter target is given only where there is one: AWS answers an empty one where it was taken away."""
    dead_letter = found.get("DeadLetterConfig") or {}
    layers = [layer.get("Arn") for layer in found.get("Layers") or ()]
    properties = {
        **picked(found, *_KEPT),
        "Environment": found.get("Environment") or None,
        "DeadLetterConfig": dead_letter if dead_letter.get("TargetArn") else None,
        "Layers": layers or None,
        "VpcConfig": found.get("VpcConfig") if (found.get("VpcConfig") or {}).get("VpcId") else None,
    }
    return place.resource("AWS::Lambda::Function", found["FunctionName"], properties, arn=found.get("FunctionArn"))


def _mapping(place: Place, found: Mapping[str, Any]) -> Found:
    """A mapping that is being disabled counts as disabled. Its function may be named with an alias."""
    off = str(found.get("State", "")).startswith("Disabl")
    properties = {**picked(found, *_POLLING), "FunctionName": found.get("FunctionArn"), "Enabled": False if off else None}
    uuid = str(found.get("UUID"))
    return place.resource("AWS::Lambda::EventSourceMapping", f"mapping:{uuid}", properties, arn=None, ref=uuid)


def _invoke_config(place: Place, found: Mapping[str, Any]) -> Found:
    arn = str(found.get("FunctionArn"))
    name, _, qualifier = arn.partition(":function:")[2].partition(":")
    destinations = {key: item for key, item in (found.get("DestinationConfig") or {}).items() if (item or {}).get("Destination")}
    properties = {
        "FunctionName": arn,
        "Qualifier": qualifier or "$LATEST",
        **picked(found, "MaximumRetryAttempts", "MaximumEventAgeInSeconds"),
        "DestinationConfig": destinations or None,
    }
    address = f"invoke-config:{name}:{qualifier or '$LATEST'}"
    return place.resource("AWS::Lambda::EventInvokeConfig", address, properties, arn=None)


def _url(place: Place, found: Mapping[str, Any]) -> Found:
    arn = str(found.get("FunctionArn"))
    properties = {"TargetFunctionArn": arn, **picked(found, "AuthType", "InvokeMode")}
    return place.resource("AWS::Lambda::Url", f"url:{arn.partition(':function:')[2]}", properties, arn=None, ref=arn)


READER = Reader(title="Lambda functions", read=read)
