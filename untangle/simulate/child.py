"""The process in which everything with users' handlers runs: a clean environment, no credentials, no network, files of its own.

The parent starts an interpreter (its own, or the one that has the handlers' dependencies) with an environment built from nothing,
in a temporary folder, and sends the job as a pickle on its standard input; what comes back, progress and the result, is JSON, one
document a line, so nothing that a handler makes is ever unpickled here. The process and what it started are ended when it takes
too long, and end themselves when the parent is gone, however that ended: its end of the standard input, which it keeps open, is
closed then. What the guard in it does not prevent says `guard`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from untangle.errors import UntangleError

Tell: TypeAlias = Callable[[str], None]
# What a child can do, by name: `module:function`, which takes the job and whom to tell of progress, and gives plain JSON.
TASKS: Mapping[str, str] = {
    "chain": "untangle.simulate.local.chain:chain_job",
    "choreography": "untangle.simulate.choreography:play_job",
    "run": "untangle.simulate.local:run_job",
    "verify": "untangle.simulate.verify.prove:prove_job",
}
LONGEST = 600.0  # real seconds for a job
_INHERITED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_BOOT = "import sys; sys.path.extend({path!r}); from untangle.simulate.child import main; main({task!r}, {folder!r})"
_LENGTH = struct.Struct(">Q")  # of a job, before it
_SHOWN = 12  # lines of what a child that failed has said last


class ChildFailed(UntangleError):
    """The child process could not do its job."""


def _silent(text: str) -> None:
    """Nobody is told of progress."""


def run_in_child(
    task: str,
    job: Any,
    *,
    python: str | None = None,
    seconds: float = LONGEST,
    tell: Tell = _silent,
    folders: tuple[Path, ...] = (),
) -> Any:
    """What the task `task` (see `TASKS`) gives for a job, as plain JSON.

    `python` is another interpreter that has the handlers' dependencies; ours are behind its own. `tell` hears of progress.
    `folders` may be written to beside the temporary one. Raises `ChildFailed`, or the error that the task raised.
    """
    with tempfile.TemporaryDirectory(prefix="untangle-", ignore_cleanup_errors=True) as folder:
        child = _start(task, folder, python or sys.executable, folders)
        return _result(child, pickle.dumps(job), seconds, tell)


def _start(task: str, folder: str, python: str, folders: tuple[Path, ...] = ()) -> subprocess.Popen[bytes]:
    """The process, in a session of its own: it is ended with all that it started."""
    boot = _BOOT.format(path=_our_path(), task=task, folder=[folder, *(str(item.resolve()) for item in folders)])
    try:
        return subprocess.Popen(  # noqa: S603
            [python, "-s", "-B", "-c", boot],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(folder),
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        raise ChildFailed(f"{python} cannot be started: {error.strerror or error}") from None


def _our_path() -> list[str]:
    package = str(Path(__file__).resolve().parent.parent.parent)
    return list(dict.fromkeys([package, *(item for item in sys.path if item)]))


def _environment(folder: str) -> dict[str, str]:
    """The environment of a child, from nothing: no variable of the user's gets there."""
    from untangle.simulate.backend import DUMMY

    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {
        **kept,
        **DUMMY,
        **nowhere,
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "ignore",
        "TZ": "UTC",
    }


def _result(child: subprocess.Popen[bytes], job: bytes, seconds: float, tell: Tell) -> Any:
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(child)

    said: list[bytes] = []
    timer = threading.Timer(seconds, end)
    heard = threading.Thread(target=lambda: said.extend(child.stderr or ()), daemon=True)
    fed = threading.Thread(target=_feed, args=(child, job), daemon=True)
    for one in (timer, heard, fed):
        one.start()
    result: Mapping[str, Any] | None = None
    try:
        for line in child.stdout or ():
            told = _told(line)
            if "progress" in told:
                tell(str(told["progress"]))
            elif told:
                result = told
        child.wait()
    finally:
        timer.cancel()
        _kill(child)
        heard.join(1)
        fed.join(1)
        with contextlib.suppress(OSError):
            if child.stdin is not None:
                child.stdin.close()
    if result is None:
        raise _failed(child.returncode, said, seconds if late.is_set() else None)
    if "error" in result:
        error = result["error"]
        raise ChildFailed(str(error.get("message")), where=error.get("where"), hint=error.get("hint"))
    return result.get("result")


def _feed(child: subprocess.Popen[bytes], job: bytes) -> None:
    """Hands the job over: its length first, as the pipe stays open for as long as this process lives."""
    with contextlib.suppress(OSError, ValueError):
        if child.stdin is not None:
            child.stdin.write(_LENGTH.pack(len(job)) + job)
            child.stdin.flush()


def _kill(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    child.wait()


def _told(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _failed(code: int, said: list[bytes], late: float | None) -> ChildFailed:
    if late is not None:
        return ChildFailed(
            f"the handlers ran for more than {late:g} seconds, and were ended", hint="give them more with a longer limit"
        )
    lines = b"".join(said).decode(errors="replace").strip().splitlines()[-_SHOWN:]
    return ChildFailed(f"the process that runs the handlers ended with {code}: " + "\n  ".join(lines or ["it said nothing"]))


# in the child


def main(task: str, folders: list[str]) -> None:
    """Does one job: reads it from the standard input, writes progress and the result to the standard output."""
    (length,) = _LENGTH.unpack(sys.stdin.buffer.read(_LENGTH.size))
    job = sys.stdin.buffer.read(length)
    threading.Thread(target=_end_with_parent, args=(os.dup(0), folders[0]), daemon=True).start()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # what handlers print past our hands is no result

    def write(told: Mapping[str, Any]) -> None:
        out.write(json.dumps(told) + "\n")
        out.flush()

    try:
        module, _, function = TASKS[task].partition(":")
        act = getattr(importlib.import_module(module), function)
        _close_up(folders)
        write({"result": act(pickle.loads(job), lambda text: write({"progress": text}))})  # noqa: S301 — our own parent's
    except UntangleError as error:
        write({"error": {"message": error.message, "where": error.where, "hint": error.hint}})
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(70)
    os._exit(0)  # threads that a handler left behind do not hold it


def _end_with_parent(held: int, folder: str) -> None:
    """Ends this process, with what it started and its files, once the parent no longer holds its end of a pipe."""
    os.read(held, 1)
    shutil.rmtree(folder, ignore_errors=True)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _close_up(folders: list[str]) -> None:
    """From here on the guard is up."""
    import botocore.session  # noqa: F401 — what it needs is loaded before

    from untangle.simulate import guard

    guard.install(guard.Guard(folders=tuple(Path(folder) for folder in folders)))
