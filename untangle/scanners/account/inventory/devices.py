"""IoT Core: the rules that hand the broker's messages to functions and channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.inventory.place import Found, Place, Reader, single, untold

_SAME = ("sql", "awsIotSqlVersion", "ruleDisabled", "actions", "errorAction")


def read(place: Place) -> Iterator[Found]:
    """Every topic rule; one that may not be described has no actions."""
    listed = sorted(place.ask("iot", "ListTopicRules").items("rules"), key=lambda rule: str(rule.get("ruleName")))
    asked = [{"ruleName": rule["ruleName"]} for rule in listed]
    for rule, answer in zip(listed, place.each("iot", "GetTopicRule", asked), strict=True):
        found = {"ruleDisabled": rule.get("ruleDisabled"), **(single(answer).get("rule") or {})}
        name = str(rule["ruleName"])
        payload = {capital(key): titled(found[key]) for key in _SAME if found.get(key) is not None}
        properties = {"RuleName": name, "TopicRulePayload": payload}
        yield place.resource("AWS::IoT::TopicRule", f"topic-rule:{name}", properties, arn=rule.get("ruleArn"), ref=name)
        yield from untold(answer, f"actions of topic rule {name}")


def titled(value: Any) -> Any:
    """The same with its keys as CloudFormation spells them: `lambda.functionArn` is `Lambda.FunctionArn`."""
    if isinstance(value, Mapping):
        return {capital(str(key)): titled(inner) for key, inner in value.items()}
    return [titled(item) for item in value] if isinstance(value, (list, tuple)) else value


def capital(name: str) -> str:
    """A name with its first letter as a capital."""
    return name[:1].upper() + name[1:]


READER = Reader(title="IoT topic rules", read=read)
