"""Virtual time: what would happen later is queued here, and time jumps from one thing to the next.

Nothing sleeps and nothing runs beside anything else: what is due first happens first, and of two things due at once the one that
was asked for first. So a run with the same seed is the same run, to the last event.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)  # when every simulation begins


@dataclass(slots=True)
class Due:
    """Something that will happen at `time` (seconds after `START`), unless it is cancelled."""

    time: float
    act: Callable[[], None] | None

    def cancel(self) -> None:
        """It will not happen."""
        self.act = None


@dataclass(slots=True)
class Clock:
    """`now` counts seconds after `START`."""

    now: float = 0.0
    _due: list[tuple[float, int, Due]] = field(default_factory=list)
    _count: int = 0

    def after(self, seconds: float, act: Callable[[], None]) -> Due:
        """Have something happen so many seconds from now (at once, but not before what is due already, for 0 and less)."""
        due = Due(self.now + max(0.0, seconds), act)
        self._count += 1
        heapq.heappush(self._due, (due.time, self._count, due))
        return due

    def run(self, *, until: float = float("inf"), most: int = 1_000_000) -> bool:
        """Let things happen until nothing is due before `until`; False where more than `most` things happened by then."""
        while self._due and self._due[0][0] <= until:
            if most <= 0:
                return False
            time, _, due = heapq.heappop(self._due)
            if due.act is None:
                continue
            self.now = max(self.now, time)
            most -= 1
            due.act()
        return True

    @property
    def waiting(self) -> bool:
        """Whether anything is still due."""
        return any(due.act is not None for _, _, due in self._due)

    @property
    def moment(self) -> datetime:
        """The time of day, in UTC."""
        return START + timedelta(seconds=self.now)

    @property
    def text(self) -> str:
        """The time of day as AWS writes it: `2026-01-01T00:00:00.000Z`."""
        return self.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
