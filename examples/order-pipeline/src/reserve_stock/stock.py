"""The stock of an order is taken whole or not at all, and only once however often its message arrives."""

import os

import boto3

dynamodb = boto3.client("dynamodb")


class OutOfStock(Exception):
    """A line of the order cannot be served."""


def reserve(order):
    taken = [
        {
            "Update": {
                "TableName": os.environ["STOCK_TABLE"],
                "Key": {"sku": {"S": line["sku"]}},
                "UpdateExpression": "SET available = available - :quantity",
                "ConditionExpression": "available >= :quantity",
                "ExpressionAttributeValues": {":quantity": {"N": str(line["quantity"])}},
            }
        }
        for line in order["lines"]
    ]
    noted = {
        "Put": {
            "TableName": os.environ["RESERVATIONS_TABLE"],
            "Item": {
                "order_id": {"S": order["order_id"]},
                "state": {"S": "RESERVED"},
                "lines": {"L": [{"M": {"sku": {"S": line["sku"]}, "quantity": {"N": str(line["quantity"])}}} for line in order["lines"]]},
            },
            "ConditionExpression": "attribute_not_exists(order_id)",
        }
    }
    try:
        dynamodb.transact_write_items(TransactItems=[noted, *taken])
    except dynamodb.exceptions.TransactionCanceledException as error:
        first, *rest = error.response["CancellationReasons"]
        if first["Code"] == "ConditionalCheckFailed":
            return  # reserved by an earlier delivery of this message
        if any(reason["Code"] == "ConditionalCheckFailed" for reason in rest):
            raise OutOfStock(order["order_id"]) from error
        raise
