"""APIs and API events: methods, routes, authorizers, and the APIs that nobody writes."""

from __future__ import annotations

import pytest

from tests.scanners.sam.template import resource, scan
from untangle.model.value import Ref, show

TEMPLATE = """
Globals:
  Api: {{Name: general}}
Resources:
  Fn:
    Type: AWS::Serverless::{kind}
    Properties:
      CodeUri: src/
      Events:
        Get:
          Type: {type}
          Properties: {properties}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      DefinitionBody:
        paths:
          /written: {{get: {{x-amazon-apigateway-integration: {{uri: somewhere}}}}}}
          /open: {{get: {{summary: nothing behind it}}}}
"""


def given(type: str, properties: str, kind: str = "Function"):
    return scan(TEMPLATE.format(kind=kind, type=type, properties=properties))


def test_an_api_event_is_a_method_of_the_implicit_api() -> None:
    expanded = given("Api", "{Path: '/orders/{id}', Method: get}")
    method = resource(expanded, "FnGetMethod", "AWS::ApiGateway::Method")
    assert method.get("HttpMethod") == "GET"
    assert method.get("RestApiId") == Ref("app/ServerlessRestApi")
    assert show(method.get("Integration", "Uri")).endswith("/functions/${Fn.Arn}/invocations")
    assert method.metadata["Path"] == "/orders/{id}"
    path = resource(expanded, "FnGetResource", "AWS::ApiGateway::Resource")
    assert method.get("ResourceId") == Ref(path.id)
    assert path.get("PathPart") == "orders/{id}"
    assert path.get("ParentId") == Ref("app/ServerlessRestApi", "RootResourceId")
    api = resource(expanded, "ServerlessRestApi", "AWS::ApiGateway::RestApi")
    assert api.get("Name") == "general"
    assert api.location == method.location
    assert resource(expanded, "ServerlessRestApiProdStage", "AWS::ApiGateway::Stage").get("StageName") == "Prod"
    permission = resource(expanded, "FnGetPermissionProd", "AWS::Lambda::Permission")
    assert show(permission.get("SourceArn")).endswith(":${ServerlessRestApi}/*/GET/orders/*")


def test_the_root_path_has_no_resource_of_its_own() -> None:
    method = resource(given("Api", "{Path: /, Method: any, RestApiId: !Ref Api}"), "FnGetMethod")
    assert method.get("ResourceId") == Ref("app/Api", "RootResourceId")
    assert method.get("HttpMethod") == "ANY"


@pytest.mark.parametrize(("path", "made"), [("/written", False), ("/open", True), ("/else", True)])
def test_what_the_body_integrates_is_read_from_the_body(path: str, made: bool) -> None:
    expanded = given("Api", f"{{Path: {path}, Method: get, RestApiId: !Ref Api}}")
    assert any(item.address == "FnGetMethod" for item in expanded.resources) is made
    assert resource(expanded, "FnGetPermissionlive")
    assert not any(item.address == "ServerlessRestApi" for item in expanded.resources)


def test_a_state_machine_is_started_by_an_api() -> None:
    expanded = given("Api", "{Path: /run, Method: post}", kind="StateMachine")
    integration = resource(expanded, "FnGetMethod").get("Integration")
    assert show(integration["Uri"]).endswith(":states:action/StartExecution")
    assert integration["Credentials"] == Ref("app/FnGetRole", "Arn")
    assert "${Fn}" in show(integration["RequestTemplates"]["application/json"])


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ("{Path: /orders, Method: post}", "POST /orders"),
        ("{Path: /orders, Method: ANY}", "ANY /orders"),
        ("{Path: /orders}", "ANY /orders"),
        ("{Path: /orders, Method: x-amazon-apigateway-any-method}", "ANY /orders"),
        ("{Path: $default, Method: any}", "$default"),
        ("{}", "$default"),
    ],
)
def test_an_http_api_event_is_a_route(properties: str, key: str) -> None:
    expanded = given("HttpApi", properties)
    route = resource(expanded, "FnGetRoute", "AWS::ApiGatewayV2::Route")
    assert route.get("RouteKey") == key
    assert show(route.get("Target")) == "integrations/${FnGetIntegration}"
    assert resource(expanded, "FnGetIntegration", "AWS::ApiGatewayV2::Integration").get("IntegrationUri") == Ref("app/Fn", "Arn")
    assert resource(expanded, "ServerlessHttpApi", "AWS::ApiGatewayV2::Api").get("ProtocolType") == "HTTP"


APIS = """
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionUri: openapi.yaml
      Auth:
        Authorizers:
          Token: {FunctionArn: !GetAtt Auth.Arn}
          Request: {FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST}
          Pool: {UserPoolArn: pool}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: {Authorizers: {Mine: {FunctionArn: !GetAtt Auth.Arn}}}
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Auth: {AuthType: CUSTOM, AuthArn: !GetAtt Auth.Arn}
      Routes:
        $connect: {FunctionArn: !GetAtt Auth.Arn}
        send: {FunctionArn: !GetAtt Auth.Arn}
  Stage:
    Type: AWS::SSM::Parameter
    Properties: {Value: !Ref Rest.Stage}
  Auth: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/}}
"""


@pytest.mark.parametrize(
    ("address", "type", "property", "kind"),
    [
        ("RestTokenAuthorizer", "AWS::ApiGateway::Authorizer", "Type", "TOKEN"),
        ("RestRequestAuthorizer", "AWS::ApiGateway::Authorizer", "Type", "REQUEST"),
        ("HttpMineAuthorizer", "AWS::ApiGatewayV2::Authorizer", "AuthorizerType", "REQUEST"),
        ("SocketConnectAuthorizer", "AWS::ApiGatewayV2::Authorizer", "AuthorizerType", "REQUEST"),
    ],
)
def test_an_authorizer_that_is_a_function_is_a_resource(address: str, type: str, property: str, kind: str) -> None:
    authorizer = resource(scan(APIS), address, type)
    assert authorizer.get(property) == kind
    assert "${Auth.Arn}" in show(authorizer.get("AuthorizerUri"))


def test_what_is_no_function_is_no_authorizer() -> None:
    assert "RestPoolAuthorizer" not in {item.address for item in scan(APIS).resources}


def test_a_websocket_api_has_its_routes() -> None:
    expanded = scan(APIS)
    assert resource(expanded, "Socket").get("ProtocolType") == "WEBSOCKET"
    assert resource(expanded, "SocketConnectRoute", "AWS::ApiGatewayV2::Route").get("RouteKey") == "$connect"
    integration = resource(expanded, "SocketSendIntegration", "AWS::ApiGatewayV2::Integration")
    assert "${Auth.Arn}" in show(integration.get("IntegrationUri"))
    assert integration.at("IntegrationUri").line == 24


def test_definitions_and_stages_keep_their_names() -> None:
    expanded = scan(APIS)
    assert resource(expanded, "Rest").get("BodyS3Location") == "openapi.yaml"
    assert resource(expanded, "Stage").get("Value") == Ref("app/Restv1Stage")
