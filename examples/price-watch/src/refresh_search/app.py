"""Keeps the search results' prices current."""

import json
import os

import boto3

search = boto3.resource("dynamodb").Table(os.environ["SEARCH_TABLE"])


def handler(event, context):
    for record in event["Records"]:
        change = json.loads(record["Sns"]["Message"])
        search.put_item(Item={"sku": change["sku"], "price_cents": change["new_cents"]})
