"""Links of the event graph, each with its evidence, and the hops they make up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from untangle.model.code import SWALLOWED, Guard
from untangle.model.condition import is_off
from untangle.model.evidence import Confidence, Evidence
from untangle.model.location import Location
from untangle.model.shape import Shape
from untangle.model.value import Value


class LinkKind(str, Enum):
    """What a link does with a message."""

    PUBLISH = "publish"  # function -> channel
    ROUTE = "route"  # channel -> channel
    DELIVER = "deliver"  # channel -> function


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a producer is known to put into a channel, for filters to be held against.

    `attributes` are the parameters by their API name (Source, DetailType, Key, MessageAttributes, …), `body`
    the shape of the message. `permitted` are the only keys (of S3 objects, with `*` in them) that the producer's role lets it
    write; () where it may write any.
    """

    service: str
    operation: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    body: Shape | None = None
    permitted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One edge: from a function or channel to a channel or function, by node id.

    `filter` is what a ROUTE or DELIVER lets pass, in the channel's own form. `delivery` holds the channel's
    delivery settings under snake_case names (`batch_size`, `max_receive_count`, `dead_letter` …); values are
    plain JSON. `condition` is the template's (`switched_off`: it is known not to hold). `sent` is set on PUBLISH
    links that code witnesses. `per_record` is the multiplicity where the producer's event holds a single record ("" where that
    says nothing new), `place` tells calls of one location apart (see `Call`).
    `reason` distinguishes links that are not an ordinary write ("redrive", "on_success", "on_failure").
    """

    source: str
    target: str
    kind: LinkKind
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    filter: Value = None
    delivery: Mapping[str, Value] = field(default_factory=dict)
    condition: str | None = None
    multiplicity: str = "one"
    per_record: str = ""
    guards: tuple[Guard, ...] = ()
    place: int = 0
    sent: Sent | None = None
    mediated: bool = False
    reason: str | None = None

    @property
    def switched_off(self) -> bool:
        """Whether it is known not to be there."""
        return is_off(self.condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A channel as one hop passes it: which filter it met there and how it was delivered onwards."""

    channel: str
    type: str
    filter: Value = None
    delivery: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """Producer -> channels -> consumer, with the links it is made of (publish, routes, deliver).

    Several publish links (two calls to one queue) make one hop; `links` holds them all.
    """

    producer: str
    consumer: str
    passages: tuple[Passage, ...]
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    links: tuple[Link, ...]
    multiplicity: str = "one"
    guards: tuple[Guard, ...] = ()
    condition: str | None = None
    mediated: bool = False
    reason: str | None = None

    @property
    def id(self) -> str:
        """A hash of producer, ordered channels and consumer: stable over line changes."""
        text = "\n".join([self.producer, *(passage.channel for passage in self.passages), self.consumer])
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]

    @property
    def switched_off(self) -> bool:
        """Whether a part of it is known not to be there: it is shown, and never planned."""
        return is_off(self.condition)

    @property
    def guard(self) -> Guard | None:
        """The first condition around the call, where there is one; else the handler of errors that may skip it."""
        asked = (guard for guard in self.guards if guard.kind not in ("loop", SWALLOWED))
        return next(asked, None) or next((guard for guard in self.guards if guard.kind == SWALLOWED), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An entry from outside. `channel` is the channel's node id where the entry is a channel, else None.

    `condition` is that of the delivery, where it is known.
    """

    type: str
    function: str
    channel: str | None = None
    location: Location | None = None
    note: str = ""
    delivery: Mapping[str, Value] = field(default_factory=dict)
    condition: str | None = None

    @property
    def switched_off(self) -> bool:
        """Whether it is known not to be there."""
        return is_off(self.condition)
