"""Routes from outside: REST, HTTP and WebSocket APIs and load balancers."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import ACCOUNT, PARTITION, REGION, Ref, Value, concat, scalar_text
from untangle.scanners.sam.part import each
from untangle.scanners.serverless_framework import naming
from untangle.scanners.serverless_framework.events.event import Event, EventSource, invocation, present

ANY = "ANY"


def _route(event: Event) -> tuple[Value, Value]:
    """Method and path of `GET /users`, `{method: get, path: users}` or `*`."""
    if isinstance(event.part.value, Mapping):
        method, path = event.get("method"), event.get("path")
    else:
        text = scalar_text(event.part.value) or "*"
        method, _, path = text.partition(" ") if " " in text else (ANY, "", text)
    method = each(method, lambda word: ANY if word == "*" else word.upper() if isinstance(word, str) else word)
    return method or ANY, path


def read_rest(event: Event) -> None:
    """`http`: a method of the service's REST API, each path one resource below its root."""
    method, path = _route(event)
    text = path.strip("/") if isinstance(path, str) else path
    api = _api(event, ("provider", "apiGateway", "restApiId"), naming.REST_API, "AWS::ApiGateway::RestApi", "")
    resource: Value = Ref(event.draft.id(naming.REST_API), "RootResourceId")
    name = naming.path(text) if isinstance(text, str) else "Unknown"
    if text:
        resource = Ref(_resource(event, api, text, name))
    values: dict[str, Value] = {
        "RestApiId": api,
        "ResourceId": resource,
        "HttpMethod": method,
        "Integration": {
            "Type": "AWS" if event.get("integration") in ("lambda", "LAMBDA", "aws", "AWS") else "AWS_PROXY",
            "IntegrationHttpMethod": "POST",
            "Uri": invocation(event.started.arn),
        },
    }
    if event.started.service == "states":
        values["Integration"] = _start(event)
    moved = {"HttpMethod": "method", "ResourceId": "path", "Integration": ""}
    word = scalar_text(method) or "unknown"
    event.make(
        f"ApiGatewayMethod{name}{naming.upper_first(word.lower())}", "AWS::ApiGateway::Method", values, moved, {"Path": path}
    )
    _authorize(event, api)
    source = concat(("arn:", PARTITION, ":execute-api:", REGION, ":", ACCOUNT, ":", api, "/*/*"))
    event.permit("ApiGateway", "apigateway.amazonaws.com", source)


def _resource(event: Event, api: Value, text: Value, name: str) -> str:
    address = f"ApiGatewayResource{name}"
    if event.draft.id(address) not in event.draft.made:
        root = Ref(event.draft.id(naming.REST_API), "RootResourceId")
        values: dict[str, Value] = {"RestApiId": api, "ParentId": root, "PathPart": text}
        event.make(address, "AWS::ApiGateway::Resource", values, {"PathPart": "path"})
    return event.draft.id(address)


def _start(event: Event) -> Value:
    body = concat(('{"input": "$util.escapeJavaScript($input.json(\'$\'))", "stateMachineArn": "', event.started.arn, '"}'))
    return {
        "Type": "AWS",
        "IntegrationHttpMethod": "POST",
        "Uri": concat(("arn:", PARTITION, ":apigateway:", REGION, ":states:action/StartExecution")),
        "RequestTemplates": {"application/json": body},
    }


def _authorize(event: Event, api: Value) -> None:
    """`authorizer`: a function of the service by its key or `name`, or any function by `arn`."""
    given = event.get("authorizer")
    name = given if isinstance(given, str) else given.get("name") if isinstance(given, Mapping) else None
    arn = given.get("arn") if isinstance(given, Mapping) else None
    if isinstance(name, str) and name in event.owner.function_keys:
        arn = event.draft.ref(naming.function(name), "Arn")
    elif isinstance(name, str) and ":function:" in name:
        arn, name = name, name.rpartition(":")[2]
    if (
        arn is None
        or (isinstance(arn, str) and ":function:" not in arn)
        or (isinstance(given, Mapping) and "userPools" in str(arn))
    ):
        return
    address = f"{naming.normalized(scalar_text(name) or f'{event.started.key}{event.index}')}ApiGatewayAuthorizer"
    if event.draft.id(address) not in event.draft.made:
        kind = given.get("type") if isinstance(given, Mapping) else None
        kind = kind.upper() if isinstance(kind, str) else "TOKEN"
        values: dict[str, Value] = {"RestApiId": api, "Name": name, "Type": kind, "AuthorizerUri": invocation(arn)}
        if kind in ("TOKEN", "REQUEST"):
            event.make(address, "AWS::ApiGateway::Authorizer", values, {"AuthorizerUri": "authorizer"})


