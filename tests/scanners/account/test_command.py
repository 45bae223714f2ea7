"""An account and its recordings from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner, Result

from tests.scanners.account.conftest import ACCOUNT, REGION
from tests.scanners.account.faults import Faults, xml_error
from untangle.cli import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(item) for item in arguments])


@pytest.fixture
def recording(faults: Faults, tmp_path: Path) -> Path:
    boto3.client("sqs", REGION).create_queue(QueueName="orders")
    done = run("scan", "--account", "--region", REGION, "--record", tmp_path / "r")
    assert done.exit_code == 0, done.output
    return tmp_path / "r"


def test_whose_account_it_is_comes_first_and_what_became_of_the_recording_last(recording: Path, tmp_path: Path) -> None:
    done = run("scan", "--account", "--region", REGION, "--record", tmp_path / "again")
    lines = done.stderr.splitlines()
    assert lines[0].startswith(f"reading account {ACCOUNT} as arn:aws:") and lines[0].endswith(f"in {REGION}")
    assert lines[-1].startswith(f"recorded into {tmp_path / 'again'}: ")


@pytest.mark.parametrize("named", ["path", "replay"])
def test_a_recording_is_read_without_credentials(recording: Path, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    live = run("scan", "--account", "--region", REGION, "--format", "json")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    again = run("scan", *(["--replay"] if named == "replay" else []), recording, "--format", "json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout) == json.loads(live.stdout)
    assert again.stderr == ""


def test_every_reading_command_reads_a_recording(recording: Path, tmp_path: Path) -> None:
    done = run("report", recording, "-o", tmp_path / "report.html")
    assert done.exit_code == 0 and (tmp_path / "report.html").is_file()


def test_what_to_run_next_reads_the_recording(faults: Faults, tmp_path: Path) -> None:
    two_functions()
    done = run("scan", "--account", "--region", REGION, "--record", tmp_path / "r")
    assert f"untangle show first {tmp_path / 'r'}" in done.stdout
    unrecorded = run("scan", "--account", "--region", REGION)
    assert "untangle show first RECORDING" in unrecorded.stdout and "with --record DIR" in unrecorded.stderr


def two_functions() -> None:
    """`first` may send to a queue that `second` polls."""
    queue = boto3.client("sqs", REGION).create_queue(QueueName="work")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
    iam, functions = boto3.client("iam"), boto3.client("lambda", REGION)
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
    for name in ("first", "second"):
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        if name == "first":
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
        made = {"Runtime": "python3.12", "Handler": "a.b", "Role": role, "Environment": {"Variables": {"QUEUE": queue}}}
        functions.create_function(FunctionName=name, Code={"ZipFile": b"PK"}, **made)
    functions.create_event_source_mapping(EventSourceArn=arn, FunctionName="second")


def test_what_reading_code_takes_is_said_before_it_is_read(faults: Faults) -> None:
    done = run("scan", "--account", "--region", REGION, "--code")
    told = done.stderr.splitlines()
    assert told[0].startswith("reading account") and any(line.startswith("--code: up to 0 calls more") for line in told)
    assert "--code" not in run("scan", "--account", "--region", REGION).stderr


def test_bad_credentials_are_one_line_and_a_hint(faults: Faults) -> None:
    faults.always("GetCallerIdentity", lambda: xml_error("ExpiredToken"))
    done = run("scan", "--account", "--region", REGION)
    assert done.exit_code == 2 and "ExpiredToken" in done.stderr and "hint: " in done.stderr
    assert "Traceback" not in done.output


def test_an_interrupt_leaves_a_recording_that_can_be_gone_on_with(faults: Faults, tmp_path: Path) -> None:
    def interrupt(times: int, request: object) -> None:
        if times == 0:
            raise KeyboardInterrupt

    faults.on("ListQueues", interrupt)
    done = run("scan", "--account", "--region", REGION, "--record", tmp_path / "r")
    assert done.exit_code == 130 and "--resume goes on with it" in done.stderr
    assert run("scan", tmp_path / "r").exit_code in (0, 3)
    faults.on("ListQueues", lambda times, request: None)
    done = run("scan", "--account", "--region", REGION, "--record", tmp_path / "r", "--resume")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--profile", "x"], "add --account"),
        (["--record", "r"], "add --account"),
        (["--code"], "add --account"),
        (["--replay", "r", "--code"], "add --account"),
        (["--account", "--replay", "r"], "say one of them"),
        (["--account", "--all-regions", "--region", REGION], "say one of them"),
        (["--account", "--resume"], "--record DIR"),
        (["--replay", "nowhere"], "no recording"),
    ],
)
def test_options_that_do_not_fit_together(arguments: list[str], told: str) -> None:
    done = run("scan", *arguments)
    assert done.exit_code == 2 and told in done.stderr


def test_how_many_calls_at_least_is_no_more_than_an_empty_account_is_asked(faults: Faults) -> None:
    done = run("scan", "--account", "--region", REGION)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("at least ")]
    made = sum(faults.sent.values()) - faults.sent["GetCallerIdentity"]
    assert 30 <= int(line.split()[2]) <= made <= int(line.split()[2]) + 5


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "manifest.json").write_text("{"), "Expecting property name"),
        (lambda folder: (folder / "manifest.json").unlink(), "its manifest.json is missing"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": "untangle.recording/9"}'), "of another format"),
        (lambda folder: (folder / "x.zip").write_bytes(b"PK\3\4 torn"), "the zip file is damaged"),
    ],
)
@pytest.mark.parametrize("named", ["path", "replay"])
def test_a_spoiled_recording_is_not_taken_for_a_source_tree(
    recording: Path, spoil: Callable[[Path], object], told: str, named: str
) -> None:
    spoil(recording)
    path = recording / "x.zip" if (recording / "x.zip").exists() else recording
    done = run("scan", *(["--replay"] if named == "replay" else []), path)
    assert done.exit_code == 2 and "no recording" in done.stderr and told in done.stderr


def test_a_region_that_aws_does_not_have_is_told_before_anything_is_asked(faults: Faults) -> None:
    done = run("scan", "--account", "--region", "eu-wset-1")
    assert done.exit_code == 2 and "did you mean eu-west-1" in done.stderr
    assert set(faults.sent) == {"GetCallerIdentity"}


def test_an_account_that_refuses_is_not_told_to_be_empty(faults: Faults) -> None:
    faults.always("ListFunctions", lambda: xml_error("AccessDenied"))
    done = run("scan", "--account", "--region", REGION)
    assert "lambda:ListFunctions" in done.stdout and "Not all could be read" in done.stdout
