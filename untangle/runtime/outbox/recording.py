"""One run of a handler: what was asked of it, what it has done, and which run a call belongs to.

The run is a context variable, which tasks of asyncio inherit. Threads do not: those that are started in a run, and what is
submitted to an executor in it, are told of it (see `carry`). A thread that nobody told belongs to the run that is under way, for
a function works on one event at a time.
"""

from __future__ import annotations

import contextvars
import hashlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from .target import Target, target


class OutboxError(Exception):
    """The outbox cannot do what it was asked for; the message says what to do."""


class Recording:
    """What a run was asked for (`asked`, the marker) and its effects so far. `request` names the run: ids are made of it.

    `log` gets every write that is known, whatever its target, in record mode.
    """

    def __init__(self, asked: Mapping[str, Any] | None, request: str, log: Any = None) -> None:
        self.asked: Mapping[str, Any] = asked or {}
        self.capture: tuple[Target, ...] = tuple(map(target, self.asked.get("capture") or ()))
        self.observe: tuple[Target, ...] = tuple(map(target, self.asked.get("observe") or ()))
        self.operations = {(one.service, one.operation): one for one in (*self.capture, *self.observe) if one.operation}
        self.ready = bool(self.asked.get("ready"))
        self.again = bool(self.asked.get("tries"))  # a run before this one may have written already, and was never told of
        self.request = request
        self.log = log
        self.effects: list[dict[str, Any]] = []
        self._out: list[dict[str, Any]] = []
        self.parts: dict[str, int] = {}  # bytes of the parts of an upload, by its id and number
        self.closed = False
        self.process = os.getpid()
        self.thread = threading.get_ident()
        self._count = 0
        self._lock = threading.Lock()

    def number(self) -> int:
        """The next number of this run; each is given once."""
        with self._lock:
            self._count += 1
            return self._count - 1

    def identifier(self, number: int) -> str:
        """An id in the form of a UUID, the same whenever the run of this name comes to this number."""
        digits = hashlib.sha256(f"{self.request}#{number}".encode()).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"

    def add(self, effect: dict[str, Any], *, held: bool = False) -> None:
        """One effect more: of a call that went out or, where `held`, of one that was held back."""
        with self._lock:
            self.effects.append(effect)
            if not held:
                self._out.append(effect)
        if self.log is not None:
            self.log(effect)

    def told(self) -> list[dict[str, Any]]:
        """The effects of calls that went out: they have happened, whatever becomes of the run."""
        with self._lock:
            return list(self._out)

    def close(self) -> list[dict[str, Any]]:
        """The effects; what comes later is none of this run's."""
        with self._lock:
            self.closed = True
            return list(self.effects)


_UNTOLD = Recording(None, "")
_run: contextvars.ContextVar[Recording | None] = contextvars.ContextVar("untangle_run", default=_UNTOLD)
_own: contextvars.ContextVar[bool] = contextvars.ContextVar("untangle_own", default=False)
_under_way: list[Recording | None] = []


def now() -> str:
    """The time as effects have it: UTC, with milliseconds."""
    return datetime.fromtimestamp(time.time(), timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def during(recording: Recording | None) -> Iterator[None]:
    """Calls within belong to this run; with None they are the handler's own business, also where this is within another run."""
    token, own = _run.set(recording), _own.set(False)
    _under_way.append(recording)
    try:
        yield
    finally:
        _under_way.remove(recording)
        _own.reset(own)
        _run.reset(token)


@contextmanager
def aside() -> Iterator[None]:
    """Calls within are the outbox's own, or the inside of one that is looked at already."""
    token = _own.set(True)
    try:
        yield
    finally:
        _own.reset(token)


def current() -> Recording | None:
    """The run that a call made here and now belongs to; None where nothing was asked for.

    Raises `OutboxError` in a process that the handler forked: what is held back there would be lost.
    """
    if _own.get():
        return None
    found = _run.get()
    if found is _UNTOLD:
        found = _under_way[-1] if _under_way else None
        if found is not None and found.thread == threading.get_ident():
            return None  # another context in the handler's own thread: somebody runs something else there
    if found is None:
        return None
    if found.process != os.getpid():
        if found.capture or found.observe:
            raise OutboxError("a process that the handler has forked made a call that belongs to a workflow: use threads instead")
        return None
    if found.closed:
        _late()
        return None
    return found


def carry(recording: Recording | None) -> None:
    """From here on this thread works for a run."""
    _run.set(recording)


def of_this_context() -> Recording | None:
    """The run that this context was told of, as `carry` takes it."""
    return _run.get()


def is_told(recording: Recording | None) -> bool:
    """Whether a context was told anything: None is a run of which nothing is asked."""
    return recording is not _UNTOLD


def _late() -> None:
    print("untangle: a thread goes on after its run has returned; its calls go out as they are", file=sys.stderr)
