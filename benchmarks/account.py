"""A live account: `untangle scan --account` beside the same calls in a bare loop, under a throttle, and replayed.

    python benchmarks/account.py [--size 2000] [--rounds 2] [--threads 4] [--throttled] [--endpoint URL] [--json FILE]

The account is moto's server on this machine (`pip install 'moto[server]'`), filled with `--size` functions and what joins them
(see `drivers/moto_seed.py`); `--endpoint` takes one that is filled already. A first scan records the account, which gives the
list of calls. Then the loop and the scan take turns: the scan's seconds are those of its process, with start, linking and output.
`--throttled` adds a scan with AWS's limits kept while GetPolicy is let through 15 times a second, as AWS lets it.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from measure import HERE, REPOSITORY, columns, finish, machine

REGION = "eu-west-1"
_SCAN = "from untangle.cli import main; main()"
# What moto lacks; the host names of the third begin with the account's number, which this machine does not resolve.
_LACKING = ("UnknownOperationException", "NotImplemented", "EndpointConnectionError")


@dataclass(frozen=True, slots=True)
class Turn:
    """One scan, replay or loop: seconds and memory of its process, calls as the server counted them, and how they ended."""

    name: str
    seconds: float
    cpu: float = 0.0
    peak_mb: float = 0.0
    calls: int = 0
    refused: int = 0
    unread: tuple[str, ...] = ()
    found: str = ""

    def row(self, base: float) -> tuple[str, ...]:
        """The turn as a row of the table, with its ratio to the loop."""
        ratio = f"{self.seconds / base:.2f}x" if base else ""
        counts = (f"{self.calls:,}", f"{self.refused:,}", str(len(self.unread)))
        return self.name, f"{self.seconds:.1f}", ratio, f"{self.cpu:.1f}", f"{self.peak_mb:.0f}", *counts, self.found


@contextmanager
def account(size: int) -> Iterator[str]:
    """moto's server with an account in it; its endpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, str(HERE / "drivers" / "moto_server.py"), str(port)])
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait(endpoint)
        seed = [sys.executable, str(HERE / "drivers" / "moto_seed.py"), endpoint, str(size)]
        print("seeded", subprocess.run(seed, check=True, capture_output=True, text=True).stdout.strip(), flush=True)
        yield endpoint
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(endpoint: str) -> None:
    for _ in range(120):
        try:
            told(endpoint)
            return
        except URLError:
            time.sleep(0.5)
    raise RuntimeError("moto's server does not answer")


def told(endpoint: str, throttle: float = 0) -> dict[str, int]:
    """What the server counted since it was asked before; from now on it throttles."""
    with urlopen(f"{endpoint}/benchmark?throttle={throttle}", timeout=60) as answer:  # noqa: S310  this machine's own server
        counts: dict[str, int] = json.load(answer)
    return counts


def scan(name: str, endpoint: str, *options: str, limits: bool = False, throttle: float = 0) -> Turn:
    """One scan of the account. With `limits` the endpoint is told by a profile, so that AWS's limits are kept."""
    with tempfile.TemporaryDirectory() as folder:
        environment = _credentials()
        if limits:
            profile = Path(folder, "config")
            profile.write_text(f"[default]\nregion = {REGION}\nendpoint_url = {endpoint}\n")
            environment["AWS_CONFIG_FILE"] = str(profile)
        else:
            environment["AWS_ENDPOINT_URL"] = endpoint
        told(endpoint, throttle)
        turn = _untangle(name, environment, "--account", "--region", REGION, *options)
        counted = told(endpoint)
    return Turn(**{**asdict(turn), "calls": counted["calls"], "refused": counted["refused"]})


def replay(recording: Path) -> Turn:
    """One replay of a recording."""
    return _untangle("replay", {}, "--replay", str(recording))


def _untangle(name: str, environment: Mapping[str, str], *options: str) -> Turn:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", _SCAN, "scan", *options, "--format", "json"],
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={**kept, **environment, "PYTHONPATH": str(REPOSITORY)},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        document = json.load(out)
    rows = [row for row in document["coverage"] if row["outcome"] != "read" and not any(it in row["note"] for it in _LACKING)]
    return Turn(
        name=name,
        seconds=seconds,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
        unread=tuple(f"{row['operation']}: {row['note']}" for row in rows),
        found=", ".join(f"{key} {len(document[key]):,}" for key in ("functions", "channels", "hops", "findings")),
    )


def loop(endpoint: str, recording: Path, threads: int) -> Turn:
    """The recording's calls in a bare loop."""
    told(endpoint)
    command = [sys.executable, str(HERE / "drivers" / "bare_loop.py"), endpoint, str(recording), str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **_credentials()})
    answer = json.loads(done.stdout)
    counted = told(endpoint)
    found = f"{answer['requests']:,} requests, {answer['failed']:,} without an answer"
    taken = (answer["seconds"], answer["cpu"], answer["peak_mb"])
    return Turn(f"bare loop, {threads} threads", *taken, counted["calls"], found=found)


def _credentials() -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark", "AWS_DEFAULT_REGION": REGION}


def measured(endpoint: str, given: argparse.Namespace, recording: Path) -> list[Turn]:
    """All turns."""
    turns = [_said(scan("scan, recording", endpoint, "--record", str(recording)))]
    for _ in range(given.rounds):
        turns.append(_said(loop(endpoint, recording, given.threads)))
        turns.append(_said(scan("scan", endpoint)))
        turns.append(_said(replay(recording)))
    if given.throttled:
        turns.append(_said(scan("scan, 15 GetPolicy/s", endpoint, limits=True, throttle=15)))
    return turns


def _said(turn: Turn) -> Turn:
    print(turn.name, f"{turn.seconds:.1f} s", *turn.unread, file=sys.stderr, flush=True)
    return turn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2000, help="functions of the account (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=4, help="threads of the bare loop (default: %(default)s)")
    parser.add_argument("--throttled", action="store_true", help="also scan while GetPolicy is throttled: some three minutes")
    parser.add_argument("--endpoint", metavar="URL", help="a server of `drivers/moto_server.py` that is filled already")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder, "recording")
        if given.endpoint:
            turns = measured(given.endpoint, given, recording)
        else:
            with account(given.size) as endpoint:
                turns = measured(endpoint, given, recording)
        size = sum(file.stat().st_size for file in recording.rglob("*") if file.is_file())
    base = statistics.median(turn.seconds for turn in turns if turn.name.startswith("bare"))
    head = ("", "seconds", "to the loop", "cpu s", "peak MB", "calls", "throttled", "not read", "found")
    print(columns([head, *(turn.row(base) for turn in turns)]))
    print(f"the recording takes {size / 1e6:.1f} MB")
    finish(given.json, {"turns": [asdict(turn) for turn in turns], "recording_bytes": size})


if __name__ == "__main__":
    main()
