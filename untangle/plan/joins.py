"""Joins that are hidden in a count: the conditions under which a Parallel or Map state could take their place, in words.

A handler that counts in a table and looks at the result waits for others in the only way it can. Parallel and Map join their
branches without any count; that they join the same ones can be said only if the count belongs to one run, is set by the
function that splits the work, is changed by its branches alone and lets one of them pass once. What the code shows of
each is said; what it does not show is to be looked at. Nothing is converted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.model.code import Call
from untangle.model.value import Env, Value
from untangle.model.workflow import Obstacle
from untangle.plan.passes import Draft

_COUNTS = {"counter": "counts in a table and looks at the result", "listing": "counts what a listing holds"}
_FIRST = ("PutItem", "BatchWriteItem")


def note_joins(draft: Draft) -> Draft:
    """The draft with a note for each function that may join others by counting."""
    return replace(draft, notes=(*draft.notes, *(note for function in draft.chain.functions for note in _notes(draft, function))))


def _notes(draft: Draft, function: str) -> Iterator[Obstacle]:
    facts = draft.graph.code.get(function)
    for name, place in sorted(facts.signals.items() if facts is not None else ()):
        if name in _COUNTS:
            conditions = "; ".join(f"({number}) {text}" for number, text in enumerate(_conditions(draft, function), 1))
            text = (
                f"{draft.address(function)} {_COUNTS[name]}, as one who waits for others to be done. A Parallel or Map state "
                f"before it could join them, and the count go, only if {conditions}"
            )
            yield Obstacle(text=text, location=place, topic="join")


def _conditions(draft: Draft, function: str) -> Iterator[str]:
    """What must hold, each with what the code shows of it."""
    table, counts = _counted(draft, function)
    first = _writers(draft, table, _FIRST)
    others = _writers(draft, table, ("UpdateItem",))
    senders = list(dict.fromkeys(draft.address(hop.producer) for hop in draft.graph.reaching(function)))
    key = next((call.location for call in counts if "Key" in call.arguments), None)
    yield "the item that is counted in belongs to one run of the whole chain" + (f" (its key: {key})" if key else "")
    yield "the function that splits the work sets the count" + (
        f" (seen to write the item: {_list(first)})" if first else " (none was seen to)"
    )
    yield "nobody but the branches changes it" + (f" (seen to: {_list(others)})" if others else "")
    yield f"each of them ends here ({_list(senders)} send to it)" if senders else "each of them ends here"
    yield "exactly one of them passes the comparison, retries and doubles included"


def _counted(draft: Draft, function: str) -> tuple[str | None, tuple[Call, ...]]:
    """The table in which a function counts, as far as it has one that is known, and its counting calls."""
    calls = tuple(
        call for call in draft.graph.code[function].calls if (call.service, call.operation) == ("dynamodb", "UpdateItem")
    )
    tables = {_table(draft, function, call) for call in calls} - {None}
    return (tables.pop() if len(tables) == 1 else None), calls


def _writers(draft: Draft, table: str | None, operations: tuple[str, ...]) -> list[str]:
    """The functions of the chain that write to a table by one of these operations."""
    return [
        draft.address(function)
        for function in draft.chain.functions
        if table is not None
        and any(
            call.service == "dynamodb" and call.operation in operations and _table(draft, function, call) == table
            for call in (draft.graph.code[function].calls if function in draft.graph.code else ())
        )
    ]


def _table(draft: Draft, function: str, call: Call) -> str | None:
    """The table of a call in words that are the same for every function that names it."""
    value: Value = call.arguments.get("TableName")
    if isinstance(value, Env):
        value = draft.graph.function(function).environment.get(value.name)
    return None if value is None else repr(value)


def _list(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
