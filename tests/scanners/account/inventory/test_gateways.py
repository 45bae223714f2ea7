"""The routes of APIs are triggers of the functions that they call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.scanners.account.inventory.shop import ACCOUNT, REGION, arn
from untangle.config import Config
from untangle.model.resource import Coverage
from untangle.pipeline import scan
from untangle.scanners.account.call import Answer, Page, Request, Scope, T


class Said:
    """A caller that gives one answer per operation, and an empty one for the rest."""

    coverage: tuple[Coverage, ...] = ()

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self._pages = pages

    def call(self, account: str, region: str, service: str, operation: str, **params: Any) -> Iterator[Page]:
        """The page of an operation, if any."""
        yield from [self._pages[operation]] if operation in self._pages else []

    def answer(self, request: Request) -> Answer:
        """The same for a request."""
        return Answer(request=request, pages=tuple(self.call("", "", request.service, f"{request.service}:{request.operation}")))

    def derived(self, request: Request, kept: Request, derive: Callable[[Page], Page]) -> Answer:
        """Nothing is derived."""
        return Answer(request=kept)

    def each(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """One after the other."""
        return (self.answer(request) for request in requests)

    def together(self, jobs: Sequence[Callable[[], T]]) -> tuple[T, ...]:
        """One after the other."""
        return tuple(job() for job in jobs)

    def done(self) -> None:
        """Nothing is recorded."""

    def close(self, complete: bool = False) -> None:
        """Nothing is open."""


def _invocation(function: str) -> str:
    path = f"path/2015-03-31/functions/{arn('lambda', f'function:{function}')}/invocations"
    return f"arn:aws:apigateway:{REGION}:lambda:{path}"


PAGES: Mapping[str, Page] = {
    "lambda:ListFunctions": {
        "Functions": [
            {"FunctionName": name, "FunctionArn": arn("lambda", f"function:{name}")} for name in ("check", "list", "pay", "idle")
        ]
    },
    "apigateway:GetRestApis": {"items": [{"id": "r1", "name": "shop"}]},
    "apigateway:GetResources": {
        "items": [
            {"id": "a", "path": "/"},
            {
                "id": "b",
                "parentId": "a",
                "path": "/orders/{id}",
                "resourceMethods": {
                    "GET": {"httpMethod": "GET", "methodIntegration": {"type": "AWS_PROXY", "uri": _invocation("list")}},
                    "OPTIONS": {"httpMethod": "OPTIONS", "methodIntegration": {"type": "MOCK"}},
                },
            },
        ]
    },
    "apigateway:GetAuthorizers": {"items": [{"id": "z", "name": "own", "type": "TOKEN", "authorizerUri": _invocation("check")}]},
    "apigatewayv2:GetApis": {"Items": [{"ApiId": "h1", "Name": "shop", "ProtocolType": "HTTP"}]},
    "apigatewayv2:GetIntegrations": {
        "Items": [{"IntegrationId": "i1", "IntegrationType": "AWS_PROXY", "IntegrationUri": arn("lambda", "function:pay")}]
    },
    "apigatewayv2:GetRoutes": {"Items": [{"RouteId": "q", "RouteKey": "POST /pay", "Target": "integrations/i1"}]},
}


def test_routes_and_authorizers_trigger_functions() -> None:
    scope = Scope(account=ACCOUNT, partition="aws", regions=(REGION,), caller=Said(PAGES))
    found = scan(None, config=Config(), scopes=(scope,))
    triggers = {(item.type, item.function.rpartition("/")[2], item.note) for item in found.graph.triggers}
    assert triggers == {
        ("apigateway", "check", "authorizer authorizer:r1:own"),
        ("apigateway", "list", "GET /orders/{id}"),
        ("apigateway", "pay", "POST /pay"),
    }
