"""Trace context and correlation: what was handed on by hand arrives as before, and each state says which execution it is of."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.emit.asl.test_definition import Handlers, definition, effect, published, run, sent
from tests.machines import Machine
from untangle.model.code import CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.location import Location
from untangle.model.shape import Read
from untangle.plan import plan

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
OWN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
W3C = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01\Z")  # W3C Trace Context, "traceparent Header Field Values"


def text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def first_record(handlers: Handlers, function: str) -> Any:
    return handlers.events[function][0]["Records"][0]


class TestMarker:
    def test_every_run_of_a_workflow_has_the_execution_s_name_and_one_trace_with_a_span_for_each_state(self) -> None:
        handlers = Handlers(Intake=[sent("ChargeQueue", "x")], Charge=[published("ChargeTopic", "y")])
        run(arrows("intake -sqs-> charge -sns-> ship"), handlers)
        found = [handlers.markers[name]["traceparent"] for name in ("Intake", "Charge", "Ship")]
        assert {marker["execution"] for marker in handlers.markers.values()} == {"run-1"}
        assert all(W3C.match(one) for one in found)
        assert len({one[3:35] for one in found}) == 1 and len({one[36:52] for one in found}) == 3

    def test_all_tries_of_a_state_belong_to_one_span(self) -> None:
        seen: list[str] = []

        def handler(event: Any, marker: Any) -> Any:
            seen.append(marker["traceparent"])
            raise ValueError("broken")

        handlers = Handlers(Intake=[published("IntakeTopic", "x")])
        handlers["arn:aws:x:eu-west-1:111122223333:Charge"] = handler
        with pytest.raises(Exception, match="broken"):
            Machine(definition(arrows("intake -sns-> charge")), handlers).run({})
        assert len(seen) == 3 and len(set(seen)) == 1

    def test_a_writer_to_a_table_is_told_how_often_it_was_tried_before(self) -> None:
        """What a failed try has written counts at the next one, which changes nothing any more."""
        tries: list[int] = []

        def handler(event: Any, marker: Any) -> Any:
            tries.append(marker["tries"])
            raise ValueError("broken")

        handlers = Handlers(Intake=[published("IntakeTopic", "x")])
        handlers["arn:aws:x:eu-west-1:111122223333:Charge"] = handler
        with pytest.raises(Exception, match="broken"):
            Machine(definition(arrows("intake -sns-> charge -dynamodb_stream-> ship")), handlers).run({})
        assert tries == [0, 1, 2] and "tries" not in handlers.markers["Intake"]

    @pytest.mark.parametrize(
        ("way", "message"),
        [
            ("sqs", sent("ChargeQueue", "x", MessageAttributes={"traceparent": text(OWN)})),
            ("sns", published("IntakeTopic", "x", traceparent=OWN)),
        ],
    )
    def test_a_message_s_own_context_is_kept(self, way: str, message: dict[str, Any]) -> None:
        handlers = Handlers(Intake=[message])
        run(arrows(f"intake -{way}-> charge"), handlers)
        assert handlers.markers["Charge"]["traceparent"] == OWN


class TestHeader:
    def test_a_queue_s_message_has_the_header_of_the_run_that_sent_it(self) -> None:
        handlers = Handlers(Intake=[{**sent("ChargeQueue", "x"), "trace": HEADER}])
        run(arrows("intake -sqs-> charge"), handlers)
        assert first_record(handlers, "Charge")["attributes"]["AWSTraceHeader"] == HEADER

    def test_the_call_s_own_comes_first(self) -> None:
        given = sent("ChargeQueue", "x", MessageSystemAttributes={"AWSTraceHeader": text("Root=1-own")})
        handlers = Handlers(Intake=[{**given, "trace": HEADER}])
        run(arrows("intake -sqs-> charge"), handlers)
        assert first_record(handlers, "Charge")["attributes"]["AWSTraceHeader"] == "Root=1-own"

    def test_without_either_there_is_none(self) -> None:
        handlers = Handlers(Intake=[sent("ChargeQueue", "x")])
        run(arrows("intake -sqs-> charge"), handlers)
        assert "AWSTraceHeader" not in first_record(handlers, "Charge")["attributes"]


class TestThreaded:
    """Ids that handlers hand on in bodies and attributes are the messages' own."""

    def test_in_an_attribute_and_in_the_body(self) -> None:
        message = sent("ChargeQueue", '{"correlation_id":"c-1"}', MessageAttributes={"correlation_id": text("c-1")})
        handlers = Handlers(Intake=[message])
        run(arrows("intake -sqs-> charge"), handlers)
        record = first_record(handlers, "Charge")
        assert record["body"] == '{"correlation_id":"c-1"}'
        assert record["messageAttributes"]["correlation_id"]["stringValue"] == "c-1"

    def test_in_an_event(self) -> None:
        params = {"Source": "s", "DetailType": "d", "Detail": '{"trace":{"id":"c-1"}}', "EventBusName": "IntakeBus"}
        handlers = Handlers(Intake=[effect("events", "PutEvents", params, {"EventId": "e-1"})])
        run(arrows("intake -eventbridge-> charge"), handlers)
        assert handlers.events["Charge"][0]["detail"]["trace"] == {"id": "c-1"}


def reading(text: str, **given: Any) -> EventGraph:
    path = ("Records", "*", "attributes", "AWSTraceHeader")
    facts = CodeFacts(function="b", readable=True, reads=(Read(path=path, required=False, location=Location("b.py", 3)),))
    return arrows(text, code={"b": facts}, **given)


LIMITED = {"delivery": {"BQueue": {"batch_size": 1, "maximum_concurrency": 2}}}


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        pytest.param(reading("a -sqs-> b"), "", id="straight into the queue"),
        pytest.param(reading("a -sns/sqs-> b"), "missing behind sns", id="behind a topic"),
        pytest.param(reading("a -sqs-> b", **LIMITED), "the workflow's own", id="a queue that calls back"),
    ],
)
def test_a_header_that_will_be_another_is_said(graph: EventGraph, words: str) -> None:
    notes = [obstacle.text for obstacle in plan(graph, chain(graph)).obstacles if "reads AWSTraceHeader" in obstacle.text]
    assert len(notes) == bool(words)
    assert all(words in note and "(b.py:3)" in note for note in notes)
