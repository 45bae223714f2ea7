"""Variables: each source, its defaults and overrides, and what stays when nothing is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.serverless_framework.services import scan_files, scan_text
from untangle.model.value import ACCOUNT, REGION, Concat, Either, Imported, Ref, Stored, Symbol, Value

SERVICE = """
service: shop
provider:
  name: aws
  stage: {stage}
  region: eu-west-1
custom:
  name: orders
  list: [first, second]
  tables:
    dev: dev-orders
    prod: prod-orders
  live:
    prod: prod-only
    staging: staging-only
  loop: ${{self:custom.pool}}
  pool: ${{self:custom.loop}}
  yes: 'true'
  queue: !GetAtt Queue.Arn
params:
  default:
    size: small
  prod:
    size: large
    key: secret
functions:
  hello:
    handler: a.b
    environment:
      X: {value}
resources:
  Resources:
    Queue:
      Type: AWS::SQS::Queue
"""


def _variable(root: Path, value: str, stage: str = "${opt:stage, 'dev'}", **given: str) -> Value:
    return scan_text(root, SERVICE.format(value=value, stage=stage), **given).variable()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${self:custom.name}", "orders"),
        ("${self:custom.name}-${sls:stage}", "orders-dev"),
        ("${self:service}", "shop"),
        ("${self:custom.list.1}", "second"),
        ("${self:custom.none, 'fallback'}", "fallback"),
        ("${self:custom.none, null}", None),
        ("${self:custom.none, self:custom.name}", "orders"),
        ("${self:custom.tables.${self:provider.stage}}", "dev-orders"),
        ("${self:custom.tables.${opt:stage, self:provider.stage}}", "dev-orders"),
        ("${self:custom.queue}", Ref("shop/Queue", "Arn")),
        ("${opt:stage}", "dev"),
        ("${opt:other, 'b'}", "b"),
        ("${env:NAME, 'c'}", "c"),
        ("${env:NAME}", Symbol("env:NAME")),
        ("q-${env:NAME}", Concat(("q-", Symbol("env:NAME")))),
        ("${opt:owner}", Symbol("opt:owner")),
        ("${git:branch}", Symbol("git:branch")),
        ("${param:size}", "small"),
        ("${aws:region}", "eu-west-1"),
        ("${aws:accountId}", ACCOUNT),
        ("${ssm:/shop/url}", Stored("ssm", "/shop/url")),
        ("${ssm:/shop/url~true}", Stored("ssm", "/shop/url")),
        ("${ssm:/aws/reference/secretsmanager/db}", Stored("secretsmanager", "db")),
        ("${ssm:/shop/${sls:stage}/url}", Stored("ssm", "/shop/dev/url")),
        ("${cf:other-${sls:stage}.QueueUrl}", Imported("cf:other-dev.QueueUrl")),
        ("${cf(us-east-1):other.QueueUrl}", Imported("cf:other.QueueUrl")),
        ("${s3:bucket/key}", Symbol("s3:bucket/key")),
        ("${strToBool(${self:custom.yes})}", True),
        ("'#{AWS::AccountId}'", ACCOUNT),
        ("'#{Queue.Arn}'", Ref("shop/Queue", "Arn")),
        ("!Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${self:custom.name}'",
         Concat(("arn:aws:sqs:", REGION, ":", ACCOUNT, ":orders"))),
        ("!Sub '${AWS::Region}-${env:A}'", Concat((REGION, "-", Symbol("env:A")))),
        ("!Sub '${Queue.Arn}/${self:custom.name}'", Concat((Ref("shop/Queue", "Arn"), "/orders"))),
        ("${self:custom.loop}", Symbol("self:custom.loop", "shop")),
        ("${self:custom.none}", Symbol("self:custom.none", "shop")),
    ],
)  # fmt: skip
def test_what_a_variable_stands_for(tmp_path: Path, written: str, value: Value) -> None:
    assert _variable(tmp_path, written) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${self:custom.tables.${sls:stage}}", "prod-orders"),
        ("${self:custom.live.${sls:stage}}", "prod-only"),
        ("${param:size}", "large"),
        ("${param:key}", "secret"),
    ],
)
def test_the_stage_that_the_service_says_decides(tmp_path: Path, written: str, value: Value) -> None:
    assert _variable(tmp_path, written, stage="prod") == value


def test_an_option_of_the_user_goes_before_what_the_service_says(tmp_path: Path) -> None:
    scanned = scan_text(
        tmp_path, SERVICE.format(value="${self:custom.tables.${sls:stage}}", stage="${opt:stage, 'dev'}"), stage="prod"
    )

    assert scanned.variable() == "prod-orders"
    assert scanned.get("shop/hello").get("FunctionName") == "shop-prod-hello"


def test_a_table_without_the_stage_that_nobody_stated_gives_each_of_its_rows(tmp_path: Path) -> None:
    found = _variable(tmp_path, "x-${self:custom.live.${sls:stage}}")

    assert found == Either(("x-prod-only", "x-staging-only"), ("stage is prod", "stage is staging"))


def test_a_parameter_of_other_stages_only_gives_theirs(tmp_path: Path) -> None:
    assert _variable(tmp_path, "${param:key}") == "secret"


def test_a_fallback_goes_before_the_rows_of_other_stages(tmp_path: Path) -> None:
    assert _variable(tmp_path, "${self:custom.live.${sls:stage}, 'none'}") == "none"


def test_the_default_stage_is_dev(tmp_path: Path) -> None:
    scanned = scan_text(tmp_path, "service: shop\nprovider: {name: aws}\nfunctions: {hello: {handler: a.b}}\n")

    assert scanned.get("shop/hello").get("FunctionName") == "shop-dev-hello"


def test_double_braces_of_the_first_version(tmp_path: Path) -> None:
    text = r"""
    service: shop
    provider:
      name: aws
      variableSyntax: "\\${{([ ~:a-zA-Z0-9._@\\'\",\\-\\/\\(\\)]+?)}}"
    custom: {name: orders}
    functions:
      hello: {handler: a.b, environment: {X: "${{self:custom.name}}-${kept}"}}
    """

    assert scan_text(tmp_path, text).variable() == "orders-${kept}"


FILES = {
    "serverless.yml": """
        service: shop
        provider:
          name: aws
          environment: ${file(config/env.yml):${opt:stage, 'dev'}}
        custom:
          settings: ${file(config/settings.json)}
        functions:
          hello:
            handler: a.b
            environment:
              X: ${self:custom.settings.queue.name}
              Y: ${file(config/${sls:stage}.only.yml):name}
              Z: ${file(config/missing.yml):name, 'none'}
              W: ${file(config/script.js):name}
              V: ${file(config/key.txt)}
        """,
    "config/env.yml": "dev:\n  TABLE: dev-${self:service}\nprod:\n  TABLE: prod\n",
    "config/settings.json": '{"queue": {"name": "orders-${sls:stage}"}}',
    "config/qa.only.yml": "name: qa-name\n",
    "config/prod.only.yml": "name: prod-name\n",
    "config/script.js": "module.exports.name = 'from-' + 'script';\n",
    "config/key.txt": "abc\n",
}


def test_files_are_read_in_every_format(tmp_path: Path) -> None:
    scanned = scan_files(tmp_path, FILES)

    assert scanned.variable("TABLE") == "dev-shop"
    assert scanned.variable("X") == "orders-dev"
    assert scanned.variable("Z") == "none"
    assert scanned.variable("W") == "from-script"
    assert scanned.variable("V") == "abc"


def test_a_file_by_a_stage_that_nobody_stated_is_each_that_there_is(tmp_path: Path) -> None:
    found = scan_files(tmp_path, FILES).variable("Y")

    assert found == Either(("prod-name", "qa-name"), ("stage is prod", "stage is qa"))


def test_dotenv_files_are_not_read(tmp_path: Path) -> None:
    scanned = scan_files(
        tmp_path,
        {
            "serverless.yml": "service: shop\nuseDotenv: true\nprovider: {name: aws}\n"
            "functions: {hello: {handler: a.b, environment: {X: '${env:KEY}'}}}\n",
            ".env": "KEY=secret\n",
        },
    )

    assert scanned.variable() == Symbol("env:KEY")
