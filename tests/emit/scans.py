"""Scans made by hand for the tests of every format: an order workflow with all that a format must show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.arrows import arrows
from untangle.emit.emitter import View
from untangle.model.chain import Chain, Finding, Reason, Verdict
from untangle.model.code import Guard
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Trigger
from untangle.model.location import Location
from untangle.model.node import StateMachine
from untangle.model.resource import Gap, Source
from untangle.model.scan import Scan
from untangle.model.value import Concat, Symbol

HERE = Location("template.yaml", 40)
CODE = Location("src/intake/app.py", 31)
CODED = Evidence(kind=Witness.CODED, note="sns.publish(TopicArn=env TOPIC_ARN)", location=CODE)
GRANTED = Evidence(kind=Witness.PERMITTED, note="sns:Publish (own role)", location=Location("template.yaml", 22))
MAPPED = Evidence(kind=Witness.DECLARED, note="event source mapping, batch of 10", location=Location("template.yaml", 55))
SHARED = Evidence(kind=Witness.PERMITTED, note="sqs:SendMessage (wildcard)", location=Location("template.yaml", 90), shared=True)
AGAINST = Evidence(kind=Witness.DECLARED, note="kind is 'paid', the filter wants 'refunded'", location=HERE, against=True)

ORDER = "intake -sns:orders/sqs:queue-> validate -eventbridge:bus-> {charge, reserve}; charge -dynamodb_stream:ledger-> ship"
_HOPS: dict[str, dict[str, Any]] = {
    "intake>validate": {"evidence": (CODED, GRANTED, MAPPED)},
    "validate>reserve": {"guards": (Guard(kind="if", text="order['stock']", location=CODE),), "multiplicity": "maybe"},
    "charge>ship": {"confidence": Confidence.DECLARED, "evidence": (MAPPED,)},
}
_DELIVERY = {"queue": {"batch_size": 10, "max_receive_count": 3}}
_FILTERS = {"orders": {"kind": ("order",), "tenant": Concat((Symbol("Stage"), "-x"))}}


def order_graph(**fields: Any) -> EventGraph:
    """Four hops, one of each kind of trouble around them."""
    graph = arrows(ORDER, hops=_HOPS, delivery=_DELIVERY, filters=_FILTERS, triggers={"ship": "schedule"})
    start = Trigger(type="s3", function="app/Intake", channel="app/uploads", location=HERE)
    machine = StateMachine(id="app/Refunds", address="Refunds", stack="app", functions=("app/Ship",), location=HERE)
    changed: dict[str, Any] = {
        "triggers": (start, *(item for item in graph.triggers if item.function != "app/Intake")),
        "sources": (Source(path="template.yaml", kind="sam"),),
        "state_machines": (machine,),
        "gaps": (Gap(what="queue of Charge", why="the target is known at run time only", location=CODE),),
    }
    return replace(graph, **(changed | fields))


def unsure(confidence: Confidence, *evidence: Evidence) -> Hop:
    """A hop that is not sure enough to be reported, from Ship to Intake."""
    made = arrows("ship -sqs:unsure-> intake").hops[0]
    return replace(made, confidence=confidence, evidence=evidence)


def judged(id: str, graph: EventGraph, decision: str = "migrate", score: int = 72) -> Chain:
    """All reported hops of a graph as one chain with a verdict."""
    reasons = (
        Reason(toward="migrate", weight=30, text="five steps that nobody sees as one"),
        Reason(toward="keep", weight=10, text="Ledger has readers of its own"),
    )
    return Chain(
        id=id,
        functions=tuple(sorted({end for hop in graph.reported for end in (hop.producer, hop.consumer)})),
        hops=tuple(hop.id for hop in graph.reported),
        entries=("app/Intake",),
        verdict=Verdict(decision=decision, score=score, reasons=reasons),
    )


FINDINGS = (
    Finding(
        rule="missing-dlq", severity="warning", message="queue has no dead-letter queue", subject="app/queue", locations=(HERE,)
    ),
    Finding(rule="loop", severity="error", message="messages go round", subject="app/Ship", locations=(HERE, CODE)),
)


def order_scan(**fields: Any) -> Scan:
    """The order workflow as a scan with one chain, findings and a gap."""
    graph = fields.pop("graph", None) or order_graph()
    return Scan(**({"graph": graph, "chains": (judged("intake", graph),), "findings": FINDINGS} | fields))


def hostile_scan(text: str) -> Scan:
    """A scan in which every name and note is this text."""
    graph = order_graph()
    functions = tuple(replace(item, address=text) for item in graph.functions)
    channels = tuple(replace(item, address=text) for item in graph.channels)
    marked = Evidence(kind=Witness.CODED, note=text, location=Location(text, 1))
    hops = tuple(replace(item, evidence=(marked,), condition=text) for item in graph.hops)
    gaps = (Gap(what=text, why=text, location=Location(text, 3)),)
    graph = replace(graph, functions=functions, channels=channels, hops=hops, gaps=gaps)
    finding = Finding(rule="loop", severity="error", message=text, subject=text, locations=(Location(text, 2),))
    return Scan(graph=graph, chains=(judged("intake", graph),), findings=(finding,))


PLAIN = View(width=80)
