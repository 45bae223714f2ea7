"""An account with secrets in every place that people put them, read whole: none is in the recording, what makes hops is."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

import boto3
import pytest

from tests.scanners.account.conftest import REGION
from tests.scanners.account.faults import Faults
from tests.scanners.account.test_secrets import SECRETS
from untangle.scanners.account import read
from untangle.scanners.account.manners import Manners
from untangle.scanners.account.operations import OPERATIONS
from untangle.scanners.account.recording import remarks
from untangle.scanners.account.scopes import live, replay

PASSWORD = "correct-horse-battery"  # noqa: S105  by its look it is none: only its place says so


def package() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", f"KEY = {PASSWORD!r}")
    return buffer.getvalue()


def plant() -> None:
    """One application: a function that writes to a queue, with what should not be there beside what should."""
    queue = boto3.client("sqs", REGION).create_queue(QueueName="orders")["QueueUrl"]
    topic = boto3.client("sns", REGION).create_topic(Name="orders", Tags=[{"Key": "owner", "Value": PASSWORD}])["TopicArn"]
    boto3.client("sns", REGION).subscribe(
        TopicArn=topic, Protocol="https", Endpoint=f"https://ada:{PASSWORD}@example.com/{PASSWORD}"
    )
    boto3.client("sns", REGION).subscribe(TopicArn=topic, Protocol="email", Endpoint=f"{PASSWORD}@example.com")
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}", Description=PASSWORD)["Role"]["Arn"]
    variables = {"QUEUE_URL": queue, "TOPIC_ARN": topic, "DB_PASSWORD": PASSWORD, "NOTE": PASSWORD, "TABLE_PASSWORD": PASSWORD}
    variables |= {f"S{number}": secret for number, secret in enumerate(SECRETS.values())}
    boto3.client("lambda", REGION).create_function(
        FunctionName="writer", Role=role, Runtime="python3.12", Handler="app.handler", Description=PASSWORD,
        Code={"ZipFile": package()}, Environment={"Variables": variables},
    )  # fmt: skip
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True, "Comment": f"token={PASSWORD}",
        "Parameters": {"TopicArn": topic, "Password": PASSWORD, "Message": SECRETS["jwt"], "Key.$": "$.key"},
    }  # fmt: skip
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})
    boto3.client("stepfunctions", REGION).create_state_machine(name="machine", definition=definition, roleArn=role)
    events = boto3.client("events", REGION)
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)", Description=PASSWORD)
    target = {"Id": "t", "Arn": topic, "Input": json.dumps({"password": PASSWORD, "note": PASSWORD, "to": queue})}
    events.put_targets(Rule="nightly", Targets=[target])
    schedule = {"Arn": topic, "RoleArn": role, "Input": json.dumps({"note": PASSWORD})}
    boto3.client("scheduler", REGION).create_schedule(
        Name="s", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target=schedule, Description=PASSWORD
    )


@pytest.fixture
def folder(faults: Faults, tmp_path: Path) -> Path:
    plant()
    scopes = live(regions=[REGION], record=tmp_path / "r", manners=Manners(limits=None))
    read(scopes)
    scopes[0].caller.close(complete=True)
    return tmp_path / "r"


def test_none_of_them_is_recorded(folder: Path) -> None:
    text = "\n".join(path.read_text() for path in folder.rglob("*") if path.is_file())
    parts = [line for secret in (*SECRETS.values(), PASSWORD) for line in secret.split("\n") if len(line) > 10]
    assert not [part for part in parts if part in text or json.dumps(part)[1:-1] in text]
    assert "X-Amz-" not in text and "Location" not in text


def test_what_names_a_resource_is(folder: Path) -> None:
    text = (folder / "123456789012" / REGION / "lambda.jsonl").read_text()
    assert "/orders" in text and ":orders" in text and '"DB_PASSWORD":null' in text
    assert not [line for line in remarks(folder) if "not recorded" in line], "the scrubbing left nothing to the sweep"


def test_it_still_is_what_the_account_was(folder: Path) -> None:
    again = read(replay(folder))
    scopes = live(regions=[REGION], manners=Manners(limits=None))
    assert again.resources == read(scopes).resources
    assert {"AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::SNS::Topic"} <= {item.type for item in again.resources}


def test_only_operations_of_the_list_were_sent(faults: Faults, folder: Path) -> None:
    assert faults.sent
    assert set(faults.sent) <= {item.name for item in OPERATIONS}
