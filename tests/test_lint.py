"""`untangle lint`: definitions alone, in YAML, in templates and in Terraform, with the line at which each mistake stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from untangle.cli import main

GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
BAD_JSON = """{
  "StartAt": "A",
  "States": {
    "A": {"Type": "Wait", "Days": 2, "End": true}
  }
}
"""
BAD_YAML = """\
StartAt: A
States:
  A:
    Type: Pass
    Next: Nowhere
"""
SAM = """\
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A:
            Type: Task
            Resource: !GetAtt Work.Arn
            Next: Nowhere
  Work:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: a.b, InlineCode: "def b(e, c): pass"}
"""
TEXT = """\
Resources:
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub |
        {
          "StartAt": "A",
          "States": {
            "A": {"Type": "Task", "Resource": "${Work.Arn}", "Next": "Nowhere"}
          }
        }
"""
BY_FILE = """\
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: flow.asl.json
"""
TERRAFORM = """\
resource "aws_sfn_state_machine" "flow" {
  name = "flow"
  definition = jsonencode({
    StartAt = "A"
    States = {
      A = { Type = "Pass", Next = "Nowhere" }
    }
  })
}
"""


def lint(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    result = CliRunner().invoke(main, ["lint", *arguments, "--format", "json"], standalone_mode=False)
    assert result.exception is None, result.output
    return result.return_value, json.loads(result.output)


@pytest.mark.parametrize(
    ("name", "text", "line", "pointer", "resource"),
    [
        pytest.param("a.asl.json", BAD_JSON, 4, "/States/A/Days", None, id="a file of its own"),
        pytest.param("a.asl.yaml", BAD_YAML, 5, "/States/A/Next", None, id="YAML"),
        pytest.param("template.yaml", SAM, 11, "/States/A/Next", "Flow", id="a structure in a SAM template"),
        pytest.param("template.yaml", TEXT, 9, "/States/A/Next", "Flow", id="a text in a CloudFormation template"),
        pytest.param("main.tf", TERRAFORM, 6, "/States/A/Next", "aws_sfn_state_machine.flow", id="Terraform"),
    ],
)
def test_a_mistake_is_shown_where_it_stands(
    tmp_path: Path, name: str, text: str, line: int, pointer: str, resource: str | None
) -> None:
    (tmp_path / name).write_text(text)
    code, rows = lint(str(tmp_path / name))
    places = [(row["file"], row["line"], row["pointer"], row.get("resource"), row["severity"]) for row in rows]
    assert ((tmp_path / name).as_posix(), line, pointer, resource, "error") in places
    assert code == 1


def test_a_row_has_the_promised_names(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}')
    _, rows = lint(str(tmp_path / "a.json"))
    assert [set(row) >= {"file", "code", "severity", "message", "pointer", "line"} for row in rows]
    assert "MISSING_TRANSITION_TARGET" in {row["code"] for row in rows}


def test_a_good_definition_passes(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(GOOD)
    assert lint(str(tmp_path / "a.json")) == (0, [])


def test_what_is_named_and_is_no_json_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.asl.json").write_text('{"StartAt": ')
    code, rows = lint(str(tmp_path / "a.asl.json"))
    assert (code, [row["code"] for row in rows]) == (1, ["INVALID_JSON_DESCRIPTION"])


def test_a_folder_is_searched_and_a_file_that_a_template_names_is_checked_once(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(BY_FILE)
    (tmp_path / "flow.asl.json").write_text(BAD_JSON)
    (tmp_path / "package.json").write_text('{"name": "no definition"}')
    code, rows = lint(str(tmp_path))
    assert code == 1
    assert {row["file"] for row in rows} == {(tmp_path / "flow.asl.json").as_posix()}
    assert len({(row["pointer"], row["message"]) for row in rows}) == len(rows)


EXPRESS = """\
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS
      DefinitionUri: flow.asl.json
      DefinitionSubstitutions: {Wait: 5}
"""
CALLS = """{
  "StartAt": "A",
  "States": {
    "A": {"Type": "Wait", "Seconds": ${Wait}, "Next": "B"},
    "B": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
          "Parameters": {"StateMachineArn": "${Child}"}, "TimeoutSeconds": "${Wait}", "End": true}
  }
}
"""
JOINED = """\
Resources:
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Join
        - ""
        - - '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "'
          - !GetAtt Work.Arn
          - '", "End": true}}}'
"""
TEMPLATEFILE = """\
resource "aws_sfn_state_machine" "flow" {
  name       = "flow"
  role_arn   = "r"
  definition = templatefile("${path.module}/flow.asl.json", { arn = aws_lambda_function.f.arn, seconds = 3 })
}
"""


def test_an_express_machine_cannot_wait_and_placeholders_pass(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(EXPRESS)
    (tmp_path / "flow.asl.json").write_text(CALLS)
    _, rows = lint(str(tmp_path))
    assert [(row["pointer"], row["line"]) for row in rows] == [("/States/B/Resource", 5)]
    (tmp_path / "template.yaml").write_text(EXPRESS.replace("EXPRESS", "STANDARD"))
    assert lint(str(tmp_path)) == (0, [])


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param("t.yaml", JOINED, id="Fn::Join"), pytest.param("m.tf", TEMPLATEFILE, id="templatefile")]
)
def test_what_a_template_computes_passes(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "flow.asl.json").write_text(
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${arn}", "TimeoutSeconds": ${seconds}, "End": true}}}'
    )
    assert lint(str(tmp_path)) == (0, [])


def test_a_broken_definition_is_told_of_where_its_name_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.asl.json").write_text("// no comments in JSON\n" + GOOD)
    (tmp_path / "b.json").write_text("// no definition for sure\n" + GOOD)
    _, rows = lint(str(tmp_path))
    assert [(Path(row["file"]).name, row["code"]) for row in rows] == [("a.asl.json", "INVALID_JSON_DESCRIPTION")]


def test_several_files_are_one_list(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(GOOD)
    (tmp_path / "b.json").write_text(BAD_JSON)
    code, rows = lint(str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    assert code == 1
    assert {Path(row["file"]).name for row in rows} == {"b.json"}


def test_people_read_a_line_for_each(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(BAD_JSON)
    result = CliRunner().invoke(main, ["lint", str(tmp_path / "b.json")], standalone_mode=False)
    first, *_, last = result.output.splitlines()
    assert first.startswith(f"{tmp_path.as_posix()}/b.json:4: error SCHEMA_VALIDATION_FAILED: ")
    assert last == "1 definition checked: 1 error"


PLUGIN = """\
service: flows
provider: {name: aws, runtime: python3.12}
functions:
  work: {handler: work.handler}
