"""A few seeds of the round trip; `benchmarks/roundtrip.py` makes it with thousands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

import pytest
import yaml

from tests.roundtrip import check as oracle
from tests.roundtrip.check import check, kinds, written
from tests.roundtrip.draw import draw
from tests.roundtrip.shape import Application, hops
from tests.roundtrip.shrink import shrunk
from untangle.emit.asl import states
from untangle.simulate import backend

LARGEST = 4
BUDGET = 3
SEEDS = (0, 1, 3, 4, 6, 7, 8, 10)
# Seeds that something was found by: (seed, functions at most).
FOUND = {
    "a failure's record holds the error as before": (9, 4),
    "like messages are tried as often as is listed, each": (5, 4),
    "a destination that stays keeps its function outside": (148, 5),
    "a destination that stays keeps the hop to its function": (179, 5),
    "what a queue before the first function retried is listed": (215, 5),
    "a function that nothing starts is tried again as asynchronous invocations are": (130, 3),
    "an error that comes from no code has no frames of the outbox": (2100, 5),
    "what a function does outside of the workflow has its subscriptions": (1021, 5),
}
READ_ONLY = range(100, 130)  # scanned and planned, not proved


@pytest.fixture(autouse=True, scope="module")
def emptied() -> Iterator[None]:
    """After these tests moto stands aside."""
    yield
    backend.stop()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_workflow_comes_back_isomorphic_and_equivalent(seed: int) -> None:
    trip = check(draw(seed, LARGEST), budget=BUDGET)
    assert trip.problems == [], _files(draw(seed, LARGEST))
    assert trip.scenarios or not trip.moved


@pytest.mark.parametrize(("seed", "largest"), FOUND.values(), ids=FOUND)
def test_what_was_found_once_stays_mended(seed: int, largest: int) -> None:
    assert check(draw(seed, largest), budget=BUDGET).problems == [], _files(draw(seed, largest))


@pytest.mark.xfail(
    strict=True, reason="two functions write the same item: the second try of one counts a write that was the other's"
)
def test_one_item_that_two_functions_write_tells_its_consumer_once() -> None:
    assert check(draw(7020, 5), budget=6).problems == []


def test_workflows_come_back_isomorphic() -> None:
    trips = [check(draw(seed), prove=False) for seed in READ_ONLY]
    assert {trip.seed: trip.problems for trip in trips if trip.problems} == {}
    hops, moved = sum(trip.hops for trip in trips), sum(trip.moved for trip in trips)
    assert moved > hops * 0.6, f"{moved} of {hops} hops move"


def test_the_same_seed_gives_the_same_files_and_all_of_them_parse() -> None:
    for seed in range(60):
        files = written(draw(seed))
        assert files == written(draw(seed))
        for name, text in files.items():
            if name.endswith(".py"):
                ast.parse(text)
        assert yaml.compose(files["template.yaml"]) is not None


def test_the_seeds_draw_everything_there_is() -> None:
    drawn = [draw(seed) for seed in range(400)]
    types = {channel.type for application in drawn for channel in application.channels}
    assert types == {
        "sqs", "sns", "eventbridge", "s3", "dynamodb_stream", "kinesis", "invoke", "call", "destination", "schedule"
    }  # fmt: skip
    sends = [send for application in drawn for function in application.functions for send in function.sends]
    assert {send.times for send in sends} == {"one", "maybe", "many"}
    assert any(send.again for send in sends) and any(send.group for send in sends) and any(send.batched for send in sends)
    assert any(not hop.sure for application in drawn for hop in hops(application))


class TestWhatIsWrongIsSeen:
    """The oracle sees faults of a scan, and makes what fails small."""

    def test_another_workflow_than_the_one_that_was_drawn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        application = draw(2, LARGEST)
        less = [str(hop) for hop in hops(application)][1:]
        monkeypatch.setattr(oracle, "hops", lambda one: (hop for hop in hops(one) if str(hop) in less))
        assert {"invented", "chain"} <= kinds(check(application, prove=False)).keys()
        monkeypatch.setattr(oracle, "hops", lambda one: (replace(hop, way=f"sqs/{hop.way}") for hop in hops(one)))
        assert {"invented", "missing"} <= kinds(check(application, prove=False)).keys()

    def test_a_proposal_that_holds_nothing_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(states, "targets", lambda task, names: ([], []))
        assert "unequal" in kinds(check(draw(0, LARGEST), budget=1))

    def test_a_failing_application_is_made_small(self) -> None:
        application = draw(1, 8)
        small = shrunk(application, lambda one: any(channel.type == "dynamodb_stream" for channel in one.channels))
        assert len(list(hops(small))) < len(list(hops(application)))
        assert check(replace(small, seed=-1), prove=False).problems == []


def _files(application: Application) -> str:
    """The files of an application, to be read by whoever has to find out."""
    return "\n".join(f"--- {name}\n{text}" for name, text in written(application).items())
