"""What an iteration of a Map gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.machine.visit import Visit


def selected(visit: Visit, item: Mapping[str, Any], value: Any) -> Any:
    """What an iteration gets: the item, or what ItemSelector (Parameters, of old) makes of it."""
    state = visit.state
    template = state.get("ItemSelector", state.get("Parameters"))
    if template is None:
        return item["Value"]
    around, visit.frame.item = visit.frame.item, item
    try:
        return visit.ask(template, "ItemSelector") if visit.jsonata else visit.fill(template, value)
    finally:
        visit.frame.item = around
