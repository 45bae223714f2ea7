"""Applications whose functions have real code, deployed to an account: moto keeps packages, but its addresses lead nowhere."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import boto3
import pytest

from tests.scanners.account.inventory.shop import REGION, Shop, arn
from untangle.scanners.account.packages import download

PYTHON = {
    "app.py": """
import os

import boto3
from shared.send import forward

def handler(event, context):
    for record in event["Records"]:
        forward(os.environ["TARGET_QUEUE"], record["body"])
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message="done")
""",
    "shared/__init__.py": "",
    "shared/send.py": """
import boto3

sqs = boto3.client("sqs")

def forward(queue, body):
    sqs.send_message(QueueUrl=queue, MessageBody=body)
""",
    "requests/__init__.py": "raise RuntimeError('a library')",
    "requests-2.0.dist-info/RECORD": "requests/__init__.py,,",
}


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of files: the same files give the same bytes, whenever it is made."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


class Store:
    """Stands in for the downloader: the packages of an account, by the name in their address; counts what is fetched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.packages: dict[str, bytes] = {}
        self.fetched: list[str] = []
        monkeypatch.setattr(download, "download", self._fetch)

    def _fetch(self, url: str) -> bytes:
        download.check(url)
        name = max((name for name in self.packages if f"/{name}-" in url), key=len)
        self.fetched.append(name)
        return self.packages[name]

    def deploy(
        self, shop: Shop, name: str, files: Mapping[str, str | bytes], handler: str = "app.handler", **more: object
    ) -> None:
        """A function without any grant, so that nothing but its code says what it does."""
        role = boto3.client("iam").create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        self.packages[name] = zipped(files)
        settings = {"Runtime": "python3.12", "Role": role, "Handler": handler, "Code": {"ZipFile": self.packages[name]}}
        shop.client("lambda").create_function(FunctionName=name, **(settings | more))


def variables(**values: str) -> dict[str, Any]:
    """A function's environment."""
    return {"Environment": {"Variables": values}}


def chain(store: Store) -> Shop:
    """first -> orders -> second, and first -> done -> third; the functions' roles grant nothing."""
    shop = Shop()
    url = shop.queue("orders")
    shop.client("sns").create_topic(Name="done")
    store.deploy(shop, "first", PYTHON, **variables(TARGET_QUEUE=url, TOPIC=arn("sns", "done")))
    quiet = {"app.py": "def handler(event, context):\n    return event['Records'][0]['body']\n"}
    store.deploy(shop, "second", quiet)
    store.deploy(shop, "third", quiet)
    shop.polls("second", arn("sqs", "orders"))
    shop.subscribe("done", "lambda", arn("lambda", "function:third"))
    return shop


def template() -> str:
    """The same application as a template beside its source."""

    def function(folder: str, **values: object) -> dict[str, object]:
        told = {"Runtime": "python3.12", "Handler": "app.handler", "Code": folder, "Role": "arn:aws:iam::123456789012:role/none"}
        return {"Type": "AWS::Lambda::Function", "Properties": told | values}

    names = {"TARGET_QUEUE": {"Ref": "Orders"}, "TOPIC": {"Ref": "Done"}}
    resources = {
        "first": function("first", Environment={"Variables": names}),
        "second": function("second"),
        "third": function("second"),
        "Orders": {"Type": "AWS::SQS::Queue"},
        "Done": {"Type": "AWS::SNS::Topic"},
        "Poll": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"FunctionName": {"Ref": "second"}, "EventSourceArn": {"Fn::GetAtt": ["Orders", "Arn"]}},
        },
        "Told": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"Protocol": "lambda", "TopicArn": {"Ref": "Done"}, "Endpoint": {"Fn::GetAtt": ["third", "Arn"]}},
        },
    }
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})


__all__ = ["PYTHON", "REGION", "Store", "chain", "template", "variables", "zipped"]
