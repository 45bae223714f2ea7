"""The service's quotas: what cannot fit stays, what may not fit is noted with the number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.arrows import arrows, chain, function_id
from untangle.emit.asl import definition
from untangle.errors import UntangleError
from untangle.model.graph import EventGraph
from untangle.model.shape import Shape
from untangle.model.usage import Usage
from untangle.model.workflow import Workflow
from untangle.plan import plan


def planned(graph: EventGraph) -> Workflow:
    return plan(graph, chain(graph))


def notes(workflow: Workflow) -> str:
    return " | ".join(obstacle.text for obstacle in workflow.obstacles if not obstacle.blocking)


def sending(body: Shape | None, text: str = "a -sqs-> b", **given: Any) -> EventGraph:
    """A graph whose first producer sends this body."""
    graph = arrows(text, **given)

    def with_body(link: Any) -> Any:
        return replace(link, sent=replace(link.sent, body=body)) if link.sent is not None else link

    hops = tuple(replace(hop, links=tuple(map(with_body, hop.links))) for hop in graph.hops)
    return replace(graph, hops=hops)


def shape(**properties: Shape) -> Shape:
    return Shape(kind="object", properties=properties)


TEXT, NUMBER = Shape(kind="string"), Shape(kind="number")
UNBOUNDED = "a message must fit into a state's 256 KiB"


class TestPayload:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            pytest.param(None, True, id="a body that was not seen"),
            pytest.param(shape(id=NUMBER, kind=Shape(kind="string", constant="paid")), False, id="numbers and constants"),
            pytest.param(shape(id=NUMBER, text=TEXT), True, id="a text"),
            pytest.param(Shape(kind="object", properties={"id": NUMBER}, open=True), True, id="more properties"),
            pytest.param(shape(items=Shape(kind="array", items=NUMBER)), True, id="an array"),
        ],
    )
    def test_what_the_code_bounds(self, body: Shape | None, said: bool) -> None:
        assert (UNBOUNDED in notes(planned(sending(body)))) is said

    def test_what_the_queue_bounds(self) -> None:
        settings = {"BQueue": {"maximum_message_size": 262_144}}
        assert UNBOUNDED not in notes(planned(arrows("a -sqs-> b", settings=settings)))
        assert UNBOUNDED in notes(planned(arrows("a -sqs-> b", settings={"BQueue": {"maximum_message_size": 262_145}})))

    def test_a_loop_sends_all_its_messages_through_one_state(self) -> None:
        body = shape(id=NUMBER)
        assert "all messages that one run sends must fit together" in notes(planned(sending(body, "a -sqs*-> b")))

    def test_a_notification_of_a_bucket_is_a_claim_check(self) -> None:
        assert "256 KiB" not in notes(planned(arrows("a -s3-> b")))

    def test_an_item_of_a_table_may_be_larger(self) -> None:
        assert "an item may have 400 KB" in notes(planned(arrows("a -dynamodb_stream-> b")))

    def test_a_message_that_is_too_large_as_it_is_written_keeps_its_hop(self) -> None:
        body = shape(text=Shape(kind="string", constant="x" * 262_145))
        workflow = planned(sending(body))
        assert workflow.root is None
        assert "at least 262,145 bytes, and a state carries 262,144" in workflow.obstacles[0].text


class TestHistory:
    def test_a_map_says_how_many_messages_fit(self) -> None:
        assert "enough for 3,569 messages in one run" in notes(planned(arrows("a -sqs*-> b")))

    def test_without_a_map_it_is_bounded(self) -> None:
        assert "history" not in notes(planned(arrows("a -sqs-> b -sns-> c")))

    def test_a_map_runs_forty_at_a_time(self) -> None:
        assert "up to 40 iterations at a time" in notes(planned(arrows("a -sqs*-> b")))
        assert "iterations" not in notes(planned(arrows("a -sqs-> b")))


@pytest.mark.parametrize(("second", "said"), [(100, False), (151, True)])
def test_starts_of_a_second(second: int, said: bool) -> None:
    graph = arrows("a -sqs-> b")
    usage = {function_id("a"): Usage(days=1, count=second * 86_400)}
    assert ("starts 300 times a second" in notes(planned(replace(graph, usage=usage)))) is said


class TestDefinition:
    """A definition is written with indentation where it fits, without where only that fits, else not at all."""

    def test_small_enough_without_its_spaces(self, monkeypatch: pytest.MonkeyPatch) -> None:
        graph = arrows("a -sqs-> b")
        workflow = planned(graph)
        indented = definition.asl_json(workflow, graph)
        monkeypatch.setattr(definition, "LARGEST", len(indented.encode()) - 1)
        assert "\n  " in indented
        assert "\n  " not in definition.asl_json(workflow, graph)

    def test_too_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        graph = arrows("a -sqs-> b")
        monkeypatch.setattr(definition, "LARGEST", 100)
        with pytest.raises(UntangleError, match="the service takes 100"):
            definition.asl_definition(planned(graph), graph)
