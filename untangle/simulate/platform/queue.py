"""A queue on the virtual clock: what is visible, in flight, delayed and moved on. Nothing here knows functions or API calls.

Rules: SQS developer guide, "Amazon SQS visibility timeout", "delay queues", "dead-letter queues", "FIFO queue delivery logic",
"Using the message deduplication ID" (five minutes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

DEDUPLICATION = 300.0  # seconds for which a FIFO queue remembers


@dataclass(slots=True)
class Message:
    """One message. Times are seconds of the virtual clock; `system` are the attributes that SendMessage sets
    (MessageGroupId, MessageDeduplicationId, AWSTraceHeader)."""

    id: str
    body: str
    sent: float
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    system: dict[str, str] = field(default_factory=dict)
    visible_at: float = 0.0
    receives: int = 0
    first_received: float | None = None
    receipt: str = ""
    sequence: int = 0

    @property
    def group(self) -> str | None:
        """The message group of a FIFO queue's message."""
        return self.system.get("MessageGroupId")


@dataclass(slots=True)
class Queue:
    """One queue, by its node id. `on_arrival` are told when a message will be visible, `on_dead` takes what was received too
    often (more than `max_receives` times)."""

    node: str
    fifo: bool = False
    content_based: bool = False
    delay: float = 0.0
    visibility: float = 30.0
    retention: float = 345_600.0
    largest: int = 1_048_576
    dead_letter: str | None = None
    max_receives: int | None = None
    messages: list[Message] = field(default_factory=list)
    on_arrival: list[Callable[[float], None]] = field(default_factory=list)
    on_dead: Callable[[Message], None] | None = None
    dropped: int = 0
    _seen: dict[str, tuple[float, Message]] = field(default_factory=dict)
    _sequence: int = 0
    _receipts: int = 0

    def put(self, message: Message, now: float, delay: float | None = None) -> Message:
        """The message, once it is in the queue; the one that was sent before, where it is a duplicate to a FIFO queue."""
        key = message.system.get("MessageDeduplicationId") if self.fifo else None
        if key is not None:
            known = self._seen.get(key)
            if known is not None and now - known[0] < DEDUPLICATION:
                return known[1]
            self._seen[key] = (now, message)
        self._sequence += 1
        message.sequence = self._sequence
        message.visible_at = now + (self.delay if delay is None else delay)
        self.messages.append(message)
        self.arrived(message.visible_at)
        return message

    def arrived(self, at: float) -> None:
        """Tell who polls that something will be visible."""
        for told in self.on_arrival:
            told(at)

    def receive(self, now: float, most: int, visibility: float | None = None) -> list[Message]:
        """Take up to so many visible messages into flight; what was received too often goes to the dead-letter queue."""
        self.expire(now)
        taken: list[Message] = []
        for message in self.available(now):
            if len(taken) >= most:
                break
            if self.max_receives is not None and self.on_dead is not None and message.receives >= self.max_receives:
                self.messages.remove(message)
                self.on_dead(message)
                continue
            message.receives += 1
            message.first_received = now if message.first_received is None else message.first_received
            message.visible_at = now + (self.visibility if visibility is None else visibility)
            self._receipts += 1
            message.receipt = f"{message.id}#{self._receipts}"
            taken.append(message)
        if taken:
            self.arrived(taken[0].visible_at)
        return taken

    def available(self, now: float) -> list[Message]:
        """The visible messages in order; of a FIFO group only those before which nothing of it is in flight."""
        found, blocked = [], set()
        for message in list(self.messages):
            if message.visible_at > now:
                blocked.add(message.group)
            elif not (self.fifo and message.group in blocked):
                found.append(message)
        return found

    def next_visible(self, now: float) -> float | None:
        """When the next message becomes visible; None where all are, or there is none."""
        return min((message.visible_at for message in self.messages if message.visible_at > now), default=None)

    def delete(self, receipt: str) -> bool:
        """Delete the message with this receipt handle (that of an earlier receive of the message counts too)."""
        id = receipt.rpartition("#")[0]
        found = next((message for message in self.messages if id and message.id == id), None)
        if found is None:
            return False
        self.messages.remove(found)
        if found.group is not None:
            self.arrived(0.0)
        return True

    def change_visibility(self, receipt: str, now: float, seconds: float) -> bool:
        """Make a message in flight visible after so many seconds from now."""
        found = next((message for message in self.messages if message.receipt == receipt), None)
        if found is None:
            return False
        found.visible_at = now + seconds
        self.arrived(found.visible_at)
        return True

    def expire(self, now: float) -> None:
        """Drop what has been here longer than the queue keeps messages."""
        kept = [message for message in self.messages if now - message.sent < self.retention]
        self.dropped += len(self.messages) - len(kept)
        self.messages = kept
