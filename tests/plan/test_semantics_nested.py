"""What becomes a workflow of its own, started without waiting, and that its consumers get what the platform would have delivered.

A row's definitions (`golden/nested/<name>.json`, their adapters left out) are executed together: the workflow and the
executions that it starts. UNTANGLE_UPDATE=1 writes the files anew: read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import Handlers, arn, published, sent, value
from tests.golden import golden
from tests.machines import Failed, Machine
from tests.plan.test_semantics import DLQ, REDRIVE, message, notification
from tests.plan.test_shapes import outline
from untangle.asl import validate
from untangle.emit.asl import Language, asl_definitions, substitutions
from untangle.model.step import Start, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan
from untangle.plan.tree import growth

GOLDEN = Path(__file__).parent / "golden" / "nested"
SEVEN = tuple(f"p{number}" for number in range(1, 8))
FANNED = f"intake -sns-> {{{', '.join(SEVEN)}}}"
ANNOUNCED = [published("IntakeTopic", "go")]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A chain, what its handlers do, and what must come of it: the names of the nested workflows, how many are started, the
    events of the consumers in them, what is parked, which executions fail. `limits` are those of `growth`, made small."""

    text: str
    given: Mapping[str, Any] = field(default_factory=dict)
    does: Mapping[str, Any] = field(default_factory=dict)
    fails: tuple[str, ...] = ()
    nested: tuple[str, ...]
    starts: int
    events: Mapping[str, list[Any]] = field(default_factory=dict)
    parked: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    failed: tuple[str, ...] = ()
    waits: tuple[int, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)


def each(*effects: Any) -> dict[str, Any]:
    """What the seven do when they run: the same."""
    return {"Intake": ANNOUNCED, **{name.upper(): list(effects) for name in SEVEN}}


