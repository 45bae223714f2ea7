"""The terminal's text: the drawing of chains, what is counted, and that no name can do harm."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.arrows import arrows
from tests.emit.scans import (
    AGAINST,
    CODED,
    FINDINGS,
    GRANTED,
    PLAIN,
    SHARED,
    hostile_scan,
    judged,
    order_graph,
    order_scan,
    unsure,
)
from untangle.emit.detail import chain_detail, hop_detail, raising
from untangle.emit.emitter import View
from untangle.emit.text import render
from untangle.model.code import CodeFacts
from untangle.model.condition import SwitchedOff
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.node import StateMachine
from untangle.model.resource import Gap
from untangle.model.scan import Scan

EXPECTED = """\
1. intake                                                             migrate 72
  5 functions · 4 hops · starts with s3 uploads

  Intake  ◁ s3 uploads
  │  sns orders → sqs queue  filtered                                     likely
  ▼  src/intake/app.py:31  sns.publish(TopicArn=env TOPIC_ARN)
  Validate
  ├─ eventbridge bus                                                      likely
  │  ▼  validate/app.py:7  call
  │  Charge
  │  │  dynamodb_stream ledger                                          declared
  │  ▼  template.yaml:55  event source mapping, batch of 10
  │  Ship  ◁ schedule  in Refunds
  │
  └─ eventbridge bus  if order['stock']                                   likely
     ▼  validate/app.py:7  call
     Reserve

  + five steps that nobody sees as one
  - Ledger has readers of its own

Orchestrated already  1 state machine
  Refunds  Ship  template.yaml:40

Findings  1 error, 1 warning
  error   loop
          template.yaml:40  messages go round
  warning missing-dlq
          template.yaml:40  queue has no dead-letter queue

Not known  1 gap; a hop may be missing there
  the target is known at run time only
    queue of Charge  src/intake/app.py:31

────────────────────────────────────────────────────────────
1 chain · 5 functions · 4 hops · 1 source
next  untangle show intake .
      untangle propose . --chain intake -o proposals
      untangle report . -o report.html
