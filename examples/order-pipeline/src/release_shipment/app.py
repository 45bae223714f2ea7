"""Releases the shipment of an order as soon as it is both paid and planned.

Payment and planning finish in any order, so each of their ledger records starts this function and the second one to
arrive releases the shipment.
"""

import logging
import os

import boto3
from boto3.dynamodb.conditions import Key

dynamodb = boto3.resource("dynamodb")
ledger = dynamodb.Table(os.environ["LEDGER_TABLE"])
shipments = dynamodb.Table(os.environ["SHIPMENTS_TABLE"])

log = logging.getLogger()
log.setLevel(logging.INFO)


def handler(event, context):
    for record in event["Records"]:
        image = record["dynamodb"]["NewImage"]
        release(image["order_id"]["S"], image["correlation_id"]["S"])


def release(order_id, correlation_id):
    found = ledger.query(KeyConditionExpression=Key("order_id").eq(order_id), ConsistentRead=True)["Items"]
    records = {item["record"]: item for item in found}
    payment, delivery = records.get("PAYMENT"), records.get("DELIVERY")
    if payment is None or delivery is None or payment["outcome"] != "PAID":
        return
    try:
        shipments.put_item(
            Item={
                "order_id": order_id,
                "carrier": delivery["carrier"],
                "postcode": delivery["postcode"],
                "correlation_id": correlation_id,
            },
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except dynamodb.meta.client.exceptions.ConditionalCheckFailedException:
        return  # released already
    log.info("released %s correlation_id=%s", order_id, correlation_id)
