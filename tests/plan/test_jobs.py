"""Jobs that a function starts: what a state machine could wait with, with resources that exist."""

from __future__ import annotations

import pytest

from tests.arrows import arrows, chain
from untangle.asl.diagnostic import RESOURCE
from untangle.asl.resource import resource_problems
from untangle.model.code import Call, CodeFacts
from untangle.model.location import Location
from untangle.model.workflow import Obstacle
from untangle.plan import plan
from untangle.plan.jobs.jobs import ASKED, SYNC, alternative

PLACE = Location("scan/app.py", 12)


def call(service: str, operation: str, mediated: str | None = "job") -> Call:
    return Call(service=service, operation=operation, location=PLACE, text="", mediated=mediated)


def facts(*calls: Call, **signals: Location) -> dict[str, CodeFacts]:
    return {"scan": CodeFacts(function="app/Scan", readable=True, calls=calls, signals=signals)}


def said(code: dict[str, CodeFacts], *, mediated: bool = False) -> list[Obstacle]:
    graph = arrows("intake -sqs-> scan -sns-> store", code=code, hops={"scan>store": {"mediated": mediated}})
    return [item for item in plan(graph, chain(graph)).obstacles if item.topic == "job"]


@pytest.mark.parametrize(("service", "operation"), [*SYNC, *ASKED])
def test_every_resource_that_is_named_exists(service: str, operation: str) -> None:
    words = alternative(call(service, operation)).replace(";", " ").replace(",", " ").split()
    resources = [word for word in words if word.startswith("arn:aws:states:::")]
    assert resources
    assert [fault for resource in resources for fault in resource_problems(resource, None, False) if fault.code == RESOURCE] == []


def test_a_service_that_step_functions_waits_for() -> None:
    [note] = said(facts(call("glue", "StartJobRun")))
    assert "arn:aws:states:::glue:startJobRun.sync" in note.text and note.location == PLACE and not note.blocking


def test_a_notification_names_who_hears_of_the_end() -> None:
    [note] = said(facts(call("textract", "StartDocumentAnalysis")), mediated=True)
    assert "of whose end Store (by sns) hears" in note.text
    assert "arn:aws:states:::aws-sdk:textract:getDocumentAnalysis" in note.text and "SendTaskSuccess" in note.text
    assert len(note.hops) == 1


def test_a_function_that_polls_is_told_where() -> None:
    [note] = said(facts(call("athena", "StartQueryExecution"), polling=Location("scan/app.py", 20)))
    assert "waits for it (scan/app.py:20)" in note.text


def test_the_same_job_is_named_once_and_uploads_of_clients_are_none() -> None:
    assert len(said(facts(call("batch", "SubmitJob"), call("batch", "SubmitJob")))) == 1
    assert said(facts(call("s3", "PutObject", "client upload"), call("sqs", "SendMessage", None))) == []
