"""SARIF: the structure that the standard demands (the parts used here), and what code scanning shows of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from tests.emit.scans import FINDINGS, PLAIN, hostile_scan, order_scan
from untangle.detect import RULES
from untangle.emit.sarif import render
from untangle.model.scan import Scan

# The properties used, as sections 3.13 to 3.49 of the standard define them; anything else is refused.
_TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 1}},
    "required": ["text"],
    "additionalProperties": False,
}
_HELP = {**_TEXT, "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}}}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_PHYSICAL = _object(
    ["artifactLocation"],
    artifactLocation=_object(
        ["uri"], uri={"type": "string", "pattern": r"^[A-Za-z0-9._~/%-]+$"}, uriBaseId={"const": "SCANROOT"}
    ),
    region=_object(["startLine"], startLine={"type": "integer", "minimum": 1}),
)
_LOCATION = _object(["physicalLocation"], id={"type": "integer", "minimum": 1}, physicalLocation=_PHYSICAL, message=_TEXT)
_RESULT = _object(
    ["ruleId", "message", "level", "locations", "partialFingerprints"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level=_LEVEL,
    message=_TEXT,
    locations={"type": "array", "items": _LOCATION, "maxItems": 1},
    relatedLocations={"type": "array", "items": _LOCATION, "uniqueItems": True},
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
    baselineState={"enum": ["new", "unchanged"]},
)
_RULE = _object(
    ["id", "name", "shortDescription", "help"],
    id={"type": "string"},
    name={"type": "string", "pattern": "^[A-Z][A-Za-z]+$"},
    shortDescription=_TEXT,
    fullDescription=_TEXT,
    help=_HELP,
    defaultConfiguration=_object(["level"], level=_LEVEL),
)
_RUN = _object(
    ["tool", "results"],
    tool=_object(
        ["driver"],
        driver=_object(
            ["name", "rules"],
            name={"const": "untangle"},
            semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
            rules={"type": "array", "items": _RULE, "uniqueItems": True},
        ),
    ),
    columnKind={"const": "unicodeCodePoints"},
    originalUriBaseIds={"type": "object", "additionalProperties": _object([], description=_TEXT)},
    results={"type": "array", "items": _RESULT},
)
SCHEMA = _object(
    ["version", "runs", "$schema"],
    version={"const": "2.1.0"},
    runs={"type": "array", "items": _RUN, "minItems": 1, "maxItems": 1},
    **{"$schema": {"type": "string"}},
)


def run(scan: Scan, **fields: Any) -> dict[str, Any]:
    """The one run of a scan's log, its structure checked."""
    log = json.loads(render(scan, replace(PLAIN, **fields)))
    jsonschema.validate(log, SCHEMA)
    return log["runs"][0]


@pytest.mark.parametrize(
    "scan",
    [Scan(), order_scan(), hostile_scan('\x1b"<b>\n%20 é#?'), hostile_scan("\ud800")],
    ids=["empty", "order", "hostile", "half"],
)
def test_the_structure_is_that_of_the_standard(scan: Scan) -> None:
    assert run(scan)["tool"]["driver"]["name"] == "untangle"


def test_a_finding_is_a_result_with_its_further_places_related() -> None:
    result = run(order_scan())["results"][0]
    assert (result["ruleId"], result["level"], result["message"]["text"]) == ("loop", "error", "messages go round")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 40}
    assert [item["physicalLocation"]["artifactLocation"]["uri"] for item in result["relatedLocations"]] == ["src/intake/app.py"]
    assert list(result["partialFingerprints"].values()) == [FINDINGS[1].fingerprint]


def test_a_chain_is_a_note_whose_related_places_are_its_hops_in_order() -> None:
    result = run(order_scan())["results"][-1]
    assert (result["ruleId"], result["level"]) == ("implicit-workflow", "note")
    assert [item["message"]["text"] for item in result["relatedLocations"]] == [
        "Intake → sns orders → sqs queue → Validate",
        "Validate → eventbridge bus → Charge",
        "Validate → eventbridge bus → Reserve",
        "Charge → dynamodb_stream ledger → Ship",
    ]


def test_a_chain_keeps_its_fingerprint_when_lines_move() -> None:
    scan = order_scan()
    moved = replace(scan.graph, hops=tuple(replace(hop, evidence=()) for hop in scan.graph.hops))
    fingerprints = {json.dumps(run(item)["results"][-1]["partialFingerprints"]) for item in (scan, replace(scan, graph=moved))}
    assert len(fingerprints) == 1


def test_every_rule_index_points_at_its_rule() -> None:
    found = run(order_scan())
    rules = found["tool"]["driver"]["rules"]
    assert {rule.id for rule in RULES} < {rule["id"] for rule in rules}
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in found["results"])


def test_a_rule_nobody_knows_has_no_index() -> None:
    scan = order_scan(findings=(replace(FINDINGS[0], rule="from-a-later-version"),))
    assert "ruleIndex" not in run(scan)["results"][0]


def test_the_baseline_tells_old_from_new() -> None:
    states = [item.get("baselineState") for item in run(order_scan(), known=frozenset({FINDINGS[1].fingerprint}))["results"]]
    assert states == ["unchanged", "new", None]
    assert all("baselineState" not in item for item in run(order_scan())["results"])


def test_a_path_is_a_uri_that_reads_back() -> None:
    result = run(hostile_scan("a b#c?d%20é"))["results"][0]
    assert unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) == "a b#c?d%20é"
