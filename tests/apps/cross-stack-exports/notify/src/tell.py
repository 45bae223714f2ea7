import json
import os

import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    for record in event["Records"]:
        decision = json.loads(record["body"])
        sqs.send_message(QueueUrl=os.environ["LETTERS_QUEUE"], MessageBody=json.dumps(decision))
