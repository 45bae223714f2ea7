"""Brokers that functions poll: clusters of MSK and brokers of Amazon MQ, of which only the names are of interest."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.scanners.account.inventory.place import Found, Place, Reader, picked

_SERVERLESS = "SERVERLESS"


def read_clusters(place: Place) -> Iterator[Found]:
    """Every Kafka cluster."""
    for found in sorted(place.ask("kafka", "ListClustersV2").items("ClusterInfoList"), key=lambda item: str(item["ClusterArn"])):
        type_ = "AWS::MSK::ServerlessCluster" if found.get("ClusterType") == _SERVERLESS else "AWS::MSK::Cluster"
        arn = str(found["ClusterArn"])
        yield place.resource(type_, f"kafka:{found.get('ClusterName')}", picked(found, "ClusterName"), arn=arn, ref=arn)


def read_brokers(place: Place) -> Iterator[Found]:
    """Every broker of ActiveMQ and RabbitMQ."""
    for found in sorted(place.ask("mq", "ListBrokers").items("BrokerSummaries"), key=lambda item: str(item["BrokerArn"])):
        properties = picked(found, "BrokerName", "EngineType")
        yield place.resource(
            "AWS::AmazonMQ::Broker",
            f"broker:{found.get('BrokerName')}",
            properties,
            arn=found["BrokerArn"],
            ref=str(found.get("BrokerId")),
        )


CLUSTERS = Reader(title="Kafka clusters", read=read_clusters)
BROKERS = Reader(title="MQ brokers", read=read_brokers)
