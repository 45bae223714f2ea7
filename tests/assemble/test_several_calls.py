"""A function that puts several messages into one channel is one producer of it, and what hears it is no entry from outside."""

from __future__ import annotations

from pathlib import Path

from untangle.config import Config
from untangle.pipeline import scan

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Handler: app.handler}}
Resources:
  Pay:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: pay, Policies: [EventBridgePutEventsPolicy: {EventBusName: default}]}
  Book:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: book
      Events: {Paid: {Type: EventBridgeRule, Properties: {Pattern: {source: [shop], detail: {kind: [paid]}}}}}
"""
PAY = """
import json, boto3
events = boto3.client("events")
def handler(event, context):
    events.put_events(Entries=[
        {"Source": "shop", "DetailType": "paid", "Detail": json.dumps({"kind": "paid", "by": "card"})},
        {"Source": "shop", "DetailType": "paid", "Detail": json.dumps({"kind": "paid", "by": "cash"})},
    ])
"""


def test_several_calls_of_one_hop_leave_no_trigger(tmp_path: Path) -> None:
    for name, text in (("template.yaml", TEMPLATE), ("pay/app.py", PAY), ("book/app.py", "def handler(event, context): pass\n")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = scan(tmp_path, config=Config())
    (hop,) = found.graph.standing_by_id.values()
    assert sum(link.target == hop.consumer for link in hop.links) == 1 < len(hop.links)
    assert found.graph.triggers_of(hop.consumer) == ()
    assert [chain.entries for chain in found.chains] == [(hop.producer,)]
