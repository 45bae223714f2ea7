"""Many accounts: each in a recording of its own, none stopped by another, joined to one graph with the hops between them.

moto keeps one account per role that is assumed; whether a role is there it does not ask, so refusals are faults of the session.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from typing import Any

import boto3
import pytest
from botocore.config import Config as BotoConfig
from click.testing import CliRunner, Result
from moto import mock_aws

from tests.scanners.account.faults import answer, xml_error
from untangle.cli import main
from untangle.model.resource import Inventory
from untangle.scanners.account import boto, scopes
from untangle.scanners.account import read as read_accounts
from untangle.scanners.account.call import Outcome, Scope
from untangle.scanners.account.chokepoint import Chokepoint, Replayed
from untangle.scanners.account.fleet import telling
from untangle.scanners.account.recording import Recorded, Recording, complete, is_recording
from untangle.scanners.account.refusal import refused
from untangle.scanners.account.scopes import join, replay

ORDERS, BILLING, REGION = "111111111111", "222222222222", "eu-west-1"
_TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(item) for item in arguments])


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/Reader"


def arn(account: str, service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{account}:{rest}"


class Inside:
    """One account of moto's, entered as untangle enters it."""

    def __init__(self, account: str) -> None:
        said = boto3.client("sts", REGION).assume_role(RoleArn=role(account), RoleSessionName="test")["Credentials"]
        self.account = account
        self._session = boto3.Session(said["AccessKeyId"], said["SecretAccessKey"], said["SessionToken"], region_name=REGION)

    def client(self, service: str) -> Any:
        return self._session.client(service)

    def function(self, name: str, action: str = "", resource: str = "") -> None:
        iam, body = self.client("iam"), io.BytesIO()
        made = iam.create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
        if action:
            statement = {"Effect": "Allow", "Action": action, "Resource": resource}
            iam.put_role_policy(
                RoleName=f"{name}-role",
                PolicyName="own",
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            )
        with zipfile.ZipFile(body, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): ...")
        self.client("lambda").create_function(
            FunctionName=name, Runtime="python3.12", Role=made, Handler="app.handler", Code={"ZipFile": body.getvalue()}
        )

    def queue(self, name: str, consumer: str, open_to: str = "") -> None:
        policy = {"Effect": "Allow", "Principal": {"AWS": open_to}, "Action": "sqs:SendMessage", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
        self.client("sqs").create_queue(QueueName=name, Attributes={"Policy": document} if open_to else {})
        self.client("lambda").create_event_source_mapping(FunctionName=consumer, EventSourceArn=arn(self.account, "sqs", name))


def build() -> None:
    """Orders publishes to a topic and a bus of its own; billing has a queue on the topic and a bus that the rule leads to.

    Both accounts have a queue, a function and a bus of one name, which are not to be taken for one another.
    """
    orders, billing = Inside(ORDERS), Inside(BILLING)
    orders.client("sns").create_topic(Name="placed")
    orders.function("intake", "sns:Publish", arn(ORDERS, "sns", "placed"))
    orders.function("announce", "events:PutEvents", arn(ORDERS, "events", "event-bus/shop"))
    orders.function("worker")
    orders.queue("work", "worker")
    billing.function("worker")
    billing.function("ledger")
    billing.queue("work", "worker")
    orders.client("sns").subscribe(TopicArn=arn(ORDERS, "sns", "placed"), Protocol="sqs", Endpoint=arn(BILLING, "sqs", "work"))
    for name, consumer, open_to in (("inbox", "clerk", f"arn:aws:iam::{ORDERS}:root"), ("vault", "guard", "")):
        billing.function(consumer)
        billing.queue(name, consumer, open_to)
        orders.function(f"to-{name}", "sqs:SendMessage", arn(BILLING, "sqs", name))
    for each in (orders, billing):
        each.client("events").create_event_bus(Name="shop")
    _rule(orders, arn(BILLING, "events", "event-bus/shop"))
    _rule(billing, arn(BILLING, "lambda", "function:ledger"))


def _rule(inside: Inside, target: str) -> None:
    events = inside.client("events")
    events.put_rule(Name="placed", EventBusName="shop", EventPattern=json.dumps({"source": ["shop.orders"]}))
    events.put_targets(Rule="placed", EventBusName="shop", Targets=[{"Id": "1", "Arn": target, "RoleArn": role(ORDERS)}])


class Gate:
    """Which accounts may be entered, what is spoiled inside, and which accounts were called."""

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.sent: Counter[str] = Counter()
        self.spoil: Callable[[str, str], Any] = lambda account, operation: None

    def session(self, profile: str | None, role_arn: str | None) -> boto3.Session:
        session = _SESSION(profile, role_arn)
        account = role_arn.split(":")[4] if role_arn else "own"

        def send(request: Any, event_name: str, **_: Any) -> Any:
            operation = event_name.rpartition(".")[2]
            self.sent[account] += 1
            if account in self.denied:
                return answer("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", 403)
            return self.spoil(account, operation)

        session.events.register_first("before-send", send)
        return session


_SESSION = scopes._session


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    with gated(monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recordings of both accounts, for tests that only read them."""
    folder = tmp_path_factory.mktemp("recorded") / "fleet"
    with pytest.MonkeyPatch.context() as patch, gated(patch):
        assert live(folder).exit_code == 0
    return folder


@contextmanager
def gated(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The two accounts, entered through a gate; nothing is waited for."""
    made = Gate()
    patient = BotoConfig(retries={"mode": "standard", "total_max_attempts": 1})
    monkeypatch.setattr(boto, "config", lambda attempts=1: patient)
    monkeypatch.setattr(scopes, "config", lambda attempts=1: patient)
    monkeypatch.setattr(scopes, "_session", made.session)
    monkeypatch.setattr(scopes, "_endpoint_manners", lambda: {"limits": None})
    with mock_aws():
        build()
        yield made


def live(record: Path, *more: str, accounts: tuple[str, ...] = (ORDERS, BILLING)) -> Result:
    arns = [part for account in accounts for part in ("--role-arn", role(account))]
    return run("scan", "--account", "--region", REGION, *arns, "--record", record, "--format", "json", *more)


def hops(done: Result) -> list[tuple[str, str, str]]:
    document = json.loads(done.stdout)
    return sorted(
        (hop["producer"], hop["consumer"], "/".join(channel["type"] for channel in hop["channels"])) for hop in document["hops"]
    )


def inventory_of(recordings: list[Path]) -> Inventory:
    return read_accounts(join({str(path): replay(path) for path in recordings}))


ACROSS = [
    (f"{ORDERS}/{REGION}/announce", f"{BILLING}/{REGION}/ledger", "eventbridge/eventbridge"),
    (f"{ORDERS}/{REGION}/intake", f"{BILLING}/{REGION}/worker", "sns/sqs"),
    (f"{ORDERS}/{REGION}/to-inbox", f"{BILLING}/{REGION}/clerk", "sqs"),
]


class TestRecordings:
    def test_each_account_has_its_own_and_together_they_are_one_graph(self, gate: Gate, tmp_path: Path) -> None:
        done = live(tmp_path / "fleet")
        assert done.exit_code == 0, done.output
        assert sorted(path.name for path in (tmp_path / "fleet").iterdir()) == [ORDERS, BILLING]
        assert hops(done) == ACROSS
        asked = gate.sent.total()
        for paths in ([tmp_path / "fleet"], [tmp_path / "fleet" / BILLING, tmp_path / "fleet" / ORDERS]):
            again = run("scan", *paths, "--format", "json")
            assert json.loads(again.stdout) == json.loads(done.stdout)
        replayed = run("scan", "--replay", tmp_path / "fleet", "--format", "json")
        assert json.loads(replayed.stdout) == json.loads(done.stdout) and gate.sent.total() == asked

    def test_one_account_alone_has_no_hop_that_leaves_it(self, recorded: Path) -> None:
        assert [hops(run("scan", recorded / account, "--format", "json")) for account in (ORDERS, BILLING)] == [[], []]

    def test_the_summary_says_how_many_are_complete(self, gate: Gate, tmp_path: Path) -> None:
        told = live(tmp_path / "fleet").stderr.splitlines()
        assert [line.split(" as ")[0] for line in told[:2]] == [f"reading account {ORDERS}", f"reading account {BILLING}"]
        assert told[-1].startswith(f"recorded into {tmp_path / 'fleet'}: ") and "of 2 accounts complete" in told[-1]

    def test_account_ids_are_replaced_the_same_way_in_all(self, gate: Gate, tmp_path: Path) -> None:
        done = live(tmp_path / "fleet", "--scrub-accounts")
        assert done.exit_code == 0, done.output
        kept = "".join(path.read_text() + str(path) for path in (tmp_path / "fleet").rglob("*") if path.is_file())
        assert ORDERS not in kept and BILLING not in kept
        names = json.loads((tmp_path / "fleet.accounts.json").read_text())["accounts"]
        scrubbed = [tuple(end.replace(ORDERS, names[ORDERS]).replace(BILLING, names[BILLING]) for end in hop) for hop in ACROSS]
        assert hops(run("scan", tmp_path / "fleet", "--format", "json")) == sorted(scrubbed)
        again = live(tmp_path / "fleet", "--scrub-accounts", "--resume")
        assert hops(again) == hops(done) == ACROSS


class TestFailures:
    def test_an_account_that_cannot_be_entered_stops_no_other(self, gate: Gate, tmp_path: Path) -> None:
        gate.denied.add(BILLING)
        done = live(tmp_path / "fleet")
        assert done.exit_code == 0, done.output
        assert f"cannot be entered: {BILLING} (AccessDenied" in done.stderr
        for shown in (done, run("scan", tmp_path / "fleet", "--format", "json")):
            rows = [row for row in json.loads(shown.stdout)["coverage"] if BILLING in row["source"]]
            assert [(row["operation"], row["outcome"], row["permission"]) for row in rows] == [
                ("sts.AssumeRole", "denied", "sts:AssumeRole")
            ]
            assert {row["path"] for row in json.loads(shown.stdout)["sources"]} == {f"aws/{ORDERS}/{REGION}"}

    def test_resuming_enters_only_what_is_not_complete(self, gate: Gate, tmp_path: Path) -> None:
        gate.denied.add(BILLING)
        live(tmp_path / "fleet")
        manifest = tmp_path / "fleet" / ORDERS / "manifest.json"  # moto lacks operations, so no recording of it is complete
        manifest.write_text(manifest.read_text().replace('"complete": false', '"complete": true'))
        gate.denied.clear()
        gate.sent.clear()
        done = live(tmp_path / "fleet", "--resume")
        assert hops(done) == ACROSS
        assert gate.sent[ORDERS] == 0 and gate.sent[BILLING] > 10
        assert "not asked again: 1 account" in done.stderr
        both = live(tmp_path / "fleet", "--resume", "--region", "us-east-1")
        assert gate.sent[ORDERS] > 10, "a region more is something that is missing"
        assert {item["path"] for item in json.loads(both.stdout)["sources"]} >= {f"aws/{ORDERS}/us-east-1"}

    def test_credentials_that_run_out_in_one_account_are_a_row(self, gate: Gate, tmp_path: Path) -> None:
        gate.spoil = lambda account, operation: (
            xml_error("ExpiredToken") if account == BILLING and operation == "ListSubscriptions" else None
        )
        done = live(tmp_path / "fleet")
        assert done.exit_code == 0, done.output
        rows = [row for row in json.loads(done.stdout)["coverage"] if row["source"] == f"aws/{BILLING}"]
        assert len(rows) == 1 and rows[0]["outcome"] == "incomplete" and "ExpiredToken" in rows[0]["note"]
        assert not complete(tmp_path / "fleet" / BILLING)

    def test_no_account_at_all_is_an_error(self, gate: Gate, tmp_path: Path) -> None:
        gate.denied |= {ORDERS, BILLING}
        done = live(tmp_path / "fleet")
        assert done.exit_code == 2 and "AccessDenied" in done.stderr and "trust" in done.stderr

    def test_an_interrupt_leaves_recordings_that_can_be_gone_on_with(self, gate: Gate, tmp_path: Path) -> None:
        def interrupt(account: str, operation: str) -> None:
            if account == BILLING and operation == "ListSubscriptions":
                raise KeyboardInterrupt

        gate.spoil = interrupt
        done = live(tmp_path / "fleet")
        assert done.exit_code == 130 and "--resume goes on" in done.stderr, done.output
        assert all(is_recording(tmp_path / "fleet" / account) for account in (ORDERS, BILLING))
        assert run("scan", tmp_path / "fleet").exit_code in (0, 3)
        gate.spoil = lambda account, operation: None
        assert hops(live(tmp_path / "fleet", "--resume")) == ACROSS


class TestOrganization:
    @pytest.fixture
    def members(self, gate: Gate) -> tuple[str, str]:
        organizations = boto3.client("organizations", "us-east-1")
        organizations.create_organization(FeatureSet="ALL")
        ids = []
        for name in ("one", "two"):
            made = organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
            ids.append(str(made["AccountId"]))
        return ids[0], ids[1]

    def scan(self, record: Path, *more: str) -> Result:
        return run("scan", "--account", "--organization", "--role-name", "Reader", "--region", REGION, "--record", record, *more)

    def test_every_active_account_is_read_and_the_own_one_without_a_role(
        self, gate: Gate, members: tuple[str, str], tmp_path: Path
    ) -> None:
        Inside(members[0]).client("sqs").create_queue(QueueName="work")
        done = self.scan(tmp_path / "org", "--format", "json")
        assert done.exit_code == 0, done.output
        assert sorted(path.name for path in (tmp_path / "org").iterdir()) == sorted(("123456789012", *members))
        paths = {item["path"] for item in json.loads(done.stdout)["sources"]}
        assert paths == {f"aws/{account}/{REGION}" for account in ("123456789012", *members)}

    def test_closed_accounts_are_left_out_and_counted(self, gate: Gate, members: tuple[str, str], tmp_path: Path) -> None:
        boto3.client("organizations", "us-east-1").close_account(AccountId=members[1])
        done = self.scan(tmp_path / "org")
        assert not (tmp_path / "org" / members[1]).exists()
        assert "left out: 1 account" in done.stderr

    def test_accounts_that_may_not_be_listed_are_an_error_with_a_way_out(self, gate: Gate, tmp_path: Path) -> None:
        done = self.scan(tmp_path / "org")  # there is no organization
        assert done.exit_code == 2 and "--role-arn" in done.stderr and not (tmp_path / "org").exists()


def test_of_many_accounts_a_few_are_named() -> None:
    def scope(number: int, identity: str) -> Scope:
        return Scope(
            account=f"{number:012d}",
            partition="aws",
            regions=(REGION,),
            caller=Chokepoint(Replayed(Recording(accounts={}, complete=True, answers={}))),
            identity=identity,
        )

    denied = Recorded(pages=(), outcome=Outcome.DENIED, code="AccessDenied")
    scopes = [*(scope(number, "arn:x") for number in range(20)), scope(20, ""), refused("9" * 12, "aws", denied)]
    lines = telling(scopes, idle=3).splitlines()
    assert [line for line in lines if line.startswith("reading account")] == lines[:6]
    assert lines[6:10] == [
        "and 14 accounts more",
        "cannot be entered: 999999999999 (AccessDenied: 1 of 1)",
        "not asked again: 1 account, recorded completely",
        "left out: 3 accounts of the organization, not active",
    ]
    assert "calls" in lines[10]


class TestPaths:
    def test_a_source_tree_may_be_read_with_them(self, recorded: Path, tmp_path: Path) -> None:
        (tmp_path / "app").mkdir()
        (tmp_path / "app/template.yaml").write_text("Resources:\n  Inbox:\n    Type: AWS::SQS::Queue\n")
        done = run("scan", tmp_path / "app", recorded, "--format", "json")
        assert {item["kind"] for item in json.loads(done.stdout)["sources"]} == {"account", "cloudformation"}

    def test_two_source_trees_are_refused_with_what_to_do(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        done = run("scan", tmp_path / "a", tmp_path / "b")
        assert done.exit_code == 2 and "two source trees" in done.stderr and "hint: " in done.stderr

    def test_two_recordings_of_one_account_and_region_are_refused(self, recorded: Path, tmp_path: Path) -> None:
        copytree(recorded, tmp_path / "old")
        done = run("scan", tmp_path / "old", recorded)
        assert done.exit_code == 2
        assert f"both hold account {ORDERS} in {REGION}" in done.stderr and "leave one out" in done.stderr

    def test_a_folder_with_anything_else_in_it_is_a_source_tree(self, recorded: Path, tmp_path: Path) -> None:
        copytree(recorded, tmp_path / "app" / "fleet")
        (tmp_path / "app/template.yaml").write_text("Resources:\n  Inbox:\n    Type: AWS::SQS::Queue\n")
        done = run("scan", tmp_path / "app", "--format", "json")
        assert [item["path"] for item in json.loads(done.stdout)["sources"]] == ["template.yaml"]

    def test_a_subscription_that_both_accounts_list_is_one(self, recorded: Path, tmp_path: Path) -> None:
        """Who subscribes across accounts sees it too; moto shows it to the topic's account only, so its rows are copied."""
        copytree(recorded, tmp_path / "fleet")
        ours, theirs = (tmp_path / "fleet" / account / account / REGION / "sns.jsonl" for account in (ORDERS, BILLING))
        told = [line for line in ours.read_text().splitlines(keepends=True) if "Subscription" in json.loads(line)["op"]]
        kept = [line for line in theirs.read_text().splitlines(keepends=True) if "Subscription" not in json.loads(line)["op"]]
        theirs.write_text("".join([*kept, *told]))
        both, once = (inventory_of([folder / ORDERS, folder / BILLING]) for folder in (tmp_path / "fleet", recorded))
        found = [item.id for item in both.resources if item.type == "AWS::SNS::Subscription"]
        assert len(found) == 1 and found[0].startswith(ORDERS)
        assert both.resources == once.resources

    def test_every_reading_command_takes_them(self, recorded: Path, tmp_path: Path) -> None:
        parts = [recorded / account for account in (ORDERS, BILLING)]
        assert run("report", *parts, "-o", tmp_path / "report.html").exit_code == 0
        (hop, *_) = json.loads(run("scan", *parts, "--format", "json").stdout)["hops"]
        assert hop["consumer"].rpartition("/")[2] in run("show", hop["id"], *parts).stdout

    def test_a_region_of_an_account_may_be_recorded_by_itself(self, recorded: Path, tmp_path: Path) -> None:
        """As one container per account and region leaves them: what is in no region is read once."""
        whole = run("scan", recorded, "--format", "json")
        for account in (ORDERS, BILLING):
            copytree(recorded / account, tmp_path / "all" / account / REGION)
            copytree(recorded / account / account / "global", tmp_path / "all" / account / "us-east-1" / account / "global")
            other = (recorded / account / "manifest.json").read_text().replace(REGION, "us-east-1")
            (tmp_path / "all" / account / "us-east-1" / "manifest.json").write_text(other)
        both = run("scan", tmp_path / "all", "--format", "json")
        assert both.exit_code == 0, both.output
        assert hops(both) == hops(whole) == ACROSS
        assert json.loads(both.stdout)["functions"] == json.loads(whole.stdout)["functions"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--organization"], "add --account"),
        (["--account", "--organization", "--record", "r"], "--role-name NAME"),
        (["--account", "--organization", "--role-name", "R"], "--record DIR"),
        (["--account", "--role-name", "R"], "add --organization"),
        (["--account", "--organization", "--role-name", "R", "--role-arn", role(ORDERS), "--record", "r"], "say one of them"),
        (["--account", "--role-arn", role(ORDERS), "--role-arn", "x"], "no ARN of a role"),
        (["--account", "--role-arn", role(ORDERS), "--role-arn", role(ORDERS) + "2"], "two roles are of account"),
        (["--account", "--role-arn", role(ORDERS), "--role-arn", role(BILLING), "--record", "r.zip"], "name a folder"),
    ],
)
def test_options_that_do_not_fit_together(arguments: list[str], told: str) -> None:
    done = run("scan", *arguments)
    assert done.exit_code == 2 and told in done.stderr, done.output
