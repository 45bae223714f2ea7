"""Reads an uploaded CSV file and announces each order and each return in it."""

import csv
import io
import json
import logging
import os
import uuid
from itertools import groupby
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client("s3")
sns = boto3.client("sns")

log = logging.getLogger()
log.setLevel(logging.INFO)


def handler(event, context):
    announced = 0
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8")
        for order in orders(text):
            announce(order, source=f"s3://{bucket}/{key}")
            announced += 1
    return {"announced": announced}


def orders(text):
    """The orders of a file: consecutive lines with the same order_id belong together."""
    rows = csv.DictReader(io.StringIO(text))
    for order_id, lines in groupby(rows, key=lambda row: row["order_id"]):
        lines = list(lines)
        yield {
            "order_id": order_id,
            "kind": lines[0]["kind"],
            "customer": lines[0]["customer"],
            "postcode": lines[0]["postcode"],
            "lines": [
                {"sku": line["sku"], "quantity": int(line["quantity"]), "price_cents": int(line["price_cents"])} for line in lines
            ],
        }


def announce(order, source):
    correlation_id = str(uuid.uuid4())
    log.info("order %s from %s correlation_id=%s", order["order_id"], source, correlation_id)
    sns.publish(
        TopicArn=os.environ["ORDERS_TOPIC_ARN"],
        Message=json.dumps({**order, "correlation_id": correlation_id}),
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": order["kind"]},
            "correlation_id": {"DataType": "String", "StringValue": correlation_id},
        },
    )
