"""Pulumi's resources in CloudFormation's vocabulary: names of types and properties, blocks, physical facts, secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.pulumi.stack import MARKER, SECRET, SHOWN, at, export, function, item, queue, scanned
from untangle.model.value import Symbol, Value
from untangle.scanners.pulumi.spelling import terraform_type
from untangle.scanners.terraform.mapping import TABLES

PATTERN = '{"source": ["shop"]}'
ARN = "arn:aws:sqs:eu-west-1:123456789012:orders-77aa012"
PAY = "arn:aws:lambda:eu-west-1:123456789012:function:pay-5f2b1c0"

# A type of Pulumi, its properties; the canonical type, a route into its properties, and what stands there.
WRITTEN: list[tuple[str, dict[str, Any], str, tuple[str | int, ...], Value]] = [
    ("aws:sqs/queue:Queue", {"visibilityTimeoutSeconds": 30}, "AWS::SQS::Queue", ("VisibilityTimeout",), 30),
    ("aws:sns/topic:Topic", {"name": "t", "fifoTopic": True}, "AWS::SNS::Topic", ("FifoTopic",), True),
    (
        "aws:sns/topicSubscription:TopicSubscription",
        {"topic": "arn:t", "endpoint": ARN, "protocol": "sqs", "filterPolicy": '{"kind": ["order"]}'},
        "AWS::SNS::Subscription",
        (),
        {"TopicArn": "arn:t", "Endpoint": ARN, "Protocol": "sqs", "FilterPolicy": {"kind": ("order",)}},
    ),
    (
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {"eventSourceArn": ARN, "functionName": PAY, "filterCriteria": {"filters": [{"pattern": PATTERN}]}},
        "AWS::Lambda::EventSourceMapping",
        ("FilterCriteria", "Filters", 0, "Pattern"),
        PATTERN,
    ),
    (
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        {"functionName": PAY, "destinationConfig": {"onFailure": {"destination": ARN}}},
        "AWS::Lambda::EventInvokeConfig",
        ("DestinationConfig", "OnFailure", "Destination"),
        ARN,
    ),
    (
        "aws:lambda/permission:Permission",
        {"function": "pay-5f2b1c0", "principal": "sns.amazonaws.com"},
        "AWS::Lambda::Permission",
        ("FunctionName",),
        "pay-5f2b1c0",
    ),
    (
        "aws:s3/bucketNotification:BucketNotification",
        {
            "bucket": "b",
            "lambdaFunctions": [{"lambdaFunctionArn": PAY, "events": ["s3:ObjectCreated:*"]}],
        },
        "Custom::S3BucketNotifications",
        ("NotificationConfiguration", "LambdaFunctionConfigurations", 0, "LambdaFunctionArn"),
        PAY,
    ),
    ("aws:s3/bucketV2:BucketV2", {"bucket": "b"}, "AWS::S3::Bucket", ("BucketName",), "b"),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"name": "r", "eventPattern": PATTERN},
        "AWS::Events::Rule",
        ("EventPattern",),
        {"source": ("shop",)},
    ),
    (
        "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
        {"logGroup": "/aws/lambda/x", "destinationArn": PAY},
        "AWS::Logs::SubscriptionFilter",
        ("LogGroupName",),
        "/aws/lambda/x",
    ),
    (
        "aws:iot/topicRule:TopicRule",
        {"name": "r", "sql": "SELECT *", "lambdas": [{"functionArn": PAY}], "kineses": [{"streamName": "s"}]},
        "AWS::IoT::TopicRule",
        ("TopicRulePayload", "Actions", 0, "Lambda", "FunctionArn"),
        PAY,
    ),
    (
        "aws:pipes/pipe:Pipe",
        {"source": ARN, "target": PAY, "sourceParameters": {"filterCriteria": {"filters": [{"pattern": PATTERN}]}}},
        "AWS::Pipes::Pipe",
        ("SourceParameters", "FilterCriteria", "Filters", 0, "Pattern"),
        PATTERN,
    ),
    (
        "aws:apigateway/integration:Integration",
        {"restApi": "api1", "resourceId": "res1", "httpMethod": "POST", "type": "AWS_PROXY", "uri": PAY},
        "AWS::ApiGateway::Method",
        ("RestApiId",),
        "api1",
    ),
    (
        "aws:lambda/function:Function",
        {"name": "f", "environment": {"variables": {"tableName": "t"}}, "deadLetterConfig": {"targetArn": ARN}},
        "AWS::Lambda::Function",
        ("Environment", "Variables", "tableName"),
        "t",
    ),
    ("aws-native:sqs:Queue", {"queueName": "q", "delaySeconds": 5}, "AWS::SQS::Queue", ("QueueName",), "q"),
    (
        "aws-native:lambda:EventSourceMapping",
        {"eventSourceArn": ARN, "functionName": PAY, "filterCriteria": {"filters": [{"pattern": PATTERN}]}},
        "AWS::Lambda::EventSourceMapping",
        ("FilterCriteria", "Filters", 0, "Pattern"),
        PATTERN,
    ),
    (
        "aws-native:events:Rule",
        {"name": "r", "eventPattern": {"detail-type": ["orderPlaced"], "detail": {"orderId": [1]}}},
        "AWS::Events::Rule",
        ("EventPattern", "detail", "orderId"),
        (1,),
    ),
]


def found_at(value: Value, route: tuple[str | int, ...]) -> Value:
    for step in route:
        value = value[step]  # type: ignore[index]
    return value


class TestNames:
    @pytest.mark.parametrize(("type", "properties", "to", "route", "value"), WRITTEN, ids=[case[0] for case in WRITTEN])
    def test_a_resource_is_written_in_cloudformations_words(
        self, tmp_path: Path, type: str, properties: dict[str, Any], to: str, route: tuple[str | int, ...], value: Value
    ) -> None:
        (resource,) = scanned(tmp_path, {"stack.json": export(item(type, "it", properties))}).resources
        assert resource.type == to
        assert found_at(resource.properties, route) == value

    def test_every_table_is_led_to_by_a_type_that_the_provider_has(self) -> None:
        # The types of version 7.51 of the provider, in the modules that any table is of.
        tokens = (Path(__file__).parent / "types.txt").read_text().split()
        reached = {terraform_type(token) for token in tokens}
        assert set(TABLES) - reached == set()

    @pytest.mark.parametrize("type", ["aws:kms/key:Key", "pulumi:providers:aws", "random:index/randomPet:RandomPet", "", "aws:x"])
    def test_what_no_channel_reads_is_left_out(self, tmp_path: Path, type: str) -> None:
        assert scanned(tmp_path, {"stack.json": export(item(type, "it", {"name": "x"}))}).resources == ()

    def test_a_target_joins_its_rule(self, tmp_path: Path) -> None:
        rule = item("aws:cloudwatch/eventRule:EventRule", "r", {"name": "r-1", "eventPattern": PATTERN}, id="r-1")
        target = item("aws:cloudwatch/eventTarget:EventTarget", "t", {"rule": "r-1", "arn": PAY, "sqsTarget": None})
        (written,) = scanned(tmp_path, {"stack.json": export(rule, target)}).resources
        assert found_at(written.properties, ("Targets", 0, "Arn")) == PAY


class TestFacts:
    def test_what_a_resource_is_called_where_it_is_deployed(self, tmp_path: Path) -> None:
        orders = at(scanned(tmp_path, {"stack.json": export(queue("orders"))}), "aws:sqs:Queue::orders")
        assert orders.deployed == orders.attributes["Arn"] == ARN
        assert orders.attributes["Ref"] == "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-77aa012"

    def test_what_was_asked_for_counts_where_the_result_does_not_say(self, tmp_path: Path) -> None:
        written = item("aws:sqs/queue:Queue", "orders", {"name": "orders-1", "delaySeconds": None}, {"delaySeconds": 7})
        (found,) = scanned(tmp_path, {"stack.json": export(written)}).resources
        assert found.properties["QueueName"] == "orders-1" and found.properties["DelaySeconds"] == 7


class TestSecrets:
    @pytest.mark.parametrize("secret", [SECRET, SHOWN], ids=["encrypted", "shown"])
    def test_a_secret_is_an_unknown_and_a_gap_and_nothing_of_it_is_kept(self, tmp_path: Path, secret: dict[str, str]) -> None:
        variables = {"QUEUE_URL": "https://q", "TOKEN": secret}
        found = scanned(tmp_path, {"stack.json": export(function("place", environment={"variables": variables}))})
        held = found.resources[0].get("Environment", "Variables")
        assert isinstance(held, dict) and held["QUEUE_URL"] == "https://q"
        assert held["TOKEN"] == Symbol("aws:lambda:Function::place.environment.variables.TOKEN", "stack")
        (gap,) = found.gaps
        assert gap.what == "environment.variables.TOKEN of aws:lambda:Function::place" and gap.location is not None
        text = repr(found)
        assert not any(word in text for word in ("hunter2", "AAABAHh4c2VjcmV0", MARKER))

    def test_a_value_that_only_the_result_hides_is_read_from_what_was_asked_for(self, tmp_path: Path) -> None:
        written = item("aws:sqs/queue:Queue", "orders", {"name": SECRET}, {"name": "orders-1"})
        found = scanned(tmp_path, {"stack.json": export(written)})
        assert found.resources[0].properties["QueueName"] == "orders-1" and found.gaps == ()

    def test_a_secret_that_nothing_reads_is_no_gap(self, tmp_path: Path) -> None:
        assert scanned(tmp_path, {"stack.json": export(queue("orders", kmsMasterKeyId=SECRET))}).gaps == ()

    def test_the_key_that_sst_gives_every_function_is_no_gap_and_no_value(self, tmp_path: Path) -> None:
        found = scanned(tmp_path, {"stack.json": export(function("place", environment={"variables": {"SST_KEY": SECRET}}))})
        assert found.gaps == () and "AAABAHh4c2VjcmV0" not in repr(found)

    def test_a_reference_to_a_resource_is_its_id(self, tmp_path: Path) -> None:
        reference = {MARKER: "5cf8f73096256a8f31e491e813e4eb8e", "urn": queue("orders")["urn"], "id": "https://q"}
        found = scanned(tmp_path, {"stack.json": export(function("place", environment={"variables": {"Q": reference}}))})
        assert found.resources[0].get("Environment", "Variables", "Q") == "https://q"

    def test_marked_objects_of_any_kind_never_break_a_scan(self, tmp_path: Path) -> None:
        for i, kind in enumerate((None, 7, "", "unheard-of", ["x"])):
            written = item("aws:sqs/queue:Queue", "q", {"name": {MARKER: kind, "value": "x"}})
            (tmp_path / f"{i}").mkdir()
            assert len(scanned(tmp_path / f"{i}", {"stack.json": json.dumps(export(written))}).resources) == 1
