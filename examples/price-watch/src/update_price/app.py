"""Stores a new price and announces the change."""

import json
import os

import boto3

prices = boto3.resource("dynamodb").Table(os.environ["PRICES_TABLE"])
sns = boto3.client("sns")


def handler(event, context):
    sku = event["pathParameters"]["sku"]
    new = int(json.loads(event["body"])["price_cents"])
    before = prices.put_item(Item={"sku": sku, "price_cents": new}, ReturnValues="ALL_OLD").get("Attributes")
    old = int(before["price_cents"]) if before else None
    if old == new:
        return {"statusCode": 204}
    sns.publish(
        TopicArn=os.environ["PRICE_CHANGED_TOPIC_ARN"],
        Message=json.dumps({"sku": sku, "old_cents": old, "new_cents": new}),
        MessageAttributes={
            "direction": {"DataType": "String", "StringValue": "down" if old is not None and new < old else "up"},
        },
    )
    return {"statusCode": 202, "body": json.dumps({"sku": sku, "price_cents": new})}
