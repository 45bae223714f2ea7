"""A whole tree: cold wall time and memory of `untangle scan`, stage by stage on request.

    python benchmarks/whole.py TREE [TREE ...] [--rounds 3] [--profile] [--json FILE]

Each round starts a new interpreter, as a user's command does, and prints the scan as JSON into a temporary file. Files per second
are those of the tree that may be read, not those that turn out to be templates or handlers. The memory is that of all of a scan's
processes together, what they share counted once, sampled in one more scan, not timed. `--profile` adds the seconds of each
stage (unprofiled, in one further process) and the functions in which the time goes, all stages in one process.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import HERE, REPOSITORY, arguments, columns, finish, machine
from peers import DEFAULT_FOLDER

_SCAN = "from untangle.cli import main; main()"


@dataclass(slots=True)
class Cold:
    """What the cold scans of one tree took."""

    tree: str
    files: int
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    found: dict[str, int] = field(default_factory=dict)

    def row(self) -> tuple[str, ...]:
        """The measurement as a row of the table."""
        median = statistics.median(self.seconds)
        found = ", ".join(f"{key} {self.found[key]:,}" for key in ("sources", "functions", "channels", "hops", "gaps"))
        seconds = (f"{median:.2f}", f"{min(self.seconds):.2f}", f"{statistics.median(self.cpu):.2f}")
        return self.tree, f"{self.files:,}", *seconds, f"{self.files / median:,.0f}", f"{self.peak_mb:.0f}", found


def cold(tree: Path, rounds: int) -> Cold:
    """`rounds` scans of a tree, each in a new process."""
    measured = Cold(
        str(tree), int(_python("from untangle.scanners.tree import Tree; print(len(Tree(Path(sys.argv[1])).files))", tree))
    )
    subprocess.run(
        [sys.executable, "-c", _SCAN, "scan", str(REPOSITORY / "examples")], capture_output=True, env=_environment(), check=True
    )
    for _ in range(rounds):
        with tempfile.TemporaryFile() as out:
            start = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-c", _SCAN, "scan", str(tree), "--format", "json"], stdout=out, env=_environment()
            )
            _, status, usage = os.wait4(process.pid, 0)
            measured.seconds.append(time.perf_counter() - start)
            process.returncode = os.waitstatus_to_exitcode(status)
            measured.cpu.append(usage.ru_utime + usage.ru_stime)
            out.seek(0)
            document = json.load(out)
        measured.found = {key: len(value) for key, value in document.items() if isinstance(value, list)}
    measured.peak_mb = peak(tree)
    return measured


def peak(tree: Path) -> float:
    """The most megabytes that the processes of one scan hold together (Linux)."""
    command = [sys.executable, "-c", _SCAN, "scan", str(tree), "--format", "json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_environment())
    most = 0
    while process.poll() is None:
        most = max(most, _held(process.pid))
        time.sleep(0.02)
    return most / 1024


def _held(process: int) -> int:
    """The kilobytes of a process and of those that it started; a page that several share counts once."""
    folder = Path("/proc", str(process))
    try:
        rollup = (folder / "smaps_rollup").read_text()
        started = (folder / "task" / str(process) / "children").read_text().split()
    except OSError:  # it has ended
        return 0
    own = next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return own + sum(_held(int(child)) for child in started)


def profile(tree: Path) -> str:
    """Seconds per stage, and the functions that take most."""
    done = subprocess.run(
        [sys.executable, str(HERE / "drivers" / "untangle_stages.py"), str(tree)],
        check=True,
        capture_output=True,
        text=True,
        env=_environment(),
    )
    return done.stdout


def _python(code: str, tree: Path) -> str:
    command = [sys.executable, "-c", f"import sys; from pathlib import Path; {code}", str(tree)]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=_environment()).stdout


def _environment() -> dict[str, str]:
    """Bytecode is kept in a folder of its own, as an installed package has it; nothing else is kept between rounds."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONPYCACHEPREFIX": str(DEFAULT_FOLDER / "bytecode")}


def main() -> None:
    parser = arguments(__doc__, rounds=3)
    parser.add_argument("--profile", action="store_true", help="tell where the time goes")
    given = parser.parse_args()
    print(machine())
    measured = [cold(tree, given.rounds) for tree in given.trees]
    rows = [("tree", "files", "median s", "best s", "cpu s", "files/s", "peak MB", "found"), *(item.row() for item in measured)]
    print(columns(rows))
    if given.profile:
        for tree in given.trees:
            print(f"\n{tree}\n{profile(tree)}")
    figures: list[dict[str, Any]] = [
        {
            "tree": item.tree,
            "files": item.files,
            "seconds": item.seconds,
            "cpu": item.cpu,
            "peak_mb": item.peak_mb,
            "found": item.found,
        }
        for item in measured
    ]
    finish(given.json, {"whole": figures})


if __name__ == "__main__":
    main()
