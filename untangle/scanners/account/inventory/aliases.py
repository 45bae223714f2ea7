"""Lambda's aliases and versions, as far as something in the account names a function by one: what they are, who may invoke them.

They are asked for in a second pass. To ask every function would cost two calls for each, at the slowest of all limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from untangle.model.resource import Resource
from untangle.model.value import Concat, Value
from untangle.scanners.account.inventory.invokers import permissions
from untangle.scanners.account.inventory.place import MAX_DEPTH, FollowUp, Found, Place

_QUALIFIED = re.compile(r"arn:aws[\w-]*:lambda:([\w-]+):(\d{12}):function:([\w-]{1,140}):([\w-]{1,128})")


def read(place: Place, found: Iterable[Resource]) -> Iterator[Found]:
    """The aliases of every function of this place that is named with a qualifier, and the policy of each that is named."""
    named = sorted({pair for item in found for pair in _named(place, item.properties, 0)})
    functions = sorted({function for function, qualifier in named if not qualifier.isdigit()})
    answers = place.each("lambda", "ListAliases", [{"FunctionName": function} for function in functions])
    for function, answer in zip(functions, answers, strict=True):
        yield from (_alias(place, function, alias) for alias in answer.items("Aliases"))
    asked = [{"FunctionName": function, "Qualifier": qualifier} for function, qualifier in named]
    for answer in place.each("lambda", "GetPolicy", asked):
        yield from permissions(place, answer)


def _named(place: Place, value: Value, depth: int) -> Iterator[tuple[str, str]]:
    """The functions with a qualifier that a value names anywhere, in texts of all kinds."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, str):
        for region, account, function, qualifier in _QUALIFIED.findall(value) if ":function:" in value else ():
            if (account, region) == (place.account, place.region):
                yield function, qualifier
    elif isinstance(value, (dict, tuple, Mapping)):
        for inner in value if isinstance(value, tuple) else value.values():
            if inner is not None and not isinstance(inner, (bool, int, float)):
                yield from _named(place, inner, depth + 1)
    elif isinstance(value, Concat):
        yield from _named(place, value.parts, depth + 1)


def _alias(place: Place, function: str, found: Mapping[str, Any]) -> Found:
    properties = {"FunctionName": function, "Name": found.get("Name"), "FunctionVersion": found.get("FunctionVersion")}
    arn = found.get("AliasArn")
    properties |= {"RoutingConfig": found["RoutingConfig"]} if found.get("RoutingConfig") else {}
    return place.resource("AWS::Lambda::Alias", f"alias:{function}:{found.get('Name')}", properties, arn=arn, ref=arn)


FOLLOW_UP = FollowUp(title="Lambda aliases", read=read)
