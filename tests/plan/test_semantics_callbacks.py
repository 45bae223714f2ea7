"""Queues that stay and call back: one row for each way a message may go, and one for each condition that is missing.

A row that moves has a definition (`golden/callbacks/<name>.json`) which is executed. `Queue` stands for the service, the
function's own mapping and the outbox in the function, by the contract in `untangle/emit/asl/states.py::marker`: what the handler
gets must be exactly what it got before. UNTANGLE_UPDATE=1 writes the files anew: read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import Handlers, arn, definition, published, sent
from tests.golden import golden
from tests.machines import Failed, Machine
from tests.plan.test_semantics import ATTRIBUTES, DLQ, RECEIVED, Row, md5, notification
from tests.plan.test_shapes import outline
from untangle.asl import validate
from untangle.emit.asl import asl_definition
from untangle.model.code import Call, CodeFacts, Guard
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind
from untangle.model.location import Location
from untangle.model.outlook import STANDARD
from untangle.model.shape import Read
from untangle.model.step import Each, Task, Wait, steps
from untangle.model.value import Symbol
from untangle.model.workflow import Workflow
from untangle.plan import plan

GOLDEN = Path(__file__).parent / "golden" / "callbacks"
FIFO = {
    "fifo": True,
    "visibility_timeout": 60,
    "retention": 345600,
    "redrive": {"dead_letter": "app/Dead", "max_receive_count": 2},
}
BY_TIME = {"intake": "schedule"}


def fifo(**more: Any) -> dict[str, Any]:
    """A chain whose queue `ChargeQueue` is FIFO, with messages one by one and a producer that nobody orders."""
    return {
        "settings": {"ChargeQueue": FIFO},
        "delivery": {"ChargeQueue": {"batch_size": 1}},
        "triggers": BY_TIME,
        "extra": (DLQ,),
        **more,
    }


def limited(**more: Any) -> dict[str, Any]:
    """A chain whose mapping runs three functions at a time."""
    return {"delivery": {"ChargeQueue": {"batch_size": 1, "maximum_concurrency": 3}}, **more}


class Queue:
    """One queue with its mapping and the outbox in its function: what arrives with a token is answered for.

    It hands over one message at a time and notes what was sent (`sent`) and which effects were asked for (`markers`)."""

    def __init__(self, handler: Callable[[Any, Any], Any], receives: int = 2, drops: tuple[str, ...] = ()) -> None:
        self.handler, self.receives, self.drops = handler, receives, drops
        self.sent: list[Mapping[str, Any]] = []
        self.markers: list[Mapping[str, Any]] = []

    def __call__(self, arguments: Mapping[str, Any]) -> Any:
        attributes = dict(arguments["MessageAttributes"])
        self.sent.append({**arguments, "MessageAttributes": dict(attributes)})
        asked = json.loads(attributes.pop("untangle")["StringValue"])
        self.markers.append(asked)
        if arguments["MessageBody"] in self.drops:
            raise Failed("States.Timeout")
        for receive in range(1, self.receives + 1):
            try:
                answer = self.handler(received(arguments, attributes, receive), asked)
            except ValueError:
                continue
            if asked.get("partial") and (answer.get("return") or {}).get("batchItemFailures"):
                continue
            return {"return": answer.get("return"), "effects": answer.get("effects", [])}
        assert asked["receives"] == self.receives
        raise Failed("Untangle.Parked")


def received(arguments: Mapping[str, Any], attributes: Mapping[str, Any], count: int = 1) -> dict[str, Any]:
    """The event of a mapping with one message of a queue, as far as a sender decides it."""
    own = ("MessageGroupId", "MessageDeduplicationId")
    body = arguments["MessageBody"]
    return {
        "Records": [
            {
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": str(count),
                    **{name: arguments[name] for name in own if name in arguments},
                },
                "messageAttributes": {
                    name: {
                        "stringValue": value["StringValue"],
                        "stringListValues": [],
                        "binaryListValues": [],
                        "dataType": "String",
                    }
                    for name, value in attributes.items()
                },
                "md5OfBody": md5(body),
                "eventSourceARN": arn(arguments["QueueUrl"]),
            }
        ]
    }


def message(body: str, count: int = 1, attributes: Mapping[str, Any] | None = None, **system: str) -> dict[str, Any]:
    """What the handler of `Charge` gets."""
    return {
        "Records": [
            {
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(count), **system},
                "messageAttributes": dict(attributes or {}),
                "md5OfBody": md5(body),
                "eventSourceARN": arn("ChargeQueue"),
            }
        ]
    }


GROUPED = {"MessageGroupId": "g", "MessageDeduplicationId": "d"}


@dataclass(frozen=True, kw_only=True)
class Called(Row):
    """A row whose queue calls back; `drops` are bodies that it takes for duplicates, `delays` what was sent with a delay."""

    drops: tuple[str, ...] = ()
    delays: tuple[int, ...] = ()


ROWS: dict[str, Called] = {
    "fifo": Called(
        text="intake -sqs-> charge",
        given=fifo(),
        does={"Intake": [sent("ChargeQueue", "x", MessageAttributes=ATTRIBUTES, **GROUPED)]},
        events={"Charge": [message("x", attributes=RECEIVED, **GROUPED)]},
        differences=(
            "kept as a queue, with a callback: it is FIFO",
            "needs states:SendTaskSuccess",
            "in the order in which the runs of Intake end",
        ),
    ),
    "fifo-then-on": Called(
        text="intake -sqs-> charge -sns-> ship",
        given=fifo(),
        does={"Intake": [sent("ChargeQueue", "x", **GROUPED)], "Charge": [published("ChargeTopic", "y")]},
        events={"Charge": [message("x", **GROUPED)], "Ship": [notification("ChargeTopic", "y")]},
    ),
    "fifo-many": Called(
        text="intake -sqs*-> charge -sns-> ship",
        given=fifo(),
        does={
            "Intake": [sent("ChargeQueue", text, MessageGroupId="g") for text in "xyz"],
            "Charge": [published("ChargeTopic", "done")],
        },
        events={
            "Charge": [message(text, MessageGroupId="g") for text in "xyz"],
            "Ship": [notification("ChargeTopic", "done")] * 3,
        },
    ),
    "limited": Called(
        text="intake -sqs*-> charge -sns-> ship",
        given=limited(),
        does={"Intake": [sent("ChargeQueue", text) for text in "xy"], "Charge": [published("ChargeTopic", "done")]},
        events={"Charge": [message("x"), message("y")], "Ship": [notification("ChargeTopic", "done")] * 2},
        differences=("the mapping limits the function to 3 at a time",),
    ),
    "parked-after-the-last-receive": Called(
        text="intake -sqs-> charge -sns-> ship",
        given=fifo(),
        does={"Intake": [sent("ChargeQueue", "x", MessageGroupId="g")]},
        fails=("Charge",),
        events={"Charge": [message("x", count, MessageGroupId="g") for count in (1, 2)]},
    ),
    "parked-beside-others": Called(
        text="intake -sqs-> charge -sns-> ship; intake -sns-> mail",
        given=fifo(),
        does={"Intake": [sent("ChargeQueue", "x", MessageGroupId="g"), published("IntakeTopic", "y")]},
        fails=("Charge",),
        events={
            "Charge": [message("x", count, MessageGroupId="g") for count in (1, 2)],
            "Mail": [notification("IntakeTopic", "y")],
        },
    ),
    "partial-batch": Called(
        text="intake -sqs-> charge",
        given=fifo(
            delivery={"ChargeQueue": {"batch_size": 10, "report_batch_item_failures": True}},
            code={
                "charge": CodeFacts(
                    function="charge", readable=True, reads=(Read(path=("Records", "*", "body"), required=True, location=None),)
                )
            },
        ),
        does={"Intake": [sent("ChargeQueue", "x", MessageGroupId="g")]},
        returns={"Charge": {"batchItemFailures": [{"itemIdentifier": "1"}]}},
        events={"Charge": [message("x", count, MessageGroupId="g") for count in (1, 2)]},
        differences=("the outbox hands the messages of a batch to Charge one by one",),
    ),
    "a-duplicate-that-the-queue-drops": Called(
        text="intake -sqs*-> charge -sns-> ship",
        given=fifo(),
        does={
            "Intake": [sent("ChargeQueue", "x", **GROUPED), sent("ChargeQueue", "again", **GROUPED)],
            "Charge": [published("ChargeTopic", "done")],
        },
        drops=("again",),
        events={"Charge": [message("x", **GROUPED)], "Ship": [notification("ChargeTopic", "done")]},
        differences=("leaves its branch waiting until the queue would have forgotten it (345,660 s)",),
    ),
    "the-queue-delays": Called(
        text="intake -sqs-> charge",
        given=limited(
            settings={"ChargeQueue": {"delay_seconds": 900}}, hops={"intake>charge": {"sent": {"DelaySeconds": Symbol("n")}}}
        ),
        does={"Intake": [sent("ChargeQueue", "x", DelaySeconds=30)]},
        events={"Charge": [message("x")]},
        delays=(30,),
    ),
    "the-mapping-filters": Called(
        text="intake -sqs*-> charge",
        given=limited(filters={"ChargeQueue": ({"body": {"kind": ("gift",)}},)}),
        does={"Intake": [sent("ChargeQueue", '{"kind":"gift"}'), sent("ChargeQueue", '{"kind":"plain"}')]},
        events={"Charge": [message('{"kind":"gift"}')]},
    ),
    "one-queue-after-another": Called(
        text="intake -sqs-> charge -sqs-> ship",
        given={"delivery": {name: {"batch_size": 1, "maximum_concurrency": 2} for name in ("ChargeQueue", "ShipQueue")}},
        does={"Intake": [sent("ChargeQueue", "x")], "Charge": [sent("ShipQueue", "y")]},
        events={
            "Charge": [message("x")],
            "Ship": [{"Records": [{**message("y")["Records"][0], "eventSourceARN": arn("ShipQueue")}]}],
        },
    ),
}

LOOP = Guard(kind="loop", text="for record in records", location=Location("charge/app.py", 4))
EACH_BODY = (Read(path=("Records", "*", "body"), required=True, location=Location("charge/app.py", 5)),)
BULK = CodeFacts(
    function="charge",
    readable=True,
    reads=EACH_BODY,
    calls=(Call(service="dynamodb", operation="PutItem", location=Location("charge/app.py", 9), text="dynamodb.put_item()"),),
)
FIRST = CodeFacts(
    function="charge",
    readable=True,
    reads=(Read(path=("Records", "0", "body"), required=True, location=Location("charge/app.py", 5)),),
)
BATCHES = {"ChargeQueue": {"batch_size": 10, "report_batch_item_failures": True}}


def sending(**attributes: Any) -> dict[str, Any]:
    return fifo(hops={"intake>charge": {"sent": attributes}})


# What stays: the text, what is given, the condition that is missing.
STAYING: dict[str, tuple[str, Mapping[str, Any], str]] = {
    "called-and-waited-for": (
        "intake -sqs-> charge",
        fifo(triggers={"intake": "apigateway"}),
        "may count on the order of two calls",
    ),
    "started-by-an-unknown": ("intake -sqs-> charge", fifo(triggers={"intake": "cloud"}), "in an order by cloud is not known"),
    "producer-in-order": (
        "clerk -sqs:Orders-> intake -sqs-> charge",
        {**fifo(triggers={"clerk": "apigateway"}), "settings": {"ChargeQueue": FIFO, "Orders": {"fifo": True}}},
        "Intake gets its own messages in order by sqs",
    ),
    "producer-of-a-stream": (
        "clerk -dynamodb_stream-> intake -sqs-> charge",
        fifo(triggers={"clerk": "s3"}),
        "Intake gets its own messages in order by dynamodb_stream",
    ),
    "batch-without-single-failures": (
        "intake -sqs-> charge",
        fifo(delivery={}),
        "up to 10 messages without ReportBatchItemFailures",
    ),
    "batch-unread": ("intake -sqs-> charge", fifo(delivery=BATCHES), "its code was not read"),
    "batch-as-a-whole": (
        "intake -sqs-> charge",
        fifo(delivery=BATCHES, code={"charge": BULK}),
        "makes a call for the batch as a whole (dynamodb.put_item(), charge/app.py:9)",
    ),
    "only-the-first-of-a-batch": (
        "intake -sqs-> charge",
        fifo(delivery=BATCHES, code={"charge": FIRST}),
        "does not go through its batch message by message (charge/app.py:5)",
    ),
    "ten-attributes": (
        "intake -sqs-> charge",
        sending(MessageAttributes={f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(10)}),
        "has 10 attributes already",
    ),
    "unknown-attributes": ("intake -sqs-> charge", sending(MessageAttributes=Symbol("made")), "which attributes its message has"),
    "binary-attribute": (
        "intake -sqs-> charge",
        sending(MessageAttributes={"a": {"DataType": "Binary", "BinaryValue": "x"}}),
        "which attributes its message has is not known",
    ),
    "system-attributes": ("intake -sqs-> charge", sending(MessageSystemAttributes={}), "passes no MessageSystemAttributes"),
    "small-messages-only": (
        "intake -sqs-> charge",
        limited(settings={"ChargeQueue": {"maximum_message_size": 1024}}),
        "takes messages of up to 1,024 bytes",
    ),
    "a-loop": (
        "intake -sqs-> charge -sqs-> intake",
        limited(triggers=BY_TIME),
        "as a queue with a callback it could move, but it is part of a loop",
    ),
    "behind-a-topic": ("intake -sns/sqs:ChargeQueue-> charge", fifo(), "it is FIFO"),
    "a-window": (
        "intake -sqs-> charge",
        limited(delivery={"ChargeQueue": {"batch_window": 5, "maximum_concurrency": 3}}),
        "window",
    ),
    "large-batches": (
        "intake -sqs-> charge",
        limited(delivery={"ChargeQueue": {"batch_size": 100, "maximum_concurrency": 3}}),
        "batches of up to 100",
    ),
    "competing-consumers": ("intake -sqs:ChargeQueue-> {charge, rival}", limited(), "compete for the messages"),
}


def planned(row: Row) -> tuple[Workflow, EventGraph]:
    graph = row.graph
    return plan(graph, chain(graph)), graph


def executed(row: Called) -> tuple[Machine, Handlers, dict[str, Queue]]:
    """The definition, run once, with a queue that calls back for each function that one of the chain's queues runs."""

    def answer(name: str) -> Any:
        def run(event: Any) -> Any:
            if name in row.fails:
                raise ValueError("broken")
            return row.does.get(name, [])

        return run

    handlers = Handlers(row.returns, **{function.address: answer(function.address) for function in row.graph.functions})
    consumers = {"ChargeQueue": "Charge", "ShipQueue": "Ship"}
    queues = {queue: Queue(handlers[arn(function)], drops=row.drops) for queue, function in consumers.items()}
    machine = Machine(definition(row.graph), handlers, queues)
    machine.run({})
    return machine, handlers, queues


