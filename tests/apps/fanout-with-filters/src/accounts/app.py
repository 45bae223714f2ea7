import json
import os

import boto3

sns = boto3.client("sns")
events = boto3.client("events")


def handler(event, context):
    account = json.loads(event["body"])
    sns.publish(
        TopicArn=os.environ["TOPIC"],
        Message=json.dumps({"id": account["id"], "plan": account["plan"]}),
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "created"}},
    )
    events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["BUS"],
                "Source": "shop.accounts",
                "DetailType": "AccountOpened",
                "Detail": json.dumps({"id": account["id"]}),
            }
        ]
    )
    return {"statusCode": 201}
