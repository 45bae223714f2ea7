"""Amazon MQ: queues of ActiveMQ and RabbitMQ brokers, polled by event source mappings.

At least once; a batch that fails comes back. Producers speak the broker's own protocol, so a broker is an entry from outside.
https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, Kind, World
from untangle.channels.event_source_mapping import deliver, delivery, mapped
from untangle.channels.known import plain

BATCH_SIZE = 100
BROKER = "AWS::AmazonMQ::Broker"


def _links(world: World) -> Iterator[Found]:
    for item in mapped(world, BROKER):
        queues = plain(world, item.resource.get("Queues"))
        yield deliver(item, delivery(world, item.resource, BATCH_SIZE) | {"queues": queues}, "event source mapping of a broker")


CHANNEL = Channel(
    type="mq",
    title="MQ broker",
    kinds=(Kind(type=BROKER, name="BrokerName", service="mq", arn="broker:{name}"),),
    links=_links,
    message=("messages",),
)
