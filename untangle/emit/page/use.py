"""The numbers of an account on the audit page: how much each function and channel was used."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.emit.markup import Html, join, tag
from untangle.emit.page.parts import folded, table
from untangle.emit.wording import count, name, rate
from untangle.model.scan import Scan
from untangle.model.usage import Usage

HEADS = ("Function or channel", "A day", "Errors", "Throttles", "Mean duration")


def use(scan: Scan, called: Mapping[str, str]) -> Html | None:
    """The table, the busiest first; nothing where no account was asked for numbers."""
    nodes = {node.id for nodes in (scan.graph.functions, scan.graph.channels) for node in nodes}
    known = [(id, usage) for id, usage in scan.graph.usage.items() if id in nodes]
    if not known:
        return None
    ranked = sorted(known, key=lambda item: (-item[1].per_day, item[0]))
    days = sorted({f"{round(usage.days, 1):g}" for _, usage in known})
    return tag(
        "section",
        tag("h2", "Use"),
        tag(
            "p",
            f"As {', '.join(sorted({usage.source for _, usage in known}))} counted over {' or '.join(days)} days.",
            class_="fine",
        ),
        folded(
            count(len(ranked), "function or channel", "functions and channels"),
            table(HEADS, join(_row(name(called, id), usage) for id, usage in ranked)),
            len(ranked),
        ),
        id="use",
    )


def _row(label: str, usage: Usage) -> Html:
    mean = "" if usage.duration_ms is None else f"{usage.duration_ms:,.0f} ms"
    counts = ["" if number is None else f"{number:,}" for number in (usage.errors, usage.throttles)]
    return tag("tr", tag("td", tag("bdi", label)), *(tag("td", text) for text in (rate(usage), *counts, mean)))
