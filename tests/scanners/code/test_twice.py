"""A helper that is called from several places: how often its call is made in one run, in every language."""

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
    """The multiplicity of the only call, or of each with its place: `one@0 one@1`."""
    if len(facts.calls) == 1:
        return facts.calls[0].multiplicity
    return " ".join(f"{call.multiplicity}@{call.place}" for call in facts.calls)


PYTHON = [
    ("put()", "one"),
    ("put()\nput()", "many"),
    ("put(); put()", "many"),
    ("put()\nif x:\n    put()", "many"),
    ("if x:\n    put()\nif y:\n    put()", "many"),
    ("if x:\n    put()\nelse:\n    put()", "maybe"),
    ("if x:\n    put()\nelif y:\n    put()\nelse:\n    put()", "maybe"),
    ("if x:\n    put()\n    return\nput()", "maybe"),
    ("if x:\n    put()\n    return\nput()\nput()", "many"),
    ("match x:\n    case 1:\n        put()\n    case 2:\n        put()", "maybe"),
    ("try:\n    put()\nexcept ValueError:\n    put()", "many"),  # the first one may have been sent
    ("for r in event['Records']:\n    put()", "many"),
    ("for r in (1, 2):\n    put()", "many"),
    ("[put() for r in (1, 2)]", "many"),
    ("def more():\n    put()\nmore()\nmore()", "many"),
    ("def more():\n    put()\nmore()\nput()", "many"),
    ("def more():\n    put()\n    put()\nmore()", "many"),
    ("def more():\n    put()\nif x:\n    more()\nelse:\n    put()", "maybe"),
    ("def a():\n    put()\ndef b():\n    put()\n(a if x else b)()", "maybe"),
    ("def a():\n    put()\ndef b():\n    put()\n{'a': a, 'b': b}[x]()", "maybe"),
    ("def more():\n    put()\n    if x:\n        more()\nmore()", "many"),
    ("for q in ('a', 'b'):\n    put(q)", "one@0 one@1"),
    ("put('a')\nput('b')", "one@0 one@1"),
    ("put('a' if x else 'b')", "one"),
    ("def more(f):\n    f()\nmore(put)\nmore(put)", "many"),
    ("import unknown\nunknown.run(put)", "one"),
    ("import unknown\nunknown.run(put)\nunknown.run(put)", "many"),
    ("import unknown\nlater = unknown.wrap(put)\nunknown.gather(later)", "one"),
    ("import unknown\nlater = unknown.wrap(put)\nlater()", "one"),
    ("sqs.send_message_batch(QueueUrl='q', Entries=[{'MessageBody': 'x'}, {'MessageBody': 'y'}])", "one@0 one@1"),
    ("sqs.send_message_batch(QueueUrl='q', Entries=[{'MessageBody': 'x'}, {'MessageBody': 'x'}])", "many"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), PYTHON)
def test_python(code: str, expected: str) -> None:
    head = "x, y = event['x'], event['y']\nsqs = boto3.client('sqs')\n"
    head += "def put(m='x'):\n    sqs.send_message(QueueUrl='q', MessageBody=m)\n"
    assert counted(body(head + code)) == expected


JAVASCRIPT = [
    ("await put()", "one"),
    ("await put(); await put()", "many"),
    ("await put(); if (x) { await put() }", "many"),
    ("if (x) { await put() } await put()", "many"),  # met first where it is not certain
    ("await put(); for (const r of event.Records) { await put() }", "many"),  # met first where it is one
    ("if (x) { await put() } if (y) { await put() }", "many"),
    ("if (x) { await put() } else { await put() }", "maybe"),
    ("if (x) { await put() } else if (y) { await put() } else { await put() }", "maybe"),
    ("if (x) { await put(); return f() } await put()", "maybe"),
    ("if (x) { await put(); return f() } await put(); await put()", "many"),
    ("switch (x) { case 1: await put(); break; case 2: await put(); break; default: await put() }", "maybe"),
    ("try { await put() } catch (e) { await put() }", "many"),
    ("const more = async () => { await put() }; await more(); await more()", "many"),
    ("const more = async () => { await put() }; await more(); await put()", "many"),
    ("const more = async () => { await put(); await put() }; await more()", "many"),
    ("const more = async () => { await put() }; if (x) { await more() } else { await put() }", "maybe"),
    ("const more = async () => { await put(); if (x) { await more() } }; await more()", "many"),
    ("const a = () => put(); const b = () => put(); await (x ? a : b)()", "one"),
    ("const again = (m) => { put() }; again(1); again(2)", "many"),  # told apart by what it is given, and sends the same
    ("await put('a'); await put('b')", "one@0 one@1"),
    ("const more = g => g(); more(put); more(put)", "many"),
    ("await Promise.all([put(), put()])", "many"),
    ("await f(() => put())", "one"),
    ("await f(() => put()); await f(() => put())", "many"),
    ("const later = f(() => put()); await f(later)", "one"),
    ("const later = f(() => put()); await later()", "one"),
    ("const later = f(() => put()); await later(); await later()", "many"),
    ("await sqs.sendMessageBatch({QueueUrl: 'q', Entries: [{MessageBody: 'x'}, {MessageBody: 'y'}]}).promise()", "one@0 one@1"),
    ("await sqs.sendMessageBatch({QueueUrl: 'q', Entries: [{MessageBody: 'x'}, {MessageBody: 'x'}]}).promise()", "many"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), JAVASCRIPT)
def test_javascript(code: str, expected: str, tmp_path: Path) -> None:
    put = "const put = async (m = 'x') => { await sqs.sendMessage({QueueUrl: 'q', MessageBody: m}).promise() };\n"
    source = f"{V2}{put}exports.handler = async (event) => {{ const {{x, y, f}} = event;\n{code} }}"
    assert counted(read_javascript(tmp_path, app_dot_js=source)) == expected


CURLY = [
    ("PUT", "one"),
    ("PUT PUT", "many"),
    ("PUT if (ASKED) { PUT }", "many"),
    ("if (ASKED) { PUT } PUT", "many"),
    ("if (ASKED) { PUT } else { PUT }", "maybe"),
    ("if (ASKED) { PUT return NOTHING } PUT", "maybe"),
    ("if (ASKED) { PUT return NOTHING } PUT PUT", "many"),
]


@pytest.mark.parametrize(("code", "expected"), CURLY)
def test_java_and_go(code: str, expected: str, tmp_path: Path) -> None:
    def spelled(put: str, asked: str, nothing: str) -> str:
        return code.replace("PUT", put).replace("ASKED", asked).replace("NOTHING", nothing)

    helper = f"private void put() {{ {java.SEND.format(chr(34) + 'q' + chr(34))} }}"
    source = java.handler(spelled("put();", "event.getRecords().isEmpty()", "null;"), helper)
    assert counted(java.read(tmp_path / "java", source)) == expected
    helper = (
        f"func put(ctx context.Context) {{\n{go.SEND.format('aws.String(chr)').replace('chr', chr(34) + 'q' + chr(34))}\n}}\n"
    )
    body = (
        spelled("put(ctx)\n", "len(event.Records) == 0", "nil\n")
        .replace("} put", "}\nput")
        .replace("(len(event.Records) == 0)", "len(event.Records) == 0")
    )
    assert counted(go.read(tmp_path / "go", go.program(body, go.SQS + helper))) == expected
