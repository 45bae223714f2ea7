"""Regular expressions of RE2, as Python's, where they cannot run away.

RE2 matches in linear time, Python's engine does not: a pattern with a repetition inside a repetition, or with too many of them
for the text, is not run.
"""

from __future__ import annotations

import re

from untangle.scanners.terraform.unknowns import Wrong

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
_REPEATED = re.compile(r"[*+{]")
_MAX_PATTERN = 500
_MAX_WORK = 1e8


class TooInvolved(Exception):
    """A pattern that Python's engine might take for ever to match."""


def compiled(pattern: str, subject: str) -> re.Pattern[str]:
    """The pattern. Raises Wrong where it is none, TooInvolved where matching the subject might not end."""
    for name, characters in _POSIX.items():
        pattern = pattern.replace(name, characters)
    pattern = pattern.replace(r"\z", r"\Z")
    bare = _CLASS.sub("c", re.sub(r"\\.", "e", pattern))
    work = float(len(subject)) ** (1 + len(_REPEATED.findall(bare)))
    if len(pattern) > _MAX_PATTERN or work > _MAX_WORK or _runs_away(bare):
        raise TooInvolved
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise Wrong(f"not a pattern: {error}") from error


def _runs_away(bare: str) -> bool:
    """Whether a group in which something repeats, or that leaves a choice, is repeated itself."""
    open_groups: list[bool] = []
    at = 0
    while at < len(bare):
        character = bare[at]
        at += 1
        if character == "(":
            open_groups.append(False)
        elif character == ")" and open_groups:
            restless = open_groups.pop()
            if restless and _REPEATED.match(bare, at):
                return True
            if open_groups and restless:
                open_groups[-1] = True
        elif open_groups and (character in "*+|?{"):
            open_groups[-1] = open_groups[-1] or bare[at - 2 : at] != "(?"
    return False
