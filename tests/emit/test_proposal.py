"""What a proposal says of the form in which its state machine is written, and what else that form needs."""

from __future__ import annotations

import json

import pytest

from tests.arrows import arrows, chain
from untangle.emit.asl import Language
from untangle.emit.proposal import proposal
from untangle.errors import UntangleError
from untangle.model.change import Proposal
from untangle.model.graph import EventGraph
from untangle.plan import plan

OUTSIDE = arrows("intake -sqs*-> charge -sns-> ship", triggers={"intake": "apigateway"})


def proposed(graph: EventGraph, language: Language) -> Proposal:
    return proposal(graph, chain(graph), plan(graph, chain(graph)), language)


def file(found: Proposal, path: str) -> dict[str, object]:
    return dict(json.loads(next(item.text for item in found.files if item.path == path)))


@pytest.mark.parametrize(("language", "written"), [("jsonata", "JSONata"), ("jsonpath", "JSONPath")])
def test_the_definition_is_written_in_the_language(language: Language, written: str) -> None:
    found = proposed(OUTSIDE, language)
    assert file(found, "state-machine.asl.json")["QueryLanguage"] == written
    assert "```mermaid\nflowchart TD\n" in found.body


def test_states_that_only_paths_need_are_counted() -> None:
    said = "Written with JSONPath, it has 1 state more than counted here"
    assert said in proposed(OUTSIDE, "jsonpath").body
    assert said not in proposed(OUTSIDE, "jsonata").body


@pytest.mark.parametrize("language", ["jsonata", "jsonpath"])
def test_a_field_that_is_made_up_is_said(language: Language) -> None:
    said = proposed(arrows("intake -eventbridge/sqs-> charge"), language).body
    assert ("`md5OfBody` of messages that its states put together is `untangle-not-known`" in said) is (language == "jsonpath")


@pytest.mark.parametrize(("language", "ready"), [("jsonata", False), ("jsonpath", True)])
def test_what_starts_it_from_outside_is_told_what_paths_need(language: Language, ready: bool) -> None:
    (entry,) = file(proposed(OUTSIDE, language), "migration.json")["entries"]  # type: ignore[misc]
    assert entry["environment"]["UNTANGLE_START"].get("ready", False) is ready


def test_what_the_language_cannot_say_is_told_hop_by_hop() -> None:
    graph = arrows("intake -s3-> parse -dynamodb_stream-> index")
    with pytest.raises(UntangleError, match=r"\n  Intake -s3-> Parse .*\n  Parse -dynamodb_stream-> Index") as refused:
        proposed(graph, "jsonpath")
    assert refused.value.hint is not None and "--query-language" in refused.value.hint
