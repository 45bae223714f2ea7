"""The scan document: one JSON text of everything that was found. Later versions keep its names.

Everything is sorted and nothing depends on the day, the machine or the path of the root, so the same input gives
the same bytes and two documents can be compared with `diff`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from untangle.emit.emitter import Emitter, View
from untangle.model.chain import Chain, Finding
from untangle.model.evidence import Evidence
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Passage, Trigger
from untangle.model.location import Location
from untangle.model.node import ChannelNode, Function, StateMachine
from untangle.model.outlook import Outlook, Size
from untangle.model.resource import Coverage, Gap
from untangle.model.scan import Scan
from untangle.model.value import Value, show

SCHEMA = "untangle.scan/1"
DEEPEST = 64


def render(scan: Scan, view: View) -> str:
    """The scan document as indented JSON text, ending in a newline."""
    return indented(document(scan, view)) + "\n"


def indented(data: Any) -> str:
    """JSON text, two spaces a level. With `indent`, Python's encoder is the slow one: the text is laid out afterwards."""
    from msgspec.json import format as laid_out

    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    try:
        return laid_out(text, indent=2)
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can hold and UTF-8 cannot
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)


def document(scan: Scan, view: View) -> dict[str, Any]:
    """The scan document as plain data, ready for `json.dumps`."""
    graph = scan.graph
    chains = [chain for chain in scan.chains if view.hops_of(scan, chain)]
    return {
        "schema": SCHEMA,
        "sources": [{"kind": source.kind, "path": source.path} for source in sorted(graph.sources)],
        "functions": [_function(item) | _usage(graph, item.id) for item in _by_id(graph.functions) if not item.internal],
        "channels": [_channel(item) | _usage(graph, item.id) for item in _by_id(graph.channels)],
        "triggers": _triggers(graph),
        "hops": [_hop(item) for item in _by_id(view.hops(scan))],
        "state_machines": [_state_machine(item) for item in _by_id(graph.state_machines)],
        "chains": [_chain(chain, view.hops_of(scan, chain)) for chain in _by_id(chains)],
        "findings": [_finding(item) for item in sorted(scan.findings, key=_finding_order)],
        "coverage": [_coverage(item) for item in sorted(graph.coverage, key=lambda item: (item.source, item.operation))],
        "gaps": [_gap(item) for item in sorted(graph.gaps, key=_gap_order)],
    }


