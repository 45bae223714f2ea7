"""What code of users' handlers may not do: reach a network, start programs, write outside of the folders that are meant for it.

An audit hook of the interpreter (PEP 578) refuses it with an OSError, as a machine without a network or with a read-only disk
would. It stops what is done through Python's own functions: not code in C that opens files or sockets by itself, and not a
handler that sets out to get around it. It is a guard against accidents, and no sandbox for code that is not trusted.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn")
_REMOVALS = ("os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.truncate", "os.utime", "shutil.rmtree")
_MOVES = ("os.rename", "os.link", "os.symlink", "shutil.move")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ALLOWED_FILES = ("/dev/null", "/dev/tty", "/dev/stdout", "/dev/stderr", "/dev/shm/")  # noqa: S108


class Guard:
    """What is refused. `active` says whether anything is, at the moment; `folders` are where files may be written, None for
    anywhere; `programs` are the names of those that may be started; `refused` collects, in words, what was."""

    def __init__(
        self,
        active: Callable[[], bool] = lambda: True,
        *,
        folders: tuple[Path, ...] | None = None,
        programs: tuple[str, ...] = ("node",),
    ) -> None:
        self.active = active
        self.folders = None if folders is None else tuple(str(folder.resolve()) for folder in folders)
        self.programs = programs
        self.refused: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The audit hook."""
        refuse = _CHECKS.get(event)
        if refuse is not None and self.active():
            refuse(self, event, arguments)

    def refuse(self, what: str) -> None:
        """Raise, and remember."""
        if what not in self.refused:
            self.refused.append(what)
        raise PermissionError(f"a local run does not {what}")

    def may_write(self, path: Any) -> bool:
        """Whether a file may be written."""
        if self.folders is None or isinstance(path, int) or path is None:
            return True
        text = str(Path(os.fsdecode(path)).absolute()) if isinstance(path, str | bytes | os.PathLike) else ""
        return text.startswith(_ALLOWED_FILES) or any(
            text == folder or text.startswith(f"{folder}{os.sep}") for folder in self.folders
        )


def _connects(guard: Guard, event: str, arguments: tuple[Any, ...]) -> None:
    address = arguments[1] if len(arguments) > 1 else None
    if isinstance(address, tuple) and address and not _is_loopback(str(address[0])):
        guard.refuse(f"reach {address[0]} on the network")


def _looks_up(guard: Guard, event: str, arguments: tuple[Any, ...]) -> None:
    if arguments and arguments[0] not in (None, "", b"") and not (_is_loopback(_text(arguments[0])) or _is_address(arguments[0])):
        guard.refuse(f"look up {_text(arguments[0])} on the network")


def _starts(guard: Guard, event: str, arguments: tuple[Any, ...]) -> None:
    first = arguments[0] if arguments else ""
    first = first[0] if isinstance(first, list | tuple) and first else first
    if event == "os.system" or Path(_text(first)).name not in guard.programs:
        guard.refuse(f"start {_text(first)}")


def _forks(guard: Guard, event: str, arguments: tuple[Any, ...]) -> None:
    guard.refuse("fork")


def _opens(guard: Guard, event: str, arguments: tuple[Any, ...]) -> None:
    path, mode, flags = (*arguments, None, None, None)[:3]
    writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) else bool(isinstance(flags, int) and flags & _WRITES)
    if writes and not guard.may_write(path):
        guard.refuse(f"write {_text(path)}")


def _changes(guard: Guard, event: str, arguments: tuple[Any, ...]) -> None:
    if arguments and not guard.may_write(arguments[0]):
        guard.refuse(f"change {_text(arguments[0])}")


def _moves(guard: Guard, event: str, arguments: tuple[Any, ...]) -> None:
    for path in arguments[:2]:
        if not guard.may_write(path):
            guard.refuse(f"change {_text(path)}")


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, str | bytes | os.PathLike) else str(value)


def _is_address(host: Any) -> bool:
    """Whether there is nothing to look up: the connection is refused then."""
    try:
        ipaddress.ip_address(_text(host).partition("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


_CHECKS: dict[str, Callable[[Guard, str, tuple[Any, ...]], None]] = {
    "socket.connect": _connects,
    "socket.sendto": _connects,
    "socket.getaddrinfo": _looks_up,
    "socket.gethostbyname": _looks_up,
    "os.fork": _forks,
    "os.forkpty": _forks,
    "open": _opens,
    **dict.fromkeys(_PROGRAMS, _starts),
    **dict.fromkeys(_REMOVALS, _changes),
    **dict.fromkeys(_MOVES, _moves),
}


def install(guard: Guard) -> Guard:
    """Put a guard up; it stays for as long as the process lives."""
    sys.addaudithook(guard)
    return guard
