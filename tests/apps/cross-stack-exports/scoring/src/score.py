import json
import os

import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    for record in event["Records"]:
        claim = json.loads(record["Sns"]["Message"])
        if claim["line"] != os.environ["LINE"]:
            continue
        decision = {"claim": claim["id"], "approved": claim["amount"] < 1000}
        sqs.send_message(QueueUrl=os.environ["DECISIONS_QUEUE_URL"], MessageBody=json.dumps(decision))
