"""Loops over the records of the handler's own event: how often a call is made where the event holds one, in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanners.code.go import handlers as go
from tests.scanners.code.java import handlers as java
from tests.scanners.code.javascript.test_calls import V2
from tests.scanners.code.javascript.test_calls import read as read_javascript
from tests.scanners.code.python.handlers import body
from untangle.model.code import CodeFacts


def counted(facts: CodeFacts) -> str:
    """`multiplicity per_record` of the only call."""
    (call,) = facts.calls
    return f"{call.multiplicity} {call.per_record}".strip()


PYTHON = [
    ("for record in event['Records']:\n    SEND", "many one"),
    ("for record in event.get('Records', []):\n    SEND", "many one"),
    ("for record in event.get('Records') or []:\n    SEND", "many one"),
    ("for i, record in enumerate(event['Records']):\n    SEND", "many one"),
    ("records = event['Records']\nfor record in records:\n    SEND", "many one"),
    ("if 'Records' in event:\n    for record in event['Records']:\n        SEND", "many maybe"),
    ("for record in event['Records']:\n    if record['body']:\n        SEND", "many maybe"),
    ("for record in event['Records']:\n    if not record['body']:\n        continue\n    SEND", "many maybe"),
    ("def one(record):\n    SEND\nfor record in event['Records']:\n    one(record)", "many one"),
    ("[SEND for record in event['Records']]", "many one"),
    ("def one(record):\n    SEND\nlist(map(one, event['Records']))", "many one"),
    ("SEND", "one"),
    ("for item in event['items']:\n    SEND", "many"),
    ("for record in event['Records']:\n    for line in json.loads(record['body'])['lines']:\n        SEND", "many"),
    ("for record in event['Records']:\n    while more():\n        SEND", "many"),
    ("for record in event['detail']['Records']:\n    SEND", "many"),
    ("for record in event['Records'] + event['more']:\n    SEND", "many"),
    ("found = event['Records'] if event.get('x') else event['items']\nfor record in found:\n    SEND", "many"),
    ("records = event['Records']\nif event.get('x'):\n    records = [1] * 9\nfor record in records:\n    SEND", "many"),
    ("def one():\n    SEND\nfor record in event['Records']:\n    one()\none()", "many"),  # twice
]


@pytest.mark.parametrize(("code", "expected"), PYTHON)
def test_python(code: str, expected: str) -> None:
    sent = "boto3.client('sqs').send_message(QueueUrl='q', MessageBody='x')"
    assert counted(body(code.replace("SEND", sent))) == expected


JAVASCRIPT = [
    ("for (const record of event.Records) { SEND }", "many one"),
    ("event.Records.forEach(record => { SEND })", "many one"),
    ("await Promise.all(event.Records.map(async record => { SEND }))", "many one"),
    ("const {Records} = event; for (const record of Records) { SEND }", "many one"),
    ("for (const record of event.Records ?? []) { SEND }", "many one"),
    ("const one = async (record) => { SEND }; for (const record of event.Records) { await one(record) }", "many one"),
    ("for (const record of event.Records) { if (record.body) { SEND } }", "many maybe"),
    ("for (const record of event.Records) { if (!record.body) continue; SEND }", "many maybe"),
    ("SEND", "one"),
    ("for (const record of event.items) { SEND }", "many"),
    ("for (const record of event.Records) { for (const line of JSON.parse(record.body).lines) { SEND } }", "many"),
    ("for (const record of event.Records) { while (more()) { SEND } }", "many"),
    ("for (const record of event.x ? event.Records : event.items) { SEND }", "many"),
    ("const one = async () => { SEND }; for (const record of event.Records) { await one() } await one()", "many"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), JAVASCRIPT)
def test_javascript(code: str, expected: str, tmp_path: Path) -> None:
    code = code.replace("SEND", "await sqs.sendMessage({QueueUrl: 'q', MessageBody: 'x'}).promise()")
    source = f"{V2}exports.handler = async (event) => {{ {code} }}"
    assert counted(read_javascript(tmp_path, app_dot_js=source)) == expected


CURLY = [
    ("for (SQSEvent.SQSMessage m : event.getRecords()) { SEND }", "for _, m := range event.Records {\nSEND\n}", "many one"),
    (
        "for (SQSEvent.SQSMessage m : event.getRecords()) { if (m.getBody().isEmpty()) { continue; } SEND }",
        'for _, m := range event.Records {\nif m.Body == "" {\ncontinue\n}\nSEND\n}',
        "many maybe",
    ),
    (
        "for (SQSEvent.SQSMessage m : event.getRecords()) { for (String part : m.getBody().split(\",\")) { SEND } }",
        'for _, m := range event.Records {\nfor _, part := range strings.Split(m.Body, ",") {\nSEND\n}\n}',
        "many",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("in_java", "in_go", "expected"), CURLY)
def test_java_and_go(in_java: str, in_go: str, expected: str, tmp_path: Path) -> None:
    source = java.handler(in_java.replace("SEND", java.SEND.format('"q"')))
    assert counted(java.read(tmp_path / "java", source)) == expected
    source = go.program(in_go.replace("SEND", go.SEND.format('aws.String("q")')))
    assert counted(go.read(tmp_path / "go", source)) == expected


def test_powertools_calls_the_handler_of_records_for_each() -> None:
    code = (
        "from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response\n"
        "processor = BatchProcessor(event_type=EventType.SQS)\n"
        "def one(record):\n    boto3.client('sqs').send_message(QueueUrl='q', MessageBody='x')\n"
        "return process_partial_response(event=event, record_handler=one, processor=processor, context=context)"
    )
    assert counted(body(code)) == "many one"
