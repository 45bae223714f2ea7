"""Lambda: functions, their aliases and layers, what invokes them and where their results go.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function and its neighbours;
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

from __future__ import annotations

from untangle.model.value import PARTITION, REGION, Concat, Ref, Value
from untangle.scanners.terraform.mapping.table import Fields, Many, One, Table, same


def invocation_uri(function: Value) -> Value:
    """The URI by which API Gateway calls a function: what `invoke_arn` gives."""
    return Concat(("arn:", PARTITION, ":apigateway:", REGION, ":lambda:path/2015-03-31/functions/", function, "/invocations"))


_DESTINATION: Fields = {"destination": "Destination", "destination_arn": "Destination"}
_DESTINATIONS = One(
    "DestinationConfig", {"on_success": One("OnSuccess", _DESTINATION), "on_failure": One("OnFailure", _DESTINATION)}
)

TABLES = (
    Table(
        type="aws_lambda_function",
        to="AWS::Lambda::Function",
        fields={
            **same(
                "function_name", "description", "handler", "runtime", "timeout", "memory_size", "role", "layers", "package_type"
            ),
            **same("architectures"),
            "environment": One("Environment", {"variables": "Variables"}),
            "dead_letter_config": One("DeadLetterConfig", same("target_arn")),
            "image_config": One("ImageConfig", {"command": "Command", "entry_point": "EntryPoint"}),
            "reserved_concurrent_executions": "ReservedConcurrentExecutions",
            # Where the code lies is looked up further: see `code`.
            "filename": "Code.Path",
            "s3_bucket": "Code.S3Bucket",
            "s3_key": "Code.S3Key",
            "image_uri": "Code.ImageUri",
        },
        refs={
            "arn": "Arn",
            "qualified_arn": "Arn",
            "id": "",
            "function_name": "",
            "invoke_arn": lambda id: invocation_uri(Ref(id, "Arn")),
            "qualified_invoke_arn": lambda id: invocation_uri(Ref(id, "Arn")),
            "response_streaming_invoke_arn": lambda id: invocation_uri(Ref(id, "Arn")),
        },
    ),
    Table(
        type="aws_lambda_alias",
        to="AWS::Lambda::Alias",
        fields=same("name", "function_name", "function_version"),
        refs={"arn": "", "id": "", "invoke_arn": lambda id: invocation_uri(Ref(id))},
    ),
    Table(
        type="aws_lambda_layer_version",
        to="AWS::Lambda::LayerVersion",
        fields={
            **same("layer_name", "compatible_runtimes"),
            "filename": "Content.Path",
            "s3_bucket": "Content.S3Bucket",
            "s3_key": "Content.S3Key",
        },
        refs={"arn": "", "id": "", "layer_arn": ""},
    ),
    Table(
        type="aws_lambda_event_source_mapping",
        to="AWS::Lambda::EventSourceMapping",
        fields={
            **same("event_source_arn", "function_name", "batch_size", "maximum_batching_window_in_seconds", "enabled"),
            **same("parallelization_factor", "maximum_retry_attempts", "maximum_record_age_in_seconds"),
            **same("tumbling_window_in_seconds", "starting_position", "starting_position_timestamp", "function_response_types"),
            **same("topics", "queues", "bisect_batch_on_function_error"),
            "filter_criteria": One("FilterCriteria", {"filter": Many("Filters", same("pattern"))}),
            "destination_config": _DESTINATIONS,
            "scaling_config": One("ScalingConfig", same("maximum_concurrency")),
            "self_managed_event_source": One("SelfManagedEventSource", {"endpoints": "Endpoints"}),
            "source_access_configuration": Many(
                "SourceAccessConfigurations",
                {"type": "Type", "uri": "URI"},
            ),
            "document_db_event_source_config": One(
                "DocumentDBEventSourceConfig", same("database_name", "collection_name", "full_document")
            ),
        },
    ),
    Table(
        type="aws_lambda_function_event_invoke_config",
        to="AWS::Lambda::EventInvokeConfig",
        fields={
            **same("function_name", "qualifier", "maximum_retry_attempts", "maximum_event_age_in_seconds"),
            "destination_config": _DESTINATIONS,
        },
    ),
    Table(
        type="aws_lambda_permission",
        to="AWS::Lambda::Permission",
        fields=same("function_name", "action", "principal", "source_arn", "source_account", "qualifier"),
    ),
    Table(
        type="aws_lambda_function_url",
        to="AWS::Lambda::Url",
        fields={"function_name": "TargetFunctionArn", "authorization_type": "AuthType", **same("qualifier", "invoke_mode")},
        refs={"function_arn": "FunctionArn", "function_url": "FunctionUrl"},
    ),
    Table(
        type="aws_s3control_object_lambda_access_point",
        to="AWS::S3ObjectLambda::AccessPoint",
        fields={
            "name": "Name",
            "configuration": One(
                "ObjectLambdaConfiguration",
                {
                    "transformation_configuration": Many(
                        "TransformationConfigurations",
                        {
                            "actions": "Actions",
                            "content_transformation": One(
                                "ContentTransformation",
                                {"aws_lambda": One("AwsLambda", same("function_arn", "function_payload"))},
                            ),
                        },
                    )
                },
            ),
        },
    ),
    Table(
        type="aws_secretsmanager_secret_rotation",
        to="AWS::SecretsManager::RotationSchedule",
        fields={"secret_id": "SecretId", "rotation_lambda_arn": "RotationLambdaARN"},
    ),
    Table(
        type="aws_config_config_rule",
        to="AWS::Config::ConfigRule",
        fields={
            "name": "ConfigRuleName",
            "source": One("Source", same("owner", "source_identifier")),
        },
        refs={"id": "", "name": ""},
    ),
    Table(
        type="aws_cloudwatch_log_subscription_filter",
        to="AWS::Logs::SubscriptionFilter",
        fields=same("log_group_name", "destination_arn", "filter_pattern"),
    ),
    Table(
        type="aws_cognito_user_pool",
        to="AWS::Cognito::UserPool",
        fields={
            "name": "UserPoolName",
            "lambda_config": One(
                "LambdaConfig",
                {
                    **same("create_auth_challenge", "custom_message", "define_auth_challenge", "post_authentication"),
                    **same("post_confirmation", "pre_authentication", "pre_sign_up", "pre_token_generation", "user_migration"),
                    **same("verify_auth_challenge_response"),
                    "kms_key_id": "KMSKeyID",
                    "custom_email_sender": One("CustomEmailSender", same("lambda_arn", "lambda_version")),
                    "custom_sms_sender": One("CustomSMSSender", same("lambda_arn", "lambda_version")),
                    "pre_token_generation_config": One("PreTokenGenerationConfig", same("lambda_arn", "lambda_version")),
                },
            ),
        },
    ),
    Table(
        type="aws_lb_target_group",
        to="AWS::ElasticLoadBalancingV2::TargetGroup",
        fields=same("name", "target_type"),
        refs={"arn": "", "id": ""},
    ),
    Table(
        type="aws_alb_target_group",
        to="AWS::ElasticLoadBalancingV2::TargetGroup",
        fields=same("name", "target_type"),
        refs={"arn": "", "id": ""},
    ),
)
