"""What a handler finds around it in the place of the machine's: virtual time, seeded chance, a /tmp of its own, a real limit.

Everything is put in place once and asks on whose behalf it is called; for all others it is as it was.
"""

from __future__ import annotations

import builtins
import contextlib
import datetime as real
import hashlib
import io
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from untangle.simulate import guard
from untangle.simulate.handlers.invocation import Crash, Invocation

_TIME, _TIME_NS, _SLEEP, _URANDOM = time.time, time.time_ns, time.sleep, os.urandom


class TimedOut(BaseException):
    """The function's timeout is reached, in virtual time."""


class Run:
    """One run of a handler; `slept` is the virtual time that it has taken so far, `tmp` the folder that is its /tmp. What lies in
    the folders of `kept`, and what Python itself keeps in its own temporary folder, is where it is."""

    def __init__(self, invocation: Invocation, tmp: Path, kept: tuple[str, ...] = ()) -> None:
        self.invocation = invocation
        self.tmp = str(tmp)
        temporary = tempfile.gettempdir()
        own = (temporary,) if temporary != "/tmp" else ()  # noqa: S108
        self.kept = tuple(folder for folder in (*kept, *own, *sys.path) if folder.startswith("/tmp/"))  # noqa: S108
        self.slept = 0.0
        self._bytes = 0

    @property
    def now(self) -> float:
        """The virtual time, in seconds since 1970."""
        return self.invocation.now() + self.slept

    def sleep(self, seconds: float) -> None:
        """Virtual time passes; raises `TimedOut` where it runs out."""
        self.slept += max(0.0, float(seconds))
        if self.slept >= self.invocation.seconds:
            self.slept = self.invocation.seconds
            raise TimedOut

    def remaining(self) -> int:
        """The milliseconds that are left."""
        return max(0, round((self.invocation.seconds - self.slept) * 1000))

    def chance(self, size: int) -> bytes:
        """Bytes that no one could guess, the same in every run."""
        self._bytes += 1
        seed = f"{self.invocation.seed} {self._bytes}"
        found = b"".join(hashlib.sha256(f"{seed} {part}".encode()).digest() for part in range(size // 32 + 1))
        return found[:size]


_runs: list[Run] = []
_states: list[Any] = []


def enter(run: Run) -> None:
    """A run begins, maybe within another one."""
    _states.append(random.getstate())
    random.seed(run.invocation.seed)
    _runs.append(run)


def leave() -> None:
    """The innermost run is over."""
    _runs.pop()
    random.setstate(_states.pop())


def _run() -> Run | None:
    return _runs[-1] if _runs else None


def _time() -> float:
    run = _run()
    return _TIME() if run is None else run.now


def _time_ns() -> int:
    run = _run()
    return _TIME_NS() if run is None else round(run.now * 1_000_000_000)


def _sleep(seconds: Any) -> None:
    run = _run()
    if run is None:
        _SLEEP(seconds)
    elif threading.current_thread() is threading.main_thread():
        run.sleep(seconds)


def _urandom(size: int) -> bytes:
    run = _run()
    return _URANDOM(size) if run is None else run.chance(size)


class _Kind(type):
    """Makes what is a time to the rest of the process one to the handler too."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.__mro__[1])


class _Datetime(real.datetime, metaclass=_Kind):
    """`datetime.datetime`, whose present is virtual."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        """The present."""
        return real.datetime.fromtimestamp(_time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        """The present in UTC, without saying so."""
        return real.datetime.fromtimestamp(_time(), real.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        """The present."""
        return real.datetime.fromtimestamp(_time())


class _Date(real.date, metaclass=_Kind):
    """`datetime.date`, whose today is virtual."""

    @classmethod
    def today(cls) -> Any:
        """Today."""
        return real.datetime.fromtimestamp(_time()).date()


_MODULE = SimpleNamespace(**{name: getattr(real, name) for name in dir(real)})
_MODULE.datetime, _MODULE.date = _Datetime, _Date


def retime(module: ModuleType) -> None:
    """Let a handler's module see virtual dates, whichever way it has imported them."""
    for name, value in list(vars(module).items()):
        if value is real.datetime:
            setattr(module, name, _Datetime)
        elif value is real.date:
            setattr(module, name, _Date)
        elif value is real:
            setattr(module, name, _MODULE)


def _moved(path: Any) -> Any:
    """A path under /tmp, where it really is."""
    run = _run()
    if run is None or isinstance(path, int):
        return path
    text = os.fsdecode(path) if isinstance(path, bytes | str | os.PathLike) else ""
    if text == "/tmp" or (text.startswith("/tmp/") and not text.startswith(run.kept)):  # noqa: S108
        return run.tmp + text[4:]
    return path


def _moving(function: Callable[..., Any], paths: int = 1) -> Callable[..., Any]:
    def moved(*given: Any, **named: Any) -> Any:
        if not _runs:
            return function(*given, **named)
        return function(*(_moved(one) if index < paths else one for index, one in enumerate(given)), **named)

    return moved


_PATHS = {
    "stat": 1,
    "lstat": 1,
    "listdir": 1,
    "scandir": 1,
    "mkdir": 1,
    "remove": 1,
    "unlink": 1,
    "rmdir": 1,
    "access": 1,
    "utime": 1,
}
_PATHS |= {"chmod": 1, "open": 1, "rename": 2, "replace": 2, "link": 2, "symlink": 2}
_installed = False


def install() -> None:
    """Put everything in place, once."""
    global _installed
    if _installed:
        return
    _installed = True
    time.time, time.time_ns, time.sleep = _time, _time_ns, _sleep
    os.urandom = _urandom
    for name, paths in _PATHS.items():
        setattr(os, name, _moving(getattr(os, name), paths))
    opened = _moving(builtins.open)
    builtins.open = io.open = opened
    guard.install(guard.Guard(lambda: bool(_runs)))


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """A real limit: what runs longer is ended with `Crash`, from within. Only in a main thread of a system that has alarms."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ended(*_: object) -> None:
        raise Crash("Sandbox.Timedout", f"the handler ran for more than {seconds:g} real seconds, and was ended")

    left, _ = signal.getitimer(signal.ITIMER_REAL)
    before = signal.signal(signal.SIGALRM, ended)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before if before is not None else signal.SIG_DFL)
        with contextlib.suppress(ValueError):
            signal.setitimer(signal.ITIMER_REAL, left)
