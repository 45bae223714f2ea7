"""Jobs beside each other yield what they yield one after the other, whatever becomes of the copies."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from untangle.scanners import beside as module
from untangle.scanners.beside import beside, processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux alone")
HERE = os.getpid()


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three processes, however many cores this machine has."""
    monkeypatch.setattr(module, "processes", lambda: 3)


def meeting(folder: Path, number: int, parties: int = 3) -> tuple[int, int]:
    """A job that ends when `parties` processes have each begun one: its number, and who did it."""
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < parties:
        os.sched_yield()
    return number, os.getpid()


def elsewhere(what: Callable[[], object]) -> str:
    """A job that goes wrong in a copy and well in this process."""
    if os.getpid() != HERE:
        what()
    return "done"


def test_every_process_works_and_the_results_are_in_the_order_of_the_jobs(tmp_path: Path) -> None:
    found = beside([partial(meeting, tmp_path, number) for number in range(40)])
    assert [number for number, _ in found] == list(range(40))
    assert len({who for _, who in found}) == 3
    assert found[0][1] == HERE


@pytest.mark.parametrize("jobs", [0, 1, 2, 7, 2500])
def test_any_number_of_jobs(jobs: int) -> None:
    assert beside([partial(pow, number, 2) for number in range(jobs)]) == tuple(number**2 for number in range(jobs))


@pytest.mark.parametrize(
    "fate",
    [
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        lambda: os._exit(0),
        lambda: sys.exit(3),
        lambda: 1 / 0,
        lambda: signal.raise_signal(signal.SIGTERM),
    ],
    ids=["killed", "gone without a word", "exit", "error", "terminated"],
)
def test_what_a_copy_leaves_undone_is_done_here(fate: Callable[[], object]) -> None:
    assert beside([partial(elsewhere, fate)] * 30) == ("done",) * 30


def test_what_cannot_be_sent_is_done_here() -> None:
    found = beside([lambda: lambda: os.getpid()] * 5)
    assert [item() for item in found] == [HERE] * 5


def test_a_copy_that_dies_while_it_sends_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(done: object, file: object, protocol: int) -> None:
        file.write(b"\x80\x05\x95\xff\x00")  # type: ignore[attr-defined]

    monkeypatch.setattr(module.pickle, "dump", half)
    assert beside([partial(elsewhere, int)] * 9) == ("done",) * 9


def test_an_error_is_raised_here_and_no_copy_is_left() -> None:
    with pytest.raises(ZeroDivisionError):
        beside([lambda: 1 // 0] * 9)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_an_interrupt_ends_the_copies_without_a_word(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        meeting(tmp_path, 0, parties=2)  # a copy is at work
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        beside([interrupted, partial(meeting, tmp_path, 1, parties=99)])
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert capfd.readouterr() == ("", "")


def test_no_copy_where_none_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError("no further process is allowed")

    monkeypatch.setattr(os, "fork", refused)
    assert set(beside([os.getpid] * 9)) == {HERE}


def test_no_copy_while_another_thread_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert processes() == 1
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize(("cores", "expected"), [(1, 1), (2, 2), (64, module.MOST_PROCESSES)])
def test_a_process_for_each_core_but_no_more_than_memory_is_worth(
    cores: int, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1").touch()  # one thread; the tests' own process may have more
    monkeypatch.setattr(module, "_THREADS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert processes() == expected
