import json
import os

import boto3

reports = boto3.resource("dynamodb").Table(os.environ["REPORTS_TABLE"])
s3 = boto3.client("s3")
sns = boto3.client("sns")


def handler(event, context):
    for record in event["Records"]:
        part = json.loads(record["body"])
        s3.put_object(Bucket=os.environ["PAGES_BUCKET"], Key=f"{part['report']}/{part['chapter']}.txt", Body=part["chapter"].upper())
        report = reports.update_item(
            Key={"report": part["report"]},
            UpdateExpression="ADD rendered :chapter",
            ExpressionAttributeValues={":chapter": {part["chapter"]}},
            ReturnValues="ALL_NEW",
        )["Attributes"]
        if len(report["rendered"]) == report["wanted"]:
            sns.publish(TopicArn=os.environ["COMPLETE_TOPIC_ARN"], Message=json.dumps({"report": part["report"]}))
