"""Kinesis: a record as a mapping hands it over, and the flat one of a pipe.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.simulate.platform.event.text import base64_text, moment


def record(data: bytes, key: str, *, stream: str, shard: str, sequence: str, at: str, account: str) -> dict[str, Any]:
    """The record of `data` that was put under a partition `key`; `stream` is an ARN."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": key,
            "sequenceNumber": sequence,
            "data": base64_text(data),
            "approximateArrivalTimestamp": moment(at).timestamp(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{account}:role/simulated",
        "awsRegion": stream.split(":")[3],
        "eventSourceARN": stream,
    }


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as a pipe hands it over: the inner fields stand beside the outer ones."""
    outer = {name: value for name, value in record.items() if name != "kinesis"}
    return {**outer, **record["kinesis"]}
