"""Writes to everybody who watches a product whose price has dropped."""

import json
import os

import boto3
from boto3.dynamodb.conditions import Key

watchers = boto3.resource("dynamodb").Table(os.environ["WATCHERS_TABLE"])
ses = boto3.client("ses")


def handler(event, context):
    for record in event["Records"]:
        change = json.loads(record["Sns"]["Message"])
        found = watchers.query(KeyConditionExpression=Key("sku").eq(change["sku"]))
        for watcher in found["Items"]:
            notify(watcher["address"], change)


def notify(address, change):
    ses.send_email(
        Source=os.environ["SENDER"],
        Destination={"ToAddresses": [address]},
        Message={
            "Subject": {"Data": f"{change['sku']} is cheaper now"},
            "Body": {"Text": {"Data": f"It costs {change['new_cents'] / 100:.2f} now."}},
        },
    )
