"""How much things were used, in every format that says it; nothing where nobody asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.emit.scans import order_graph, order_scan
from untangle.emit.emitter import View
from untangle.emit.html import render as page
from untangle.emit.json import document
from untangle.emit.terminal import render as text
from untangle.emit.wording import rate, used
from untangle.model.resource import Source
from untangle.model.scan import Scan
from untangle.model.usage import Usage

BUSY = Usage(days=14.625, count=14_625, errors=7, throttles=0, duration_ms=123.4)
QUEUE = Usage(days=14.625, count=3)


def counted() -> Scan:
    plain = order_scan()
    usage = {"app/Intake": BUSY, "app/queue": QUEUE, "app/rule:x": QUEUE, "app/Validate": Usage(days=14.625, count=0, errors=0)}
    return replace(plain, graph=replace(plain.graph, usage=usage))


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        (BUSY, "1,000 a day in 14.6 days, 7 errors, 123 ms on average"),
        (QUEUE, "0.2 a day in 14.6 days"),
        (Usage(days=1, count=0, errors=0), "not used in 1 day"),
        (Usage(days=2, count=4, throttles=1), "2.0 a day in 2 days, 1 throttle"),
    ],
)
def test_words(usage: Usage, words: str) -> None:
    assert used(usage) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (1, "less than 0.1"), (100, "1.0"), (1000, "10"), (250_000, "2,500")])
def test_rates_are_as_exact_as_it_matters(count: int, words: str) -> None:
    assert rate(Usage(days=100, count=count)) == words


def test_the_document_adds_it_where_it_is_known() -> None:
    made = document(counted(), View())
    functions = {item["id"]: item for item in made["functions"]}
    assert functions["app/Intake"]["usage"] == {
        "source": "cloudwatch",
        "days": 14.625,
        "count": 14_625,
        "errors": 7,
        "throttles": 0,
        "duration_ms": 123.4,
    }
    assert "usage" not in functions["app/Ship"]
    assert [item["usage"]["count"] for item in made["channels"] if "usage" in item] == [3]


def test_a_document_without_numbers_is_as_it_was() -> None:
    made = document(order_scan(), View())
    assert not any("usage" in item for item in (*made["functions"], *made["channels"]))


def test_the_terminal_tells_with_v_only() -> None:
    told = "1,000 a day in 14.6 days, 7 errors"
    assert told in text(counted(), View(verbosity=1, width=160)) and told not in text(counted(), View(width=160))


def test_the_page_has_a_table_the_busiest_first() -> None:
    made = page(counted(), View())
    section = made[made.index('id="use"') - 20 : made.index('id="gaps"')]
    assert section.index(">Intake<") < section.index(">queue<") < section.index(">Validate<")
    assert "123 ms" in section and "rule:x" not in section


def test_the_page_says_whether_an_account_was_read() -> None:
    live = replace(order_graph(), sources=(Source(path="aws/123456789012/eu-west-1", kind="account"),))
    assert "no account was called" in page(order_scan(), View())
    made = page(Scan(graph=live), View())
    assert "no account was called" not in made and "nothing in it was changed" in made


def test_the_page_without_numbers_has_none() -> None:
    assert 'id="use"' not in page(Scan(graph=order_graph()), View())
