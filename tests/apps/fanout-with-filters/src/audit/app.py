import json


def handler(event, context):
    for record in event["Records"]:
        notification = json.loads(record["body"])
        print(json.loads(notification["Message"])["id"])
