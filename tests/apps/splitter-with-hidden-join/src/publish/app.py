import json
import os

import boto3

shelf = boto3.resource("dynamodb").Table(os.environ["SHELF_TABLE"])


def handler(event, context):
    for record in event["Records"]:
        message = json.loads(record["Sns"]["Message"])
        shelf.put_item(Item={"report": message["report"], "state": "published"})
