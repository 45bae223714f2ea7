"""What is wrong in a definition, in the codes that AWS's own ValidateStateMachineDefinition uses where one exists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"
NO_END = "MISSING_END_STATE"
DUPLICATE_NAME = "DUPLICATE_STATE_NAME"
BAD_NAME = "INVALID_STATE_NAME"
RESOURCE = "INVALID_RESOURCE"
BAD_JSON = "INVALID_JSON_DESCRIPTION"
MISSING = "MISSING_DESCRIPTION"
TOO_DEEP = "TOO_DEEPLY_NESTED"
BAD_LABEL = "INVALID_LABEL_NAME"
DUPLICATE_LABEL = "DUPLICATE_LABEL_NAME"
# Warnings.
NO_DOLLAR = "NO_DOLLAR"
NO_PATH = "NO_PATH"
STATIC_RESULT = "PASS_RESULT_IS_STATIC"

_MANY, _LONGEST = 100, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing wrong. `pointer` is a JSON pointer into the definition, `hint` the right spelling where one is known.

    `misplaced` says that it is about the field itself, whatever its value is.
    """

    code: str
    message: str
    pointer: str = ""
    severity: str = "error"
    hint: str | None = None
    line: int | None = None
    misplaced: bool = False


def pointer(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def closest(word: object, known: Iterable[str]) -> str | None:
    """The known word that is spelled most like this one, where one is close enough to be meant."""
    by_case = {option.lower(): option for option in sorted(known)}
    wanted = str(word)[:_LONGEST].lower()
    if wanted in by_case:
        return by_case[wanted]
    options = list(by_case)
    if len(options) > _MANY:  # spelling is compared with few, so that thousands of unknown names stay quick
        options = [option for option in options if option[:2] == wanted[:2] and abs(len(option) - len(wanted)) < 3][:_MANY]
    found = get_close_matches(wanted, options, n=1, cutoff=0.75)
    return by_case[found[0]] if found else None
