"""Draws a made-up workflow by a seed: the same seed gives the same workflow, whatever the Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from tests.roundtrip.shape import ASYNCHRONOUS, Application, Channel, Function, Listener, Send, Style

KINDS = ("paid", "sent", "held")
BROKEN = "broken"
_NAMES = (
    "Intake", "Price", "Charge", "Reserve", "Pack", "Ship", "Notify", "Audit", "Score", "Rank", "Render", "Merge", "Settle",
    "Refund", "Index", "Label", "Route", "Weigh", "Confirm", "Archive",
)  # fmt: skip
_TYPES = {
    "sqs": 24,
    "sns": 18,
    "eventbridge": 18,
    "s3": 9,
    "dynamodb_stream": 9,
    "kinesis": 3,
    "invoke": 9,
    "call": 2,
    "destination": 5,
    "schedule": 3,
}
_ENTRIES = {"sqs": 5, "sns": 3, "eventbridge": 3, "api": 3, "s3": 2, "kinesis": 1, "": 1}
# How a message stands in the event of a function that a channel invokes directly.
FORMS = {"invoke": "plain", "call": "plain", "schedule": "plain", "destination": "destination"}
_Item = TypeVar("_Item")


class _Draw:
    """One drawing at work."""

    def __init__(self, seed: int, largest: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)  # noqa: S311
        self.names = list(_NAMES)
        self.random.shuffle(self.names)
        self.largest = min(largest, len(self.names))
        self.functions: list[Function] = []
        self.channels: dict[str, Channel] = {}
        self.number = 0

    def application(self) -> Application:
        """The whole of it."""
        wanted = self.random.randint(2, self.largest)
        entries = 2 if wanted > 3 and self.chance(0.15) else 1
        for _ in range(entries):
            self.function(self.weighted(_ENTRIES), "")
        grown = 0
        while grown < len(self.functions):
            for _ in range(self.weighted({0: 1, 1: 6, 2: 4, 3: 1}) or (grown == 0)):
                self.send(grown, wanted)
            self.loop(grown)
            self.one_of(grown)
            grown += 1
        return Application(
            seed=self.seed,
            functions=tuple(self.functions),
            channels=tuple(self.channels.values()),
            folders=self.chance(0.7),
            short=self.chance(0.7),
        )

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, items: Sequence[_Item]) -> _Item:
        return self.random.choice(items)

    def weighted(self, items: dict[_Item, int]) -> _Item:
        return self.random.choices(list(items), list(items.values()))[0]

    def name(self, ending: str) -> str:
        self.number += 1
        return f"{self.pick(('Order', 'Parcel', 'Claim', 'Report'))}{ending}{self.number}"

    def function(self, entry: str, form: str) -> str:
        """A further function; its name."""
        name = self.names[len(self.functions)]
        self.functions.append(
            Function(
                name=name,
                form=form or _entry_form(entry),
                entry=entry,
                effect=self.weighted({"item": 5, "count": 3, "outside": 3, "object": 2, "": 1}),
                first=self.chance(0.7),
                breaks=BROKEN if self.chance(0.15) else "",
                retries=self.weighted({None: 3, 0: 1, 1: 1, 2: 1}),
                failed=self.weighted({"": 3, "queue": 1, "destination": 1}),
                style=self.style(),
            )
        )
        return name

    def style(self) -> Style:
        return Style(
            access=self.weighted({"client": 5, "resource": 3, "session": 1, "lazy": 2}),
            variable=self.weighted({"subscript": 4, "get": 1, "constant": 3}),
            helper=self.weighted({"inline": 5, "function": 3, "module": 2, "class": 1}),
            loop=self.weighted({"loop": 4, "first": 2, "function": 3}),
            payload=self.weighted({"literal": 3, "variable": 2, "spread": 2}),
            policy=self.weighted({"statement": 1, "template": 1}),
            early=self.chance(0.3),
        )

    def send(self, producer: int, wanted: int) -> None:
        """A call of a function, into a channel that is there or into a new one with listeners of its own."""
        function = self.functions[producer]
        shared = self.shared(producer) if self.chance(0.2) else ""
        if not shared and len(self.functions) >= wanted:
            return
        channel = self.channels[shared] if shared else self.channel(producer, wanted)
        send = Send(channel=channel.name)
        if channel.type != "destination":
            send = replace(
                send,
                times=self.weighted({"one": 5, "maybe": 3, "many": 3}),
                kind=self.pick(KINDS) if self.chance(0.3) else "",
                guard=self.pick(KINDS),
                delay=self.pick((30, 300)) if channel.type == "sqs" and not channel.fifo and self.chance(0.12) else 0,
            )
            send = replace(send, batched=send.times == "many" and channel.type != "s3" and self.chance(0.3))
        self.functions[producer] = replace(function, sends=(*function.sends, send))

    def shared(self, producer: int) -> str:
        """A channel that another function sends to and that leads only to later functions: an XOR-merge; "" for none."""
        place = {function.name: index for index, function in enumerate(self.functions)}
        own = {send.channel for send in self.functions[producer].sends}
        fits = [
            channel.name
            for channel in self.channels.values()
            if channel.type not in ("destination", "schedule")
            and channel.name not in own
            and all(place[listener.consumer] > producer for listener in channel.listeners)
        ]
        return self.pick(fits) if fits else ""

    def channel(self, producer: int, wanted: int) -> Channel:
        """A new channel with new listeners."""
        allowed = dict(_TYPES)
        if not self.asynchronous(producer) or any(
            self.channels[send.channel].type == "destination" for send in self.functions[producer].sends
        ):
            del allowed["destination"]
        type = self.weighted(allowed)
        room = wanted - len(self.functions)
        many = min(room, self.weighted({1: 4, 2: 3, 3: 1})) if type in ("sns", "eventbridge") else 1
        ending = {"sqs": "Queue", "sns": "Topic", "eventbridge": "Bus", "s3": "Bucket", "dynamodb_stream": "Table"}
        name = self.name(ending.get(type, type.capitalize()))
        channel = Channel(
            name=name,
            type=type,
            listeners=tuple(self.listener(type) for _ in range(many)),
            delay=self.pick((60, 600)) if type == "sqs" and self.chance(0.15) else 0,
            fifo=type == "sqs" and self.chance(0.06),
            view="NEW_IMAGE" if self.chance(0.3) else "NEW_AND_OLD_IMAGES",
        )
        if channel.fifo:
            channel = replace(channel, delay=0)
        self.channels[name] = channel
        return channel

    def asynchronous(self, function: int) -> bool:
        """Whether nothing that waits for an answer or polls invokes a function."""
        one = self.functions[function]
        if one.entry:
            return one.entry in ASYNCHRONOUS
        ways = [
            (channel.type in ASYNCHRONOUS or (channel.type == "destination")) and not listener.queue
            for channel in self.channels.values()
            for listener in channel.listeners
            if listener.consumer == one.name
        ]
        return all(ways)

    def listener(self, type: str) -> Listener:
        """Someone who listens to a channel of a type: a new function."""
        queue = type in ("sns", "eventbridge", "destination") and self.chance(0.4)
        polled = queue or type in ("sqs", "dynamodb_stream", "kinesis")
        scope = self.pick(("attributes", "body")) if type == "sns" else "body"
        filtered = self.chance({"sns": 0.45, "eventbridge": 0.45, "sqs": 0.15, "dynamodb_stream": 0.15}.get(type, 0))
        raw = queue and type == "sns" and self.chance(0.5)
        transform = self.pick(("path", "template")) if type == "eventbridge" and self.chance(0.25) else ""
        listener = Listener(
            consumer="",
            kinds=tuple(sorted(self.random.sample(KINDS, self.pick((1, 2))))) if filtered else (),
            scope=scope,
            queue=self.name("Queue") if queue else "",
            raw=raw,
            transform=transform,
            batch=self.weighted({1: 4, 5: 2, 10: 2, 100: 1}) if polled else 1,
            tries=self.pick((1, 2, 3, 5)),
            dead_letter=self.chance(0.75),
            partial=polled and type != "kinesis" and self.chance(0.25),
            most=self.pick((2, 5)) if (queue or type == "sqs") and self.chance(0.05) else 0,
        )
        if listener.batch == 100 or (listener.batch > 1 and self.chance(0.15)):
            listener = replace(listener, window=5)
        return replace(listener, consumer=self.function("", form_of(type, listener)))

    def loop(self, function: int) -> None:
        """A bounded loop through a delay queue, for some functions that a queue starts."""
        one = self.functions[function]
        queues = [
            channel.name
            for channel in self.channels.values()
            if channel.type == "sqs" and not channel.fifo and any(listener.consumer == one.name for listener in channel.listeners)
        ]
        if one.form != "sqs" or not queues or not self.chance(0.15):
            return
        again = Send(channel=queues[0], again=self.pick((1, 2, 3)), delay=self.pick((0, 60, 300)))
        self.functions[function] = replace(one, sends=(*one.sends, again))

    def one_of(self, function: int) -> None:
        """An `if` and its `else`, of two calls that are made once each."""
        one = self.functions[function]
        fits = [index for index, send in enumerate(one.sends) if self.fits(send)]
        if len(fits) < 2 or not self.chance(0.4):
            return
        guard = self.pick(KINDS)
        changed = list(one.sends)
        for index, other in zip(fits[:2], (False, True), strict=True):
            changed[index] = replace(changed[index], times="maybe", guard=guard, group=1, other=other)
        self.functions[function] = replace(one, sends=tuple(changed))

    def fits(self, send: Send) -> bool:
        return send.times == "one" and not send.again and self.channels[send.channel].type != "destination"


def draw(seed: int, largest: int = 6) -> Application:
    """The workflow of a seed, of two to so many functions."""
    return _Draw(seed, largest).application()


def _entry_form(entry: str) -> str:
    return {"": "plain", "s3": "rows"}.get(entry, entry)


def form_of(type: str, listener: Listener) -> str:
    """How a message stands in the event of a listener: its own envelope, around that of the channel before."""
    own = FORMS.get(type, type)
    if type == "eventbridge" and listener.transform:
        own = "plain"
    if not listener.queue:
        return own
    return "sqs" if listener.raw or own == "plain" else f"sqs<{own}"
