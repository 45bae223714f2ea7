"""Gives the stock of an order back that was not paid in time."""

import json
import logging
import os

import boto3

dynamodb = boto3.resource("dynamodb")
stock = dynamodb.Table(os.environ["STOCK_TABLE"])
reservations = dynamodb.Table(os.environ["RESERVATIONS_TABLE"])
ledger = dynamodb.Table(os.environ["LEDGER_TABLE"])

log = logging.getLogger()
log.setLevel(logging.INFO)


def handler(event, context):
    for record in event["Records"]:
        message = json.loads(record["body"])
        if paid(message["order_id"]):
            continue
        release(message["order_id"])
        log.info("expired %s correlation_id=%s", message["order_id"], message["correlation_id"])


def paid(order_id):
    payment = ledger.get_item(Key={"order_id": order_id, "record": "PAYMENT"}).get("Item")
    return payment is not None and payment["outcome"] == "PAID"


def release(order_id):
    try:
        reservation = reservations.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET #state = :released",
            ConditionExpression="#state = :reserved",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":released": "RELEASED", ":reserved": "RESERVED"},
            ReturnValues="ALL_NEW",
        )["Attributes"]
    except dynamodb.meta.client.exceptions.ConditionalCheckFailedException:
        return  # released by an earlier delivery of this message
    for line in reservation["lines"]:
        stock.update_item(
            Key={"sku": line["sku"]},
            UpdateExpression="SET available = available + :quantity",
            ExpressionAttributeValues={":quantity": line["quantity"]},
        )
