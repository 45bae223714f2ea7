"""As what a workflow would run and what it would cost, in every format that shows a chain."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.arrows import arrows, chain
from untangle.emit.detail import chain_detail
from untangle.emit.emitter import View
from untangle.emit.html import html
from untangle.emit.json import render
from untangle.emit.outlook import kind, rows, size
from untangle.emit.proposal import proposal
from untangle.emit.text import EMITTER
from untangle.model.outlook import Bill, Ground, Outlook, Size
from untangle.model.scan import Scan
from untangle.plan import plan

VIEW = View(width=200)


def scan(text: str = "a -sqs*-> b -sns-> c") -> Scan:
    graph = arrows(text)
    found = chain(graph)
    planned = plan(graph, found)
    return Scan(graph=graph, chains=(replace(found, verdict=planned.verdict, outlook=planned.outlook),))


def made(**fields: object) -> Outlook:
    return Outlook(**{"transitions": Size(least=2, usual=5), "events": Size(least=2, usual=20), "seconds": 9} | fields)  # type: ignore[arg-type]


def test_the_type_and_the_size_in_words() -> None:
    assert kind(made()) == "a Standard workflow (type STANDARD)"
    assert kind(made(type="EXPRESS")) == "an Express workflow (type EXPRESS)"
    assert size(made()) == "2 to 5 transitions a run"
    assert size(made(transitions=Size(least=3, usual=3, further=2))) == (
        "3 transitions a run, up to 2 more for each further message of a loop"
    )


def test_a_price_that_could_not_be_checked_is_marked() -> None:
    bills = (Bill(way="durable", words="steps", million=8.0, verified=False), Bill(way="express", words="too long"))
    assert list(rows(made(bills=bills))) == [
        ("Lambda durable functions", "$8.00, not verified", "–", "steps"),
        ("Express workflow", "–", "–", "too long"),
    ]


def test_the_terminal_shows_it_when_asked_for_more() -> None:
    found = scan()
    assert "Standard workflow" not in EMITTER.render(found, VIEW)
    for text in (
        EMITTER.render(found, replace(VIEW, verbosity=1)),
        chain_detail(found, found.chains[0], replace(VIEW, verbosity=1)),
    ):
        assert "as a workflow  a Standard workflow (type STANDARD), 2 to 4 transitions a run, up to 2 more" in text
        assert "the channels of today  $1.70" in text
        assert "Standard workflow  $100" in text
        assert "$8 a million durable operations" in text


def test_the_page_shows_it() -> None:
    page = html(scan())
    assert "As a Standard workflow (type STANDARD): 2 to 4 transitions a run" in page
    assert "<td>$100</td>" in page
    assert 'class="outlook"' not in html(scan("a -kinesis-> b"))


def test_the_page_escapes_it() -> None:
    found = scan()
    evil = made(grounds=(Ground(text="<script>alert(1)</script>"),), hybrid="<img src=x>")
    page = html(replace(found, chains=(replace(found.chains[0], outlook=evil),)))
    assert "<script>alert" not in page and "<img src=x" not in page


def test_the_proposal_says_as_what_to_create_it_and_what_it_costs() -> None:
    found = scan()
    body = proposal(found.graph, found.chains[0], plan(found.graph, found.chains[0])).body
    assert "Create it as **a Standard workflow (type STANDARD)**: 2 to 4 transitions a run" in body
    assert "## Cost" in body and "| the channels of today | \\$1.70 |" in body
    assert "what starts A is not known, nor whether it may be started twice" in body


def test_the_document_holds_the_numbers() -> None:
    [told] = json.loads(render(scan(), VIEW))["chains"]
    outlook = told["outlook"]
    assert outlook["type"] == "STANDARD"
    assert outlook["transitions"] == {"least": 2, "usual": 4, "further": 2}
    assert [(bill["way"], bill["million"], bill["verified"]) for bill in outlook["bills"]][:2] == [
        ("today", 1.7, True),
        ("standard", 100.0, True),
    ]
    assert outlook["runs"] is None and outlook["bills"][0]["month"] is None


def test_a_chain_of_which_nothing_moves_has_none() -> None:
    [told] = json.loads(render(scan("a -kinesis-> b"), VIEW))["chains"]
    assert told["outlook"] is None
