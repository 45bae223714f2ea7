"""Flowcharts of planned workflows: every kind of step, in shapes that say what it is, and labels that nothing leaves."""

from __future__ import annotations

import re

import pytest

from tests.arrows import arrows, chain
from tests.emit.asl.test_definition import DLQ, EVERYTHING
from untangle.emit.plan_chart import MOST, plan_chart
from untangle.model.graph import EventGraph
from untangle.model.step import (
    Again,
    Choice,
    DeadLetter,
    Each,
    Effects,
    Entries,
    Hand,
    Job,
    Join,
    Loop,
    OneOf,
    Parallel,
    Retry,
    Start,
    Step,
    Task,
    Wait,
)
from untangle.model.workflow import Nested, Workflow
from untangle.plan import plan

GRAPH = arrows("a -sqs:q-> b -sqs:r-> c; b -sns:t-> d", extra=(DLQ,))
HOPS = {f"{hop.producer[-1]}{hop.consumer[-1]}".lower(): hop.id for hop in GRAPH.hops}
SENT = Effects(type="sqs", target="app/q")


def task(name: str, then: Step | None = None, **more: object) -> Task:
    return Task(function=f"app/{name}", then=then, **more)  # type: ignore[arg-type]


def one(body: Step, *hops: str) -> Each:
    return Each(effects=SENT, multiplicity="one", body=body, hops=tuple(HOPS[hop] for hop in hops))


def drawn(root: Step, graph: EventGraph = GRAPH, nested: tuple[Nested, ...] = ()) -> list[str]:
    """The lines of a workflow's chart, without the first one."""
    head, *lines = plan_chart(graph, Workflow(chain="chain", name="Chain", root=root, nested=nested)).splitlines()
    assert head == "flowchart TD"
    return [line.removeprefix("  ") for line in lines]


