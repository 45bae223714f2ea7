"""A made-up workflow: functions, what each sends into which channel, and who listens there; and the hops that a scan must find.

It is what the generator draws, what the projector writes as files, and what a scan's answer is held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

# Ways to be invoked that wait for nobody: only these make Lambda speak to an on-success destination.
ASYNCHRONOUS = frozenset({"sns", "eventbridge", "s3", "invoke", "schedule"})
# Channels that are resources of their own, with the type that a scan gives them; the others are invocations.
TYPES = {"invoke": "lambda_invoke", "call": "lambda_invoke", "destination": "lambda_destination", "schedule": "create_schedule"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who gets the messages of a channel, and how: `kinds` are those that a filter lets pass ((): all), `scope` says whether the
    filter looks at "attributes" or the "body"; `queue` is the queue between a topic, bus or destination and the function."""

    consumer: str
    kinds: tuple[str, ...] = ()
    scope: str = "body"
    queue: str = ""
    raw: bool = False
    transform: str = ""  # what a rule makes of the event: "", "path" or "template"
    batch: int = 1
    window: int = 0
    tries: int = 3
    dead_letter: bool = True
    partial: bool = False
    most: int = 0  # concurrency of the mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Something that carries messages. `type` is sqs, sns, eventbridge, s3, dynamodb_stream, kinesis, invoke (asynchronous), call
    (synchronous), destination or schedule; `delay` are the seconds of a queue, `fifo` keeps order."""

    name: str
    type: str
    listeners: tuple[Listener, ...] = ()
    delay: int = 0
    fifo: bool = False
    view: str = "NEW_AND_OLD_IMAGES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A call of a handler. `times` is "one", "maybe" (under an `if`) or "many" (for each item); `kind` is a constant kind,
    "" passes on the message's; `guard` is the kind that a "maybe" asks for, `group` numbers an `if` with its `else`; `again`
    bounds a loop; `delay` is the message's own; `batched` uses the batch form of the API."""

    channel: str
    times: str = "one"
    kind: str = ""
    guard: str = ""
    group: int = 0
    other: bool = False
    again: int = 0
    delay: int = 0
    batched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a handler is written."""

    access: str = "client"  # client, resource, session, lazy
    variable: str = "subscript"  # subscript, get, constant
    helper: str = "inline"  # inline, function, module, class
    loop: str = "loop"  # loop, first, function
    payload: str = "literal"  # literal, variable, spread
    policy: str = "statement"  # statement, template
    early: bool = False  # guards leave the function instead of standing around the call


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function. `form` is how a message stands in its event, `entry` what starts it from outside ("": nothing does), `effect`
    what it does that can be seen; `breaks` is the kind of message that it fails at."""

    name: str
    form: str
    entry: str = ""
    sends: tuple[Send, ...] = ()
    effect: str = "item"
    first: bool = True  # whether the effect comes before what is sent
    breaks: str = ""
    retries: int | None = None  # of asynchronous invocations
    failed: str = ""  # what gets failed asynchronous invocations: "", "queue" (dead-letter), "destination"
    style: Style = field(default_factory=Style)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """All of it. `folders`: every function has a code folder of its own; `short`: intrinsics in YAML's short form."""

    seed: int
    functions: tuple[Function, ...]
    channels: tuple[Channel, ...]
    folders: bool = True
    short: bool = True

    def function(self, name: str) -> Function:
        return next(one for one in self.functions if one.name == name)

    def channel(self, name: str) -> Channel:
        return next(one for one in self.channels if one.name == name)

    def with_function(self, changed: Function) -> Application:
        """The application with a function of this name replaced."""
        return replace(self, functions=tuple(changed if one.name == changed.name else one for one in self.functions))

    def with_channel(self, changed: Channel) -> Application:
        """The application with a channel of this name replaced."""
        return replace(self, channels=tuple(changed if one.name == changed.name else one for one in self.channels))

    def listening(self, consumer: str) -> Iterator[tuple[Channel, Listener]]:
        """How messages come to a function."""
        for channel in self.channels:
            for listener in channel.listeners:
                if listener.consumer == consumer:
                    yield channel, listener


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A hop as it was drawn: `way` names types and resources, `sure` is False where what code sends cannot pass, `taken` says
    that the producer takes its errors, to report the message of a batch that failed: a call behind one may be skipped."""

    producer: str
    way: str
    consumer: str
    sure: bool
    taken: bool
    sends: tuple[Send, ...]
    channel: Channel
    listener: Listener

    @property
    def times(self) -> tuple[str, ...]:
        """How often each of its calls is made for one message, sorted."""
        once = "maybe" if self.taken else "one"
        return tuple(sorted("maybe" if send.again else once if send.times == "one" else send.times for send in self.sends))

    def __str__(self) -> str:
        return f"{self.producer} -{self.way}-> {self.consumer}"


def hops(application: Application) -> Iterator[Drawn]:
    """Every hop that a scan of the application must find; those that are not `sure` it may find excluded."""
    for function in application.functions:
        taken = any(listener.partial for _, listener in application.listening(function.name))
        for name in dict.fromkeys(send.channel for send in function.sends):
            channel = application.channel(name)
            sends = tuple(send for send in function.sends if send.channel == name)
            for listener in channel.listeners:
                passing = tuple(send for send in sends if not (send.kind and listener.kinds and send.kind not in listener.kinds))
                yield Drawn(
                    producer=function.name,
                    way=way(channel, listener),
                    consumer=listener.consumer,
                    sure=bool(passing),
                    taken=taken,
                    sends=sends,
                    channel=channel,
                    listener=listener,
                )


def way(channel: Channel, listener: Listener) -> str:
    """The channels that a message passes, in the words of `tests.arrows`; what is no resource has no name."""
    own = TYPES.get(channel.type, channel.type)
    first = own if channel.type in TYPES else f"{own}:{channel.name}"
    return f"{first}/sqs:{listener.queue}" if listener.queue else first
