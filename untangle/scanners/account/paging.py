"""How answers come in pages: botocore's own description where it has one, ours where it has none or is wrong.

`sqs.ListQueues` without a page size stops at 1,000 queues and says nothing; many listings of EventBridge have no paginator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Parameters that make pages large, that an operation demands, or without which it does not page.
SIZES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("sqs", "ListQueues"): {"MaxResults": 1000},
    ("s3", "ListBuckets"): {"MaxBuckets": 1000},  # only then it pages, and says the region of each bucket
    ("iam", "GetAccountAuthorizationDetails"): {"MaxItems": 500},
    ("cognito-idp", "ListUserPools"): {"MaxResults": 60},
    ("apigateway", "GetResources"): {"limit": 500},
    ("apigateway", "GetRestApis"): {"limit": 500},
    ("kinesis", "ListStreams"): {"Limit": 1000},
    ("firehose", "ListDeliveryStreams"): {"Limit": 100},
    ("secretsmanager", "ListSecrets"): {"MaxResults": 100},
}
_TOKENS = (
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("ExclusiveStartStreamArn", "LastEvaluatedStreamArn"),
    ("ContinuationToken", "ContinuationToken"),
    ("Marker", "NextMarker"),
    ("position", "position"),
)


@dataclass(frozen=True, slots=True)
class Pager:
    """Where in an answer the next page's tokens are (JMESPath), into which parameters they go, what says that there is more."""

    into: tuple[str, ...]
    out: tuple[str, ...]
    more: str | None = None

    def following(self, page: Mapping[str, Any]) -> dict[str, Any] | None:
        """The parameters that ask for the next page; None after the last."""
        import jmespath

        if self.more is not None and not jmespath.search(self.more, page):
            return None
        values = [jmespath.search(path, page) for path in self.out]
        return {name: value for name, value in zip(self.into, values, strict=True) if value} or None


_OWN = {
    ("firehose", "ListDeliveryStreams"): Pager(
        ("ExclusiveStartDeliveryStreamName",), ("DeliveryStreamNames[-1]",), "HasMoreDeliveryStreams"
    )
}


def pager(
    service: str, operation: str, paginator: Mapping[str, Any] | None, takes: Sequence[str], gives: Sequence[str]
) -> Pager | None:
    """The pager of an operation; None where it answers in one page.

    `paginator` is botocore's description of it, if any; `takes` and `gives` are the names of its parameters and answers.
    """
    if (service, operation) in _OWN:
        return _OWN[service, operation]
    if paginator:
        return Pager(_listed(paginator["input_token"]), _listed(paginator["output_token"]), paginator.get("more_results"))
    for into, out in _TOKENS:
        if into in takes and out in gives:
            return Pager((into,), (out,))
    return None


def _listed(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
