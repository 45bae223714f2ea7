"""Keeps every price change for the auditors."""

import json
import os

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    for record in event["Records"]:
        change = json.loads(record["Sns"]["Message"])
        s3.put_object(
            Bucket=os.environ["AUDIT_BUCKET"],
            Key=f"prices/{change['sku']}/{record['Sns']['MessageId']}.json",
            Body=record["Sns"]["Message"].encode(),
        )
