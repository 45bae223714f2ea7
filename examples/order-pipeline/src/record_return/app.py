"""Keeps the returns that partners announce in the same files."""

import json
import logging
import os

import boto3

returns = boto3.resource("dynamodb").Table(os.environ["RETURNS_TABLE"])

log = logging.getLogger()
log.setLevel(logging.INFO)


def handler(event, context):
    for record in event["Records"]:
        message = json.loads(record["Sns"]["Message"])
        returns.put_item(Item={"order_id": message["order_id"], "customer": message["customer"], "lines": message["lines"]})
        log.info("return %s correlation_id=%s", message["order_id"], message["correlation_id"])
