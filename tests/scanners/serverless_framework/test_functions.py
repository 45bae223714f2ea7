"""Functions: what they inherit, where their code is, where their results go, and which role they take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scanners.serverless_framework.services import Scanned, scan_text
from untangle.model.resource import Resource
from untangle.model.value import Ref, Value

SHARED = Ref("shop/IamRoleLambdaExecution", "Arn")
OWN = Ref("shop/HelloIamRoleLambdaExecution", "Arn")
SEND = "{Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Queue.Arn}"
PUT = "{Effect: Allow, Action: s3:PutObject, Resource: '*'}"


def _scan(root: Path, function: str = "", provider: str = "", more: str = "") -> Scanned:
    text = f"service: shop\nprovider: {{name: aws, runtime: python3.12{provider}}}\n{more}\n"
    text += f"functions:\n  hello: {{handler: src/hello.main{function}}}\n  other: {{handler: src/other.main}}\n"
    return scan_text(root, text)


def _hello(root: Path, function: str = "", provider: str = "", more: str = "") -> Resource:
    return _scan(root, function, provider, more).get("shop/hello")


def test_a_function_is_called_by_its_key(tmp_path: Path) -> None:
    scanned = _scan(tmp_path)
    hello = scanned.get("shop/hello")

    assert (hello.address, hello.stack, hello.origin) == ("hello", "shop", None)
    assert hello.get("FunctionName") == "shop-dev-hello"
    assert hello.get("Handler") == "src/hello.main"
    assert hello.get("Code") == "."
    assert (hello.get("Timeout"), hello.get("MemorySize")) == (6, 1024)
    assert [stack.folder for stack in scanned.inventory.stacks] == [""]


@pytest.mark.parametrize(
    ("function", "provider", "name", "value"),
    [
        (", name: mine", "", "FunctionName", "mine"),
        ("", "", "Runtime", "python3.12"),
        (", runtime: nodejs20.x", "", "Runtime", "nodejs20.x"),
        (", timeout: 30", ", timeout: 10", "Timeout", 30),
        ("", ", timeout: 10", "Timeout", 10),
        (", memorySize: 256", "", "MemorySize", 256),
        (", environment: {A: 1}", ", environment: {A: 0, B: 2}", "Environment", {"Variables": {"A": 1, "B": 2}}),
        (", module: services/hello", "", "Code", "services/hello"),
        (", layers: [!Ref DepsLambdaLayer]", "", "Layers", (Ref("shop/DepsLambdaLayer"),)),
        (", onError: !GetAtt Dead.Arn", "", "DeadLetterConfig", {"TargetArn": Ref("shop/Dead", "Arn")}),
        (", reservedConcurrency: 3", "", "ReservedConcurrentExecutions", 3),
    ],
)
def test_a_property_of_a_function(tmp_path: Path, function: str, provider: str, name: str, value: Value) -> None:
    assert _hello(tmp_path, function, provider).get(name) == value


def test_an_image_is_one_by_uri_or_one_that_the_provider_builds(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws, ecr: {images: {app: {path: ./docker, file: Dockerfile.app}}}}
    functions:
      hello: {image: {name: app, command: [app.main]}}
      other: {image: 1.dkr.ecr.eu-west-1.amazonaws.com/other@sha256:1}
    """
    scanned = scan_text(tmp_path, text)

    assert scanned.get("shop/hello").get("ImageConfig", "Command") == ("app.main",)
    assert scanned.get("shop/hello").metadata == {"DockerContext": "./docker", "Dockerfile": "Dockerfile.app"}
    assert scanned.get("shop/other").get("PackageType") == "Image"


@pytest.mark.parametrize(("url", "auth"), [("true", "NONE"), ("{authorizer: aws_iam}", "AWS_IAM")])
def test_a_function_url(tmp_path: Path, url: str, auth: str) -> None:
    found = _scan(tmp_path, f", url: {url}").one("AWS::Lambda::Url")

    assert (found.get("TargetFunctionArn"), found.get("AuthType")) == (Ref("shop/hello", "Arn"), auth)


@pytest.mark.parametrize(
    ("written", "arn", "action"),
    [
        ("other", Ref("shop/other", "Arn"), "lambda:InvokeFunction"),
        ("arn:aws:sqs:eu-west-1:1:done", "arn:aws:sqs:eu-west-1:1:done", "sqs:SendMessage"),
        ("{type: sns, arn: !Ref Done}", Ref("shop/Done"), "sns:Publish"),
        ("{type: eventBus, arn: !GetAtt Bus.Arn}", Ref("shop/Bus", "Arn"), "events:PutEvents"),
    ],
)
def test_a_destination_and_the_grant_that_it_brings(tmp_path: Path, written: str, arn: Value, action: str) -> None:
    scanned = _scan(tmp_path, f", destinations: {{onSuccess: {written}}}, maximumRetryAttempts: 1, maximumEventAge: 60")
    config = scanned.one("AWS::Lambda::EventInvokeConfig")

    assert config.get("DestinationConfig", "OnSuccess", "Destination") == arn
    assert (config.get("MaximumRetryAttempts"), config.get("MaximumEventAgeInSeconds")) == (1, 60)
    assert (action, arn) in _grants(scanned.get("shop/IamRoleLambdaExecution"))


