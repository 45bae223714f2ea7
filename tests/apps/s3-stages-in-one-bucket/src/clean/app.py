import json
import os
from urllib.parse import unquote_plus

import boto3

bucket = boto3.resource("s3").Bucket(os.environ["BUCKET"])
TARGET = "clean/"


def handler(event, context):
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        rows = json.load(bucket.Object(key).get()["Body"])
        kept = [row for row in rows if row.get("id")]
        bucket.put_object(Key=TARGET + key.removeprefix("raw/"), Body=json.dumps(kept))
