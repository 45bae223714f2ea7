"""Event sources that Lambda polls: one AWS::Lambda::EventSourceMapping each, and the permission to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from untangle.model.value import ACCOUNT, PARTITION, REGION, Value, concat
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.events.event import Event, EventSource
from untangle.scanners.sam.part import each, options

# What a mapping takes over from the event under the same name.
_SAME = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "LoggingConfig",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
)

_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """One polled source: the event's property that names it, the managed policy that lets the function read it, the
    property of the mapping that holds a Kafka consumer group, the actions that read the source itself, and the kinds of
    SourceAccessConfiguration whose URI is a secret that the function must read."""

    type: str
    source: str | None
    managed: str | None = None
    group: str | None = None
    reads: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()


_BROKER = frozenset({"BASIC_AUTH"})
_CERTIFICATE = frozenset({"CLIENT_CERTIFICATE_TLS_AUTH"})
_KAFKA = frozenset(
    {
        "BASIC_AUTH",
        "CLIENT_CERTIFICATE_TLS_AUTH",
        "OAUTHBEARER_AUTH",
        "SASL_SCRAM_256_AUTH",
        "SASL_SCRAM_512_AUTH",
        "SERVER_ROOT_CA_CERTIFICATE",
    }
)

POLLED = (
    Polled(type="SQS", source="Queue", managed="AWSLambdaSQSQueueExecutionRole"),
    Polled(type="Kinesis", source="Stream", managed="AWSLambdaKinesisExecutionRole"),
    Polled(type="DynamoDB", source="Stream", managed="AWSLambdaDynamoDBExecutionRole"),
    Polled(
        type="MSK",
        source="Stream",
        managed="AWSLambdaMSKExecutionRole",
        group="AmazonManagedKafkaEventSourceConfig",
        secrets=_CERTIFICATE,
    ),
    Polled(type="MQ", source="Broker", reads=("mq:DescribeBroker",), secrets=_BROKER),
    Polled(type="SelfManagedKafka", source=None, group="SelfManagedKafkaEventSourceConfig", secrets=_KAFKA),
    Polled(type="DocumentDB", source="Cluster", reads=("rds:DescribeDBClusters",), secrets=_BROKER),
)


def read(draft: Draft, event: Event, polled: Polled) -> None:
    """Writes one polled event out."""
    values: dict[str, Value] = {"FunctionName": event.target.name, **event.take(_SAME)}
    moved: dict[str, str] = {}
    if polled.source:
        values["EventSourceArn"], moved["EventSourceArn"] = event.get(polled.source), polled.source
    if polled.group:
        values[polled.group], moved[polled.group] = _kafka(event), "ConsumerGroupId"
    servers = event.get("KafkaBootstrapServers")
    if servers is not None:
        values["SelfManagedEventSource"] = {"Endpoints": {"KafkaBootstrapServers": servers}}
        moved["SelfManagedEventSource"] = "KafkaBootstrapServers"
    if polled.type == "DocumentDB":
        values["DocumentDBEventSourceConfig"] = event.take(("DatabaseName", "CollectionName", "FullDocument"))
        moved["DocumentDBEventSourceConfig"] = "DatabaseName"
    values["DestinationConfig"] = each(event.get("DestinationConfig"), _without_type)
    event.make(draft, "AWS::Lambda::EventSourceMapping", values, moved=moved)
    _permit(event, polled)


def _kafka(event: Event) -> Value:
    config: dict[str, Value] = {}
    for key in ("ConsumerGroupId", "SchemaRegistryConfig"):
        if event.get(key) is not None:
            config[key] = event.get(key)
    return config or None


def _without_type(config: Value) -> Value:
    """A DestinationConfig without `Type`, which only tells SAM what to grant."""
    if not isinstance(config, Mapping):
        return config
    return {key: each(value, _untyped) for key, value in config.items()}


def _untyped(destination: Value) -> Value:
    if not isinstance(destination, Mapping):
        return destination
    return {key: value for key, value in destination.items() if key != "Type"}


def _permit(event: Event, polled: Polled) -> None:
    held = event.target.grants
    if polled.managed:
        held.manage(grants.managed(polled.managed), event.head)
    statements = list(_reads(event, polled))
    if statements:
        held.attach(grants.document(statements), event.head)
    for config in event.part.below("DestinationConfig"):
        for failure in config.below("OnFailure"):
            statement = sending(failure.get("Type"), failure.get("Destination"))
            if statement:
                held.attach(grants.document(statement), failure)


def _reads(event: Event, polled: Polled) -> Iterator[Mapping[str, Value]]:
    source = event.get(polled.source) if polled.source else None
    if polled.reads:
        yield grants.allow(polled.reads, source)
    in_network = polled.type == "DocumentDB"
    for configurations in event.part.below("SourceAccessConfigurations"):
        for item in configurations.elements():
            uri = item.get("URI")
            in_network = in_network or item.get("Type") == "VPC_SUBNET"
            if uri is not None and item.get("Type") in polled.secrets:
                yield grants.allow("secretsmanager:GetSecretValue", uri)
    if in_network:
        yield grants.allow(_INTERFACES, "*")
    for key, _ in options(event.get("SecretsManagerKmsKeyId")):
        yield grants.allow("kms:Decrypt", concat(("arn:", PARTITION, ":kms:", REGION, ":", ACCOUNT, ":key/", key)))


# What a destination's type lets SAM grant: the action on the destination itself and on what is in it.
_SENDING = {
    "SQS": "sqs:SendMessage",
    "SNS": "sns:Publish",
    "EventBridge": "events:PutEvents",
    "Lambda": "lambda:InvokeFunction",
}


def sending(kind: Value, destination: Value) -> tuple[Mapping[str, Value], ...]:
    """The statements that let a function's role deliver to a destination of this SAM type; () for a type that grants nothing."""
    if destination is None or not isinstance(kind, str):
        return ()
    if kind in ("S3", "S3Bucket"):
        inside = each(destination, lambda arn: concat((arn, "/*")))
        return grants.allow("s3:PutObject", inside), grants.allow("s3:ListBucket", destination)
    return (grants.allow(_SENDING[kind], destination),) if kind in _SENDING else ()


def _source(polled: Polled) -> EventSource:
    required = (polled.source,) if polled.source else ("KafkaBootstrapServers", "Topics")
    return EventSource(type=polled.type, required=required, read=lambda draft, event: read(draft, event, polled))


MAPPINGS = tuple(_source(polled) for polled in POLLED)
