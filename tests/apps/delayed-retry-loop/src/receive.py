import json
import os

from queues import send


def handler(event, context):
    webhook = json.loads(event["body"])
    send(os.environ["QUEUE_URL"], {"url": webhook["url"], "payload": webhook["payload"], "attempt": 1})
    return {"statusCode": 202}
