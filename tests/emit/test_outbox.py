"""The outbox in a proposal: its sources for the languages of the functions, and the lines that put it around their handlers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.arrows import arrows, chain
from untangle.emit.emitter import View
from untangle.emit.migration import files_of
from untangle.emit.outbox import outbox_files
from untangle.emit.proposal import proposal
from untangle.model.change import Proposal
from untangle.model.graph import EventGraph
from untangle.model.location import Location
from untangle.model.scan import Scan
from untangle.plan import plan


def written(path: str = "template.yaml", runtime: str | None = "python3.12", text: str = "intake -sqs-> charge") -> EventGraph:
    """A graph whose functions are declared in this file and run on this."""
    graph = arrows(text)
    functions = tuple(
        replace(one, runtime=runtime, handler="app.handler", location=Location(path=path, line=1)) for one in graph.functions
    )
    return replace(graph, functions=functions)


def proposed(graph: EventGraph, claim: str | None = None) -> Proposal:
    return proposal(graph, chain(graph), plan(graph, chain(graph), claim))


def test_its_sources_are_the_folder_of_a_layer() -> None:
    paths = [item.path for item in proposed(written()).files if item.path.startswith("outbox/")]
    assert "outbox/python/untangle_outbox/__init__.py" in paths and all(path.endswith(".py") for path in paths)


def test_what_ships_runs_where_nothing_else_is_installed(tmp_path: Path) -> None:
    graph = written()
    for item in outbox_files(plan(graph, chain(graph)), graph):
        path = tmp_path / item.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(item.text)
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return {'ok': event}\n")
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(tmp_path / 'outbox/python')!r}]; import importlib; "
        "print(importlib.import_module('untangle_outbox').handler({'a': 1}, None), 'untangle' in sys.modules)"
    )
    environment = {"UNTANGLE_HANDLER": "app.handler", "AWS_LAMBDA_FUNCTION_NAME": "f"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "{'ok': {'a': 1}} False\n"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("template.yaml", "    Handler: untangle_outbox.handler  # was app.handler"),
        ("infra/main.tf", 'handler = "untangle_outbox.handler" # was app.handler'),
        ("serverless.yml", "    handler: untangle_outbox.handler  # was app.handler"),
    ],
)
def test_the_lines_are_those_of_the_templates(path: str, said: str) -> None:
    body = proposed(written(path)).body
    assert said in body.splitlines() and "| `Charge` | `untangle_outbox.handler` | `app.handler` |" in body
    assert "UNTANGLE_HANDLER" in body and "UNTANGLE_CLAIMS" not in body


def test_the_bucket_of_claims_is_named() -> None:
    assert "        UNTANGLE_CLAIMS: claims" in proposed(written(), "claims").body.splitlines()


def test_other_runtimes_are_said_to_have_none() -> None:
    found = proposed(written(runtime="java21"))
    assert "`Charge`, `Intake`: there is an outbox for Python and Node.js" in found.body
    assert not [item for item in found.files if item.path.startswith("outbox/")]


def test_what_its_calls_need_is_said() -> None:
    assert "`dynamodb:GetItem` beside" in proposed(written(text="intake -dynamodb_stream-> charge")).body
    assert "`s3:GetObject`" in proposed(written(text="intake -s3-> charge")).body


def test_the_page_lists_it_in_one_line() -> None:
    graph = written()
    found = proposed(graph)
    (page,) = [
        item
        for item in files_of(Scan(graph=graph, chains=(chain(graph),)), chain(graph), found, View())
        if item.path.endswith(".md")
    ]
    assert "- `outbox/`: the outbox, " in page.text and "untangle_outbox/held.py" not in page.text
    assert "passes everything through until a workflow asks for effects" in page.text
