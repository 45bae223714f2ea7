"""Whenever a scan is broken off, going on with its recording gives what a scan in one go gives; nothing is asked for twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from tests.scanners.account.conftest import REGION
from tests.scanners.account.faults import Faults, error
from tests.scanners.account.inventory.shop import build
from untangle.config import Config
from untangle.errors import AwsError
from untangle.model.scan import Scan
from untangle.pipeline import scan
from untangle.scanners.account import scopes
from untangle.scanners.account.call import Request
from untangle.scanners.account.chokepoint import Replayed
from untangle.scanners.account.operations import operation
from untangle.scanners.account.recording import Recorded, Recording, key_of, read
from untangle.scanners.account.scopes import live

STEP = 9


def whole(record: Path, resume: bool = False) -> Scan:
    return scan(None, config=Config(), scopes=live(regions=[REGION], record=record, resume=resume))


def files(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class Account:
    """What was recorded of an account, answered as the account would; the call with the number `breaks` does not come through."""

    def __init__(self, recording: Recording) -> None:
        self._replayed, self._lock = Replayed(recording), Lock()
        self.known = frozenset(recording.answers)
        self.asked: list[Any] = []
        self.breaks: int | None = None
        self.throttled = 0

    def fetch(self, request: Request) -> Recorded:
        """The answer, or an interrupt."""
        with self._lock:
            self.asked.append(key_of(request))
            if len(self.asked) == self.breaks:
                raise KeyboardInterrupt
        return self._replayed.fetch(request)

    def fields(self, request: Request) -> Mapping[str, Any]:
        """All that are allowed."""
        return operation(request.service, request.operation).fields

    def is_recorded(self, request: Request) -> bool:
        """It stands for AWS."""
        return False

    def close(self) -> None:
        """It holds nothing."""


@pytest.fixture
def clean(faults: Faults, tmp_path: Path) -> Scan:
    """The scan in one go; its recording lies beside it. Moto has no list of function URLs."""
    build()
    faults.says("ListFunctionUrlConfigs", {"FunctionUrlConfigs": []})
    return whole(tmp_path / "clean")


def test_an_interrupt_at_any_call_loses_and_invents_nothing(clean: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, recording = files(tmp_path / "clean"), read(tmp_path / "clean")
    calls = len(recording.answers)
    assert calls > 60
    for number in [*range(1, calls, STEP), calls]:
        account, folder = Account(recording), tmp_path / str(number)
        monkeypatch.setattr(scopes, "Live", lambda *_, account=account: account)
        account.breaks = number
        with pytest.raises(KeyboardInterrupt):
            whole(folder)
        kept = {key for key, answer in read(folder).answers.items() if answer.outcome.known}
        account.asked, account.breaks = [], None
        assert whole(folder, resume=True) == clean, number
        assert files(folder) == wanted, number
        assert kept.isdisjoint(account.asked), number


def _interrupted(times: int, request: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        (_interrupted, KeyboardInterrupt),
        (lambda times, request: error("ExpiredTokenException", status=403), AwsError),
        (lambda times, request: error("RequestExpired", status=403), AwsError),
    ],
    ids=["interrupt", "expired token", "expired request"],
)
@pytest.mark.parametrize("number", [2, 40])
def test_on_the_wire_too(
    number: int, fault: Callable[[int, Any], Any], ends: type[BaseException], clean: Scan, faults: Faults, tmp_path: Path
) -> None:
    before = faults.sent.total()
    faults.anywhere(lambda times, request: fault(times, request) if times - before >= number else None)
    with pytest.raises(ends):
        whole(tmp_path / "broken")
    faults.anywhere(lambda times, request: None)
    assert whole(tmp_path / "broken", resume=True) == clean
    assert files(tmp_path / "broken") == files(tmp_path / "clean")
