"""How a handler counts: what its code shows of the item that it counts in and of the comparison that follows.

Read from the calls that were seen (`CodeFacts.calls`) and from the signals of the code's reader; what is not there is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from untangle.model.code import SWALLOWED, Call, Guard
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, LinkKind
from untangle.model.location import Location
from untangle.model.value import Concat, Env, Received, Value

# What a reader of code notes (`CodeFacts.signals`), in words.
COUNTS: Mapping[str, str] = {
    "counter": "counts in a table and looks at the result",
    "flags": "ticks itself off in a table and looks whether all are done",
    "listing": "counts what a listing holds",
}
_COUNTED = re.compile(r"\bADD\s+(?P<added>[#\w.:]+)|(?P<set>[#\w.:]+)\s*(?:,[^()]{0,40}\))?\s*(?P<sign>[+-])\s*:")
_COMPARES = re.compile(r"[=!<>]=|[<>]|\bnot\b|!")
_ALL = re.compile(r"\ball\s*\(|\.every\s*\(|\bnot\s+any\s*\(|!\s*[\w.]+\.some\s*\(|\.allmatch\s*\(|\.nonematch\s*\(")
_COUNT_WORDS = re.compile(r"count|remain|total|left|pending|done|complete|finish|expected|processed|outstanding")
_CONSTANT = re.compile(r"[=<>!]=?\s*(?:\d|[A-Z][A-Z0-9_]+\b)|%")
_RECORDS = re.compile(r"\b[Rr]ecords\b")
_SETTING = ("PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems")
_NOT_ASKED = ("loop", SWALLOWED)
_LONGEST = 400  # characters of an expression that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """A function's count or, where `kind` is "flags", its tick in an item that all of them tick.

    `table` stands for the table in words that are the same for every function that names it. `keyed` says that the item's key is
    taken from the message, `names` are the attributes counted in as far as they are known, `down` that the count goes down, or
    may: then somebody must have set it before.
    """

    kind: str
    table: str | None
    key: Value
    keyed: bool
    names: frozenset[str]
    down: bool
    place: Location


def counting(graph: EventGraph, function: str) -> Counting | None:
    """How a function counts; None for one whose code does not show that it counts and looks at the result."""
    facts = graph.code.get(function)
    kind = next((kind for kind in ("counter", "flags") if facts is not None and kind in facts.signals), None)
    if facts is None or kind is None:
        return None
    calls = [call for call in facts.calls if (counts(call) if kind == "counter" else _ticks(call))]
    if not calls:
        return None
    tables = {table_of(graph, function, call) for call in calls}
    names = [_names(call) for call in calls] if kind == "counter" else []
    return Counting(
        kind=kind,
        table=tables.pop() if len(tables) == 1 else None,
        key=calls[0].arguments.get("Key"),
        keyed=all(_received(call.arguments.get("Key")) for call in calls),
        names=frozenset().union(*names) if all(names) else frozenset(),
        down=kind == "counter" and not all(_rises(call) for call in calls),
        place=facts.signals[kind],
    )


def counts(call: Call) -> bool:
    """Whether a call changes a number and asks for what came of it."""
    expression = call.arguments.get("UpdateExpression")
    return (
        (call.service, call.operation) == ("dynamodb", "UpdateItem")
        and isinstance(expression, str)
        and _COUNTED.search(expression[:_LONGEST]) is not None
        and call.arguments.get("ReturnValues") not in (None, "NONE")
    )


def _ticks(call: Call) -> bool:
    """Whether a call changes an item and asks for all that it holds then."""
    return (call.service, call.operation, call.arguments.get("ReturnValues")) == ("dynamodb", "UpdateItem", "ALL_NEW")


def guarded(hop: Hop, count: Counting) -> bool:
    """Whether every call of a hop stands under a comparison of a count: of the attribute, or of what is called like a count."""
    calls = [link.guards for link in hop.links if link.kind is LinkKind.PUBLISH and link.sent is not None]
    return bool(calls) and all(any(_of_a_count(guard, count) for guard in guards) for guards in calls)


def _of_a_count(guard: Guard, count: Counting) -> bool:
    text = guard.text[:_LONGEST].lower()
    if count.kind == "flags":
        return guard.kind in ("if", "early-return") and _ALL.search(text) is not None
    named = _COUNT_WORDS.search(text) is not None or any(name.lower() in text for name in count.names)
    return guard.kind in ("if", "early-return") and named and _COMPARES.search(text) is not None


def to_a_constant(hop: Hop) -> bool:
    """Whether a count may be held against a number of the code's own: a thousandth visitor is no join."""
    guards = (
        guard for link in hop.links if link.kind is LinkKind.PUBLISH for guard in link.guards if guard.kind not in _NOT_ASKED
    )
    return any(_CONSTANT.search(guard.text[:_LONGEST]) is not None for guard in guards)


def loops_over_records(hop: Hop) -> bool:
    """Whether a hop is sent in loops over the records of an event only: as a step of a workflow its producer gets one."""
    calls = [link for link in hop.links if link.kind is LinkKind.PUBLISH]
    if calls and all(link.per_record or link.multiplicity != "many" for link in calls):
        return True
    loops = [guard for guard in hop.guards if guard.kind == "loop"]
    return bool(loops) and all(_RECORDS.search(guard.text[:_LONGEST]) is not None for guard in loops)


def tables_written(graph: EventGraph, functions: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The functions that are seen to write to each table: they may set a count there."""
    found: dict[str, set[str]] = {}
    for function in functions:
        for call in graph.code[function].calls:
            if call.service == "dynamodb" and call.operation in _SETTING:
                found.setdefault(table_of(graph, function, call) or "", set()).add(function)
    return {table: frozenset(writers) for table, writers in found.items() if table}


def table_of(graph: EventGraph, function: str, call: Call) -> str | None:
    """The table of a call in words that are the same for every function that names it."""
    value: Value = call.arguments.get("TableName")
    if isinstance(value, Env):
        value = graph.function(function).environment.get(value.name)
    return None if value is None else repr(value)


def _names(call: Call) -> frozenset[str]:
    """The attributes that an expression counts in, the names that stand for others put in."""
    expression, given = call.arguments.get("UpdateExpression"), call.arguments.get("ExpressionAttributeNames")
    found = _COUNTED.finditer(expression[:_LONGEST]) if isinstance(expression, str) else ()
    names = (match["added"] or match["set"] for match in found)
    told = given if isinstance(given, Mapping) else {}
    return frozenset(str(told.get(name, name)) for name in names)


def _rises(call: Call) -> bool:
    """Whether a count surely goes up, from nothing if need be: ADD makes the item, and each value is a positive number."""
    expression, values = call.arguments.get("UpdateExpression"), call.arguments.get("ExpressionAttributeValues")
    if not isinstance(expression, str) or re.search(r"\bADD\b", expression) is None or not isinstance(values, Mapping):
        return False
    numbers = [value.get("N") if isinstance(value, Mapping) else value for value in values.values()]
    return all(not str(number).lstrip().startswith("-") and str(number).replace(".", "").isdigit() for number in numbers)


def _received(value: Value) -> bool:
    """Whether a part of a value is taken from the message."""
    return any(isinstance(part, Received) for part in _parts(value))


def _parts(value: Value) -> Iterator[Value]:
    pending = [value]
    while pending:
        part = pending.pop()
        yield part
        if isinstance(part, Mapping):
            pending.extend(part.values())
        elif isinstance(part, tuple):
            pending.extend(part)
        elif isinstance(part, Concat):
            pending.extend(part.parts)
