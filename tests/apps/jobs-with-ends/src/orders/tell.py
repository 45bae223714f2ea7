import json
import os

import boto3

sns = boto3.client("sns")


def handler(event, context):
    order = json.loads(event["detail"]["input"])["order"]
    text = "on its way" if event["detail"]["status"] == "SUCCEEDED" else "late"
    sns.publish(TopicArn=os.environ["LETTERS"], Message=json.dumps({"order": order, "text": text}))
