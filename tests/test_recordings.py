"""The recording that ships is what its script makes, is small, holds no secret, and shows what a live scan shows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from untangle.config import Config
from untangle.model.scan import Scan
from untangle.pipeline import scan
from untangle.scanners.account.scopes import replay

ROOT = Path(__file__).parents[1]
RECORDING = ROOT / "recordings" / "insurance-claims"
CHANNELS = {"sns", "sqs", "eventbridge", "s3", "dynamodb_stream", "kinesis", "lambda_destination", "pipe"}


def files(folder: Path) -> dict[str, bytes]:
    """Every file by its place in the folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("record_example", ROOT / "scripts" / "record_example.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found() -> Scan:
    return scan(None, config=Config(), scopes=replay(RECORDING))


def test_the_script_makes_the_same_bytes_again(tmp_path: Path) -> None:
    script().record(tmp_path / "again")
    made, kept = files(tmp_path / "again"), files(RECORDING)
    differing = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert differing == [], "run scripts/record_example.py again and read the difference"


def test_nothing_of_the_account_is_in_it_but_what_is_looked_at() -> None:
    whole = b"".join(files(RECORDING).values())
    assert b"BANK_API_KEY" in whole, "names of variables are kept"
    assert not [word for word in (b"EXAMPLEKEY", b"bank.example", b"X-Amz-", b"def handler") if word in whole]


def test_it_shows_every_kind_of_channel(found: Scan) -> None:
    assert {passage.type for hop in found.graph.reported for passage in hop.passages} >= CHANNELS
    assert {chain.verdict.decision for chain in found.chains if chain.verdict} >= {"keep", "migrate"}
    assert [machine.address for machine in found.graph.state_machines] == ["settle-dispute"]
    assert any("eu-central-1" in hop.consumer for hop in found.graph.hops), "it reaches another region"


def test_what_was_refused_is_told(found: Scan) -> None:
    refused = [row for row in found.graph.coverage if row.outcome != "read"]
    assert [(row.source, row.operation, row.permission) for row in refused] == [
        ("aws/111122223333/eu-central-1", "dynamodb.ListTables", "dynamodb:ListTables")
    ]
