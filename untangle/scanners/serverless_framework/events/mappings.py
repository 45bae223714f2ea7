"""Event sources that Lambda polls: queues, streams, Kafka topics, brokers, change streams. One event source mapping each."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Ref, Value, parts_of
from untangle.scanners.sam import grants
from untangle.scanners.sam.part import each
from untangle.scanners.serverless_framework import naming
from untangle.scanners.serverless_framework.events.event import Event, EventSource, label, listed

_SAME = {
    "BatchSize": "batchSize",
    "BisectBatchOnFunctionError": "bisectBatchOnFunctionError",
    "Enabled": "enabled",
    "MaximumRecordAgeInSeconds": "maximumRecordAgeInSeconds",
    "MaximumRetryAttempts": "maximumRetryAttempts",
    "ParallelizationFactor": "parallelizationFactor",
    "StartingPosition": "startingPosition",
    "StartingPositionTimestamp": "startingPositionTimestamp",
    "TumblingWindowInSeconds": "tumblingWindowInSeconds",
}
_READS = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"),
    "kinesis": ("kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListStreams"),
    "broker": ("mq:DescribeBroker",),
}
_ACCESS = {
    "vpcSubnet": ("VPC_SUBNET", "subnet:"),
    "vpcSecurityGroup": ("VPC_SECURITY_GROUP", "security_group:"),
    "saslPlainAuth": ("BASIC_AUTH", ""),
    "saslScram256Auth": ("SASL_SCRAM_256_AUTH", ""),
    "saslScram512Auth": ("SASL_SCRAM_512_AUTH", ""),
    "clientCertificateTlsAuth": ("CLIENT_CERTIFICATE_TLS_AUTH", ""),
    "serverRootCaCertificate": ("SERVER_ROOT_CA_CERTIFICATE", ""),
}


def read_queue(event: Event) -> None:
    """`sqs`: by ARN, with a batch of ten where nothing is said."""
    arn = event.own("arn")
    _map(event, f"SQS{naming.alphanumeric(label(arn))}", arn, {"BatchSize": 10})
    event.need(grants.allow(_READS["sqs"], arn))


def read_stream(event: Event) -> None:
    """`stream`: of a table or of Kinesis, told by `type` or by the ARN; a Kinesis consumer of its own where one is asked for."""
    arn = event.own("arn")
    kind = _kind(event, arn)
    source = _consumer(event, arn) if kind == "kinesis" else arn
    defaults: dict[str, Value] = {"BatchSize": 10, "StartingPosition": "TRIM_HORIZON"}
    _map(event, naming.upper_first(kind) + naming.alphanumeric(_stream_name(arn)), source, defaults)
    event.need(grants.allow(_READS[kind], arn))


def _kind(event: Event, arn: Value) -> str:
    given = event.get("type")
    if given in ("dynamodb", "kinesis"):
        return str(given)
    named = any(isinstance(part, str) and ":kinesis:" in part for part in parts_of(arn))
    of_kinesis = isinstance(arn, Ref) and arn.attribute == "Arn"
    return "kinesis" if named or of_kinesis else "dynamodb"


def _stream_name(arn: Value) -> str:
    return label(arn) if isinstance(arn, Ref) else [*label(arn).split("/"), ""][1] or label(arn)


def _consumer(event: Event, arn: Value) -> Value:
    """What the mapping reads: the stream, its own consumer (`consumer: true`), or one that exists."""
    given = event.get("consumer")
    if given is not True:
        return arn if given in (None, False) else given
    name = f"{event.started.key}{_stream_name(arn)}Consumer"
    address = f"{naming.normalized(name)}StreamConsumer"
    made = event.make(address, "AWS::Kinesis::StreamConsumer", {"StreamARN": arn, "ConsumerName": name}, {"StreamARN": "arn"})
    return Ref(made.id)


def read_msk(event: Event) -> None:
    """`msk`: a topic of a managed cluster."""
    arn = event.get("arn")
    more: dict[str, Value] = {"Topics": listed(event.get("topic")), "StartingPosition": "TRIM_HORIZON"}
    if event.get("consumerGroupId") is not None:
        more["AmazonManagedKafkaEventSourceConfig"] = {"ConsumerGroupId": event.get("consumerGroupId")}
    _map(event, f"MSK{naming.alphanumeric(label(arn))}{naming.alphanumeric(label(event.get('topic')))}", arn, more)


def read_kafka(event: Event) -> None:
    """`kafka`: a topic of a cluster of one's own."""
    servers = {"KafkaBootstrapServers": listed(event.get("bootstrapServers"))}
    more: dict[str, Value] = {
        "SelfManagedEventSource": {"Endpoints": servers},
        "Topics": listed(event.get("topic")),
        "StartingPosition": "TRIM_HORIZON",
        "SourceAccessConfigurations": _access(event.get("accessConfigurations")),
    }
    if event.get("consumerGroupId") is not None:
        more["SelfManagedKafkaEventSourceConfig"] = {"ConsumerGroupId": event.get("consumerGroupId")}
    _map(event, f"Kafka{naming.alphanumeric(label(event.get('topic')))}", None, more)


