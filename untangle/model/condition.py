"""The conditions under which parts of a source are there, in its own words, and those that are known not to hold.

A condition is text. One that is known to be false is a `SwitchedOff` text: what it keeps out is shown, since whoever wrote it
may switch it on, and never planned, since it is not there.
"""

from __future__ import annotations


class SwitchedOff(str):
    """The words of a condition that is known not to hold: a `count` of 0, a condition that the given parameters decide."""

    __slots__ = ()


def is_off(condition: str | None) -> bool:
    """Whether a condition is known not to hold."""
    return isinstance(condition, SwitchedOff)


def both(*conditions: str | None) -> str | None:
    """The conditions under which all hold, in the source's words; one that is known not to hold switches all of it off."""
    text = " and ".join(dict.fromkeys(item for item in conditions if item))
    return off(text) if any(is_off(item) for item in conditions) else text or None


def nearer(chosen: str | None, own: str | None) -> str | None:
    """The condition of what a choice names: the choice's words, unless what is named is itself known not to be there."""
    return own if is_off(own) and not is_off(chosen) else chosen or own


def off(text: str) -> SwitchedOff:
    """The words of a condition that is known not to hold."""
    return SwitchedOff(text)
