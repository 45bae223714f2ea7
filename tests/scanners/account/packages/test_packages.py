"""Deployed code is read as the same code in a folder is, with no grant that speaks for it; nothing of it is kept but facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.account.faults import Faults, error
from tests.scanners.account.inventory.shop import ACCOUNT, REGION, Shop, arn
from tests.scanners.account.packages.apps import PYTHON, Store, chain, template, variables
from tests.scanners.code.reading import lay
from untangle.config import Config
from untangle.model.scan import Scan
from untangle.pipeline import scan
from untangle.scanners.account.call import Unfinished
from untangle.scanners.account.packages import cost, download
from untangle.scanners.account.scopes import announcement, live, replay

HOPS = [("first", "second", "sqs", "likely"), ("first", "third", "sns", "likely")]
CODE = frozenset({"code"})
SECRET = "AKIAIOSFODNN7EXAMPLE"  # noqa: S105  the example of AWS's own documentation


@pytest.fixture
def store(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Store:
    return Store(monkeypatch)


def hops(found: Scan) -> list[tuple[str, str, str, str]]:
    """Producer, consumer, channels and confidence of every hop."""
    return sorted(
        (
            hop.producer.rpartition("/")[2],
            hop.consumer.rpartition("/")[2],
            "/".join(passage.type for passage in hop.passages),
            hop.confidence.value,
        )
        for hop in found.graph.hops
    )


def deployed(record: Path | None = None, *, resume: bool = False, root: Path | None = None, code: bool = True) -> Scan:
    groups = CODE if code else frozenset[str]()
    return scan(root, config=Config(), scopes=live(regions=[REGION], record=record, resume=resume, groups=groups))


def gaps(found: Scan) -> list[tuple[str, str]]:
    return [(gap.what, gap.why) for gap in found.graph.gaps]


def coverage(found: Scan) -> list[tuple[str, str]]:
    return [(row.outcome, row.note) for row in found.graph.coverage if row.operation == "lambda.GetFunction"]


def test_the_hops_are_those_of_a_scan_of_the_source(store: Store, tmp_path: Path) -> None:
    chain(store)
    lay(tmp_path, {"template.json": template(), "second/app.py": "def handler(event, context):\n    return event\n"})
    lay(tmp_path / "first", PYTHON)
    assert hops(deployed()) == hops(scan(tmp_path, config=Config())) == HOPS
    assert hops(deployed(code=False)) == [], "no grant speaks for them"


def test_evidence_names_the_function_the_file_and_the_line(store: Store) -> None:
    chain(store)
    seen = {str(item.location) for hop in deployed().graph.hops for link in hop.links for item in link.evidence if item.location}
    folder = f"aws/{ACCOUNT}/{REGION}/first"
    assert seen == {f"{folder}/app.py:10", f"{folder}/shared/send.py:7"}


def test_a_package_that_functions_share_is_fetched_once(store: Store, faults: Faults) -> None:
    chain(store)
    found = deployed()
    assert sorted(store.fetched) == ["first", "second"] and faults.sent["GetFunction"] == 2
    assert sorted(item.function.rpartition("/")[2] for item in found.graph.code.values() if item.readable) == [
        "first",
        "second",
        "third",
    ]


def test_a_recording_gives_the_same_without_the_code(store: Store, tmp_path: Path) -> None:
    chain(store)
    before = deployed(tmp_path / "r")
    store.packages.clear()
    assert scan(None, config=Config(), scopes=replay(tmp_path / "r")) == before


def test_no_code_no_address_and_no_secret_is_recorded(store: Store, tmp_path: Path) -> None:
    shop = chain(store)
    text = f"""
