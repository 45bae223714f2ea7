"""API events: the methods and routes by which API Gateway starts a function or a state machine.

The real transform writes them into the API's OpenAPI body; here each becomes the AWS::ApiGateway::Method or
AWS::ApiGatewayV2::Route that the body stands for, so that it keeps the line of its event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from untangle.model.value import ACCOUNT, PARTITION, REGION, Ref, Value, concat
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.events.event import Event, EventSource, invocation
from untangle.scanners.sam.part import each

REST = "ServerlessRestApi"
HTTP = "ServerlessHttpApi"
_PARAMETER = re.compile(r"\{[^}]*\}")
ANY_METHOD = "x-amazon-apigateway-any-method"


def read_rest(draft: Draft, event: Event) -> None:
    """`Api`: a method of a REST API, and the API's permission to invoke the function."""
    api = _api(draft, event, "RestApiId", REST)
    path, method = event.get("Path"), each(event.get("Method"), _upper)
    if not _in_body(draft, api, path, method):
        resource: Value = Ref(api.resource, "RootResourceId") if isinstance(api, Ref) else None
        if path != "/":
            part: dict[str, Value] = {"RestApiId": api, "ParentId": resource, "PathPart": each(path, _relative)}
            resource = Ref(event.make(draft, "AWS::ApiGateway::Resource", part, suffix="Resource", moved={"PathPart": "Path"}).id)
        values: dict[str, Value] = {
            "RestApiId": api,
            "ResourceId": resource,
            "HttpMethod": method,
            "Integration": _integration(draft, event),
        }
        moved = {"RestApiId": "RestApiId", "HttpMethod": "Method", "ResourceId": "Path"}
        event.make(draft, "AWS::ApiGateway::Method", values, suffix="Method", moved=moved, metadata={"Path": path})
    _permit(draft, event, api, path, method, suffix=_stage(draft, api))


def _integration(draft: Draft, event: Event) -> Value:
    if event.target.service == "lambda":
        return {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": invocation(event.target.arn)}
    policy = grants.document((grants.allow("states:StartExecution", event.target.arn),))
    role = event.make(
        draft,
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": grants.trust("apigateway"),
            "Policies": ({"PolicyName": f"{event.address}RolePolicy", "PolicyDocument": policy},),
        },
        suffix="Role",
    )
    body = concat(('{"input": "$util.escapeJavaScript($input.json(\'$\'))", "stateMachineArn": "', event.target.arn, '"}'))
    return {
        "Type": "AWS",
        "IntegrationHttpMethod": "POST",
        "Uri": concat(("arn:", PARTITION, ":apigateway:", REGION, ":states:action/StartExecution")),
        "Credentials": Ref(role.id, "Arn"),
        "RequestTemplates": {"application/json": body},
    }


def read_http(draft: Draft, event: Event) -> None:
    """`HttpApi`: a route of an HTTP API with its integration; without path and method the `$default` route."""
    api = _api(draft, event, "ApiId", HTTP)
    path, method = event.get("Path"), each(event.get("Method"), _upper)
    if method == ANY_METHOD.upper():
        method = "ANY"
    if not _in_body(draft, api, path or "$default", method or "ANY"):
        integration = event.make(
            draft,
            "AWS::ApiGatewayV2::Integration",
            {
                "ApiId": api,
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": event.target.arn,
                "PayloadFormatVersion": event.get("PayloadFormatVersion") or "2.0",
            },
            suffix="Integration",
        )
        whole = path in (None, "", "$default", "/$default")
        values: dict[str, Value] = {
            "ApiId": api,
            "RouteKey": "$default" if whole else concat((method or "ANY", " ", path)),
            "Target": concat(("integrations/", Ref(integration.id))),
        }
        event.make(draft, "AWS::ApiGatewayV2::Route", values, suffix="Route", moved={"RouteKey": "Path"})
    _permit(draft, event, api, path, method, suffix="")


def _api(draft: Draft, event: Event, key: str, implicit: str) -> Value:
    """The API that the event belongs to; the implicit one, noted to be needed, where it names none."""
    given = event.get(key)
    if isinstance(given, str) and given in draft.given:
        return draft.ref(given)
    if given is None or given == draft.ref(implicit):
        draft.implicit.setdefault(implicit, event.head)
        return draft.ref(implicit)
    return given


def _in_body(draft: Draft, api: Value, path: Value, method: Value) -> bool:
    """Whether the API's own OpenAPI body has this operation, so that it is read from there."""
    given = draft.given.get(api.resource.removeprefix(f"{draft.stack.id}/")) if isinstance(api, Ref) else None
    paths = given.get("DefinitionBody", "paths") if given else None
    operations = paths.get(path) if isinstance(paths, Mapping) and isinstance(path, str) else None
    if not isinstance(operations, Mapping):
        return False
    names = {ANY_METHOD if name == ANY_METHOD else str(name).upper(): name for name in operations}
    operation = operations.get(names.get(method if method != "ANY" else ANY_METHOD, "")) if isinstance(method, str) else None
    return isinstance(operation, Mapping) and "x-amazon-apigateway-integration" in operation


def _permit(draft: Draft, event: Event, api: Value, path: Value, method: Value, *, suffix: str) -> None:
    verb = "*" if method in (None, "ANY") else method
    where = each(path or "", lambda text: _PARAMETER.sub("*", text.rstrip("/") or text) if isinstance(text, str) else text)
    source = concat(("arn:", PARTITION, ":execute-api:", REGION, ":", ACCOUNT, ":", api, "/*/", verb, where))
    event.permit(draft, "apigateway.amazonaws.com", source, suffix=suffix)


def _stage(draft: Draft, api: Value) -> str:
    if api == draft.ref(REST):
        return "Prod"
    given = draft.given.get(api.resource.removeprefix(f"{draft.stack.id}/")) if isinstance(api, Ref) else None
    stage = given.get("StageName") if given else None
    return stage if isinstance(stage, str) and stage.isalnum() else "Stage"


def _upper(method: Value) -> Value:
    return method.upper() if isinstance(method, str) else method


def _relative(path: Value) -> Value:
    return path.strip("/") if isinstance(path, str) else path


ROUTES = (
    EventSource(type="Api", required=("Path", "Method"), read=read_rest),
    EventSource(type="HttpApi", required=(), read=read_http),
)
