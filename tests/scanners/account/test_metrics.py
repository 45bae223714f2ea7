"""CloudWatch's numbers, from moto, which keeps what is put there; and what it cannot play, by spoiled answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.scanners.account.conftest import ACCOUNT, REGION
from tests.scanners.account.faults import Faults
from tests.scanners.account.inventory.shop import Shop, arn
from untangle.config import Config
from untangle.emit.emitter import View
from untangle.emit.json import render
from untangle.model.resource import Gap, Resource
from untangle.model.scan import Scan
from untangle.model.usage import Usage
from untangle.pipeline import scan
from untangle.scanners.account import metrics
from untangle.scanners.account.call import Answer, Outcome, Request, Scope
from untangle.scanners.account.manners import Manners
from untangle.scanners.account.scopes import live, replay

NOW = datetime(2026, 5, 20, 15, 42, 7, tzinfo=UTC)
FORTNIGHT, DAYS = timedelta(days=14), 14.625  # from a midnight on, to the last full hour
STACK = f"{ACCOUNT}/{REGION}"


def unhurried() -> Manners:
    """No limits, and no waiting."""
    return Manners(limits=None, wait=lambda seconds: None)


def put(namespace: str, metric: str, dimension: str, name: str, *values: float, **more: str) -> None:
    """One number on each of the days before."""
    dimensions = [{"Name": key, "Value": value} for key, value in (more | {dimension: name}).items()]
    boto3.client("cloudwatch", REGION).put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": metric, "Dimensions": dimensions, "Value": value, "Timestamp": NOW - timedelta(days=day)}
            for day, value in enumerate(values, 1)
        ],
    )


def function(name: str) -> Resource:
    return Resource(
        id=f"{STACK}/{name}", type="AWS::Lambda::Function", stack=STACK, address=name, properties={"FunctionName": name}
    )


class TestAccount:
    @pytest.fixture(autouse=True)
    def account(self, faults: Faults) -> None:
        shop = Shop()
        shop.queue("orders")
        shop.function("intake", ("sqs:SendMessage", arn("sqs", "orders")))
        shop.function("idle")
        shop.client("sns").create_topic(Name="shipped")
        shop.client("events").create_event_bus(Name="shop")
        shop.rule("paid", {"source": ["shop"]}, arn("lambda", "function:idle"), bus="shop")
        shop.rule("never", {"source": ["shop"]}, arn("lambda", "function:idle"))
        put("AWS/Lambda", "Invocations", "FunctionName", "intake", 1000, 400, 0)
        put("AWS/Lambda", "Errors", "FunctionName", "intake", 7)
        put("AWS/Lambda", "Throttles", "FunctionName", "intake", 3)
        put("AWS/Lambda", "Duration", "FunctionName", "intake", 70_000, 70_000)
        put("AWS/SQS", "NumberOfMessagesSent", "QueueName", "orders", 1300)
        put("AWS/SNS", "NumberOfMessagesPublished", "TopicName", "shipped", 20, 1)
        put("AWS/Events", "TriggeredRules", "RuleName", "paid", 5, EventBusName="shop")

    def whole(self, **options: Any) -> Scan:
        return scan(None, config=Config(), scopes=live(regions=[REGION], manners=unhurried(), now=NOW, **options))

    def test_what_was_used_and_how_much(self) -> None:
        usage = self.whole(metrics=FORTNIGHT).graph.usage
        assert usage == {
            f"{STACK}/idle": Usage(days=DAYS, count=0, errors=0, throttles=0),
            f"{STACK}/intake": Usage(days=DAYS, count=1400, errors=7, throttles=3, duration_ms=100.0),
            f"{STACK}/orders": Usage(days=DAYS, count=1300),
            f"{STACK}/rule:shop:paid": Usage(days=DAYS, count=5),
            f"{STACK}/shipped": Usage(days=DAYS, count=21),
        }

    def test_what_is_older_does_not_count(self) -> None:
        assert self.whole(metrics=timedelta(hours=36)).graph.usage[f"{STACK}/intake"].count == 1000

    def test_it_is_off_by_default(self, faults: Faults) -> None:
        assert self.whole().graph.usage == {} and faults.sent["GetMetricData"] == 0

    def test_a_replay_gives_the_same_bytes_without_being_asked(self, faults: Faults, tmp_path: Path) -> None:
        first = self.whole(metrics=FORTNIGHT, record=tmp_path / "r", scrub_accounts=False)
        asked = faults.sent["GetMetricData"]
        assert asked == len(("functions", "queues", "topics", "rules"))
        again = scan(None, config=Config(), scopes=replay(tmp_path / "r"))
        assert again.graph.usage == first.graph.usage != {}
        assert render(again, View()) == render(first, View())
        assert faults.sent["GetMetricData"] == asked

    def test_going_on_asks_nothing_again(self, faults: Faults, tmp_path: Path) -> None:
        self.whole(metrics=FORTNIGHT, record=tmp_path / "r")
        asked = faults.sent["GetMetricData"]
        scopes = live(regions=[REGION], manners=unhurried(), now=NOW + timedelta(days=2), record=tmp_path / "r", resume=True)
        assert scan(None, config=Config(), scopes=scopes).graph.usage[f"{STACK}/intake"].count == 1400
        assert faults.sent["GetMetricData"] == asked

    def test_denied_is_a_row_of_coverage_and_not_a_zero(self, faults: Faults) -> None:
        def deny(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
            status = {"HTTPStatusCode": 403}
            return SimpleNamespace(status_code=403), {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": status}

        faults.session.events.register("before-call.cloudwatch.GetMetricData", deny)
        graph = self.whole(metrics=FORTNIGHT).graph
        (row,) = [row for row in graph.coverage if row.operation == "cloudwatch.GetMetricData"]
        assert (row.outcome, row.permission) == ("denied", "cloudwatch:GetMetricData")
        assert graph.usage == {}


class Told:
    """A caller whose every answer is made by `make` of the queries; nothing else of it is needed."""

    def __init__(self, make: Any) -> None:
        self.make = make
        self.sizes: list[int] = []

    def each(self, requests: list[Request]) -> Iterator[Answer]:
        for request in requests:
            queries = request.params["MetricDataQueries"]
            self.sizes.append(len(queries))
            yield Answer(request=request, **self.make([query["Id"] for query in queries]))


def read(make: Any, *resources: Resource) -> tuple[list[Any], Told]:
    caller = Told(make)
    scope = Scope(account=ACCOUNT, partition="aws", regions=(REGION,), caller=caller, metrics=FORTNIGHT, until=NOW)  # type: ignore[arg-type]
    return list(metrics.read(scope, resources)), caller


def result(id: str, *values: float, status: str = "Complete") -> dict[str, Any]:
    return {"Id": id, "Values": list(values), "StatusCode": status}


def test_five_hundred_metrics_are_one_call() -> None:
    found, caller = read(
        lambda ids: {"pages": ({"MetricDataResults": [result(id, 2) for id in ids]},)},
        *(function(f"f{n:03}") for n in range(300)),
    )
    assert caller.sizes == [500, 500, 200]
    assert len(found) == 300 and all(usage.count == 2 and usage.duration_ms == 1.0 for _, usage in found)


def test_numbers_of_one_metric_may_stand_on_several_pages() -> None:
    def pages(ids: list[str]) -> dict[str, Any]:
        first = [result(id, 5, status="PartialData") for id in ids]
        return {"pages": ({"MetricDataResults": first}, {"MetricDataResults": [result(id, 7) for id in ids]})}

    ((_, usage),), _ = read(pages, function("a"))
    assert usage.count == 12


@pytest.mark.parametrize(
    "made",
    [
        pytest.param({"outcome": Outcome.DENIED}, id="denied"),
        pytest.param({"outcome": Outcome.INCOMPLETE, "pages": ({"MetricDataResults": [result("q0", 5)]},)}, id="broken off"),
    ],
)
def test_what_could_not_be_read_is_no_number(made: dict[str, Any]) -> None:
    assert read(lambda ids: made, function("a"))[0] == []


def test_a_number_that_is_not_complete_is_left_out_and_said_so() -> None:
    def spoiled(ids: list[str]) -> dict[str, Any]:
        status = {"q0": "Complete", "q1": "InternalError", "q2": "Complete", "q3": "Forbidden"}
        return {"pages": ({"MetricDataResults": [result(id, 4, status=status[id]) for id in ids]},)}

    found, _ = read(spoiled, function("a"))
    assert [item for item in found if isinstance(item, Gap)] == [
        Gap(what=f"numbers of CloudWatch in {STACK}", why="some were not complete, and are left out")
    ]
    assert (f"{STACK}/a", Usage(days=DAYS, count=4, errors=None, throttles=4, duration_ms=None)) in found


@pytest.mark.parametrize("values", [3, "many", [float("inf")], [1e308, 1e308], None])
def test_what_is_no_number_makes_none(values: object) -> None:
    made = {"pages": ({"MetricDataResults": [{"Id": "q0", "Values": values, "StatusCode": "Complete"}]},)}
    found, _ = read(lambda ids: made, function("a"))
    assert all(isinstance(item, Gap) or item[1].count == 0 for item in found)


def test_what_is_elsewhere_is_not_asked_for_here() -> None:
    there = replace(function("a"), id="123456789012/us-east-1/a", stack="123456789012/us-east-1")
    assert read(lambda ids: {}, there)[1].sizes == []
