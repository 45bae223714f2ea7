"""An account behind a server, read by a process of its own: its hops, and what Ctrl-C leaves of its recording."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from moto.server import ThreadedMotoServer
from moto.sqs.responses import SQSResponse

from tests.scanners.account.inventory.shop import REGION, Shop, build
from tests.scanners.account.inventory.test_shop import HOPS

PATIENCE = 60  # seconds
ROOT = Path(__file__).parents[1]


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def scan(endpoint: str, record: Path, *more: str) -> subprocess.Popen[str]:
    settings = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    command = [sys.executable, "-m", "untangle", "scan", "--account", "--region", REGION, "--record", str(record), *more]
    return subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def rows(record: Path) -> int:
    return sum(path.read_text("utf-8").count("\n") for path in record.glob("*/*/*.jsonl"))


def test_a_server_has_the_hops_of_the_same_account_in_memory(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    build(endpoint)
    said, told = scan(endpoint, tmp_path / "record", "-q", "--format", "json", "--min-confidence", "possible").communicate(
        timeout=PATIENCE
    )
    found = []
    for hop in json.loads(said)["hops"]:
        ends = [hop[end].rpartition("/")[2] for end in ("producer", "consumer")]
        found.append((*ends, "/".join(channel["type"] for channel in hop["channels"])))
    assert sorted(found) == HOPS, told


def test_an_interrupt_leaves_what_was_recorded(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    shop = Shop(endpoint)
    for number in range(60):
        shop.queue(f"queue-{number}")
    gone_on, answer = Event(), SQSResponse.get_queue_attributes

    def held(response: SQSResponse) -> object:
        """No queue is described before the interrupt was sent: the scan cannot come to its end first."""
        gone_on.wait(PATIENCE)
        return answer(response)

    monkeypatch.setattr(SQSResponse, "get_queue_attributes", held)
    record = tmp_path / "record"
    process = scan(endpoint, record)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None and not (record.is_dir() and rows(record)):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    gone_on.set()
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, told
    assert "Traceback" not in told and told.rstrip().endswith("error: interrupted")
    assert f"`untangle scan {record}` shows what it holds, the same command with --resume goes on with it" in told
    assert json.loads((record / "manifest.json").read_text("utf-8"))["complete"] is False
    before = rows(record)
    again = scan(endpoint, record, "--resume", "-q")
    again.communicate(timeout=PATIENCE)
    assert again.returncode in (0, 3) and rows(record) > before
