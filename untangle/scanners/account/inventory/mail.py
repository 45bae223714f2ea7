"""SES: what is done with mail that arrives, and who is told of what becomes of mail that is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.place import Found, Place, Reader, picked, single, untold

# The API's words for what CloudFormation spells otherwise.
_TOLD = (("SnsDestination", "TopicArn", "TopicARN"), ("KinesisFirehoseDestination", "DeliveryStreamArn", "DeliveryStreamARN"))


def read(place: Place) -> Iterator[Found]:
    """The rules of the active rule set (no other gets mail), and the event destinations of every configuration set."""
    page = single(place.ask("ses", "DescribeActiveReceiptRuleSet"))
    rules_of = str((page.get("Metadata") or {}).get("Name"))
    for rule in page.get("Rules") or ():
        if rule.get("Enabled") is not False:
            properties = {"RuleSetName": rules_of, "Rule": rule}
            yield place.resource("AWS::SES::ReceiptRule", f"receipt-rule:{rule.get('Name')}", properties, arn=None)
    sets = sorted(str(name) for name in place.ask("sesv2", "ListConfigurationSets").items("ConfigurationSets"))
    asked = [{"ConfigurationSetName": name} for name in sets]
    answers = place.each("sesv2", "GetConfigurationSetEventDestinations", asked)
    for name, answer in zip(sets, answers, strict=True):
        for found in answer.items("EventDestinations"):
            yield _destination(place, name, found)
        yield from untold(answer, f"event destinations of configuration set {name}")


def _destination(place: Place, owner: str, found: Mapping[str, Any]) -> Found:
    destination = picked(found, "Name", "Enabled", "MatchingEventTypes", "EventBridgeDestination")
    for kind, ours, property_ in _TOLD:
        if found.get(kind):
            destination[kind] = {property_: found[kind].get(ours)}
    properties = {"ConfigurationSetName": owner, "EventDestination": destination}
    address = f"mail-events:{owner}:{found.get('Name')}"
    return place.resource("AWS::SES::ConfigurationSetEventDestination", address, properties, arn=None)


READER = Reader(title="SES rules and events", read=read)
