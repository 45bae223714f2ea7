"""How far back: what people may say, what a recording remembers, and the parts in which it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from untangle.scanners.account.windows import parse, remembered, resumed, starting, told, turns, whole, written

NOW = datetime(2026, 5, 20, 15, 42, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "minutes"), [("90m", 90), ("24h", 1440), ("14d", 20160), ("2w", 20160), (" 1 H ", 60), ("36h", 2160)]
)
def test_durations(text: str, minutes: int) -> None:
    assert parse(text, "traces") == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("", "traces", "no duration"),
        ("14", "traces", "no duration"),
        ("1.5h", "traces", "no duration"),
        ("-3d", "traces", "no duration"),
        ("٣d", "traces", "no duration"),
        ("99999999999d", "traces", "no duration"),
        ("0m", "traces", "too short: 1m"),
        ("30m", "metrics", "too short: 1h"),
        ("31d", "traces", "AWS keeps traces for 30d"),
        ("456d", "metrics", "AWS keeps metrics for 455d"),
        ("999999w", "metrics", "too long"),
    ],
)
def test_what_is_no_duration_is_told_why(text: str, kind: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(text, kind)


@pytest.mark.parametrize("text", ["90m", "36h", "14d", "1h", "1d"])
def test_a_duration_is_told_as_it_was_said(text: str) -> None:
    assert told(parse(text, "metrics")) == {"1d": "1d"}.get(text, text)


def test_a_recording_remembers_its_windows() -> None:
    windows = starting(NOW, timedelta(hours=24), timedelta(days=14))
    assert windows.manifest() == {"traces": 86400, "metrics": 1209600, "until": "2026-05-20T15:42:00Z"}
    assert remembered(windows.manifest()) == windows
    assert windows.groups == {"traces", "metrics"}


def test_what_was_not_asked_for_leaves_no_trace() -> None:
    windows = starting(NOW, None, None)
    assert not windows and windows.manifest() == {} and remembered({}) is None


@pytest.mark.parametrize(
    "about",
    [
        {"traces": 86400},
        {"traces": 86400, "until": "yesterday"},
        {"traces": 86400, "until": "0001-01-01T00:00:00Z"},
        {"traces": True, "until": "2026-05-20T15:42:00Z"},
        {"traces": 10**12, "until": "2026-05-20T15:42:00Z"},
        {"metrics": "14d", "until": "2026-05-20T15:42:00Z"},
    ],
)
def test_a_manifest_that_makes_no_sense_remembers_nothing(about: dict[str, Any]) -> None:
    assert remembered(about) is None


class TestResume:
    def test_the_time_is_that_of_the_recording(self) -> None:
        earlier = starting(NOW, timedelta(hours=24), None)
        later = starting(NOW + timedelta(days=1), None, timedelta(days=14))
        both = resumed(later, earlier)
        assert (both.until, both.traces, both.metrics) == (earlier.until, earlier.traces, timedelta(days=14))

    def test_another_duration_is_refused(self) -> None:
        with pytest.raises(ValueError, match="made with --traces 1d, and cannot be gone on with 2d"):
            resumed(starting(NOW, timedelta(hours=48), None), starting(NOW, timedelta(hours=24), None))


def test_service_graphs_are_of_six_hours_at_most() -> None:
    parts = turns(NOW, timedelta(hours=14))
    assert [end - start for start, end in parts] == [timedelta(hours=6), timedelta(hours=6), timedelta(hours=2)]
    assert parts[0][0] == NOW - timedelta(hours=14) and parts[-1][1] == NOW
    assert all(one[1] == other[0] for one, other in pairwise(parts))


@pytest.mark.parametrize(
    ("span", "start", "period"),
    [
        pytest.param(timedelta(hours=24), "2026-05-19T15:00:00Z", 3600, id="by the hour"),
        pytest.param(timedelta(days=14), "2026-05-06T00:00:00Z", 86400, id="by the day, from a midnight on"),
    ],
)
def test_what_is_counted_starts_where_a_number_starts(span: timedelta, start: str, period: int) -> None:
    first, last, each = whole(NOW, span)
    assert (written(first), written(last), each) == (start, "2026-05-20T15:00:00Z", period)