import boto3
KEY = "{SECRET}"
NOTE = "correct-horse-battery"
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl="orders", MessageBody={{"password": NOTE, "key": KEY, "id": event["id"]}})
"""
    store.deploy(shop, "leaky", {"app.py": text})
    deployed(tmp_path / "r")
    recorded = "\n".join(path.read_text() for path in (tmp_path / "r").rglob("*") if path.is_file())
    assert "SendMessage" in recorded
    for part in (SECRET, "correct-horse-battery", "def handler", "import boto3", "awslambda-", "Location", "X-Amz"):
        assert part not in recorded, part
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert manifest["withheld"] == [], "the scrubbing left nothing to the sweep"


def test_accounts_are_scrubbed_in_it_too(store: Store, tmp_path: Path) -> None:
    chain(store)
    scan(None, config=Config(), scopes=live(regions=[REGION], record=tmp_path / "r", groups=CODE, scrub_accounts=True))
    assert ACCOUNT not in "\n".join(path.read_text() for path in (tmp_path / "r").rglob("*.jsonl"))
    assert hops(scan(None, config=Config(), scopes=replay(tmp_path / "r"))) == HOPS


def test_without_the_option_one_gap_says_so_for_all_functions_of_a_place(store: Store, faults: Faults, tmp_path: Path) -> None:
    chain(store)
    found = deployed(tmp_path / "r", code=False)
    (gap,) = gaps(found)
    assert gap[0] == f"code of the functions in aws/{ACCOUNT}/{REGION}" and "--code" in gap[1]
    assert store.fetched == [] and faults.sent["GetFunction"] == 0 and coverage(found) == []
    assert gaps(scan(None, config=Config(), scopes=replay(tmp_path / "r"))) == [gap]


def test_what_a_package_does_not_hold_is_a_gap_and_is_not_fetched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop()
    store.deploy(shop, "compiled", {"A.class": b""}, Runtime="java21", handler="A::b")
    store.deploy(shop, "native", {"bootstrap": b""}, Runtime="provided.al2023", handler="bootstrap")
    store.deploy(shop, "elsewhere", {"other.py": ""})
    store.deploy(shop, "broken", {"app.py": "def handler(:"})
    store.deploy(shop, "large", {"app.py": "def handler(event, context): ...  # " + "".join(map(str, range(500)))})
    monkeypatch.setattr(download, "LARGEST", 500)
    told = dict(gaps(deployed()))
    assert told["code of compiled"] == "packages of runtime java21 hold no source that is read"
    assert told["code of native"] == "packages of runtime provided.al2023 hold no source that is read"
    assert told["code of elsewhere"] == "no python file in its package fits its handler app.handler"
    assert told["code of large"].startswith("its package of ") and "is larger than" in told["code of large"]
    assert [why for what, why in told.items() if "broken" in what]
    assert sorted(store.fetched) == ["broken", "elsewhere"]


def test_an_image_is_a_gap(store: Store) -> None:
    settings: dict[str, Any] = {"PackageType": "Image", "Code": {"ImageUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop:1"}}
    role = Shop().client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    Shop().client("lambda").create_function(FunctionName="boxed", Role=role, **settings)
    assert ("code of boxed", "it runs a container image, which is not read") in gaps(deployed())
    assert store.fetched == []


def test_layers_are_a_gap(store: Store) -> None:
    shop = chain(store)
    made = shop.client("lambda").publish_layer_version(LayerName="shared", Content={"ZipFile": store.packages["first"]})
    store.deploy(shop, "layered", {"app.py": "def handler(event, context): ..."}, Layers=[made["LayerVersionArn"]])
    assert (f"layer {made['LayerVersionArn']}", "the code of layers is not read; used by layered") in gaps(deployed())


def test_a_hostile_package_is_a_gap_and_the_others_are_read(store: Store) -> None:
    chain(store)
    store.packages["second"] = b"PK\x05\x06 no archive"
    found = deployed()
    assert hops(found) == HOPS
    assert ("package of second", "it is no zip archive that can be read") in gaps(found)


def test_an_sdk_in_the_bundle_through_which_no_call_is_seen_is_a_gap(store: Store) -> None:
    text = 'var k=w((e)=>{e.S="aws4_request"});exports.handler=async e=>{await c(e)};'
    store.deploy(Shop(), "bundled", {"app.js": text}, Runtime="nodejs22.x")
    found = deployed()
    assert ("package of bundled", "an AWS SDK is a part of app.js, and no call through it is seen") in gaps(found)
    assert not found.graph.code[f"{ACCOUNT}/{REGION}/bundled"].readable


def test_a_refusal_is_a_row_of_coverage_and_one_gap(store: Store, faults: Faults, tmp_path: Path) -> None:
    chain(store)
    faults.always("GetFunction", lambda: error("AccessDeniedException", status=403))
    found = deployed(tmp_path / "r")
    ((outcome, note),) = coverage(found)
    assert outcome == "denied" and "AccessDeniedException" in note
    told = [why for what, why in gaps(found) if what == f"code of the functions in aws/{ACCOUNT}/{REGION}"]
    assert told == ["packages could not be read: AccessDeniedException"]
    again = scan(None, config=Config(), scopes=replay(tmp_path / "r"))
    assert coverage(again)[0][0] == "denied" and hops(again) == hops(found)


def test_a_download_that_fails_is_made_again_when_the_recording_is_gone_on_with(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chain(store)
    fetch = download.download

    def fail(url: str) -> bytes:
        if "/first-" in url:
            raise Unfinished("download failed: HTTP 403")
        return fetch(url)

    monkeypatch.setattr(download, "download", fail)
    found = deployed(tmp_path / "r")
    assert hops(found) == [] and coverage(found) == [("incomplete", "download failed: HTTP 403: 1 of 2")]
    assert ("code of first", "its package could not be read: download failed: HTTP 403") in gaps(found)
    monkeypatch.setattr(download, "download", fetch)
    store.fetched.clear()
    assert hops(deployed(tmp_path / "r", resume=True)) == HOPS
    assert store.fetched == ["first"]


def test_code_in_the_scanned_tree_comes_first(store: Store, tmp_path: Path) -> None:
    """A declared function is read where it is written; only what is not there is fetched."""
    shop = chain(store)
    names = {"FunctionName": "first", "Runtime": "python3.12", "Handler": "app.handler", "Code": "src"}
    values = variables(TARGET_QUEUE=shop.queue("orders"), TOPIC=arn("sns", "done"))
    one = {"Type": "AWS::Lambda::Function", "Properties": names | values}
    lay(tmp_path, {"template.json": json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"first": one}})})
    lay(tmp_path / "src", PYTHON)
    found = deployed(root=tmp_path)
    assert store.fetched == ["second"]
    assert {str(call.location.path) for facts in found.graph.code.values() for call in facts.calls} == {
        "src/app.py",
        "src/shared/send.py",
    }


def test_its_cost_is_said_first(store: Store) -> None:
    chain(store)
    store.deploy(Shop(), "compiled", {"A.class": b""}, Runtime="java21", handler="A::b")
    scopes = live(regions=[REGION], groups=CODE)
    assert announcement(scopes).splitlines()[-1] == cost(scopes)
    assert cost(scopes).startswith("--code: up to 4 calls more for the packages of 3 of 4 functions, and up to 0.0 MB to stream")
    assert "--code" not in announcement(live(regions=[REGION]))
