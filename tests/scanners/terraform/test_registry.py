"""Well-known modules whose source is not in the tree: what they make of their inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from untangle.model.location import Location
from untangle.model.resource import Inventory
from untangle.model.value import Ref, Value
from untangle.scanners.scanner import Options
from untangle.scanners.terraform import read
from untangle.scanners.terraform.hcl import read_hcl
from untangle.scanners.terraform.mapping import table_of
from untangle.scanners.terraform.registry import __file__ as registry
from untangle.scanners.terraform.registry import configuration, is_quiet
from untangle.scanners.tree import Tree

FILES = sorted(Path(registry).parent.rglob("*.tf"))
# Resources and data sources without a table: what says where code comes from, and what the evaluator knows itself.
KNOWN = {"aws_s3_object", "docker_image", "aws_iam_policy_document"}


def scanned(folder: Path, text: str) -> Inventory:
    """The inventory of a root that is this one file."""
    (folder / "main.tf").write_text(text, encoding="utf-8")
    return read(Tree(folder), Options())


def ref(address: str, attribute: str = "") -> Ref:
    """A reference in CloudFormation's words to something in the scanned folder itself."""
    return Ref(f"terraform/{address}", attribute)


FUNCTION = "module.fn.aws_lambda_function.this[0]"
QUEUE = "module.queue.aws_sqs_queue.this[0]"
DEAD = "module.queue.aws_sqs_queue.dlq[0]"