"""


def drawn(text: str, **fields: object) -> str:
    """The text of a scan that holds one chain, given in arrows."""
    graph = arrows(text)
    chain = replace(judged("c", graph), entries=(f"app/{text.partition(' ')[0].capitalize()}",), **fields)  # type: ignore[arg-type]
    return render(Scan(graph=graph, chains=(chain,)), PLAIN)


def test_the_order_workflow_at_80_columns() -> None:
    assert render(order_scan(), PLAIN) == EXPECTED


@pytest.mark.parametrize("width", [20, 40, 80, 100, 120, 200])
@pytest.mark.parametrize("verbosity", [0, 1])
def test_no_line_is_wider_than_the_terminal(width: int, verbosity: int) -> None:
    graph = order_graph()
    long = "AVeryLongNameForAFunctionThatDoesNotFitInto" * 3
    graph = replace(graph, functions=tuple(replace(item, address=f"{item.address}{long}") for item in graph.functions))
    text = render(order_scan(graph=graph), View(width=width, verbosity=verbosity))
    widest = max(len(line) for line in text.splitlines() if not line.startswith(("next", "      untangle")))
    assert widest <= max(width, 40)


def test_all_evidence_is_shown_on_request() -> None:
    brief, full = render(order_scan(), PLAIN), render(order_scan(), replace(PLAIN, verbosity=1))
    assert "sns:Publish (own role)" not in brief
    assert "permitted template.yaml:22  sns:Publish (own role)" in full
    assert f"hop {order_graph().hops[0].id}" in full


def test_colour_is_only_paint() -> None:
    painted = render(order_scan(), replace(PLAIN, color=True))
    assert "\x1b[" in painted
    unpainted = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert [line.rstrip() for line in unpainted.splitlines()] == EXPECTED.splitlines()


def test_a_cycle_ends_where_it_began() -> None:
    assert "A  ↻ back to where it came from" in drawn("a -sqs-> b -sqs-> a")


def test_a_function_is_drawn_once() -> None:
    text = drawn("a -sns-> {b, c}; b -sqs:q-> d; c -sqs:q-> d -sqs-> e")
    assert text.count("E\n") == 1
    assert "D  (above)" in text


def test_a_long_chain_keeps_its_margin() -> None:
    functions = [f"f{i}" for i in range(300)]
    text = drawn(" -sqs-> ".join(functions))
    assert "\n  F299\n" in text


def test_deep_branches_go_on_below() -> None:
    comb = "; ".join(f"f{i} -sns-> {{f{i + 1}, g{i}}}" for i in range(40))
    text = drawn(comb)
    assert "(continued below)" in text
    assert all(re.search(rf"\b[FG]{i}\b", text) for i in range(40))


def test_chains_are_ranked_by_verdict_then_by_length() -> None:
    graph = order_graph()
    every = judged("all", graph, "keep")
    short = replace(judged("short", graph), hops=graph.reported[0:1] and (graph.reported[0].id,))
    scan = Scan(graph=graph, chains=(every, short, judged("long", graph), judged("half", graph, "partial")))
    assert re.findall(r"^\d\. (\w+)", render(scan, PLAIN), re.MULTILINE) == ["long", "short", "half", "all"]


def test_hops_that_are_not_sure_enough_are_shown_apart() -> None:
    graph = order_graph()
    graph = replace(graph, hops=(*graph.hops, unsure(Confidence.WEAK, SHARED)))
    scan = Scan(graph=graph, chains=(judged("intake", graph),))
    assert "unsure" not in render(scan, PLAIN)
    text = render(scan, replace(PLAIN, minimum=Confidence.WEAK))
    assert "1 hop  outside every chain" in text
    assert "Ship  sqs unsure →  Intake" in text
    assert "sqs:SendMessage (wildcard)" in text


def test_findings_of_the_baseline_are_counted_and_not_shown() -> None:
    text = render(order_scan(), replace(PLAIN, known=frozenset({FINDINGS[1].fingerprint})))
    assert "Findings  1 warning, 1 known from the baseline" in text
    assert "messages go round" not in text


def test_state_machines_without_a_function_of_the_scan_are_counted() -> None:
    other = StateMachine(id="app/Nightly", address="Nightly", stack="app")
    graph = order_graph()
    scan = order_scan(graph=replace(graph, state_machines=(*graph.state_machines, other)))
    brief, full = render(scan, PLAIN), render(scan, replace(PLAIN, verbosity=1))
    assert "Orchestrated already  2 state machines\n  Refunds  Ship  template.yaml:40\n  1 run no function" in brief
    assert "Nightly  no function of this scan" in full


def test_many_findings_and_gaps_are_summed_up() -> None:
    findings = tuple(replace(FINDINGS[0], subject=str(i), message=f"finding {i}") for i in range(9))
    gaps = tuple(Gap(what=f"thing {i}", why="unknown") for i in range(7))
    scan = order_scan(findings=findings, graph=order_graph(gaps=gaps))
    brief, full = render(scan, PLAIN), render(scan, replace(PLAIN, verbosity=1))
    assert "missing-dlq × 9" in brief and "and 6 more (-v)" in brief and "finding 5" not in brief
    assert "unknown × 7" in brief and "thing 5" not in brief
    assert all(f"finding {i}" in full for i in range(9)) and all(f"thing {i}" in full for i in range(7))


def test_nothing_found_is_said() -> None:
    text = render(Scan(), PLAIN)
    assert "0 chains · 0 functions · 0 hops · 0 sources" in text
    assert "No chain was found" in text


@pytest.mark.parametrize("view", [PLAIN, replace(PLAIN, verbosity=1), replace(PLAIN, color=True)])
def test_no_name_moves_the_cursor_or_is_read_as_markup(view: View) -> None:
    text = render(hostile_scan("[red]x[/red] \x1b[2J\x07\u202eevil\r\nnext\x9b1m"), view)
    assert "[red]x[/red]" in text
    assert not re.search("[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "\x1b[2J" not in text


class TestDetail:
    """`untangle show`."""

    def test_a_chain_is_shown_with_its_findings_and_what_would_raise_it(self) -> None:
        text = chain_detail(order_scan(), order_scan().chains[0], replace(PLAIN, verbosity=1))
        assert "permitted template.yaml:22  sns:Publish (own role)" in text
        assert "What would raise confidence" in text
        assert "Intake → Validate" in text.partition("What would raise")[2]
        assert "Charge → Ship" not in text.partition("What would raise")[2]
        assert "missing-dlq  queue has no dead-letter queue" in text

    def test_gaps_in_the_source_of_its_functions_are_shown(self) -> None:
        graph = order_graph()
        functions = tuple(replace(item, code="src/intake") if item.id == "app/Intake" else item for item in graph.functions)
        scan = order_scan(graph=replace(graph, functions=functions))
        assert "queue of Charge: the target is known" in chain_detail(scan, scan.chains[0], PLAIN)
        assert "queue of Charge" not in chain_detail(order_scan(), scan.chains[0], PLAIN)

    def test_a_hop_is_shown_with_its_settings_on_the_way(self) -> None:
        scan = order_scan()
        hop = next(item for item in scan.graph.hops if item.producer == "app/Intake")
        text = hop_detail(scan, hop, PLAIN)
        assert f"hop {hop.id}" in text
        assert "app/Intake  template.yaml:" in text
        assert 'filter  {"kind": ["order"], "tenant": "${Stage}-x"}' in text
        assert "batch size  10" in text
        assert "Why it is likely" in text

    @pytest.mark.parametrize(
        ("confidence", "evidence", "readable", "expected"),
        [
            (Confidence.CONFIRMED, (CODED,), True, ["nothing: it was seen"]),
            (Confidence.DECLARED, (CODED,), True, ["an observation at run time"]),
            (Confidence.LIKELY, (CODED,), True, ["[[hop]]", "an observation"]),
            (Confidence.LIKELY, (GRANTED,), False, ["the source of Ship, read to its end", "[[hop]]", "an observation"]),
            (Confidence.POSSIBLE, (GRANTED,), False, ["the source of Ship, read to its end", "[[hop]]", "an observation"]),
            (
                Confidence.WEAK,
                (SHARED,),
                True,
                ["a call in the source of Ship", "a grant that names unsure", "[[hop]]", "an obs"],
            ),
            (Confidence.CONTRADICTED, (CODED, AGAINST), True, ["if this were not so: kind is 'paid'", "[[hop]]", "an obs"]),
        ],
    )
    def test_what_would_raise_a_hop(
        self, confidence: Confidence, evidence: tuple[Evidence, ...], readable: bool, expected: list[str]
    ) -> None:
        graph = replace(order_graph(), code={"app/Ship": CodeFacts(function="app/Ship", readable=readable)})
        names = (*graph.channels, replace(graph.channels[0], id="app/unsure", address="unsure"))
        sentences = list(raising(Scan(graph=replace(graph, channels=names)), unsure(confidence, *evidence)))
        assert len(sentences) == len(expected)
        assert all(part in sentence for part, sentence in zip(expected, sentences, strict=True)), sentences

    def test_a_hostile_hop_is_shown_safely(self) -> None:
        scan = hostile_scan("\x1b[2J[b]\n")
        for hop in scan.graph.hops:
            assert "\x1b" not in hop_detail(scan, hop, PLAIN)


def test_the_most_telling_witness_is_the_one_shown() -> None:
    seen = Evidence(kind=Witness.OBSERVED, note="trace 1-5f", location=None)
    graph = order_graph()
    hops = tuple(replace(item, evidence=(GRANTED, CODED, seen)) for item in graph.hops)
    text = render(order_scan(graph=replace(graph, hops=hops)), PLAIN)
    assert "▼  trace 1-5f" in text
    assert "sns.publish" not in text


def test_a_switched_off_hop_is_shown_apart_with_its_condition() -> None:
    graph = order_graph()
    off = replace(unsure(Confidence.LIKELY, CODED), condition=SwitchedOff("var.on ? 1 : 0"))
    scan = Scan(graph=replace(graph, hops=(*graph.hops, off)), chains=(judged("intake", graph),))
    text = render(scan, PLAIN)
    assert "1 hop  outside every chain" in text
    assert "switched off: var.on ? 1 : 0" in text
    assert "condition var.on" not in text
