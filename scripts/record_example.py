"""Records the invented account of `example_account` into recordings/insurance-claims, the same bytes each time.

    python scripts/record_example.py [FOLDER]

It runs in memory, by moto (part of the extra `test`): nothing is sent anywhere. What moto does not have is answered as an account
answers that does not use it, and one operation is refused, as it happens where a service control policy forbids it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any
from unittest import mock

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import example_account as example  # noqa: E402  it lies beside this file

TARGET = Path(__file__).parents[1] / "recordings" / "insurance-claims"
SETTINGS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_SESSION_TOKEN": "testing",
            "AWS_DEFAULT_REGION": example.REGION, "MOTO_ACCOUNT_ID": example.ACCOUNT,
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}  # fmt: skip
# What moto lacks, as an account answers that does not use it.
NOTHING: dict[str, dict[str, Any]] = {
    "ListEndpoints": {"Endpoints": []},
    "ListFunctionUrlConfigs": {"FunctionUrlConfigs": []},
    "GetAuthorizers": {"Items": []},
    "DescribeKinesisStreamingDestination": {"KinesisDataStreamDestinations": []},
    "ListAccessPointsForObjectLambda": {"ObjectLambdaAccessPointList": []},
}
REFUSED, WHERE = "ListTables", example.ARCHIVE
REFUSAL = "explicit deny in a service control policy"


def record(folder: Path) -> None:
    """Makes the account and records it into a folder that is not there."""
    made_elsewhere = {name: "" for name in os.environ if name.startswith("AWS_")}
    with mock.patch.dict(os.environ, made_elsewhere | SETTINGS):
        for name in made_elsewhere.keys() - SETTINGS:
            del os.environ[name]
        _record(folder)


def _record(folder: Path) -> None:
    from moto import mock_aws
    from moto.moto_api._internal import mock_random

    from untangle.scanners.account import scopes
    from untangle.scanners.account.packages import download

    with mock_aws(), mock.patch.object(scopes, "_session", _session), mock.patch.object(download, "download", _package):
        mock_random.seed(7)  # ids of subscriptions, event source mappings, APIs
        example.build()
        _read(folder)


def _read(folder: Path) -> None:
    """A scan as `untangle scan --account --code --record` makes it."""
    from untangle.config import Config
    from untangle.pipeline import scan
    from untangle.scanners.account.manners import Manners
    from untangle.scanners.account.scopes import live

    unhurried = Manners(limits=None, wait=lambda seconds: None)
    regions = (example.REGION, example.ARCHIVE)
    scan(None, config=Config(), scopes=live(regions=regions, record=folder, manners=unhurried, groups=frozenset({"code"})))


def _session(profile: str | None, role: str | None) -> Any:
    """A session some of whose calls are answered here."""
    import boto3

    session = boto3.Session()
    session.events.register_first("before-call", _answer)
    return session


def _answer(model: Any, params: Any, **_: Any) -> Any:
    """The answer of what moto lacks, and the refusal; None where moto answers."""
    from botocore.awsrequest import AWSResponse

    if model.name == REFUSED and WHERE in params["url"]:
        return AWSResponse("", 400, {}, None), {"Error": {"Code": "AccessDeniedException", "Message": REFUSAL}}
    page = NOTHING.get(model.name)
    return None if page is None else (AWSResponse("", 200, {}, None), dict(page))


def _package(url: str) -> bytes:
    """The package that an address of moto's means."""
    return example.package(max((name for name in example.FUNCTIONS if f"/{name}-" in url), key=len))


if __name__ == "__main__":
    wanted = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    shutil.rmtree(wanted, ignore_errors=True)
    record(wanted)
