"""What a handler's source says: the calls it makes, the paths it reads, what could not be followed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.shape import Read, Shape
from untangle.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What stands around a call: `kind` is "if", "loop", "except", "early-return" or "swallowed"; `text` is source text.

    "except" is a call in an exception handler, made only on an error. "swallowed" is a call that is left out where an error
    before it, or its own, is taken by a handler that does not raise: the run ends well all the same. Its text is a sentence.

    `side` is a number for one time that the code asked, and the answer: `7+` where the condition held, `7-` where it did not
    (or where a branch that held has left the function), `7.2` in the second of several cases. It is "" where calls under the
    guard may have come from more than one such time. See `excludes`. `records` marks a loop over the records of the event that
    the handler received.
    """

    kind: str
    text: str
    location: Location
    side: str = ""
    records: bool = False

    def excludes(self, other: Guard) -> bool:
        """Whether no run comes under both: they are different answers to one question that was asked once."""
        mine, theirs = (_SIDE.fullmatch(guard.side) for guard in (self, other))
        return mine is not None and theirs is not None and mine[1] == theirs[1] and mine[2] != theirs[2]

    @property
    def bare(self) -> Guard:
        """The guard without its side, and without what it says of the records of one event."""
        return replace(self, side="", records=False) if self.side or self.records else self


def excluding(mine: Iterable[Guard], theirs: Iterable[Guard]) -> bool:
    """Whether no run makes two calls that stand under these guards."""
    others = tuple(theirs)
    return any(one.excludes(other) for one in mine for other in others)


SWALLOWED = "swallowed"


def unless_swallowed(handler: Location) -> str:
    """The text of a guard for what an error skips that the handler at this place takes."""
    return f"unless an error before it is swallowed ({handler})"


_SIDE = re.compile(r"(\d+)([+-]|\.\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One SDK call that can write to a channel.

    `service` is botocore's service name ("events"), `operation` the API's name ("PutEvents"); a library
    that wraps the SDK is recorded as the API call that it makes. `arguments` are the parameters in the
    API's spelling as far as they are known, one `Call` per entry of a batch where entries are literal.
    `payload` is the shape of the message body. `multiplicity` is one, maybe (0..1) or many (0..n); `per_record` is what it is
    where the event holds a single record, "" where the loops around the call do not go over the event's records alone.
    `mediated` names an outside service that finishes the write later (a job, a client with a presigned URL).
    `answered` is False for a job whose start the code does nothing with, neither with what it returns nor with what it raises;
    None where that is not known. `place` tells apart the places that come to one line of a helper: a run may make two
    calls of one location whose places differ, and makes one of those whose places do not.
    """

    service: str
    operation: str
    location: Location
    text: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    payload: Shape | None = None
    multiplicity: str = "one"
    per_record: str = ""
    guards: tuple[Guard, ...] = ()
    mediated: str | None = None
    answered: bool | None = None
    place: int = 0

    @property
    def bare(self) -> Call:
        """The call with guards that say no side: it may be made more than once, each time under other answers."""
        guards = tuple(guard.bare for guard in self.guards)
        return self if guards == self.guards and not self.per_record else replace(self, guards=guards, per_record="")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFacts:
    """All that was read of one function's code, from its entry point on.

    `readable` says that the entry point was found and every module reachable in the tree was parsed; where
    it is false, `gaps` say why. `discards` are the conditions on the handler's first lines under which it
    drops a record.
    """

    function: str
    readable: bool
    language: str | None = None
    entry: Location | None = None
    calls: tuple[Call, ...] = ()
    reads: tuple[Read, ...] = ()
    discards: tuple[Guard, ...] = ()
    variables: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    returns: Shape | None = None
    signals: Mapping[str, Location] = field(default_factory=dict)
