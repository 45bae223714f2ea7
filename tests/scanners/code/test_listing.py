"""A count of what a listing holds, as one who waits for others: noted where something is sent only under the comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.javascript.test_calls import V2
from tests.scanners.code.javascript.test_calls import read as read_javascript
from tests.scanners.code.python.handlers import body

LIST = "found = boto3.client('s3').list_objects_v2(Bucket='b', Prefix=event['id'])\ntotal = int(event['total'])\n"
ROWS = "table = boto3.resource('dynamodb').Table('t')\nfound = table.query(IndexName='i')\ntotal = event['total']\n"

PYTHON = [
    (LIST + "if len(found['Contents']) == total:\n    SEND", True),
    (LIST + "if len(found.get('Contents', [])) >= total:\n    SEND", True),
    (LIST + "if found['KeyCount'] == total:\n    SEND", True),
    (LIST + "if total == found['KeyCount']:\n    SEND", True),
    (LIST + "if found['KeyCount'] < total:\n    return\nSEND", True),
    (LIST + "if found['KeyCount'] == 12:\n    SEND", True),
    (LIST + "count = len(found['Contents'])\nif count == total:\n    SEND", True),
    (LIST + "parts = found.get('Contents', [])\nif len(parts) == total:\n    SEND", True),
    (ROWS + "if found['Count'] == total:\n    SEND", True),
    (ROWS + "if len(found['Items']) == total:\n    SEND", True),
    (LIST + "if found['KeyCount'] > 0:\n    SEND", False),
    (LIST + "if len(found['Contents']) == 0:\n    return\nSEND", False),
    (LIST + "if 'Contents' in found:\n    SEND", False),
    (LIST + "if found['KeyCount'] == total:\n    print('all')\nSEND", False),
    (LIST + "for one in found['Contents']:\n    if one['Size'] == total:\n        SEND", False),
    (ROWS + "first = found['Items'][0]\nif first['state'] == total:\n    SEND", False),
    ("total = event['total']\nfound = event\nif found['Count'] == total:\n    SEND", False),  # nothing is listed
]


@pytest.mark.parametrize(("code", "expected"), PYTHON)
def test_python(code: str, expected: bool) -> None:
    sent = "boto3.client('sqs').send_message(QueueUrl='q', MessageBody='x')"
    assert ("listing" in body(code.replace("SEND", sent)).signals) is expected


def test_its_place_is_the_comparison() -> None:
    signals = body(LIST + "if found['KeyCount'] == total:\n    boto3.client('sqs').send_message(QueueUrl='q')").signals
    assert signals["listing"].line == 7


S3 = "const found = await new AWS.S3().listObjectsV2({Bucket: 'b'}).promise(); const total = event.total; "
TABLE = "const found = await new AWS.DynamoDB.DocumentClient().query({TableName: 't'}).promise(); const total = event.total; "
JAVASCRIPT = [
    (S3 + "if (found.Contents.length === total) { SEND }", True),
    (S3 + "if (found.KeyCount < total) return; SEND", True),
    (S3 + "const {Contents} = found; if (Contents.length >= total) { SEND }", True),
    (TABLE + "if (found.Count === total) { SEND }", True),
    (TABLE + "if (found.Items.length === event.total) { SEND }", True),
    (S3 + "if (found.Contents.length > 0) { SEND }", False),
    (S3 + "if (found.KeyCount === 0) return; SEND", False),
    (S3 + "if (found.KeyCount === total) { console.log('all') } SEND", False),
    ("const found = event; if (found.Items.length === event.total) { SEND }", False),
]


@pytest.mark.parametrize(("code", "expected"), JAVASCRIPT)
def test_javascript(code: str, expected: bool, tmp_path: Path) -> None:
    code = code.replace("SEND", "await sqs.sendMessage({QueueUrl: 'q', MessageBody: 'x'}).promise()")
    source = f"{V2}exports.handler = async (event) => {{ {code} }}"
    assert ("listing" in read_javascript(tmp_path, app_dot_js=source).signals) is expected
