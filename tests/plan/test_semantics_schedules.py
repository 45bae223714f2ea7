"""One-off schedules that a function makes for another: a row that waits, and one for each condition that is missing.

UNTANGLE_UPDATE=1 writes `golden/schedules/<name>.json` anew: read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import arn, definition, effect
from tests.golden import golden
from tests.plan.test_semantics import DLQ, Row, executed, planned
from tests.plan.test_shapes import outline
from untangle.asl import validate
from untangle.emit.asl import asl_definition
from untangle.model.code import Call, CodeFacts
from untangle.model.location import Location
from untangle.model.outlook import STANDARD
from untangle.model.shape import Shape
from untangle.model.step import Wait, steps
from untangle.model.value import Concat, Symbol
from untangle.plan import plan

GOLDEN = Path(__file__).parent / "golden" / "schedules"
READ = {name: CodeFacts(function=name, readable=True) for name in ("intake", "charge", "remind")}
AT = Concat(("at(", Symbol("time"), ")"))
ASKED = {
    "Name": Symbol("name"),
    "ScheduleExpression": AT,
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": Symbol("REMIND_ARN"), "RoleArn": "r", "Input": Symbol("text")},
}
PLACE = Location("intake/app.py", 9)


def asked(**changes: Any) -> dict[str, Any]:
    """What a chain `intake -create_schedule-> remind` is given: its call, with changes; None takes a parameter away."""
    attributes = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    return {"code": READ, "hops": {"intake>remind": {"sent": attributes}}}


def scheduled(time: str, body: Any) -> dict[str, Any]:
    """The effect of a CreateSchedule."""
    target = {"Arn": arn("Remind"), "RoleArn": "r", "Input": json.dumps(body)}
    params = {"Name": "n", "ScheduleExpression": f"at({time})", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    return effect(
        "scheduler", "CreateSchedule", params, {"ScheduleArn": "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/n"}
    )


ROWS: dict[str, Row] = {
    "one-off": Row(
        text="intake -create_schedule-> remind",
        given=asked(),
        does={"Intake": [scheduled("2026-01-31T09:00:00", {"order": 1})]},
        events={"Remind": [{"order": 1}]},
        waits=("2026-01-31T09:00:00Z",),
        differences=("the schedule is not made", "more than a year ahead"),
    ),
    "several": Row(
        text="intake -create_schedule*-> remind",
        given=asked(ScheduleExpressionTimezone="UTC"),
        does={"Intake": [scheduled(f"2026-0{month}-01T00:00:00", {"month": month}) for month in (1, 2)]},
        events={"Remind": [{"month": 1}, {"month": 2}]},
        waits=("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
    ),
    "tried-again-as-an-asynchronous-invocation": Row(
        text="intake -create_schedule-> remind",
        given={
            **asked(Target={**ASKED["Target"], "RetryPolicy": {"MaximumRetryAttempts": 2}}, FlexibleTimeWindow=Symbol("window")),  # type: ignore[dict-item]
            "functions": {"remind": {"asynchronous": {"dead_letter": "app/Dead", "maximum_retry_attempts": 1}}},
            "extra": (DLQ,),
        },
        does={"Intake": [scheduled("2026-01-31T09:00:00", {"order": 1})]},
        fails=("Remind",),
        events={"Remind": [{"order": 1}] * 2},
        parked=(
            (
                "sqs:sendMessage",
                {
                    "QueueUrl": "Dead",
                    "MessageBody": '{"order":1}',
                    "MessageAttributes": {
                        "RequestID": {"DataType": "String", "StringValue": "run-1"},
                        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
                        "ErrorMessage": {"DataType": "String", "StringValue": "broken"},
                    },
                },
            ),
        ),
        waits=("2026-01-31T09:00:00Z",),
        differences=("the retry policy and dead-letter queue of the schedule no longer act", "flexible time window"),
    ),
}


def cancelling(operation: str) -> dict[str, CodeFacts]:
    call = Call(service="scheduler", operation=operation, location=PLACE, text="")
    return {**READ, "remind": CodeFacts(function="remind", readable=True, calls=(call,))}


TARGET: Mapping[str, Any] = {"Arn": Symbol("REMIND_ARN"), "RoleArn": "r"}
STAYING: dict[str, tuple[dict[str, Any], str]] = {
    "a-rate": (asked(ScheduleExpression="rate(1 day)"), "not seen to be a one-off schedule"),
    "a-time-of-its-own": (asked(ScheduleExpression=Symbol("when")), "not seen to be a one-off schedule"),
    "a-time-zone": (asked(ScheduleExpressionTimezone="Europe/Berlin"), "a wait takes no time zone (Europe/Berlin)"),
    "an-unknown-time-zone": (asked(ScheduleExpressionTimezone=Symbol("zone")), "a wait takes no time zone (not known)"),
    "switched-off": (asked(State="DISABLED"), "may be made switched off"),
    "one-at-a-time": (asked(Name="nightly"), "its name is always nightly"),
    "no-input": (asked(Target=TARGET), "not seen to have an input"),
    "words-that-are-replaced": (
        {
            **asked(),
            "hops": {
                "intake>remind": {
                    "sent": ASKED,
                    "body": Shape(kind="object", properties={"at": Shape(constant="<aws.scheduler.scheduled-time>")}),
                }
            },
        },
        "words that Scheduler replaces",
    ),
    "taken-back": ({**asked(), "code": cancelling("DeleteSchedule")}, "Remind may take a schedule back or change it"),
    "changed": ({**asked(), "code": cancelling("UpdateSchedule")}, "UpdateSchedule, intake/app.py:9"),
    "unread": ({**asked(), "code": {"intake": READ["intake"]}}, "whether Remind takes a schedule back is not known"),
}


@pytest.mark.parametrize("name", ROWS)
def test_definition(name: str) -> None:
    workflow, graph = planned(ROWS[name])
    written = asl_definition(workflow, graph)
    assert [found for found in validate(written) if found.severity == "error"] == []
    path = GOLDEN / f"{name}.json"
    text = json.dumps(outline(written), indent=2, ensure_ascii=False) + "\n"
    assert text == golden(path, text)


@pytest.mark.parametrize("name", ROWS)
def test_the_function_gets_its_input_at_its_time(name: str) -> None:
    row = ROWS[name]
    machine, handlers = executed(row)
    assert {function: events for function, events in handlers.events.items() if function != "Intake"} == dict(row.events)
    assert tuple(machine.waits) == row.waits
    assert tuple((resource.removeprefix("arn:aws:states:::"), call) for resource, call in machine.calls) == row.parked
    assert handlers.markers["Intake"]["capture"] == [arn("Remind")]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.differences])
def test_what_no_longer_holds_is_said(name: str) -> None:
    workflow, _ = planned(ROWS[name])
    said = " | ".join((*workflow.differences, *(obstacle.text for obstacle in workflow.obstacles)))
    for words in ROWS[name].differences:
        assert words in said


@pytest.mark.parametrize("name", STAYING)
def test_staying(name: str) -> None:
    given, words = STAYING[name]
    graph = arrows("intake -create_schedule-> remind", **given)
    workflow = plan(graph, chain(graph))
    assert workflow.root is None
    assert words in " | ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)


def test_one_that_is_also_invoked_stays() -> None:
    graph = arrows("intake -create_schedule-> remind; intake -lambda_invoke-> remind", **asked())
    workflow = plan(graph, chain(graph))
    assert "Intake also invokes Remind, by the same ARN" in " | ".join(obstacle.text for obstacle in workflow.obstacles)
    assert not any(isinstance(step, Wait) for step in steps(workflow.root))


def test_a_run_may_take_a_year_and_is_no_express_workflow() -> None:
    workflow, _ = planned(ROWS["one-off"])
    assert workflow.outlook is not None
    assert workflow.outlook.type == STANDARD and workflow.outlook.seconds > 31_536_000


def test_cloudformation_takes_them_all() -> None:
    assert refused(definition(row.graph) for row in ROWS.values()) == []


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ROWS)
