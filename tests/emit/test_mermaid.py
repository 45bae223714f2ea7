"""Diagrams: one node per function, one arrow per hop, labels that nothing leaves."""

from __future__ import annotations

import re

import pytest

from tests.arrows import arrows
from tests.emit.scans import PLAIN, hostile_scan, judged, order_scan
from untangle.emit.mermaid import chart, label, render
from untangle.model.scan import Scan

EXPECTED = """\
flowchart TD
  subgraph c1["intake"]
    direction TB
    c1f0["Intake"]
    c1t0(["s3 uploads"]) --> c1f0
    c1f1["Validate"]
    c1f2["Charge"]
    c1f3["Reserve"]
    c1f4["Ship"]
    c1t1(["schedule"]) --> c1f4
    c1f0 -->|"sns orders → sqs queue"| c1f1
    c1f1 -->|"eventbridge bus"| c1f2
    c1f1 -->|"eventbridge bus"| c1f3
    c1f2 -->|"dynamodb_stream ledger"| c1f4
  end
"""
LINE = re.compile(
    r'flowchart TD|subgraph c\d+\["[^"\[\]<>`|]*"\]|direction TB|end'
    r'|\w+\["[^"\[\]<>`|]*"\]|\w+\(\["[^"\[\]<>`|]*"\]\) --> \w+|\w+ -->\|"[^"\[\]<>`|]*"\| \w+'
)


def test_each_chain_is_a_group() -> None:
    assert render(order_scan(), PLAIN) == EXPECTED


def test_one_chain_is_a_chart_of_its_own() -> None:
    scan = order_scan()
    text = chart(scan, scan.chains[0], scan.graph.reported)
    assert text.splitlines()[0] == "flowchart TD"
    assert "subgraph" not in text
    assert '  f0 -->|"sns orders → sqs queue"| f1' in text.splitlines()


def test_hops_that_look_the_same_are_one_arrow() -> None:
    graph = arrows("a -sqs:q-> b; a -sqs:q-> b")
    assert render(Scan(graph=graph, chains=(judged("c", graph),)), PLAIN).count("-->|") == 1


def test_nothing_found_is_a_diagram_too() -> None:
    assert render(Scan(), PLAIN) == 'flowchart TD\n  none["no chain was found"]\n'


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("Größe-1", "Größe-1"), ('a"b', "a#34;b"), ("#35;", "#35;35#59;"), ("<b>`x`", "#60;b#62;#96;x#96;"), ("a\nb", "a b")],
)
def test_a_label_is_text(text: str, escaped: str) -> None:
    assert label(text) == escaped


def test_a_long_label_is_cut() -> None:
    assert len(label("x" * 500)) == 80


@pytest.mark.parametrize(
    "name", ['"]\n  x --> y', '"| z', "end", "`markdown`", "<img src=x onerror=y>", "]]", "%%{init: {}}%%", ";"]
)
def test_no_name_leaves_its_label(name: str) -> None:
    for line in render(hostile_scan(name), PLAIN).splitlines():
        assert LINE.fullmatch(line.strip()), line
