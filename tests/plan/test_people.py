"""Waits for people and clients: said with the state that would wait for them, and never made."""

from __future__ import annotations

import pytest

from tests.arrows import arrows, chain
from untangle.model.code import Call, CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.location import Location
from untangle.model.workflow import Obstacle
from untangle.plan import plan

PLACE = Location("intake/app.py", 12)
UPLOAD = Call(service="s3", operation="PutObject", location=PLACE, text="s3.put_object()", mediated="client upload")


def notes(graph: EventGraph) -> list[Obstacle]:
    return [obstacle for obstacle in plan(graph, chain(graph)).obstacles if obstacle.topic == "human"]


@pytest.mark.parametrize("signal", ["approval", "callback", "task_token"])
def test_a_question_to_somebody_outside(signal: str) -> None:
    facts = CodeFacts(function="intake", readable=True, signals={signal: PLACE})
    (note,) = notes(arrows("intake -sqs-> charge", code={"intake": facts}))
    assert note.location == PLACE and not note.blocking
    assert "arn:aws:states:::lambda:invoke.waitForTaskToken on it" in note.text and "SendTaskFailure" in note.text


def test_an_upload_by_a_client() -> None:
    facts = CodeFacts(function="intake", readable=True, calls=(UPLOAD,))
    graph = arrows("intake -s3-> charge", code={"intake": facts}, hops={"intake>charge": {"mediated": True}})
    (note,) = notes(graph)
    assert "Intake hands out a URL, and Charge runs when a client has uploaded" in note.text
    assert note.hops == tuple(hop.id for hop in graph.hops)
    assert plan(graph, chain(graph)).migrated == ()


@pytest.mark.parametrize(
    "graph",
    [
        pytest.param(arrows("intake -s3-> charge"), id="a write of its own"),
        pytest.param(
            arrows(
                "intake -s3-> charge",
                code={"intake": CodeFacts(function="intake", readable=True)},
                hops={"intake>charge": {"mediated": True}},
            ),
            id="a job that writes",
        ),
        pytest.param(
            arrows("intake -sqs-> charge", code={"intake": CodeFacts(function="intake", readable=True, calls=(UPLOAD,))}),
            id="an upload that nobody of the chain hears of",
        ),
    ],
)
def test_nobody_waits(graph: EventGraph) -> None:
    assert notes(graph) == []
