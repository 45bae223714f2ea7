"""Chooses the carrier of a reserved order and notes it in the ledger."""

import logging
import os

import boto3

ledger = boto3.resource("dynamodb").Table(os.environ["LEDGER_TABLE"])

log = logging.getLogger()
log.setLevel(logging.INFO)

PARCEL_LIMIT = 20


def handler(event, context):
    order = event["detail"]
    pieces = sum(line["quantity"] for line in order["lines"])
    carrier = "parcel" if pieces <= PARCEL_LIMIT else "freight"
    log.info("%s goes by %s correlation_id=%s", order["order_id"], carrier, order["correlation_id"])
    ledger.put_item(
        Item={
            "order_id": order["order_id"],
            "record": "DELIVERY",
            "carrier": carrier,
            "postcode": order["postcode"],
            "correlation_id": order["correlation_id"],
        }
    )
    return {"order_id": order["order_id"], "carrier": carrier}