ROWS: dict[str, Row] = {
    "one-way-from-seven": Row(
        text=f"{FANNED}; {{{', '.join(SEVEN)}}} -sqs:Ready-> ship -sns-> mail",
        does={**each(sent("Ready", "x")), "Ship": [published("ShipTopic", "y")]},
        nested=("Chain-Ship",),
        starts=7,
        events={"Ship": [message("Ready", "x")] * 7, "Mail": [notification("ShipTopic", "y")] * 7},
    ),
    "a-way-of-its-own-from-each-of-seven": Row(
        text="; ".join((FANNED, *(f"{name} -sqs:{name}q-> ship" for name in SEVEN), "ship -sns-> mail -sqs-> log")),
        does={
            "Intake": ANNOUNCED,
            **{name.upper(): [sent(f"{name}q", "x")] for name in SEVEN},
            "Ship": [published("ShipTopic", "y")],
            "Mail": [sent("LogQueue", "z")],
        },
        nested=("Chain-Mail",),
        starts=7,
        events={
            "Ship": [message(f"{name}q", "x") for name in SEVEN],
            "Mail": [notification("ShipTopic", "y")] * 7,
            "Log": [message("LogQueue", "z")] * 7,
        },
    ),
    "all-effects-at-once": Row(
        text="; ".join(
            (FANNED, *(f"{name} -sqs:{name}q-> ship" for name in SEVEN), "ship -sqs*-> pack -sns-> label; ship -sqs-> bill")
        ),
        does={
            "Intake": ANNOUNCED,
            "P1": [sent("p1q", "x")],
            **{name.upper(): [sent(f"{name}q", "x")] for name in SEVEN},
            "Ship": [sent("PackQueue", "1"), sent("BillQueue", "b"), sent("PackQueue", "2")],
            "Pack": [published("PackTopic", "y")],
        },
        nested=("Chain-AfterShip",),
        starts=7,
        events={
            "Ship": [message(f"{name}q", "x") for name in SEVEN],
            "Bill": [message("BillQueue", "b")] * 7,
            "Pack": [message("PackQueue", "1"), message("PackQueue", "2")] * 7,
            "Label": [notification("PackTopic", "y")] * 14,
        },
    ),
    "a-tail-that-fails": Row(
        text=f"{FANNED}; {{{', '.join(SEVEN)}}} -sqs:Ready-> ship -sns-> mail; p7 -sqs-> audit",
        does={**each(sent("Ready", "x")), "P7": [sent("Ready", "x"), sent("AuditQueue", "a")]},
        given={"settings": {"Ready": {"visibility_timeout": 30, "redrive": {"max_receive_count": 1}}}},
        fails=("Ship",),
        nested=("Chain-Ship",),
        starts=7,
        events={"Ship": [message("Ready", "x")] * 7, "Audit": [message("AuditQueue", "a")]},
        failed=("Chain-Ship",) * 7,
    ),
    "a-tail-that-parks": Row(
        text=f"{FANNED}; {{{', '.join(SEVEN)}}} -sqs:Ready-> ship -sns-> mail",
        given={
            "settings": {"Ready": {**REDRIVE, "redrive": {"dead_letter": "app/Dead", "max_receive_count": 1}}},
            "extra": (DLQ,),
        },
        does=each(sent("Ready", "x")),
        fails=("Ship",),
        nested=("Chain-Ship",),
        starts=7,
        events={"Ship": [message("Ready", "x")] * 7},
        parked=(("sqs:sendMessage", {"QueueUrl": "Dead", "MessageBody": "x"}),) * 7,
    ),
    "a-filter-before-it": Row(
        text=f"{FANNED}; {{{', '.join(SEVEN)}}} -sns:Done-> ship -sqs-> mail",
        given={"filters": {"Done>Ship": {"kind": ("gift",)}}},
        does={
            **each(published("Done", "x", kind="plain")),
            "P1": [published("Done", "x", kind="gift")],
            "Ship": [sent("MailQueue", "y")],
        },
        nested=("Chain-Ship",),
        starts=1,
        events={"Ship": [notification("Done", "x", kind="gift")], "Mail": [message("MailQueue", "y")]},
    ),
    "a-delay-in-it": Row(
        text=f"{FANNED}; {{{', '.join(SEVEN)}}} -sqs:Ready-> ship -sqs-> mail",
        given={"settings": {"Ready": {"delay_seconds": 60}}},
        does={**each(sent("Ready", "x")), "Ship": [sent("MailQueue", "y")]},
        nested=("Chain-Ship",),
        starts=7,
        events={"Ship": [message("Ready", "x")] * 7, "Mail": [message("MailQueue", "y")] * 7},
        waits=(60,) * 7,
    ),
    "a-long-line": Row(
        text="intake -sqs-> a -sns-> b -sqs-> c -sns-> d",
        does={
            "Intake": [sent("AQueue", "1")],
            "A": [published("ATopic", "2")],
            "B": [sent("CQueue", "3")],
            "C": [published("CTopic", "4")],
        },
        limits={"MAX_CHARACTERS": 8_000},
        nested=("Chain-C", "Chain-A"),
        starts=2,
        events={
            "A": [message("AQueue", "1")],
            "B": [notification("ATopic", "2")],
            "C": [message("CQueue", "3")],
            "D": [notification("CTopic", "4")],
        },
    ),
    "a-wide-fan-out": Row(
        text="intake -sns-> {a, b, c, d}",
        does={"Intake": [published("IntakeTopic", "x")]},
        fails=("B",),
        limits={"MAX_CHARACTERS": 8_000},
        nested=("Chain-AfterIntake", "Chain-AfterIntake-2"),
        starts=2,
        events={
            "A": [notification("IntakeTopic", "x")],
            "B": [notification("IntakeTopic", "x")] * 3,
            "C": [notification("IntakeTopic", "x")],
            "D": [notification("IntakeTopic", "x")],
        },
    ),
    "loops-in-loops": Row(
        text="intake -sqs*-> a -sqs*-> b -sqs*-> c",
        does={"Intake": [sent("AQueue", "1")], "A": [sent("BQueue", "2")], "B": [sent("CQueue", "3"), sent("CQueue", "4")]},
        limits={"MAX_DEPTH": 2},
        nested=("Chain-A",),
        starts=1,
        events={
            "A": [message("AQueue", "1")],
            "B": [message("BQueue", "2")],
            "C": [message("CQueue", "3"), message("CQueue", "4")],
        },
    ),
}


def planned(row: Row, monkeypatch: pytest.MonkeyPatch, language: Language = "jsonata") -> tuple[Workflow, dict[str, Any]]:
    """The plan of a row, and its definitions as they are deployed, by name."""
    for name, limit in row.limits.items():
        monkeypatch.setattr(growth, name, limit)
    graph = arrows(row.text, **row.given)
    workflow = plan(graph, chain(graph))
    found = {}
    parts = {one.name: one for one in workflow.nested}
    for name, definition in asl_definitions(workflow, graph, language).items():
        text = json.dumps(definition)
        for placeholder, (resource, attribute) in substitutions(workflow, graph, parts.get(name), language).items():
            text = text.replace(f"${{{placeholder}}}", value(resource, placeholder, attribute))
        assert "${" not in text
        found[name] = json.loads(text)
    return workflow, found


