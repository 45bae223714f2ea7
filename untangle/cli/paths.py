"""What the paths of a command are: recordings of accounts, folders that hold nothing else, and at most one source tree."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from untangle.errors import InputError, UsageError

DEPTH = 3  # of folders that hold recordings: <organization>/<account>/<region>.zip
_ACCOUNTS = "[0-9]" * 12 + "/*/*.jsonl"  # what a recording holds beside its manifest
_BESIDE = ".accounts.json"  # the map of a recording's account ids


class Sorted(NamedTuple):
    """Recordings, in the order in which they were named, and the source tree, if any."""

    recordings: tuple[Path, ...]
    tree: Path | None


def sort_out(paths: Iterable[Path]) -> Sorted:
    """Tells recordings and source trees apart; raises UsageError where there are two trees."""
    recordings: dict[Path, Path] = {}
    trees: dict[Path, Path] = {}
    for path in paths:
        held = recordings_in(path)
        for each in held:
            recordings.setdefault(each.resolve(), each)
        if not held:
            trees.setdefault(path.resolve(), path)
    if len(trees) > 1:
        first, second, *_ = trees.values()
        raise UsageError(
            f"{first} and {second} are two source trees; one is read at a time, with any number of recordings",
            hint="name the folder that holds both, or scan them one after the other",
        )
    return Sorted(tuple(recordings.values()), next(iter(trees.values()), None))


def recordings_in(path: Path, depth: int = DEPTH) -> tuple[Path, ...]:
    """The path itself where it is a recording, or what it holds where that is nothing but recordings; else none."""
    if _is_recording(path):
        return (path,)
    if not depth or not path.is_dir():
        return ()
    try:
        entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
    except OSError:
        return ()
    entries = [entry for entry in entries if not entry.name.endswith(_BESIDE)]
    if any(entry.suffix != ".zip" and not entry.is_dir() for entry in entries):
        return ()
    found: list[Path] = []
    for entry in entries:
        held = recordings_in(entry, depth - 1)
        if not held:
            return ()
        found.extend(held)
    return tuple(found)


def _is_recording(path: Path) -> bool:
    """Whether the path is a recording; what cannot be one is not looked into. Raises InputError for one that is spoiled."""
    if not (path.suffix == ".zip" or (path / "manifest.json").is_file() or any(path.glob(_ACCOUNTS))):
        return False
    from untangle.scanners.account.recording import is_recording, why_not

    if not is_recording(path) and path.exists() and (why := why_not(path)):
        raise InputError(f"no recording: {why}", where=str(path), hint="record it again: --account --record DIR")
    return is_recording(path)
