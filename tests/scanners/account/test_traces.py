"""X-Ray's service graph. moto's is always empty, and wants X-Ray's own SDK, so the answers are given before it hears of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.scanners.account.conftest import ACCOUNT, REGION
from tests.scanners.account.faults import Faults
from tests.scanners.account.inventory.shop import Shop, arn
from untangle.config import Config
from untangle.emit.emitter import View
from untangle.emit.json import render
from untangle.errors import UsageError
from untangle.model.evidence import Confidence
from untangle.model.scan import Scan
from untangle.model.usage import Observation
from untangle.pipeline import scan
from untangle.scanners.account.call import Scope
from untangle.scanners.account.manners import Manners
from untangle.scanners.account.recording import read as recording
from untangle.scanners.account.scopes import live, replay
from untangle.scanners.account.traces import read

NOW = datetime(2026, 5, 20, 15, 42, 7, tzinfo=UTC)
DAY = timedelta(hours=24)
INTAKE, CHARGE, ORDERS = arn("lambda", "function:intake"), arn("lambda", "function:charge"), arn("sqs", "orders")


def unhurried() -> Manners:
    """No limits, and no waiting."""
    return Manners(limits=None, wait=lambda seconds: None)


def node(number: int, type_: str, name: str, *edges: int | dict[str, Any], **more: Any) -> dict[str, Any]:
    """A service of the graph; an edge by the number of the other one, taken three times."""
    made = [
        {"SummaryStatistics": {"TotalCount": 3}, **({"ReferenceId": edge} if isinstance(edge, int) else edge)} for edge in edges
    ]
    return {"ReferenceId": number, "Name": name, "Names": [name], "Type": type_, "AccountId": ACCOUNT, "Edges": made, **more}


TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
  IntakeRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: intake-role
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: own
          PolicyDocument: {Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Orders.Arn}]}
  IntakeFn: {Type: AWS::Lambda::Function, Properties: {FunctionName: intake, Role: !GetAtt IntakeRole.Arn, Code: {}}}
  ChargeFn: {Type: AWS::Lambda::Function, Properties: {FunctionName: charge, Role: none, Code: {}}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref ChargeFn, EventSourceArn: !GetAtt Orders.Arn}
"""


class XRay:
    """Answers with `nodes`, those of the call of that number where `only` is given; from `denied` calls on it refuses."""

    def __init__(self, faults: Faults) -> None:
        self.nodes: tuple[dict[str, Any], ...] = CHAIN
        self.only: int | None = None
        self.denied: int | None = None
        self.asked: list[dict[str, Any]] = []
        faults.session.events.register("before-call.xray.GetServiceGraph", self._answer)

    def _answer(self, params: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        number = len(self.asked)
        self.asked.append(json.loads(params["body"]))
        if self.denied is not None and number >= self.denied:
            error = {"Code": "AccessDeniedException", "Message": "no"}
            return SimpleNamespace(status_code=403), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 403}}
        nodes = self.nodes if self.only in (None, number) else ()
        return SimpleNamespace(status_code=200), {"Services": list(nodes), "ResponseMetadata": {"HTTPStatusCode": 200}}


@pytest.fixture
def xray(faults: Faults) -> XRay:
    return XRay(faults)


