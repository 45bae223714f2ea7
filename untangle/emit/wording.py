"""How things are called and ordered wherever a person reads them: the terminal, Markdown, diagrams.

Names come out of files that anybody may have written. `clean` makes them safe to show anywhere; each format then
escapes what is markup in it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping

from untangle.emit.markup import visible
from untangle.model.chain import Chain, Finding
from untangle.model.code import SWALLOWED
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Passage, Trigger
from untangle.model.scan import Scan
from untangle.model.usage import Usage

_DECISIONS = ("migrate", "partial", None, "keep")
# The witness that says most about a hop comes first where only one is shown.
_TELLING = (Witness.OBSERVED, Witness.STATED, Witness.CODED, Witness.PERMITTED, Witness.BOUND, Witness.DEPLOYED, Witness.DECLARED)
SEVERITY_ORDER = ("error", "warning", "note")

LEVEL_MEANS: Mapping[Confidence, str] = {
    Confidence.CONFIRMED: "it was observed at run time",
    Confidence.DECLARED: "a template, or a person in the configuration, states both ends",
    Confidence.LIKELY: "the producer's own code makes the call, its target is this channel, and nothing excludes it",
    Confidence.POSSIBLE: "a grant or a variable names this channel, but no call was seen",
    Confidence.WEAK: "only a shared or wildcard grant allows it",
    Confidence.CONTRADICTED: "one witness speaks against the rest",
}


def clean(text: str) -> str:
    """Text on one line; what cannot be seen, moves the cursor or turns the direction of writing shows as its code point."""
    return visible(re.sub(r"[\t\r\n\x0b\x0c]+", " ", text))


def cut(text: str, width: int) -> str:
    """Text of at most `width` characters, its end replaced by an ellipsis."""
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 hop`, `2 hops`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def ranked(chains: Iterable[Chain]) -> list[Chain]:
    """Chains as a reader wants them: those to migrate first, then longer ones first, then by id."""
    return sorted(chains, key=lambda chain: (_DECISIONS.index(decision(chain)), -len(chain.hops), chain.id))


def decision(chain: Chain) -> str | None:
    """What the verdict says; None where it is not judged (or in words nobody knows)."""
    said = chain.verdict.decision if chain.verdict else None
    return said if said in _DECISIONS else None


def names(graph: EventGraph) -> Mapping[str, str]:
    """What to call each node: its address, or its id where another node of its kind has the same address."""
    called: dict[str, str] = {}
    for nodes in (graph.functions, graph.channels):
        shared: dict[str, int] = {}
        for node in nodes:
            shared[node.address] = shared.get(node.address, 0) + 1
        called |= {node.id: clean(node.address if shared[node.address] == 1 else node.id) for node in nodes}
    return called


def short_names(graph: EventGraph, hops: Iterable[Hop], more: Iterable[str] = ()) -> Mapping[str, str]:
    """What to call the nodes of these hops, what starts them, and some more, where only they are spoken of."""
    ends = (node for hop in hops for node in (hop.producer, hop.consumer, *(item.channel for item in hop.passages)))
    found = {node for node in (*ends, *more) if node in graph}
    functions = [node for node in found if graph.is_function(node)]
    channels = (start.channel for node in functions for start in graph.triggers_of(node))
    found.update(channel for channel in channels if channel is not None and channel in graph)
    return {node: clean(graph.told(node, found)) for node in sorted(found)}


def name(called: Mapping[str, str], id: str) -> str:
    """What a node is called; the end of its id where it is not in the graph."""
    return called.get(id) or clean(id.rpartition("/")[2] or id)


def passage(called: Mapping[str, str], item: Passage) -> str:
    """A channel on the way: `sqs OrderQueue`; the type alone where it has no name of its own."""
    known = name(called, item.channel)
    return f"{item.type} {known}" if known and item.type not in ("lambda_invoke", "create_schedule") else item.type


def way(called: Mapping[str, str], hop: Hop) -> str:
    """The channels of a hop in order: `sns Orders → sqs OrderQueue`."""
    return " → ".join(clean(passage(called, item)) for item in hop.passages) or "direct"


def conditions(hop: Hop) -> list[str]:
    """What holds a hop back or multiplies it, in short words."""
    said = []
    if hop.reason:
        said.append(clean(hop.reason.replace("_", " ")))
    if hop.mediated:
        said.append("finished by an outside service")
    if hop.guard:
        lead = {"if": "if ", SWALLOWED: ""}.get(hop.guard.kind, f"{hop.guard.kind}: ")
        said.append(f"{lead}{clean(hop.guard.text)}")
    if hop.multiplicity == "many":
        said.append("many messages")
    if any(item.filter is not None for item in hop.passages):
        said.append("filtered")
    if hop.condition:
        said.append(f"{'switched off: ' if hop.switched_off else 'condition '}{clean(hop.condition)}")
    return said


def entry(called: Mapping[str, str], trigger: Trigger) -> str:
    """An entry from outside: `s3 UploadBucket`, `apigateway`."""
    return clean(f"{trigger.type} {name(called, trigger.channel)}" if trigger.channel else trigger.type)


def entries(called: Mapping[str, str], triggers: Iterable[Trigger]) -> list[str]:
    """The distinct entries of a function, in words."""
    return sorted({entry(called, trigger) for trigger in triggers})


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Findings, the gravest first, then by rule and message."""
    order = {severity: i for i, severity in enumerate(SEVERITY_ORDER)}
    return sorted(findings, key=lambda item: (order.get(item.severity, 9), item.rule, item.message, item.fingerprint))


