"""How often AWS lets an account be asked: the published limits, as data, kept a little under.

Sources: the service quotas pages and the operations' own reference. Where nothing is published, `UNPUBLISHED` is where a bucket
starts; it grows while nothing is refused and halves when something is (see `manners`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """Calls per second of one bucket: where it starts, and what it may grow to. `bucket` names those that share it."""

    bucket: str
    rate: float
    ceiling: float


_SHARE = 0.93  # of a published limit: the owner of the account also wants to call
_PUBLISHED = {
    "lambda.GetFunction": 100,
    "lambda.GetPolicy": 15,
    "lambda.*": 15,  # all other control plane operations share it
    "sns.ListTopics": 30,
    "sns.ListSubscriptions": 30,
    "ses.DescribeActiveReceiptRuleSet": 1,
    "sesv2.*": 1,
    "kinesis.ListStreams": 5,
    "kinesis.ListStreamConsumers": 5,
    "kinesis.DescribeStreamSummary": 20,
    "dynamodbstreams.ListStreams": 5,
    "apigateway.GetResources": 2.5,
    "apigateway.*": 10,
    "apigatewayv2.*": 10,
    "firehose.*": 5,
    "iam.*": 5,
    "cloudformation.*": 5,
    "logs.*": 5,
    "xray.*": 5,
}
_FAST = {"s3.*": (40, 200)}  # per bucket it allows thousands
UNPUBLISHED = (8, 40)


def limit(service: str, operation: str) -> Limit:
    """The bucket of an operation: its own, or the one that the service's operations share."""
    own, shared = f"{service}.{operation}", f"{service}.*"
    for name in (own, shared):
        if name in _PUBLISHED:
            rate = _PUBLISHED[name] * _SHARE
            return Limit(name, rate, rate)
    start, ceiling = _FAST.get(shared, UNPUBLISHED)
    return Limit(own, start, ceiling)
