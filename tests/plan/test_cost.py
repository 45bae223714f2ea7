"""What today's channels cost against a workflow, for a million runs and, with an account's numbers, for a month."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.arrows import arrows, chain, function_id
from untangle.model.outlook import Bill, Outlook
from untangle.model.usage import Usage
from untangle.plan import plan
from untangle.plan.cost.cost import a_day, money
from untangle.plan.cost.month import MONTH
from untangle.plan.cost.prices import PRICES, express


def outlook(text: str, counts: dict[str, Usage] | None = None, **given: Any) -> Outlook:
    graph = arrows(text, **given)
    found = plan(graph, chain(graph))
    graph = replace(graph, usage=counts or {})
    found = plan(graph, chain(graph))
    assert found.outlook is not None
    return found.outlook


def bill(found: Outlook, way: str) -> Bill:
    item = found.bill(way)
    assert item is not None
    return item


@pytest.mark.parametrize(
    ("text", "given", "dollars"),
    [
        pytest.param("a -sqs-> b", {}, 1.20, id="a queue: sent, received, deleted"),
        pytest.param("a -sns-> b", {}, 0.50, id="a topic"),
        pytest.param("a -sns-> {b, c, d}", {}, 0.50, id="a topic is published to once, however many hear it"),
        pytest.param("a -sns/sqs-> {b, c}", {}, 0.50 + 2 * 1.20, id="each queue behind a topic"),
        pytest.param("a -eventbridge-> {b, c}", {}, 1.00, id="a bus"),
        pytest.param("a -lambda_invoke-> b", {}, 0, id="an invocation is Lambda's on both sides"),
        pytest.param("a -s3-> b", {}, 0, id="the write is made on both sides"),
        pytest.param("a -dynamodb_stream-> b", {}, 0, id="a stream that Lambda reads is free"),
        pytest.param("a -sns-> {b, c}; {b, c} -sqs:q-> d", {}, 0.50 + 2 * 1.20, id="what runs twice sends twice"),
    ],
)
def test_today(text: str, given: dict[str, Any], dollars: float) -> None:
    assert bill(outlook(text, **given), "today").million == pytest.approx(dollars)


def test_a_topic_that_others_hear_is_paid_all_the_same() -> None:
    found = outlook("a -sns:t-> {b, c}; c -sqs:q-> d", settings={"q": {"fifo": True}})
    assert bill(found, "today").million == pytest.approx(0.50)
    heard = outlook("a -sns:t-> b -sqs-> c; a -sns:t/sqs:q-> d", settings={"q": {"fifo": True}})
    assert bill(heard, "today").million == pytest.approx(1.20)


def test_standard_is_paid_by_transitions_and_express_by_time() -> None:
    found = outlook("a -sns-> b", functions={"a": {"timeout": 10}, "b": {"timeout": 20}})
    assert bill(found, "standard").million == 50.0
    assert bill(found, "express").million == pytest.approx(1 + 30 * 16.67 / 16)
    assert "at most 30 s" in bill(found, "express").words


def test_express_is_not_priced_where_a_run_is_too_long() -> None:
    found = bill(outlook("a -sns-> b", functions={"a": {"timeout": 200}, "b": {"timeout": 101}}), "express")
    assert (found.million, found.month) == (None, None)
    assert "301 s" in found.words


def test_what_could_not_be_checked_says_so() -> None:
    found = bill(outlook("a -sns-> b"), "durable")
    assert not found.verified and "could be checked" in found.words


def test_a_month() -> None:
    counts = {function_id(name): Usage(days=10, count=10_000, duration_ms=500) for name in ("a", "b")}
    found = outlook("a -sns-> b", counts)
    runs = 1000 * MONTH
    assert found.runs == pytest.approx(runs)
    assert bill(found, "today").month == pytest.approx(runs * 0.5e-6)
    assert bill(found, "standard").month == pytest.approx(2 * runs * 25e-6)
    assert bill(found, "express").month == pytest.approx(runs * (1 + 16.67 / 16) * 1e-6)


def test_a_queue_counts_messages_where_its_function_counts_batches() -> None:
    counts = {
        function_id("a"): Usage(days=10, count=10_000),
        function_id("b"): Usage(days=10, count=1_000),
        "app/BQueue": Usage(days=10, count=10_000),
    }
    found = outlook("a -sqs-> b", counts)
    assert bill(found, "standard").month == pytest.approx(2 * 1000 * MONTH * 25e-6)
    assert bill(found, "today").month == pytest.approx(1000 * MONTH * 1.2e-6)


def test_without_the_numbers_of_every_function_there_is_no_month() -> None:
    found = outlook("a -sns-> b", {function_id("a"): Usage(days=10, count=10_000)})
    assert found.runs is None
    assert all(item.month is None for item in found.bills)


def test_the_break_even_volume_is_told_in_words() -> None:
    said = outlook("a -sns-> b").remarks[0]
    assert "costs $49.50 more for a million runs" in said
    assert "$100 a month from about 66,000 runs a day on" in said
    assert "2,000 such runs, are free" in said


@pytest.mark.parametrize(("dollars", "text"), [(0.5, "$0.50"), (99.99, "$99.99"), (1234.5, "$1,234"), (-2, "-$2.00")])
def test_money(dollars: float, text: str) -> None:
    assert money(dollars) == text


def test_a_day_has_two_digits() -> None:
    assert a_day(174.5) == "19,000"
    assert a_day(1_000_000) == "3"


def test_express_time_is_billed_in_steps_of_100_ms() -> None:
    assert express(0.01) == express(0.1) < express(0.11) == express(0.2)


@pytest.mark.parametrize("name", PRICES)
def test_every_price_has_its_source_and_its_day(name: str) -> None:
    price = PRICES[name]
    assert price.dollars > 0 and price.words
    assert price.sources and all(source.startswith("https://") for source in price.sources)
    assert price.seen.count("-") == 2


def test_a_channel_is_billed_by_verified_prices_only() -> None:
    from untangle.channels import CHANNELS

    assert all(PRICES[name].verified and count > 0 for channel in CHANNELS for name, count in channel.billed)
