"""AWS AppSync: GraphQL data sources and authorizers that are functions, and buses that resolvers put events on.

Synchronous (a data source may be called asynchronously, without a result), from outside.
https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-lambda-resolvers.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import each, inner
from untangle.channels.routing import BUS, entry_node, onward, triggers
from untangle.model.resource import Resource


def _links(world: World) -> Iterator[Found]:
    for source in world.of_type("AWS::AppSync::DataSource"):
        note = f"data source {source.address}"
        function = source.get("LambdaConfig", "LambdaFunctionArn")
        yield from triggers(world, "appsync", source, function, "LambdaConfig", "LambdaFunctionArn", note=note)
        bus = source.get("EventBridgeConfig", "EventBusArn")
        if bus is not None:
            yield entry_node(source, "appsync")
            yield from onward(world, source.id, source, bus, "EventBridgeConfig", "EventBusArn", note=note, types=(BUS,))
    for api in world.of_type("AWS::AppSync::GraphQLApi"):
        yield from _authorized(world, api)


def _authorized(world: World, api: Resource) -> Iterator[Found]:
    note = f"authorizer of {api.address}"
    route = ("LambdaAuthorizerConfig", "AuthorizerUri")
    yield from triggers(world, "appsync", api, api.get(*route), *route, note=note)
    for index, provider, _ in each(api.get("AdditionalAuthenticationProviders")):
        value = inner(provider, *route)
        yield from triggers(world, "appsync", api, value, "AdditionalAuthenticationProviders", index, note=note)


CHANNEL = Channel(type="appsync", title="AppSync API", links=_links)
