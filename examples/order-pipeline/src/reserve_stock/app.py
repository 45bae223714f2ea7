"""Takes the stock of an order, announces it and starts the clock for its payment."""

import json
import logging
import os

import boto3
from stock import reserve

events = boto3.client("events")
sqs = boto3.client("sqs")

log = logging.getLogger()
log.setLevel(logging.INFO)


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            process(json.loads(record["body"]))
        except Exception:
            log.exception("message %s failed", record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def process(order):
    correlation_id = order["correlation_id"]
    reserve(order)
    log.info("reserved %s correlation_id=%s", order["order_id"], correlation_id)

    events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["ORDER_BUS"],
                "Source": "shop.stock",
                "DetailType": "StockReserved",
                "Detail": json.dumps(
                    {
                        "order_id": order["order_id"],
                        "customer": order["customer"],
                        "postcode": order["postcode"],
                        "lines": order["lines"],
                        "total_cents": sum(line["quantity"] * line["price_cents"] for line in order["lines"]),
                        "correlation_id": correlation_id,
                    }
                ),
            }
        ]
    )
    sqs.send_message(
        QueueUrl=os.environ["EXPIRY_QUEUE_URL"],
        MessageBody=json.dumps({"order_id": order["order_id"], "correlation_id": correlation_id}),
    )
