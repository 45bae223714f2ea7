"""Token buckets by a clock that a test turns, and threads that hand their results over in order."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from untangle.scanners.account.limits import UNPUBLISHED, limit
from untangle.scanners.account.manners import Bucket, Manners, Stopped, side_by_side


class Clock:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


class TestBucket:
    def test_hands_out_no_more_than_its_rate(self) -> None:
        clock = Clock()
        bucket = Bucket(10, 10, clock)
        for _ in range(110):
            clock.wait(bucket.reserve())
        assert clock.now - 1000 == pytest.approx(9.9, abs=0.2)  # a second's worth at once, then ten each second

    def test_a_refusal_halves_it_and_successes_bring_it_back(self) -> None:
        clock = Clock()
        bucket = Bucket(8, 40, clock)
        for _ in range(5):  # sent in one moment, refused in one moment: that is one refusal
            bucket.refused()
        assert bucket.rate == 4
        clock.wait(1)
        bucket.refused()
        assert bucket.rate == 2
        for _ in range(500):
            bucket.went_well()
        assert bucket.rate == 40

    def test_it_never_stands_still(self) -> None:
        clock = Clock()
        bucket = Bucket(1, 1, clock)
        for _ in range(100):
            clock.wait(1)
            bucket.refused()
        assert bucket.rate >= 0.5


class TestLimits:
    def test_what_lambda_shares_is_one_bucket(self) -> None:
        assert limit("lambda", "ListFunctions").bucket == limit("lambda", "ListAliases").bucket == "lambda.*"
        assert limit("lambda", "GetPolicy").bucket == "lambda.GetPolicy"

    @pytest.mark.parametrize(
        ("operation", "published"),
        [
            ("lambda.GetPolicy", 15),
            ("lambda.ListAliases", 15),
            ("ses.DescribeActiveReceiptRuleSet", 1),
            ("kinesis.ListStreams", 5),
        ],
    )
    def test_a_published_limit_is_not_reached(self, operation: str, published: float) -> None:
        found = limit(*operation.split("."))
        assert found.rate <= found.ceiling < published

    def test_where_nothing_is_published_the_start_is_slow(self) -> None:
        assert (limit("sqs", "GetQueueAttributes").rate, limit("sqs", "GetQueueAttributes").ceiling) == UNPUBLISHED


class TestManners:
    def test_buckets_are_per_account_and_region(self) -> None:
        manners = Manners()
        first = manners.bucket("1", "eu-west-1", "lambda", "GetPolicy")
        assert first is manners.bucket("1", "eu-west-1", "lambda", "GetPolicy")
        others = [
            manners.bucket("2", "eu-west-1", "lambda", "GetPolicy"),
            manners.bucket("1", "us-east-1", "lambda", "GetPolicy"),
        ]
        assert all(first is not other for other in others)

    def test_so_many_calls_at_once_and_no_more(self) -> None:
        manners = Manners(at_once=2, limits=None)
        inside, most, lock = 0, 0, threading.Lock()
        both = threading.Barrier(2)

        def call() -> Mapping[str, Any]:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            both.wait(timeout=5)
            with lock:
                inside -= 1
            return {}

        assert len(list(side_by_side(lambda _: manners.make(None, call), range(8), 8))) == 8
        assert most == 2

    def test_after_the_stop_no_call_is_made(self) -> None:
        manners = Manners(limits=None)
        manners.stop()
        with pytest.raises(Stopped):
            manners.make(None, lambda: pytest.fail("a call was made"))


class TestSideBySide:
    @pytest.mark.parametrize("width", [1, 3, 50])
    def test_results_come_in_order(self, width: int) -> None:
        assert list(side_by_side(lambda n: n * n, range(30), width)) == [n * n for n in range(30)]

    @pytest.mark.parametrize("width", [1, 4])
    def test_an_exception_is_raised_at_its_place(self, width: int) -> None:
        results = side_by_side(lambda n: 1 // (n - 2), range(4), width)
        assert [next(results), next(results)] == [-1, -1]
        with pytest.raises(ZeroDivisionError):
            next(results)

    def test_whoever_leaves_early_stops_the_rest(self) -> None:
        begun: list[int] = []
        gate = threading.Event()

        def work(n: int) -> int:
            begun.append(n)
            if n:
                gate.wait(5)
            return n

        results = side_by_side(work, range(100), 3)
        assert next(results) == 0
        results.close()
        gate.set()
        assert len(begun) <= 4
