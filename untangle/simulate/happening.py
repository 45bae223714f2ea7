"""What happens in a simulated world, in order: the one log that stories are told from and that both sides are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened, `time` seconds after the start.

    `kind` is "invoke" (of the function `who`, with `event`), "answer" or "error" of that invocation, "call" (of an API by `who`:
    `service`, `operation`, `params`, `response`), "deliver" (a message from the channel `who` to `to`), "park" (in the channel
    `who`), "drop", "start" and "end" (of an execution of the machine `who`), or "fault" (one that was planted). `detail` holds
    what is named here, as plain JSON.
    """

    time: float
    kind: str
    who: str
    detail: Mapping[str, Any] = field(default_factory=dict)
