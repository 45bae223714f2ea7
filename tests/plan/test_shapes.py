"""Shapes of chains in arrow notation, and the definition each becomes: `golden/<name>.json`, its adapters left out.

UNTANGLE_UPDATE=1 writes the files anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.golden import golden
from untangle.emit.asl import asl_definition
from untangle.model.graph import EventGraph
from untangle.model.node import ChannelNode
from untangle.plan import plan

GOLDEN = Path(__file__).parent / "golden"
DLQ = (ChannelNode(id="app/Dead", type="sqs", address="Dead", stack="app"),)

SHAPES: dict[str, EventGraph] = {
    "sequence": arrows("intake -sqs-> charge -sns-> ship"),
    "fan-out": arrows("intake -sns-> {mail, ship}; intake -sqs-> audit"),
    "filters": arrows(
        "intake -eventbridge-> {gift, plain}",
        filters={
            "IntakeBus>Gift": {"detail": {"kind": ("gift",)}},
            "IntakeBus>Plain": {"detail": {"kind": ({"anything-but": "gift"},)}},
        },
    ),
    "many": arrows("intake -sqs*-> charge -lambda_invoke-> ship"),
    "many-subscribers": arrows("intake -sns*-> {mail, ship}"),
    "maybe": arrows("intake -sqs?-> charge"),
    "delay": arrows("intake -sqs-> remind", settings={"RemindQueue": {"delay_seconds": 900}}),
    "dead-letter": arrows(
        "intake -sns/sqs-> charge",
        settings={"ChargeQueue": {"visibility_timeout": 180, "redrive": {"dead_letter": "app/Dead", "max_receive_count": 3}}},
        extra=DLQ,
    ),
    "merge": arrows("intake -sns-> {pack, label}; {pack, label} -sqs:Ready-> ship"),
    "entries": arrows("{shop, phone} -sqs:Orders-> charge"),
    "part": arrows("intake -sqs-> charge -sqs-> ship -sns-> mail", settings={"ShipQueue": {"fifo": True}}),
}


def outline(value: Any) -> Any:
    """A definition with adapters cut short, marker and retries of the service left out: what a reader looks at first."""
    if isinstance(value, dict):
        skipped = ("ClientContext",)
        return {key: outline(inner) for key, inner in value.items() if key not in skipped}
    if isinstance(value, list):
        return [
            outline(item)
            for item in value
            if not (isinstance(item, dict) and "Lambda.ServiceException" in item.get("ErrorEquals", ()))
        ]
    if isinstance(value, str) and value.startswith("{% ("):
        return "{% … %}"
    return value


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str) -> None:
    graph = SHAPES[name]
    written = json.dumps(outline(asl_definition(plan(graph, chain(graph)), graph)), indent=2, ensure_ascii=False) + "\n"
    path = GOLDEN / f"{name}.json"
    assert written == golden(path, written)


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(SHAPES)
