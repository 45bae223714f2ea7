"""Where compiled code comes from: a template names an artefact, and the sources lie somewhere around it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from untangle.scanners.code.language import Handler
from untangle.scanners.code.wording import words_of


def sources_of(asked: Handler, folder: str) -> tuple[str, ...]:
    """The folders above the local artefact that a template in `folder` names, nearest first; () where it names none."""
    code = asked.function.get("Code")
    if not isinstance(code, str) or "://" in code:
        return ()
    path = posixpath.normpath(posixpath.join(folder, code))
    return () if path.startswith(("..", "/")) else tuple(upwards(posixpath.dirname(path)))


def folders_of(asked: Handler, folder: str) -> tuple[str, ...]:
    """The folders of the code itself; the root is one only for a template that lies there."""
    return tuple(root for root in asked.folders if root or not folder)


def upwards(folder: str) -> Iterator[str]:
    """A folder and those around it, up to the root ("")."""
    while folder and folder != ".":
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def inside(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, at any depth, or is it."""
    return not folder or path == folder or path.startswith(folder + "/")


def best_worded(paths: list[str], asked: Handler, part: Callable[[str], str] = str) -> tuple[int, list[str]]:
    """The paths that share most words with the function's names and artefact, and how many; `part` of a path may count alone."""
    scored = [(len(asked.words & words_of(part(path))), path) for path in paths]
    most = max((score for score, _ in scored), default=0)
    return most, sorted(path for score, path in scored if score == most)


def in_common(one: str, other: str) -> int:
    """How many leading folders two paths have in common."""
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count


def listed(paths: list[str], most: int = 6) -> str:
    """Some paths for a message, the rest counted."""
    return ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")
