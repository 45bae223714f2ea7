"""AWS Config: the rules that a function evaluates; AWS's own rules are of no interest here."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.scanners.account.inventory.place import Found, Place, Reader, picked


def read(place: Place) -> Iterator[Found]:
    """Every rule with a function of one's own. One that is being deleted is gone."""
    listed = place.ask("config", "DescribeConfigRules").items("ConfigRules")
    for found in sorted(listed, key=lambda item: str(item.get("ConfigRuleName"))):
        own = (found.get("Source") or {}).get("Owner") == "CUSTOM_LAMBDA"
        if own and not str(found.get("ConfigRuleState", "")).startswith("DELETING"):
            name = str(found["ConfigRuleName"])
            properties = picked(found, "ConfigRuleName", "Source")
            arn = found.get("ConfigRuleArn")
            yield place.resource("AWS::Config::ConfigRule", f"config-rule:{name}", properties, arn=arn, ref=name)


READER = Reader(title="Config rules", read=read)
