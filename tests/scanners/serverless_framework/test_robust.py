"""Whatever stands in a file: a problem with its line, and the rest is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.serverless_framework.services import scan_files, scan_text
from untangle.scanners.serverless_framework import events

GOOD = "service: good\nprovider: {name: aws}\nfunctions: {hello: {handler: a.b}}\n"


def test_a_broken_file_is_a_problem_with_its_line_and_the_rest_is_read(tmp_path: Path) -> None:
    scanned = scan_files(tmp_path, {"a/serverless.yml": "service: bad\nfunctions:\n  - [}\n", "b/serverless.yml": GOOD})

    assert [(problem.location.path, problem.location.line) for problem in scanned.inventory.problems] == [("a/serverless.yml", 3)]
    assert "good/hello" in scanned.ids


@pytest.mark.parametrize(
    "text",
    [
        "service: shop\nprovider: aws\nfunctions: {hello: {handler: a.b}}\n",
        "service: shop\nprovider: {name: aws}\nfunctions: [1, text, null, [2]]\n",
        "service: shop\nprovider: {name: aws}\nfunctions: text\nresources: text\n",
        "service: shop\nprovider: {name: aws}\nfunctions: {hello: null, other: 3}\n",
        "service: shop\nprovider: {name: aws}\nfunctions: {hello: {handler: [1], events: 3, environment: [a]}}\n",
        "service: shop\nprovider: {name: aws}\nfunctions: {hello: {handler: a.b, events: [null, 3, {sqs: null}, {s3: {}}]}}\n",
        "service: shop\nprovider: {name: aws, iam: [1], environment: text}\nfunctions: {hello: {handler: a.b, role: 3}}\n",
        "service: {x: y}\nprovider: {name: aws}\nfunctions: {hello: {handler: a.b}}\n",
        "service: shop\nprovider: {name: aws}\nresources: [1, {Resources: [a]}, {Resources: {A: 1, B: {Type: 3}}}]\n",
        "service: shop\nprovider: ${self:provider}\nfunctions: ${self:functions}\nresources: ${self:resources}\n",
        "service: shop\nprovider: {name: aws}\ncustom: ${self:custom}\nfunctions: ${self:custom.functions}\n",
        "service: shop\nprovider: {name: aws}\nfunctions: ${file(serverless.yml):functions}\n",
        "service: shop\nprovider: {name: aws}\nfunctions: ${file(../../../etc/passwd)}\n",
        "service: shop\nprovider: {name: aws}\nconstructs: {a: {type: queue, worker: 3}, b: 4}\n",
        "service: shop\nprovider: {name: aws}\nstepFunctions: {stateMachines: [1]}\n",
        "service: shop\nprovider: {name: aws}\nfunctions: {hello: {handler: a.b, destinations: 3, onError: [1], url: [2]}}\n",
        "service: shop\nprovider: {name: aws}\nfunctions: {hello: {image: [3], layers: 4, deadLetter: {sqs: [1]}}}\n",
        "service: shop\nprovider: {name: aws}\nfunctions: {'': {handler: a.b}, '${self:service}': {handler: a.c}}\n",
    ],
)
def test_no_service_raises(tmp_path: Path, text: str) -> None:
    scan_text(tmp_path, text)


EVENTS = sorted(source.type for source in events.EVENTS)
FLOW = ["null", "3", "text", "[a, [b]]", "{}", "{arn: [1], bucket: [2], rate: {a: b}, path: [3]}", "{Ref: X}"]
BLOCK = ["${env:X}", "!If [a, b, c]"]


@pytest.mark.parametrize("event", EVENTS)
def test_no_event_raises(tmp_path: Path, event: str) -> None:
    functions = "".join(f"  f{i}: {{handler: a.b, events: [{{{event}: {text}}}]}}\n" for i, text in enumerate(FLOW))
    entry = "  g{}:\n    handler: a.b\n    events:\n      - {}: {}\n"
    functions += "".join(entry.format(i, event, text) for i, text in enumerate(BLOCK))

    scanned = scan_text(tmp_path, f"service: shop\nprovider: {{name: aws}}\nfunctions:\n{functions}")

    assert len(scanned.all("AWS::Lambda::Function")) == len(FLOW) + len(BLOCK)


def test_variables_that_double_each_other_come_to_an_end(tmp_path: Path) -> None:
    lines = "".join(f"  a{i}: '${{self:custom.a{i + 1}}}${{self:custom.a{i + 1}}}'\n" for i in range(30))
    lists = "".join(f"  b{i}: ['${{self:custom.b{i + 1}}}', '${{self:custom.b{i + 1}}}']\n" for i in range(30))
    text = f"service: shop\nprovider: {{name: aws}}\ncustom:\n{lines}  a30: xxxxxxxxxx\n{lists}  b30: y\n"
    text += "functions: {hello: {handler: a.b, environment: {A: '${self:custom.a0}', B: '${self:custom.b0}'}}}\n"

    scanned = scan_text(tmp_path, text)

    assert "shop/hello" in scanned.ids


def test_other_clouds_are_skipped_and_said_so(tmp_path: Path) -> None:
    scanned = scan_text(tmp_path, "service: shop\nprovider: {name: google}\nfunctions: {hello: {handler: http}}\n")

    assert scanned.ids == set()
    assert [(item.source, item.outcome) for item in scanned.inventory.coverage] == [("serverless.yml", "skipped")]


def test_files_that_are_no_services(tmp_path: Path) -> None:
    scanned = scan_files(
        tmp_path,
        {
            "serverless.template.yml": "Resources: {}\n",
            "serverless-state.json": "{}",
            "serverless.json": '{"a": 1}',
            "x.yml": GOOD,
        },
    )

    assert not scanned.inventory.sources


def test_two_scans_give_the_same(tmp_path: Path) -> None:
    assert scan_text(tmp_path, GOOD).inventory == scan_text(tmp_path, GOOD).inventory