CHAIN = (
    node(0, "client", "intake", 1),
    node(1, "AWS::Lambda", "intake", 2),
    node(2, "AWS::Lambda::Function", "intake", 3),
    node(3, "AWS::SQS::Queue", f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders", {"ReferenceId": 4, "EdgeType": "link"}),
    node(4, "AWS::Lambda", "charge", 5),
    node(5, "AWS::Lambda::Function", "charge", 6),
    node(6, "AWS::DynamoDB::Table", "payments"),
)


def start(**options: Any) -> Scope:
    (scope,) = live(regions=[REGION], manners=unhurried(), traces=DAY, now=NOW, **options)
    return scope


def seen(xray: XRay, *nodes: dict[str, Any]) -> list[tuple[str, str, int]]:
    """What is observed where one part of the window has these services, and the others none."""
    xray.nodes, xray.only = nodes, 3
    return [(item.producer, item.consumer, item.count) for item in read(start())]


def test_functions_and_queues_by_their_arns_and_nothing_else(xray: XRay) -> None:
    assert seen(xray, *CHAIN) == [(INTAKE, ORDERS, 3), (ORDERS, CHARGE, 3)]


def test_a_day_is_four_calls_that_follow_each_other(xray: XRay) -> None:
    found = list(read(start()))
    end = NOW.replace(second=0).timestamp()
    assert sorted((end - item["StartTime"], end - item["EndTime"]) for item in xray.asked) == [
        (hours * 3600, (hours - 6) * 3600) for hours in (6, 12, 18, 24)
    ]
    assert found[0] == Observation(stack=f"{ACCOUNT}/{REGION}", producer=INTAKE, consumer=ORDERS, count=12, hours=24.0)


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        pytest.param(node(2, "AWS::SQS::Queue", "orders"), ORDERS, id="a queue's name"),
        pytest.param(node(2, "AWS::SNS", arn("sns", "t")), arn("sns", "t"), id="a topic's ARN"),
        pytest.param(node(2, "AWS::SNS::Topic", "t"), arn("sns", "t"), id="a topic's name"),
        pytest.param(node(2, "AWS::SNS", "SNS"), arn("sns", "SNS"), id="the service itself, which fits nothing"),
        pytest.param(node(2, "AWS::Events", "shop"), arn("events", "event-bus/shop"), id="a bus"),
        pytest.param(node(2, "AWS::STEPFUNCTIONS::STATEMACHINE", "m"), arn("states", "stateMachine:m"), id="a state machine"),
        pytest.param(node(2, "AWS::Kinesis", "s"), arn("kinesis", "stream/s"), id="a stream"),
        pytest.param(node(2, "AWS::Lambda", "charge:prod"), CHARGE, id="a function by its alias"),
        pytest.param(node(2, "AWS::Lambda", f"{CHARGE}:prod"), CHARGE, id="a function by the ARN of its alias"),
        pytest.param(
            node(2, "AWS::SNS", "t", AccountId="210987654321"), f"arn:aws:sns:{REGION}:210987654321:t", id="another account's"
        ),
        pytest.param(
            node(2, "AWS::SQS::Queue", "https://sqs.us-east-1.amazonaws.com/210987654321/orders"),
            "arn:aws:sqs:us-east-1:210987654321:orders",
            id="a queue elsewhere, by its URL",
        ),
    ],
)
def test_names_become_arns(xray: XRay, called: dict[str, Any], expected: str) -> None:
    assert seen(xray, node(1, "AWS::Lambda::Function", "intake", 2), called) == [(INTAKE, expected, 3)]


def test_an_alias_of_the_edge_names_what_its_node_does_not(xray: XRay) -> None:
    edge = {"ReferenceId": 2, "Aliases": [{"Name": "shipped", "Names": ["shipped"], "Type": "AWS::SNS"}]}
    found = seen(xray, node(1, "AWS::Lambda::Function", "intake", edge), node(2, "AWS::SNS", "SNS"))
    assert found == [(INTAKE, arn("sns", "shipped"), 3)]


def test_a_function_that_calls_itself_is_seen(xray: XRay) -> None:
    assert seen(xray, node(1, "AWS::Lambda", "a", 2), node(2, "AWS::Lambda::Function", "a", 1)) == [
        (arn("lambda", "function:a"), arn("lambda", "function:a"), 3)
    ]


@pytest.mark.parametrize(
    "nodes",
    [
        pytest.param((node(1, "AWS::Lambda", "a", 2), node(2, "AWS::SNS", "t")), id="Lambda hands a result to a destination"),
        pytest.param((node(1, "AWS::Lambda::Function", "a", 9),), id="an edge to nowhere"),
        pytest.param((node(1, "AWS::Lambda::Function", "a", 2), node(2, "remote", "example.com")), id="a web page"),
        pytest.param((node(1, "AWS::Lambda::Function", "", 2), node(2, "AWS::SNS", "t")), id="no name"),
        pytest.param(({"Name": "a"}, {"ReferenceId": 1, "Edges": [{}]}), id="almost nothing"),
        pytest.param((node(1, "AWS::Lambda::Function", "a", {"ReferenceId": [2]}), node(2, "AWS::SNS", "t")), id="a list"),
        pytest.param(({"ReferenceId": 1, "Edges": {"ReferenceId": 1}, "Name": "a", "Names": 3},), id="no lists"),
    ],
)
def test_what_is_no_hop_is_not_observed(xray: XRay, nodes: tuple[dict[str, Any], ...]) -> None:
    assert seen(xray, *nodes) == []