def read_http(event: Event) -> None:
    """`httpApi`: a route of the service's HTTP API; `*` is the `$default` route."""
    method, path = _route(event)
    api = _api(event, ("provider", "httpApi", "id"), naming.HTTP_API, "AWS::ApiGatewayV2::Api", "HTTP")
    address = f"HttpApiIntegration{event.started.prefix}"
    if event.draft.id(address) not in event.draft.made:
        _integration(event, address, api, event.started.arn, "2.0")
    key = "$default" if path == "*" else concat((method, " ", path))
    name = "Default" if path == "*" else naming.path(scalar_text(key) or f"Unknown{event.started.key}{event.index}")
    values = _routed(api, key, event.draft.id(address))
    event.make(f"HttpApiRoute{name.replace(' ', '')}", "AWS::ApiGatewayV2::Route", values, {"RouteKey": "path"})
    source = concat(("arn:", PARTITION, ":execute-api:", REGION, ":", ACCOUNT, ":", api, "/*"))
    event.permit("HttpApi", "apigateway.amazonaws.com", source)


def read_socket(event: Event) -> None:
    """`websocket`: a route of the service's WebSocket API."""
    api = _api(event, ("provider", "apiGateway", "websocketApiId"), naming.SOCKET_API, "AWS::ApiGatewayV2::Api", "WEBSOCKET")
    route = event.own("route")
    address = f"{event.started.prefix}WebsocketsIntegration"
    if event.draft.id(address) not in event.draft.made:
        _integration(event, address, api, invocation(event.started.arn), None)
    name = naming.socket_route(scalar_text(route) or f"unknown{event.index}")
    values = _routed(api, route, event.draft.id(address))
    event.make(f"{name}WebsocketsRoute", "AWS::ApiGatewayV2::Route", values, {"RouteKey": "route"})
    event.permit("Websockets", "apigateway.amazonaws.com")


def _integration(event: Event, address: str, api: Value, uri: Value, version: str | None) -> None:
    values: dict[str, Value] = {
        "ApiId": api,
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": uri,
        "PayloadFormatVersion": version,
    }
    event.make(address, "AWS::ApiGatewayV2::Integration", values)


def _routed(api: Value, key: Value, integration: str) -> dict[str, Value]:
    return {"ApiId": api, "RouteKey": key, "Target": concat(("integrations/", Ref(integration)))}


def _api(event: Event, given: tuple[str, ...], address: str, type: str, protocol: str) -> Value:
    """The API that exists according to the provider's settings, else the service's own, made with its first route."""
    existing = event.owner.get(*given)
    if existing is None and address == naming.SOCKET_API:
        existing = event.owner.get("provider", "websocketApiId")
    if existing is not None:
        return existing
    if event.draft.id(address) not in event.draft.made:
        name = concat((event.owner.stage, "-", event.owner.name, "-websockets" if protocol == "WEBSOCKET" else ""))
        event.make(address, type, present([("Name", name), ("ProtocolType", protocol or None)]))
    return Ref(event.draft.id(address))


def read_balancer(event: Event) -> None:
    """`alb`: a target group of the function and the listener's rule that leads to it."""
    listener = event.get("listenerArn")
    group = f"{event.started.prefix}AlbTargetGroup{event.number}"
    values: dict[str, Value] = {"TargetType": "lambda", "Targets": ({"Id": event.started.arn},)}
    made = event.make(group, "AWS::ElasticLoadBalancingV2::TargetGroup", values, {"Targets": ""})
    forward: Value = {"Type": "forward", "TargetGroupArn": Ref(made.id)}
    rule: dict[str, Value] = {"ListenerArn": listener, "Actions": (forward,), "Priority": event.get("priority")}
    event.make(f"{event.started.prefix}AlbListenerRule{event.number}", "AWS::ElasticLoadBalancingV2::ListenerRule", rule)
    event.permit("Alb", "elasticloadbalancing.amazonaws.com")


ROUTES = (
    EventSource(type="http", required="", read=read_rest, machines=True),
    EventSource(type="httpApi", required="", read=read_http),
    EventSource(type="websocket", required="", read=read_socket),
    EventSource(type="alb", required="", read=read_balancer),
)
