import os

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=os.environ["BUCKET"], Prefix="clean/")
    count = sum(page["KeyCount"] for page in pages)
    s3.put_object(Bucket=os.environ["BUCKET"], Key=f"reports/{event['time'][:10]}.txt", Body=str(count))
