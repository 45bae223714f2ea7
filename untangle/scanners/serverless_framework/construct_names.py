"""What others call the constructs of the lift plugin: `${construct:jobs.queueUrl}`. Source: serverless-lift's documentation."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.value import Ref, Value

# Logical id (behind the construct's own) and attribute of each name that a construct has for others.
_NAMES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("queue", "queueUrl"): ("Queue", ""),
    ("queue", "queueArn"): ("Queue", "Arn"),
    ("queue", "dlqUrl"): ("Dlq", ""),
    ("queue", "dlqArn"): ("Dlq", "Arn"),
    ("storage", "bucketName"): ("Bucket", ""),
    ("storage", "bucketArn"): ("Bucket", "Arn"),
    ("database/dynamodb-single-table", "tableName"): ("Table", ""),
    ("database/dynamodb-single-table", "tableArn"): ("Table", "Arn"),
    ("database/dynamodb-single-table", "tableStreamArn"): ("Table", "StreamArn"),
    ("webhook", "busName"): ("Bus", ""),
}


def construct_value(stack: str, kind: str, address: str) -> Value:
    """What `${construct:address}` names, the construct being of this kind; None where it is unknown."""
    key, _, name = address.partition(".")
    found = _NAMES.get((kind, name))
    return None if found is None else Ref(f"{stack}/{key}{found[0]}", found[1])
