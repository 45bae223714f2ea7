"""What a chain would be as a workflow, on the audit page: its type with the reasons, its bills."""

from __future__ import annotations

from untangle.emit.markup import Html, join, tag
from untangle.emit.outlook import HEADS, kind, rows, size
from untangle.emit.page.hops import place
from untangle.emit.page.parts import table
from untangle.model.outlook import Outlook


def outlook(item: Outlook | None) -> Html | None:
    """The section, closed at first; nothing where no part of the chain can move."""
    if item is None:
        return None
    grounds = (tag("li", ground.text, " ", join((place(at) for at in ground.locations), " ")) for ground in item.grounds)
    hybrid = tag("li", item.hybrid) if item.hybrid else ""
    body = join(tag("tr", *(tag("td", cell) for cell in row)) for row in rows(item))
    remarks = (tag("li", text) for text in (*item.remarks, *item.savings))
    return tag(
        "details",
        tag("summary", f"As {kind(item)}: {size(item)}"),
        tag("ul", join(grounds), hybrid, class_="findings"),
        table(HEADS, body),
        tag("ul", join(remarks), class_="findings"),
        class_="outlook",
    )
