import json


def handler(event, context):
    print("label for", json.loads(event["Records"][0]["body"])["order"])