@pytest.mark.parametrize("name", ROWS)
def test_definition(name: str) -> None:
    workflow, graph = planned(ROWS[name])
    written = asl_definition(workflow, graph)
    assert [found for found in validate(written) if found.severity == "error"] == []
    path = GOLDEN / f"{name}.json"
    text = json.dumps(outline(written), indent=2, ensure_ascii=False) + "\n"
    assert text == golden(path, text)


@pytest.mark.parametrize("name", ROWS)
def test_the_handler_gets_what_its_mapping_gave_it_before(name: str) -> None:
    row = ROWS[name]
    machine, handlers, queues = executed(row)
    got = {function: events for function, events in sorted(handlers.events.items()) if function != "Intake"}
    assert got == dict(row.events)
    assert machine.calls == [] and machine.waits == []
    assert [message["DelaySeconds"] for message in queues["ChargeQueue"].sent if "DelaySeconds" in message] == list(row.delays)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.differences])
def test_what_no_longer_holds_is_said(name: str) -> None:
    workflow, _ = planned(ROWS[name])
    said = " | ".join((*workflow.differences, *(obstacle.text for obstacle in workflow.obstacles)))
    for words in ROWS[name].differences:
        assert words in said


@pytest.mark.parametrize("name", STAYING)
def test_staying(name: str) -> None:
    text, given, words = STAYING[name]
    graph = arrows(text, **given)
    workflow = plan(graph, chain(graph))
    blocking = [obstacle for obstacle in workflow.obstacles if obstacle.blocking]
    assert words in " | ".join(obstacle.text for obstacle in blocking)
    assert not any(isinstance(step, Task) and step.called_back for step in steps(workflow.root))


