"""What a handler's source says: the calls it makes, the paths it reads, what could not be followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.shape import Read, Shape
from untangle.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What stands around a call: `kind` is "if", "loop", "except" or "early-return"; `text` is source text."""

    kind: str
    text: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One SDK call that can write to a channel.

    `service` is botocore's service name ("events"), `operation` the API's name ("PutEvents"); a library
    that wraps the SDK is recorded as the API call that it makes. `arguments` are the parameters in the
    API's spelling as far as they are known, one `Call` per entry of a batch where entries are literal.
    `payload` is the shape of the message body. `multiplicity` is one, maybe (0..1) or many (0..n).
    `mediated` names an outside service that finishes the write later (a job, a client with a presigned URL).
    """

    service: str
    operation: str
    location: Location
    text: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    payload: Shape | None = None
    multiplicity: str = "one"
    guards: tuple[Guard, ...] = ()
    mediated: str | None = None


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