def _access(given: Value) -> Value:
    found: list[Value] = []
    for key, values in given.items() if isinstance(given, Mapping) else ():
        kind, prefix = _ACCESS.get(key, (key, ""))
        found += [{"Type": kind, "URI": prefix + value if isinstance(value, str) else value} for value in listed(values)]
    return tuple(found) or None


def _read_broker(event: Event, name: str) -> None:
    queue = event.get("queue")
    access: list[Value] = [{"Type": "BASIC_AUTH", "URI": event.get("basicAuthArn")}]
    if event.get("virtualHost") is not None:
        access.append({"Type": "VIRTUAL_HOST", "URI": event.get("virtualHost")})
    more: dict[str, Value] = {"Queues": listed(queue), "SourceAccessConfigurations": tuple(access)}
    _map(event, name + naming.alphanumeric(label(queue)), event.get("arn"), more)
    event.need(grants.allow(_READS["broker"], event.get("arn")))


def read_documents(event: Event) -> None:
    """`documentDb`: a change stream of a cluster."""
    config = event.take({"DatabaseName": "database", "CollectionName": "collection", "FullDocument": "document"})
    more: dict[str, Value] = {"DocumentDBEventSourceConfig": config, "StartingPosition": "TRIM_HORIZON"}
    source = event.get("cluster") if event.get("arn") is None else event.get("arn")
    _map(event, f"DocumentDB{naming.alphanumeric(label(source))}", source, more)


def _map(event: Event, name: str, source: Value, more: Mapping[str, Value]) -> None:
    """Makes the mapping; what the event says goes before `more`."""
    window = "batchWindow" if event.get("maximumBatchingWindow") is None else "maximumBatchingWindow"
    response = event.get("functionResponseType")
    values: dict[str, Value] = {
        **more,
        "EventSourceArn": source,
        "FunctionName": event.started.arn,
        **event.take(_SAME),
        "MaximumBatchingWindowInSeconds": event.get(window),
        "FunctionResponseTypes": None if response is None else (response,),
        "FilterCriteria": _filters(event),
        "DestinationConfig": _on_failure(event),
    }
    if event.get("maximumConcurrency") is not None:
        values["ScalingConfig"] = {"MaximumConcurrency": event.get("maximumConcurrency")}
    moved = _SAME | {
        "EventSourceArn": "arn" if isinstance(event.part.value, Mapping) else "",
        "MaximumBatchingWindowInSeconds": window,
        "FunctionResponseTypes": "functionResponseType",
        "FilterCriteria": "filterPatterns",
        "DestinationConfig": "destinations",
        "Topics": "topic",
        "Queues": "queue",
        "SelfManagedEventSource": "bootstrapServers",
    }
    address = f"{event.started.prefix}EventSourceMapping{name}"
    event.make(address, "AWS::Lambda::EventSourceMapping", values, moved)


def _filters(event: Event) -> Value:
    patterns = event.get("filterPatterns")
    if patterns is None:
        return None
    return {"Filters": tuple({"Pattern": event.text(pattern)} for pattern in listed(patterns))}


def _on_failure(event: Event) -> Value:
    """`destinations.onFailure`: an ARN, or a mapping with one."""
    given = event.get("destinations", "onFailure")
    arn = each(given, lambda value: value.get("arn") if isinstance(value, Mapping) else value)
    if arn is None:
        return None
    kind = event.get("destinations", "onFailure", "type")
    is_topic = kind == "sns" or any(isinstance(part, str) and ":sns:" in part for part in parts_of(arn))
    event.need(grants.allow("sns:Publish" if is_topic else "sqs:SendMessage", arn))
    return {"OnFailure": {"Destination": arn}}


MAPPINGS = (
    EventSource(type="sqs", required="arn", read=read_queue),
    EventSource(type="stream", required="arn", read=read_stream),
    EventSource(type="msk", required="arn", read=read_msk),
    EventSource(type="kafka", required="topic", read=read_kafka),
    EventSource(type="activemq", required="arn", read=lambda event: _read_broker(event, "ActiveMQ")),
    EventSource(type="rabbitmq", required="arn", read=lambda event: _read_broker(event, "RabbitMQ")),
    EventSource(type="documentDb", required="", read=read_documents),
)
