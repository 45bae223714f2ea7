"""Joins hidden in a count: which become a Parallel or Map with what follows behind it, and which stay, and why.

A row that moves has a definition (`golden/joins/<name>.json`, its adapters left out), executed with handlers that count as
their code says; what follows must run as often, and on the same messages, as if each run of a worker had started it.
UNTANGLE_UPDATE=1 writes the files anew: read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import Handlers, definition, published, sent
from tests.golden import golden
from tests.machines import Machine
from tests.plan import test_semantics as semantics
from tests.plan.test_shapes import outline
from untangle.asl import validate
from untangle.emit.asl import asl_definition
from untangle.model.code import Call, CodeFacts, Guard
from untangle.model.graph import EventGraph
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.step import Each, Effects, Join, Parallel, Task, steps
from untangle.model.value import Received, Ref, Value
from untangle.model.workflow import Workflow
from untangle.plan import plan

GOLDEN = Path(__file__).parent / "golden" / "joins"
DLQ = ChannelNode(id="app/Dead", type="sqs", address="Dead", stack="app")
REDRIVE = {"redrive": {"dead_letter": "app/Dead", "max_receive_count": 2}}
Sent = list[dict[str, Any]]

DOWN: dict[str, Value] = {
    "TableName": Ref("app/Jobs"),
    "Key": {"id": Received("body.job")},
    "UpdateExpression": "SET remaining = remaining - :one",
    "ReturnValues": "UPDATED_NEW",
}
UP: dict[str, Value] = {
    **DOWN,
    "UpdateExpression": "ADD #d :one",
    "ExpressionAttributeNames": {"#d": "done"},
    "ExpressionAttributeValues": {":one": {"N": "1"}},
}


def at(function: str) -> Location:
    return Location(f"{function}/app.py", 8)


def counts(function: str, **arguments: Any) -> CodeFacts:
    """A function that counts down in a table and looks at the result."""
    call = Call(service="dynamodb", operation="UpdateItem", location=at(function), text="", arguments={**DOWN, **arguments})
    return CodeFacts(function=function, readable=True, calls=(call,), signals={"counter": at(function)})


def ticks(function: str) -> CodeFacts:
    """A function that ticks its part off in an item, and looks whether all parts are done."""
    arguments = {**DOWN, "UpdateExpression": "SET #part = :done", "ReturnValues": "ALL_NEW"}
    call = Call(service="dynamodb", operation="UpdateItem", location=at(function), text="", arguments=arguments)
    return CodeFacts(function=function, readable=True, calls=(call,), signals={"flags": at(function)})


def sets(function: str, table: Value = DOWN["TableName"]) -> CodeFacts:
    """A function that writes the item that is counted in."""
    call = Call(service="dynamodb", operation="PutItem", location=at(function), text="", arguments={"TableName": table})
    return CodeFacts(function=function, readable=True, calls=(call,))


def last(*ways: str, text: str = "remaining == 0") -> dict[str, Any]:
    """Hops that are sent under a comparison of the count."""
    return {way: {"guards": (Guard(kind="if", text=text, location=at(way.partition(">")[0])),)} for way in ways}


class Count:
    """A count that several handlers share: the run that brings it to 0 sends the message."""

    def __init__(self, start: int, send: Callable[[str], dict[str, Any]], *, flags: bool = False) -> None:
        self._left, self._send, self._flags = start, send, flags

    def __call__(self, event: Any) -> Sent:
        self._left -= 1
        return [self._send(f"after {-self._left + 1}")] if self._left == 0 or (self._flags and self._left < 0) else []


class Ordered(Handlers):
    """Handlers that note the order in which they run."""

    def __init__(self, effects: Mapping[str, Any]) -> None:
        super().__init__({}, **effects)
        self.order: list[str] = []

    def __missing__(self, function: str) -> Callable[[Any, Any], Any]:
        inner = super().__missing__(function)

        def handler(event: Any, marker: Any) -> Any:
            self.order.append(function.rpartition(":")[2])
            return inner(event, marker)

        return handler


@dataclass(frozen=True, kw_only=True)
class Row:
    """A chain, what its handlers do (made anew for each run), which fail; how often each runs then and what is parked."""

    text: str
    given: Mapping[str, Any]
    does: Callable[[], Mapping[str, Any]]
    runs: Mapping[str, int]
    fails: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()
    joined: Mapping[str, str] = field(default_factory=dict)  # consumer -> the split behind which it stands

    @property
    def graph(self) -> EventGraph:
        return arrows(self.text, **self.given)


def parts(queue: str, *bodies: str) -> Sent:
    return [sent(queue, body) for body in bodies]


def one(topic: str) -> Callable[[str], dict[str, Any]]:
    return lambda text: published(topic, text)


FAN = "split -sqs*-> work -sns?-> report"
FAN_GIVEN = {"code": {"split": sets("split"), "work": counts("work")}, "hops": last("work>report")}
PAIR = "split -sns-> {pack, label}; {pack, label} -sqs:Ready?-> ship"
PAIR_GIVEN = {
    "code": {"split": sets("split"), "pack": counts("pack"), "label": counts("label")},
    "hops": last("pack>ship", "label>ship"),
}


def pair(*flags: bool) -> Mapping[str, Any]:
    count = Count(2, lambda text: sent("Ready", text), flags=any(flags))
    return {"Split": [published("SplitTopic", "x")], "Pack": count, "Label": count}


ROWS: dict[str, Row] = {
    "counter": Row(
        text=FAN,
        given=FAN_GIVEN,
        does=lambda: {"Split": parts("WorkQueue", "a", "b", "c"), "Work": Count(3, one("WorkTopic"))},
        runs={"Work": 3, "Report": 1},
    ),
    "no-work-at-all": Row(text=FAN, given=FAN_GIVEN, does=lambda: {"Split": []}, runs={}),
    "a-count-that-is-never-reached": Row(
        text=FAN,
        given=FAN_GIVEN,
        does=lambda: {"Split": parts("WorkQueue", "a"), "Work": Count(2, one("WorkTopic"))},
        runs={"Work": 1},
    ),
    "two-workers-that-both-publish": Row(
        text=FAN,
        given=FAN_GIVEN,
        does=lambda: {"Split": parts("WorkQueue", "a", "b", "c"), "Work": Count(2, one("WorkTopic"), flags=True)},
        runs={"Work": 3, "Report": 2},
    ),
    "a-worker-that-fails-for-good": Row(
        text=PAIR,
        given=PAIR_GIVEN,
        does=pair,
        fails=("Pack",),
        runs={"Pack": 3, "Label": 1},
    ),
    "a-worker-that-fails-for-good-and-is-parked": Row(
        text=FAN,
        given={**FAN_GIVEN, "settings": {"WorkQueue": REDRIVE}, "extra": (DLQ,)},
        does=lambda: {"Split": parts("WorkQueue", "a", "b")},
        fails=("Work",),
        runs={"Work": 4},
        parked=("Dead", "Dead"),
    ),
    "branches": Row(text=PAIR, given=PAIR_GIVEN, does=pair, runs={"Pack": 1, "Label": 1, "Ship": 1}),
    "branches-that-both-publish": Row(
        text=PAIR,
        given=PAIR_GIVEN,
        does=lambda: {
            "Split": [published("SplitTopic", "x")],
            "Pack": [sent("Ready", "p")],
            "Label": [sent("Ready", "l")],
        },
        runs={"Pack": 1, "Label": 1, "Ship": 2},
    ),
    "branches-of-many": Row(
        text=PAIR.replace("-sns->", "-sns*->"),
        given=PAIR_GIVEN,
        does=lambda: {**pair(), "Split": [published("SplitTopic", text) for text in "xy"], "Label": []},
        runs={"Pack": 2, "Label": 2, "Ship": 1},
    ),
    "branches-that-there-may-be": Row(
        text=PAIR.replace("-sns->", "-sns?->"),
        given=PAIR_GIVEN,
        does=lambda: {**pair(), "Split": []},
        runs={},
    ),
    "branches-of-which-one-is-filtered": Row(
        text=PAIR.replace("-sns->", "-sns*->"),
        given={**PAIR_GIVEN, "filters": {"SplitTopic>Label": {"kind": ("gift",)}}},
        does=lambda: {**pair(), "Split": [published("SplitTopic", "x", kind="gift"), published("SplitTopic", "y", kind="plain")]},
        runs={"Pack": 2, "Label": 1, "Ship": 1},
    ),
    "counting-up": Row(
        text=FAN,
        given={"code": {"work": counts("work", **UP)}, "hops": last("work>report", text="done == total")},
        does=lambda: {"Split": parts("WorkQueue", "a", "b"), "Work": Count(2, one("WorkTopic"))},
        runs={"Work": 2, "Report": 1},
    ),
    "status-map": Row(
        text=PAIR,
        given={
            "code": {"pack": ticks("pack"), "label": ticks("label")},
            "hops": last("pack>ship", "label>ship", text="all(item[part] == 'done' for part in PARTS)"),
        },
        does=lambda: pair(True),
        runs={"Pack": 1, "Label": 1, "Ship": 1},
    ),
    "gathered-behind-each-branch": Row(
        text="split -sqs*-> work -sqs-> gather -sns?-> report -sqs-> mail",
        given={"code": {"split": sets("split"), "gather": counts("gather")}, "hops": last("gather>report")},
        does=lambda: {
            "Split": parts("WorkQueue", "a", "b"),
            "Work": parts("GatherQueue", "x"),
            "Gather": Count(2, one("GatherTopic")),
            "Report": parts("MailQueue", "done"),
        },
        runs={"Work": 2, "Gather": 2, "Report": 1, "Mail": 1},
    ),
    "several-that-hear-of-it": Row(
        text="split -sqs*-> work -sns?-> {report, mail}; split -sqs-> audit",
        given={**FAN_GIVEN, "hops": last("work>report", "work>mail")},
        does=lambda: {"Split": [*parts("WorkQueue", "a", "b"), sent("AuditQueue", "x")], "Work": Count(2, one("WorkTopic"))},
        runs={"Work": 2, "Audit": 1, "Report": 1, "Mail": 1},
    ),
    "one-within-another": Row(
        text="split -sqs*-> sort -sqs*-> work -sns?-> pile -sns?-> report",
        given={
            "code": {
                "split": sets("split", Ref("app/Piles")),
                "sort": sets("sort"),
                "work": counts("work"),
                "pile": counts("pile", TableName=Ref("app/Piles")),
            },
            "hops": last("work>pile", "pile>report"),
        },
        does=lambda: {
            "Split": parts("SortQueue", "a", "b"),
            "Sort": parts("WorkQueue", "x", "y"),
            "Work": lambda event: [published("WorkTopic", "z")],
            "Pile": Count(4, one("PileTopic")),
        },
        runs={"Sort": 2, "Work": 4, "Pile": 4, "Report": 1},
        joined={"Pile": "Sort", "Report": "Split"},
    ),
    "one-within-another-of-the-same-split": Row(
        text="split -sqs-> {pack, label, bill}; {pack, label} -sqs:Packed?-> load; {load, bill} -sqs:Ready?-> ship",
        given={
            "code": {
                "split": CodeFacts(
                    function="split", readable=True, calls=(*sets("split").calls, *sets("split", Ref("app/Loads")).calls)
                ),
                "pack": counts("pack"),
                "label": counts("label"),
                "load": counts("load", TableName=Ref("app/Loads")),
                "bill": counts("bill", TableName=Ref("app/Loads")),
            },
            "hops": last("pack>load", "label>load", "load>ship", "bill>ship"),
        },
        does=lambda: {
            "Split": [sent(queue, "x") for queue in ("PackQueue", "LabelQueue", "BillQueue")],
            "Pack": [],
            "Label": [sent("Packed", "p")],
            "Load": [sent("Ready", "l")],
            "Bill": [],
        },
        runs={"Pack": 1, "Label": 1, "Bill": 1, "Load": 1, "Ship": 1},
        joined={"Load": "Split", "Ship": "Split"},
    ),
}

Z = "split -sns-> {pack, label, bill}; {pack, label} -sqs:Ready?-> ship; {label, bill} -sqs:Paid?-> close"
Z_GIVEN = {
    "code": {"split": sets("split"), **{name: counts(name) for name in ("pack", "label", "bill")}},
    "hops": last("pack>ship", "label>ship", "label>close", "bill>close"),
}
STAYING: dict[str, tuple[str, Mapping[str, Any], str]] = {
    "overlapping": (Z, Z_GIVEN, "Label is waited for by Close too, with others: joins that overlap have no order"),
    "one-that-does-not-count": (
        PAIR,
        {**PAIR_GIVEN, "code": {"split": sets("split"), "pack": counts("pack")}},
        "Label sends to Ship too and is not seen to count",
    ),
    "a-tick-that-is-not-looked-at": (
        PAIR,
        {**PAIR_GIVEN, "code": {"pack": ticks("pack"), "label": ticks("label")}},
        "what it sends is not seen to be sent under a comparison of the count",
    ),
    "always-sent": (FAN.replace("?", ""), {**FAN_GIVEN, "hops": {}}, "not seen to be sent under a comparison"),
    "sent-for-another-reason": (FAN, {**FAN_GIVEN, "hops": last("work>report", text="kind == 'gift'")}, "under a comparison"),
    "different-tables": (
        PAIR,
        {**PAIR_GIVEN, "code": {**PAIR_GIVEN["code"], "label": counts("label", TableName=Ref("app/Other"))}},
        "Label and Pack count in different tables",
    ),
    "different-attributes": (
        PAIR,
        {
            **PAIR_GIVEN,
            "code": {**PAIR_GIVEN["code"], "label": counts("label", UpdateExpression="SET remaining2 = remaining2 - :one")},
        },
        "Label and Pack count in different attributes",
    ),
    "a-table-that-is-not-known": (
        FAN,
        {**FAN_GIVEN, "code": {"split": sets("split"), "work": counts("work", TableName=None)}},
        "in which table Work counts is not known",
    ),
    "one-count-for-all-runs": (
        FAN,
        {**FAN_GIVEN, "code": {"split": sets("split"), "work": counts("work", Key={"id": "all"})}},
        "the key of the item in which Work counts is not seen to come from the message",
    ),
    "somebody-else-counts-too": (
        f"{FAN}; split -sqs-> other",
        {**FAN_GIVEN, "code": {**FAN_GIVEN["code"], "other": counts("other")}},
        "Other counts in the same table",
    ),
    "nobody-sets-the-count": (
        FAN,
        {**FAN_GIVEN, "code": {"work": counts("work")}},
        "Split splits the work, but is not seen to write to the table",
    ),
    "a-milestone": (
        FAN,
        {"code": {"work": counts("work", **UP)}, "hops": last("work>report", text="done >= 1000")},
        "Split splits the work, but is not seen to write to the table",
    ),
    "a-loop-over-the-records-only": (
        FAN,
        {
            **FAN_GIVEN,
            "hops": {
                **FAN_GIVEN["hops"],
                "split>work": {"guards": (Guard(kind="loop", text='for record in event["Records"]', location=at("split")),)},
            },
        },
        "no function that all ways to Work pass splits the work",
    ),
    "one-way-or-the-other": (
        "split -sqs?-> {pack, label}; {pack, label} -sqs:Ready?-> ship",
        {
            **PAIR_GIVEN,
            "hops": {
                **PAIR_GIVEN["hops"],
                "split>pack": {"guards": (Guard(kind="if", text="big", location=at("split"), side="1+"),)},
                "split>label": {"guards": (Guard(kind="if", text="big", location=at("split"), side="1-"),)},
            },
        },
        "no function that all ways to Label and Pack pass splits the work",
    ),
    "nothing-is-split": (FAN.replace("*", ""), FAN_GIVEN, "no function that all ways to Work pass splits the work"),
    "two-ways-in": (
        f"{FAN}; phone -sqs:WorkQueue-> work",
        {**FAN_GIVEN, "triggers": {"phone": "s3", "split": "s3"}},
        "no function that all ways to Work pass splits the work",
    ),
    "a-way-out": (
        f"{FAN}; work -sqs-> audit",
        FAN_GIVEN,
        "Work -sqs-> Audit leads elsewhere, and its end would be waited for too",
    ),
    "different-ways-to-one-consumer": (
        "split -sns-> {pack, label}; pack -sqs:Ready?-> ship; label -sns?-> ship",
        PAIR_GIVEN,
        "not all that count reach Ship by the same way",
    ),
}


def planned(row: Row) -> tuple[Workflow, EventGraph]:
    graph = row.graph
    return plan(graph, chain(graph)), graph


def in_jsonata(graph: EventGraph, handlers: Handlers) -> Machine:
    """What runs a definition as it is usually written."""
    return Machine(definition(graph), handlers)


def ran(row: Row, made: Callable[[EventGraph, Handlers], Machine] = in_jsonata) -> tuple[Machine, Ordered]:
    def failing(event: Any) -> Any:
        raise ValueError("broken")

    does = {**row.does(), **dict.fromkeys(row.fails, failing)}
    handlers = Ordered(does)
    machine = made(row.graph, handlers)
    machine.run({})
    return machine, handlers


@pytest.mark.parametrize("name", ROWS)
def test_definition(name: str) -> None:
    workflow, graph = planned(ROWS[name])
    written = asl_definition(workflow, graph)
    assert [found for found in validate(written) if found.severity == "error"] == []
    path = GOLDEN / f"{name}.json"
    text = json.dumps(outline(written), indent=2, ensure_ascii=False) + "\n"
    assert text == golden(path, text)


@pytest.mark.parametrize("name", ROWS)
def test_what_follows_runs_for_each_message_that_was_sent(name: str) -> None:
    row = ROWS[name]
    machine, handlers = ran(row)
    assert {function: len(events) for function, events in handlers.events.items() if function != "Split"} == dict(row.runs)
    assert tuple(call["QueueUrl"] for _, call in machine.calls) == row.parked


@pytest.mark.parametrize("name", ROWS)
def test_what_follows_runs_after_all_that_were_split(name: str) -> None:
    """In the order in which the states are entered, nothing that is joined comes after the consumer's first run."""
    row = ROWS[name]
    workflow, _ = planned(row)
    joins = [step for step in steps(workflow.root) if isinstance(step, Join)]
    assert len(joins) == max(1, len(row.joined))
    outer = joins[0]
    workers = {step.function for step in steps(outer.body) if isinstance(step, Task)}
    consumers = {step.function for step in steps(outer.then) if isinstance(step, Task)}
    assert not workers & consumers
    order = [function for function in ran(row)[1].order if f"app/{function}" in workers | consumers]
    first = next((place for place, function in enumerate(order) if f"app/{function}" in consumers), len(order))
    assert {f"app/{function}" for function in order[first:]} <= consumers


