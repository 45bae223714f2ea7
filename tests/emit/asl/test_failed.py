"""What goes on where every try of a handler fails after a write, executed: who hears of the write runs, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.emit.asl.test_definition import DLQ, REDRIVE, Handlers, arn, definition, published, sent, stored, value
from tests.machines import Failed, Machine
from tests.path_machines import PathMachine, ready
from tests.plan.test_semantics import ROWS
from tests.plan.test_semantics_joins import ROWS as JOINS
from tests.plan.test_semantics_jsonpath import definition as path_definition
from untangle.emit.asl import Language, asl_definition, substitutions
from untangle.emit.asl.states import FAILED
from untangle.model.graph import EventGraph
from untangle.model.step import Hand, Step, Task, gathered, with_below
from untangle.plan import plan


def after(*effects: Any, kind: str = "KeyError", message: str = "order") -> Callable[[Any], Any]:
    """A handler whose run fails after these went out, as its outbox tells it."""

    def handler(event: Any) -> Any:
        said = {"errorType": kind, "errorMessage": message, "effects": effects}
        cause = {"errorType": FAILED, "errorMessage": json.dumps(said), "requestId": "r", "stackTrace": ["app.py:3"]}
        raise Failed(FAILED, json.dumps(cause))

    return handler


def run(graph: EventGraph, handlers: Handlers) -> Machine:
    machine = Machine(definition(graph), handlers)
    machine.run({})
    return machine


class TestATable:
    def test_who_listens_runs_once_all_tries_are_used_up(self) -> None:
        handlers = Handlers(Intake=[published("IntakeTopic", "x")], Charge=after(stored(1)))
        run(arrows("intake -sns-> charge -dynamodb_stream-> ship"), handlers)
        assert len(handlers.events["Charge"]) == 3 and handlers.markers["Charge"]["failed"] is True
        ((record,),) = ([event["Records"] for event in handlers.events["Ship"]],)
        assert record[0]["dynamodb"]["NewImage"] == {"id": {"N": "1"}}

    def test_another_error_ends_as_before(self) -> None:
        def broken(event: Any) -> Any:
            raise ValueError("broken")

        handlers = Handlers(Intake=[published("IntakeTopic", "x")], Charge=broken)
        with pytest.raises(Failed, match="broken"):
            run(arrows("intake -sns-> charge -dynamodb_stream-> ship"), handlers)
        assert "Ship" not in handlers.events

    def test_beside_others_only_those_who_listen_run(self) -> None:
        """A message that was to be sent is missing, of which a good run always has one."""
        graph = arrows("intake -sns-> charge; charge -dynamodb_stream-> ship; charge -sqs:MailQueue-> mail")
        handlers = Handlers(Intake=[published("IntakeTopic", "x")], Charge=after(stored(1)))
        run(graph, handlers)
        assert len(handlers.events["Ship"]) == 1 and "Mail" not in handlers.events

    def test_a_good_run_passes_the_same_states(self) -> None:
        graph = arrows("intake -sns-> charge -dynamodb_stream-> ship")
        handlers = Handlers(Intake=[published("IntakeTopic", "x")], Charge=[stored(1)])
        assert run(graph, handlers).visited == ["Intake", "Charge", "Ship"]

    def test_tasks_without_such_calls_are_as_they_were(self) -> None:
        graph = arrows("intake -sns-> charge -sqs-> ship")
        text = json.dumps(asl_definition(plan(graph, chain(graph)), graph))
        assert FAILED not in text and "'failed'" not in text


class TestADeadLetter:
    def test_the_message_is_parked_as_it_came_and_the_write_goes_on(self) -> None:
        graph = arrows("intake -sqs*-> charge -dynamodb_stream-> ship", settings=REDRIVE, extra=(DLQ,))
        handlers = Handlers(Intake=[sent("ChargeQueue", "x")], Charge=after(stored(1)))
        machine = run(graph, handlers)
        assert machine.calls == [("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "ChargeDLQ", "MessageBody": "x"})]
        assert len(handlers.events["Ship"]) == 1

    @pytest.mark.parametrize(("message", "told"), [("order", "order"), ("", "KeyError")])
    def test_of_an_event_the_error_is_the_handlers(self, message: str, told: str) -> None:
        functions = {"charge": {"asynchronous": {"dead_letter": "app/ChargeDLQ"}}}
        graph = arrows("intake -sns-> charge -dynamodb_stream-> ship", functions=functions, extra=(DLQ,))
        handlers = Handlers(Intake=[published("IntakeTopic", "x")], Charge=after(stored(1), message=message))
        ((_, arguments),) = run(graph, handlers).calls
        assert arguments["MessageAttributes"]["ErrorMessage"]["StringValue"] == told
        assert len(handlers.events["Ship"]) == 1

    def test_so_is_that_in_the_record_of_a_destination(self) -> None:
        given = ROWS["destination-on-failure"].given
        graph = arrows("intake -sns-> charge -dynamodb_stream-> ship", extra=given["extra"], links=given["links"])
        handlers = Handlers(Intake=[published("IntakeTopic", "x")], Charge=after(stored(1)))
        ((_, arguments),) = run(graph, handlers).calls
        record = json.loads(arguments["Message"])
        payload = {"errorType": "KeyError", "errorMessage": "order", "requestId": "r", "stackTrace": ["app.py:3"]}
        assert record["responsePayload"] == payload
        assert len(handlers.events["Ship"]) == 1


PATHS: Mapping[str, tuple[str, Mapping[str, Any], list[str]]] = {
    "dropped": ("intake -sns-> charge -sns-> {ship, mail}", {}, []),
    "parked": (
        "intake -sqs-> charge -sns-> {ship, mail}",
        {"settings": REDRIVE, "extra": (DLQ,)},
        ["arn:aws:states:::sqs:sendMessage"],
    ),
}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("language", ["jsonata", "jsonpath"])
def test_a_topic_that_others_hear_too(name: str, language: str) -> None:
    text, given, called = PATHS[name]
    graph = arrows(f"{text}; charge -sns:ChargeTopic/sqs:fifo-> books", **merged(given))
    message = sent("ChargeQueue", "x") if "sqs-> charge" in text else published("IntakeTopic", "x")
    told = published("ChargeTopic", "y")
    told["ready"] = ready(told, {"capture": [], "observe": [arn("ChargeTopic")]})
    handlers = Handlers(Intake=[message], Charge=after(told))
    made = PathMachine(path_definition(graph), handlers) if language == "jsonpath" else Machine(definition(graph), handlers)
    made.run({})
    assert [resource for resource, _ in made.calls] == called
    assert [len(handlers.events[name]) for name in ("Ship", "Mail")] == [1, 1] and "Books" not in handlers.events


def merged(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**given, "settings": {**given.get("settings", {}), "fifo": {"fifo": True}}}


@pytest.mark.parametrize("language", ["jsonata", "jsonpath"])
@pytest.mark.parametrize(
    ("name", "told", "follows"),
    [
        ("branches-that-both-publish", sent("Ready", "p"), "Ship"),
        ("a-worker-that-fails-for-good-and-is-parked", published("WorkTopic", "p"), "Report"),
    ],
)
def test_a_join_gets_what_was_written(name: str, told: dict[str, Any], follows: str, language: Language) -> None:
    """One of two workers, or both, fail after calls that are taken for such as others hear too."""
    row = JOINS[name]
    workflow = plan(row.graph, chain(row.graph))
    assert workflow.root is not None
    workflow = replace(workflow, root=gathered(workflow.root, _going_out))
    text = json.dumps(asl_definition(workflow, row.graph, language))
    for label, (resource, attribute) in substitutions(workflow, row.graph, language=language).items():
        text = text.replace(f"${{{label}}}", value(resource, label, attribute))
    told = {**told, "ready": ready(told, {"capture": [], "observe": ["Ready", arn("WorkTopic")]})}
    handlers = Handlers(**{**row.does(), **{worker: after(told) for worker in ("Pack", "Work")}})
    made = (PathMachine if language == "jsonpath" else Machine)(json.loads(text), handlers)
    made.run({})
    assert len(handlers.events[follows]) == 2
    assert [arguments["QueueUrl"] for _, arguments in made.calls] == list(row.parked)


def _going_out(step: Step, below: tuple[Step, ...]) -> Step:
    """The step, its handed effects being of calls that go out."""
    step = with_below(step, below)
    if not isinstance(step, Task) or not isinstance(step.then, Hand):
        return step
    out = tuple(replace(effects, sent=True) for effects in step.captures)
    return replace(step, captures=out, then=replace(step.then, effects=out))
