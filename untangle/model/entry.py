"""How a workflow comes to run in the place of the choreography: what starts it, what is switched, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.model.location import Location
from untangle.model.value import Value

EVENT = ""  # the input of the workflow is the event that the handler gets
EFFECTS = "effects"  # the function stays outside of the workflow, whose input holds the effects of a run of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One thing to add or to take away, in words that name it, with its place.

    `properties` are those of the resource to add, in CloudFormation's words, as far as they follow from what is there. `hops`
    are those that it served; `stays` says that somebody outside of the workflow still needs it.
    """

    text: str
    location: Location | None = None
    properties: Mapping[str, Value] = field(default_factory=dict)
    hops: tuple[str, ...] = ()
    stays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One function at which a workflow starts.

    `form` is how the input of the workflow holds what starts it: `EVENT` (as the handler gets it), the type of the channel
    whose form it has ("s3": the bucket's event on EventBridge; "sqs", "sns", "dynamodb_stream": a pipe's array of records),
    or `EFFECTS`, where the function stays outside: its outbox starts the workflow with what it would have sent. `kinds` are
    the types of what starts the function today. `words` say why it is so; `add` and `remove` what to do; `canary` how a part
    can go first.
    """

    function: str
    name: str
    form: str
    kinds: tuple[str, ...]
    words: str
    add: tuple[Switch, ...] = ()
    remove: tuple[Switch, ...] = ()
    canary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase of the change, with its steps in order; `name` is "observe", "deploy", "canary", "cutover", "roll back" or
    "clean up"."""

    name: str
    steps: tuple[Switch, ...]
