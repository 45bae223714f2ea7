"""What may cost money is said before it is asked, in numbers; listings cost nothing and say nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.scanners.account.conftest import REGION
from tests.scanners.account.faults import Faults
from untangle.cli import main
from untangle.scanners.account.scopes import announcement, live

NOW = datetime(2026, 5, 20, 15, 42, tzinfo=UTC)


def told(traces: timedelta | None = None, metrics: timedelta | None = None) -> list[str]:
    """What is said beside whose account it is and how many calls are made."""
    scopes = live(regions=[REGION, "us-east-1"], traces=traces, metrics=metrics, now=NOW)
    return announcement(scopes).splitlines()[2:]


def test_listings_are_free(faults: Faults) -> None:
    assert told() == []


def test_traces(faults: Faults) -> None:
    (line,) = told(traces=timedelta(hours=24))
    assert line.startswith("traces of 1d: 8 calls of X-Ray at least.") and "$0.50 a million" in line and "(2025)" in line


def test_metrics(faults: Faults) -> None:
    (line,) = told(metrics=timedelta(days=14))
    assert line.startswith("metrics of 14d: 4 of each function") and "$0.01 for 1,000" in line and "(2025)" in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--traces", "24h"], "add --account"),
        (["--metrics", "14d"], "add --account"),
        (["--account", "--traces", "soon"], "'soon' is no duration"),
        (["--account", "--metrics", "10m"], "too short: 1h at least"),
        (["--account", "--traces", "60d"], "AWS keeps traces for 30d"),
    ],
)
def test_what_is_asked_for_wrongly_ends_before_anything_is_read(arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(main, ["scan", *arguments])
    assert done.exit_code == 2 and words in done.stderr and "hint: " in done.stderr


def test_a_scan_says_so_and_its_recording_tells_the_numbers_again(faults: Faults, tmp_path: Path) -> None:
    at = ["--region", REGION, "--metrics", "14d", "--record", str(tmp_path / "r")]
    done = CliRunner().invoke(main, ["scan", "--account", *at])
    assert done.exit_code == 0, done.output
    lines = done.stderr.splitlines()
    assert any(line.startswith("metrics of 14d") for line in lines[:4])
    again = CliRunner().invoke(main, ["scan", str(tmp_path / "r"), "--format", "json"])
    assert again.exit_code == 0 and "metrics of" not in again.stderr
