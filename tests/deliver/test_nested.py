"""A branch with a proposal of several state machines, from each kind of template: every definition is there and is checked, and
each name in it is given a meaning.

Seven functions send to one queue, which is more ways than are copied: what follows the queue is a state machine of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.cloudformation import refused
from untangle.cli import main
from untangle.config import Config
from untangle.pipeline import scan

SEVEN = tuple(f"p{number}" for number in range(1, 8))
EVERY = ("intake", *SEVEN, "ship", "mail")
CALLS = {
    "intake": 'boto3.client("sns").publish(TopicArn=os.environ["TO"], Message="go")',
    **dict.fromkeys(SEVEN, 'boto3.client("sqs").send_message(QueueUrl=os.environ["TO"], MessageBody="x")'),
    "ship": 'boto3.client("sns").publish(TopicArn=os.environ["TO"], Message="y")',
    "mail": "print(event)",
}
TO = {"intake": "Orders", **dict.fromkeys(SEVEN, "Ready"), "ship": "Shipped"}
HEARS = {**dict.fromkeys(SEVEN, "Orders"), "mail": "Shipped"}


def sam() -> tuple[str, str]:
    resources: dict[str, Any] = {
        "Orders": {"Type": "AWS::SNS::Topic"},
        "Shipped": {"Type": "AWS::SNS::Topic"},
        "Ready": {"Type": "AWS::SQS::Queue"},
    }
    for name in EVERY:
        started: dict[str, Any] = {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}}
        if name == "ship":
            started = {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Ready", "Arn"]}, "BatchSize": 1}}
        elif name in HEARS:
            started = {"Type": "SNS", "Properties": {"Topic": {"Ref": HEARS[name]}}}
        given = {"Environment": {"Variables": {"TO": {"Ref": TO[name]}}}} if name in TO else {}
        code = {"CodeUri": "src/", "Handler": f"{name}.handler", "Runtime": "python3.12", "Timeout": 30}
        resources[name.capitalize()] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {**code, **given, "Events": {"In": started}},
        }
    return "template.yaml", yaml.safe_dump({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources})


def serverless() -> tuple[str, str]:
    functions: dict[str, Any] = {}
    for name in EVERY:
        started: dict[str, Any] = {"schedule": "rate(1 day)"}
        if name == "ship":
            started = {"sqs": {"arn": {"Fn::GetAtt": ["Ready", "Arn"]}, "batchSize": 1}}
        elif name in HEARS:
            started = {"sns": {"arn": {"Ref": HEARS[name]}, "topicName": HEARS[name].lower()}}
        given = {"environment": {"TO": {"Ref": TO[name]}}} if name in TO else {}
        functions[name] = {"handler": f"src/{name}.handler", **given, "events": [started]}
    topics = {name: {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name.lower()}} for name in ("Orders", "Shipped")}
    service = {
        "service": "shop",
        "provider": {"name": "aws", "runtime": "python3.12", "timeout": 30},
        "functions": functions,
        "resources": {"Resources": {**topics, "Ready": {"Type": "AWS::SQS::Queue"}}},
    }
    return "serverless.yml", yaml.safe_dump(service)


FUNCTION = """
data "archive_file" "{name}" {{
  type        = "zip"
  source_file = "src/{name}.py"
  output_path = "{name}.zip"
}}
resource "aws_lambda_function" "{name}" {{
  function_name = "{name}"
  role          = "arn:aws:iam::111122223333:role/r"
  handler       = "{name}.handler"
  runtime       = "python3.12"
  timeout       = 30
  filename      = data.archive_file.{name}.output_path
  environment {{
    variables = {{ TO = {to} }}
  }}
}}
"""
STARTED = {
    "intake": """
resource "aws_cloudwatch_event_rule" "nightly" {
  schedule_expression = "rate(1 day)"
}
resource "aws_cloudwatch_event_target" "nightly" {
  rule = aws_cloudwatch_event_rule.nightly.name
  arn  = aws_lambda_function.intake.arn
}
""",
    "ship": """
