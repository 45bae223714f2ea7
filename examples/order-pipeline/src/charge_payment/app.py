"""Charges a reserved order and notes the outcome in the ledger."""

import logging
import os

import boto3
from gateway import charge

ledger = boto3.resource("dynamodb").Table(os.environ["LEDGER_TABLE"])

log = logging.getLogger()
log.setLevel(logging.INFO)


def handler(event, context):
    order = event["detail"]
    outcome = charge(order["customer"], order["total_cents"])
    log.info("payment of %s: %s correlation_id=%s", order["order_id"], outcome, order["correlation_id"])
    ledger.put_item(
        Item={
            "order_id": order["order_id"],
            "record": "PAYMENT",
            "outcome": outcome,
            "amount_cents": order["total_cents"],
            "correlation_id": order["correlation_id"],
        }
    )
    return {"order_id": order["order_id"], "outcome": outcome}
