"""Adds up what is to be given back."""


def handler(event, context):
    if not event["lines"]:
        raise ValueError(f"order {event['order_id']} has nothing to give back")
    return {"order_id": event["order_id"], "cents": sum(line["cents"] for line in event["lines"])}
