"""API Gateway: which functions the routes and authorizers of REST, HTTP and WebSocket APIs call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from untangle.model.value import Concat, Ref
from untangle.scanners.account.inventory.place import Found, Place, Reader, picked


def read_rest(place: Place) -> Iterator[Found]:
    """Every method of every REST API: the methods come with the resources, so one request per API is enough."""
    apis = sorted(str(api["id"]) for api in place.ask("apigateway", "GetRestApis").items("items"))
    asked = [{"restApiId": api, "embed": ["methods"]} for api in apis]
    for api, answer in zip(apis, place.each("apigateway", "GetResources", asked), strict=True):
        for resource in sorted(answer.items("items"), key=lambda item: str(item.get("path"))):
            yield from _methods(place, api, resource)
    for api, answer in zip(apis, place.each("apigateway", "GetAuthorizers", [{"restApiId": api} for api in apis]), strict=True):
        for found in answer.items("items"):
            properties = {"Name": found.get("name"), "Type": found.get("type"), "AuthorizerUri": found.get("authorizerUri")}
            yield place.resource("AWS::ApiGateway::Authorizer", f"authorizer:{api}:{found.get('name')}", properties, arn=None)


def _methods(place: Place, api: str, resource: Mapping[str, Any]) -> Iterator[Found]:
    """A resource with its whole path as its part, and its methods."""
    path = str(resource.get("path", "/"))
    part = place.resource("AWS::ApiGateway::Resource", f"path:{api}:{path}", {"PathPart": path.lstrip("/")}, arn=None)
    yield part
    for verb, method in sorted((resource.get("resourceMethods") or {}).items()):
        said = (method or {}).get("methodIntegration") or {}
        properties = {
            "HttpMethod": verb,
            "RestApiId": api,
            "Integration": {"Type": said.get("type"), "Uri": said.get("uri"), "IntegrationHttpMethod": said.get("httpMethod")},
        }
        made = place.resource("AWS::ApiGateway::Method", f"method:{api}:{verb} {path}", properties, arn=None)
        yield replace(made, properties={**made.properties, "ResourceId": Ref(part.id)})


def read_http(place: Place) -> Iterator[Found]:
    """Every integration and route of every HTTP and WebSocket API."""
    apis = sorted(str(api["ApiId"]) for api in place.ask("apigatewayv2", "GetApis").items("Items"))
    asked = [{"ApiId": api} for api in apis]
    kept = ("IntegrationType", "IntegrationSubtype", "IntegrationUri", "RequestParameters", "PayloadFormatVersion")
    for api, answer in zip(apis, place.each("apigatewayv2", "GetIntegrations", asked), strict=True):
        for found in answer.items("Items"):
            address = _integration(api, found.get("IntegrationId"))
            yield place.resource("AWS::ApiGatewayV2::Integration", address, {"ApiId": api, **picked(found, *kept)}, arn=None)
    for api, answer in zip(apis, place.each("apigatewayv2", "GetRoutes", asked), strict=True):
        for found in answer.items("Items"):
            yield _route(place, api, found)
    for api, answer in zip(apis, place.each("apigatewayv2", "GetAuthorizers", asked), strict=True):
        for found in answer.items("Items"):
            address = f"authorizer:{api}:{found.get('Name')}"
            properties = picked(found, "Name", "AuthorizerType", "AuthorizerUri")
            yield place.resource("AWS::ApiGatewayV2::Authorizer", address, properties, arn=None)


def _integration(api: str, id: object) -> str:
    return f"integration:{api}:{id}"


def _route(place: Place, api: str, found: Mapping[str, Any]) -> Found:
    """A route points at its integration, which it names by id."""
    kind, _, id = str(found.get("Target", "")).partition("/")
    made = place.resource(
        "AWS::ApiGatewayV2::Route", f"route:{api}:{found.get('RouteKey')}", {"ApiId": api, **picked(found, "RouteKey")}, arn=None
    )
    if kind != "integrations":
        return made
    target = Concat(("integrations/", Ref(f"{place.stack}/{_integration(api, id)}")))
    return replace(made, properties={**made.properties, "Target": target})


REST = Reader(title="REST APIs", read=read_rest)
HTTP = Reader(title="HTTP and WebSocket APIs", read=read_http)
