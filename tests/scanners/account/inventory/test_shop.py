"""A whole account, read through the live caller: its hops are those that a template of the same shop gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.account.faults import Faults, error, xml_error
from tests.scanners.account.inventory.shop import ACCOUNT, REGION, Shop, arn, build
from untangle.config import Config
from untangle.model.evidence import Confidence
from untangle.model.resource import Inventory, Resource
from untangle.model.scan import Scan
from untangle.pipeline import scan
from untangle.scanners.account import read
from untangle.scanners.account.scopes import live, replay

HOPS = [
    ("charge", "ship", "dynamodb_stream"),
    ("intake", "charge", "sqs"),
    ("notify", "audit", "eventbridge"),
    ("ship", "mailer", "sns/sqs"),
    ("ship", "notify", "sns"),
    ("ship", "print-label", "s3"),
]

_OF_S3 = ("GetBucketNotificationConfiguration",)
_XML = (*_OF_S3, "ListSubscriptions", "GetAccountAuthorizationDetails")


def hops(found: Scan) -> list[tuple[str, str, str]]:
    """Producer, consumer and channel types of every hop."""
    return [
        (hop.producer.rpartition("/")[2], hop.consumer.rpartition("/")[2], "/".join(passage.type for passage in hop.passages))
        for hop in found.graph.hops
    ]


def whole(record: Path | None = None) -> Scan:
    return scan(None, config=Config(), scopes=live(regions=[REGION], record=record))


def of(inventory: Inventory, type_: str) -> dict[str, Resource]:
    """The resources of one type by address."""
    return {item.address: item for item in inventory.resources if item.type == type_}


@pytest.fixture
def shop(faults: Faults) -> Faults:
    build()
    return faults


def test_the_hops_of_an_account_are_those_of_its_template(shop: Faults) -> None:
    assert sorted(hops(whole())) == HOPS


def test_a_grant_alone_is_no_proof_that_anything_is_sent(shop: Faults) -> None:
    assert {hop.confidence for hop in whole().graph.hops} <= {Confidence.LIKELY, Confidence.POSSIBLE}


def test_a_replayed_account_gives_the_same_scan(shop: Faults, tmp_path: Path) -> None:
    first = whole(tmp_path / "shop")
    sent = sum(shop.sent.values())
    again = scan(None, config=Config(), scopes=replay(tmp_path / "shop"))
    assert again == first
    assert sum(shop.sent.values()) == sent


def test_resources_are_as_a_template_would_declare_them(shop: Faults) -> None:
    found = read(live(regions=[REGION]))
    orders = of(found, "AWS::SQS::Queue")["orders"]
    assert orders.id == f"{ACCOUNT}/{REGION}/orders"
    assert orders.deployed == orders.attributes["Arn"] == arn("sqs", "orders")
    assert orders.properties["VisibilityTimeout"] == 90
    assert orders.get("RedrivePolicy", "deadLetterTargetArn") == arn("sqs", "failed")
    assert of(found, "AWS::DynamoDB::Table")["payments"].get("StreamSpecification", "StreamViewType") == "NEW_IMAGE"
    (mail,) = [item for item in of(found, "AWS::SNS::Subscription").values() if item.get("Protocol") == "sqs"]
    assert mail.get("FilterPolicy") == {"kind": ("parcel",)}
    assert mail.get("RawMessageDelivery") is True
    (rule,) = of(found, "AWS::Events::Rule").values()
    assert rule.get("EventPattern") == {"source": ("shop",)}
    (permission,) = of(found, "AWS::Lambda::Permission").values()
    assert permission.get("SourceArn") == "arn:aws:s3:::shop-labels"


def test_every_resource_has_an_id_of_its_own(shop: Faults) -> None:
    """A queue that is called as a function is makes no third thing of the two."""
    Shop().queue("audit")
    found = read(live(regions=[REGION]))
    assert len({item.id for item in found.resources}) == len(found.resources)
    assert "audit" in of(found, "AWS::Lambda::Function")
    assert "queue:audit" in of(found, "AWS::SQS::Queue")


@pytest.mark.parametrize(
    ("operation", "lost"),
    [
        ("ListEventSourceMappings", {("charge", "ship"), ("intake", "charge"), ("ship", "mailer")}),
        ("ListSubscriptions", {("ship", "mailer"), ("ship", "notify")}),
        ("ListTargetsByRule", {("notify", "audit")}),
        ("GetAccountAuthorizationDetails", {pair[:2] for pair in HOPS}),
    ],
)
def test_what_is_denied_is_said_and_nothing_is_made_up(shop: Faults, operation: str, lost: set[tuple[str, str]]) -> None:
    code = "AccessDenied" if operation in _OF_S3 else "AccessDeniedException"
    make = xml_error if operation in _XML else error
    shop.always(operation, lambda: make(code, status=403))
    found = whole()
    assert {pair[:2] for pair in hops(found)} == {pair[:2] for pair in HOPS} - lost
    rows = {row.operation: row.outcome for row in found.graph.coverage}
    assert any(operation in name and outcome == "denied" for name, outcome in rows.items()), rows


def test_where_a_listing_is_denied_the_policy_of_a_function_is_a_witness(shop: Faults) -> None:
    """It says that the bucket may call the function, not that it does."""
    shop.always("GetBucketNotificationConfiguration", lambda: xml_error("AccessDenied", status=403))
    found = {hop.consumer.rpartition("/")[2]: hop for hop in whole().graph.hops}
    assert found["print-label"].confidence is Confidence.POSSIBLE
    assert "only the function's policy tells" in found["print-label"].evidence[-1].note


def test_settings_that_may_not_be_read_are_gaps(shop: Faults) -> None:
    shop.always("GetSubscriptionAttributes", lambda: xml_error("AuthorizationError"))
    found = read(live(regions=[REGION]))
    assert len(of(found, "AWS::SNS::Subscription")) == 2
    assert [gap.what for gap in found.gaps if gap.what.startswith("filter of the subscription")] != []


def test_what_is_named_alike_in_two_regions_is_not_mixed_up(aws: None, faults: Faults) -> None:
    """Both regions have a queue `orders`; only a function of the one region may send to it, the other region's is polled."""
    here, there = Shop(), Shop(region="us-east-1")
    for shop in (here, there):
        shop.queue("orders")
    here.function("intake", ("sqs:SendMessage", arn("sqs", "orders")), ("sqs:SendMessage", arn("sqs", "or*")))
    there.function("charge")
    there.polls("charge", arn("sqs", "orders").replace(REGION, "us-east-1"))
    found = scan(None, config=Config(), scopes=live(regions=[REGION, "us-east-1"]))
    assert hops(found) == []
    there.function("far", ("sqs:SendMessage", arn("sqs", "orders").replace(REGION, "us-east-1")))
    found = scan(None, config=Config(), scopes=live(regions=[REGION, "us-east-1"]))
    assert hops(found) == [("far", "charge", "sqs")]


def test_an_arn_of_a_region_that_is_not_read_names_nothing_here(aws: None, faults: Faults) -> None:
    """A queue of that name is read, but it is not the one that is meant."""
    Shop().queue("orders")
    Shop().function("charge")
    Shop().polls("charge", arn("sqs", "orders"))
    Shop().function("intake", ("sqs:SendMessage", arn("sqs", "orders").replace(REGION, "us-east-1")))
    assert hops(whole()) == []


def test_each_region_has_a_default_bus_of_its_own(aws: None, faults: Faults) -> None:
    for region in (REGION, "us-east-1"):
        here = Shop(region=region)
        here.function(f"hear-{region}")
        here.rule("all", {"source": ["shop"]}, arn("lambda", f"function:hear-{region}").replace(REGION, region))
    Shop().function("send", ("events:PutEvents", arn("events", "event-bus/default")))
    found = scan(None, config=Config(), scopes=live(regions=[REGION, "us-east-1"]))
    assert hops(found) == [("send", f"hear-{REGION}", "eventbridge")]
    assert [gap for gap in found.graph.gaps if "default" in gap.what] == []
