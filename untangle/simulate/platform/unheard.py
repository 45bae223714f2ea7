"""Channels that the simulator does not play: a call that writes to one is carried out, nobody hears of it, and that is said.

Which calls those are follows from the channels themselves: whatever writes to a type without a file of its own here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from untangle.channels import CHANNELS
from untangle.channels.channel import Channel, Write
from untangle.simulate.call import ApiCall
from untangle.simulate.platform.passing import not_played
from untangle.simulate.platform.played import Played, Stage


def unheard(played: Iterable[Played]) -> Played:
    """What hears of calls that write to channels of all other types, and says so."""
    known = {one.type for one in played}
    writes = [(channel, write) for channel in CHANNELS if channel.type not in known for write in channel.writes]
    operations: dict[str, set[str]] = {}
    for _, write in writes:
        operations.setdefault(write.service, set()).add(write.operation)

    def heard(stage: Stage, call: ApiCall, response: Mapping[str, Any], before: Any) -> None:
        for channel, write in writes:
            if (write.service, write.operation) == (call.service, call.operation):
                _say(stage, channel, write, call)

    frozen = {service: frozenset(names) for service, names in operations.items()}
    return Played(type="unheard", operations=frozen, heard=heard)


def _say(stage: Stage, channel: Channel, write: Write, call: ApiCall) -> None:
    """Names the channel that was meant, where the application has it and somebody listens to it."""
    value: Any = call.params
    for key in write.target.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    node = stage.application.node(value, channel.type) if isinstance(value, str) else None
    meant = [node] if node is not None else [item.id for item in stage.graph.channels if item.type == channel.type]
    for id in meant:
        if stage.links(id):
            not_played(stage, id, f"{write.operation} writes to it, and what is in a {channel.title} is not delivered here")
