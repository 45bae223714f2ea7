"""Amazon API Gateway: REST, HTTP and WebSocket APIs whose routes call functions or other services. Synchronous, from outside.

A route that calls a service (a queue, a topic, a bus, a state machine) makes the API an entry of that channel. Definitions in
OpenAPI (`Body`) are read too: their integrations and authorizers stand in AWS's own extensions.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-integration-types.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.channel import Channel, Found, World
from untangle.channels.integration import Integration, documented, invoked, of_method, of_v2_integration, staged
from untangle.channels.known import plain
from untangle.channels.routing import entry_node, onward, triggers
from untangle.model.resource import Resource
from untangle.model.value import parts_of

MAX_DEPTH = 32


def _links(world: World) -> Iterator[Found]:
    for method in world.of_type("AWS::ApiGateway::Method"):
        note = f"{plain(world, method.get('HttpMethod'))} {_path(world, method)}"
        yield from _integrated(world, method, of_method(world, method), note)
    routes = _routes(world)
    for item in world.of_type("AWS::ApiGatewayV2::Integration"):
        for note in routes.get(item.id, ("integration without a route",)):
            yield from _integrated(world, item, of_v2_integration(world, item), note)
    for api in world.of_type("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        for found, note in documented(world, api):
            yield from _integrated(world, api, found, note)
        target = api.get("Target")
        if target is not None:
            yield from triggers(world, "apigateway", api, target, "Target", note="$default")
    for authorizer in world.of_type("AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"):
        of = authorizer.get("RestApiId") or authorizer.get("ApiId")
        value = invoked(staged(world, authorizer.get("AuthorizerUri"), of, authorizer.stack))
        yield from triggers(world, "apigateway", authorizer, value, "AuthorizerUri", note=f"authorizer {authorizer.address}")


def _integrated(world: World, resource: Resource, found: Integration | None, note: str) -> Iterator[Found]:
    if found is None:
        return
    if found.function is not None:
        yield from triggers(world, "apigateway", resource, found.function, *found.route, note=note)
    elif found.targets:
        yield entry_node(resource, "apigateway")
        for value, types in found.targets:
            yield from onward(world, resource.id, resource, value, *found.route, note=f"API {note}", types=types)


def _path(world: World, method: Resource) -> str:
    """The path of a method, from the parts of its resource and those above it."""
    parts: list[str] = []
    value = method.get("ResourceId")
    for _ in range(MAX_DEPTH):
        targets = world.resolve(value, "AWS::ApiGateway::Resource", near=method.stack)
        above = targets[0].resource if targets else None
        if above is None:
            break
        parts.append(str(plain(world, above.get("PathPart"))))
        value = above.get("ParentId")
    return "/" + "/".join(reversed(parts))


def _routes(world: World) -> Mapping[str, tuple[str, ...]]:
    """The route keys that lead to each integration (`Target` is `integrations/<id>`)."""
    found: dict[str, tuple[str, ...]] = {}
    for route in world.of_type("AWS::ApiGatewayV2::Route"):
        for part in parts_of(route.get("Target")):
            for target in world.resolve(part, "AWS::ApiGatewayV2::Integration", near=route.stack):
                found[target.node] = (*found.get(target.node, ()), str(plain(world, route.get("RouteKey"))))
    return found


CHANNEL = Channel(type="apigateway", title="API Gateway", links=_links)
