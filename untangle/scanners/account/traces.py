"""X-Ray's service graph: who was seen to call what. Nodes have names and types but no ARNs; those are made from what is known.

Only nodes that may be an end or a channel of a hop are of interest. A node that names nothing ("SNS") becomes an ARN that fits
nothing, which `assemble.observed` then says. That a hop is not in the graph says nothing: traces are samples.
https://docs.aws.amazon.com/xray/latest/api/API_GetServiceGraph.html
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from untangle.model.usage import Observation
from untangle.scanners.account.call import Answer, Request, Scope
from untangle.scanners.account.windows import turns, written

_Node: TypeAlias = Mapping[str, Any]
# The service of a node's type ("AWS::SQS::Queue"): the service and the resource of its ARN.
_ARNS = {
    "lambda": ("lambda", "function:"),
    "sqs": ("sqs", ""),
    "sns": ("sns", ""),
    "events": ("events", "event-bus/"),
    "kinesis": ("kinesis", "stream/"),
    "stepfunctions": ("states", "stateMachine:"),
}
# Lambda itself, beside the node of a function's own code. It hands events to the code, and results to destinations: neither is a
# call of the code's.
_SERVICE = "AWS::Lambda"
_URL = re.compile(r"https?://(?:sqs\.([a-z0-9-]+)\.|([a-z0-9-]+)\.queue\.)[a-z0-9.-]+/(\d{12})/([\w.-]+)")
_UNNAMED = frozenset({"lambda", "sqs", "sns", "events", "eventbridge", "kinesis", "stepfunctions", "sfn"})


def read(scope: Scope) -> Iterator[Observation]:
    """What was seen in each region of an account, counted over all parts of the window. Nothing where it was not asked for."""
    if scope.traces is None or scope.until is None:
        return
    parts = [{"StartTime": written(start), "EndTime": written(end)} for start, end in turns(scope.until, scope.traces)]
    for region in scope.regions:
        asked = [
            Request(account=scope.account, region=region, service="xray", operation="GetServiceGraph", params=part)
            for part in parts
        ]
        seen: Counter[tuple[str, str]] = Counter()
        for answer in scope.caller.each(asked):
            seen.update(_seen(answer, scope, region))
        hours = scope.traces.total_seconds() / 3600
        for (producer, consumer), count in sorted(seen.items()):
            stack = f"{scope.account}/{region}"
            yield Observation(stack=stack, producer=producer, consumer=consumer, count=count, hours=hours)


def _seen(answer: Answer, scope: Scope, region: str) -> Counter[tuple[str, str]]:
    """How often each edge between two nodes of interest was taken, by their ARNs."""
    nodes = {node["ReferenceId"]: node for node in answer.items("Services") if isinstance(node.get("ReferenceId"), int)}
    counted: Counter[tuple[str, str]] = Counter()
    for _, node in sorted(nodes.items()):
        for edge in _listed(node, "Edges"):
            number = edge.get("ReferenceId") if isinstance(edge, Mapping) else None
            other = nodes.get(number) if isinstance(number, int) else None
            if other is None or node.get("Type") == _SERVICE:
                continue
            ends = _arn(node, scope, region), _arn(_known_as(other, edge), scope, region)
            if ends[0] is not None and ends[1] is not None:
                counted[ends[0], ends[1]] += _count(edge)
    return counted


def _listed(data: Mapping[str, Any], name: str) -> Sequence[Any]:
    """A field that should be a list."""
    found = data.get(name)
    return found if isinstance(found, (list, tuple)) else ()


def _service(node: _Node) -> str:
    kind = str(node.get("Type") or "").lower().split("::")
    return kind[1] if len(kind) > 1 and kind[0] == "aws" else ""


def _known_as(node: _Node, edge: Mapping[str, Any]) -> _Node:
    """A node that names only its service, under the one name that the edge gives it beside."""
    if str(node.get("Name", "")).lower() not in _UNNAMED:
        return node
    aliases = [item for item in _listed(edge, "Aliases") if isinstance(item, Mapping) and _service(item) == _service(node)]
    return {**node, "Name": aliases[0].get("Name"), "Names": ()} if len(aliases) == 1 else node


def _arn(node: _Node, scope: Scope, region: str) -> str | None:
    """The ARN of a node, as far as its type and name give one; None for what is no end and no channel of hops."""
    known = _ARNS.get(_service(node))
    names = [str(name) for name in (node.get("Name"), *_listed(node, "Names")) if isinstance(name, str) and name]
    if known is None or not names:
        return None
    service, resource = known
    name = next((name for name in names if name.startswith("arn:") or _URL.fullmatch(name)), names[0])
    if name.startswith("arn:"):
        return ":".join(name.split(":")[:7]) if service == "lambda" else name
    account = str(node.get("AccountId") or scope.account)
    url = _URL.fullmatch(name)
    if url is not None:
        region, account, name = url[1] or url[2], url[3], url[4]
    if service == "lambda":
        name = name.partition(":")[0]
    return f"arn:{scope.partition}:{service}:{region}:{account}:{resource}{name}"


def _count(edge: Mapping[str, Any]) -> int:
    """How often an edge was taken: at least once, or it would not be there."""
    statistics = edge.get("SummaryStatistics")
    total = statistics.get("TotalCount") if isinstance(statistics, Mapping) else None
    return max(int(total), 1) if isinstance(total, int | float) and math.isfinite(total) else 1
