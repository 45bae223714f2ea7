"""Who polls a queue: the event source mapping of a function, or a pipe. Batches, windows, concurrency, filters.

Rules: Lambda guide, "Using Lambda with Amazon SQS" (batching behaviour, maximum concurrency, partial batch responses, event
filtering: what no filter takes is deleted).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from untangle.simulate.call import Answer
from untangle.simulate.platform.played import LATENCY, Stage
from untangle.simulate.platform.queue import Message, Queue

PATIENCE = 25  # receives of a message that nothing ever moves on, after which further tries are skipped until it expires
# Runs a batch of records and answers how it went.
Consume: TypeAlias = Callable[[list[dict[str, Any]]], Answer]


@dataclass(slots=True)
class Poller:
    """One poller of one queue.

    `record` makes a record of a message, `passes` says whether the filters take it, `consume` runs a batch. `partial` reads
    `batchItemFailures` in the answer. `window` is in seconds, `most` the batches at work at once.
    """

    stage: Stage
    queue: Queue
    to: str
    record: Callable[[Message], dict[str, Any]]
    consume: Consume
    passes: Callable[[dict[str, Any]], bool] = lambda record: True
    size: int = 10
    window: float = 0.0
    most: int | None = None
    partial: bool = False
    _working: int = 0
    _due: float | None = None
    _first: float | None = None

    def listen(self) -> None:
        """Begin to poll, what lies in the queue already included."""
        self.queue.on_arrival.append(self.wake)
        if self.queue.messages:
            self.wake(0.0)

    def wake(self, at: float) -> None:
        """Look into the queue when something is visible there."""
        now = self.stage.clock.now
        due = max(at, now) + LATENCY
        if self._due is not None and now <= self._due <= due:
            return
        self._due = due
        self.stage.clock.after(due - now, self._poll)

    def _poll(self) -> None:
        now = self.stage.clock.now
        if self._due is not None and self._due <= now:
            self._due = None
        if self.most is not None and self._working >= self.most:
            return
        ready = self.queue.available(now)
        if ready and not self._gathers(ready, now):
            self._first = None
            self._work(self.queue.receive(now, self.size))
            if self.queue.available(now):
                self.wake(now)
        later = self.queue.next_visible(now)
        if later is not None:
            self.wake(later)

    def _gathers(self, ready: Sequence[Message], now: float) -> bool:
        """Whether it still waits for more messages to come."""
        if not self.window or len(ready) >= self.size:
            return False
        if self._first is None:
            self._first = now
        until = self._first + self.window
        if now >= until:
            return False
        self.stage.clock.after(until - now, self._poll)
        return True

    def _work(self, messages: list[Message]) -> None:
        batch: list[tuple[Message, dict[str, Any]]] = []
        for message in messages:
            record = self.record(message)
            if self.passes(record):
                batch.append((message, record))
            else:
                self.stage.tell("drop", self.queue.node, id=message.id, why="no filter of the mapping takes it")
                self.queue.delete(message.receipt)
        if not batch:
            return
        self._working += 1
        self.stage.tell("deliver", self.queue.node, to=self.to, ids=[message.id for message, _ in batch])
        answer = self.consume([record for _, record in batch])
        receipts = {message.id: message.receipt for message, _ in batch}
        self.stage.clock.after(answer.seconds, lambda: self._done(receipts, answer))

    def _done(self, receipts: Mapping[str, str], answer: Answer) -> None:
        self._working -= 1
        failed = frozenset(receipts) if answer.error is not None else self._failed(receipts, answer.payload)
        for id, receipt in receipts.items():
            if id not in failed:
                self.queue.delete(receipt)
        for message in self.queue.messages:
            if message.id in failed and self.queue.max_receives is None and message.receives >= PATIENCE:
                message.visible_at = message.sent + self.queue.retention
                why = f"tried {message.receives} times, and the queue has no redrive policy: skipped until it expires"
                self.stage.tell("drop", self.queue.node, id=message.id, body=message.body, why=why)
        if self.queue.messages:
            self.wake(self.stage.clock.now)

    def _failed(self, ids: Mapping[str, str], payload: Any) -> frozenset[str]:
        return failed_items(payload, frozenset(ids)) if self.partial else frozenset()


def failed_items(payload: Any, ids: frozenset[str], key: str = "batchItemFailures") -> frozenset[str]:
    """The records that a partial batch response calls failed: none for an empty one, all of them for one that makes no sense."""
    listed = payload.get(key) if isinstance(payload, Mapping) else None
    if not listed:
        return frozenset() if payload is None or isinstance(payload, Mapping | str | int | float | list) else ids
    named = (
        {item.get("itemIdentifier") if isinstance(item, Mapping) else None for item in listed}
        if isinstance(listed, list)
        else {None}
    )
    return frozenset(named) if named <= ids else ids  # type: ignore[arg-type]
