import json
import os

import boto3

states = boto3.client("stepfunctions")


def handler(event, context):
    order = json.loads(event["Records"][0]["body"])
    states.start_execution(stateMachineArn=os.environ["FULFILMENT"], input=json.dumps({"order": order["id"]}))
