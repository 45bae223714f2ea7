"""Live, recorded, resumed, replayed: the same account each time, and whose it is said first."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.scanners.account.conftest import ACCOUNT, REGION
from tests.scanners.account.faults import Faults, answer, error, xml_error
from untangle.errors import AwsError, InputError, UsageError
from untangle.scanners.account.call import Answer, Outcome, Request, Scope
from untangle.scanners.account.manners import Manners
from untangle.scanners.account.recording import read
from untangle.scanners.account.scopes import announcement, live, replay


def ask(scope: Scope, service: str, operation: str, **params: Any) -> Answer:
    return scope.caller.answer(
        Request(account=scope.account, region=scope.regions[0], service=service, operation=operation, params=params)
    )


def scan(scope: Scope) -> list[Answer]:
    """A little of everything: listings, then something for each of what they list."""
    topics = [item["TopicArn"] for item in ask(scope, "sns", "ListTopics").items("Topics")]
    each = [
        Request(
            account=scope.account,
            region=scope.regions[0],
            service="sns",
            operation="GetTopicAttributes",
            params={"TopicArn": topic},
        )
        for topic in topics
    ]
    return [ask(scope, "sns", "ListTopics"), *scope.caller.each(each), ask(scope, "events", "ListEventBuses")]


def seed(topics: int = 30) -> None:
    sns = boto3.client("sns", REGION)
    for number in range(topics):
        sns.create_topic(Name=f"topic-{number}")


def start(quick: Manners | None = None, **options: Any) -> Scope:
    manners = Manners(limits=None, wait=lambda seconds: None)
    (scope,) = live(regions=[REGION], manners=quick or manners, **options)
    return scope


def outcome(answers: list[Answer]) -> list[tuple[Any, ...]]:
    return [(item.request.operation, item.request.key, item.pages, item.outcome) for item in answers]


class TestReplay:
    def test_a_recording_gives_what_the_account_gave(
        self, faults: Faults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seed()
        scope = start(record=tmp_path / "r")
        seen, coverage = scan(scope), scope.caller.coverage
        scope.caller.close(complete=True)
        monkeypatch.setattr(socket, "socket", lambda *args, **options: pytest.fail("the network was used"))
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        (again,) = replay(tmp_path / "r")
        assert outcome(scan(again)) == outcome(seen)
        assert again.caller.coverage == coverage
        assert (again.account, again.partition, again.regions) == (scope.account, "aws", (REGION,))
        assert read(tmp_path / "r").complete

    def test_two_scans_of_one_account_give_the_same_bytes(self, faults: Faults, tmp_path: Path) -> None:
        seed()
        made = []
        for name in ("one", "two"):
            scope = start(record=tmp_path / name)
            scan(scope)
            scope.caller.close(complete=True)
            made.append({p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()})
        assert made[0] == made[1]

    def test_what_was_never_asked_is_not_empty(self, faults: Faults, tmp_path: Path) -> None:
        start(record=tmp_path / "r").caller.close(complete=True)
        (scope,) = replay(tmp_path / "r")
        assert ask(scope, "sqs", "ListQueues").outcome is Outcome.INCOMPLETE
        assert [item.note for item in scope.caller.coverage] == ["not in the recording: 1 of 1"]

    def test_what_was_denied_is_denied_again(self, faults: Faults, tmp_path: Path) -> None:
        seed()
        faults.always("GetTopicAttributes", lambda: xml_error("AuthorizationError"))
        scope = start(record=tmp_path / "r")
        seen, coverage = scan(scope), scope.caller.coverage
        scope.caller.close(complete=True)
        (again,) = replay(tmp_path / "r")
        assert outcome(scan(again)) == outcome(seen) and again.caller.coverage == coverage

    def test_a_zip_is_fine_too(self, faults: Faults, tmp_path: Path) -> None:
        seed(2)
        scope = start(record=tmp_path / "r.zip")
        seen = scan(scope)
        scope.caller.close(complete=True)
        assert [path.name for path in tmp_path.iterdir()] == ["r.zip"]
        assert outcome(scan(replay(tmp_path / "r.zip")[0])) == outcome(seen)


class TestResume:
    def test_after_an_interrupt_only_the_rest_is_asked_for(self, faults: Faults, tmp_path: Path) -> None:
        seed(40)

        def interrupt(times: int, request: Any) -> None:
            if times == 15:
                raise KeyboardInterrupt

        faults.on("GetTopicAttributes", interrupt)
        scope = start(record=tmp_path / "r")
        with pytest.raises(KeyboardInterrupt):
            scan(scope)
        scope.caller.close()
        left = read(tmp_path / "r")
        assert not left.complete and not left.damaged
        had = sum(1 for key in left.answers if key[3] == "GetTopicAttributes")
        assert had >= 10
        before = faults.sent["GetTopicAttributes"]
        faults.on("GetTopicAttributes", lambda times, request: None)
        again = start(record=tmp_path / "r", resume=True)
        found = scan(again)
        again.caller.close(complete=True)
        assert faults.sent["GetTopicAttributes"] - before == 40 - had
        assert len(found) == 42 and all(item.outcome is Outcome.READ for item in found)
        assert faults.sent["ListTopics"] == 1 and read(tmp_path / "r").complete

    def test_an_expired_session_is_gone_on_with(self, faults: Faults, tmp_path: Path) -> None:
        seed(20)
        faults.on("GetTopicAttributes", lambda times, request: xml_error("ExpiredToken") if times >= 8 else None)
        scope = start(record=tmp_path / "r")
        with pytest.raises(AwsError):
            scan(scope)
        scope.caller.close()
        faults.on("GetTopicAttributes", lambda times, request: None)
        again = start(record=tmp_path / "r", resume=True)
        assert all(item.outcome is Outcome.READ for item in scan(again))

    def test_what_was_refused_is_asked_for_again(self, faults: Faults, tmp_path: Path) -> None:
        faults.always("ListEventBuses", lambda: error("AccessDeniedException"))
        scope = start(record=tmp_path / "r")
        scan(scope)
        scope.caller.close(complete=True)
        assert not read(tmp_path / "r").complete
        faults.on("ListEventBuses", lambda times, request: None)
        again = start(record=tmp_path / "r", resume=True)
        assert scan(again)[-1].outcome is Outcome.READ
        assert [item.outcome for item in again.caller.coverage] == ["read", "read"]
        again.caller.close(complete=True)
        assert read(tmp_path / "r").complete

    def test_a_complete_recording_is_asked_nothing(self, faults: Faults, tmp_path: Path) -> None:
        seed(5)
        for resume in (False, True):
            scope = start(record=tmp_path / "r", resume=resume)
            scan(scope)
            scope.caller.close(complete=True)
            asked, faults.sent = faults.sent.copy(), type(faults.sent)()
        assert set(asked) == {"GetCallerIdentity"}

    def test_a_recording_is_never_overwritten(self, faults: Faults, tmp_path: Path) -> None:
        start(record=tmp_path / "r").caller.close(complete=True)
        with pytest.raises(InputError, match="--resume"):
            start(record=tmp_path / "r")
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "thesis.txt").write_text("years of work")
        for resume in (False, True):
            with pytest.raises(InputError, match="something else"):
                start(record=tmp_path / "mine", resume=resume)


class TestAccountIds:
    def test_they_are_replaced_everywhere_and_always_by_the_same(self, faults: Faults, tmp_path: Path) -> None:
        seed(3)
        other = "210987654321"
        bus = f'{{"EventBuses": [{{"Name": "b-{other}_x", "Arn": "arn:aws:events:{REGION}:{other}:event-bus/b"}}]}}'
        faults.always("ListEventBuses", lambda: answer(bus))
        scope = start(record=tmp_path / "r", scrub_accounts=True)
        scan(scope)
        scope.caller.close(complete=True)
        text = "".join(p.read_text() + str(p) for p in (tmp_path / "r").rglob("*") if p.is_file())
        assert ACCOUNT not in text and other not in text
        (again,) = replay(tmp_path / "r")
        topics = list(ask(again, "sns", "ListTopics").items("Topics"))
        assert {topic["TopicArn"].split(":")[4] for topic in topics} == {again.account} != {ACCOUNT}
        (found,) = ask(again, "events", "ListEventBuses").items("EventBuses")
        pseudonym = found["Arn"].split(":")[4]
        assert found["Name"] == f"b-{pseudonym}_x" and pseudonym != again.account
        mapped = json.loads((tmp_path / "r.accounts.json").read_text())["accounts"]
        assert mapped == {ACCOUNT: again.account, other: pseudonym}

    def test_such_a_recording_can_be_gone_on_with(self, faults: Faults, tmp_path: Path) -> None:
        seed(4)
        for resume in (False, True):
            scope = start(record=tmp_path / "r", scrub_accounts=True, resume=resume)
            assert all(item.outcome is Outcome.READ for item in scan(scope))
            scope.caller.close(complete=True)
        assert faults.sent["GetTopicAttributes"] == 4


class TestWhose:
    def test_it_is_said_before_anything_is_read(self, faults: Faults) -> None:
        scope = start()
        assert set(faults.sent) == {"GetCallerIdentity"}
        told = announcement([scope])
        assert ACCOUNT in told and REGION in told and "calls" in told

    def test_bad_credentials_are_told_at_once(self, faults: Faults) -> None:
        faults.always("GetCallerIdentity", lambda: xml_error("InvalidClientTokenId"))
        with pytest.raises(AwsError, match="InvalidClientTokenId"):
            start()

    def test_no_credentials_at_all(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        with pytest.raises(AwsError, match="NoCredentialsError"):
            live(regions=[REGION])

    def test_an_unknown_profile(self) -> None:
        with pytest.raises(AwsError, match=r"nobody.* could not be found"):
            live(profile="nobody", regions=[REGION])

    def test_no_region(self, aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        monkeypatch.setattr("untangle.scanners.account.boto.config", lambda attempts=1: None)
        with pytest.raises(UsageError, match="--region"):
            live()

    def test_all_regions_are_those_that_are_enabled(self, faults: Faults) -> None:
        inner = "".join(
            f"<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>"
            for name, status in (("us-east-1", "opt-in-not-required"), ("af-south-1", "not-opted-in"), ("eu-south-1", "opted-in"))
        )
        faults.always("DescribeRegions", lambda: answer(f"<R><regionInfo>{inner}</regionInfo></R>"))
        (scope,) = live(all_regions=True)
        assert scope.regions == ("eu-south-1", "us-east-1")

    def test_roles_are_assumed_one_account_each(self) -> None:
        with mock_aws():
            roles = [f"arn:aws:iam::{account}:role/reader" for account in ("222222222222", "111111111111")]
            scopes = live(regions=[REGION], role_arns=roles, manners=Manners(limits=None))
            assert [scope.account for scope in scopes] == ["111111111111", "222222222222"]
            assert all("reader" in scope.identity for scope in scopes)

    def test_resume_needs_a_recording(self) -> None:
        with pytest.raises(UsageError, match="--record"):
            live(regions=[REGION], resume=True)