@pytest.mark.parametrize("name", STAYING)
def test_staying(name: str) -> None:
    """The consumer stands behind each run as before, and the note about the count says what is missing."""
    text, given, words = STAYING[name]
    graph = arrows(text, **given)
    workflow = plan(graph, chain(graph))
    assert not any(isinstance(step, Join) for step in steps(workflow.root))
    assert set(workflow.migrated) == {hop.id for hop in graph.hops}
    assert words in " | ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.topic == "join")


def test_it_is_the_same_chain_but_for_time() -> None:
    """Without what shows the join the consumer stands in the Map; it gets the same event."""
    row = ROWS["counter"]
    unseen = replace(row, given={**row.given, "code": {}})
    joined, apart = ran(row)[1], ran(unseen)[1]
    assert joined.events["Report"] == apart.events["Report"]
    assert (joined.order[-1], apart.order.index("Report")) == ("Report", len(apart.order) - 1)


def test_what_changes_is_said() -> None:
    workflow, _ = planned(ROWS["counter"])
    said = " | ".join((*workflow.differences, *(obstacle.text for obstacle in workflow.obstacles)))
    assert "Report runs for each message that Work sent, as before, but only when all that Split split has ended" in said
    assert "a run of Work that fails after it has counted is tried again and counts again" in said
    assert "or a join hands on, must fit together into a state's 256 KiB" in said
    assert "could join them" not in said


