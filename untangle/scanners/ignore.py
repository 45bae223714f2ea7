"""The patterns of one .gitignore, asked about what a walk meets.

git's own rule, which is made for walks: the last pattern that matches a path decides, and what is in an ignored folder
is never asked about. Source: gitignore(5) and git's wildmatch.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_WILD = frozenset("*?[\\")
_NEVER = "(?!)"
_FOLDERS = "(?:[^/]+/)*"
# A set of characters: a bracket that comes first is one of its members.
_SET = re.compile(r"\[([!^]?)((?:\]|\\.|[^\]\\])(?:\\.|[^\]\\])*)\]", re.DOTALL)
_SET_MEMBER = re.compile(r"\\?(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One line. `text` is matched against the name alone where it has no slash, else against the path from the file's folder."""

    regex: re.Pattern[str]
    text: str
    by_name: bool
    folders_only: bool
    negated: bool


class Ignore:
    """Patterns in .gitignore's syntax, asked about each path of a walk, a folder before what is in it."""

    def __init__(self, lines: Iterable[str]) -> None:
        patterns = [pattern for line in lines if (pattern := _pattern(line))]
        self._last_first = tuple(reversed(patterns))
        # Most paths match nothing: a set and two combined expressions tell so at once.
        self._names = frozenset(pattern.text for pattern in patterns if pattern.by_name and _WILD.isdisjoint(pattern.text))
        self._wild = _any(pattern for pattern in patterns if pattern.by_name and pattern.text not in self._names)
        self._paths = _any(pattern for pattern in patterns if not pattern.by_name)
        self._named = lru_cache(maxsize=4096)(self._matches_name)  # few names are met once

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether a path relative to the file's folder is ignored; None where no pattern says anything about it."""
        name = path.rpartition("/")[2]
        if not (self._named(name) or self._paths.match(path)):
            return None
        for pattern in self._last_first:
            if (is_folder or not pattern.folders_only) and pattern.regex.match(name if pattern.by_name else path):
                return not pattern.negated
        return None

    def _matches_name(self, name: str) -> bool:
        return name in self._names or self._wild.match(name) is not None


@lru_cache(maxsize=256)
def ignore(lines: tuple[str, ...]) -> Ignore:
    """The patterns of these lines; the same lines, which many folders share, are read once."""
    return Ignore(lines)


def _pattern(line: str) -> _Pattern | None:
    text = line.rstrip("\r\n")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[1:] if negated else text
    folders_only = text.endswith("/")
    text = text[:-1] if folders_only else text
    by_name = "/" not in text
    text = text.removeprefix("/")
    if not text:
        return None
    return _Pattern(_compiled(text), text, by_name, folders_only, negated)


def _any(patterns: Iterable[_Pattern]) -> re.Pattern[str]:
    return re.compile("|".join(pattern.regex.pattern for pattern in patterns) or _NEVER, re.DOTALL)


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    """A pattern as an expression that never goes back on a star but the last: a hostile pattern is no slower than another."""
    runs: list[list[str]] = [[]]  # what stands between the `**`, each part a pattern of one name
    for part in _parts(glob):
        if len(part) > 1 and not part.strip("*"):
            runs.append([])
        else:
            runs[-1].append(_name(part) + "/")
    texts = ["".join(run) for run in runs]
    texts[-1] = texts[-1].removesuffix("/") or ".+"
    written = _starred(texts, _FOLDERS)
    try:
        return re.compile(f"(?:{written})\\Z", re.DOTALL)
    except re.error:  # a range that runs backwards matches nothing
        return re.compile(_NEVER)


def _parts(glob: str) -> list[str]:
    """What stands between the slashes; one within the brackets of a set parts nothing."""
    parts, i = [""], 0
    while i < len(glob):
        found = _SET.match(glob, i) if glob[i] == "[" else None
        piece = found[0] if found else glob[i : i + 2] if glob[i] == "\\" else glob[i]
        if piece == "/":
            parts.append("")
        else:
            parts[-1] += piece
        i += len(piece)
    return parts


def _starred(pieces: list[str], star: str) -> str:
    """Pieces with a star between each two. The first place that fits a piece is as good as any later one, but for the last."""
    first, *more = pieces
    if not more:
        return first
    return first + "".join(f"(?>{star}?{piece})" for piece in more[:-1]) + star + more[-1]


def _name(part: str) -> str:
    """The expression for one part between slashes."""
    pieces, i = [""], 0
    while i < len(part):
        character = part[i]
        found = _SET.match(part, i) if character == "[" else None
        if found:
            members = "".join("-" if member[0] == "-" else re.escape(member[1]) for member in _SET_MEMBER.finditer(found[2]))
            pieces[-1] += f"(?!/)[{'^' if found[1] else ''}{members}]"
            i = found.end()
            continue
        if character == "\\" and i + 1 < len(part):
            i += 1
            pieces[-1] += re.escape(part[i])
        elif character == "[":
            return _NEVER  # a set that is never closed matches nothing
        elif character == "*":
            pieces.append("")
        else:
            pieces[-1] += "[^/]" if character == "?" else re.escape(character)
        i += 1
    return _starred(pieces, "[^/]*")
