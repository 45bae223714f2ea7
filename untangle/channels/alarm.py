"""CloudWatch alarms: a change of state calls functions or tells topics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import each
from untangle.channels.routing import TOPIC, entry_node, onward, triggers


def _links(world: World) -> Iterator[Found]:
    for alarm in world.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        yield entry_node(alarm, "alarm", world.text(alarm.get("AlarmName")))
        for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            for index, value, _ in each(alarm.get(name)):
                note = f"alarm {alarm.address}: {name}"
                if world.function(value, near=alarm.stack):
                    yield from triggers(world, "alarm", alarm, value, name, index, note=note)
                else:
                    yield from onward(world, alarm.id, alarm, value, name, index, note=note, types=(TOPIC,))


CHANNEL = Channel(type="alarm", title="CloudWatch alarm", links=_links, message=("alarmData",))
