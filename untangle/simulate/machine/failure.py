"""How a state fails: with an error that Retry and Catch may handle, or with one that ends the execution whatever they say."""

from __future__ import annotations

import json
from typing import Any

LIMIT = 262_144  # bytes of UTF-8 that a state's input, output or result may have (Step Functions guide, "Quotas")


class StateFailure(Exception):
    """An error of a state: its name and its cause (either may be absent, as a Fail state leaves them out)."""

    def __init__(self, error: str | None, cause: str | None = None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause

    @property
    def output(self) -> dict[str, Any]:
        """The error output that catchers hand on: null for what was not said."""
        return {"Error": self.error, "Cause": self.cause}


class Invalid(Exception):
    """What a state was given cannot be processed: `States.Runtime`, with the words that follow the service's introduction.

    `query` makes it `States.QueryEvaluationError`, as JSONata states report it; `intrinsic`, that an intrinsic function failed.
    """

    def __init__(self, message: str, *, error: str = "States.Runtime") -> None:
        super().__init__(message)
        self.message = message
        self.error = error


class Undefined(Exception):
    """A path names nothing. `message` is how the JSONPath library of the service words it."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def text_of(value: Any) -> str:
    """A value as JSON, as the service writes it: without spaces, characters as they are."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def exceeds(text: str) -> bool:
    """Whether JSON is longer than a state may hand on."""
    size = len(text)
    return size > LIMIT or (size * 4 > LIMIT and len(text.encode("utf-8", "surrogatepass")) > LIMIT)


def too_large(what: str) -> StateFailure:
    """The error of a result that is too large; `what` is the state's name or the resource type of its task."""
    message = f"The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service limit."
    return StateFailure("States.DataLimitExceeded", message)
