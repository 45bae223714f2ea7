"""Modules of whom only the call is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from untangle.model.value import Ref
from untangle.scanners.terraform.block import TerraformRoot
from untangle.scanners.terraform.roots import roots
from untangle.scanners.tree import Tree

SHARED = "https://modules.example/releases/v2"
FUNCTION = 'function_name = "pay"\n runtime = "python3.12"'


def root(tmp_path: Path, text: str) -> TerraformRoot:
    (tmp_path / "main.tf").write_text(text)
    (found,) = roots(Tree(tmp_path), {})
    return found


def made(found: TerraformRoot) -> list[str]:
    return [resource.address for resource in found.resources if resource.mode == "managed" and "iam" not in resource.type]


@pytest.mark.parametrize(
    ("source", "arguments", "address"),
    [
        ("terraform-lambda.zip", FUNCTION, "module.it.aws_lambda_function.this"),
        ("service", FUNCTION, "module.it.aws_lambda_function.this"),
        ("lambda?ref=v1", 'name = "pay"\n handler = "app.handler"', "module.it.aws_lambda_function.this"),
        ("terraform-sqs.zip", 'name = "orders"', "module.it.aws_sqs_queue.this"),
        ("terraform-aws-sns-topic.git", 'name = "orders"', "module.it.aws_sns_topic.this"),
        ("terraform-s3bucket.zip", 'name = "orders"', "module.it.aws_s3_bucket.this"),
        ("dynamodb-table", 'name = "orders"', "module.it.aws_dynamodb_table.this"),
        ("lambda-layer", 'name = "deps"', None),
        ("sqs-consumer", 'name = "orders"', None),
        ("sns-sqs", 'name = "orders"', None),
        ("canary", 'handler = "app.handler"', None),
        ("vpc", 'name = "main"', None),
    ],
)
def test_what_a_call_shows_a_module_to_make(tmp_path: Path, source: str, arguments: str, address: str | None) -> None:
    found = root(tmp_path, f'module "it" {{\n source = "{SHARED}/{source}"\n {arguments}\n}}\n')
    assert made(found) == ([address] if address else [])
    assert [gap.what for gap in found.gaps] == (["the module terraform/module.it"] if address else [])


def test_a_folder_that_is_missing_is_not_guessed_at(tmp_path: Path) -> None:
    assert made(root(tmp_path, 'module "it" {\n source = "../sqs"\n name = "orders"\n}\n')) == []


def test_outputs_lead_to_what_is_made_and_others_to_the_module(tmp_path: Path) -> None:
    text = f'module "q" {{\n source = "{SHARED}/terraform-sqs.zip"\n create_dlq = true\n}}\n' + "".join(
        f'output "{name}" {{ value = module.q.{name} }}\n' for name in ("sqs_queue_arn", "sqs_dlq_arn", "other")
    )
    assert root(tmp_path, text).outputs == {
        "sqs_queue_arn": Ref("terraform/module.q.aws_sqs_queue.this", "arn"),
        "sqs_dlq_arn": Ref("terraform/module.q.aws_sqs_queue.dlq", "arn"),
        "other": Ref("terraform/module.q", "output.other"),
    }


def test_a_function_has_the_variables_and_policies_that_its_call_hands_over(tmp_path: Path) -> None:
    text = f"""
module "fn" {{
  source = "{SHARED}/terraform-lambda.zip"
  {FUNCTION}
  lambda_env_vars     = {{ QUEUE = "q" }}
  iam_policy_document = {{ body = "{{}}" }}
  policy_arns         = [aws_iam_policy.send.arn]
}}
resource "aws_iam_policy" "send" {{}}
"""
    parts = {resource.address: resource.attributes for resource in root(tmp_path, text).resources}
    assert parts["module.fn.aws_lambda_function.this"]["environment"] == ({"variables": {"QUEUE": "q"}},)
    assert parts["module.fn.aws_iam_role_policy.p0"]["policy"] == "{}"
    assert parts["module.fn.aws_iam_role_policy_attachment.p1"]["policy_arn"] == Ref("terraform/aws_iam_policy.send", "arn")
