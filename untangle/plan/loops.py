"""Loops over channels stay: a state machine may go back, but whether and when the loop ends is the code's to say.

Where a guard of the loop holds a count of attempts against a limit, the limit is named, with what the loop would become: a
Choice that goes back and a variable that counts. Going back is not done by itself: a round that fails, sends more than
one message, or goes on beside the loop has no equal in a Choice, and of which of these the code is sure is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from untangle.model.code import Guard
from untangle.model.link import Hop
from untangle.model.workflow import Obstacle
from untangle.plan.passes import Draft, drawn, number, stops, where

# What people call a count of rounds, held against a number or a name: `attempts < 3`, `event["retry_count"] >= MAX_RETRIES`.
_COUNT = r"(?:attempt|retr(?:y|ies)|tries|rounds?|hops?|laps?|depth|iteration)\w{0,40}[\"'\])]*(?:\s*\+\s*1)?"
_LIMIT = r"(?P<limit>[1-9]\d{0,5}|(?:\w+\.)*[A-Z]\w+)(?![\w(.])"
# Under a condition a round is sent while the count is below the limit; what returns early does so once it is not.
_BOUNDS = {
    "if": re.compile(rf"{_COUNT}\s*<=?\s*{_LIMIT}", re.IGNORECASE),
    "early-return": re.compile(rf"{_COUNT}\s*>=?\s*{_LIMIT}\s*:?\s*(?:return|continue|raise)", re.IGNORECASE),
}
_SHORT = 80  # characters of a guard that are shown
_LONGEST = 400  # characters of a guard that are read


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of rounds as a guard states it: a number, or the name of a constant."""

    limit: str
    guard: Guard


def cut_loops(draft: Draft) -> Draft:
    """Keep every hop within a cycle."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph((hop.producer, hop.consumer) for hop in draft.moving.values())
    loop_of = {node: index for index, nodes in enumerate(nx.strongly_connected_components(graph)) for node in nodes}
    loops: dict[int, list[str]] = {}
    for id, hop in draft.moving.items():
        if loop_of[hop.producer] == loop_of[hop.consumer]:
            loops.setdefault(loop_of[hop.producer], []).append(id)
    for ids in sorted(loops.values()):
        hops = [draft.hops[id] for id in ids]
        names = ", ".join(sorted({draft.address(hop.producer) for hop in hops}))
        found = bound(guard for hop in hops for guard in hop.guards)
        draft = draft.keep(ids, f"{names} form a loop; {_ends(hops, found)}")
        if len(hops) == 1 and found is not None:
            draft = replace(draft, notes=(*draft.notes, _instead(draft, ids[0], hops[0], found)))
    return draft


def bound(guards: Iterable[Guard]) -> Bound | None:
    """The first guard that holds a count of rounds against a limit; None where none is seen."""
    for guard in guards:
        pattern = _BOUNDS.get(guard.kind)
        found = pattern.search(guard.text[:_LONGEST]) if pattern is not None else None
        if found is not None:
            return Bound(found["limit"], guard)
    return None


def _ends(hops: list[Hop], found: Bound | None) -> str:
    """What is known of the loop's end, in words."""
    if found is not None:
        return f"its code ends it after {found.limit} rounds ({_brief(found.guard)}), if each round counts"
    guard = next((guard for hop in hops for guard in hop.guards if guard.kind in ("if", "early-return")), None)
    seen = f"its guard counts nothing against a limit ({_brief(guard)})" if guard else "no guard of it counts anything"
    return f"whether and when it ends is not known: {seen}"


def _instead(draft: Draft, id: str, hop: Hop, found: Bound) -> Obstacle:
    """What a loop of one function would be in a state machine."""
    name = draft.address(hop.consumer)
    seconds = sum(number(stop.settings, "delay_seconds") for stop in stops(draft.graph, hop) if stop.type == "sqs")
    wait = f" through a Wait of {seconds} s, as its queue delays," if seconds else ""
    text = (
        f"{drawn(draft, hop)}: a Choice behind {name} could go back to it{wait} while there is a message for it and a variable "
        f"counted in Assign is below {found.limit}, with a Fail state beyond; only if a round sends one message at most, sends "
        "it when it succeeds, and sends nothing else then"
    )
    return Obstacle(text=text, hops=(id,), location=where(hop), topic="loop")


def _brief(guard: Guard) -> str:
    text = " ".join(guard.text.split())
    return f"{text if len(text) <= _SHORT else text[: _SHORT - 1] + '…'}, {guard.location}"
