"""Jobs done beside each other: in this process and in copies of it, one for each further core.

A copy is made by fork, so the files and resources that were read are shared and never sent; only what a job yields is.
It is made where that is safe: on Linux, while this process has no other thread. Elsewhere, and where a copy could not be
made or died, the jobs are done here: nothing is lost, it only takes longer. (A fresh interpreter is not started instead: it
would run the main module of whoever imports this, and importing takes as long as most scans.)
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")

# A copy holds what it reads: more of them would take more memory than the time is worth.
MOST_PROCESSES = 4
# As many as the smallest pipe holds, https://man7.org/linux/man-pages/man7/pipe.7.html "Pipe capacity"; the others are done here.
_MOST_TICKETS = 1000
_TICKET = 4  # bytes
_THREADS = Path("/proc/self/task")


def beside(jobs: Sequence[Callable[[], T]]) -> tuple[T, ...]:
    """What each job yields, in the order of the jobs; the first is done in this process, the others by whoever is free.

    A job depends on no other, and what it yields can be pickled. What a job raises is raised.
    """
    copies = min(processes(), len(jobs)) - 1
    done = _shared(jobs, copies) if copies > 0 else {}
    return tuple(done[number] if number in done else job() for number, job in enumerate(jobs))


def processes() -> int:
    """How many processes may work: one for each core that this one may run on; one where it must not be copied."""
    if sys.platform != "linux":
        return 1
    try:
        threads = len(list(_THREADS.iterdir()))
    except OSError:
        return 1
    return min(MOST_PROCESSES, len(os.sched_getaffinity(0))) if threads == 1 else 1


def _shared(jobs: Sequence[Callable[[], T]], copies: int) -> dict[int, T]:
    """What was yielded, by the job's number; what a copy took and did not finish is missing."""
    tickets = _tickets(len(jobs))
    started: list[_Copy[T]] = []
    try:
        with suppress(OSError):  # no further process or pipe is to be had
            while len(started) < copies:
                started.append(_Copy(jobs, tickets))
        done = {number: jobs[number]() for number in chain((0,), _taken(tickets))}
        for copy in started:
            done |= copy.results()
    finally:
        os.close(tickets)
        for copy in started:
            copy.end()
    return done


def _tickets(jobs: int) -> int:
    """A pipe with the number of each job but the first: whoever takes a ticket does the job, and nobody else."""
    tickets, written = os.pipe()
    os.write(written, b"".join(number.to_bytes(_TICKET) for number in range(1, min(jobs, _MOST_TICKETS))))
    os.close(written)
    return tickets


def _taken(tickets: int) -> Iterator[int]:
    while ticket := os.read(tickets, _TICKET):
        yield int.from_bytes(ticket)


class _Copy(Generic[T]):
    """A copy of this process at work: it sends what it did when no ticket is left."""

    def __init__(self, jobs: Sequence[Callable[[], T]], tickets: int) -> None:
        self._sent, end = os.pipe()
        try:
            self._pid = os.fork()
            if self._pid == 0:
                _work(jobs, tickets, end)
        except OSError:
            os.close(self._sent)
            raise
        finally:
            os.close(end)

    def results(self) -> dict[int, T]:
        """What the copy did, by the job's number; nothing where it died before it had sent all."""
        try:
            with os.fdopen(self._sent, "rb", closefd=False) as sent:
                done: dict[int, T] = pickle.load(sent)  # noqa: S301 - written by this program's own copy
        except (EOFError, pickle.UnpicklingError):
            return {}
        return done

    def end(self) -> None:
        """Leaves nothing of the copy behind, whatever it was doing."""
        os.close(self._sent)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _work(jobs: Sequence[Callable[[], T]], tickets: int, end: int) -> NoReturn:
    """What a copy does: it never returns into the code that it was copied from, where what fails here is done again and told."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that it was copied from ends it
        gc.freeze()  # collecting what was there before would write to it, and so copy it
        first = os.getppid()
        done: dict[int, T] = {}
        for number in _taken(tickets):
            if os.getppid() != first:
                break
            with suppress(Exception):
                done[number] = jobs[number]()
        with os.fdopen(end, "wb") as sent:
            pickle.dump(done, sent, pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)
