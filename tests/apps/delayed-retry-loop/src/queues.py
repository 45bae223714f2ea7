"""Shared by the functions of this directory."""

import json

import boto3

sqs = boto3.client("sqs")


def send(url, body):
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
