"""Regular expressions of RE2, as Python's, where they cannot run away.

RE2 matches in linear time, Python's engine does not: a pattern with a repetition inside a repetition, or with many of them, is
not run.
"""

from __future__ import annotations

import re

from untangle.scanners.terraform.unknowns import TooMuch, Wrong

_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]")
_POSIX = {
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:blank:]": " \\t",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:punct:]": r"!-/:-@\[-`{-~",
    "[:space:]": r"\s",
    "[:upper:]": "A-Z",
    "[:word:]": r"\w",
    "[:xdigit:]": "0-9a-fA-F",
}
_OPEN_ENDED = re.compile(r"[*+]|\{\d*,\d*\}")
_MAX_PATTERN = 500
_MAX_REPETITIONS = 4


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern. Raises Wrong where it is none, TooMuch where matching it might not end."""
    for name, characters in _POSIX.items():
        pattern = pattern.replace(name, characters)
    pattern = pattern.replace(r"\z", r"\Z")
    bare = _CLASS.sub("c", re.sub(r"\\.", "e", pattern))
    if len(pattern) > _MAX_PATTERN or _runs_away(bare):
        raise TooMuch("a pattern is too involved to be matched")
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise Wrong(f"not a pattern: {error}") from error


def _runs_away(bare: str) -> bool:
    """Whether groups that repeat, or that leave a choice, are repeated without end; or too much repeats at all."""
    if len(_OPEN_ENDED.findall(bare)) > _MAX_REPETITIONS:
        return True
    open_groups: list[bool] = []
    at = 0
    while at < len(bare):
        character = bare[at]
        at += 1
        if character == "(":
            open_groups.append(False)
        elif character == ")" and open_groups:
            restless = open_groups.pop()
            if restless and _OPEN_ENDED.match(bare, at):
                return True
            if open_groups and restless:
                open_groups[-1] = True
        elif open_groups and (character in "*+|?{"):
            open_groups[-1] = open_groups[-1] or bare[at - 2 : at] != "(?"
    return False
