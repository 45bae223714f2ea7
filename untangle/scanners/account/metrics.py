"""CloudWatch's numbers in bulk: how much each function and channel was used.

One query is one metric, 500 of one kind of thing are one call: so a recording still fits when further kinds are counted. What
CloudWatch has no numbers of was not used, except for rules, which it counts under dimensions that are not documented for every
bus: no number of a rule says nothing. Writes to a table's stream have no metric.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from untangle.model.resource import Gap, Resource
from untangle.model.usage import Usage
from untangle.scanners.account.call import Answer, Request, Scope
from untangle.scanners.account.windows import whole, written

AT_ONCE = 500
FUNCTION = "AWS::Lambda::Function"
COUNTS = ("Invocations", "Errors", "Throttles", "Duration")  # of a function; the sum of its durations, in milliseconds
# What is counted of channels: namespace, metric, and the dimension that names them.
_COUNTED: Mapping[str, tuple[str, str, str]] = {
    "AWS::SQS::Queue": ("AWS/SQS", "NumberOfMessagesSent", "QueueName"),
    "AWS::SNS::Topic": ("AWS/SNS", "NumberOfMessagesPublished", "TopicName"),
    "AWS::Events::Rule": ("AWS/Events", "TriggeredRules", "RuleName"),
    "AWS::Kinesis::Stream": ("AWS/Kinesis", "IncomingRecords", "StreamName"),
    "AWS::StepFunctions::StateMachine": ("AWS/States", "ExecutionsStarted", "StateMachineArn"),
}


@dataclass(frozen=True, slots=True)
class _Query:
    """One metric of one resource."""

    resource: str
    type: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]

    def asked(self, id: str, period: int) -> dict[str, Any]:
        """The query as CloudWatch takes it."""
        dimensions = [{"Name": name, "Value": value} for name, value in self.dimensions]
        metric = {"Namespace": self.namespace, "MetricName": self.metric, "Dimensions": dimensions}
        return {"Id": id, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}, "ReturnData": True}


def read(scope: Scope, resources: Iterable[Resource]) -> Iterator[tuple[str, Usage] | Gap]:
    """The use of each of these resources of the account, by id, and a Gap for what CloudWatch gave only in part.

    Nothing where it was not asked for, and for what may not be read: a row of coverage says that.
    """
    if scope.metrics is None or scope.until is None:
        return
    start, end, period = whole(scope.until, scope.metrics)
    days = (end - start).total_seconds() / 86400
    for region in scope.regions:
        stack = f"{scope.account}/{region}"
        here = sorted((item for item in resources if item.stack == stack), key=lambda item: item.id)
        groups = [group for type_ in (FUNCTION, *_COUNTED) for group in _groups(item for item in here if item.type == type_)]
        frame = {"StartTime": written(start), "EndTime": written(end), "ScanBy": "TimestampAscending"}
        asked = [
            Request(
                account=scope.account,
                region=region,
                service="cloudwatch",
                operation="GetMetricData",
                params={**frame, "MetricDataQueries": [query.asked(f"q{n}", period) for n, query in enumerate(group)]},
            )
            for group in groups
        ]
        sums: dict[tuple[str, str], float | None] = {}
        for group, answer in zip(groups, scope.caller.each(asked), strict=True):
            found = _sums(answer)
            sums.update(((query.resource, query.metric), found.get(f"q{n}")) for n, query in enumerate(group))
            if answer.outcome.known and None in (found.get(f"q{n}") for n in range(len(group))):
                yield Gap(what=f"numbers of CloudWatch in {stack}", why="some were not complete, and are left out")
        yield from _usages(here, sums, days)


def _groups(resources: Iterable[Resource]) -> Iterator[tuple[_Query, ...]]:
    """The queries of these resources, as many at once as one call takes."""
    queries = (query for item in resources for query in _queries(item))
    while group := tuple(islice(queries, AT_ONCE)):
        yield group


def _queries(item: Resource) -> Iterator[_Query]:
    """What is asked of one resource."""
    if item.type == FUNCTION:
        name = item.properties.get("FunctionName")
        if isinstance(name, str):
            for metric in COUNTS:
                yield _Query(item.id, item.type, "AWS/Lambda", metric, (("FunctionName", name),))
    elif item.type in _COUNTED:
        namespace, metric, dimension = _COUNTED[item.type]
        name = item.deployed if dimension.endswith("Arn") else item.properties.get(_NAMED.get(item.type, dimension))
        bus = item.properties.get("EventBusName")
        own = (("EventBusName", bus.rpartition("/")[2]),) if isinstance(bus, str) else ()
        if isinstance(name, str):
            yield _Query(item.id, item.type, namespace, metric, (*own, (dimension, name)))


_NAMED = {"AWS::Events::Rule": "Name", "AWS::Kinesis::Stream": "Name"}  # properties that are not called as the dimension is


def _sums(answer: Answer) -> dict[str, float | None]:
    """Each query's numbers together, over all pages; None where they are not complete."""
    if not answer.outcome.known:
        return {}
    found: dict[str, float] = {}
    last: dict[str, str] = {}
    for item in answer.items("MetricDataResults"):
        id = str(item.get("Id"))
        values = item.get("Values")
        counted = values if isinstance(values, (list, tuple)) else ()
        found[id] = found.get(id, 0.0) + sum(float(number) for number in counted if isinstance(number, int | float))
        last[id] = str(item.get("StatusCode") or "Complete")
    return {id: total if last[id] == "Complete" and math.isfinite(total) else None for id, total in found.items()}


def _usages(
    resources: Iterable[Resource], sums: Mapping[tuple[str, str], float | None], days: float
) -> Iterator[tuple[str, Usage]]:
    for item in resources:
        if item.type == FUNCTION:
            runs, errors, throttles, spent = (sums.get((item.id, metric)) for metric in COUNTS)
            if runs is not None:
                mean = round(spent / runs, 1) if spent is not None and runs else None
                yield (
                    item.id,
                    Usage(days=days, count=round(runs), errors=_whole(errors), throttles=_whole(throttles), duration_ms=mean),
                )
        elif item.type in _COUNTED:
            total = sums.get((item.id, _COUNTED[item.type][1]))
            if total is not None and (total or item.type != "AWS::Events::Rule"):
                yield item.id, Usage(days=days, count=round(total))


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)
