"""Everything untangle raises on purpose, each kind with its exit code, place and hint.

What a *user's file* has wrong is not an exception: it is a `Finding` or a `Gap` in the result, so
that one bad file never stops the rest. These exceptions are for jobs that cannot be done at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line; the table in the README is made from these."""

    DONE = 0
    FINDINGS = 1
    CANNOT = 2
    NOTHING = 3


class UntangleError(Exception):
    """A job that cannot be done, with what to do about it."""

    exit_code = ExitCode.CANNOT

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{place}{self.message}{hint}"


class UsageError(UntangleError):
    """The command was asked for something that does not exist or does not fit together."""


class ConfigError(UntangleError):
    """`untangle.toml` or `[tool.untangle]` holds something that cannot be used."""


class InputError(UntangleError):
    """A file that the user named cannot be read or is not what it must be."""


class NothingToScan(UntangleError):
    """No template, definition or recording was found where the user pointed."""

    exit_code = ExitCode.NOTHING


class AwsError(UntangleError):
    """The credentials for an account are missing, expired or refused."""


class DeliveryError(UntangleError):
    """git or the forge refused, or the user's checkout is in a state that must not be touched."""


def nearest(wanted: str, known: Iterable[str]) -> str:
    """A hint for a name that does not exist: what may have been meant, else what there is (the first eight)."""
    from difflib import get_close_matches

    names = sorted(set(known))
    close = get_close_matches(wanted, names, n=1, cutoff=0.8) or get_close_matches(wanted, names, n=3, cutoff=0.4)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"there is {', '.join(names[:8])}{', …' if len(names) > 8 else ''}" if names else "there is none"
