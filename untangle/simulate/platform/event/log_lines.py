"""CloudWatch Logs: the lines of a log that a subscription hands to a function, compressed.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any


def subscribed(
    lines: Sequence[Mapping[str, Any]], *, group: str, stream: str, filters: Sequence[str], account: str
) -> dict[str, Any]:
    """The event for some lines (`{"timestamp": ms, "message": text}`), each numbered from 0."""
    held = {
        "messageType": "DATA_MESSAGE",
        "owner": account,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": list(filters),
        "logEvents": [
            {"id": f"{index:056d}", "timestamp": line["timestamp"], "message": line["message"]}
            for index, line in enumerate(lines)
        ],
    }
    packed = gzip.compress(json.dumps(held).encode(), mtime=0)
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}
