"""Packages that wrap one client of the SDK."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.javascript.test_calls import read, told


@pytest.mark.parametrize(
    ("package", "call", "expected"),
    [
        (
            "@dazn/lambda-powertools-sqs-client",
            "client.sendMessage({QueueUrl: 'q', MessageBody: 'x'})",
            ["sqs:SendMessage q one"],
        ),
        ("@acme/sns-client", "client.publishWithCorrelationIds(ids, {TopicArn: 't', Message: 'x'})", ["sns:Publish t one"]),
        ("@acme/kinesis-client", "client.putRecord({StreamName: 's', Data: 'x'})", ["kinesis:PutRecord s one"]),
        ("@acme/dynamodb-client", "client.put({TableName: 't', Item: {}})", ["dynamodb:PutItem t one"]),
        ("@acme/sns-client", "client.listTopics({})", []),
        ("@acme/http-client", "client.publish({TopicArn: 't'})", []),
        ("sns", "client.publish({TopicArn: 't'})", []),
    ],
)
def test_a_method_of_a_wrapping_package_is_the_operation(tmp_path: Path, package: str, call: str, expected: list[str]) -> None:
    source = f"const client = require('{package}');\nexports.handler = async (ids) => {{ await {call}.promise() }}\n"

    assert [told(found) for found in read(tmp_path, index_dot_js=source).calls] == expected