def totals(scan: Scan, hops: int) -> str:
    """One line of counts: `2 chains · 9 functions · 8 hops · 3 templates`."""
    functions = sum(not function.internal for function in scan.graph.functions)
    parts = [
        count(len(scan.chains), "chain"),
        count(functions, "function"),
        count(hops, "hop"),
        count(len(scan.graph.sources), "source"),
    ]
    return " · ".join(parts)


def telling(hop: Hop) -> Evidence | None:
    """The one witness to show of a hop: what speaks against it where it is contradicted, else the most telling."""
    against = [item for item in hop.evidence if item.against]
    if hop.confidence is Confidence.CONTRADICTED and against:
        return against[0]
    speaking = [item for item in hop.evidence if not item.against]
    return min(speaking, key=lambda item: _TELLING.index(item.kind), default=None)


def unplanned(scan: Scan, hops: Iterable[Hop]) -> list[Hop]:
    """Those of these hops that no chain holds, the surest first."""
    planned = {id for chain in scan.chains for id in chain.hops}
    rest = (hop for hop in hops if hop.id not in planned)
    return sorted(rest, key=lambda hop: (-hop.confidence.rank, hop.producer, hop.consumer, hop.id))


def along(chain: Chain, hops: Iterable[Hop]) -> list[Hop]:
    """Hops in the order in which a message would take them: from the entries on, breadth first."""
    leaving: dict[str, list[Hop]] = {}
    for hop in sorted(hops, key=lambda hop: (hop.consumer, hop.id)):
        leaving.setdefault(hop.producer, []).append(hop)
    ordered: list[Hop] = []
    for start in (*chain.entries, *sorted(leaving)):
        waiting = deque([start])
        while waiting:
            following = leaving.pop(waiting.popleft(), [])
            ordered += following
            waiting.extend(hop.consumer for hop in following)
    return ordered


def rate(usage: Usage) -> str:
    """How often a day, as exactly as it matters: `1,234`, `2.5`, `0`."""
    daily = usage.per_day
    return f"{daily:,.0f}" if daily >= 10 or daily == 0 else f"{daily:.1f}" if daily >= 0.1 else "less than 0.1"


def used(usage: Usage) -> str:
    """How much something was used: `96 a day in 14.6 days, 7 errors, 3 throttles, 100 ms on average`."""
    days = "1 day" if usage.days == 1 else f"{round(usage.days, 1):g} days"
    told = [f"{rate(usage)} a day in {days}" if usage.count else f"not used in {days}"]
    told += [count(usage.errors, "error")] if usage.errors else []
    told += [count(usage.throttles, "throttle")] if usage.throttles else []
    told += [f"{usage.duration_ms:,.0f} ms on average"] if usage.duration_ms is not None else []
    return ", ".join(told)
