"""What a chain's picture holds: functions, the channels between them, the entries from outside.

A picture must not show a hop that is not there. Two producers of one bus whose messages go to different consumers would
do so if the bus were drawn once, so a channel is drawn once for each set of ways onward that its producers share.
A chain too large to be read is drawn without its channels, and a larger one with its functions gathered in groups; the
table below the picture always lists every hop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from untangle.emit.page.layout import Box, span
from untangle.emit.wording import count, name
from untangle.model.evidence import Confidence
from untangle.model.link import Hop
from untangle.model.scan import Scan

# What is still readable at a glance; beyond it the next coarser picture is drawn.
MOST_NODES, MOST_EDGES, MOST_SPAN = 90, 140, 700
ALONE_IN_STEP = (6, 3, 1)
MULTIPLICITY = {"one": "", "maybe": "0..1", "many": "0..n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`kind` is function, channel, trigger or group; `keys` are the hops (and the function) that it has to do with."""

    id: str
    kind: str
    label: str
    type: str = ""
    title: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`confidence` is None for a trigger; `start` and `end` are the marks at its ends."""

    source: str
    target: str
    confidence: Confidence | None = None
    start: str = ""
    end: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`level` is full, functions or groups: how much was left out."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    level: str


def picture(
    scan: Scan, hops: Sequence[Hop], functions: Sequence[str], entries: Sequence[str], called: Mapping[str, str]
) -> Picture:
    """The finest picture of these hops that can still be read; `called` gives each node its name."""
    triggers = _triggers(scan, functions)
    ordered = [*entries, *(function for function in functions if function not in frozenset(entries))]
    for level, draw in (("full", _full), ("functions", _plain)):
        nodes, edges = draw(called, hops, ordered)
        found = Picture(nodes=(*triggers[0], *nodes), edges=(*triggers[1], *edges), level=level)
        if len(found.nodes) <= MOST_NODES and len(found.edges) <= MOST_EDGES and _span(found) <= MOST_SPAN:
            return found
    return _groups(called, hops, ordered)


def _span(found: Picture) -> int:
    return span(
        [Box(id=node.id, width=1, height=1) for node in found.nodes], [(edge.source, edge.target) for edge in found.edges]
    )


def _triggers(scan: Scan, functions: Sequence[str]) -> tuple[list[Node], list[Edge]]:
    """One disc for each type of entry of each function."""
    nodes, edges = [], []
    for function in functions:
        types: dict[str, int] = {}
        for trigger in scan.graph.triggers_of(function):
            types[trigger.type] = types.get(trigger.type, 0) + 1
        for type_, times in sorted(types.items()):
            label = type_.replace("_", " ") + (f" ×{times}" if times > 1 else "")
            node = Node(id=f"t|{type_}|{function}", kind="trigger", label=label, title=f"entry: {label}", keys=(_key(function),))
            nodes.append(node)
            edges.append(Edge(source=node.id, target=f"f|{function}", keys=node.keys))
    return nodes, edges


def _key(function: str) -> str:
    return f"@{function}"


def _function(called: Mapping[str, str], id: str, hops: Iterable[Hop], note: str = "") -> Node:
    keys = (_key(id), *sorted({hop.id for hop in hops if id in (hop.producer, hop.consumer)}))
    return Node(id=f"f|{id}", kind="function", label=name(called, id) + note, title=f"function {id}", keys=keys)


def _touching(hops: Sequence[Hop]) -> dict[str, list[Hop]]:
    found: dict[str, list[Hop]] = {}
    for hop in hops:
        for end in {hop.producer, hop.consumer}:
            found.setdefault(end, []).append(hop)
    return found


def _full(called: Mapping[str, str], hops: Sequence[Hop], functions: Sequence[str]) -> tuple[list[Node], list[Edge]]:
    """Functions and channels; each channel once for the producers that share every way onward."""
    touching = _touching(hops)
    nodes = {f"f|{id}": _function(called, id, touching.get(id, ())) for id in functions}
    edges: list[Edge] = []
    for group, members in _sharing(hops).items():
        stops: dict[tuple[str, ...], list[Hop]] = {}
        ends: dict[tuple[str, str], list[Hop]] = {}
        if not members[0].passages:
            edges += [_edge(f"f|{hop.producer}", f"f|{hop.consumer}", [hop], start=True, end=True) for hop in members]
            continue
        for hop in members:
            path = tuple(passage.channel for passage in hop.passages)
            for length in range(1, len(path) + 1):
                stops.setdefault(path[:length], []).append(hop)
            ends.setdefault((_stop(group, path), hop.consumer), []).append(hop)
        for path, passing in stops.items():
            nodes[_stop(group, path)] = _channel(called, group, path, passing)
            if len(path) > 1:
                edges.append(_edge(_stop(group, path[:-1]), _stop(group, path), passing))
        edges += [_edge(f"f|{producer}", _stop(group, path), sent, start=True) for producer, path, sent in _sent(members)]
        edges += [_edge(stop, f"f|{consumer}", received, end=True) for (stop, consumer), received in ends.items()]
    return list(nodes.values()), edges


def _sharing(hops: Sequence[Hop]) -> dict[str, list[Hop]]:
    """Hops by first channel, those together whose producers reach the same consumers by the same ways."""
    reach: dict[tuple[str, str], list[Hop]] = {}
    for hop in hops:
        reach.setdefault((hop.producer, hop.passages[0].channel if hop.passages else ""), []).append(hop)
    groups: dict[tuple[object, ...], list[Hop]] = {}
    for (_, channel), sent in reach.items():
        ways = (
            ((*(passage.channel for passage in hop.passages), hop.consumer, hop.confidence.value, repr(_filters(hop))))
            for hop in sent
        )
        groups.setdefault((channel, *sorted(ways)), []).extend(sent)
    return {str(number): members for number, members in enumerate(groups.values())}


def _filters(hop: Hop) -> tuple[object, ...]:
    return tuple(passage.filter for passage in hop.passages)


def _stop(group: str, path: Sequence[str]) -> str:
    return "|".join(("c", group, *path))


def _sent(hops: Sequence[Hop]) -> Iterable[tuple[str, tuple[str, ...], list[Hop]]]:
    found: dict[str, list[Hop]] = {}
    for hop in hops:
        found.setdefault(hop.producer, []).append(hop)
    return ((producer, tuple(passage.channel for passage in sent[0].passages[:1]), sent) for producer, sent in found.items())


def _channel(called: Mapping[str, str], group: str, path: tuple[str, ...], hops: Sequence[Hop]) -> Node:
    last = next(passage for passage in hops[0].passages if passage.channel == path[-1])
    # A direct call or a destination has no name of its own: its type says all.
    label = "" if "#" in last.channel else name(called, last.channel)
    return Node(
        id=_stop(group, path),
        kind="channel",
        label=label,
        type=last.type,
        title=f"{last.type} {last.channel}",
        keys=tuple(sorted({hop.id for hop in hops})),
    )


def _edge(source: str, target: str, hops: Sequence[Hop], *, start: bool = False, end: bool = False) -> Edge:
    surest = max((hop.confidence for hop in hops), key=lambda level: level.rank)
    counts = sorted({MULTIPLICITY.get(hop.multiplicity, "") for hop in hops})
    marks = [surest.value] if surest is not Confidence.DECLARED else []
    marks += ["filter"] if any(any(_filters(hop)) for hop in hops) else []
    marks += sorted({hop.reason.replace("_", " ") for hop in hops if hop.reason})
    marks += ["mediated"] if any(hop.mediated for hop in hops) else []
    return Edge(
        source=source,
        target=target,
        confidence=surest,
        start=counts[-1] if start else "",
        end=" · ".join(marks) if end else "",
        keys=tuple(sorted({hop.id for hop in hops})),
    )


def _plain(called: Mapping[str, str], hops: Sequence[Hop], functions: Sequence[str]) -> tuple[list[Node], list[Edge]]:
    """Functions only, one edge for all hops from one to another."""
    touching = _touching(hops)
    itself = {hop.producer for hop in hops if hop.producer == hop.consumer}
    nodes = [_function(called, id, touching.get(id, ()), " ↻" if id in itself else "") for id in functions]
    pairs: dict[tuple[str, str], list[Hop]] = {}
    for hop in hops:
        if hop.producer != hop.consumer:
            pairs.setdefault((hop.producer, hop.consumer), []).append(hop)
    return nodes, [_edge(f"f|{a}", f"f|{b}", members) for (a, b), members in pairs.items()]


def _groups(called: Mapping[str, str], hops: Sequence[Hop], functions: Sequence[str]) -> Picture:
    """Functions gathered by how many hops they are away from an entry; the busiest stand alone while that is readable."""
    step = _steps(hops, functions)
    touching = _touching(hops)
    ranked = sorted(functions, key=lambda id: (-len(touching.get(id, ())), id))
    rows: dict[int, list[str]] = {}
    for id in ranked:
        rows.setdefault(step[id], []).append(id)
    for alone in (*ALONE_IN_STEP, 0):
        home = {id: f"g|{row}" for row, members in rows.items() for id in members}
        home |= {
            id: f"f|{id}" for members in rows.values() for id in members[: len(members) if len(members) <= alone + 1 else alone]
        }
        pairs: dict[tuple[str, str], list[Hop]] = {}
        for hop in hops:
            if home[hop.producer] != home[hop.consumer]:
                pairs.setdefault((home[hop.producer], home[hop.consumer]), []).append(hop)
        if len(pairs) <= MOST_EDGES // 2:
            break
    gathered: dict[str, list[str]] = {}
    for id in sorted(functions, key=lambda id: step[id]):
        gathered.setdefault(home[id], []).append(id)
    nodes = [
        _function(called, members[0], touching.get(members[0], ()))
        if place.startswith("f|")
        else _gathered(place, members, touching)
        for place, members in gathered.items()
    ]
    arriving = Counter(b for _, b in pairs)
    edges = tuple(
        replace(_edge(a, b, members), end=count(len(members), "hop") if arriving[b] < 3 else "")
        for (a, b), members in pairs.items()
    )
    return Picture(nodes=tuple(nodes), edges=edges, level="groups")


def _gathered(place: str, members: Sequence[str], touching: dict[str, list[Hop]]) -> Node:
    keys = {key for id in members for key in (_key(id), *(hop.id for hop in touching.get(id, ())))}
    return Node(
        id=place,
        kind="group",
        label=count(len(members), "function"),
        title=f"{len(members)} functions",
        keys=tuple(sorted(keys)),
    )


def _steps(hops: Sequence[Hop], functions: Sequence[str]) -> dict[str, int]:
    """Breadth-first distance from the first functions (the entries stand in front)."""
    onward: dict[str, list[str]] = {}
    for hop in hops:
        onward.setdefault(hop.producer, []).append(hop.consumer)
    reached = {hop.consumer for hop in hops}
    step = {id: 0 for id in functions if id not in reached} or {functions[0]: 0}
    for id in (queue := list(step)):
        for following in onward.get(id, ()):
            if following not in step:
                step[following] = step[id] + 1
                queue.append(following)
    return {id: step.get(id, 0) for id in functions}
