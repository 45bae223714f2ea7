"""The scan document: its names, its order, and what it makes of values that are not known."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.emit.scans import AGAINST, CODED, PLAIN, hostile_scan, order_graph, order_scan, unsure
from untangle.emit.emitter import View
from untangle.emit.json import document, plain, render
from untangle.model.evidence import Confidence
from untangle.model.node import Function
from untangle.model.resource import Coverage
from untangle.model.scan import Scan
from untangle.model.value import Concat, Either, Ref, Symbol, Value

NAMES = {
    "sources": {"kind", "path"},
    "functions": {"id", "kind", "address", "stack", "name", "runtime", "location", "code", "deployed"},
    "channels": {"id", "type", "address", "stack", "name", "location"},
    "triggers": {"type", "function", "channel", "location"},
    "hops": {
        "id",
        "producer",
        "consumer",
        "confidence",
        "channels",
        "multiplicity",
        "guard",
        "condition",
        "mediated",
        "evidence",
    },
    "state_machines": {"id", "address", "functions", "location"},
    "chains": {"id", "functions", "hops", "entries", "cyclic", "verdict", "outlook"},
    "findings": {"rule", "severity", "message", "locations", "fingerprint"},
    "coverage": {"source", "operation", "outcome", "unseen", "permission"},
    "gaps": {"what", "why", "location"},
}


def told(scan: Scan, view: View = PLAIN) -> dict[str, Any]:
    """The document as a reader gets it."""
    return json.loads(render(scan, view))


def test_the_document_has_the_names_that_were_promised() -> None:
    coverage = (Coverage(source="111122223333/eu-west-1", operation="sqs:ListQueues", outcome="denied", unseen=("queues",)),)
    found = told(order_scan(graph=order_graph(coverage=coverage)))
    assert found.pop("schema") == "untangle.scan/1"
    assert list(found) == list(NAMES)
    for part, names in NAMES.items():
        assert found[part], part
        assert all(set(item) == names for item in found[part]), part


def test_a_hop_tells_its_way_and_its_witnesses() -> None:
    hop = next(item for item in told(order_scan())["hops"] if item["producer"] == "app/Intake")
    assert hop["consumer"] == "app/Validate"
    assert hop["confidence"] == "likely"
    assert hop["channels"] == [
        {"id": "app/orders", "type": "sns", "filter": {"kind": ["order"], "tenant": "${Stage}-x"}, "delivery": {}},
        {"id": "app/queue", "type": "sqs", "filter": None, "delivery": {"batch_size": 10, "max_receive_count": 3}},
    ]
    assert hop["evidence"][0] == {
        "kind": "coded",
        "path": "src/intake/app.py",
        "line": 31,
        "note": "sns.publish(TopicArn=env TOPIC_ARN)",
    }


def test_a_guard_is_its_source_text() -> None:
    guards = {item["consumer"]: (item["guard"], item["multiplicity"]) for item in told(order_scan())["hops"]}
    assert guards["app/Reserve"] == ("order['stock']", "maybe")
    assert guards["app/Charge"] == (None, "one")


def test_what_speaks_against_a_hop_is_marked() -> None:
    hop = unsure(Confidence.CONTRADICTED, CODED, AGAINST)
    scan = Scan(graph=replace(order_graph(), hops=(hop,)))
    view = View(minimum=Confidence.CONTRADICTED)
    assert [item.get("against", False) for item in told(scan, view)["hops"][0]["evidence"]] == [False, True]
    assert told(scan)["hops"] == []


@pytest.mark.parametrize(
    ("minimum", "hops", "chains"), [("confirmed", 0, 0), ("declared", 1, 1), ("likely", 4, 1), ("weak", 5, 1)]
)
def test_hops_are_shown_from_a_level_on(minimum: str, hops: int, chains: int) -> None:
    graph = order_graph()
    graph = replace(graph, hops=(*graph.hops, unsure(Confidence.WEAK)))
    found = told(order_scan(graph=graph), View(minimum=Confidence(minimum)))
    assert (len(found["hops"]), len(found["chains"])) == (hops, chains)
    listed = {item["id"] for item in found["hops"]}
    assert all(set(chain["hops"]) <= listed for chain in found["chains"])


def test_functions_that_a_framework_made_are_left_out() -> None:
    graph = order_graph()
    helper = Function(id="app/LogRetention", address="LogRetention", stack="app", internal=True)
    graph = replace(graph, functions=(*graph.functions, helper))
    assert "app/LogRetention" not in {item["id"] for item in told(order_scan(graph=graph))["functions"]}


def test_a_chain_that_was_not_judged_has_no_verdict() -> None:
    chain = replace(order_scan().chains[0], verdict=None)
    assert told(order_scan(chains=(chain,)))["chains"][0]["verdict"] is None


def test_the_order_of_what_was_found_does_not_matter() -> None:
    scan = order_scan()
    graph = scan.graph
    turned = replace(
        graph,
        functions=graph.functions[::-1],
        channels=graph.channels[::-1],
        hops=graph.hops[::-1],
        triggers=graph.triggers[::-1],
        gaps=graph.gaps[::-1],
    )
    assert render(replace(scan, graph=turned, findings=scan.findings[::-1]), PLAIN) == render(scan, PLAIN)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (Symbol("Stage"), "${Stage}"),
        (Ref("app/Queue", "Arn"), "${Queue.Arn}"),
        (Concat((Symbol("Stage"), "-q")), "${Stage}-q"),
        (Either(("a", "b")), "a | b"),
        ({"b": 1, "a": ("x", Symbol("Y"))}, {"a": ["x", "${Y}"], "b": 1}),
    ],
)
def test_values_become_plain_data(value: Value, data: object) -> None:
    assert plain(value) == data
    assert not isinstance(data, dict) or list(plain(value)) == sorted(data)  # type: ignore[arg-type]


def test_a_deep_value_ends_somewhere() -> None:
    value: Value = "x"
    for _ in range(5000):
        value = (value,)
    assert "…" in json.dumps(plain(value), ensure_ascii=False)


def test_names_nobody_should_use_are_written_as_they_are() -> None:
    name = '"\u202e</script>\x1b[31m'
    assert {item["address"] for item in document(hostile_scan(name), PLAIN)["functions"]} == {name}
