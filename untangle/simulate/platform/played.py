"""The form that each channel type fills in so that the simulator can play it, and the stage on which they play.

A channel is played by what it does at five moments: an API call that it answers itself (`claims`), one that was carried out and
of which it hears (`heard`), a message that another channel or the platform hands to it (`receive`), the start of the simulation
(`start`), and the end, when it says what is left in it (`left`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from untangle.model.graph import EventGraph
from untangle.model.link import Link
from untangle.simulate.application import Application
from untangle.simulate.call import Answer, ApiCall
from untangle.simulate.clock import Clock
from untangle.simulate.faults import Fault

LATENCY = 0.05  # seconds that a message takes from one thing to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A message that one channel hands to another: its `text`, what it holds as JSON (`value`) and its message attributes in the
    form of SendMessage (`{name: {DataType, StringValue}}`).

    `id` is that of the message or event, `source` the ARN of what hands it over, `service` the principal that does
    ("sns.amazonaws.com"). `group` and `deduplication` are those of FIFO channels. `resources`, `detail_type` and `from_` are for
    buses: an event of that source and detail type is made of `value`.
    """

    text: str
    value: Any = None
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    id: str = ""
    source: str = ""
    service: str = ""
    group: str | None = None
    deduplication: str | None = None
    delay: float | None = None
    detail_type: str = ""
    from_: str = ""
    resources: tuple[str, ...] = ()


class Stage(Protocol):
    """What a channel may ask of the world, and have it do."""

    application: Application
    clock: Clock
    random: random.Random

    @property
    def graph(self) -> EventGraph:
        """The graph that says who listens to what."""
        ...

    def links(self, channel: str) -> tuple[Link, ...]:
        """The links out of a channel or function that deliver now (not switched off, not taken away)."""
        ...

    def memory(self, type: str) -> dict[str, Any]:
        """What a channel type keeps between its moments; empty at the start."""
        ...

    def new_id(self) -> str:
        """A UUID: the same in every run with the same seed."""
        ...

    def tell(self, kind: str, who: str, **detail: Any) -> None:
        """Write something to the log (see `Happening`)."""
        ...

    def faults_of(self, channel: str) -> tuple[Fault, ...]:
        """The faults that strike the next delivery of a channel."""
        ...

    def api(self, call: ApiCall) -> Mapping[str, Any]:
        """Carry an API call out as any caller's."""
        ...

    def look(self, call: ApiCall) -> Mapping[str, Any]:
        """Carry out a call that only reads, on the platform's own behalf: nobody hears of it and the log does not hold it."""
        ...

    def run_function(self, function: str, event: Any, client_context: Mapping[str, Any] | None = None) -> Answer:
        """Invoke a function once, faults included, and answer how it went; no retries."""
        ...

    def invoke_later(self, function: str, event: Any, *, settings: Mapping[str, Any] | None = None) -> None:
        """Invoke a function asynchronously: Lambda accepts the event and tries as its settings say."""
        ...

    def hand(self, target: str, message: Handed) -> None:
        """Hand a message to a channel, by its node id, or its text as an event to a function."""
        ...


Claims = Callable[[Stage, ApiCall], Mapping[str, Any] | None]
Heard = Callable[[Stage, ApiCall, Mapping[str, Any], Any], None]
Before = Callable[[Stage, ApiCall], Any]
Receive = Callable[[Stage, str, Handed], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One channel type.

    - `claims(stage, call)`: the response to an API call that this type answers in the service's place; None where it is not its.
    - `before(stage, call)`: asked before a call is carried out, for what cannot be known afterwards (an item's old image).
    - `heard(stage, call, response, before)`: the call was carried out; deliver what follows from it. `before` is what the
      function of that name returned, None where there is none.
    - `receive(stage, channel, message)`: a message is put into the channel by another one or by the platform.
    - `start(stage)`: the simulation begins (schedules).
    - `left(stage)`: what is left in its channels, by node id, as plain JSON.

    `operations` are the service and operations that it may claim or hear of, for a quick answer: `{"sqs": {"SendMessage"}}`,
    "*" for every operation.
    """

    type: str
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    claims: Claims | None = None
    heard: Heard | None = None
    before: Before | None = None
    receive: Receive | None = None
    start: Callable[[Stage], None] | None = None
    left: Callable[[Stage], Mapping[str, Any]] | None = None

    def concerns(self, call: ApiCall) -> bool:
        """Whether a call may be its business."""
        operations = self.operations.get(call.service, frozenset())
        return call.operation in operations or "*" in operations