def _grants(role: Resource) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    policies = role.get("Policies")
    assert isinstance(policies, tuple)
    for policy in policies:
        for statement in policy["PolicyDocument"]["Statement"]:  # type: ignore[index,call-overload]
            actions, resources = statement["Action"], statement["Resource"]
            actions = actions if isinstance(actions, tuple) else (actions,)
            resources = resources if isinstance(resources, tuple) else (resources,)
            found += [(action, resource) for action in actions for resource in resources]
    return found


@pytest.mark.parametrize(
    "provider",
    [f", iamRoleStatements: [{SEND}]", f", iam: {{role: {{statements: [{SEND}]}}}}", f", iamRoleStatements: [[{SEND}]]"],
)
def test_all_functions_share_the_role_of_the_provider(tmp_path: Path, provider: str) -> None:
    scanned = _scan(tmp_path, provider=provider)

    assert scanned.get("shop/hello").get("Role") == scanned.get("shop/other").get("Role") == SHARED
    assert _grants(scanned.one("AWS::IAM::Role")) == [("sqs:SendMessage", Ref("shop/Queue", "Arn"))]
    assert [stack.id for stack in scanned.inventory.stacks] == ["shop"]


@pytest.mark.parametrize(
    ("function", "more", "grants"),
    [
        (f", iamRoleStatements: [{PUT}]", "", ["s3:PutObject"]),
        (f", iam: {{role: {{statements: [{PUT}]}}}}", "", ["s3:PutObject"]),
        (f", iamRoleStatements: [{PUT}], iamRoleStatementsInherit: true", "", ["s3:PutObject", "sqs:SendMessage"]),
        (f", iam: {{inheritStatements: true, role: {{statements: [{PUT}]}}}}", "", ["s3:PutObject", "sqs:SendMessage"]),
        (
            f", iamRoleStatements: [{PUT}]",
            "custom: {serverless-iam-roles-per-function: {defaultInherit: true}}",
            ["s3:PutObject", "sqs:SendMessage"],
        ),
        (
            f", iamRoleStatements: [{PUT}], iamRoleStatementsInherit: false",
            "custom: {serverless-iam-roles-per-function: {defaultInherit: true}}",
            ["s3:PutObject"],
        ),
        (", iamRoleStatements: []", "", []),
    ],
)
def test_a_function_with_statements_has_a_role_of_its_own(tmp_path: Path, function: str, more: str, grants: list[str]) -> None:
    scanned = _scan(tmp_path, function, f", iamRoleStatements: [{SEND}]", more)

    assert scanned.get("shop/hello").get("Role") == OWN
    assert scanned.get("shop/other").get("Role") == SHARED
    assert [action for action, _ in _grants(scanned.get("shop/HelloIamRoleLambdaExecution"))] == grants


def test_every_function_has_its_own_role_where_the_provider_says_so(tmp_path: Path) -> None:
    scanned = _scan(tmp_path, provider=f", iam: {{role: {{mode: perFunction, statements: [{SEND}]}}}}")

    assert scanned.get("shop/hello").get("Role") == OWN
    assert {role.address for role in scanned.all("AWS::IAM::Role")} == {
        "HelloIamRoleLambdaExecution",
        "OtherIamRoleLambdaExecution",
    }


@pytest.mark.parametrize(
    ("function", "provider", "role"),
    [
        (", role: arn:aws:iam::1:role/mine", "", "arn:aws:iam::1:role/mine"),
        (", role: MyRole", "", Ref("shop/MyRole", "Arn")),
        (", role: !GetAtt MyRole.Arn", "", Ref("shop/MyRole", "Arn")),
        ("", ", role: arn:aws:iam::1:role/all", "arn:aws:iam::1:role/all"),
        ("", ", iam: {role: arn:aws:iam::1:role/all}", "arn:aws:iam::1:role/all"),
        ("", ", iam: {role: !GetAtt MyRole.Arn}", Ref("shop/MyRole", "Arn")),
    ],
)
def test_a_role_that_exists(tmp_path: Path, function: str, provider: str, role: Value) -> None:
    assert _hello(tmp_path, function, provider).get("Role") == role


def test_a_statement_has_its_line(tmp_path: Path) -> None:
    text = """
    service: shop
    provider:
      name: aws
      iam:
        role:
          statements:
            - Effect: Allow
              Action: sqs:SendMessage
              Resource: '*'
    functions:
      hello: {handler: a.b}
    """
    role = scan_text(tmp_path, text).one("AWS::IAM::Role")

    assert [place and place.line for place in [role.at("Policies", 0, "PolicyDocument", "Statement", 0, "Action")]] == [8]


def test_environment_lines_are_those_of_provider_and_function(tmp_path: Path) -> None:
    text = """
    service: shop
    provider:
      name: aws
      environment:
        A: a
    functions:
      hello:
        handler: a.b
        environment:
          B: b
    """
    hello = scan_text(tmp_path, text).get("shop/hello")

    places = [hello.at("Environment", "Variables", name) for name in ("A", "B")]
    assert [place and place.line for place in places] == [5, 10]
