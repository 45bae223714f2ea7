"""Policy statements from the short lines of the tables, and the documents they go into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from untangle.model.value import ACCOUNT, PARTITION, REGION, Value, concat
from untangle.scanners.sam.policy_templates import TEMPLATES, Line

_HOLE = re.compile(r"\{(\w+(?:\.\w+)?)\}")
_SERVICE = re.compile(r"([a-z0-9-]+)/(.+)", re.DOTALL)


def holes(lines: Iterable[Line]) -> frozenset[str]:
    """The names of the parameters that these lines take."""
    return frozenset(name for line in lines for text in line[1:] for name in _HOLE.findall(text))


def resource(pattern: str, values: Mapping[str, Value]) -> Value:
    """The ARN that a pattern of the tables stands for.

    `sqs/{QueueName}` is `arn:<partition>:sqs:<region>:<account>:{QueueName}`, `s3:::{BucketName}` is
    `arn:<partition>:s3:::{BucketName}`; `*` and what begins with a hole are taken as they are.
    """
    if pattern == "*" or pattern.startswith("{"):
        return _filled(pattern, values)
    regional = _SERVICE.fullmatch(pattern)
    if regional and ":::" not in pattern:
        return concat(("arn:", PARTITION, f":{regional[1]}:", REGION, ":", ACCOUNT, ":", _filled(regional[2], values)))
    return concat(("arn:", PARTITION, ":", _filled(pattern, values)))


def statement(line: Line, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """One line of a table as a policy statement."""
    service, _, names = line[0].partition(": ")
    made: dict[str, Value] = {
        "Effect": "Allow",
        "Action": tuple(f"{service}:{name}" for name in names.split()),
        "Resource": tuple(resource(pattern, values) for pattern in line[1].split()),
    }
    if len(line) > 2:
        operator, key, pattern = line[2].split()
        made["Condition"] = {operator: {key: resource(pattern, values)}}
    return made


def document(statements: Iterable[Mapping[str, Value]]) -> Mapping[str, Value]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": tuple(statements)}


def allow(action: str | tuple[str, ...], *resources: Value) -> Mapping[str, Value]:
    """A statement that allows an action (or several) on resources."""
    actions = (action,) if isinstance(action, str) else action
    return {"Effect": "Allow", "Action": actions, "Resource": tuple(resources)}


def delivery(service: str, target: Value, source: Value, *, action: str = "sqs:SendMessage") -> Mapping[str, Value]:
    """A resource policy's document that lets a service's resource (a topic, a rule) send to a queue or topic."""
    grant: Mapping[str, Value] = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": action,
        "Resource": target,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    return document((grant,))


def trust(service: str) -> Mapping[str, Value]:
    """The document that lets an AWS service assume a role."""
    grant: Mapping[str, Value] = {
        "Effect": "Allow",
        "Action": ("sts:AssumeRole",),
        "Principal": {"Service": (f"{service}.amazonaws.com",)},
    }
    return document((grant,))


# The AWS managed policies under `service-role/` that functions are given; all others that people name have no path.
_SERVICE_ROLES = frozenset(
    {
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaBasicDurableExecutionRolePolicy",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaENIManagementAccess",
        "AWSLambdaKinesisExecutionRole",
        "AWSLambdaMSKExecutionRole",
        "AWSLambdaRole",
        "AWSLambdaSQSQueueExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
        "AmazonS3ObjectLambdaExecutionRolePolicy",
    }
)


def managed(name: str) -> Value:
    """The ARN of an AWS managed policy; an ARN is handed back as it is."""
    if name.startswith("arn:"):
        return name
    path = "service-role/" if name in _SERVICE_ROLES else ""
    return concat(("arn:", PARTITION, f":iam::aws:policy/{path}{name}"))


def template(name: str, values: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """The document of a SAM policy template; None where SAM has none of this name."""
    lines = TEMPLATES.get(name)
    return None if lines is None else document(statement(line, values) for line in lines)


def _filled(pattern: str, values: Mapping[str, Value]) -> Value:
    pieces = _HOLE.split(pattern)
    return concat([values.get(piece) if index % 2 else piece for index, piece in enumerate(pieces)])