stepFunctions:
  stateMachines:
    flow:
      name: flow
      definition: ${file(flow.asl.yml)}
"""
WORDS = """\
StartAt: Ready
States:
  Ready:
    Type: Choice
    Choices:
      - Variable: $.ready
        BooleanEquals: true
        Next: Yes
    Default: No
  Yes:
    Type: Task
    Resource: ${Work}
    End: true
  No:
    Type: Pass
    Next: Off
"""
TEMPLATE = "Resources:\n  Flow:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      Definition:\n"


@pytest.mark.parametrize(
    "files", [{"flow.asl.yaml": WORDS}, {"flow.asl.yml": WORDS, "serverless.yml": PLUGIN}], ids=["alone", "plugin"]
)
def test_yes_and_no_are_names_in_definitions_of_their_own_and_in_the_serverless_framework(
    tmp_path: Path, files: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    _, rows = lint(str(tmp_path))
    places = [(Path(row["file"]).name, row["pointer"], row["line"]) for row in rows]
    assert places == [(next(iter(files)), "/States/No/Next", 16)]


def test_yes_is_true_in_a_template_of_cloudformation(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE + "".join(f"        {line}\n" for line in WORDS.splitlines()))
    _, rows = lint(str(tmp_path))
    assert "/States/Ready/Default" in {row["pointer"] for row in rows}


def test_a_comma_too_many_does_no_harm_in_a_file_that_a_template_uploads(tmp_path: Path) -> None:
    (tmp_path / "flow.asl.json").write_text(
        '{"StartAt": "A", "States": {\n "A": {"Type": "Succeed",},\n "B": {"Type": "Succeed"}}}'
    )
    code, rows = lint(str(tmp_path))
    assert (code, [(row["code"], row["severity"]) for row in rows]) == (1, [("INVALID_JSON_DESCRIPTION", "error")])
    (tmp_path / "template.yaml").write_text(BY_FILE)
    code, rows = lint(str(tmp_path))
    assert [(row["code"], row["severity"], row["line"]) for row in rows] == [
        ("INVALID_JSON_DESCRIPTION", "warning", 2),
        ("MISSING_TRANSITION_TARGET", "error", 3),
    ]


TEXTS = """\
resource "aws_sfn_state_machine" "written" {
  definition = <<-EOF
    {
      "StartAt": "A",
      "States": {"A": {"Type": "Pass", "End": true,
        "Nxt": "${var.next}"}}
    }
  EOF
}

resource "aws_sfn_state_machine" "filled" {
  definition = templatefile("${path.module}/flows/filled.json.tpl", { seconds = 3, name = "x" })
}

resource "aws_sfn_state_machine" "read" {
  definition = file("${path.module}/flows/read.json")
}
"""
FILLED = '{"StartAt": "A", "States": {\n "A": {"Type": "Wait", "Seconds": ${seconds},\n "Nxt": "${name}", "End": true}}}'
READ = '{"StartAt": "A", "States": {\n "A": {"Type": "Succeed",\n "Next": "A"}}}'


def test_a_text_of_terraform_is_told_of_once_and_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    for name, text in {"main.tf": TEXTS, "flows/filled.json.tpl": FILLED, "flows/read.json": READ}.items():
        (tmp_path / name).write_text(text)
    _, rows = lint(str(tmp_path))
    places = [(Path(row["file"]).name, row["line"], row["pointer"], row["resource"].rpartition(".")[2]) for row in rows]
    assert places == [
        ("filled.json.tpl", 3, "/States/A/Nxt", "filled"),
        ("read.json", 3, "/States/A/Next", "read"),
        ("main.tf", 6, "/States/A/Nxt", "written"),
    ]


def test_a_text_that_is_no_json_is_an_error_in_a_template(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        TEMPLATE.replace("Definition:", "DefinitionString: |") + "        StartAt: A\n        States: {}\n"
    )
    _, rows = lint(str(tmp_path))
    assert [(row["code"], row["line"]) for row in rows] == [("INVALID_JSON_DESCRIPTION", 6)]


@pytest.mark.parametrize("name", ["flow", "flow.json.tpl", "flow.txt"])
def test_a_definition_that_is_named_is_checked_whatever_its_file_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(BAD_JSON)
    code, rows = lint(str(tmp_path / name))
    assert (code, rows[0]["pointer"], rows[0]["line"]) == (1, "/States/A/Days", 4)


def test_a_file_that_is_filled_in_later_is_checked_as_far_as_it_is_json(tmp_path: Path) -> None:
    (tmp_path / "a.json.tftpl").write_text(BAD_JSON)
    (tmp_path / "b.json.tpl").write_text("%{ if x }" + BAD_JSON + "%{ endif }")
    _, rows = lint(str(tmp_path))
    assert {Path(row["file"]).name for row in rows} == {"a.json.tftpl"}