class TestTheQueueDoesWhatItDid:
    def test_it_tries_again_and_delays_and_the_workflow_does_not(self) -> None:
        workflow, _ = planned(ROWS["the-queue-delays"])
        found = list(steps(workflow.root))
        (task,) = (step for step in found if isinstance(step, Task) and step.called_back)
        assert task.retries == () and task.dead_letter is None
        assert not any(isinstance(step, Wait) for step in found)

    def test_messages_of_one_run_keep_their_order(self) -> None:
        for name, wanted in (("fifo-many", 1), ("limited", None)):
            workflow, _ = planned(ROWS[name])
            (each,) = (step for step in steps(workflow.root) if isinstance(step, Each) and step.multiplicity == "many")
            assert each.concurrency == wanted

    def test_a_message_that_cannot_be_sent_is_not_dropped_in_silence(self) -> None:
        row = ROWS["fifo"]

        def refused(arguments: Any) -> Any:
            raise Failed("SQS.SqsException", "AccessDenied")

        handlers = Handlers(Intake=row.does["Intake"])
        with pytest.raises(Failed, match="AccessDenied"):
            Machine(definition(row.graph), handlers, {"ChargeQueue": refused}).run({})
        beside = ROWS["parked-beside-others"]
        handlers = Handlers(Intake=beside.does["Intake"])
        machine = Machine(definition(beside.graph), handlers, {"ChargeQueue": refused})
        machine.run({})
        assert "Charge not reached" in machine.visited and len(handlers.events["Mail"]) == 1

    def test_the_service_passes_on_what_is_sent(self) -> None:
        """The supported parameters (Step Functions guide, "Send messages to an Amazon SQS queue with Step Functions")."""
        _, _, queues = executed(ROWS["fifo"])
        (found,) = queues["ChargeQueue"].sent
        assert set(found) == {"QueueUrl", "MessageBody", "MessageAttributes", *GROUPED}
        assert set(found["MessageAttributes"]) == {"untangle", *ATTRIBUTES}

    def test_its_dead_letter_queue_and_its_requests_are_still_paid_for(self) -> None:
        workflow, _ = planned(ROWS["fifo"])
        assert workflow.outlook is not None
        today = workflow.outlook.bill("today")
        assert today is not None and today.million == 0.0

    def test_the_outbox_is_told_what_follows_and_when_the_queue_parks(self) -> None:
        _, _, queues = executed(ROWS["fifo-then-on"])
        (asked,) = queues["ChargeQueue"].markers
        assert asked["capture"] == [arn("ChargeTopic")] and asked["observe"] == []
        assert asked["receives"] == 2 and len(asked["token"]) == 36


