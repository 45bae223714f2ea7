import io
import os
import zipfile
from pathlib import PurePosixPath
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client("s3")
BUCKET = os.environ["BUCKET"]


def handler(event, context):
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        archive = zipfile.ZipFile(io.BytesIO(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()))
        for name in archive.namelist():
            s3.put_object(Bucket=BUCKET, Key=f"raw/{PurePosixPath(name).stem}.json", Body=archive.read(name))
        s3.copy_object(Bucket=BUCKET, Key="archive/" + key, CopySource={"Bucket": BUCKET, "Key": key})
