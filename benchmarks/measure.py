"""Measuring side by side: contenders run in turns within one run, each in a process of its own, and are compared by ratio.

A contender is a driver script (see `drivers/serve.py`) that loads its tool once and then does the same work each time it is told
to. The turns alternate, so that a busy machine disturbs all alike. The median of the turns counts; the first one (cold caches) is
told beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from peers import DEFAULT_FOLDER

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
DEFAULT_TREES = (REPOSITORY / "examples", REPOSITORY / "tests" / "apps")


@dataclass(frozen=True, slots=True)
class Contender:
    """A tool under measurement: the interpreter that runs its driver, the driver and what it is asked to do."""

    name: str
    python: Path
    driver: str
    task: dict[str, Any]


@dataclass(slots=True)
class Result:
    """What one contender took. `seconds` are wall-clock turns, `counts` what it found, `peak_mb` its memory's peak."""

    name: str
    seconds: list[float] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    peak_mb: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


class _Running:
    """A driver's process, loaded and waiting."""

    def __init__(self, contender: Contender) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONHASHSEED": "0",
            "DISABLE_IAM_POLICY_AUTOPILOT_TELEMETRY": "true",
            "CHECKOV_PARALLELIZATION_TYPE": "none",
        }
        command = [str(contender.python), str(HERE / "drivers" / contender.driver)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self._say(contender.task)
        self.result = Result(contender.name)
        self._hear()

    def turn(self) -> None:
        """One turn of the work."""
        self._say({})
        told = self._hear()
        self.result.seconds.append(told["seconds"])
        self.result.counts, self.result.details = told["counts"], told["details"]
        self.result.peak_mb = told["peak_mb"]

    def close(self) -> None:
        """Lets the process end."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=60)

    def _say(self, message: dict[str, Any]) -> None:
        pipe = self._pipe(self._process.stdin)
        pipe.write(json.dumps(message) + "\n")
        pipe.flush()

    def _hear(self) -> dict[str, Any]:
        line = self._pipe(self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended without an answer")
        answer: dict[str, Any] = json.loads(line)
        return answer

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        if pipe is None:
            raise RuntimeError("a driver is talked to by pipes")
        return pipe


def race(contenders: Sequence[Contender], rounds: int) -> list[Result]:
    """All contenders in turns, `rounds` times."""
    with ExitStack() as stack:
        running = []
        for contender in contenders:
            started = _Running(contender)
            stack.callback(started.close)
            running.append(started)
        for _ in range(rounds):
            for one in running:
                one.turn()
        return [one.result for one in running]


def untangle(name: str, driver: str, task: dict[str, Any]) -> Contender:
    """untangle itself as a contender, run by this interpreter."""
    return Contender(name, Path(sys.executable), driver, task)


def table(results: Sequence[Result], unit: str, amount: float) -> str:
    """A row per contender: time, rate, how many times the first row's time, memory, counts."""
    base = results[0].median
    rows = [("", "median s", "first s", f"{unit}/s", "ratio", "peak MB", "found")]
    for item in results:
        found = ", ".join(
            f"{key} {value:,}" if isinstance(value, int) else f"{key} {value}" for key, value in item.counts.items()
        )
        rate, ratio = f"{amount / item.median:,.4g}", f"{item.median / base:.1f}x"
        rows.append((item.name, f"{item.median:.3f}", f"{item.seconds[0]:.3f}", rate, ratio, f"{item.peak_mb:.0f}", found))
    return columns(rows)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text in columns, the first and last aligned left, the others right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    last = len(widths) - 1
    lines = []
    for row in rows:
        cells = (
            cell.ljust(width) if i in (0, last) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Where and when, how busy it was and how fast: what any reader of a figure must know."""
    model = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), platform.machine())
    return {
        "date": datetime.now(tz=UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "loop_s": round(_loop(), 3),
    }


def _loop() -> float:
    """Seconds of a fixed piece of Python, the best of three: tells how fast the machine is at this moment."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        table: dict[int, str] = {}
        for i in range(300_000):
            table[i & 1023] = str(i)
        best = min(best, time.perf_counter() - start)
    return best


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def arguments(doc: str | None, rounds: int = 5) -> argparse.ArgumentParser:
    """The options that all benchmarks share."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "trees", nargs="*", type=Path, default=list(DEFAULT_TREES), help="folders to read (default: examples, tests/apps)"
    )
    parser.add_argument("--rounds", type=int, default=rounds, help="turns of each tool (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument(
        "--environments", type=Path, default=DEFAULT_FOLDER, help="where peers are installed (default: %(default)s)"
    )
    return parser


def finish(path: Path | None, sections: dict[str, Any]) -> None:
    """Writes the figures where `--json` says."""
    if path is not None:
        plain = {
            key: [asdict(item) for item in value] if isinstance(value, list) and value and isinstance(value[0], Result) else value
            for key, value in sections.items()
        }
        path.write_text(json.dumps({"machine": machine(), **plain}, indent=1) + "\n")
