"""The ways into the first function of a workflow: what starts it from outside, and the hops before it that stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.model.link import Link, LinkKind
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.step import Stop
from untangle.model.value import Value
from untangle.plan.passes import Draft, settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way into a function: the type of what starts it, the channel where it is one, how it delivers.

    `label` is what its declaration calls it ("rule Nightly", "event source mapping"). `rivals` are other functions that take
    messages out of the same queue.
    """

    type: str
    channel: str | None = None
    node: ChannelNode | None = None
    filter: Value = None
    delivery: Mapping[str, Value] = field(default_factory=dict)
    location: Location | None = None
    label: str = ""
    hops: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()

    def stop(self, draft: Draft) -> Stop:
        """The channel as the last stop of a hop."""
        return Stop(
            channel=self.channel or "",
            type=self.type,
            filter=self.filter,
            delivery=self.delivery,
            settings=settings(draft.graph, self.channel or ""),
        )


def ways(draft: Draft, function: str) -> tuple[Way, ...]:
    """The ways into a function that no moving hop is, each once."""
    found: dict[tuple[str, str | None, str], Way] = {}
    for trigger in draft.graph.triggers_of(function):
        if trigger.switched_off:
            continue
        link = _delivering(draft, trigger.channel, function, trigger.location)
        way = Way(
            type=trigger.type,
            channel=trigger.channel,
            node=_node(draft, trigger.channel),
            filter=link.filter if link else None,
            delivery=trigger.delivery or (link.delivery if link else {}),
            location=trigger.location,
            label=_label(link) or trigger.note,
            rivals=_rivals(draft, trigger.channel, function),
        )
        found.setdefault((way.type, way.channel, str(way.location or way.label)), way)
    for hop in draft.graph.reaching(function):
        if hop.id in draft.moving or not hop.passages:
            continue
        last = hop.passages[-1]
        link = next((item for item in hop.links if item.kind is LinkKind.DELIVER), None)
        place = link.evidence[0].location if link and link.evidence else None
        key = (last.type, last.channel, str(place or ""))
        before = found.get(key)
        found[key] = Way(
            type=last.type,
            channel=last.channel,
            node=_node(draft, last.channel),
            filter=last.filter,
            delivery=last.delivery,
            location=place,
            label=_label(link),
            hops=(*(before.hops if before else ()), hop.id),
            rivals=_rivals(draft, last.channel, function),
        )
    return tuple(found[key] for key in sorted(found, key=lambda key: (key[0], key[1] or "", key[2])))


def _delivering(draft: Draft, channel: str | None, function: str, place: Location | None) -> Link | None:
    """The link that brings a channel's messages to a function: that of this place where there are several."""
    if channel is None:
        return None
    links = [link for link in draft.graph.standing_from(channel) if link.target == function and link.kind is LinkKind.DELIVER]
    at = [link for link in links if any(item.location == place for item in link.evidence)]
    return next(iter(at or links), None)


def _rivals(draft: Draft, channel: str | None, function: str) -> tuple[str, ...]:
    links = draft.graph.standing_from(channel) if channel else ()
    return tuple(sorted({link.target for link in links if link.kind is LinkKind.DELIVER and link.target != function}))


def _node(draft: Draft, channel: str | None) -> ChannelNode | None:
    try:
        return draft.graph.channel(channel or "")
    except KeyError:
        return None


def _label(link: Link | None) -> str:
    """What the declaration of a delivery is called, by its first witness."""
    return next((item.note for item in link.evidence if item.note), "") if link else ""
