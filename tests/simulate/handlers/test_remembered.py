"""Clients are made once, and a handler cannot tell: its hooks, its settings and its session are its own."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from botocore.session import Session

from tests.simulate.handlers.test_python import App, returned

HOOKED = """
import boto3
client = boto3.client("sqs")
def handler(event, context):
    seen = []
    if event.get("hook"):
        client.meta.events.register("provide-client-params.sqs.ListQueues", lambda **_: seen.append("hook"))
    client.list_queues()
    return seen
"""


def test_a_hook_on_a_client_stays_with_the_function_that_registers_it(tmp_path: Path) -> None:
    app = App(tmp_path, {"F": HOOKED, "G": HOOKED})
    assert app.run({"hook": True}, "F").payload == ["hook"]
    assert app.run({}, "G").payload == []
    assert App(tmp_path, {"F": HOOKED}).run({}).payload == []


def test_a_hook_on_the_session_concerns_the_clients_that_follow(tmp_path: Path) -> None:
    text = """
    import boto3
    boto3.client("sqs")
    seen = []
    def handler(event, context):
        session = boto3.Session()
        session.client("sqs").list_queues()
        session.events.register("provide-client-params.sqs.ListQueues", lambda **_: seen.append("hook"))
        session.client("sqs").list_queues()
        return seen
    """
    assert returned(tmp_path, text) == ["hook"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("region_name='eu-west-1'", "eu-west-1"),
        ("config=Config(region_name='ap-south-1')", "ap-south-1"),
        ("'us-west-2'", "us-west-2"),
    ],
)
def test_clients_with_other_settings_are_others(tmp_path: Path, given: str, told: str) -> None:
    text = f"""
    import boto3
    from botocore.config import Config
    def handler(event, context):
        boto3.client("sqs")
        return boto3.client("sqs", {given}).meta.region_name
    """
    assert returned(tmp_path, text) == told


def test_the_same_words_give_a_client_of_the_same_class_and_not_the_same_one(tmp_path: Path) -> None:
    text = """
    import boto3
    def handler(event, context):
        one, other = boto3.client("s3"), boto3.client("s3")
        return [type(one) is type(other), one is other, one.meta.events is other.meta.events]
    """
    assert returned(tmp_path, text) == [True, False, False]


def test_resources_work_as_ever(tmp_path: Path) -> None:
    table: dict[str, Any] = {
        "T": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "t",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        }
    }
    text = """
    import boto3
    def handler(event, context):
        boto3.resource("dynamodb").Table("t").put_item(Item={"id": "a", "n": 1})
        return boto3.resource("dynamodb").Table("t").get_item(Key={"id": "a"})["Item"]["n"]
    """
    for _ in range(2):
        assert App(tmp_path, {"F": text}, more=table).run().payload == 1


def test_sessions_that_handlers_make_are_not_kept(tmp_path: Path) -> None:
    text = """
    import boto3
    sqs = boto3.Session().client("sqs")
    table = boto3.Session().resource("dynamodb").Table("orders")
    def handler(event, context):
        return boto3.Session().client("sqs").meta.region_name
    """

    def living() -> int:
        gc.collect()
        return sum(isinstance(one, Session) for one in gc.get_objects())

    returned(tmp_path, text)
    before = living()
    for _ in range(4):
        returned(tmp_path, text)
    assert living() <= before + 1


def test_descriptions_of_services_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
    import boto3
    def handler(event, context):
        return boto3.Session().client("sqs").meta.region_name
    """
    returned(tmp_path, text)
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda *_: pytest.fail("a file is read again"))
    assert returned(tmp_path, text) == "us-east-1"
