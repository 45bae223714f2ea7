"""Whole applications on both sides: as they are deployed, and once their workflow has taken over."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from untangle.config import Config
from untangle.emit.migrated import migrated
from untangle.model.scan import Scan
from untangle.pipeline import scan
from untangle.plan import plan
from untangle.simulate.application import Application
from untangle.simulate.call import ApiCall
from untangle.simulate.faults import Fault
from untangle.simulate.handlers import Host
from untangle.simulate.migrated import Migrated
from untangle.simulate.stimulus import Invoked, Stimulus
from untangle.simulate.world import World

REPOSITORY = Path(__file__).parent.parent.parent
ORDERS = REPOSITORY / "examples" / "order-pipeline"
FANOUT = REPOSITORY / "tests" / "apps" / "fanout-with-filters"
STAGES = REPOSITORY / "tests" / "apps" / "s3-stages-in-one-bucket"
LOOP = REPOSITORY / "tests" / "apps" / "delayed-retry-loop"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@cache
def read(root: Path) -> tuple[Scan, Application, Host]:
    found = scan(root, config=Config())
    application = Application(found.graph, root)
    return found, application, Host(application)


@cache
def proposal(root: Path) -> Migrated:
    found = read(root)[0]
    return migrated(plan(found.graph, found.chains[0]), found.graph)


def upload(key: str, body: bytes, bucket: str) -> Stimulus:
    return Stimulus(what=ApiCall(service="s3", operation="PutObject", params={"Bucket": bucket, "Key": key, "Body": body}))


def stocked() -> list[Stimulus]:
    def item(sku: str) -> Mapping[str, Any]:
        return {"TableName": "StockTable", "Item": {"sku": {"S": sku}, "available": {"N": "100"}}}

    skus = ("KETTLE-01", "CUP-BLUE")
    return [Stimulus(setup=True, what=ApiCall(service="dynamodb", operation="PutItem", params=item(sku))) for sku in skus]


def orders(*, moved: bool = False, faults: tuple[Fault, ...] = (), seed: int = 0) -> World:
    _, application, host = read(ORDERS)
    world = World(application, host, seed=seed, faults=faults, migrated=proposal(ORDERS) if moved else None)
    csv = (ORDERS / "sample-orders.csv").read_bytes()
    for stimulus in (*stocked(), upload("orders/today's.csv", csv, application.name("template/IncomingBucket"))):
        world.stimulate(stimulus)
    assert world.run()
    return world


def runs(world: World) -> Counter[str]:
    return Counter(item.who.rpartition("/")[2] for item in world.log if item.kind == "invoke")


def without_ids(value: Any) -> str:
    return _UUID.sub("<id>", json.dumps(value, sort_keys=True))


class TestTheOrderPipeline:
    def test_as_it_is_deployed(self) -> None:
        world = orders()
        assert runs(world) == {
            "ImportOrders": 1,
            "RecordReturn": 1,
            "ReserveStock": 1,
            "ChargePayment": 2,
            "PlanDelivery": 2,
            "ReleaseShipment": 1,
            "ExpireReservation": 2,
        }
        state = world.state()
        assert {item["order_id"]["S"] for item in state["dynamodb"]["template/ShipmentsTable"]} == {"A-1001", "A-1002"}
        assert [item["available"]["N"] for item in state["dynamodb"]["template/StockTable"]] == ["66", "99"]
        assert "sqs" not in state
        assert 900 < world.clock.now < 1000  # the payment window has passed, in virtual time

    def test_the_workflow_leaves_the_same_behind(self) -> None:
        before, after = orders(), orders(moved=True)
        assert without_ids(before.state()) == without_ids(after.state())
        assert [item.detail["result"]["status"] for item in after.log if item.kind == "end"] == ["SUCCEEDED"]
        assert not [item for item in after.log if item.kind == "deliver" and item.who != "template/IncomingBucket"]

    @pytest.mark.parametrize("function", ["ImportOrders", "ReserveStock", "PlanDelivery", "ExpireReservation"])
    def test_one_crash_before_an_effect_changes_nothing_on_either_side(self, function: str) -> None:
        fault = (Fault(kind="crash_before", subject=f"template/{function}"),)
        calm = without_ids(orders().state())
        for moved in (False, True):
            world = orders(moved=moved, faults=fault)
            struck = [item for item in world.log if item.kind == "fault"]
            assert without_ids(world.state()) == calm
            assert struck or function == "ExpireReservation"  # it only reads where all is paid

    @pytest.mark.parametrize("moved", [False, True])
    def test_what_fails_for_good_is_parked(self, moved: bool) -> None:
        world = orders(moved=moved, faults=(Fault(kind="error", subject="template/ReserveStock", last=None),))
        parked = world.state()["sqs"]["template/ReservationDeadLetters"]
        assert [json.loads(item["body"])["order_id"] for item in parked] == ["A-1001", "A-1002"]
        assert runs(world)["ReserveStock"] == (6 if moved else 3)

    @pytest.mark.parametrize("moved", [False, True])
    def test_the_same_seed_is_the_same_run(self, moved: bool) -> None:
        assert orders(moved=moved, seed=5).log == orders(moved=moved, seed=5).log

    def test_two_seeds_differ_in_ids_only(self) -> None:
        one, other = orders(seed=1), orders(seed=2)
        assert one.log != other.log
        assert runs(one) == runs(other)


class TestAFunctionThatStaysOutside:
    EVENT: Mapping[str, Any] = {"body": json.dumps({"id": "u1", "plan": "pro", "email": "a@example.com", "kind": "created"})}

    def world(self, *, moved: bool) -> World:
        _, application, host = read(FANOUT)
        world = World(application, host, migrated=proposal(FANOUT) if moved else None)
        world.stimulate(Stimulus(what=Invoked(function="template/CreateAccount", event=self.EVENT, how="request")))
        assert world.run()
        return world

    def test_its_outbox_starts_the_workflow_with_its_effects(self) -> None:
        before, after = self.world(moved=False), self.world(moved=True)
        assert runs(before) == runs(after)
        starts = [item.detail["input"] for item in after.log if item.kind == "start"]
        assert [start["entry"] for start in starts] == ["CreateAccount"]
        assert {effect["op"] for effect in starts[0]["effects"]} == {"Publish", "PutEvents"}

    def test_who_waits_gets_the_same_answer(self) -> None:
        answers = [
            next(item.detail["payload"] for item in self.world(moved=moved).log if item.kind == "answer")
            for moved in (False, True)
        ]
        assert answers[0] == answers[1]


def test_stages_in_one_bucket_follow_one_another() -> None:
    _, application, host = read(STAGES)
    world = World(application, host)
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.json", json.dumps([{"id": 1}]))
    world.stimulate(upload("landing/a.zip", packed.getvalue(), application.name("template/Lake")))
    assert world.run()
    assert runs(world)["Extract"] == 1


def test_a_message_that_nothing_moves_on_is_given_up_when_it_expires() -> None:
    _, application, host = read(LOOP)
    world = World(application, host)
    event = {"body": json.dumps({"url": "https://example.com/hook", "payload": "p"})}
    world.stimulate(Stimulus(what=Invoked(function="template/ReceiveWebhook", event=event, how="request")))
    assert world.run()
    assert runs(world)["DeliverWebhook"] == 4 + 25  # delays that the code makes, and tries of a queue without redrive policy
    assert world.state() == {}
    assert world.clock.now > 4 * 86_400
    assert any("no redrive policy" in item.detail.get("why", "") for item in world.log)
