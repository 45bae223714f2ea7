"""As what a workflow would run and what it would cost, in the words and rows that every format shows."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.emit.markdown import code, prose
from untangle.model.outlook import EXPRESS, Bill, Outlook
from untangle.plan.cost.cost import money

HEADS = ("", "A million runs", "A month", "What it is made of")
WAYS = {
    "today": "the channels of today",
    "standard": "Standard workflow",
    "express": "Express workflow",
    "durable": "Lambda durable functions",
}


def kind(outlook: Outlook) -> str:
    """`an Express workflow (type EXPRESS)`."""
    return f"{'an Express' if outlook.type == EXPRESS else 'a Standard'} workflow (type {outlook.type})"


def size(outlook: Outlook) -> str:
    """`2 to 7 transitions a run, 4 more for each further message of a loop`."""
    least, usual, further = outlook.transitions.least, outlook.transitions.usual, outlook.transitions.further
    count = f"{usual:,}" if least == usual else f"{least:,} to {usual:,}"
    more = f", up to {further:,} more for each further message of a loop" if further else ""
    return f"{count} transitions a run{more}"


def rows(outlook: Outlook) -> Iterator[tuple[str, str, str, str]]:
    """Each bill as (what, dollars for a million runs, dollars a month, what it is made of)."""
    for bill in outlook.bills:
        yield WAYS[bill.way], _dollars(bill, bill.million), _dollars(bill, bill.month), bill.words


def section(outlook: Outlook) -> Iterator[str]:
    """The Markdown of it: as what the workflow is to be created and why, and its bills."""
    yield "## Standard or Express"
    yield ""
    yield f"Create it as **{kind(outlook)}**: {size(outlook)}."
    yield ""
    yield from (
        f"- {prose(ground.text)}{''.join(f' ({code(str(place))})' for place in ground.locations)}" for ground in outlook.grounds
    )
    if outlook.hybrid:
        yield f"- {prose(outlook.hybrid)}"
    yield ""
    yield "## Cost"
    yield ""
    yield f"| {' | '.join(HEADS)} |"
    yield f"|{' --- |' * len(HEADS)}"
    yield from (f"| {' | '.join(prose(cell) for cell in row)} |" for row in rows(outlook))
    yield ""
    yield from (f"- {prose(text)}" for text in (*outlook.remarks, *outlook.savings))
    yield ""


def _dollars(bill: Bill, dollars: float | None) -> str:
    """A number that could not be checked says so."""
    if dollars is None:
        return "–"
    return money(dollars) if bill.verified else f"{money(dollars)}, not verified"
