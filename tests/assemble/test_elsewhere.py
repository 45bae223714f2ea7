"""What names a thing of another region or account is not taken for the live thing of the same name."""

from __future__ import annotations

import pytest

from untangle.assemble.identify import lies_elsewhere
from untangle.model.value import Concat, Symbol, Value

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orders"


@pytest.mark.parametrize(
    ("deployed", "named", "elsewhere"),
    [
        (QUEUE, QUEUE, False),
        (QUEUE, "arn:aws:sqs:us-east-1:123456789012:orders", True),
        (QUEUE, "arn:aws:sqs:eu-west-1:999999999999:orders", True),
        (QUEUE, "arn:aws:sqs:*:*:orders", False),
        (QUEUE, "https://sqs.eu-west-1.amazonaws.com/123456789012/orders", False),
        (QUEUE, "https://sqs.us-east-1.amazonaws.com/123456789012/orders", True),
        (QUEUE, "https://sqs.eu-west-1.amazonaws.com/999999999999/orders", True),
        (QUEUE, "https://queue.amazonaws.com/123456789012/orders", False),
        (QUEUE, "http://sqs.localhost.localstack.cloud:4566/123456789012/orders", False),
        (QUEUE, "orders", False),
        (QUEUE, Concat(("arn:aws:sqs:", Symbol("AWS::Region"), ":123456789012:orders")), False),
        ("arn:aws:s3:::labels", "arn:aws:s3:::labels/*", False),
        ("arn:aws:iam::123456789012:policy/Own", "arn:aws:iam::aws:policy/Own", True),
        (None, QUEUE, False),
    ],
)
def test_only_what_is_written_out_contradicts(deployed: str | None, named: Value, elsewhere: bool) -> None:
    assert lies_elsewhere(deployed, named) is elsewhere
