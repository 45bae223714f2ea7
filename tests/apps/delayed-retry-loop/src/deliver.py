import json
import os
import urllib.request

from queues import send

MAX_ATTEMPTS = 5


def handler(event, context):
    for record in event["Records"]:
        webhook = json.loads(record["body"])
        try:
            urllib.request.urlopen(webhook["url"], data=webhook["payload"].encode(), timeout=10)
        except OSError:
            if webhook["attempt"] >= MAX_ATTEMPTS:
                raise
            send(os.environ["RETRY_QUEUE_URL"], {**webhook, "attempt": webhook["attempt"] + 1})
