"""Task tokens: who waits for which, and what reaches them (SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat).

Errors are those of the API reference: TaskTimedOut for a token that nobody waits for any more, InvalidToken for one that was
never given, InvalidOutput for an output that is not JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.call import ApiError
from untangle.simulate.machine.task import Reply, TaskFailure


@dataclass(slots=True)
class Tokens:
    """The tokens that were given out, each with the reply that it leads to."""

    given: dict[str, Reply] = field(default_factory=dict)

    def open(self, token: str, done: Reply) -> None:
        """Somebody waits for this token from now on."""
        self.given[token] = done

    def waiting(self, token: str) -> bool:
        """Whether somebody still waits for it."""
        return token in self.given and self.given[token].open

    def succeed(self, token: str, output: str) -> None:
        """The work is done, and `output` is what it gives, as JSON text."""
        done = self._of(token)
        try:
            value = json.loads(output)
        except (TypeError, ValueError, RecursionError):
            raise ApiError("InvalidOutput", "Invalid Output: 'output' is not JSON", service="stepfunctions") from None
        done(value)

    def fail(self, token: str, error: str | None, cause: str | None) -> None:
        """The work failed; the state's error is without a name or a cause where none is said."""
        self._of(token)(TaskFailure(error=error, cause=cause))

    def beat(self, token: str) -> None:
        """The work goes on."""
        self._of(token).heartbeat()

    def _of(self, token: Any) -> Reply:
        if token not in self.given:
            raise ApiError("InvalidToken", "Invalid Token: 'Invalid token'", service="stepfunctions")
        done = self.given[token]
        if not done.open:
            message = f"Task Timed Out: 'Provided task does not exist anymore', token '{token}'"
            raise ApiError("TaskTimedOut", message, service="stepfunctions")
        return done
