"""CloudWatch Logs: which log groups' lines are handed to functions.

Log groups are many and most of them nobody listens to. Those that a function's own policy lets invoke it are asked for; a
group that feeds a stream shows in no policy of a function, and is an entry from outside that no hop starts from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from untangle.model.resource import Gap, Resource
from untangle.scanners.account.inventory.place import FollowUp, Found, Place, document, untold

_GROUP = re.compile(r"arn:aws[\w-]*:logs:([\w-]+):(\d{12}):log-group:([^:*?]{1,512})(?::.*)?")
_KIND = "SUBSCRIPTION_FILTER_POLICY"


def read(place: Place, found: Iterable[Resource]) -> Iterator[Found]:
    """The subscription filters of the log groups that may invoke a function here, and the account's own policy, if any."""
    allowed = [item for item in found if item.type == "AWS::Lambda::Permission" and _is_logs(item) and item.stack == place.stack]
    sources = [(item, source) for item in allowed for source in _listed(item.get("SourceArn"))]
    groups = sorted({group for _, source in sources if (group := _group(place, source))})
    asked = [{"logGroupName": group} for group in groups]
    for group, answer in zip(groups, place.each("logs", "DescribeSubscriptionFilters", asked), strict=True):
        for filter in answer.items("subscriptionFilters"):
            yield _filter(place, group, filter)
        yield from untold(answer, f"subscription filters of log group {group}")
    if allowed:
        yield from _of_account(place)
    for item in allowed:
        unnamed = [source for source in _listed(item.get("SourceArn")) or ["any"] if not _group(place, source)]
        if unnamed:
            why = f"its policy allows {', '.join(unnamed)}: which of them do is not asked of each"
            yield Gap(what=f"log groups that invoke {item.get('FunctionName')}", why=why)


def _of_account(place: Place) -> Iterator[Found]:
    answer = place.ask("logs", "DescribeAccountPolicies", policyType=_KIND)
    for policy in answer.items("accountPolicies"):
        properties = {
            "PolicyName": policy.get("policyName"),
            "PolicyType": _KIND,
            "PolicyDocument": document(policy.get("policyDocument")),
            "SelectionCriteria": policy.get("selectionCriteria"),
        }
        yield place.resource("AWS::Logs::AccountPolicy", f"log-policy:{policy.get('policyName')}", properties, arn=None)


def _is_logs(permission: Resource) -> bool:
    return str(permission.get("Principal")).startswith("logs.")


def _listed(value: Any) -> list[str]:
    return [item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, str)]


def _group(place: Place, source: str) -> str | None:
    named = _GROUP.fullmatch(source)
    return named[3] if named and (named[1], named[2]) == (place.region, place.account) else None


def _filter(place: Place, group: str, found: Mapping[str, Any]) -> Found:
    properties = {
        "LogGroupName": group,
        "FilterName": found.get("filterName"),
        "FilterPattern": found.get("filterPattern") or "",
        "DestinationArn": found.get("destinationArn"),
        "RoleArn": found.get("roleArn"),
    }
    address = f"log-filter:{group}:{found.get('filterName')}"
    return place.resource("AWS::Logs::SubscriptionFilter", address, properties, arn=None)


FOLLOW_UP = FollowUp(title="log subscriptions", read=read)
