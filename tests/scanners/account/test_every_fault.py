"""A whole scan under every fault: what is found without it, or less; never more, nor surer; and what is missing is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tests.scanners.account.conftest import REGION
from tests.scanners.account.faults import Faults, answer, error, xml_error
from tests.scanners.account.inventory.shop import build
from untangle.config import Config
from untangle.model.evidence import Confidence
from untangle.model.resource import Coverage
from untangle.model.scan import Scan
from untangle.pipeline import scan
from untangle.scanners.account.manners import Manners
from untangle.scanners.account.scopes import live

Hop = tuple[str, str, str]
SURE = [Confidence.CONTRADICTED, Confidence.POSSIBLE, Confidence.LIKELY, Confidence.DECLARED, Confidence.CONFIRMED]
# Whatever kinds of hops these leave unseen, any hop may be missing.
ALL = {"functions", "producers", "everything", "triggers"}


def whole(*regions: str, record: Path | None = None) -> Scan:
    manners = Manners(limits=None, wait=lambda seconds: None)
    return scan(None, config=Config(), scopes=live(regions=regions or [REGION], record=record, manners=manners))


def hops(found: Scan) -> dict[Hop, Confidence]:
    return {
        (
            hop.producer.rpartition("/")[2],
            hop.consumer.rpartition("/")[2],
            "/".join(passage.type for passage in hop.passages),
        ): hop.confidence
        for hop in found.graph.hops
    }


def refused(found: Scan) -> list[Coverage]:
    """The rows of what could not be read, but for what moto does not have."""
    return [row for row in found.graph.coverage if row.outcome != "read" and "NotImplementedError" not in row.note]


def assert_less_and_said(found: Scan, clean: Mapping[Hop, Confidence]) -> None:
    """Nothing is invented, and a row of coverage names the kind of each hop that is missing."""
    left = hops(found)
    assert left.keys() <= clean.keys()
    assert all(SURE.index(left[hop]) <= SURE.index(clean[hop]) for hop in left)
    unseen = {kind for row in refused(found) for kind in row.unseen}
    for *_, types in clean.keys() - left.keys():
        assert unseen & {*types.split("/"), *ALL}, f"nothing says why {types} is missing"


@pytest.fixture
def shop(faults: Faults) -> Faults:
    build()
    faults.says("ListFunctionUrlConfigs", {"FunctionUrlConfigs": []})
    return faults


def _raises(kind: Callable[..., Exception]) -> Callable[[], Any]:
    def late() -> Any:
        raise kind(endpoint_url="https://aws")

    return late


_EXPLICIT = "User is not authorized to perform this with an explicit deny in an identity-based policy"
_SCP = "User is not authorized to perform this with an explicit deny in a service control policy"
_KMS = "The ciphertext refers to a key that you may not use"
FAULTS: Mapping[str, tuple[str, Callable[[], Any], str]] = {
    "throttled": ("ListEventSourceMappings", lambda: error("TooManyRequestsException", status=429), "incomplete"),
    "throttled, in the words of a query": ("ListSubscriptions", lambda: xml_error("Throttling", status=400), "incomplete"),
    "throttled, in the words of JSON": ("ListTables", lambda: error("ThrottlingException"), "incomplete"),
    "slowed down": ("GetBucketNotificationConfiguration", lambda: xml_error("SlowDown", status=503), "incomplete"),
    "denied by a policy": ("ListTargetsByRule", lambda: error("AccessDeniedException"), "denied"),
    "denied explicitly": ("ListEventSourceMappings", lambda: error("AccessDeniedException", _EXPLICIT, 403), "denied"),
    "denied by an SCP": ("ListQueues", lambda: error("AccessDenied", _SCP, 403), "denied"),
    "denied by a key": ("GetQueueAttributes", lambda: error("KMSAccessDeniedException", _KMS), "denied"),
    "denied in the words of SNS": ("ListSubscriptions", lambda: xml_error("AuthorizationError"), "denied"),
    "denied in the words of S3": ("ListBuckets", lambda: xml_error("AccessDenied"), "denied"),
    "read too slowly": ("ListFunctions", _raises(ReadTimeoutError), "incomplete"),
    "connected too slowly": ("GetAccountAuthorizationDetails", _raises(ConnectTimeoutError), "incomplete"),
    "not in the region": ("ListEventBuses", _raises(EndpointConnectionError), "unavailable"),
    "out of order": ("DescribeTable", lambda: error("InternalServerError", status=500), "incomplete"),
    "cut off": ("ListEventSourceMappings", lambda: answer('{"EventSourceMappings": [{"UUID": "on'), "incomplete"),
    "answered by a proxy": ("ListQueues", lambda: answer("<html>please sign in</html>"), "incomplete"),
    "cut off, in XML": ("ListSubscriptions", lambda: answer("<ListSubscriptionsResponse><ListSub"), "incomplete"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_a_row_and_its_hops_are_missed(name: str, shop: Faults) -> None:
    clean = hops(whole())
    operation, make, outcome = FAULTS[name]
    shop.always(operation, make)
    found = whole()
    assert_less_and_said(found, clean)
    rows = {row.operation.partition(".")[2]: row for row in refused(found)}
    assert rows[operation].outcome == outcome and rows[operation].unseen
    assert bool(rows[operation].permission) == (outcome == "denied")


@pytest.mark.parametrize("fails", [True, False], ids=["the second page fails", "the same token comes again"])
def test_a_listing_whose_second_page_never_comes(fails: bool, shop: Faults) -> None:
    """Of the mappings only the first is seen."""
    clean = hops(whole())
    listed = boto3.client("lambda", REGION).list_event_source_mappings()["EventSourceMappings"]
    page = json.dumps({"EventSourceMappings": listed[:1], "NextMarker": "more"}, default=lambda it: it.timestamp())
    shop.on(
        "ListEventSourceMappings",
        lambda times, request: error("ServiceException", status=500) if fails and "Marker=" in request.url else answer(page),
    )
    found = whole()
    assert_less_and_said(found, clean)
    polled = {hop for hop in clean if hop[2].rpartition("/")[2] in ("sqs", "dynamodb_stream")}
    assert len(polled & hops(found).keys()) == 1 and len(polled) == 3
    assert ("lambda.ListEventSourceMappings", "incomplete") in {(row.operation, row.outcome) for row in refused(found)}
