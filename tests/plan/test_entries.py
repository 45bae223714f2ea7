"""How each entry of a workflow is started: by what started the function before, by a pipe or a rule in its place, or from outside
by the effects of the function, which stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.channels.envelope.test_entered import CHANGED, HELD, NOTIFIED, QUEUED, bus_event, notified
from tests.emit.asl.test_definition import Handlers, definition, published, sent
from tests.machines import Machine
from untangle.asl import validate
from untangle.model.code import CodeFacts
from untangle.model.entry import EFFECTS, EVENT, Entry
from untangle.model.graph import EventGraph
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.shape import Read
from untangle.model.step import Task, steps
from untangle.plan import plan

DEAD = ChannelNode(id="app/Dead", type="sqs", address="Dead", stack="app")
REDRIVE = {"IntakeSource": {"visibility_timeout": 60, "redrive": {"dead_letter": "app/Dead", "max_receive_count": 3}}}


def graph(trigger: str | None, **given: Any) -> EventGraph:
    return arrows("intake -sqs-> charge", triggers={"intake": trigger} if trigger else {}, **given)


def entry(found: EventGraph) -> Entry:
    (only,) = plan(found, chain(found)).entries
    return only


def ran(found: EventGraph, value: Any, fails: str = "") -> tuple[Handlers, Machine]:
    """The handlers after a run of the workflow, each step of which passes its work on."""
    written = definition(found)
    assert [item for item in validate(written) if item.severity == "error"] == []

    def broken(event: Any) -> Any:
        raise RuntimeError("broken")

    does: dict[str, Any] = {"Intake": [sent("ChargeQueue", "x")]}
    handlers = Handlers({}, **({**does, fails: broken} if fails else does))
    machine = Machine(written, handlers)
    machine.run(value)
    return handlers, machine


class TestTheFirstHandlerGetsWhatItGot:
    @pytest.mark.parametrize(
        ("trigger", "form", "given", "wanted"),
        [
            (None, EVENT, {"order": 1}, {"order": 1}),
            ("eventbridge", EVENT, {"detail": {}}, {"detail": {}}),
            ("schedule", EVENT, {"detail": {}}, {"detail": {}}),
            ("scheduler", EVENT, {"own": "input"}, {"own": "input"}),
            ("iot", EVENT, {"reading": 1}, {"reading": 1}),
            ("s3", "s3", bus_event(), notified()),
            ("sqs", "sqs", [QUEUED], {"Records": [QUEUED]}),
            ("dynamodb_stream", "dynamodb_stream", [CHANGED], {"Records": [CHANGED]}),
            ("sns", "sns", [{**QUEUED, "body": json.dumps(HELD)}], {"Records": [NOTIFIED]}),
        ],
    )
    def test_event(self, trigger: str | None, form: str, given: Any, wanted: Any) -> None:
        found = graph(trigger)
        assert entry(found).form == form
        handlers, _ = ran(found, given)
        assert handlers.events["Intake"] == [wanted]
        assert [record["body"] for event in handlers.events["Charge"] for record in event["Records"]] == ["x"]

    def test_its_own_message_is_parked_as_it_stood_in_the_queue(self) -> None:
        found = graph("sqs", settings=REDRIVE, extra=(DEAD,))
        second = {**QUEUED, "messageId": "2", "body": "second", "messageAttributes": {}}
        handlers, machine = ran(found, [QUEUED, second], fails="Intake")
        receives = [event["Records"][0]["attributes"]["ApproximateReceiveCount"] for event in handlers.events["Intake"]]
        assert receives == ["1", "2", "3"]
        attribute = {"kind": {"DataType": "String", "StringValue": "a"}}
        assert machine.calls == [
            (
                "arn:aws:states:::sqs:sendMessage",
                {"QueueUrl": "Dead", "MessageBody": "Test message.", "MessageAttributes": attribute},
            ),
            ("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "Dead", "MessageBody": "second"}),
        ]

    def test_several_entries_are_told_apart_by_name(self) -> None:
        found = arrows("a -sqs-> c; b -sqs-> c", triggers={"a": "s3", "b": "apigateway"})
        handlers = Handlers(A=[sent("CQueue", "a")])
        Machine(definition(found), handlers).run({"entry": "A", "event": bus_event()})
        Machine(definition(found), handlers).run({"entry": "B", "effects": [sent("CQueue", "b")]})
        assert handlers.events["A"] == [notified()] and "B" not in handlers.events
        assert [event["Records"][0]["body"] for event in handlers.events["C"]] == ["a", "b"]


class TestTheFunctionStaysOutside:
    @pytest.mark.parametrize(
        ("trigger", "given", "words"),
        [
            ("apigateway", {}, "apigateway waits for its answer"),
            ("alb", {}, "alb waits for its answer"),
            ("function_url", {}, "function_url waits for its answer"),
            ("kinesis", {}, "kinesis can start this function, and no workflow in the same way"),
            ("ses", {}, "ses can start this function"),
            ("sqs", {"settings": {"IntakeSource": {"fifo": True}}}, "the queue is FIFO"),
            ("sqs", {"delivery": {"IntakeSource": {"maximum_concurrency": 5}}}, "limits the function to 5 at a time"),
            ("dynamodb_stream", {"delivery": {"IntakeSource": {"tumbling_window": 60}}}, "a tumbling window"),
            ("dynamodb_stream", {"delivery": {"IntakeSource": {"on_failure": "app/Dead"}}}, "reports the batches that failed"),
            ("s3", {"filters": {"IntakeSource": {"events": ("s3:ObjectRestore:Completed",)}}}, "ObjectRestore:Completed"),
            ("s3", {"filters": {"IntakeSource": {"events": ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")}}}, "from one event"),
        ],
    )
    def test_because(self, trigger: str, given: dict[str, Any], words: str) -> None:
        found = graph(trigger, **given)
        assert entry(found).form == EFFECTS
        assert words in entry(found).words
        handlers, _ = ran(found, {"entry": "Intake", "effects": [sent("ChargeQueue", "x"), published("Other", "y")]})
        assert list(handlers.events) == ["Charge"]

    def test_the_handler_reads_what_the_bus_does_not_tell(self) -> None:
        read = Read(path=("Records", "*", "userIdentity", "principalId"), required=True, location=Location("intake.py", 3))
        found = graph("s3", code={"intake": CodeFacts(function="intake", readable=True, reads=(read,))})
        assert entry(found).form == EFFECTS
        assert "reads Records.*.userIdentity.principalId (intake.py:3)" in entry(found).words

    def test_it_has_several_ways_in(self) -> None:
        found = arrows(
            "intake -sqs-> charge; before -sqs-> intake", triggers={"intake": "s3"}, hops={"before>intake": {"mediated": True}}
        )
        only = next(item for item in plan(found, chain(found)).entries if item.function == "app/Intake")
        assert only.form == EFFECTS and "in several ways (s3, sqs)" in only.words

    def test_a_pipe_cannot_name_its_entry(self) -> None:
        found = arrows("a -sqs-> c; b -sqs-> c", triggers={"a": "sqs", "b": "schedule"})
        forms = {item.name: item.form for item in plan(found, chain(found)).entries}
        assert forms == {"A": EFFECTS, "B": EVENT}

    def test_its_destination_stays_too(self) -> None:
        found = arrows("intake -lambda_destination-> audit; intake -sqs-> charge", triggers={"intake": "ses"})
        workflow = plan(found, chain(found))
        assert len(workflow.kept) == 1 and len(workflow.migrated) == 1
        assert any("stays outside of the workflow" in item.text for item in workflow.obstacles if item.blocking)


class TestTries:
    def task(self, found: EventGraph) -> Task:
        return next(
            step for step in steps(plan(found, chain(found)).root) if isinstance(step, Task) and step.function == "app/Intake"
        )

    @pytest.mark.parametrize(
        ("trigger", "given", "wanted"),
        [
            ("s3", {}, (60, 2, 2)),
            ("sns", {}, (60, 2, 2)),
            ("eventbridge", {"functions": {"intake": {"asynchronous": {"maximum_retry_attempts": 1}}}}, (60, 2, 1)),
            ("sqs", {"settings": REDRIVE}, (60, 1, 2)),
            ("dynamodb_stream", {"delivery": {"IntakeSource": {"maximum_retry_attempts": 4}}}, (1, 2, 4)),
            ("apigateway", {}, None),
            (None, {}, (60, 2, 2)),
            (None, {"functions": {"intake": {"asynchronous": {"maximum_retry_attempts": 0}}}}, None),
        ],
    )
    def test_as_often_as_before(self, trigger: str | None, given: dict[str, Any], wanted: Any) -> None:
        task = self.task(graph(trigger, **given))
        found = [(retry.interval, retry.rate, retry.attempts) for retry in task.retries if retry.errors == "any"]
        assert found == ([wanted] if wanted else [])

    def test_what_differs_is_said_of_the_first_function_too(self) -> None:
        found = graph("sqs")
        said = " ".join(plan(found, chain(found)).differences)
        assert "IntakeSource has no redrive policy: it retried until the message expired" in said

    def test_single_failures_are_failures(self) -> None:
        found = graph("sqs", delivery={"IntakeSource": {"report_batch_item_failures": True, "batch_size": 10}})
        assert self.task(found).partial
        assert "batch size 1 (one message at a time" in entry(found).add[0].text


class TestWhatIsSwitched:
    @pytest.mark.parametrize(
        ("trigger", "given", "add", "remove"),
        [
            ("eventbridge", {}, "rule Nightly: the state machine as a further target", "rule Nightly: the target Intake"),
            ("s3", {}, "bucket IntakeSource: send its events to EventBridge", "bucket IntakeSource: its notification to Intake"),
            (
                "sqs",
                {},
                "a pipe from queue IntakeSource to the state machine, batch size 10",
                "event source mapping of IntakeSource",
            ),
            ("dynamodb_stream", {}, "a pipe from the stream of IntakeSource", "event source mapping of the table's stream"),
            ("sns", {}, "a queue for the notifications of IntakeSource", "topic IntakeSource: the subscription of Intake"),
            ("scheduler", {}, "the state machine in the place of Intake, with the same Input", ""),
            (None, {}, "StartExecution with the event that they send", ""),
        ],
    )
    def test_by_name(self, trigger: str | None, given: dict[str, Any], add: str, remove: str) -> None:
        found = entry(graph(trigger, **given))
        assert any(add in switch.text for switch in found.add)
        assert any(remove in switch.text for switch in found.remove) if remove else not found.remove

    def test_a_schedule_by_its_rule(self) -> None:
        found = graph("eventbridge", delivery={"IntakeSource": {"rule": "app/Nightly"}})
        assert entry(found).remove[0].text == "rule Nightly: the target Intake"

    def test_with_its_place(self) -> None:
        (remove,) = entry(graph("sqs")).remove
        assert str(remove.location) == "template.yaml:300"

    @pytest.mark.parametrize(
        ("filter", "wanted"),
        [
            ({"events": ("s3:ObjectCreated:*",)}, {"detail-type": ("Object Created",), "object": None}),
            (
                {"events": ("s3:ObjectCreated:Put", "s3:ObjectCreated:Copy"), "prefix": "in/"},
                {"reason": ("PutObject", "CopyObject"), "object": {"key": ({"prefix": "in/"},)}},
            ),
            (
                {"events": ("s3:ObjectCreated:*",), "prefix": "in*/", "suffix": ".csv"},
                {"object": {"key": ({"wildcard": "in\\*/*.csv"},)}},
            ),
            ({"events": ("s3:ObjectCreated:*",), "suffix": ".csv"}, {"object": {"key": ({"suffix": ".csv"},)}}),
            ({"events": ("s3:ObjectRemoved:*",)}, {"detail-type": ("Object Deleted",), "reason": ("DeleteObject",)}),
            (
                {"events": ("s3:ObjectRemoved:DeleteMarkerCreated",)},
                {"reason": ("DeleteObject",), "deletion-type": ("Delete Marker Created",)},
            ),
            ({"events": ("s3:LifecycleExpiration:*",)}, {"reason": ("Lifecycle Expiration",)}),
        ],
    )
    def test_a_rule_takes_what_the_notification_took(self, filter: Any, wanted: dict[str, Any]) -> None:
        (_, rule) = entry(graph("s3", filters={"IntakeSource": filter})).add
        pattern: Any = rule.properties["EventPattern"]
        assert pattern["source"] == ("aws.s3",) and pattern["detail"]["bucket"] == {"name": ("<the name of IntakeSource>",)}
        for key, value in wanted.items():
            assert (pattern | pattern["detail"]).get(key) == value


class TestNothingStartsTwice:
    def test_a_write_would_start_the_workflow_that_runs_its_consumer_already(self) -> None:
        found = arrows("a -s3:BSource-> b -sqs-> c", triggers={"b": "s3"})
        workflow = plan(found, chain(found))
        (kept,) = workflow.kept
        assert found.hop(kept).consumer == "app/B"
        assert any("others start it in the same way" in item.text for item in workflow.obstacles if item.blocking)
        assert [item.name for item in workflow.entries] == ["B"]

    def test_a_call_that_is_held_back_starts_nothing(self) -> None:
        found = arrows("a -sqs:BSource-> b -sqs-> c", triggers={"a": "schedule", "b": "sqs"})
        assert not plan(found, chain(found)).kept
