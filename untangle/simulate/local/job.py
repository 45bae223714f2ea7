"""One local run of a definition: what to run, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.services.mocks import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to run. `definition` has its placeholders filled, `others` are machines that it may start, by name, and `case` holds
    the mocks."""

    definition: Mapping[str, Any]
    input: Any = field(default_factory=dict)
    name: str = "run-1"
    machine: str = "Machine"
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    case: Case | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. `status` is RUNNING where it still waits for somebody who will not come. `events` are in the service's
    shape, `seconds` of virtual time passed, `notes` are for people, `unused` are mocked states that were never reached. `said`
    are the lines that handlers printed, each with its function."""

    machine: str
    name: str
    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    events: tuple[Mapping[str, Any], ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the execution succeeded."""
        return self.status == "SUCCEEDED"
