"""The planned workflow: a tree of states, free of any target's words, whose nodes keep the hops they came from.

The tree describes what happens to *effects*. A `Task` runs one unchanged handler; what it returns is the list of
effects it had (`{id, service, op, params, response, at, size}`). A branch for a hop works on the effects of its
producer that belong to that hop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from untangle.model.chain import Verdict
from untangle.model.location import Location
from untangle.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """One retrier. `errors` are "throttle" (the invocation itself was refused) or "any"; times are in seconds,
    `attempts` counts the tries after the first."""

    errors: str
    interval: int
    rate: float
    attempts: int
    max_delay: int | None = None
    jitter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Where a message goes when its consumer has failed for good, in the form in which it would have arrived.

    `target` is a node id of a queue or topic; `body` says what is sent: "message" (the original body) or
    "event" (the envelope the handler got).
    """

    target: str
    type: str
    body: str = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One function run on one effect (or, as an entry, on the workflow's input).

    `envelope` names the adapter that rebuilds the handler's event (see channels) and `settings` its constants;
    None hands the input through. `then` follows with the function's own effects.
    """

    function: str
    envelope: str | None = None
    settings: Mapping[str, Value] = field(default_factory=dict)
    retries: tuple[Retry, ...] = ()
    dead_letter: DeadLetter | None = None
    caught: bool = False
    timeout: int | None = None
    then: Step | None = None
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Which of a producer's effects a branch is about: those of these API operations on this target."""

    service: str
    operations: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """Run `body` for each of the effects (`multiplicity` "many"), for the one there may be ("maybe") or for the one ("one")."""

    effects: Effects
    multiplicity: str
    body: Step
    concurrency: int | None = None
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Run `body` where `condition` (a JSONata boolean over the effect) holds; `words` say it for people."""

    condition: str
    words: str
    body: Step
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel:
    """Independent branches; the failure of one must not stop the others."""

    branches: tuple[Step, ...]
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A delay before `body`: seconds, or a JSONata expression over the effect."""

    seconds: int | str
    body: Step
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Steps one after the other, each on the same input."""

    steps: tuple[Step, ...]
    hops: tuple[str, ...] = ()


Step: TypeAlias = Task | Each | Choice | Parallel | Wait | Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What the planner cannot do or what would change, in words. `blocking` means that the hop stays as it is."""

    text: str
    hops: tuple[str, ...] = ()
    blocking: bool = False
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The proposal for one chain. `root` is None where nothing is to be migrated; `kept` are the hops that stay."""

    chain: str
    name: str
    root: Step | None
    obstacles: tuple[Obstacle, ...] = ()
    differences: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    verdict: Verdict | None = None
