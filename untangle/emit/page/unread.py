"""What could not be read of an account, on the audit page: a line on top, and a table beside the gaps."""

from __future__ import annotations

from untangle.emit.markup import Html, join, tag
from untangle.emit.unread import MEANS, TITLE, Unread, all_hidden, permissions, unread
from untangle.emit.wording import count
from untangle.model.scan import Scan

HEADS = ("Operation", "Where", "How it ended", "Missing permission", "May be missing here")


def warning(scan: Scan) -> Html | None:
    """One line that leads to the table; nothing where all was read."""
    found = unread(scan.graph.coverage)
    if not found:
        return None
    told = f"{count(len(found), 'operation')} could not be read or not wholly; this may be missing: {all_hidden(found)}. "
    return tag("p", told, tag("a", "Which, and why", href="#unread"), ".", class_="fine")


def refusals(scan: Scan) -> Html | None:
    """The table of what was not read, each refusal once, and the permissions that would mend it."""
    found = unread(scan.graph.coverage)
    if not found:
        return None
    missing = permissions(found)
    heads = tag("tr", join(tag("th", head, scope="col") for head in HEADS))
    return tag(
        "div",
        tag("h3", TITLE),
        tag("div", tag("table", tag("thead", heads), tag("tbody", join(_row(item) for item in found))), class_="scroll"),
        tag("p", "Missing permissions: ", join((tag("code", name) for name in missing), ", "), class_="fine")
        if missing
        else None,
        id="unread",
    )


def _row(item: Unread) -> Html:
    ended = f"{item.outcome}: {item.reason or MEANS[item.outcome]}"
    cells = (item.what, item.where(), ended, item.permission or "", item.hidden)
    return tag("tr", *(tag("td", tag("bdi", text)) for text in cells))
