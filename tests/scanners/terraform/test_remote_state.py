"""What one root reads from the state of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from untangle.model.value import Ref
from untangle.scanners.scanner import Options
from untangle.scanners.terraform import read
from untangle.scanners.tree import Tree

QUEUES = """
resource "aws_sqs_queue" "q" {}
output "orders" { value = { arn = aws_sqs_queue.q.arn } }
"""
READS = """
data "terraform_remote_state" "%s" {
  backend = "x"
  config  = %s
}
resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = data.terraform_remote_state.%s.outputs.orders.arn
}
"""
KNOWN = [
    pytest.param("s", '{ path = "../queues/terraform.tfstate" }', True, id="a local path"),
    pytest.param("s", '{ bucket = "states", key = "prod/queues.tfstate" }', True, id="a key"),
    pytest.param("s", '{ workspaces = { name = "prod-x" } }', False, id="a workspace that is called otherwise"),
    pytest.param("queues", '{ bucket = "states", key = var.key }', True, id="what the reader calls it"),
    pytest.param("other", '{ key = "prod/network.tfstate" }', False, id="another state"),
]


@pytest.mark.parametrize(("name", "config", "found"), KNOWN)
def test_an_output_is_that_of_the_root_whose_state_is_read(tmp_path: Path, name: str, config: str, found: bool) -> None:
    for folder, text in (
        ("queues", QUEUES),
        ("network", 'resource "aws_sns_topic" "t" {}'),
        ("work", READS % (name, config, name)),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.tf").write_text(text, encoding="utf-8")
    mapping = next(item for item in read(Tree(tmp_path), Options()).resources if item.address.endswith(".m"))
    assert (mapping.get("EventSourceArn") == Ref("queues/aws_sqs_queue.q", "Arn")) is found


def test_of_two_roots_that_fit_neither_is_meant(tmp_path: Path) -> None:
    reads = READS % ("s", '{ key = "queues.tfstate" }', "s")
    for folder, text in (("prod/queues", QUEUES), ("test/queues", QUEUES), ("work", reads)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "main.tf").write_text(text, encoding="utf-8")
    mapping = next(item for item in read(Tree(tmp_path), Options()).resources if item.address.endswith(".m"))
    assert not isinstance(mapping.get("EventSourceArn"), Ref)