def test_messages_that_must_keep_their_order_are_not_handed_to_executions_side_by_side() -> None:
    one, many = (", ".join(f"{name}{n}" for n in range(4)) for name in ("pack", "split"))
    tail = "charge -sns-> ship -sns-> mail"
    text = f"intake -sns-> {{{one}, {many}}}; {{{one}}} -sqs:ChargeQueue-> {tail}; {{{many}}} -sqs:ChargeQueue*-> charge"
    graph = arrows(text, **fifo())
    workflow = plan(graph, chain(graph))
    assert workflow.nested and len(workflow.migrated) == len(graph.hops)
    called = [step for step in steps(workflow.root) if isinstance(step, Each) and step.multiplicity == "many"]
    called += [step for nested in workflow.nested for step in steps(nested.root) if isinstance(step, Each)]
    assert sum(each.concurrency == 1 for each in called) == 4
    for each in (each for each in called if each.concurrency == 1):
        assert isinstance(each.body, Task) and each.body.called_back


CLERK = Link(
    source="app/Clerk",
    target="app/ChargeQueue",
    kind=LinkKind.PUBLISH,
    confidence=Confidence.LIKELY,
    evidence=(Evidence(kind=Witness.CODED, note="call"),),
)


class TestWhatElseRunsTheFunction:
    @pytest.mark.parametrize(
        ("way", "moves"),
        [
            pytest.param("s3", False, id="a write is heard whoever makes it"),
            pytest.param("sqs", True, id="a call can be held back"),
        ],
    )
    def test_what_it_does_for_others_is_not_lost(self, way: str, moves: bool) -> None:
        graph = arrows(f"intake -sqs-> charge -{way}-> ship", **limited(links=(CLERK,)))
        workflow = plan(graph, chain(graph))
        moved = {graph.hop(id).consumer for id in workflow.migrated}
        assert moved == ({"app/Charge", "app/Ship"} if moves else {"app/Charge"})
        if not moves:
            said = " ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)
            assert "Charge also runs outside of the workflow, for Clerk" in said

    @pytest.mark.parametrize(("way", "last"), [("sqs", "app/Mail"), ("s3", "app/Ship")])
    def test_nor_is_what_comes_of_that(self, way: str, last: str) -> None:
        graph = arrows(f"intake -sqs-> charge -sqs-> ship -{way}-> mail", **limited(links=(CLERK,)))
        workflow = plan(graph, chain(graph))
        moved = {graph.hop(id).consumer for id in workflow.migrated}
        assert moved == {"app/Charge", "app/Ship", last}
        said = " ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)
        assert ("Ship also runs outside of the workflow, for Charge" in said) == (way == "s3")
        # The mappings behind it stay: what it does for others comes by them, and what that brings about by the next.
        stays = {switch.text.rpartition(": ")[0] for switch in workflow.leftovers if switch.stays}
        then = {"call: MailQueue to Mail, which Ship still needs"} if way == "sqs" else set()
        assert stays == {"call: ShipQueue to Ship, which Charge still needs"} | then
        assert len(stays) == len(workflow.leftovers)
        cleaned = next(phase.steps for phase in workflow.phases if phase.name == "clean up")
        assert not any(switch.text.startswith(("delete", "take away")) for switch in cleaned)


def test_a_callback_asks_for_a_standard_workflow() -> None:
    workflow, _ = planned(ROWS["fifo-then-on"])
    assert workflow.outlook is not None and workflow.outlook.type == STANDARD
    assert any("queue of Charge to call back" in ground.text for ground in workflow.outlook.grounds)
    # Start and end, two invocations of five events, one that waits and is submitted too.
    assert workflow.outlook.events.usual == 2 + 5 + 6 + 5


def test_cloudformation_takes_them_all() -> None:
    assert refused(definition(row.graph) for row in ROWS.values()) == []


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ROWS)
