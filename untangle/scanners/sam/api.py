"""AWS::Serverless::Api, HttpApi and WebSocketApi: the API, its stage, its authorizers and (WebSocket) its routes."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.resource import Resource
from untangle.model.value import Ref, Value, concat
from untangle.scanners.sam.draft import Draft, Moved
from untangle.scanners.sam.events.event import invocation
from untangle.scanners.sam.events.routes import HTTP, REST
from untangle.scanners.sam.part import Part, each, properties

_ORIGIN = "sam api"
_REST = frozenset(
    {"ApiKeySourceType", "BinaryMediaTypes", "Description", "DisableExecuteApiEndpoint", "MinimumCompressionSize", "Name"}
)
_HTTP = frozenset({"CorsConfiguration", "Description", "DisableExecuteApiEndpoint", "FailOnWarnings", "Name"})
_SOCKET = frozenset({"Description", "DisableExecuteApiEndpoint", "DisableSchemaValidation", "Name", "RouteSelectionExpression"})


def expand_rest_api(draft: Draft, resource: Resource) -> None:
    """A REST API with its OpenAPI body as it is written, its stage and its authorizers."""
    _keep(draft, resource, "AWS::ApiGateway::RestApi", _REST, "BodyS3Location", {})
    part = properties(resource)
    _stage(draft, part, "AWS::ApiGateway::Stage", "RestApiId", "Prod" if resource.address == REST else None)
    for auth in part.below("Auth"):
        for authorizers in auth.below("Authorizers"):
            for name, authorizer in authorizers.entries():
                _rest_authorizer(draft, part, name, authorizer)


def expand_http_api(draft: Draft, resource: Resource) -> None:
    """An HTTP API with its OpenAPI body as it is written, its stage and its authorizers."""
    _keep(draft, resource, "AWS::ApiGatewayV2::Api", _HTTP, "BodyS3Location", {"ProtocolType": "HTTP"})
    part = properties(resource)
    _stage(draft, part, "AWS::ApiGatewayV2::Stage", "ApiId", "$default")
    for auth in part.below("Auth"):
        for authorizers in auth.below("Authorizers"):
            for name, authorizer in authorizers.entries():
                _http_authorizer(draft, part, name, authorizer)


def expand_socket_api(draft: Draft, resource: Resource) -> None:
    """A WebSocket API with its routes, each with the integration that invokes its function."""
    _keep(draft, resource, "AWS::ApiGatewayV2::Api", _SOCKET, "BodyS3Location", {"ProtocolType": "WEBSOCKET"})
    part = properties(resource)
    _stage(draft, part, "AWS::ApiGatewayV2::Stage", "ApiId", "default")
    for routes in part.below("Routes"):
        for key, route in routes.entries():
            _socket_route(draft, resource, key, route)
    for auth in part.below("Auth"):
        arn = auth.get("AuthArn")
        if arn is not None:
            _authorizer(
                draft, auth, "AWS::ApiGatewayV2::Authorizer", f"{resource.address}ConnectAuthorizer", "ApiId", arn, "REQUEST"
            )


def implicit_apis(draft: Draft) -> tuple[tuple[str, str], ...]:
    """Address and SAM type of each API that events need and that the template does not write, sorted."""
    types = {REST: "AWS::Serverless::Api", HTTP: "AWS::Serverless::HttpApi"}
    return tuple((address, types[address]) for address in sorted(draft.implicit) if address not in draft.given)


def _keep(draft: Draft, api: Resource, type: str, names: frozenset[str], uri: str, more: Mapping[str, Value]) -> None:
    values: dict[str, Value] = {key: value for key, value in api.properties.items() if key in names}
    values |= {"Body": api.get("DefinitionBody"), uri: api.get("DefinitionUri"), **more}
    moved: list[Moved] = [((key,), (key,)) for key in values]
    draft.keep(api, type, values, [*moved, (("Body",), ("DefinitionBody",)), ((uri,), ("DefinitionUri",))])


def _stage(draft: Draft, part: Part, type: str, key: str, default: str | None) -> None:
    """The stage that SAM deploys; its logical id holds the stage's name where that is plain."""
    stage = part.get("StageName") or default
    plain = stage if isinstance(stage, str) and stage.isalnum() else ""
    plain = {"$default": "ApiGatewayDefault", "default": "Default"}.get(stage, plain) if isinstance(stage, str) else plain
    address = part.owner.address
    variables = "StageVariables" if type.startswith("AWS::ApiGatewayV2::") else "Variables"
    values: dict[str, Value] = {key: Ref(part.owner.id), "StageName": stage, variables: part.get(variables)}
    made = draft.make(part, f"{address}{plain}Stage", type, values, origin=_ORIGIN, moved=[(("StageName",), ("StageName",))])
    draft.refer(address, "Stage", made.address)


def _rest_authorizer(draft: Draft, api: Part, name: str, authorizer: Part) -> None:
    arn = authorizer.get("FunctionArn")
    if arn is None:
        return
    kind = authorizer.get("FunctionPayloadType") or "TOKEN"
    address = f"{api.owner.address}{_letters(name)}Authorizer"
    _authorizer(draft, authorizer, "AWS::ApiGateway::Authorizer", address, "RestApiId", arn, kind, name)


def _http_authorizer(draft: Draft, api: Part, name: str, authorizer: Part) -> None:
    arn = authorizer.get("FunctionArn")
    if arn is not None:
        address = f"{api.owner.address}{_letters(name)}Authorizer"
        _authorizer(draft, authorizer, "AWS::ApiGatewayV2::Authorizer", address, "ApiId", arn, "REQUEST", name)


def _authorizer(
    draft: Draft, part: Part, type: str, address: str, key: str, arn: Value, kind: Value, name: str | None = None
) -> None:
    """An authorizer that is a function. SAM writes it into the API's body; as a resource of its own it keeps its line."""
    kinds = each(kind, lambda value: value.upper() if isinstance(value, str) else value)
    values: dict[str, Value] = {
        key: draft.ref(part.owner.address),
        "Name": name or address,
        "AuthorizerUri": invocation(arn),
        "Type" if key == "RestApiId" else "AuthorizerType": kinds,
    }
    source = "FunctionArn" if name else "AuthArn"
    draft.make(part, address, type, values, origin=_ORIGIN, moved=[(("AuthorizerUri",), (*part.route, source))])


def _socket_route(draft: Draft, api: Resource, key: str, route: Part) -> None:
    arn = route.get("FunctionArn")
    if arn is None:
        draft.problem(route, f"route {key} of {api.address} names no FunctionArn")
        return
    address = api.address + _letters(key).capitalize()
    integration: dict[str, Value] = {
        "ApiId": Ref(api.id),
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": invocation(arn),
        "TimeoutInMillis": route.get("IntegrationTimeout"),
    }
    at = (*route.route, "FunctionArn")
    made = draft.make(
        route,
        f"{address}Integration",
        "AWS::ApiGatewayV2::Integration",
        integration,
        origin=_ORIGIN,
        moved=[(("IntegrationUri",), at)],
    )
    values: dict[str, Value] = {
        "ApiId": Ref(api.id),
        "RouteKey": key,
        "Target": concat(("integrations/", Ref(made.id))),
    }
    draft.make(route, f"{address}Route", "AWS::ApiGatewayV2::Route", values, origin=_ORIGIN, moved=[(("Target",), at)])


def _letters(name: str) -> str:
    return "".join(letter for letter in name if letter.isalnum())
