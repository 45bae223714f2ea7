"""Markdown: what it shows, and that no name is read as markup, mentions anybody or breaks a table."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.emit.scans import CODED, FINDINGS, PLAIN, hostile_scan, judged, order_graph, order_scan, unsure
from untangle.emit.markdown import code, prose, render, table
from untangle.model.condition import SwitchedOff
from untangle.model.evidence import Confidence
from untangle.model.scan import Scan


def test_a_chain_is_drawn_listed_and_judged() -> None:
    text = render(order_scan(), PLAIN)
    assert text.startswith("# Implicit workflows\n")
    assert "## 1. `intake` (migrate, 72 of 100)" in text
    assert "```mermaid\nflowchart TD\n" in text
    row = "| `Intake` | `sns orders → sqs queue` (filtered) | `Validate` | likely "
    row += "| `src/intake/app.py:31` sns.publish(TopicArn=env TOPIC\\_ARN) |"
    assert row in text.splitlines()
    assert "- for a migration: five steps that nobody sees as one" in text
    assert "- against a migration: Ledger has readers of its own" in text


def test_hops_are_listed_in_the_order_of_a_message() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `[^`]+`[^|]*\| `(\w+)`", render(order_scan(), PLAIN), re.MULTILINE)
    assert rows == [("Intake", "Validate"), ("Validate", "Charge"), ("Validate", "Reserve"), ("Charge", "Ship")]


def test_findings_and_gaps_are_tables() -> None:
    text = render(order_scan(), replace(PLAIN, known=frozenset({FINDINGS[0].fingerprint})))
    assert "| error | `loop` | messages go round | `template.yaml:40` |" in text
    assert "| warning (known) | `missing-dlq` |" in text
    assert "| queue of Charge | the target is known at run time only | `src/intake/app.py:31` |" in text


def test_nothing_found_is_said() -> None:
    assert "No chain was found" in render(Scan(), PLAIN)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`a``b`", "``` `a``b` ```"),
        ("<b>|\n", "`<b>| `"),
        ("", "`  `"),
    ],
)
def test_a_code_span_holds_anything(text: str, span: str) -> None:
    assert code(text) == span


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain text, with (brackets) and a - dash", "plain text, with (brackets) and a - dash"),
        (
            "*bold* _it_ `c` [a](b) <i> a|b ~x~ &amp; $x$",
            "\\*bold\\* \\_it\\_ \\`c\\` \\[a\\](b) \\<i\\> a\\|b \\~x\\~ \\&amp; \\$x\\$",
        ),
        ("- not a list", "\\- not a list"),
        ("1. not a list", "1\\. not a list"),
        ("@team", "@<!-- -->team"),
        ("see #12", "see \\#<!-- -->12"),
        ("https://x.example www.x.example", "https:<!-- -->//x.example www<!-- -->.x.example"),
        ("a\nb\x1b", "a b⟨U+001B⟩"),
    ],
)
def test_prose_shows_exactly_its_text(text: str, escaped: str) -> None:
    assert prose(text) == escaped


def test_a_cell_cannot_end_its_cell() -> None:
    assert list(table(("a", "b"), [(code("x|y"), prose("x|y"))]))[2] == "| `x\\|y` | x\\|y |"


@pytest.mark.parametrize(
    "name",
    [
        "</details><script>x</script>",
        "```\n# heading",
        "@org/team",
        "|||",
        "[x](javascript:1)",
        "![](http://x)",
        "--- \n===\n",
        "\\",
    ],
)
def test_no_name_breaks_the_document(name: str) -> None:
    text = render(hostile_scan(name), PLAIN)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", re.sub(r"```mermaid.*?\n```\n", "", text, flags=re.DOTALL))
    assert "<script" not in outside.replace("\\<", "")
    assert outside.count("</details>") == outside.count("<details>")
    assert not re.search(r"(?<!\\)!?\[[^\]]*\]\((javascript|http)", outside)
    assert "@org" not in outside
    headings = re.findall(r"^#+ .*", text, re.MULTILINE)
    assert headings == ["# Implicit workflows", "## 1. `intake` (migrate, 72 of 100)", "## Findings", "## Not known"]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in rows}
    assert widths <= {4, 5, 6}


def test_a_switched_off_hop_is_shown_apart_with_its_condition() -> None:
    graph = order_graph()
    off = replace(unsure(Confidence.LIKELY, CODED), condition=SwitchedOff("var.on ? 1 : 0"))
    scan = Scan(graph=replace(graph, hops=(*graph.hops, off)), chains=(judged("intake", graph),))
    text = render(scan, PLAIN)
    assert "## Outside every chain" in text
    assert "(switched off: var.on ? 1 : 0)" in text
