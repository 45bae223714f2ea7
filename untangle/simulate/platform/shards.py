"""Readers of streams (DynamoDB, Kinesis): batches in order, one at a time for each shard, tried until they succeed or expire.

A batch that fails blocks its shard. It is tried again whole, from the record that the function names (partial batch response), or
in halves (bisect), until its retries are used up or its records are too old, for the mapping or for the stream itself; then it is
told of at the failure destination. One that is throttled is tried again in the same way, but uses up no retries. The service does
not say how long it waits between tries: here from one second, doubled, up to 15 minutes (in a stream that keeps its records for
months, up to a hundredth of that time).
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from untangle.model.link import Link, LinkKind
from untangle.simulate.call import Answer
from untangle.simulate.clock import START
from untangle.simulate.platform.passing import takes
from untangle.simulate.platform.played import LATENCY, Stage

EXPIRY = 86_400.0  # seconds that a stream keeps a record, where nothing else is said
LONGEST_WAIT = 900.0
BATCH_SIZE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record of a shard: the `record` as it is delivered, `seen` as filters see it, its `sequence` number, when it came (`at`,
    seconds), and the `lane` (key) within which order is kept."""

    record: Mapping[str, Any]
    seen: Mapping[str, Any]
    sequence: str
    at: float
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records that are tried together, for the `tries`-th time after the first; `refused` counts how often the function was
    throttled since."""

    entries: tuple[Entry, ...]
    tries: int = 0
    refused: int = 0


# Delivers the records of a batch and answers how it went; gives up a batch, for a reason as AWS names it.
Carry = Callable[["Reader", Mapping[str, Any], tuple[Entry, ...]], Answer]
GiveUp = Callable[["Reader", Batch, str], None]


@dataclass(slots=True, kw_only=True)
class Reader:
    """One consumer of one shard."""

    stage: Stage
    link: Link
    shard: str
    source: str
    carry: Carry
    give_up: GiveUp
    arrived: deque[Entry] = field(default_factory=deque)
    pending: deque[Batch] = field(default_factory=deque)
    busy: bool = False
    due: float | None = None
    window: tuple[int, Any] | None = None  # of a tumbling window: which one, and its state

    def setting(self, name: str, default: float) -> float:
        """A number among the settings of the link; -1 stands for no bound."""
        value = self.link.delivery.get(name)
        known = isinstance(value, int | float) and not isinstance(value, bool) and value != -1
        return float(value) if known else default  # type: ignore[arg-type]

    @property
    def kept(self) -> float:
        """Seconds for which the stream keeps a record: `RetentionPeriodHours` of Kinesis, a day in DynamoDB."""
        hours = self.stage.graph.channel(self.link.source).settings.get("retention_hours")
        return hours * 3600.0 if isinstance(hours, int) and not isinstance(hours, bool) and hours >= 24 else EXPIRY

    @property
    def oldest(self) -> float:
        """Seconds after which a record is given up: those of the mapping, and no more than the stream keeps it."""
        return min(self.setting("maximum_record_age", self.kept), self.kept)

    def wait(self, batch: Batch, tries: int) -> float:
        """Seconds until a batch is tried again that failed so often before: until its first record is too old, at most."""
        left = batch.entries[0].at + self.oldest - self.stage.clock.now
        return min(2.0 ** min(tries, 30), max(LONGEST_WAIT, self.kept / 100), max(left, 0.0) + LATENCY)

    def take(self, entry: Entry) -> None:
        """A record arrives in the shard; what no filter takes is passed over."""
        if not takes(self.stage, self.link, entry.seen):
            self.stage.tell("drop", self.link.source, to=self.link.target, why="no filter of the mapping takes it")
            return
        self.arrived.append(entry)
        full = len(self.arrived) >= self.setting("batch_size", BATCH_SIZE)
        self._wake(LATENCY if full else max(LATENCY, self.setting("batch_window", 0)))

    def _wake(self, seconds: float) -> None:
        """Have a batch taken in so many seconds, or earlier where that is planned."""
        at = self.stage.clock.now + seconds
        if self.due is None or at < self.due:
            self.due = at
            self.stage.clock.after(seconds, lambda: self._next(at))

    def _next(self, planned: float) -> None:
        if self.due is not None and planned >= self.due:
            self.due = None
        if self.busy:
            return
        if not self.pending and self.arrived:
            self._begin(Batch(entries=self._batch()))
        if self.pending and not self.busy:
            self._try(self.pending[0])

    def _begin(self, batch: Batch) -> None:
        """A batch is read from the shard. A fault may have it delivered twice or late; a shard keeps its order even so."""
        self.pending.append(batch)
        for fault in self.stage.faults_of(self.link.source):
            self.stage.tell("fault", self.link.source, what=fault.words)
            if fault.kind == "duplicate":
                self.pending.append(batch)
            elif fault.kind == "delay":
                self.busy = True
                self.stage.clock.after(fault.seconds, self._go_on)

    def _go_on(self) -> None:
        self.busy = False
        self._next(float("inf"))

    def _batch(self) -> tuple[Entry, ...]:
        size, length = int(self.setting("batch_size", BATCH_SIZE)), self.setting("tumbling_window", 0)
        found: list[Entry] = []
        while self.arrived and len(found) < size:
            if length and found and self.arrived[0].at // length != found[0].at // length:
                break
            found.append(self.arrived.popleft())
        return tuple(found)

    def _try(self, batch: Batch) -> None:
        age = self.stage.clock.now - batch.entries[0].at
        if age > self.oldest:
            fresh = tuple(entry for entry in batch.entries if self.stage.clock.now - entry.at <= self.oldest)
            gone = batch.entries[: len(batch.entries) - len(fresh)]
            self.give_up(self, Batch(entries=gone, tries=batch.tries), "RecordAgeExceeded")
            self._settle([Batch(entries=fresh, tries=batch.tries)] if fresh else [], 0)
            return
        self.busy = True
        answer = self.carry(self, self._windowed(batch), batch.entries)
        self.stage.clock.after(answer.seconds, lambda: self._answered(batch, answer))

    def _answered(self, batch: Batch, answer: Answer) -> None:
        self.busy = False
        if answer.error is not None and answer.error.throttled:
            again = replace(batch, refused=batch.refused + 1)  # did not reach the function: no try of it
            self._settle([again], self.wait(batch, batch.refused))
            return
        failed = batch.entries if answer.error is not None else self._unfinished(batch, answer.payload)
        if not failed:
            self._remember(answer.payload)
            self._settle([], 0)
            return
        left = Batch(entries=failed, tries=0 if len(failed) < len(batch.entries) else batch.tries)
        halve = bool(self.link.delivery.get("bisect_batch")) and len(failed) > 1
        if not halve and left.tries >= self.setting("maximum_retry_attempts", float("inf")):
            self.give_up(self, left, "RetryAttemptsExhausted")
            self._settle([], 0)
            return
        wait = self.wait(left, left.tries)
        if halve and len(failed) == len(batch.entries):  # splitting does not count as a retry
            middle = len(failed) // 2
            self._settle(
                [Batch(entries=failed[:middle], tries=left.tries), Batch(entries=failed[middle:], tries=left.tries)], wait
            )
        else:
            self._settle([Batch(entries=failed, tries=left.tries + 1)], wait)

    def _settle(self, instead: list[Batch], wait: float) -> None:
        """Put what is left of the batch at hand in its place, and go on."""
        self.pending.popleft()
        self.pending.extendleft(reversed(instead))
        if self.pending or self.arrived:
            self.stage.clock.after(wait, lambda: self._next(float("inf")) if self.pending else self._wake(LATENCY))

    def _unfinished(self, batch: Batch, payload: Any) -> tuple[Entry, ...]:
        """The records from the first that the function names as failed; all where it names one that is not there."""
        reports = self.link.delivery.get("report_batch_item_failures") or self.link.kind is LinkKind.ROUTE  # a pipe always does
        if not reports or not isinstance(payload, Mapping):
            return ()
        failures = payload.get("batchItemFailures")
        if not failures:
            return ()
        places = {entry.sequence: place for place, entry in enumerate(batch.entries)}
        named = [item.get("itemIdentifier") if isinstance(item, Mapping) else None for item in failures]
        if any(name not in places for name in named):
            return batch.entries
        return batch.entries[min(places[str(name)] for name in named) :]

    # tumbling windows

    def _windowed(self, batch: Batch) -> dict[str, Any]:
        """What an event of a tumbling window holds beside its records."""
        length = self.setting("tumbling_window", 0)
        if not length:
            return {}
        number = int(batch.entries[0].at // length)
        if self.window is None or self.window[0] != number:
            self.window = (number, {})
            end = (number + 1) * length
            self.stage.clock.after(max(LATENCY, end - self.stage.clock.now + LATENCY), lambda: self._close(number))
        return self._about(number, final=False)

    def _about(self, number: int, *, final: bool) -> dict[str, Any]:
        length = self.setting("tumbling_window", 0)
        start, end = (
            (START + timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (number * length, (number + 1) * length)
        )
        return {
            "window": {"start": start, "end": end},
            "state": self.window[1] if self.window else {},
            "shardId": self.shard,
            "eventSourceARN": self.source,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": False,
        }

    def _remember(self, payload: Any) -> None:
        if self.window is not None and isinstance(payload, Mapping):
            self.window = (self.window[0], payload.get("state", {}))

    def _close(self, number: int) -> None:
        """The last invocation of a window, without records, once all of them are processed."""
        if self.busy or self.pending:
            self.stage.clock.after(30.0, lambda: self._close(number))
        elif self.window is not None and self.window[0] == number:
            self.carry(self, self._about(number, final=True), ())
            self.window = None


def lane_of(link: Link, shard: str, key: str) -> str:
    """The shard as a consumer reads it: with a parallelization factor, records of one key stay in order, others need not."""
    factor = link.delivery.get("parallelization_factor")
    return f"{shard}/{zlib.crc32(key.encode()) % factor}" if isinstance(factor, int) and factor > 1 else shard


def read(stage: Stage, link: Link, shard: str, entry: Entry, *, source: str, carry: Carry, give_up: GiveUp) -> None:
    """Have one consumer of a stream (its ARN is `source`) read a record of a shard.

    `link` says how, `carry` delivers, and `give_up` is told of what is given up.
    """
    if link.delivery.get("enabled") is False:
        return
    readers: dict[tuple[str, str, str, int], Reader] = stage.memory("shards").setdefault("readers", {})
    lane = lane_of(link, shard, entry.lane)
    same = [one for one in stage.links(link.source) if one.target == link.target]
    key = (link.source, link.target, lane, next((place for place, one in enumerate(same) if one is link), 0))
    if key not in readers:
        readers[key] = Reader(stage=stage, link=link, shard=shard, source=source, carry=carry, give_up=give_up)
    readers[key].take(entry)
