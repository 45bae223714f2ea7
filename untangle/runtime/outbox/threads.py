"""Threads work for the run that started them: they do not inherit context variables, so they are told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .recording import Recording, carry, is_told, of_this_context

_MARK = "_untangle"


def follow() -> None:
    """Has threads and executors told from now on, whoever made them; twice is as good as once."""
    if not hasattr(threading.Thread.start, _MARK):
        _follow_threads()
    if not hasattr(ThreadPoolExecutor.submit, _MARK):
        _follow_executors()


def _follow_threads() -> None:
    start = threading.Thread.start

    def started(self: Any) -> None:
        recording = of_this_context()
        if is_told(recording) and "run" not in vars(self):
            run = self.run

            def told() -> None:
                vars(self).pop("run", None)
                carry(recording)
                run()

            self.run = told
        start(self)

    setattr(started, _MARK, True)
    threading.Thread.start = started  # type: ignore[method-assign]


def _follow_executors() -> None:
    submit = ThreadPoolExecutor.submit

    def submitted(self: Any, fn: Any, /, *given: Any, **named: Any) -> Any:
        return submit(self, _for, of_this_context(), fn, given, named)

    setattr(submitted, _MARK, True)
    ThreadPoolExecutor.submit = submitted  # type: ignore[method-assign]


def _for(recording: Recording | None, fn: Any, given: Any, named: Any) -> Any:
    before = of_this_context()
    carry(recording)
    try:
        return fn(*given, **named)
    finally:
        carry(before)
