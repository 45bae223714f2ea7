"""CloudWatch: the alarms that call or tell somebody."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.scanners.account.inventory.place import Found, Place, Reader, picked

_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_TYPES = (("MetricAlarms", "AWS::CloudWatch::Alarm"), ("CompositeAlarms", "AWS::CloudWatch::CompositeAlarm"))


def read(place: Place) -> Iterator[Found]:
    """Every alarm with an action. Both types have to be asked for: left to itself the operation leaves out composite alarms."""
    answer = place.ask("cloudwatch", "DescribeAlarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    for group, type_ in _TYPES:
        for found in sorted(answer.items(group), key=lambda item: str(item.get("AlarmName"))):
            actions = {name: found[name] for name in _ACTIONS if found.get(name)}
            if actions:
                name = str(found["AlarmName"])
                properties = {**picked(found, "AlarmName", "ActionsEnabled"), **actions}
                yield place.resource(type_, f"alarm:{name}", properties, arn=found.get("AlarmArn"), ref=name)


READER = Reader(title="CloudWatch alarms", read=read)
