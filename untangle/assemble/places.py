"""Where things are: a place is one region of one account, and what is named alike in two places is not one thing.

A live stack is its place (`<account>/<region>`), a declared one has the place that it was joined with, if any. What every account
has in every region without declaring it (the default event bus, the broker of IoT) is one node per live place; what declared
stacks mean by it is one node for the whole scan, which is that of the place where all that is joined of them is deployed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from untangle.assemble.identify import lies_elsewhere, place_of
from untangle.channels.channel import Channel
from untangle.channels.routing import BUCKET
from untangle.model.node import ChannelNode
from untangle.model.resource import Resource, Stack
from untangle.model.value import Value

LIVE = "account"  # the kind of a live stack
_GLOBAL = "/global"


class Places:
    """The places of a scan. A scan of sources alone has none, and nothing is told apart in it."""

    def __init__(self, stacks: Iterable[Stack]) -> None:
        stacks = tuple(stacks)
        self.live = frozenset(stack.id for stack in stacks if stack.kind == LIVE and not stack.id.endswith(_GLOBAL))
        self._of = {stack.id: stack.id if stack.kind == LIVE else stack.place for stack in stacks}
        joined = {place for stack in stacks if stack.kind != LIVE and (place := stack.place) is not None}
        self._home = next(iter(joined)) if len(joined) == 1 else None

    def of(self, stack: str | None) -> str | None:
        """The place of a stack; None where it is not known."""
        return self._of.get(stack) if stack is not None else None

    def implicit(self, type_: str, name: str, near: str | None, text: Value = None) -> str | None:
        """The node of what needs no declaration, as the stack `near` means it (by the ARN `text`, where it writes one).

        None where that is in another place, which is not read.
        """
        place = self.of(near)
        if text is not None:
            named = "/".join(place_of(text, place))
            if named in self.live:
                place = named
            elif place is not None and named != place:
                return None
        return self._node(type_, name, place)

    def _node(self, type_: str, name: str, place: str | None) -> str:
        return f"{type_}/{name}" if place is None or place == self._home else f"{place}/{type_}/{name}"

    def implicit_nodes(self, channels: Iterable[Channel]) -> Mapping[str, ChannelNode]:
        """All nodes of what needs no declaration, by id: those of the declared stacks, and of every live place."""
        found: dict[str, ChannelNode] = {}
        for channel in channels:
            for name in (kind.implicit for kind in channel.kinds if kind.implicit is not None):
                for place in (None, *sorted(self.live)):
                    id = self._node(channel.type, name, place)
                    stack = "" if id == f"{channel.type}/{name}" else place or ""
                    found.setdefault(id, ChannelNode(id=id, type=channel.type, address=name, stack=stack, name=name))
        return found

    def is_elsewhere(self, resource: Resource, text: Value, near: str | None) -> bool:
        """Whether a name (`text`: its ARN or URL, None for a bare name) that `near` writes cannot mean this resource.

        Who says no account and no region means its own; the names of buckets are the world's.
        """
        if lies_elsewhere(resource.deployed, text):
            return True
        own, theirs = self.of(near), self.of_resource(resource)
        if own is None or theirs is None or own == theirs or resource.type == BUCKET:
            return False
        wanted = zip(place_of(text, own), theirs.split("/"), strict=False)
        return any(said != there and there != _GLOBAL[1:] and "*" not in said for said, there in wanted)

    def of_resource(self, resource: Resource) -> str | None:
        """The place of a resource: that of its ARN, else of its stack."""
        return place_of_thing(resource) or self.of(resource.stack)

    def outside(self, text: Value, near: str | None) -> str:
        """What tells apart what a live stack names in places that are not read: `<account>/<region>/`, or ""."""
        place = self.of(near)
        named = "/".join(place_of(text, place)) if place is not None else ""
        return f"{named}/" if place is not None and named != place and named[:1] != "/" else ""


def place_of_thing(resource: Resource) -> str | None:
    """The place that the ARN of a live or joined thing says; None where it says none."""
    account, region = place_of(resource.deployed, None) if resource.deployed else ("", "")
    return f"{account}/{region}" if account and region else None
