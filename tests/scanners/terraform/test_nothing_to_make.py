"""What a `for_each` without items makes: nothing, not even in the modules that it calls."""

from __future__ import annotations

from pathlib import Path

from untangle.scanners.scanner import Options
from untangle.scanners.terraform import read
from untangle.scanners.tree import Tree

TEXT = """
variable "queues" { default = {} }
resource "aws_lambda_event_source_mapping" "m" {
  for_each         = var.queues
  event_source_arn = each.value
}
module "here" {
  source   = "./queue"
  for_each = var.queues
}
module "elsewhere" {
  source   = "acme/queue/aws"
  for_each = var.queues
}
resource "aws_sqs_queue" "off" {
  count = 0
}
"""


def test_no_items_make_nothing_and_a_count_of_zero_its_one_instance(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TEXT, encoding="utf-8")
    (tmp_path / "queue").mkdir()
    (tmp_path / "queue" / "main.tf").write_text('resource "aws_sqs_queue" "q" {}\n', encoding="utf-8")
    found = read(Tree(tmp_path), Options())
    assert [(item.address, item.condition) for item in found.resources] == [("aws_sqs_queue.off[0]", "0")]
    assert found.gaps == ()
