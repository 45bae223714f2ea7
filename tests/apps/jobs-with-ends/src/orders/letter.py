import json


def handler(event, context):
    letter = json.loads(event["Records"][0]["Sns"]["Message"])
    print("dear customer, order", letter["order"], "is", letter["text"])
