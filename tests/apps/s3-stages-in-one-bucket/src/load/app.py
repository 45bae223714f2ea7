import json
import os
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    for record in event["Records"]:
        found = s3.get_object(Bucket=os.environ["BUCKET"], Key=unquote_plus(record["s3"]["object"]["key"]))
        print(len(json.load(found["Body"])), "rows")