def plain(value: Value, depth: int = 0) -> Any:
    """A template's value as JSON data: mappings sorted by key, what is not known in its readable form."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if depth > DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): plain(inner, depth + 1) for key, inner in sorted(value.items(), key=lambda item: str(item[0]))}
    if isinstance(value, tuple | list):
        return [plain(inner, depth + 1) for inner in value]
    return show(value)


def _by_id(items: Iterable[Any]) -> list[Any]:
    return sorted(items, key=lambda item: str(item.id))


def _place(location: Location | None) -> dict[str, Any] | None:
    return None if location is None else {"path": location.path, "line": location.line}


def _function(item: Function) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind,
        "address": item.address,
        "stack": item.stack,
        "name": item.name,
        "runtime": item.runtime,
        "location": _place(item.location),
        "code": item.code,
        "deployed": item.deployed,
    }


def _channel(item: ChannelNode) -> dict[str, Any]:
    return {
        "id": item.id,
        "type": item.type,
        "address": item.address,
        "stack": item.stack,
        "name": item.name,
        "location": _place(item.location),
    }


def _usage(graph: EventGraph, id: str) -> dict[str, Any]:
    """How much it was used, where an account was asked; what was not counted is null."""
    usage = graph.usage.get(id)
    if usage is None:
        return {}
    counted = {"count": usage.count, "errors": usage.errors, "throttles": usage.throttles, "duration_ms": usage.duration_ms}
    return {"usage": {"source": usage.source, "days": usage.days, **counted}}


def _triggers(graph: EventGraph) -> list[dict[str, Any]]:
    """The triggers of the functions listed; two that read the same are one."""
    hidden = {item.id for item in graph.functions if item.internal}
    shown = {_trigger_order(item): _trigger(item) for item in graph.triggers if item.function not in hidden}
    return [shown[key] for key in sorted(shown)]


def _trigger(item: Trigger) -> dict[str, Any]:
    return {"type": item.type, "function": item.function, "channel": item.channel, "location": _place(item.location)}


def _trigger_order(item: Trigger) -> tuple[str, str, str, str, int]:
    return (item.function, item.type, item.channel or "", *_place_order(item.location))


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "id": hop.id,
        "producer": hop.producer,
        "consumer": hop.consumer,
        "confidence": hop.confidence.value,
        "channels": [_passage(item) for item in hop.passages],
        "multiplicity": hop.multiplicity,
        "guard": hop.guard.text if hop.guard else None,
        "condition": hop.condition,
        "mediated": hop.mediated,
        "evidence": [_evidence(item) for item in hop.evidence],
    }


def _passage(item: Passage) -> dict[str, Any]:
    return {"id": item.channel, "type": item.type, "filter": plain(item.filter), "delivery": plain(item.delivery)}


def _evidence(item: Evidence) -> dict[str, Any]:
    """One witness; `against` is written only where it speaks against the hop."""
    place = item.location or Location("")
    told = {"kind": item.kind.value, "path": place.path or None, "line": place.line, "note": item.note}
    return told | ({"against": True} if item.against else {})


def _state_machine(item: StateMachine) -> dict[str, Any]:
    return {"id": item.id, "address": item.address, "functions": sorted(item.functions), "location": _place(item.location)}


def _chain(chain: Chain, hops: tuple[Hop, ...]) -> dict[str, Any]:
    verdict = chain.verdict
    told = verdict and {
        "decision": verdict.decision,
        "score": verdict.score,
        "reasons": [reason.text for reason in verdict.reasons],
    }
    return {
        "id": chain.id,
        "functions": sorted(chain.functions),
        "hops": sorted(hop.id for hop in hops),
        "entries": sorted(chain.entries),
        "cyclic": chain.cyclic,
        "verdict": told,
        "outlook": chain.outlook and _outlook(chain.outlook),
    }


def _outlook(item: Outlook) -> dict[str, Any]:
    """The type of the workflow that could replace a chain, its size and its bills, in US dollars."""
    bills = [
        {
            "way": bill.way,
            "million": _cents(bill.million),
            "month": _cents(bill.month),
            "verified": bill.verified,
            "made_of": bill.words,
        }
        for bill in item.bills
    ]
    return {
        "type": item.type,
        "grounds": [{"text": ground.text, "locations": [str(place) for place in ground.locations]} for ground in item.grounds],
        "hybrid": item.hybrid,
        "transitions": _size(item.transitions),
        "events": _size(item.events),
        "seconds": item.seconds,
        "runs": _cents(item.runs),
        "bills": bills,
        "remarks": list(item.remarks),
        "savings": list(item.savings),
    }


def _size(item: Size) -> dict[str, int]:
    return {"least": item.least, "usual": item.usual, "further": item.further}


def _cents(number: float | None) -> float | None:
    return None if number is None else round(number, 2)


def _finding(item: Finding) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "severity": item.severity,
        "message": item.message,
        "locations": [str(location) for location in item.locations],
        "fingerprint": item.fingerprint,
    }


def _finding_order(item: Finding) -> tuple[str, str, str, str]:
    return (item.rule, item.fingerprint, item.message, " ".join(map(str, item.locations)))


def _coverage(item: Coverage) -> dict[str, Any]:
    return {
        "source": item.source,
        "operation": item.operation,
        "outcome": item.outcome,
        "unseen": sorted(item.unseen),
        "permission": item.permission,
        **({"note": item.note} if item.note else {}),
    }


def _gap(item: Gap) -> dict[str, Any]:
    return {"what": item.what, "why": item.why, "location": _place(item.location)}


def _gap_order(item: Gap) -> tuple[str, int, str, str]:
    return (*_place_order(item.location), item.what, item.why)


def _place_order(location: Location | None) -> tuple[str, int]:
    return ("", 0) if location is None else (location.path, location.line or 0)


EMITTER = Emitter(format="json", suffixes=(".json",), title="the scan document, for programs", render=render)
