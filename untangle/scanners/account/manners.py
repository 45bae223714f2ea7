"""Good manners toward an account: token buckets per (account, region, operation), and a bounded number of calls at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from untangle.scanners.account.limits import Limit, limit

T = TypeVar("T")
R = TypeVar("R")


class Stopped(Exception):
    """The scan is being ended; whoever waits need not wait any longer."""


class Bucket:
    """Hands out moments at which a call may be made. Refusals halve its rate, successes bring it back up to its ceiling."""

    def __init__(self, rate: float, ceiling: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.ceiling = rate, ceiling
        self._clock, self._lock = clock, threading.Lock()
        self._refused = clock() - 1
        self._next = clock() - 1  # one second's worth may be taken at once

    def reserve(self) -> float:
        """Takes the next free moment; the seconds until it comes."""
        with self._lock:
            now = self._clock()
            at = max(self._next, now - 1)
            self._next = at + 1 / self.rate
            return max(0.0, at - now)

    def refused(self) -> None:
        """A call was throttled: from now on half as often; those that were sent in the same second tell nothing new."""
        with self._lock:
            now = self._clock()
            if now - self._refused >= 1:
                self._refused = now
                self.rate = max(self.rate / 2, min(0.5, self.ceiling))
            self._next = max(self._next, now + 1 / self.rate)

    def went_well(self) -> None:
        """A call was answered."""
        with self._lock:
            self.rate = min(self.ceiling, self.rate * 1.03)


class Manners:
    """All buckets of a scan, how many calls run at a time, and the wish to stop."""

    def __init__(
        self,
        *,
        at_once: int = 32,
        limits: Callable[[str, str], Limit] | None = limit,
        wait: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits, self._clock = limits, clock
        self._buckets: dict[tuple[str, str, str], Bucket] = {}
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(at_once)
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait

    def stop(self) -> None:
        """Ends all waiting; no further call is made."""
        self._stop.set()

    def pause(self, seconds: float) -> None:
        """Waits; raises Stopped where the scan is being ended."""
        if seconds > 0:
            self._wait(seconds)
        if self._stop.is_set():
            raise Stopped

    def bucket(self, account: str, region: str, service: str, operation: str) -> Bucket | None:
        """The bucket of an operation in one account and region; None where calls are not limited."""
        if self._limits is None:
            return None
        kept = self._limits(service, operation)
        with self._lock:
            key = (account, region, kept.bucket)
            if key not in self._buckets:
                self._buckets[key] = Bucket(kept.rate, kept.ceiling, self._clock)
            return self._buckets[key]

    def make(self, bucket: Bucket | None, call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Makes one call when its turn has come. Raises Stopped, and what the call raises."""
        self.pause(bucket.reserve() if bucket else 0)
        with self._slots:
            self.pause(0)
            return call()


def side_by_side(work: Callable[[T], R], items: Sequence[T], width: int) -> Iterator[R]:
    """The results of `work` in the order of `items`, made by up to `width` threads.

    The first exception is raised at its place, and nothing further is begun. Threads are daemons: an interrupt does not
    wait for an answer that may never come.
    """
    if len(items) < 2 or width < 2:
        yield from (work(item) for item in items)
        return
    results: dict[int, tuple[R | None, BaseException | None]] = {}
    ready, indexes = threading.Condition(), iter(range(len(items)))
    ended = False

    def labour() -> None:
        while True:
            with ready:
                index = None if ended else next(indexes, None)
            if index is None:
                return
            result: tuple[R | None, BaseException | None]
            try:
                result = (work(items[index]), None)
            except BaseException as error:  # handed to whoever waits for the result
                result = (None, error)
            with ready:
                results[index] = result
                ready.notify_all()

    for _ in range(min(width, len(items))):
        threading.Thread(target=labour, daemon=True).start()
    try:
        for index in range(len(items)):
            with ready:
                while index not in results:
                    ready.wait()
                value, error = results.pop(index)
            if error is not None:
                raise error
            yield value  # type: ignore[misc]  # None only where work returns it
    finally:
        with ready:
            ended = True