resource "aws_lambda_event_source_mapping" "ship" {
  event_source_arn = aws_sqs_queue.ready.arn
  function_name    = aws_lambda_function.ship.arn
  batch_size       = 1
}
""",
}
SUBSCRIPTION = """
resource "aws_sns_topic_subscription" "{name}" {{
  topic_arn = {topic}.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.{name}.arn
}}
"""


def terraform() -> tuple[str, str]:
    blocks = [f'resource "aws_sns_topic" "{name}" {{\n  name = "{name}"\n}}\n' for name in ("orders", "shipped")]
    blocks.append('resource "aws_sqs_queue" "ready" {\n  name = "ready"\n}\n')
    values = {"Orders": "aws_sns_topic.orders.arn", "Shipped": "aws_sns_topic.shipped.arn", "Ready": "aws_sqs_queue.ready.url"}
    for name in EVERY:
        blocks.append(FUNCTION.format(name=name, to=values[TO[name]] if name in TO else '""'))
        heard = f"aws_sns_topic.{HEARS[name].lower()}" if name in HEARS else ""
        blocks.append(SUBSCRIPTION.format(name=name, topic=heard) if heard else STARTED[name])
    return "main.tf", "".join(blocks)


FLAVOURS: Mapping[str, Callable[[], tuple[str, str]]] = {"SAM": sam, "Serverless": serverless, "Terraform": terraform}
LAYERS = {"SAM": "CloudFormation and SAM:", "Serverless": "Serverless Framework:", "Terraform": "Terraform:"}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout


def untangle(*arguments: str) -> Result:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(params=sorted(FLAVOURS))
def application(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    """The name of a flavour, and a repository that holds the application in it."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.com")
    template, text = FLAVOURS[request.param]()
    (tmp_path / template).write_text(text)
    (tmp_path / "src").mkdir()
    for name, call in CALLS.items():
        (tmp_path / f"src/{name}.py").write_text(f"import os\n\nimport boto3\n\n\ndef handler(event, context):\n    {call}\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "begin")
    monkeypatch.chdir(tmp_path)
    return request.param, tmp_path


def test_a_branch_holds_every_state_machine(application: tuple[str, Path], tmp_path: Path) -> None:
    flavour, repository = application
    branch = untangle("pr", ".", "--chain", "intake", "--local").stdout.split()[0]
    git(repository, "checkout", "-q", branch)
    folder = repository / "workflows/intake"
    written = {file.name for file in folder.iterdir()}
    assert written == {
        "MIGRATION.md", "contracts", "migration.json", "outbox",
        "state-machine.asl.json", "substitutions.json", "Intake-Ship.asl.json", "Intake-Ship.substitutions.json",
    }  # fmt: skip
    untangle("lint", *(str(file) for file in folder.glob("*.asl.json")))
    assert refused(json.loads(file.read_text()) for file in sorted(folder.glob("*.asl.json"))) == []

    page = (folder / "MIGRATION.md").read_text()
    assert "- `Intake-Ship` (`Intake-Ship.asl.json`), a Standard workflow (type STANDARD): 2 transitions a run" in page
    assert "create Intake-Ship with type STANDARD" in page and "and start Intake-Ship" in page
    assert f"\n{LAYERS[flavour]}\n" in page and "workflows/intake/outbox" in page
    listed = page.partition("## Files")[2].partition("## How")[0]
    assert written - {"contracts", "outbox", "MIGRATION.md"} <= set(re.findall(r"- `([^`]*)`", listed))


def test_every_name_in_a_definition_is_a_resource_or_a_state_machine_beside_it(application: tuple[str, Path]) -> None:
    _, repository = application
    untangle("propose", ".", "--chain", "intake", "-o", "out")
    graph = scan(repository, config=Config()).graph
    folder = repository / "out/intake"
    for definition, meanings in (
        ("state-machine.asl.json", "substitutions.json"),
        ("Intake-Ship.asl.json", "Intake-Ship.substitutions.json"),
    ):
        text = (folder / definition).read_text()
        meant = json.loads((folder / meanings).read_text())
        assert set(re.findall(r"\$\{(.*?)\}", text)) == set(meant)
        assert "%{" not in text, "a directive, to Terraform's templatefile"
        beside = {name for name, item in meant.items() if item["resource"] not in graph}
        assert beside == ({"IntakeShipArn"} if definition == "state-machine.asl.json" else set())
        assert not beside or meant["IntakeShipArn"] == {"resource": "Intake-Ship", "attribute": "Arn"}
        started = set(re.findall(r'"StateMachineArn": "(.*?)"', text))
        assert started == {f"${{{name}}}" for name in beside}


def test_in_yaml_every_definition_is_and_the_page_says_so(application: tuple[str, Path]) -> None:
    _, repository = application
    untangle("propose", ".", "--chain", "intake", "-o", "json")
    untangle("propose", ".", "--chain", "intake", "-o", "yaml", "--format", "yaml")
    folder = repository / "yaml/intake"
    files = sorted(folder.glob("*.asl.*"))
    assert [file.name for file in files] == ["Intake-Ship.asl.yaml", "state-machine.asl.yaml"]
    for file in files:
        same = repository / "json/intake" / f"{file.name.removesuffix('.yaml')}.json"
        assert yaml.safe_load(file.read_text()) == json.loads(same.read_text())
    untangle("lint", *map(str, files))
    page = (folder / "MIGRATION.md").read_text()
    assert "- `Intake-Ship` (`Intake-Ship.asl.yaml`), a" in page and ".asl.json" not in page
    assert "`untangle propose . --chain intake -o proposals --format yaml`" in page
