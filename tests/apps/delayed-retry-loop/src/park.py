import json


def handler(event, context):
    for record in event["Records"]:
        print("gave up on", json.loads(record["body"])["url"])