def test_behind_branches_a_consumer_stands_once() -> None:
    workflow, _ = planned(ROWS["branches"])
    assert sum(isinstance(step, Task) and step.function == "app/Ship" for step in steps(workflow.root)) == 1
    assert not any("is reached by" in text for text in workflow.differences)
    outlook = workflow.outlook
    assert outlook is not None
    # split, the Parallel with its two tasks, the Map with its one
    assert (outlook.transitions.least, outlook.transitions.usual) == (5, 6)


def test_a_run_takes_as_long_as_both_sides_of_a_join() -> None:
    joined, apart = (planned(row)[0].outlook for row in (ROWS["branches"], replace(ROWS["branches"], given={})))
    assert joined is not None and apart is not None
    assert joined.seconds == apart.seconds


def test_of_the_messages_that_are_joined_one_is_paid_for() -> None:
    """The last of two branches sends to the queue; without a join both may, and the bill says so."""
    joined, apart = (planned(row)[0].outlook for row in (ROWS["branches"], replace(ROWS["branches"], given={})))
    assert joined is not None and apart is not None
    bills = [outlook.bill(way) for outlook in (joined, apart) for way in ("today", "standard")]
    today, standard, today_apart, standard_apart = (bill.million or 0.0 for bill in bills if bill is not None)
    assert today < today_apart and standard < standard_apart


@pytest.mark.parametrize("name", semantics.ROWS)
def test_whatever_ends_in_a_part_that_is_waited_for_puts_out_effects(name: str) -> None:
    """Each hop and structure within a join: every state that ends there puts out an array, for the Parallel to flatten."""
    graph = semantics.ROWS[name].graph
    workflow = plan(graph, chain(graph))
    root = workflow.root
    if not isinstance(root, Task) or root.then is None:
        pytest.skip("it starts in several ways")
    effects = Effects(type="sqs", target=graph.channels[0].id)
    behind = Each(effects=effects, multiplicity="many", body=Task(function=root.function))
    waiting = replace(root, then=Join(body=Parallel(branches=(root.then,)), then=behind))
    written = asl_definition(replace(workflow, root=waiting), graph)
    (within,) = (state for state in written["States"].values() if state["Type"] == "Parallel" and "Next" in state)
    pending = list(within["Branches"])
    while pending:
        for title, state in pending.pop()["States"].items():
            pending.extend([*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())])
            if state["Type"] == "Succeed" or state.get("End"):
                assert isinstance(state.get("Output"), str), title


def test_cloudformation_takes_them_all() -> None:
    assert refused(definition(row.graph) for row in ROWS.values()) == []


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ROWS)
