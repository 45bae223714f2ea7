"""What a route of an API calls: the function or service that an integration's URI names.

`arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function ARN}/invocations` calls a function,
`arn:aws:apigateway:{region}:sqs:path/{account}/{queue}` and `…:states:action/StartExecution` call a service.
https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from untangle.channels.channel import World
from untangle.channels.known import inner, plain
from untangle.channels.routing import BUCKET, BUS, MACHINE, QUEUE, STREAM, TOPIC
from untangle.model.resource import Resource, Route
from untangle.model.value import Either, Ref, Value, alternatives, concat, parts_of, split

MAX_DEPTH = 32
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w{1,64})\}")
_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage", "AWS::ApiGateway::Deployment")
_SERVICES: Mapping[str, tuple[str, ...]] = {
    "sqs": (QUEUE,),
    "sns": (TOPIC,),
    "events": (BUS,),
    "states": (MACHINE,),
    "kinesis": (STREAM,),
    "s3": (BUCKET,),
    "dynamodb": ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"),
}
# Calls of REST integrations that only read; every other is taken as a write.
_READS = ("Get", "List", "Describe", "Query", "Scan", "Receive", "BatchGet", "Search")
_SUBTYPES: Mapping[str, tuple[str, str]] = {
    "SQS-SendMessage": ("sqs", "QueueUrl"),
    "EventBridge-PutEvents": ("events", "EventBusName"),
    "StepFunctions-StartExecution": ("states", "StateMachineArn"),
    "StepFunctions-StartSyncExecution": ("states", "StateMachineArn"),
    "Kinesis-PutRecord": ("kinesis", "StreamName"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A function, or the values that name the targets of a service call with the types that they may be of."""

    route: Route
    function: Value = None
    targets: tuple[tuple[Value, tuple[str, ...]], ...] = ()


def invoked(uri: Value) -> Value:
    """The function in an invocation URI (`…/functions/{arn}/invocations`), or the value itself where it is no such URI."""
    if isinstance(uri, Either):
        return Either(tuple(invoked(option) for option in uri.options), uri.conditions)
    fields = split(uri, "/") if uri is not None else ()
    if "functions" in fields[:-1]:
        return fields[fields.index("functions") + 1]
    return uri


def of_method(world: World, method: Resource) -> Integration | None:
    """The integration of a REST method."""
    written = method.get("Integration")
    if not isinstance(written, Mapping):
        return None
    return _of_uri(world, written, ("Integration", "Uri"), method.stack, method.get("RestApiId"))


def of_v2_integration(world: World, integration: Resource) -> Integration | None:
    """An integration of an HTTP or WebSocket API."""
    service, name = _SUBTYPES.get(world.text(integration.get("IntegrationSubtype")) or "", ("", ""))
    if service:
        value = integration.get("RequestParameters", name)
        value = "default" if value is None and service == "events" else value
        return Integration(route=("RequestParameters",), targets=((value, _SERVICES[service]),))
    properties = {"Uri": integration.get("IntegrationUri"), **integration.properties}
    return _of_uri(world, properties, ("IntegrationUri",), integration.stack, integration.get("ApiId"))


def documented(world: World, api: Resource) -> Iterator[tuple[Integration, str]]:
    """Integrations and authorizers in an API's OpenAPI definition, each with its method and path."""
    for body, _ in alternatives(api.get("Body")):
        paths = inner(body, "paths")
        for path, methods in paths.items() if isinstance(paths, Mapping) else ():
            for method, operation in methods.items() if isinstance(methods, Mapping) else ():
                written = inner(operation, "x-amazon-apigateway-integration")
                route = ("Body", "paths", path, method, "x-amazon-apigateway-integration")
                found = _of_uri(world, written, route, api.stack, Ref(api.id)) if isinstance(written, Mapping) else None
                if found is not None:
                    yield found, f"{method.upper()} {path}"
        schemes = inner(body, "securityDefinitions") or inner(body, "components", "securitySchemes")
        for name, scheme in schemes.items() if isinstance(schemes, Mapping) else ():
            uri = inner(scheme, "x-amazon-apigateway-authorizer", "authorizerUri")
            if uri is not None:
                value = invoked(staged(world, uri, Ref(api.id), api.stack))
                yield Integration(route=("Body", "securityDefinitions", name), function=value), f"authorizer {name}"


def staged(world: World, uri: Value, api: Value, stack: str) -> Value:
    """A URI with the variables of the API's stages put in: one for each stage that gives another; as it is where none does.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html
    """
    wanted = {name for option, _ in alternatives(uri) for part in parts_of(option) for name in _variables(part)}
    if not wanted:
        return uri
    apis = {target.node for target in world.resolve(api, *_APIS, near=stack)}
    found: dict[Value, str] = {}
    for stage in world.of_type(*_STAGES):
        of = stage.get("RestApiId") or stage.get("ApiId")
        given = stage.get("Variables") or stage.get("StageVariables")
        if isinstance(given, Mapping) and wanted <= given.keys() and apis & {t.node for t in world.resolve(of, near=stage.stack)}:
            for option, _ in alternatives(uri):
                found.setdefault(_filled(option, given), f"stage {plain(world, stage.get('StageName'))}")
    return Either(tuple(found), tuple(found.values())) if len(found) > 1 else next(iter(found), uri)


def _variables(part: Value) -> list[str]:
    return _VARIABLE.findall(part)[:MAX_DEPTH] if isinstance(part, str) else []


def _filled(uri: Value, variables: Mapping[str, Value]) -> Value:
    """A text with the variables in it; what stands between two marks is a variable's name."""
    parts: list[Value] = []
    for part in parts_of(uri):
        if isinstance(part, str):
            parts += [variables[piece] if at % 2 else piece for at, piece in enumerate(_VARIABLE.split(part))]
        else:
            parts.append(part)
    return concat(parts)


def _of_uri(world: World, written: Mapping[str, Value], route: Route, stack: str, api: Value) -> Integration | None:
    uri = staged(world, written.get("Uri", written.get("uri")), api, stack)
    function = invoked(uri)
    if uri is None:
        return None
    if function != uri or world.function(uri, near=stack):
        return Integration(route=route, function=function)
    fields = split(uri, ":")
    service = fields[4] if len(fields) > 5 and isinstance(fields[4], str) else ""
    types = _SERVICES.get(service)
    call = fields[5].rpartition("/")[2] if types and isinstance(fields[5], str) else ""
    if types is None or call.startswith(_READS):
        return None
    named = _mentioned(world, uri, types, stack) or _mentioned(world, written, types, stack)
    if not named and service == "events":
        named = ("default",)
    return Integration(route=route, targets=tuple((value, types) for value in named)) if named else None


def _mentioned(world: World, value: Value, types: tuple[str, ...], stack: str, depth: int = 0) -> tuple[Value, ...]:
    """The pointers anywhere in a value (a URI, a mapping template) that name a resource of these types."""
    if depth > MAX_DEPTH:
        return ()
    if isinstance(value, Mapping):
        items = tuple(value.values())
    elif isinstance(value, tuple):
        items = value
    else:
        found = [part for option, _ in alternatives(value) for part in parts_of(option) if isinstance(part, Ref)]
        return tuple(dict.fromkeys(part for part in found if world.resolve(part, *types, near=stack)))
    nested = [found for item in items for found in _mentioned(world, item, types, stack, depth + 1)]
    return tuple(dict.fromkeys(nested))
