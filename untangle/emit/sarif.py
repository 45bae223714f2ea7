"""A scan as SARIF 2.1.0, for code scanning: findings as results, and each chain as a note whose related locations are its hops.

Written by hand after the OASIS standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0": sections named
in the functions below. Paths are relative to the scanned root, which the document names `SCANROOT` and does not reveal.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from untangle import __version__
from untangle.emit.emitter import Emitter, View
from untangle.emit.rules import RULES, WORKFLOW
from untangle.emit.wording import along, by_severity, clean, count, decision, name, names, ranked, telling, way
from untangle.model.chain import Chain, Finding
from untangle.model.link import Hop
from untangle.model.location import Location
from untangle.model.rule import Rule
from untangle.model.scan import Scan

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "SCANROOT"
_INDEX = {rule.id: number for number, rule in enumerate(RULES)}


def render(scan: Scan, view: View) -> str:
    """The SARIF log as indented JSON text, ending in a newline."""
    return json.dumps(log(scan, view), indent=2, ensure_ascii=False) + "\n"


def log(scan: Scan, view: View) -> dict[str, Any]:
    """The log as plain data: one run."""
    chains = [chain for chain in ranked(scan.chains) if view.hops_of(scan, chain)]
    results = [_finding(item, view) for item in by_severity(scan.findings)]
    results += [_chain(scan, chain, view.hops_of(scan, chain)) for chain in chains]
    run = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "the folder that was scanned"}}},
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _driver() -> dict[str, Any]:
    """The tool and every rule it knows (3.19)."""
    return {"name": "untangle", "semanticVersion": __version__, "rules": [_rule(rule) for rule in RULES]}


def _rule(rule: Rule) -> dict[str, Any]:
    """A reportingDescriptor (3.49)."""
    text = f"What it costs: {rule.costs}\n\nInstead: {rule.instead}"
    markdown = f"**What it costs** {rule.costs}\n\n**Instead** {rule.instead}"
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.costs},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": rule.severity},
    }


def _finding(item: Finding, view: View) -> dict[str, Any]:
    """A result (3.27): the first place is its location, the others are related ones."""
    related = [_related(number, place, "also here") for number, place in enumerate(item.locations[1:], 1)]
    told = _result(item.rule, item.severity, item.message, item.fingerprint, item.locations[:1], related)
    if view.known:
        told["baselineState"] = "unchanged" if item.fingerprint in view.known else "new"
    return told


def _chain(scan: Scan, chain: Chain, hops: tuple[Hop, ...]) -> dict[str, Any]:
    """A chain as a result; its fingerprint is made of its hops, so it holds while the workflow does."""
    called = names(scan.graph)
    said = f" Verdict: {decision(chain)}." if decision(chain) else ""
    sizes = f"{count(len(chain.functions), 'function')} and {count(len(hops), 'hop')}"
    message = f"{chain.id}: an implicit workflow of {sizes}.{said}"
    places = [scan.graph.function(entry).location for entry in chain.entries]
    start = next((place for place in places if place), None)
    print_ = hashlib.sha256("\n".join(sorted(hop.id for hop in hops)).encode()).hexdigest()[:16]
    told = ((hop, item.location) for hop in along(chain, hops) if (item := telling(hop)))
    related = [
        _related(number, place, f"{name(called, hop.producer)} → {way(called, hop)} → {name(called, hop.consumer)}")
        for number, (hop, place) in enumerate(((hop, place) for hop, place in told if place), 1)
    ]
    return _result(WORKFLOW.id, WORKFLOW.severity, message, print_, (start,) if start else (), related)


def _result(
    rule: str, level: str, message: str, fingerprint: str, places: tuple[Location, ...], related: list[dict[str, Any]]
) -> dict[str, Any]:
    told: dict[str, Any] = {"ruleId": rule}
    if rule in _INDEX:
        told["ruleIndex"] = _INDEX[rule]
    told |= {
        "level": level,
        "message": {"text": clean(message)},
        "locations": [{"physicalLocation": _physical(place)} for place in places],
        "partialFingerprints": {"untangle/v1": fingerprint},
    }
    return told | ({"relatedLocations": related} if related else {})


def _related(number: int, place: Location, message: str) -> dict[str, Any]:
    return {"id": number, "physicalLocation": _physical(place), "message": {"text": clean(message)}}


def _physical(place: Location) -> dict[str, Any]:
    """A physicalLocation (3.29); a file without a line has no region."""
    path = place.path.encode("utf-8", "backslashreplace").decode()
    told: dict[str, Any] = {"artifactLocation": {"uri": quote(path), "uriBaseId": ROOT}}
    return told | ({"region": {"startLine": place.line}} if place.line else {})


EMITTER = Emitter(format="sarif", suffixes=(".sarif", ".sarif.json"), title="SARIF 2.1.0, for code scanning", render=render)
