"""Each Terraform type in CloudFormation's words, as the channels read it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.scanners.terraform.configuration import ROOT, canonical, only, ref, resource
from untangle.model.location import Location
from untangle.model.value import ACCOUNT, PARTITION, REGION, Concat, Either, Ref, Symbol, Value

QUEUE = resource("aws_sqs_queue.q", {"name": "orders"})
TOPIC = resource("aws_sns_topic.t", {"name": "news"})
FUNCTION = resource("aws_lambda_function.f", {"function_name": "work"})
BUCKET = resource("aws_s3_bucket.b", {"bucket": "files"})
RULE = resource("aws_cloudwatch_event_rule.r", {"name": "paid", "event_pattern": {"source": ("shop",)}})
ROLE = resource("aws_iam_role.x", {"name": "worker"})
GIVEN = (QUEUE, TOPIC, FUNCTION, BUCKET)


def cfn(address: str, attribute: str = "") -> Ref:
    """A reference in CloudFormation's words."""
    return Ref(f"{ROOT}/{address}", attribute)


# What Terraform writes, and the CloudFormation type and properties that it becomes.
WRITTEN: list[tuple[str, Mapping[str, Value], str, Mapping[str, Value]]] = [
    (
        "aws_iam_role",
        {"name": "bound", "permissions_boundary": "arn:aws:iam::aws:policy/X"},
        "AWS::IAM::Role",
        {"RoleName": "bound", "PermissionsBoundary": "arn:aws:iam::aws:policy/X"},
    ),
    (
        "aws_sns_topic_policy",
        {"arn": ref("aws_sns_topic.t", "arn"), "policy": '{"Statement":[]}'},
        "AWS::SNS::TopicPolicy",
        {"Topics": (cfn("aws_sns_topic.t"),), "PolicyDocument": {"Statement": ()}},
    ),
    (
        "aws_s3_bucket_policy",
        {"bucket": ref("aws_s3_bucket.b", "id"), "policy": '{"Statement":[]}'},
        "AWS::S3::BucketPolicy",
        {"Bucket": cfn("aws_s3_bucket.b"), "PolicyDocument": {"Statement": ()}},
    ),
    (
        "aws_lambda_function",
        {
            "function_name": "work",
            "handler": "app.handler",
            "memory_size": 256,
            "environment": ({"variables": {"some_key": "v"}},),
            "dead_letter_config": ({"target_arn": ref("aws_sqs_queue.q", "arn")},),
            "filename": "build/work.zip",
            "role": ref("aws_iam_role.x", "arn"),
        },
        "AWS::Lambda::Function",
        {
            "FunctionName": "work",
            "Handler": "app.handler",
            "MemorySize": 256,
            "Environment": {"Variables": {"some_key": "v"}},
            "DeadLetterConfig": {"TargetArn": cfn("aws_sqs_queue.q", "Arn")},
            "Code": "build/work.zip",
            "Role": cfn("aws_iam_role.x", "Arn"),
        },
    ),
    (
        "aws_lambda_event_source_mapping",
        {
            "event_source_arn": ref("aws_sqs_queue.q", "arn"),
            "function_name": ref("aws_lambda_function.f", "function_name"),
            "filter_criteria": ({"filter": ({"pattern": '{"body":{"a":[1]}}'}, {"pattern": "{}"})},),
            "destination_config": ({"on_failure": ({"destination_arn": ref("aws_sns_topic.t", "arn")},)},),
            "scaling_config": ({"maximum_concurrency": 5},),
            "function_response_types": ("ReportBatchItemFailures",),
            "maximum_batching_window_in_seconds": 3,
        },
        "AWS::Lambda::EventSourceMapping",
        {
            "EventSourceArn": cfn("aws_sqs_queue.q", "Arn"),
            "FunctionName": cfn("aws_lambda_function.f"),
            "FilterCriteria": {"Filters": ({"Pattern": '{"body":{"a":[1]}}'}, {"Pattern": "{}"})},
            "DestinationConfig": {"OnFailure": {"Destination": cfn("aws_sns_topic.t")}},
            "ScalingConfig": {"MaximumConcurrency": 5},
            "FunctionResponseTypes": ("ReportBatchItemFailures",),
            "MaximumBatchingWindowInSeconds": 3,
        },
    ),
    (
        "aws_lambda_function_event_invoke_config",
        {
            "function_name": ref("aws_lambda_function.f", "function_name"),
            "maximum_retry_attempts": 0,
            "destination_config": ({"on_success": ({"destination": ref("aws_sqs_queue.q", "arn")},)},),
        },
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": cfn("aws_lambda_function.f"),
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnSuccess": {"Destination": cfn("aws_sqs_queue.q", "Arn")}},
        },
    ),
    (
        "aws_sns_topic_subscription",
        {
            "topic_arn": ref("aws_sns_topic.t", "arn"),
            "protocol": "sqs",
            "endpoint": ref("aws_sqs_queue.q", "arn"),
            "raw_message_delivery": True,
            "filter_policy": '{"kind": ["order"]}',
        },
        "AWS::SNS::Subscription",
        {
            "TopicArn": cfn("aws_sns_topic.t"),
            "Protocol": "sqs",
            "Endpoint": cfn("aws_sqs_queue.q", "Arn"),
            "RawMessageDelivery": True,
            "FilterPolicy": {"kind": ("order",)},
        },
    ),
    (
        "aws_s3_bucket_notification",
        {
            "bucket": ref("aws_s3_bucket.b", "id"),
            "eventbridge": True,
            "lambda_function": (
                {
                    "lambda_function_arn": ref("aws_lambda_function.f", "arn"),
                    "events": ("s3:ObjectCreated:*",),
                    "filter_prefix": "in/",
                    "filter_suffix": ".csv",
                },
            ),
            "queue": ({"queue_arn": ref("aws_sqs_queue.q", "arn"), "events": ("s3:ObjectRemoved:*",), "filter_prefix": ""},),
            "topic": ({"topic_arn": ref("aws_sns_topic.t", "arn"), "events": ("s3:ObjectCreated:*",)},),
        },
        "Custom::S3BucketNotifications",
        {
            "BucketName": cfn("aws_s3_bucket.b"),
            "NotificationConfiguration": {
                "LambdaFunctionConfigurations": (
                    {
                        "LambdaFunctionArn": cfn("aws_lambda_function.f", "Arn"),
                        "Events": ("s3:ObjectCreated:*",),
                        "Filter": {
                            "Key": {
                                "FilterRules": ({"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}),
                            }
                        },
                    },
                ),
                "QueueConfigurations": ({"QueueArn": cfn("aws_sqs_queue.q", "Arn"), "Events": ("s3:ObjectRemoved:*",)},),
                "TopicConfigurations": ({"TopicArn": cfn("aws_sns_topic.t"), "Events": ("s3:ObjectCreated:*",)},),
                "EventBridgeConfiguration": {},
            },
        },
    ),
    (
        "aws_dynamodb_table",
        {"name": "items", "hash_key": "id", "range_key": "at", "stream_enabled": True, "stream_view_type": "NEW_IMAGE"},
        "AWS::DynamoDB::Table",
        {
            "TableName": "items",
            "KeySchema": ({"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}),
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        },
    ),
    (
        "aws_scheduler_schedule",
        {
            "schedule_expression": "rate(1 hour)",
            "target": ({"arn": ref("aws_lambda_function.f", "arn"), "retry_policy": ({"maximum_retry_attempts": 2},)},),
        },
        "AWS::Scheduler::Schedule",
        {
            "ScheduleExpression": "rate(1 hour)",
            "Target": {"Arn": cfn("aws_lambda_function.f", "Arn"), "RetryPolicy": {"MaximumRetryAttempts": 2}},
        },
    ),
    (
        "aws_pipes_pipe",
        {
            "source": ref("aws_dynamodb_table.none", "stream_arn"),
            "target": ref("aws_lambda_function.f", "arn"),
            "source_parameters": (
                {
                    "filter_criteria": ({"filter": ({"pattern": "{}"},)},),
                    "dynamodb_stream_parameters": (
                        {"starting_position": "LATEST", "dead_letter_config": ({"arn": ref("aws_sqs_queue.q", "arn")},)},
                    ),
                },
            ),
            "target_parameters": ({"lambda_function_parameters": ({"invocation_type": "REQUEST_RESPONSE"},)},),
        },
        "AWS::Pipes::Pipe",
        {
            "Source": ref("aws_dynamodb_table.none", "stream_arn"),
            "Target": cfn("aws_lambda_function.f", "Arn"),
            "SourceParameters": {
                "FilterCriteria": {"Filters": ({"Pattern": "{}"},)},
                "DynamoDBStreamParameters": {
                    "StartingPosition": "LATEST",
                    "DeadLetterConfig": {"Arn": cfn("aws_sqs_queue.q", "Arn")},
                },
            },
            "TargetParameters": {"LambdaFunctionParameters": {"InvocationType": "REQUEST_RESPONSE"}},
        },
    ),
    (
        "aws_ecs_task_definition",
        {"family": "job", "container_definitions": '[{"name": "c", "environment": [{"name": "Q", "value": "x"}]}]'},
        "AWS::ECS::TaskDefinition",
        {"Family": "job", "ContainerDefinitions": ({"Name": "c", "Environment": ({"Name": "Q", "Value": "x"},)},)},
    ),
    (
        "aws_sfn_state_machine",
        {"name": "flow", "type": "EXPRESS", "definition": '{"StartAt": "A", "States": {}}'},
        "AWS::StepFunctions::StateMachine",
        {"StateMachineName": "flow", "StateMachineType": "EXPRESS", "Definition": {"StartAt": "A", "States": {}}},
    ),
    (
        "aws_ses_receipt_rule",
        {
            "name": "mail",
            "s3_action": ({"bucket_name": ref("aws_s3_bucket.b", "bucket"), "position": 1},),
            "lambda_action": ({"function_arn": ref("aws_lambda_function.f", "arn"), "position": 2},),
        },
        "AWS::SES::ReceiptRule",
        {
            "Rule": {
                "Name": "mail",
                "Actions": (
                    {"S3Action": {"BucketName": cfn("aws_s3_bucket.b")}},
                    {"LambdaAction": {"FunctionArn": cfn("aws_lambda_function.f", "Arn")}},
                ),
            }
        },
    ),
    (
        "aws_iot_topic_rule",
        {"sql": "SELECT * FROM 't'", "enabled": False, "sqs": ({"queue_url": ref("aws_sqs_queue.q", "url")},)},
        "AWS::IoT::TopicRule",
        {
            "TopicRulePayload": {
                "Sql": "SELECT * FROM 't'",
                "RuleDisabled": True,
                "Actions": ({"Sqs": {"QueueUrl": cfn("aws_sqs_queue.q")}},),
            }
        },
    ),
    (
        "aws_cognito_user_pool",
        {"lambda_config": ({"pre_sign_up": ref("aws_lambda_function.f", "arn"), "kms_key_id": "k"},)},
        "AWS::Cognito::UserPool",
        {"LambdaConfig": {"PreSignUp": cfn("aws_lambda_function.f", "Arn"), "KMSKeyID": "k"}},
    ),
    (
        "aws_kinesis_firehose_delivery_stream",
        {
            "extended_s3_configuration": (
                {
                    "bucket_arn": ref("aws_s3_bucket.b", "arn"),
                    "processing_configuration": (
                        {
                            "processors": (
                                {
                                    "type": "Lambda",
                                    "parameters": (
                                        {"parameter_name": "LambdaArn", "parameter_value": ref("aws_lambda_function.f", "arn")},
                                    ),
                                },
                            )
                        },
                    ),
                },
            )
        },
        "AWS::KinesisFirehose::DeliveryStream",
        {
            "ExtendedS3DestinationConfiguration": {
                "BucketARN": cfn("aws_s3_bucket.b", "Arn"),
                "ProcessingConfiguration": {
                    "Processors": (
                        {
                            "Type": "Lambda",
                            "Parameters": (
                                {"ParameterName": "LambdaArn", "ParameterValue": cfn("aws_lambda_function.f", "Arn")},
                            ),
                        },
                    )
                },
            }
        },
    ),
    (
        "awscc_events_rule",
        {
            "event_pattern": '{"detail-type": ["paid"]}',
            "targets": ({"arn": ref("aws_lambda_function.f", "arn"), "id": "1", "dead_letter_config": None},),
        },
        "AWS::Events::Rule",
        {
            "EventPattern": {"detail-type": ("paid",)},
            "Targets": ({"Arn": cfn("aws_lambda_function.f", "Arn"), "Id": "1"},),
        },
    ),
    ("aws_kms_key", {"description": "nobody reads this"}, "Terraform::aws_kms_key", {}),
]


@pytest.mark.parametrize(("type", "attributes", "to", "properties"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_a_type_is_written_in_cloudformations_words(
    type: str, attributes: Mapping[str, Value], to: str, properties: Mapping[str, Value]
) -> None:
    found = only(canonical(*GIVEN, ROLE, resource(f"{type}.it", attributes)), f"{type}.it")
    assert (found.type, found.properties) == (to, properties)


INVOKE = Concat(
    (
        "arn:",
        PARTITION,
        ":apigateway:",
        REGION,
        ":lambda:path/2015-03-31/functions/",
        cfn("aws_lambda_function.f", "Arn"),
        "/invocations",
    )
)
REFERENCES: list[tuple[str, str, Value]] = [
    ("aws_lambda_function.f", "arn", cfn("aws_lambda_function.f", "Arn")),
    ("aws_lambda_function.f", "qualified_arn", cfn("aws_lambda_function.f", "Arn")),
    ("aws_lambda_function.f", "invoke_arn", INVOKE),
    ("aws_sqs_queue.q", "url", cfn("aws_sqs_queue.q")),
    ("aws_sqs_queue.q", "name", cfn("aws_sqs_queue.q", "QueueName")),
    ("aws_sns_topic.t", "id", cfn("aws_sns_topic.t")),
    ("aws_s3_bucket.b", "bucket", cfn("aws_s3_bucket.b")),
    ("aws_s3_bucket.b", "arn", cfn("aws_s3_bucket.b", "Arn")),
    # What a resource configures itself is known from there.
    ("aws_log.l", "retention", 7),
    # What an apply makes up is unknown, and the same wherever it is asked for.
    ("random_id.r", "hex", Symbol("random_id.r.hex", ROOT)),
    # A counted resource without an index is its only instance.
    ("aws_sqs_queue.counted", "arn", cfn("aws_sqs_queue.counted[0]", "Arn")),
    # What no resource of the root is called stays as it is.
    ("aws_sqs_queue.none", "arn", ref("aws_sqs_queue.none", "arn")),
]


@pytest.mark.parametrize(("address", "attribute", "value"), REFERENCES, ids=[f"{row[0]}.{row[1]}" for row in REFERENCES])
def test_a_reference_is_written_in_cloudformations_words(address: str, attribute: str, value: Value) -> None:
    asking = resource("aws_lambda_function.asks", {"environment": ({"variables": {"V": ref(address, attribute)}},)})
    others = (
        resource("aws_log.l", {"retention": 7}),
        resource("random_id.r", {"byte_length": 4}),
        resource("aws_sqs_queue.counted[0]"),
    )
    found = only(canonical(*GIVEN, *others, asking), "aws_lambda_function.asks")
    assert found.get("Environment", "Variables", "V") == value


def _arn(rest: str) -> Value:
    service, _, name = rest.partition(":")
    return Concat(("arn:", PARTITION, f":{service}:", REGION, ":", ACCOUNT, f":{name}"))


LOOKED_UP: list[tuple[str, Mapping[str, Value], str, Value]] = [
    ("aws_sqs_queue", {"name": "far"}, "arn", _arn("sqs:far")),
    ("aws_sqs_queue", {"name": "far"}, "url", Concat(("https://sqs.", REGION, ".amazonaws.com/", ACCOUNT, "/far"))),
    ("aws_sqs_queue", {"name": ref("aws_sqs_queue.q", "name")}, "arn", cfn("aws_sqs_queue.q", "Arn")),
    ("aws_sns_topic", {"name": "far"}, "arn", _arn("sns:far")),
    ("aws_dynamodb_table", {"name": "far"}, "stream_arn", _arn("dynamodb:table/far")),
    ("aws_s3_bucket", {"bucket": "far"}, "id", "far"),
    ("aws_s3_bucket", {"bucket": ref("aws_s3_bucket.b", "id")}, "arn", cfn("aws_s3_bucket.b", "Arn")),
    ("aws_cloudwatch_event_bus", {"name": "far"}, "name", "far"),
    ("aws_caller_identity", {}, "account_id", ACCOUNT),
    ("aws_region", {}, "name", REGION),
    ("aws_region", {"name": "eu-west-1"}, "name", "eu-west-1"),
]


@pytest.mark.parametrize(("type", "attributes", "asked", "value"), LOOKED_UP, ids=[f"{row[0]}.{row[2]}" for row in LOOKED_UP])
def test_a_data_source_stands_for_what_it_looks_up(type: str, attributes: Mapping[str, Value], asked: str, value: Value) -> None:
    asking = resource("aws_lambda_function.asks", {"environment": ({"variables": {"V": ref(f"data.{type}.d", asked)}},)})
    found = canonical(*GIVEN, resource(f"data.{type}.d", attributes), asking)
    assert only(found, "aws_lambda_function.asks").get("Environment", "Variables", "V") == value
    assert not any(item.address.startswith("data.") for item in found.resources)


TARGET = {"rule": ref("aws_cloudwatch_event_rule.r", "name"), "arn": ref("aws_lambda_function.f", "arn")}


def test_targets_stand_in_their_rule_at_their_own_lines() -> None:
    target = resource("aws_cloudwatch_event_target.t", TARGET, at=Location("infra/targets.tf", 5), lines={("arn",): 7})
    found = canonical(FUNCTION, RULE, target)
    rule = only(found, "aws_cloudwatch_event_rule.r")
    assert rule.get("Targets") == ({"Arn": cfn("aws_lambda_function.f", "Arn")},)
    assert rule.at("Targets", 0) == Location("infra/targets.tf", 5)
    assert rule.at("Targets", 0, "Arn") == Location("infra/targets.tf", 7)
    assert rule.at("EventPattern") == Location("infra/main.tf", 1)
    assert [item.address for item in found.resources] == ["aws_cloudwatch_event_rule.r", "aws_lambda_function.f"]


def test_a_target_that_may_be_missing_keeps_its_condition() -> None:
    target = resource("aws_cloudwatch_event_target.t", TARGET, condition="var.on ? 1 : 0")
    rule = only(canonical(FUNCTION, RULE, target), "aws_cloudwatch_event_rule.r")
    listed = rule.get("Targets")
    assert isinstance(listed, tuple)
    assert listed == (Either(({"Arn": cfn("aws_lambda_function.f", "Arn")}, None), ("var.on ? 1 : 0", "not (var.on ? 1 : 0)")),)


def test_a_target_finds_its_rule_by_name() -> None:
    target = resource("aws_cloudwatch_event_target.t", {**TARGET, "rule": "paid"})
    assert only(canonical(RULE, target), "aws_cloudwatch_event_rule.r").get("Targets")


def test_a_target_without_its_rule_is_a_gap() -> None:
    found = canonical(FUNCTION, resource("aws_cloudwatch_event_target.t", {**TARGET, "rule": "elsewhere"}))
    assert [(gap.what, gap.why) for gap in found.gaps] == [
        ("the rule of an event target aws_cloudwatch_event_target.t", "elsewhere is not declared in the scan")
    ]


def test_attached_policies_stand_in_their_role() -> None:
    policy = resource("aws_iam_policy.p", {"policy": '{"Statement": []}'})
    by_reference = resource(
        "aws_iam_role_policy_attachment.a", {"role": ref("aws_iam_role.x", "name"), "policy_arn": ref("aws_iam_policy.p", "arn")}
    )
    by_name = resource("aws_iam_policy_attachment.b", {"roles": ("worker",), "policy_arn": "arn:aws:iam::aws:policy/X"})
    found = canonical(ROLE, policy, by_reference, by_name)
    assert only(found, "aws_iam_role.x").get("ManagedPolicyArns") == ("arn:aws:iam::aws:policy/X", cfn("aws_iam_policy.p"))


def test_a_redrive_policy_of_its_own_stands_in_its_queue() -> None:
    policy = resource(
        "aws_sqs_queue_redrive_policy.p",
        {"queue_url": ref("aws_sqs_queue.q", "id"), "redrive_policy": {"deadLetterTargetArn": ref("aws_sqs_queue.d", "arn")}},
    )
    found = canonical(QUEUE, resource("aws_sqs_queue.d"), policy)
    assert only(found, "aws_sqs_queue.q").get("RedrivePolicy") == {"deadLetterTargetArn": cfn("aws_sqs_queue.d", "Arn")}


def test_a_kinesis_destination_stands_in_its_table() -> None:
    table, stream = resource("aws_dynamodb_table.t", {"name": "items"}), resource("aws_kinesis_stream.s")
    for named in (ref("aws_dynamodb_table.t", "name"), "items"):
        part = resource(
            "aws_dynamodb_kinesis_streaming_destination.d",
            {"table_name": named, "stream_arn": ref("aws_kinesis_stream.s", "arn")},
        )
        given = only(canonical(table, stream, part), "aws_dynamodb_table.t").get("KinesisStreamSpecification")
        assert given == {"StreamArn": cfn("aws_kinesis_stream.s", "Arn")}


ARCHIVE = resource("data.archive_file.a", {"output_path": "out/f.zip", "source_dir": "src/f"})
CODE: list[tuple[str, Mapping[str, Value], Value]] = [
    ("an archive by reference", {"filename": ref("data.archive_file.a", "output_path")}, "src/f"),
    ("an archive by its path", {"filename": "out/f.zip"}, "src/f"),
    ("an archive that was uploaded", {"s3_bucket": "b", "s3_key": ref("aws_s3_object.o", "key")}, "src/f"),
    ("an upload by its key", {"s3_bucket": "b", "s3_key": "code/f.zip"}, "src/f"),
    ("an archive made elsewhere", {"filename": "dist/other.zip"}, "dist/other.zip"),
    ("an upload made elsewhere", {"s3_bucket": "b", "s3_key": "k"}, {"S3Bucket": "b", "S3Key": "k"}),
    ("an image", {"image_uri": "repo:tag"}, {"ImageUri": "repo:tag"}),
    ("text in the configuration", {"filename": ref("data.archive_file.text", "output_path")}, {"ZipFile": "def handler(): ..."}),
    ("a single file", {"filename": ref("data.archive_file.file", "output_path")}, "src/one.py"),
    ("nothing", {}, None),
]


@pytest.mark.parametrize(("attributes", "code"), [row[1:] for row in CODE], ids=[row[0] for row in CODE])
def test_code_is_followed_to_what_goes_into_the_archive(attributes: Mapping[str, Value], code: Value) -> None:
    others = (
        ARCHIVE,
        resource("aws_s3_object.o", {"key": "code/f.zip", "source": ref("data.archive_file.a", "output_path")}),
        resource("data.archive_file.text", {"source": ({"content": "def handler(): ...", "filename": "x.py"},)}),
        resource("data.archive_file.file", {"source_file": "src/one.py"}),
    )
    function = resource("aws_lambda_function.f", attributes, lines={(name,): 9 for name in attributes})
    found = only(canonical(*others, function), "aws_lambda_function.f")
    assert found.get("Code") == code
    assert found.at("Code") == Location("infra/main.tf", 9 if code else 1)


def test_lines_follow_what_is_renamed_and_nested() -> None:
    lines = {("environment", 0): 3, ("environment", 0, "variables", "URL"): 5, ("function_name",): 2}
    function = resource(
        "aws_lambda_function.f", {"function_name": "f", "environment": ({"variables": {"URL": "x", "B": "y"}},)}, lines=lines
    )
    found = only(canonical(function), "aws_lambda_function.f")
    places = [found.at("Environment", "Variables", name) for name in ("URL", "B")]
    assert places == [Location("infra/main.tf", 5), Location("infra/main.tf", 3)]
    assert found.at("FunctionName") == Location("infra/main.tf", 2)


def test_a_name_of_which_only_the_start_is_given_is_unlike_any_other() -> None:
    found = canonical(resource("aws_sqs_queue.a", {"name_prefix": "x-"}), resource("aws_sqs_queue.b", {"name_prefix": "x-"}))
    names = {item.get("QueueName") for item in found.resources}
    assert len(names) == 2
    assert all(isinstance(name, Concat) and name.parts[0] == "x-" for name in names)


def test_a_switched_off_resource_says_so() -> None:
    off = resource("aws_sqs_queue.q[0]", {"name": "q"}, condition="var.on ? 1 : 0")
    assert only(canonical(off), "aws_sqs_queue.q[0]").condition == "var.on ? 1 : 0"
