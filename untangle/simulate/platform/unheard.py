"""Channels that the simulator does not play: a call that writes to one is carried out, nobody hears of it, and that is said.

Which calls those are follows from the channels themselves: whatever writes to a type that has no file of its own here, or none
that knows the call.
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
    """What hears of calls that write to a channel and that no file of its type plays, and says so."""
    known = {one.type: one for one in played}
    writes = [(channel, write) for channel in CHANNELS for write in channel.writes if not _played(known.get(channel.type), write)]
    operations: dict[str, set[str]] = {}
    for _, write in writes:
        operations.setdefault(write.service, set()).add(write.operation)

    def heard(stage: Stage, call: ApiCall, response: Mapping[str, Any], before: Any) -> None:
        for channel, write in writes:
            if (write.service, write.operation) == (call.service, call.operation):
                _say(stage, channel, write, call)

    frozen = {service: frozenset(names) for service, names in operations.items()}
    return Played(type="unheard", operations=frozen, heard=heard)


def _played(played: Played | None, write: Write) -> bool:
    return played is not None and played.concerns(ApiCall(service=write.service, operation=write.operation))


def _say(stage: Stage, channel: Channel, write: Write, call: ApiCall) -> None:
    """Names the channel that was meant, where the application has it and somebody listens to it."""
    value: Any = call.params
    for key in write.target.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    node = stage.application.node(value, channel.type) if isinstance(value, str) else None
    meant = [node] if node is not None else [item.id for item in stage.graph.channels if item.type == channel.type]
    for id in meant:
        if stage.links(id):
            not_played(stage, id, f"{write.operation} writes to it ({channel.title}), and what it writes is not delivered here")