def executed(row: Row, definitions: Mapping[str, Any], kind: type[Machine] = Machine) -> tuple[Machine, Handlers]:
    """The workflow and all it starts, run once."""

    def answer(name: str) -> Any:
        def run(event: Any) -> Any:
            if name in row.fails:
                raise ValueError("broken")
            return row.does.get(name, [])

        return run

    names = {function.address for function in arrows(row.text, **row.given).functions}
    handlers = Handlers(**{name: answer(name) for name in names})
    machines = {arn(name): definition for name, definition in definitions.items()}
    machine = kind(definitions["Chain"], handlers, machines=machines)
    machine.run({})
    return machine, handlers


@pytest.mark.parametrize("name", ROWS)
def test_definitions(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    workflow, definitions = planned(ROWS[name], monkeypatch)
    assert tuple(one.name for one in workflow.nested) == ROWS[name].nested
    assert workflow.kept == ()
    for definition in definitions.values():
        assert [found for found in validate(definition) if found.severity == "error"] == []
    text = json.dumps({name: outline(one) for name, one in definitions.items()}, indent=2, ensure_ascii=False) + "\n"
    path = GOLDEN / f"{name}.json"
    assert text == golden(path, text)


@pytest.mark.parametrize("name", ROWS)
def test_consumers_get_what_the_platform_would_have_delivered(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS[name]
    machine, handlers = executed(row, planned(row, monkeypatch)[1])
    got = {function: events for function, events in handlers.events.items() if function in row.events}
    assert got == dict(row.events)
    assert len(machine.started) == row.starts
    assert tuple((resource.removeprefix("arn:aws:states:::"), call) for resource, call in machine.calls) == row.parked
    assert tuple(name.rpartition(":")[2] for name, _ in machine.failed) == row.failed
    assert tuple(machine.waits) == row.waits


def test_an_execution_says_who_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS["one-way-from-seven"]
    machine, _ = executed(row, planned(row, monkeypatch)[1])
    assert {given["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"] for _, given in machine.started} == {
        "arn:aws:states:eu-west-1:111122223333:execution:Orders:run-1"
    }


def test_what_cannot_be_started_goes_where_a_failed_message_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS["a-tail-that-parks"]
    _, definitions = planned(row, monkeypatch)
    machine, handlers = executed(row, {"Chain": definitions["Chain"]})
    assert "Ship" not in handlers.events
    assert [call for _, call in machine.calls] == [{"QueueUrl": "Dead", "MessageBody": "x"}] * 7


def test_what_cannot_be_started_does_not_stop_its_siblings(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS["a-tail-that-fails"]
    _, definitions = planned(row, monkeypatch)
    _, handlers = executed(row, {"Chain": definitions["Chain"]})
    assert len(handlers.events["Audit"]) == 1


def test_alone_a_start_that_fails_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS["a-long-line"]
    _, definitions = planned(row, monkeypatch)
    with pytest.raises(Failed, match="StateMachineDoesNotExist"):
        executed(row, {"Chain": definitions["Chain"]})


def test_a_few_ways_are_copies_and_start_nothing() -> None:
    graph = arrows(f"intake -sns-> {{{', '.join(SEVEN[:6])}}}; {{{', '.join(SEVEN[:6])}}} -sqs:Ready-> ship -sns-> mail")
    workflow = plan(graph, chain(graph))
    assert workflow.nested == ()
    assert not any(isinstance(step, Start) for step in steps(workflow.root))


def test_one_function_that_seven_reach_is_copied_for_it_is_not_more_than_its_start() -> None:
    graph = arrows(f"{FANNED}; {{{', '.join(SEVEN)}}} -sqs:Ready-> ship")
    assert plan(graph, chain(graph)).nested == ()


def test_cloudformation_takes_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    definitions: list[Any] = []
    for row in ROWS.values():
        with monkeypatch.context() as patch:
            definitions += planned(row, patch)[1].values()
    assert refused(definitions) == []


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ROWS)
