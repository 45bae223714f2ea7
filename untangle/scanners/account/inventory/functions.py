"""Lambda: functions, what they poll, where their results go, their aliases and URLs, and who may invoke them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.place import Found, Place, Reader, document, picked

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
    mappings = list(place.ask("lambda", "ListEventSourceMappings").items("EventSourceMappings"))
    yield from (_mapping(place, mapping) for mapping in mappings)
    names = [{"FunctionName": function["FunctionName"]} for function in functions]
    answers = place.each("lambda", "ListFunctionEventInvokeConfigs", names)
    configs = [config for answer in answers for config in answer.items("FunctionEventInvokeConfigs")]
    yield from (_invoke_config(place, config) for config in configs)
    yield from _aliases(place, [str(item.get("FunctionArn")) for item in (*mappings, *configs)])
    for answer in place.each("lambda", "ListFunctionUrlConfigs", names):
        for url in answer.items("FunctionUrlConfigs"):
            yield _url(place, url)
    for answer in place.each("lambda", "GetPolicy", names):
        for page in answer.pages:
            yield from _permissions(place, answer.request.params["FunctionName"], document(page.get("Policy")))


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


def _aliases(place: Place, arns: list[str]) -> Iterator[Found]:
    """The aliases of the functions that are named with a qualifier; for all others a call per function would tell nothing."""
    named = (arn.partition(":function:")[2].partition(":") for arn in arns)
    qualified = sorted({name for name, _, qualifier in named if qualifier not in ("", "$LATEST")})
    for name, answer in zip(
        qualified, place.each("lambda", "ListAliases", [{"FunctionName": it} for it in qualified]), strict=True
    ):
        yield from (_alias(place, name, alias) for alias in answer.items("Aliases"))


def _alias(place: Place, function: str, found: Mapping[str, Any]) -> Found:
    properties = {"FunctionName": function, **picked(found, "Name", "FunctionVersion", "RoutingConfig")}
    arn = found.get("AliasArn")
    return place.resource("AWS::Lambda::Alias", f"alias:{function}:{found.get('Name')}", properties, arn=arn, ref=arn)


def _url(place: Place, found: Mapping[str, Any]) -> Found:
    arn = str(found.get("FunctionArn"))
    properties = {"TargetFunctionArn": arn, **picked(found, "AuthType", "InvokeMode")}
    return place.resource("AWS::Lambda::Url", f"url:{arn.partition(':function:')[2]}", properties, arn=None, ref=arn)


def _permissions(place: Place, function: str, policy: Any) -> Iterator[Found]:
    """The statements that let a service invoke the function: the trace of triggers that no listing shows."""
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    for index, statement in enumerate(statements if isinstance(statements, list) else [statements] if statements else ()):
        principal = statement.get("Principal") if isinstance(statement, Mapping) else None
        service = principal.get("Service") if isinstance(principal, Mapping) else None
        if statement.get("Effect") != "Allow" or not isinstance(service, str):
            continue
        sid = str(statement.get("Sid") or index)
        properties = {
            "FunctionName": function,
            "Action": statement.get("Action"),
            "Principal": service,
            "SourceArn": _condition(statement, "aws:sourcearn"),
            "SourceAccount": _condition(statement, "aws:sourceaccount"),
        }
        yield place.resource("AWS::Lambda::Permission", f"permission:{function}:{sid}", properties, arn=None)


def _condition(statement: Mapping[str, Any], key: str) -> Any:
    """The value that a statement's conditions demand for a key, whatever operator compares it."""
    conditions = statement.get("Condition")
    for wanted in conditions.values() if isinstance(conditions, Mapping) else ():
        for name, value in wanted.items() if isinstance(wanted, Mapping) else ():
            if name.lower() == key:
                return value
    return None


READER = Reader(title="Lambda functions", read=read)
