"""Event graphs in a line: `graph("A>B B>C")`, for the tests of detectors and pages."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, Link, LinkKind, Passage
from untangle.model.location import Location
from untangle.model.node import ChannelNode, Function


def node(name: str) -> str:
    """A bare name stands in the stack `app`."""
    return name if "/" in name else f"app/{name}"


def queue(name: str, **fields: Any) -> ChannelNode:
    """A queue; `settings` and `type` as fields."""
    id = node(name)
    stack, _, address = id.rpartition("/")
    fields.setdefault("location", Location("template.yaml", 40))
    return ChannelNode(**{"id": id, "type": "sqs", "address": address, "stack": stack} | fields)


def bus(name: str, **fields: Any) -> ChannelNode:
    """An event bus."""
    return queue(name, type="eventbridge", **fields)


def function(name: str, **fields: Any) -> Function:
    """A Lambda function."""
    id = node(name)
    stack, _, address = id.rpartition("/")
    fields.setdefault("location", Location("template.yaml", 10))
    return Function(**{"id": id, "address": address, "stack": stack} | fields)


def coded(line: int = 12) -> Evidence:
    """A call in the producer's code."""
    return Evidence(kind=Witness.CODED, note="sqs.send_message(QueueUrl=env QUEUE_URL)", location=Location("src/app.py", line))


def mapped() -> Evidence:
    """A declaration in the template."""
    return Evidence(kind=Witness.DECLARED, note="event source mapping", location=Location("template.yaml", 50))


def link(source: str, target: str, kind: LinkKind, **fields: Any) -> Link:
    """A link, likely and coded unless said otherwise."""
    base: dict[str, Any] = {"confidence": Confidence.LIKELY, "evidence": (coded() if kind is LinkKind.PUBLISH else mapped(),)}
    return Link(**{"source": source, "target": target, "kind": kind} | base | fields)


def hop(
    producer: str,
    consumer: str,
    *channels: ChannelNode,
    deliveries: tuple[Mapping[str, Any], ...] = (),
    filters: tuple[Any, ...] = (),
    **fields: Any,
) -> Hop:
    """A hop through these channels (a queue of its own, `A-B`, where none is given)."""
    one, two = node(producer), node(consumer)
    path = channels or (queue(f"{one}-{two.rpartition('/')[2]}"),)
    deliveries = deliveries or ({},) * len(path)
    filters = filters or (None,) * len(path)
    passages = tuple(
        Passage(channel=channel.id, type=channel.type, filter=filter, delivery=delivery)
        for channel, delivery, filter in zip(path, deliveries, filters, strict=True)
    )
    confidence = fields.get("confidence", Confidence.LIKELY)
    links = (
        link(
            one,
            path[0].id,
            LinkKind.PUBLISH,
            confidence=confidence,
            evidence=fields.get("evidence", (coded(),)),
            reason=fields.get("reason"),
        ),
        *(link(a.id, b.id, LinkKind.ROUTE) for a, b in pairwise(path)),
        link(path[-1].id, two, LinkKind.DELIVER, confidence=Confidence.DECLARED, delivery=deliveries[-1], filter=filters[-1]),
    )
    base = {"confidence": confidence, "evidence": (coded(), mapped()), "links": links}
    return Hop(**{"producer": one, "consumer": two, "passages": passages} | base | fields)


def graph(
    arrows: str = "",
    *,
    hops: tuple[Hop, ...] = (),
    functions: tuple[Function, ...] = (),
    channels: tuple[ChannelNode, ...] = (),
    **fields: Any,
) -> EventGraph:
    """A graph of `A>B` arrows and of ready hops, with every node that they name."""
    pairs = [arrow.split(">") for arrow in arrows.split()]
    made = {found.id: found for found in (*(hop(one, two) for one, two in pairs), *hops)}
    nodes = {name: function(name) for item in made.values() for name in (item.producer, item.consumer)}
    nodes |= {item.id: item for item in functions}
    paths = {passage.channel: passage.type for item in made.values() for passage in item.passages}
    known = {name: queue(name, type=kind, external=name.endswith("/Foreign")) for name, kind in paths.items()}
    known |= {item.id: item for item in channels}
    links = {(item.source, item.target, item.kind): item for found in made.values() for item in found.links}
    return EventGraph(
        functions=tuple(nodes[id] for id in sorted(nodes)),
        channels=tuple(known[id] for id in sorted(known)),
        links=fields.pop("links", ()) + tuple(links[key] for key in sorted(links)),
        hops=tuple(made[id] for id in sorted(made)),
        **fields,
    )
