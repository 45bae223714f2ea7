"""What every test may lean on: the labelled corpus where it is at hand, and an environment without a cloud account."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach an account by chance: credentials are placeholders and no profile is read. Nor is there a terminal."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session", autouse=True)
def models() -> Iterator[None]:
    """What botocore knows of the services is read once, not once a session: that is half of what an account's test costs."""
    from botocore import session

    class Once(list[str]):
        def append(self, item: str) -> None:  # every session of boto3 adds its own folder
            if item not in self:
                super().append(item)

    @cache
    def create(search_path_string: str | None = None) -> Any:
        made = fresh(search_path_string)
        made._search_paths = Once(made._search_paths)
        return made

    fresh = session.create_loader
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "create_loader", create)
        yield


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of labelled repositories that UNTANGLE_CORPUS names; tests that need it are skipped where it is not set."""
    named = os.environ.get("UNTANGLE_CORPUS")
    if not named:
        pytest.skip("UNTANGLE_CORPUS is not set: the labelled corpus is not part of the repository")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"UNTANGLE_CORPUS names {named}, which is not a folder")
    return folder