EACH = Each(effects=SENT, multiplicity="many", body=task("B"), hops=(HOPS["ab"],), words="kind is gift", concurrency=2)
GAVE_UP = (Retry(errors="any", interval=1, rate=1, attempts=2), Retry(errors="throttle", interval=1, rate=2, attempts=20))
ROUND = Loop(body=task("B", OneOf(branches=(one(Again(hops=()), "bc"), one(task("D"), "bd")))), limit=9)
GOLDEN: dict[str, tuple[Step, list[str]]] = {
    "sequence": (
        task("A", one(task("B"), "ab")),
        ['s0(["start"])', 's1["A"]', 's2["B"]', "s0 --> s1", 's1 -->|"sqs q"| s2'],
    ),
    "many": (
        task("A", EACH),
        [
            's0(["start"])',
            's1["A"]',
            's2[["for each message where kind is gift, 2 at a time"]]',
            's3["B"]',
            "s0 --> s1",
            's1 -->|"sqs q"| s2',
            "s2 --> s3",
        ],
    ),
    "maybe": (
        task("A", Each(effects=SENT, multiplicity="maybe", body=task("B"), hops=(HOPS["ab"],))),
        [
            's0(["start"])',
            's1["A"]',
            's2{"is there a message?"}',
            's3["B"]',
            "s0 --> s1",
            's1 -->|"sqs q"| s2',
            's2 -->|"yes"| s3',
        ],
    ),
    "filter-and-delay": (
        Choice(stops=(), words="kind is gift", body=Wait(seconds=900, parameter="DelaySeconds", body=task("B"))),
        [
            's0(["start"])',
            's1{"kind is gift?"}',
            's2(["wait 900 s, or as the message says"])',
            's3["B"]',
            "s0 --> s1",
            's1 -->|"yes"| s2',
            "s2 --> s3",
        ],
    ),
    "dead-letter": (
        task("A", retries=GAVE_UP, dead_letter=DeadLetter(target="app/ChargeDLQ", type="sqs")),
        ['s0(["start"])', 's1["A"]', 'd0[("ChargeDLQ")]', "s0 --> s1", 's1 -.->|"failed 3 times"| d0'],
    ),
    "entries": (
        Entries(entries=(("Shop", task("A", called_back=True)), ("Phone", task("B", entry="effects")))),
        [
            's0(["start: Shop"])',
            's1(["start: Phone"])',
            's2["A, called back by its queue"]',
            's3(["B, which stays outside"])',
            "s0 --> s2",
            "s1 --> s3",
        ],
    ),
    "loop": (
        task("A", one(ROUND, "ab")),
        [
            's0(["start"])',
            's1["A"]',
            's2["B"]',
            's3{"which message, if any?"}',
            's4["D"]',
            "s0 --> s1",
            's1 -->|"sqs q"| s2',
            "s2 --> s3",
            's3 -->|"again"| s2',
            's3 -->|"sns t"| s4',
        ],
    ),
    "join": (
        task("A", Join(body=Parallel(branches=(task("B", Hand(effects=(SENT,))), task("C"))), then=one(task("D"), "bd"))),
        [
            's0(["start"])',
            's1["A"]',
            's2{{"when all are done"}}',
            's3[/"side by side"/]',
            's4["B"]',
            's5["C"]',
            's6["D"]',
            "s0 --> s1",
            "s1 --> s3",
            "s3 --> s4",
            's4 -->|"handed over"| s2',
            "s3 --> s5",
            's2 -->|"sns t"| s6',
        ],
    ),
    "job": (
        Job(service="textract", operation="StartDocumentAnalysis", body=task("B")),
        ['s0(["start"])', 's1{{"textract StartDocumentAnalysis: wait for its end"}}', 's2["B"]', "s0 --> s1", "s1 --> s2"],
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_steps(name: str) -> None:
    root, lines = GOLDEN[name]
    assert drawn(root) == lines


def test_a_nested_workflow_is_a_group_behind_an_arrow_that_waits_for_nothing() -> None:
    assert drawn(task("A", Start(workflow="Tail")), nested=(Nested(name="Tail", root=task("B")),)) == [
        's0(["start"])',
        's1["A"]',
        's2[["start Tail"]]',
        'subgraph w1["Tail, which nobody waits for"]',
        '  s3(["Tail"])',
        '  s4["B"]',
        "end",
        "s0 --> s1",
        "s1 --> s2",
        "s2 -.-> s3",
        "s3 --> s4",
    ]


def test_what_several_ways_reach_is_drawn_once() -> None:
    last = task("D")
    lines = drawn(Parallel(branches=(task("B", last), task("C", last))))
    assert [line for line in lines if '"D"' in line] == ['s3["D"]']
    assert [line for line in lines if line.endswith("> s3")] == ["s2 --> s3", "s4 --> s3"]


def test_a_huge_workflow_is_cut_and_says_so() -> None:
    step: Step | None = None
    for _ in range(2000):
        step = task("B", step)
    lines = drawn(task("A", step))
    assert len(lines) <= 2 * MOST + 2
    assert f'more["and {2001 - (MOST - 1):,} further runs of functions"]' in lines
    assert f"s{MOST - 1} -.-> more" in lines


def test_nothing_to_migrate_gives_nothing() -> None:
    assert plan_chart(GRAPH, Workflow(chain="chain", name="Chain", root=None)) == ""


SHAPE = r'(?:\(\[|\[\[|\[\(|\[/|\{\{|\{|\[)"[^"<>`|{}\[\]]*"(?:\]\)|\]\]|\)\]|/\]|\}\}|\}|\])'
LINE = re.compile(
    rf'flowchart TD|  (?:  )?(?:[sd]\d+|more){SHAPE}|  subgraph w\d+\["[^"<>`|]*"\]|  end'
    r'|  \w+ (?:-->|-\.->)(?:\|"[^"<>`|]*"\|)? \w+'
)


@pytest.mark.parametrize("words", ['"] --> x[', "a|b\n  end", "<script>", "`x`", "]] %%{init: {}}%%", "\u202e#quot;"])
def test_no_name_leaves_its_label(words: str) -> None:
    hostile = Choice(stops=(), words=words, body=Job(service=words, operation=words, body=Start(workflow=words)))
    text = plan_chart(GRAPH, Workflow(chain="c", name="C", root=hostile, nested=(Nested(name=words, root=task("B")),)))
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []


def test_a_planned_workflow() -> None:
    text = plan_chart(EVERYTHING, plan(EVERYTHING, chain(EVERYTHING)))
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    assert text == plan_chart(EVERYTHING, plan(EVERYTHING, chain(EVERYTHING)))
    for shown in ('[["for each message"]]', '(["wait 20 s"])', '[("ChargeDLQ")]', '|"failed 5 times"|'):
        assert shown in text
