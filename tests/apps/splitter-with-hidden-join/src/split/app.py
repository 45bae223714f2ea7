import json
import os

import boto3

reports = boto3.resource("dynamodb").Table(os.environ["REPORTS_TABLE"])
sqs = boto3.client("sqs")


def handler(event, context):
    for record in event["Records"]:
        request = json.loads(record["body"])
        chapters = request["chapters"]
        reports.put_item(Item={"report": request["report"], "wanted": len(chapters)})
        for chapter in chapters:
            sqs.send_message(
                QueueUrl=os.environ["PARTS_QUEUE_URL"],
                MessageBody=json.dumps({"report": request["report"], "chapter": chapter}),
            )
