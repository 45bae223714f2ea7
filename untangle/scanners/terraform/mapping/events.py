"""EventBridge: buses, rules with their targets, schedules and pipes.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_rule and its neighbours;
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Events.html, …/AWS_Scheduler.html, …/AWS_Pipes.html
"""

from __future__ import annotations

from untangle.model.value import Either, Value
from untangle.scanners.terraform.mapping.table import As, Fields, Join, Json, Many, One, Prefix, Table, same


def _state(value: Value) -> Value:
    """`is_enabled` in the words of `state`."""
    if isinstance(value, Either):
        return Either(tuple(_state(option) for option in value.options), value.conditions)
    return "DISABLED" if value in (False, "false") else "ENABLED" if value in (True, "true") else None


_DEAD_LETTER = One("DeadLetterConfig", same("arn"))
_RETRY = One("RetryPolicy", same("maximum_retry_attempts", "maximum_event_age_in_seconds"))

RULES = (
    Table(
        type="aws_cloudwatch_event_bus",
        to="AWS::Events::EventBus",
        fields=same("name"),
        refs={"id": "Name", "name": "Name", "arn": "Arn"},
    ),
    Table(
        type="aws_cloudwatch_event_rule",
        to="AWS::Events::Rule",
        fields={
            "name": "Name",
            "name_prefix": Prefix("Name"),
            **same("event_bus_name", "schedule_expression"),
            "event_pattern": Json("EventPattern"),
            "is_enabled": As("State", _state),
            "state": "State",
        },
        refs={"id": "", "name": "", "arn": "Arn"},
    ),
    Table(
        type="aws_cloudwatch_event_target",
        to="AWS::Events::Target",
        fields={
            "rule": "Rule",
            "event_bus_name": "EventBusName",
            "target_id": "Id",
            **same("arn", "input", "input_path", "role_arn"),
            "input_transformer": One("InputTransformer", {"input_paths": "InputPathsMap", "input_template": "InputTemplate"}),
            "dead_letter_config": _DEAD_LETTER,
            "retry_policy": _RETRY,
            "ecs_target": One("EcsParameters", same("task_definition_arn", "task_count", "launch_type")),
            "sqs_target": One("SqsParameters", same("message_group_id")),
            "kinesis_target": One("KinesisParameters", same("partition_key_path")),
        },
        join=Join(
            owner="AWS::Events::Rule",
            key="Rule",
            name="Name",
            to="Targets",
            gap="the rule of an event target",
        ),
    ),
    Table(
        type="aws_cloudwatch_event_archive",
        to="AWS::Events::Archive",
        fields={"name": "ArchiveName", "event_source_arn": "SourceArn", "event_pattern": Json("EventPattern")},
    ),
    Table(
        type="aws_cloudwatch_event_permission",
        to="AWS::Events::EventBusPolicy",
        fields=same("principal", "statement_id", "action", "event_bus_name"),
    ),
    Table(
        type="aws_cloudwatch_event_api_destination",
        to="AWS::Events::ApiDestination",
        fields=same("name", "invocation_endpoint", "http_method"),
        refs={"arn": "Arn"},
    ),
)

SCHEDULES = (
    Table(
        type="aws_scheduler_schedule",
        to="AWS::Scheduler::Schedule",
        fields={
            "name": "Name",
            "name_prefix": Prefix("Name"),
            **same("schedule_expression", "schedule_expression_timezone", "state", "group_name"),
            "target": One(
                "Target",
                {
                    **same("arn", "role_arn", "input"),
                    "dead_letter_config": _DEAD_LETTER,
                    "retry_policy": _RETRY,
                    "ecs_parameters": One("EcsParameters", same("task_definition_arn", "task_count", "launch_type")),
                    "sqs_parameters": One("SqsParameters", same("message_group_id")),
                    "eventbridge_parameters": One("EventBridgeParameters", same("detail_type", "source")),
                    "kinesis_parameters": One("KinesisParameters", same("partition_key")),
                },
            ),
        },
        refs={"id": "", "name": "", "arn": "Arn"},
    ),
)

_POLLED: Fields = {
    **same("batch_size", "maximum_batching_window_in_seconds", "maximum_record_age_in_seconds", "maximum_retry_attempts"),
    **same("parallelization_factor", "starting_position", "on_partial_batch_item_failure", "queue_name", "topic_name"),
    "dead_letter_config": _DEAD_LETTER,
}
PIPES = (
    Table(
        type="aws_pipes_pipe",
        to="AWS::Pipes::Pipe",
        fields={
            "name": "Name",
            "name_prefix": Prefix("Name"),
            **same("source", "target", "enrichment", "role_arn", "desired_state"),
            "source_parameters": One(
                "SourceParameters",
                {
                    "filter_criteria": One("FilterCriteria", {"filter": Many("Filters", same("pattern"))}),
                    "sqs_queue_parameters": One("SqsQueueParameters", _POLLED),
                    "dynamodb_stream_parameters": One("DynamoDBStreamParameters", _POLLED),
                    "kinesis_stream_parameters": One("KinesisStreamParameters", _POLLED),
                    "activemq_broker_parameters": One("ActiveMQBrokerParameters", _POLLED),
                    "rabbitmq_broker_parameters": One("RabbitMQBrokerParameters", _POLLED),
                    "managed_streaming_kafka_parameters": One("ManagedStreamingKafkaParameters", _POLLED),
                    "self_managed_kafka_parameters": One("SelfManagedKafkaParameters", _POLLED),
                },
            ),
            "enrichment_parameters": One("EnrichmentParameters", same("input_template")),
            "target_parameters": One(
                "TargetParameters",
                {
                    "input_template": "InputTemplate",
                    "eventbridge_event_bus_parameters": One(
                        "EventBridgeEventBusParameters", same("detail_type", "endpoint_id", "source", "time", "resources")
                    ),
                    "lambda_function_parameters": One("LambdaFunctionParameters", same("invocation_type")),
                    "step_function_state_machine_parameters": One("StepFunctionStateMachineParameters", same("invocation_type")),
                    "sqs_queue_parameters": One("SqsQueueParameters", same("message_group_id", "message_deduplication_id")),
                    "kinesis_stream_parameters": One("KinesisStreamParameters", same("partition_key")),
                    "ecs_task_parameters": One("EcsTaskParameters", same("task_definition_arn", "task_count", "launch_type")),
                },
            ),
        },
        refs={"id": "", "name": "", "arn": "Arn"},
    ),
)

TABLES = (*RULES, *SCHEDULES, *PIPES)
