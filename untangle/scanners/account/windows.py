"""How far back a scan looks: what the user says, what a recording remembers, and when each question starts and ends.

The end is fixed once, when the scan starts, and stands in the manifest of the recording: a replay, and a scan that goes on with a
recording, ask the same questions to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

TRACES, METRICS = "traces", "metrics"
KEPT = {TRACES: timedelta(days=30), METRICS: timedelta(days=455)}  # X-Ray keeps traces, CloudWatch hourly numbers for so long
BY_DAY = timedelta(days=3)  # from here on, numbers are asked for by the day: fewer of them, and over whole days
_TURN = timedelta(hours=6)  # of one service graph
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How far back traces and metrics are looked at, from `until` on; None for what is not asked for."""

    until: datetime
    traces: timedelta | None = None
    metrics: timedelta | None = None

    def __bool__(self) -> bool:
        return bool(self.traces or self.metrics)

    @property
    def groups(self) -> frozenset[str]:
        """The groups of operations that this takes."""
        return frozenset(name for name in KEPT if getattr(self, name))

    def manifest(self) -> dict[str, Any]:
        """What a recording remembers; nothing where nothing is asked for."""
        said = {name: int(span.total_seconds()) for name in KEPT if (span := getattr(self, name))}
        return {**said, "until": written(self.until)} if said else {}


def parse(text: str, kind: str) -> timedelta:
    """`90m`, `24h`, `14d`, `2w` as a duration; raises ValueError, with the reason, for all else and what AWS no longer keeps."""
    match = re.fullmatch(r"\s*(\d{1,6})\s*([mhdw])\s*", text.lower(), re.ASCII)
    if match is None:
        raise ValueError(f"{text!r} is no duration: a number and m, h, d or w, such as 90m, 24h or 14d")
    span = timedelta(**{_UNITS[match[2]]: int(match[1])})
    least = timedelta(hours=1) if kind == METRICS else timedelta(minutes=1)
    if span < least:
        raise ValueError(f"{text!r} is too short: {told(least)} at least")
    if span > KEPT[kind]:
        raise ValueError(f"{text!r} is too long: AWS keeps {kind} for {told(KEPT[kind])}")
    return span


def told(span: timedelta) -> str:
    """A duration as it would be written: `14d`, `36h`, `90m`."""
    minutes = int(span.total_seconds() // 60)
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def starting(now: datetime, traces: timedelta | None, metrics: timedelta | None) -> Windows:
    """The windows of a scan that starts now."""
    return Windows(until=now.astimezone(UTC).replace(second=0, microsecond=0), traces=traces, metrics=metrics)


def remembered(about: Mapping[str, Any]) -> Windows | None:
    """What a recording remembers of one account; None where nothing was asked for, or it makes no sense."""
    spans = {name: span for name in KEPT if (span := _span(about.get(name), KEPT[name])) is not None}
    try:
        until = datetime.strptime(str(about.get("until")), _FORMAT).replace(tzinfo=UTC)
        until - 2 * max(KEPT.values())
    except (ValueError, OverflowError):
        return None
    return Windows(until=until, traces=spans.get(TRACES), metrics=spans.get(METRICS)) if spans else None


def _span(seconds: object, most: timedelta) -> timedelta | None:
    number = isinstance(seconds, int) and not isinstance(seconds, bool)
    return timedelta(seconds=seconds) if number and 60 <= seconds <= most.total_seconds() else None  # type: ignore[operator,arg-type]


def resumed(asked: Windows, earlier: Windows | None) -> Windows:
    """The windows of a scan that goes on with a recording: that one's, and what is asked for beside them."""
    if earlier is None:
        return asked
    for name in KEPT:
        one, other = getattr(asked, name), getattr(earlier, name)
        if one and other and one != other:
            raise ValueError(f"the recording was made with --{name} {told(other)}, and cannot be gone on with {told(one)}")
    return Windows(until=earlier.until, traces=earlier.traces or asked.traces, metrics=earlier.metrics or asked.metrics)


def turns(until: datetime, span: timedelta) -> tuple[tuple[datetime, datetime], ...]:
    """A window in parts, the oldest first, each as long as one service graph may be."""
    start, found = until - span, []
    while start < until:
        end = min(start + _TURN, until)
        found.append((start, end))
        start = end
    return tuple(found)


def whole(until: datetime, span: timedelta) -> tuple[datetime, datetime, int]:
    """Start and end of what is counted, and the seconds of one number: by the hour, or from a midnight on by the day."""
    end = until.replace(minute=0, second=0, microsecond=0)
    start = end - span
    if span < BY_DAY:
        return start.replace(minute=0), end, 3600
    return start.replace(hour=0, minute=0), end, 86400


def written(moment: datetime) -> str:
    """A moment as requests and recordings write it."""
    return moment.strftime(_FORMAT)
