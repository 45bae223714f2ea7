"""The policy is what is called, no more and no less, and every action of it only reads."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from untangle.cli import main
from untangle.scanners.account.operations import OPERATIONS
from untangle.scanners.account.permissions import GROUPS, actions, as_text, policy


def allowed(*groups: str) -> set[str]:
    return {action for statement in policy(groups)["Statement"] for action in statement["Action"]}


def test_the_core_is_exactly_what_the_core_calls() -> None:
    assert allowed() == {action for item in OPERATIONS if item.group == "core" for action in item.actions}


def test_with_all_options_it_is_exactly_what_may_be_called_at_all() -> None:
    assert allowed(*GROUPS) == {action for item in OPERATIONS for action in item.actions}


@pytest.mark.parametrize("group", GROUPS)
def test_every_action_is_a_read_and_none_a_wildcard(group: str) -> None:
    assert actions(group)
    for action in actions(group):
        service, _, name = action.partition(":")
        assert service and (name == "GET" or name.startswith(("Get", "List", "Describe"))) and "*" not in action


def test_no_content_can_be_read_with_the_core() -> None:
    contents = {"lambda:GetFunction", "s3:GetObject", "sqs:ReceiveMessage", "dynamodb:GetItem", "secretsmanager:GetSecretValue"}
    assert not allowed() & (contents | {"ssm:GetParameter", "kinesis:GetRecords", "logs:GetLogEvents", "lambda:InvokeFunction"})
    assert "lambda:GetFunction" in allowed("code")


def test_it_fits_into_a_managed_policy() -> None:
    assert len(json.dumps(policy(GROUPS), separators=(",", ":"))) < 6144  # IAM's limit, in characters without white space


def test_api_gateway_is_allowed_on_its_paths_only() -> None:
    (statement,) = [item for item in policy()["Statement"] if "apigateway:GET" in item["Action"]]
    assert statement["Action"] == ["apigateway:GET"] and "*" not in statement["Resource"]


def test_the_command_prints_it() -> None:
    done = CliRunner().invoke(main, ["policy", "--code", "--metrics"], standalone_mode=False)
    assert done.output == as_text(["code", "metrics"])
    assert [item["Sid"] for item in json.loads(done.output)["Statement"]] == [
        "UntangleRead",
        "UntangleReadApis",
        "UntangleCode",
        "UntangleMetrics",
    ]
