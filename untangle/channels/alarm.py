"""CloudWatch alarms: a change of state calls functions or tells topics.

Most alarms tell people. Only those that reach a function, or a topic which passes messages on, are entries.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels import sns
from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import each, flag
from untangle.channels.routing import TOPIC, entry_node, onward, triggers
from untangle.model.link import Link
from untangle.model.value import Value


def _links(world: World) -> Iterator[Found]:
    heard = {item.source for item in sns.CHANNEL.links(world) if isinstance(item, Link)}
    for alarm in world.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        settings: dict[str, Value] = {"enabled": False} if flag(world, alarm.get("ActionsEnabled")) is False else {}
        for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            for index, value, _ in each(alarm.get(name)):
                note = f"alarm {alarm.address}: {name}"
                if world.function(value, near=alarm.stack):
                    yield from triggers(world, "alarm", alarm, value, name, index, note=note, delivery=settings)
                    continue
                told = onward(
                    world, alarm.id, alarm, value, name, index, note=note, delivery=settings, types=(TOPIC,), quiet=True
                )
                for item in told:
                    if isinstance(item, Link) and item.target in heard:
                        yield from (entry_node(alarm, "alarm", world.text(alarm.get("AlarmName"))), item)


CHANNEL = Channel(type="alarm", title="CloudWatch alarm", links=_links, message=("alarmData",))
