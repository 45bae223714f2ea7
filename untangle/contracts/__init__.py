"""Contracts: what each hop's producer writes and its consumer requires, as one schema, and where the two part.

The message is meant, without its envelope: `message_path` says where it stands in the consumer's event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from untangle.contracts.breach import breaches
from untangle.contracts.paths import WRITTEN, below, message_path
from untangle.contracts.schema import DIALECT, Schema, merged, produced, require
from untangle.model.contract import Contract
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, LinkKind
from untangle.model.location import Location
from untangle.model.naming import telling, unhashed
from untangle.model.shape import DECODED, Path, Read, Shape

__all__ = ["contract", "contracts", "message_path"]


def contracts(graph: EventGraph, hops: Iterable[str]) -> tuple[Contract, ...]:
    """The contracts of these hops (ids), sorted by name; a hop whose message nobody describes has none."""
    found = (contract(graph, graph.hop(id)) for id in sorted(set(hops)))
    return tuple(sorted((item for item in found if item is not None), key=lambda item: (item.name, item.hop)))


def contract(graph: EventGraph, hop: Hop) -> Contract | None:
    """The contract of one hop; None where its message cannot be found in the event, or is made by the service."""
    prefix = message_path(hop.passages)
    if prefix is None or hop.passages[0].type not in WRITTEN:
        return None
    shapes = _shapes(hop)
    reads = _reads(graph, hop, prefix)
    ends = [graph.function(id).address if graph.is_function(id) else id for id in (hop.producer, hop.consumer)]
    schema = merged([produced(shape, place) for shape, place in shapes])
    require(schema, reads)
    return Contract(
        hop=hop.id,
        name=_name([ends[0], hop.passages[-1].channel.rpartition("/")[2], ends[1]]),
        schema=_framed(hop, ends, schema),
        breaches=tuple(breaches(shapes, reads)) if hop.passages[0].type != "kinesis" else (),
    )


def _shapes(hop: Hop) -> list[tuple[Shape, Location | None]]:
    """What each of the producer's calls writes, with the place of the call."""
    return [
        (link.sent.body, next((item.location for item in link.evidence if item.location is not None), None))
        for link in hop.links
        if link.kind is LinkKind.PUBLISH and link.sent is not None and link.sent.body is not None
    ]


def _reads(graph: EventGraph, hop: Hop, prefix: Path) -> list[tuple[Path, Read]]:
    """What the consumer reads of the message, as paths below it."""
    facts = graph.code.get(hop.consumer)
    found = [(below(read.path, prefix), read) for read in (facts.reads if facts is not None else ())]
    return [(path, read) for path, read in found if path and path != (DECODED,)]


def _framed(hop: Hop, ends: list[str], schema: Schema) -> Schema:
    way = "/".join(passage.type for passage in hop.passages)
    frame = {
        "$schema": DIALECT,
        "$id": f"urn:untangle:hop:{hop.id}",
        "title": f"{ends[0]} -{way}-> {ends[1]}",
        "description": "The message of this hop without its envelope: what the producer writes, what the consumer reads.",
    }
    said = schema.pop("x-untangle", {})
    return {**frame, **schema, "x-untangle": {"hop": hop.id, "producer": hop.producer, "consumer": hop.consumer, **said}}


def _name(parts: list[str]) -> str:
    """A file name: `intake-charge-queue-charge`, without where Terraform keeps them and the CDK's hashes."""
    text = "-".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", unhashed(telling(part))) for part in parts)
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:100]
