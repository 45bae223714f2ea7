"""What calls from outside: APIs, load balancers, mail, MQTT, alarms; and what runs on demand: state machines and tasks.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs; the properties are those of the same service in
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Either, Value
from untangle.scanners.terraform.json_text import structure
from untangle.scanners.terraform.mapping.table import As, Document, Fields, Join, Json, Many, One, Table, pascal, same

REST = (
    Table(
        type="aws_api_gateway_rest_api",
        to="AWS::ApiGateway::RestApi",
        fields={"name": "Name", "body": Document("Body")},
        refs={"id": "", "root_resource_id": "RootResourceId", "execution_arn": "ExecutionArn"},
    ),
    Table(
        type="aws_api_gateway_rest_api_put",
        to="AWS::ApiGateway::RestApi",
        fields={"body": Document("Body")},
    ),
    Table(
        type="aws_api_gateway_stage",
        to="AWS::ApiGateway::Stage",
        fields=same("rest_api_id", "stage_name", "variables"),
        refs={"id": "", "stage_name": ""},
    ),
    Table(
        type="aws_api_gateway_deployment",
        to="AWS::ApiGateway::Deployment",
        fields=same("rest_api_id", "stage_name", "variables"),
        refs={"id": ""},
    ),
    Table(
        type="aws_api_gateway_resource",
        to="AWS::ApiGateway::Resource",
        fields=same("rest_api_id", "parent_id", "path_part"),
        refs={"id": ""},
    ),
    Table(
        # A method says what may be called and its integration what that calls: only the latter leads anywhere.
        type="aws_api_gateway_integration",
        to="AWS::ApiGateway::Method",
        fields={
            **same("rest_api_id", "resource_id", "http_method"),
            "type": "Integration.Type",
            "uri": "Integration.Uri",
            "integration_http_method": "Integration.IntegrationHttpMethod",
            "request_templates": "Integration.RequestTemplates",
            "request_parameters": "Integration.RequestParameters",
            "credentials": "Integration.Credentials",
        },
    ),
    Table(
        type="aws_api_gateway_authorizer",
        to="AWS::ApiGateway::Authorizer",
        fields=same("name", "rest_api_id", "type", "authorizer_uri"),
        refs={"id": ""},
    ),
)

HTTP = (
    Table(
        type="aws_apigatewayv2_api",
        to="AWS::ApiGatewayV2::Api",
        fields={**same("name", "protocol_type", "target", "route_key"), "body": Document("Body")},
        refs={"id": "", "execution_arn": "ExecutionArn", "arn": "Arn", "api_endpoint": "ApiEndpoint"},
    ),
    Table(
        type="aws_apigatewayv2_stage",
        to="AWS::ApiGatewayV2::Stage",
        fields={**same("api_id", "stage_variables"), "name": "StageName"},
        refs={"id": "", "name": ""},
    ),
    Table(
        type="aws_apigatewayv2_route",
        to="AWS::ApiGatewayV2::Route",
        fields=same("api_id", "route_key", "target", "authorizer_id"),
        refs={"id": ""},
    ),
    Table(
        type="aws_apigatewayv2_integration",
        to="AWS::ApiGatewayV2::Integration",
        fields=same(
            "api_id",
            "integration_type",
            "integration_subtype",
            "integration_uri",
            "integration_method",
            "request_parameters",
            "request_templates",
        ),
        refs={"id": ""},
    ),
    Table(
        type="aws_apigatewayv2_authorizer",
        to="AWS::ApiGatewayV2::Authorizer",
        fields=same("api_id", "name", "authorizer_type", "authorizer_uri"),
        refs={"id": ""},
    ),
)

_AUTHORIZER: Fields = {"lambda_authorizer_config": One("LambdaAuthorizerConfig", same("authorizer_uri"))}
GRAPHQL = (
    Table(
        type="aws_appsync_graphql_api",
        to="AWS::AppSync::GraphQLApi",
        fields={
            "name": "Name",
            **_AUTHORIZER,
            "additional_authentication_provider": Many("AdditionalAuthenticationProviders", _AUTHORIZER),
        },
        refs={"id": "ApiId", "arn": ""},
    ),
    Table(
        type="aws_appsync_datasource",
        to="AWS::AppSync::DataSource",
        fields={
            **same("api_id", "name", "type"),
            "lambda_config": One("LambdaConfig", {"function_arn": "LambdaFunctionArn"}),
            "event_bridge_config": One("EventBridgeConfig", same("event_bus_arn")),
        },
    ),
)

ATTACHED = tuple(
    Table(
        type=type,
        to="AWS::ElasticLoadBalancingV2::Target",
        fields={"target_group_arn": "TargetGroup", "target_id": "Id"},
        join=Join(owner="AWS::ElasticLoadBalancingV2::TargetGroup", key="TargetGroup", name="Name", to="Targets"),
    )
    for type in ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
)

_MAIL = "Rule.Actions"
_TOPIC_RULE = "TopicRulePayload.Actions"
_ITEM: Fields = {"table_name": "TableName"}


def _off(value: Value) -> Value:
    if isinstance(value, Either):
        return Either(tuple(_off(option) for option in value.options), value.conditions)
    return value in (False, "false") if isinstance(value, bool | str) else None


OUTSIDE = (
    Table(
        type="aws_ses_receipt_rule",
        to="AWS::SES::ReceiptRule",
        fields={
            "name": "Rule.Name",
            "rule_set_name": "RuleSetName",
            "s3_action": Many(_MAIL, same("bucket_name", "object_key_prefix", "topic_arn"), under="S3Action"),
            "sns_action": Many(_MAIL, same("topic_arn"), under="SNSAction"),
            "lambda_action": Many(_MAIL, same("function_arn", "invocation_type", "topic_arn"), under="LambdaAction"),
            "bounce_action": Many(_MAIL, same("topic_arn"), under="BounceAction"),
        },
    ),
    Table(
        type="aws_iot_topic_rule",
        to="AWS::IoT::TopicRule",
        fields={
            "name": "RuleName",
            "sql": "TopicRulePayload.Sql",
            "enabled": As("TopicRulePayload.RuleDisabled", _off),
            "lambda": Many(_TOPIC_RULE, same("function_arn"), under="Lambda"),
            "sqs": Many(_TOPIC_RULE, same("queue_url", "role_arn"), under="Sqs"),
            "sns": Many(_TOPIC_RULE, same("target_arn", "role_arn"), under="Sns"),
            "kinesis": Many(_TOPIC_RULE, same("stream_name", "partition_key"), under="Kinesis"),
            "firehose": Many(_TOPIC_RULE, same("delivery_stream_name"), under="Firehose"),
            "s3": Many(_TOPIC_RULE, same("bucket_name", "key"), under="S3"),
            "step_functions": Many(_TOPIC_RULE, same("state_machine_name"), under="StepFunctions"),
            "dynamodb": Many(_TOPIC_RULE, _ITEM, under="DynamoDB"),
            "dynamodbv2": Many(_TOPIC_RULE, {"put_item": One("PutItem", _ITEM)}, under="DynamoDBv2"),
        },
        refs={"id": "", "name": "", "arn": "Arn"},
    ),
    Table(
        type="aws_cloudwatch_metric_alarm",
        to="AWS::CloudWatch::Alarm",
        fields={**same("alarm_name", "alarm_actions", "insufficient_data_actions"), "ok_actions": "OKActions"},
        refs={"id": "", "arn": "Arn"},
    ),
    Table(
        type="aws_cloudwatch_composite_alarm",
        to="AWS::CloudWatch::CompositeAlarm",
        fields={**same("alarm_name", "alarm_actions", "insufficient_data_actions"), "ok_actions": "OKActions"},
        refs={"id": "", "arn": "Arn"},
    ),
)


def _containers(value: Value) -> Value:
    """Container definitions are written as the ECS API spells them (`environment`); CloudFormation starts names in capitals."""
    found = structure(value)
    if isinstance(found, Either):
        return Either(tuple(_containers(option) for option in found.options), found.conditions)
    if not isinstance(found, tuple):
        return None
    return tuple(_capitals(item, 2) for item in found)


def _capitals(value: Value, depth: int) -> Value:
    """The structure with the names of its first levels in capitals: a container, its lists, and the pairs in those."""
    if isinstance(value, tuple):
        return tuple(_capitals(item, depth) for item in value)
    if not isinstance(value, Mapping) or depth == 0:
        return value
    return {pascal(key): _capitals(inner, depth - 1) for key, inner in value.items()}


RUN = (
    Table(
        type="aws_sfn_state_machine",
        to="AWS::StepFunctions::StateMachine",
        fields={
            "name": "StateMachineName",
            "role_arn": "RoleArn",
            "type": "StateMachineType",
            "definition": Json("Definition", other="DefinitionString"),
        },
        refs={"id": "", "arn": "", "name": "Name", "state_machine_version_arn": ""},
    ),
    Table(
        type="aws_ecs_task_definition",
        to="AWS::ECS::TaskDefinition",
        fields={
            **same("family", "task_role_arn", "execution_role_arn"),
            "container_definitions": As("ContainerDefinitions", _containers),
        },
        refs={"id": "Family", "arn": "", "arn_without_revision": "", "family": "Family"},
    ),
    Table(
        type="aws_ecs_service",
        to="AWS::ECS::Service",
        fields={"name": "ServiceName", **same("cluster", "task_definition", "desired_count")},
        refs={"id": "", "name": "Name"},
    ),
)

TABLES = (*REST, *HTTP, *GRAPHQL, *ATTACHED, *OUTSIDE, *RUN)