# A configuration, the address of something that a module in it makes, and properties of that.
MADE: list[tuple[str, str, str, Mapping[str, Value]]] = [
    (
        "a function, with its code and environment",
        """
        module "fn" {
          source                 = "terraform-aws-modules/lambda/aws"
          function_name          = "work"
          handler                = "app.handler"
          source_path            = "${path.module}/src"
          environment_variables  = { QUEUE = module.queue.queue_url }
          dead_letter_target_arn = module.queue.dead_letter_queue_arn
        }
        module "queue" {
          source     = "terraform-aws-modules/sqs/aws"
          name       = "orders"
          create_dlq = true
        }
        """,
        FUNCTION,
        {
            "FunctionName": "work",
            "Code": "./src",
            "Environment": {"Variables": {"QUEUE": ref(QUEUE)}},
            "DeadLetterConfig": {"TargetArn": ref(DEAD, "Arn")},
            "Role": ref("module.fn.aws_iam_role.lambda[0]", "Arn"),
        },
    ),
    (
        "code that is given in pieces",
        """
        module "fn" {
          source        = "terraform-aws-modules/lambda/aws"
          function_name = "work"
          source_path   = [{ path = "src/work", pip_requirements = true }, "vendor"]
        }
        """,
        FUNCTION,
        {"Code": "src/work"},
    ),
    (
        "an event source mapping",
        """
        module "fn" {
          source        = "git::https://github.com/terraform-aws-modules/terraform-aws-lambda.git?ref=v6.0.0"
          function_name = "work"
          event_source_mapping = {
            orders = {
              event_source_arn        = aws_sqs_queue.q.arn
              function_response_types = ["ReportBatchItemFailures"]
              filter_criteria         = { pattern = jsonencode({ body = { kind = ["order"] } }) }
              scaling_config          = { maximum_concurrency = 20 }
            }
          }
        }
        resource "aws_sqs_queue" "q" {}
        """,
        'module.fn.aws_lambda_event_source_mapping.this["orders"]',
        {
            "EventSourceArn": ref("aws_sqs_queue.q", "Arn"),
            "FunctionName": ref(FUNCTION, "Arn"),
            "FunctionResponseTypes": ("ReportBatchItemFailures",),
            "ScalingConfig": {"MaximumConcurrency": 20},
            "FilterCriteria": {"Filters": ({"Pattern": '{"body":{"kind":["order"]}}'},)},
        },
    ),
    (
        "a destination",
        """
        module "fn" {
          source                    = "terraform-aws-modules/lambda/aws"
          function_name             = "work"
          create_async_event_config = true
          destination_on_success    = aws_sqs_queue.q.arn
        }
        resource "aws_sqs_queue" "q" {}
        """,
        'module.fn.aws_lambda_function_event_invoke_config.this["unqualified_alias"]',
        {"DestinationConfig": {"OnSuccess": {"Destination": ref("aws_sqs_queue.q", "Arn")}}, "FunctionName": ref(FUNCTION)},
    ),
    (
        "a grant",
        """
        module "fn" {
          source                   = "terraform-aws-modules/lambda/aws"
          function_name            = "work"
          attach_policy_statements = true
          policy_statements = {
            send = { effect = "Allow", actions = ["sqs:SendMessage"], resources = [aws_sqs_queue.q.arn] }
          }
        }
        resource "aws_sqs_queue" "q" {}
        """,
        "module.fn.aws_iam_role_policy.additional_inline[0]",
        {"Roles": (ref("module.fn.aws_iam_role.lambda[0]"),)},
    ),
    (
        "a queue with its dead-letter queue",
        """
        module "queue" {
          source         = "terraform-aws-modules/sqs/aws"
          name           = "orders"
          fifo_queue     = true
          create_dlq     = true
          redrive_policy = { maxReceiveCount = 3 }
        }
        """,
        QUEUE,
        {
            "QueueName": "orders.fifo",
            "FifoQueue": True,
            "RedrivePolicy": {"deadLetterTargetArn": ref(DEAD, "Arn"), "maxReceiveCount": 3},
        },
    ),
    (
        "a subscription",
        """
        module "topic" {
          source = "terraform-aws-modules/sns/aws"
          name   = "news"
          subscriptions = {
            queue = { protocol = "sqs", endpoint = aws_sqs_queue.q.arn, raw_message_delivery = true }
          }
        }
        resource "aws_sqs_queue" "q" {}
        """,
        'module.topic.aws_sns_topic_subscription.this["queue"]',
        {
            "TopicArn": ref("module.topic.aws_sns_topic.this[0]"),
            "Protocol": "sqs",
            "Endpoint": ref("aws_sqs_queue.q", "Arn"),
            "RawMessageDelivery": True,
        },
    ),
    (
        "a rule with its target",
        """
        module "bus" {
          source   = "terraform-aws-modules/eventbridge/aws"
          bus_name = "shop"
          rules    = { paid = { event_pattern = jsonencode({ source = ["shop"] }) } }
          targets  = { paid = [{ name = "work", arn = aws_lambda_function.f.arn, dead_letter_arn = aws_sqs_queue.q.arn }] }
        }
        resource "aws_lambda_function" "f" {}
        resource "aws_sqs_queue" "q" {}
        """,
        'module.bus.aws_cloudwatch_event_rule.this["paid"]',
        {
            "Name": "paid-rule",
            "EventBusName": ref("module.bus.aws_cloudwatch_event_bus.this[0]", "Name"),
            "EventPattern": {"source": ("shop",)},
            "Targets": (
                {
                    "EventBusName": ref("module.bus.aws_cloudwatch_event_bus.this[0]", "Name"),
                    "Arn": ref("aws_lambda_function.f", "Arn"),
                    "DeadLetterConfig": {"Arn": ref("aws_sqs_queue.q", "Arn")},
                },
            ),
        },
    ),
    (
        "a notification of a bucket",
        """
        module "files" {
          source = "terraform-aws-modules/s3-bucket/aws"
          bucket = "files"
        }
        module "told" {
          source = "terraform-aws-modules/s3-bucket/aws//modules/notification"
          bucket = module.files.s3_bucket_id
          lambda_notifications = {
            f = {
              function_arn  = aws_lambda_function.f.arn
              function_name = "f"
              events        = ["s3:ObjectCreated:*"]
              filter_prefix = "in/"
            }
          }
        }
        resource "aws_lambda_function" "f" {}
        """,
        "module.told.aws_s3_bucket_notification.this[0]",
        {
            "BucketName": ref("module.files.aws_s3_bucket.this[0]"),
            "NotificationConfiguration": {
                "LambdaFunctionConfigurations": (
                    {
                        "LambdaFunctionArn": ref("aws_lambda_function.f", "Arn"),
                        "Events": ("s3:ObjectCreated:*",),
                        "Filter": {"Key": {"FilterRules": ({"Name": "prefix", "Value": "in/"},)}},
                    },
                )
            },
        },
    ),
    (
        "a state machine",
        """
        module "flow" {
          source     = "terraform-aws-modules/step-functions/aws"
          name       = "flow"
          type       = "express"
          definition = jsonencode({ States = { A = { Resource = aws_lambda_function.f.arn } } })
        }
        resource "aws_lambda_function" "f" {}
        """,
        "module.flow.aws_sfn_state_machine.this[0]",
        {
            "StateMachineType": "EXPRESS",
            "Definition": {"States": {"A": {"Resource": ref("aws_lambda_function.f", "Arn")}}},
        },
    ),
    (
        "a table",
        """
        module "items" {
          source           = "terraform-aws-modules/dynamodb-table/aws"
          name             = "items"
          hash_key         = "id"
          stream_enabled   = true
          stream_view_type = "NEW_IMAGE"
        }
        """,
        "module.items.aws_dynamodb_table.this[0]",
        {"TableName": "items", "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
    ),
    (
        "a route of an API",
        """
        module "api" {
          source = "terraform-aws-modules/apigateway-v2/aws"
          routes = { "GET /orders" = { integration = { uri = aws_lambda_function.f.arn } } }
        }
        resource "aws_lambda_function" "f" {}
        """,
        'module.api.aws_apigatewayv2_integration.this["GET /orders"]',
        {"IntegrationUri": ref("aws_lambda_function.f", "Arn")},
    ),
    (
        "names that a context makes",
        """
        module "label" {
          source    = "cloudposse/label/null"
          namespace = "eg"
          stage     = "prod"
        }
        module "files" {
          source     = "cloudposse/s3-bucket/aws"
          context    = module.label.context
          name       = "app_files"
          attributes = ["public"]
        }
        """,
        "module.files.aws_s3_bucket.default[0]",
        {"BucketName": "eg-prod-appfiles-public"},
    ),
    (
        "a bucket that notifies, of another publisher",
        """
        resource "aws_sqs_queue" "orders" {}
        module "files" {
          source = "cloudposse/s3-bucket/aws"
          name   = "files"
          event_notification_details = {
            enabled    = true
            queue_list = [{ queue_arn = aws_sqs_queue.orders.arn, filter_suffix = ".csv" }]
          }
        }
        """,
        "module.files.aws_s3_bucket_notification.bucket_notification[0]",
        {
            "BucketName": ref("module.files.aws_s3_bucket.default[0]"),
            "NotificationConfiguration": {
                "QueueConfigurations": (
                    {
                        "QueueArn": ref("aws_sqs_queue.orders", "Arn"),
                        "Events": ("s3:ObjectCreated:*",),
                        "Filter": {"Key": {"FilterRules": ({"Name": "suffix", "Value": ".csv"},)}},
                    },
                )
            },
        },
    ),
    (
        "an alias that stays with its version",
        """
        module "live" {
          source               = "terraform-aws-modules/lambda/aws//modules/alias"
          refresh_alias        = false
          name                 = "live"
          function_name        = "work"
          event_source_mapping = { orders = { event_source_arn = aws_sqs_queue.orders.arn } }
        }
        resource "aws_sqs_queue" "orders" {}
        """,
        'module.live.aws_lambda_event_source_mapping.this["orders"]',
        {"FunctionName": ref("module.live.aws_lambda_alias.no_refresh[0]")},
    ),
    (
        "a function of another publisher",
        """
        module "fn" {
          source             = "registry.terraform.io/cloudposse/lambda-function/aws"
          function_name      = "work"
          filename           = "work.zip"
          lambda_environment = { variables = { TOPIC = module.topic.sns_topic_arn } }
        }
        module "topic" {
          source = "cloudposse/sns-topic/aws"
          name   = "news"
        }
        """,
        FUNCTION,
        {"Code": "work.zip", "Environment": {"Variables": {"TOPIC": ref("module.topic.aws_sns_topic.this[0]")}}},
    ),
]


@pytest.mark.parametrize(("text", "address", "properties"), [row[1:] for row in MADE], ids=[row[0] for row in MADE])
def test_a_module_makes(tmp_path: Path, text: str, address: str, properties: Mapping[str, Value]) -> None:
    found = {item.address: item for item in scanned(tmp_path, text).resources}
    assert address in found, sorted(found)
    assert {name: found[address].properties.get(name) for name in properties} == properties


def test_what_a_module_makes_stands_where_it_is_called(tmp_path: Path) -> None:
    found = scanned(tmp_path, '\n\nmodule "queue" {\n  source = "terraform-aws-modules/sqs/aws"\n}\n')
    assert [(item.address, item.location) for item in found.resources] == [(QUEUE, Location("main.tf", 3))]
    assert [source.path for source in found.sources] == ["main.tf"]
    assert (found.gaps, found.problems) == ((), ())


def test_what_a_module_leaves_out_is_not_there(tmp_path: Path) -> None:
    text = 'module "fn" {\n  source = "terraform-aws-modules/lambda/aws"\n  create_role = false\n  lambda_role = "arn"\n}'
    assert [item.address for item in scanned(tmp_path, text).resources] == [FUNCTION]


def test_a_module_that_may_be_missing_has_its_condition(tmp_path: Path) -> None:
    text = 'variable "on" {}\nmodule "queue" {\n  source = "terraform-aws-modules/sqs/aws"\n  count = var.on ? 1 : 0\n}'
    found = scanned(tmp_path, text).resources
    assert [(item.address, item.condition) for item in found] == [("module.queue[0].aws_sqs_queue.this[0]", "var.on ? 1 : 0")]


def test_any_other_module_is_a_gap_that_says_how_to_provide_it(tmp_path: Path) -> None:
    gaps = scanned(tmp_path, 'module "x" {\n  source = "acme/events/aws"\n}').gaps
    assert [(gap.what, gap.location) for gap in gaps] == [("resources of module.x", Location("main.tf", 1))]
    assert "acme/events/aws" in gaps[0].why
    assert "terraform init" in gaps[0].why


def test_a_module_that_no_message_passes_through_is_none(tmp_path: Path) -> None:
    assert scanned(tmp_path, 'module "x" {\n  source = "terraform-aws-modules/vpc/aws"\n}').gaps == ()


SOURCES = [
    ("terraform-aws-modules/lambda/aws", True),
    ("registry.opentofu.org/terraform-aws-modules/lambda/aws", True),
    ("terraform-aws-modules/lambda/aws//modules/alias", True),
    ("github.com/terraform-aws-modules/terraform-aws-lambda?ref=9acd3227", True),
    ("git::ssh://git@github.com/terraform-aws-modules/terraform-aws-lambda.git//modules/alias?ref=v7", True),
    ("git@github.com:terraform-aws-modules/terraform-aws-lambda.git", True),
    ("terraform-aws-modules/lambda/aws//modules/nothing", False),
    ("someone/lambda/aws", False),
    ("../lambda", False),
    ("cloudposse/_context/aws", False),
    ("", False),
    ("../../__init__/aws", False),
]


@pytest.mark.parametrize(("source", "known"), SOURCES)
def test_sources_are_known_however_they_are_written(source: str, known: bool) -> None:
    assert bool(configuration(source)) is known
    assert not is_quiet(source)


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_stand_in_says_nothing_that_is_not_understood(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    shared = file.parent / "_context.tf"
    whole = text + (shared.read_text(encoding="utf-8") if shared.exists() else "")
    read_ = read_hcl(text)
    declared = set(re.findall(r'variable "(\w+)"', whole))
    types = {block.labels[0] for block in read_.body.blocks if block.kind in ("resource", "data")}
    assert read_.faults == ()
    assert set(re.findall(r"\bvar\.(\w+)", text)) <= declared
    assert {name for name in types - KNOWN if table_of(name) is None} == set()
