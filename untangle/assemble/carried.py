"""What messages carry: the values that a function's senders put where its code reads a target.

A queue URL or topic ARN that travels in a payload (`publish(TopicArn=message["reply_to"])`) is known where the sender's
own code shows what it puts there. A notification of a bucket carries the name of that bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from untangle.channels.channel import Channel
from untangle.model.link import Link, LinkKind
from untangle.model.node import Function
from untangle.model.shape import ANY_ELEMENT, DECODED, Path, Shape
from untangle.model.value import Received, Value

_BUCKET = ["Records", "*", "s3", "bucket", "name"]


class Carried:
    """The messages that reach each function, as their senders' code shows them."""

    def __init__(
        self, links: Iterable[Link], channels: Iterable[Channel], types: Mapping[str, str], functions: Iterable[Function]
    ) -> None:
        self._paths = {channel.type: channel.message for channel in channels}
        self._types = types
        self._functions = {function.id: function for function in functions}
        self._published: dict[str, list[Link]] = {}
        self._delivered: dict[str, list[Link]] = {}
        for link in links:
            if link.kind is LinkKind.PUBLISH and link.sent is not None and link.sent.body is not None:
                self._published.setdefault(link.target, []).append(link)
            elif link.kind is LinkKind.DELIVER:
                self._delivered.setdefault(link.target, []).append(link)

    def given(self, function: str, received: Received) -> Iterator[tuple[Function, Value]]:
        """Each sender of the function's messages with what it puts at the place that is read."""
        wanted = _plain(received.steps)
        for deliver in self._delivered.get(function, ()) if wanted else ():
            prefix = _plain(self._paths.get(self._types.get(deliver.source, ""), ()))
            if not prefix or wanted[: len(prefix)] != prefix:
                continue
            for publish in self._published.get(deliver.source, ()):
                sender = self._functions.get(publish.source)
                value = _at(publish.sent.body if publish.sent else None, wanted[len(prefix) :])
                if sender is not None and value is not None:
                    yield sender, value

    def buckets(self, function: str, received: Received) -> Iterator[Link]:
        """The notifications of buckets that reach a function, where what it reads is the name of the bucket they are about."""
        if re.findall(r"\w+|\*", received.path)[1:] == _BUCKET:
            yield from (link for link in self._delivered.get(function, ()) if self._types.get(link.source) == "s3")


def _plain(path: Path) -> Path:
    """A path without decoding steps, any element for every index."""
    return tuple(ANY_ELEMENT if step.isdigit() else step for step in path if step != DECODED)


def _at(shape: Shape | None, path: Path) -> Value:
    for step in path:
        if shape is None:
            return None
        shape = shape.items if step == ANY_ELEMENT else shape.properties.get(step)
    return None if shape is None else shape.source if shape.source is not None else shape.constant