@pytest.mark.parametrize("total", [None, float("nan"), float("inf"), -3, "many"])
def test_an_edge_was_taken_once_at_least(xray: XRay, total: object) -> None:
    edge = {"ReferenceId": 2, "SummaryStatistics": {"TotalCount": total}}
    found = seen(xray, node(1, "AWS::Lambda::Function", "intake", edge), node(2, "AWS::SNS", "t"))
    assert found == [(INTAKE, arn("sns", "t"), 1)]


class TestScan:
    """A small account, live and again."""

    @pytest.fixture(autouse=True)
    def account(self, xray: XRay) -> None:
        shop = Shop()
        shop.queue("orders")
        shop.function("intake", ("sqs:SendMessage", ORDERS))
        shop.function("charge", ("sqs:*", ORDERS))
        shop.polls("charge", ORDERS)

    def whole(self, **options: Any) -> Scan:
        return scan(None, config=Config(), scopes=live(regions=[REGION], manners=unhurried(), now=NOW, **options))

    def level(self, found: Scan) -> Confidence:
        (hop,) = [hop for hop in found.graph.hops if hop.producer.endswith("/intake")]
        return hop.confidence

    def test_a_hop_is_confirmed(self) -> None:
        assert self.level(self.whole()) is Confidence.LIKELY
        assert self.level(self.whole(traces=DAY)) is Confidence.CONFIRMED

    def test_it_is_off_by_default(self, xray: XRay) -> None:
        self.whole()
        assert xray.asked == []

    def test_a_replay_gives_the_same_bytes_without_being_asked(self, tmp_path: Path) -> None:
        first = self.whole(traces=DAY, record=tmp_path / "r")
        again = scan(None, config=Config(), scopes=replay(tmp_path / "r"))
        assert self.level(again) is Confidence.CONFIRMED
        assert render(again, View()) == render(first, View())

    def test_denied_is_a_row_of_coverage_and_lowers_nothing(self, xray: XRay, tmp_path: Path) -> None:
        xray.denied = 0
        found = self.whole(traces=DAY, record=tmp_path / "r")
        (row,) = [row for row in found.graph.coverage if row.operation == "xray.GetServiceGraph"]
        assert (row.outcome, row.permission, row.unseen) == ("denied", "xray:GetServiceGraph", ("traces",))
        assert self.level(found) is Confidence.LIKELY
        again = scan(None, config=Config(), scopes=replay(tmp_path / "r"))
        assert render(again, View()) == render(found, View())

    def test_a_recording_is_gone_on_with_over_its_own_time(self, xray: XRay, tmp_path: Path) -> None:
        xray.denied = 2
        self.whole(traces=DAY, record=tmp_path / "r")
        xray.denied, first = None, list(xray.asked)
        scopes = live(regions=[REGION], manners=unhurried(), now=NOW + DAY, record=tmp_path / "r", resume=True)
        later = scan(None, config=Config(), scopes=scopes)
        again = xray.asked[len(first) :]
        assert len(again) == 2 and all(item in first for item in again)
        graphs = [item for key, item in recording(tmp_path / "r").answers.items() if key[3] == "GetServiceGraph"]
        assert len(graphs) == 4 and all(item.outcome.known for item in graphs)
        assert self.level(later) is Confidence.CONFIRMED

    def test_another_time_needs_another_recording(self, tmp_path: Path) -> None:
        self.whole(traces=DAY, record=tmp_path / "r")
        with pytest.raises(UsageError, match="--traces 1d"):
            live(regions=[REGION], manners=unhurried(), traces=2 * DAY, record=tmp_path / "r", resume=True)

    def test_what_is_declared_too_is_confirmed_under_its_declared_name(self, tmp_path: Path) -> None:
        (tmp_path / "template.yaml").write_text(TEMPLATE)
        found = scan(tmp_path, config=Config(), scopes=live(regions=[REGION], manners=unhurried(), traces=DAY, now=NOW))
        (hop,) = found.graph.hops
        ends = [hop.producer.rpartition("/")[2], hop.consumer.rpartition("/")[2]]
        assert (ends, hop.confidence) == (["IntakeFn", "ChargeFn"], Confidence.CONFIRMED)
