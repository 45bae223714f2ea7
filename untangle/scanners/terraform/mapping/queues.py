"""Queues, topics, buckets, tables and streams: the channels that hold messages, and what is subscribed to them.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs; the properties are those of the same service in
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from untangle.model.value import Value
from untangle.scanners.terraform.mapping.table import As, Fields, Join, Json, Many, One, Prefix, Row, Table, same

QUEUES = (
    Table(
        type="aws_sqs_queue",
        to="AWS::SQS::Queue",
        fields={
            "name": "QueueName",
            "name_prefix": Prefix("QueueName"),
            "visibility_timeout_seconds": "VisibilityTimeout",
            "message_retention_seconds": "MessageRetentionPeriod",
            "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
            "max_message_size": "MaximumMessageSize",
            **same("delay_seconds", "fifo_queue", "content_based_deduplication", "deduplication_scope", "fifo_throughput_limit"),
            "redrive_policy": Json("RedrivePolicy"),
        },
        refs={"id": "", "url": "", "arn": "Arn", "name": "QueueName"},
    ),
    Table(
        type="aws_sqs_queue_redrive_policy",
        to="AWS::SQS::RedrivePolicy",
        fields={"queue_url": "Queue", "redrive_policy": Json("RedrivePolicy")},
        join=Join(
            owner="AWS::SQS::Queue",
            key="Queue",
            name="QueueName",
            to="RedrivePolicy",
            value="RedrivePolicy",
            many=False,
            gap="a redrive policy",
        ),
    ),
    Table(
        type="aws_sqs_queue_policy",
        to="AWS::SQS::QueuePolicy",
        fields={"queue_url": Row("Queues", lambda value: value), "policy": Json("PolicyDocument")},
    ),
)

_SUBSCRIPTION: Fields = {
    **same("topic_arn", "protocol", "endpoint", "raw_message_delivery", "filter_policy_scope"),
    "filter_policy": Json("FilterPolicy"),
    "redrive_policy": Json("RedrivePolicy"),
}
TOPICS = (
    Table(
        type="aws_sns_topic_policy",
        to="AWS::SNS::TopicPolicy",
        fields={"arn": Row("Topics", lambda value: value), "policy": Json("PolicyDocument")},
    ),
    Table(
        type="aws_sns_topic",
        to="AWS::SNS::Topic",
        fields={
            "name": "TopicName",
            "name_prefix": Prefix("TopicName"),
            **same("fifo_topic", "content_based_deduplication"),
        },
        refs={"id": "", "arn": "", "name": "TopicName"},
    ),
    Table(
        type="aws_sns_topic_subscription",
        to="AWS::SNS::Subscription",
        fields=_SUBSCRIPTION,
        refs={"id": "", "arn": ""},
    ),
)


def _rule(name: str) -> Row:
    return Row("Filter.Key.FilterRules", lambda value: {"Name": name, "Value": value})


def _notified(arn: str) -> Fields:
    """One block of a notification, as the S3 API names its parts."""
    return {
        {"LambdaFunctionArn": "lambda_function_arn", "QueueArn": "queue_arn", "TopicArn": "topic_arn"}[arn]: arn,
        "id": "Id",
        "events": "Events",
        "filter_prefix": _rule("prefix"),
        "filter_suffix": _rule("suffix"),
    }


def _if_true(value: Value) -> Value:
    return {} if value not in (False, "false") else None


BUCKETS = (
    Table(
        type="aws_s3_bucket",
        to="AWS::S3::Bucket",
        fields={"bucket": "BucketName", "bucket_prefix": Prefix("BucketName")},
        refs={
            "id": "",
            "bucket": "",
            "arn": "Arn",
            "bucket_domain_name": "DomainName",
            "bucket_regional_domain_name": "RegionalDomainName",
        },
    ),
    Table(
        type="aws_s3_bucket_policy",
        to="AWS::S3::BucketPolicy",
        fields={"bucket": "Bucket", "policy": Json("PolicyDocument")},
    ),
    Table(
        type="aws_s3_directory_bucket",
        to="AWS::S3Express::DirectoryBucket",
        fields={"bucket": "BucketName"},
        refs={"id": "", "bucket": "", "arn": "Arn"},
    ),
    Table(
        # A resource of its own beside the bucket, with the words of the S3 API: as the CDK's custom resource of this type.
        type="aws_s3_bucket_notification",
        to="Custom::S3BucketNotifications",
        fields={
            "bucket": "BucketName",
            "lambda_function": Many("NotificationConfiguration.LambdaFunctionConfigurations", _notified("LambdaFunctionArn")),
            "queue": Many("NotificationConfiguration.QueueConfigurations", _notified("QueueArn")),
            "topic": Many("NotificationConfiguration.TopicConfigurations", _notified("TopicArn")),
            "eventbridge": As("NotificationConfiguration.EventBridgeConfiguration", _if_true),
        },
    ),
)


def _key(kind: str) -> Row:
    return Row("KeySchema", lambda value: {"AttributeName": value, "KeyType": kind})


STREAMS = (
    Table(
        type="aws_dynamodb_table",
        to="AWS::DynamoDB::Table",
        fields={
            "name": "TableName",
            "hash_key": _key("HASH"),
            "range_key": _key("RANGE"),
            "stream_view_type": "StreamSpecification.StreamViewType",
            "billing_mode": "BillingMode",
        },
        refs={"id": "", "name": "", "arn": "Arn", "stream_arn": "StreamArn"},
    ),
    Table(
        type="aws_dynamodb_kinesis_streaming_destination",
        to="AWS::DynamoDB::KinesisStreamingDestination",  # not a type of CloudFormation's: there the table itself says it
        fields={"table_name": "TableName", "stream_arn": "StreamArn"},
        join=Join(
            owner="AWS::DynamoDB::Table",
            key="TableName",
            name="TableName",
            to="KinesisStreamSpecification",
            many=False,
            gap="the table of a Kinesis destination",
        ),
    ),
    Table(
        type="aws_kinesis_stream",
        to="AWS::Kinesis::Stream",
        fields={
            **same("name", "shard_count"),
            "retention_period": "RetentionPeriodHours",
            "stream_mode_details": One("StreamModeDetails", same("stream_mode")),
        },
        refs={"id": "Arn", "arn": "Arn", "name": ""},
    ),
    Table(
        type="aws_kinesis_stream_consumer",
        to="AWS::Kinesis::StreamConsumer",
        fields={"name": "ConsumerName", "stream_arn": "StreamARN"},
        refs={"id": "", "arn": "", "name": "ConsumerName"},
    ),
    Table(
        type="aws_mq_broker",
        to="AWS::AmazonMQ::Broker",
        fields=same("broker_name", "engine_type"),
        refs={"id": "", "arn": "Arn"},
    ),
    Table(
        type="aws_msk_cluster",
        to="AWS::MSK::Cluster",
        fields=same("cluster_name"),
        refs={"id": "", "arn": ""},
    ),
    Table(
        type="aws_msk_serverless_cluster",
        to="AWS::MSK::ServerlessCluster",
        fields=same("cluster_name"),
        refs={"id": "", "arn": ""},
    ),
    Table(
        type="aws_docdb_cluster",
        to="AWS::DocDB::DBCluster",
        fields={"cluster_identifier": "DBClusterIdentifier"},
        refs={"id": "", "arn": ""},
    ),
)

_LAMBDA_PROCESSORS: Fields = {
    "processors": Many(
        "Processors",
        {"type": "Type", "parameters": Many("Parameters", same("parameter_name", "parameter_value"))},
    )
}
_BACKUP: Fields = {"bucket_arn": "BucketARN", "prefix": "Prefix"}


def _destination(*more: str) -> Fields:
    return {
        **{name: One("S3Configuration", _BACKUP) for name in ("s3_configuration", "s3_backup_configuration")},
        "processing_configuration": One("ProcessingConfiguration", _LAMBDA_PROCESSORS),
        **same(*more),
    }


FIREHOSE = (
    Table(
        type="aws_kinesis_firehose_delivery_stream",
        to="AWS::KinesisFirehose::DeliveryStream",
        fields={
            "name": "DeliveryStreamName",
            "kinesis_source_configuration": One("KinesisStreamSourceConfiguration", {"kinesis_stream_arn": "KinesisStreamARN"}),
            "s3_configuration": One("S3DestinationConfiguration", _BACKUP),
            "extended_s3_configuration": One(
                "ExtendedS3DestinationConfiguration",
                {**_BACKUP, "processing_configuration": One("ProcessingConfiguration", _LAMBDA_PROCESSORS)},
            ),
            "redshift_configuration": One("RedshiftDestinationConfiguration", _destination()),
            "elasticsearch_configuration": One("ElasticsearchDestinationConfiguration", _destination()),
            "opensearch_configuration": One("AmazonopensearchserviceDestinationConfiguration", _destination()),
            "splunk_configuration": One("SplunkDestinationConfiguration", _destination()),
            "http_endpoint_configuration": One("HttpEndpointDestinationConfiguration", _destination("url")),
        },
        refs={"id": "Arn", "arn": "Arn", "name": ""},
    ),
)

TABLES = (*QUEUES, *TOPICS, *BUCKETS, *STREAMS, *FIREHOSE)
