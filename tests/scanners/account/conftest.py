"""An account in memory, read without limits and without patience, and with faults where a test wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from tests.scanners.account.faults import Faults, session
from untangle.scanners.account import boto, scopes
from untangle.scanners.account.boto import Live
from untangle.scanners.account.chokepoint import Chokepoint
from untangle.scanners.account.manners import Manners

ACCOUNT, REGION = "123456789012", "eu-west-1"


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def faults(aws: None, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """A session with faults, which `live` gets too; botocore itself retries nothing, so that nothing sleeps."""
    from botocore.config import Config

    monkeypatch.setattr(boto, "config", lambda attempts=1: Config(retries={"mode": "standard", "total_max_attempts": 1}))
    made = Faults(session())
    monkeypatch.setattr(scopes, "_session", lambda profile, role: made.session)
    return made


@pytest.fixture
def quick() -> Manners:
    """No limits, and waiting takes no time."""
    return Manners(limits=None, wait=lambda seconds: None)


@pytest.fixture
def caller(faults: Faults, quick: Manners) -> Callable[..., Chokepoint]:
    """Makes a live caller."""

    def make(**options: object) -> Chokepoint:
        return Chokepoint(Live({ACCOUNT: faults.session}, quick), manners=quick, **options)  # type: ignore[arg-type]

    return make
