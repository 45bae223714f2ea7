"""AppSync: the functions and buses behind GraphQL APIs, and the functions that authorize calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.devices import titled
from untangle.scanners.account.inventory.place import Found, Place, Reader, untold


def read(place: Place) -> Iterator[Found]:
    """Every API with its data sources."""
    listed = place.ask("appsync", "ListGraphqlApis").items("graphqlApis")
    apis = sorted(listed, key=lambda api: str(api.get("apiId")))
    answers = place.each("appsync", "ListDataSources", [{"apiId": api["apiId"]} for api in apis])
    for api, answer in zip(apis, answers, strict=True):
        yield _api(place, api)
        for source in sorted(answer.items("dataSources"), key=lambda item: str(item.get("name"))):
            yield _source(place, str(api["apiId"]), source)
        yield from untold(answer, f"data sources of API {api.get('name')}")


def _api(place: Place, found: Mapping[str, Any]) -> Found:
    id = str(found["apiId"])
    properties = {
        "Name": found.get("name"),
        "LambdaAuthorizerConfig": titled(found.get("lambdaAuthorizerConfig")) or None,
        "AdditionalAuthenticationProviders": titled(found.get("additionalAuthenticationProviders")) or None,
    }
    address = f"graphql:{found.get('name')}:{id}"
    return place.resource("AWS::AppSync::GraphQLApi", address, properties, arn=found.get("arn"), ApiId=id)


def _source(place: Place, api: str, found: Mapping[str, Any]) -> Found:
    properties = {
        "ApiId": api,
        "Name": found.get("name"),
        "Type": found.get("type"),
        "LambdaConfig": titled(found.get("lambdaConfig")) or None,
        "EventBridgeConfig": titled(found.get("eventBridgeConfig")) or None,
    }
    address = f"data-source:{api}:{found.get('name')}"
    return place.resource("AWS::AppSync::DataSource", address, properties, arn=found.get("dataSourceArn"))


READER = Reader(title="AppSync APIs", read=read)
