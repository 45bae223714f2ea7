"""Which calls of a handler exclude one another: different answers to one question that the code asks once in a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scanners.code.go import handlers as go
from tests.scanners.code.java import handlers as java
from tests.scanners.code.javascript.test_calls import V2
from tests.scanners.code.javascript.test_calls import read as read_javascript
from tests.scanners.code.python.handlers import body
from untangle.model.code import Call
from untangle.model.value import show


def excluding(calls: tuple[Call, ...]) -> str:
    """The pairs of queues of which a run writes to one at most: `a|b b|c`."""
    queues = sorted({show(call.arguments["QueueUrl"]).strip("'\"") for call in calls})
    sent = {queue: [call for call in calls if show(call.arguments["QueueUrl"]).strip("'\"") == queue] for queue in queues}

    def exclude(one: Call, other: Call) -> bool:
        return any(mine.excludes(theirs) for mine in one.guards for theirs in other.guards)

    pairs = [(a, b) for a in queues for b in queues if a < b and all(exclude(x, y) for x in sent[a] for y in sent[b])]
    return " ".join(f"{a}|{b}" for a, b in pairs)


PYTHON = [
    ("if x:\n    A\nelse:\n    B", "a|b"),
    ("if x:\n    A\nelif y:\n    B\nelse:\n    C", "a|b a|c b|c"),
    ("if x:\n    A\nelif y:\n    B", "a|b"),
    ("A if x else B", "a|b"),
    ("if x:\n    A\n    return\nB", "a|b"),
    ("if x:\n    pass\nelse:\n    A\n    return\nB", "a|b"),
    ("if x:\n    if y:\n        A\n        return\nB", "a|b"),
    ("match x:\n    case 1:\n        A\n    case 2:\n        B", "a|b"),
    ("A\nB", ""),
    ("if x:\n    A\nB", ""),
    ("if x:\n    A\nif not x:\n    B", ""),  # x is asked twice, and may change between
    ("if x:\n    A\n    B\nelse:\n    C", "a|c b|c"),
    ("if x:\n    A\n    if y:\n        return\nB", ""),  # the branch does not always leave
    ("if x:\n    A\n    raise ValueError()\nB", ""),  # nothing says so, and nothing of a failed run is carried on
    ("for r in event['Records']:\n    if r:\n        A\n    else:\n        B", "a|b"),  # many of each, which a plan asks too
    ("for r in (1,):\n    if x:\n        A\n        break\n    if y:\n        return\nB", ""),
    ("try:\n    if x:\n        A\n        return work()\nexcept ValueError:\n    pass\nB", ""),  # an error may be caught after A
    ("with work():\n    if x:\n        A\n        return\nB", ""),
    ("def put():\n    if x:\n        A\n    else:\n        B\nput()", "a|b"),
    ("def put():\n    if x:\n        A\n    else:\n        B\nput()\nput()", ""),
    ("def put(x):\n    if x:\n        A\n    else:\n        B\nput(event['x'])\nput(event['y'])", ""),
    ("def put():\n    if work():\n        A\n    else:\n        B\n        put()\nput()", ""),
]


@pytest.mark.parametrize(("code", "expected"), PYTHON)
def test_python(code: str, expected: str) -> None:
    head = "def work(): ...\nx, y = event['x'], event['y']\n"
    code = re.sub(r"\b[ABC]\b", lambda found: f"boto3.client('sqs').send_message(QueueUrl='{found[0].lower()}')", code)
    assert excluding(body(head + code).calls) == expected


JAVASCRIPT = [
    ("if (x) { A } else { B }", "a|b"),
    ("if (x) { A } else if (y) { B } else { C }", "a|b a|c b|c"),
    ("if (x) { A; return } B", "a|b"),
    ("if (x) { A; return f() } if (y) { B; return } C", "a|b a|c b|c"),
    ("if (x) { A } B", ""),
    ("if (x) { A } if (!x) { B }", ""),
    ("switch (x) { case 1: A; break; case 2: B; break; default: C }", "a|b a|c b|c"),
    ("switch (x) { case 1: case 2: A; return f(); default: B }", "a|b"),
    ("switch (x) { case 1: A; case 2: B }", ""),  # a case may go on into the next
    ("switch (x) { case 1: A; case 2: B; break; case 3: C }", "a|c b|c"),
    ("switch (x) { case 1: A; break } switch (x) { case 2: B; break }", ""),
    ("for (const i of [1, 2]) { switch (i) { case 1: A; break; case 2: B; break } }", "a|b"),  # many, which a plan asks too
    ("const put = (x) => { switch (x.y) { case 1: A; break; case 2: B } }; put(x); put(y)", ""),
    ("try { if (x) { A; return f() } } catch (e) { } B", ""),
    ("const put = () => { if (x) { A } else { B } }; put()", "a|b"),
    ("const put = () => { if (x) { A } else { B } }; put(); put()", ""),
    ("const put = (x) => { if (x) { A } else { B } }; put(1); put(2)", ""),
    ("const put = () => { if (x()) { A } else { B; put() } }; put()", ""),
    ("for (const r of event.Records) { if (r.x) { A; continue } B }", ""),
]


@pytest.mark.parametrize(("code", "expected"), JAVASCRIPT)
def test_javascript(code: str, expected: str, tmp_path: Path) -> None:
    code = re.sub(r"\b[ABC]\b", lambda found: f"await sqs.sendMessage({{QueueUrl: '{found[0].lower()}'}}).promise()", code)
    source = f"{V2}exports.handler = async (event) => {{ const {{x, y, f}} = event;\n{code} }}"
    assert excluding(read_javascript(tmp_path, app_dot_js=source).calls) == expected


CURLY = [
    ("if ({asked}) {{ {a} }} else {{ {b} }}", "a|b"),
    ("if ({asked}) {{ {a} return {nothing} }}\n{b}", "a|b"),
    ("if ({asked}) {{ {a} }}\n{b}", ""),
]


@pytest.mark.parametrize(("code", "expected"), CURLY)
def test_java_and_go(code: str, expected: str, tmp_path: Path) -> None:
    a, b = (java.SEND.format(f'"{queue}"') for queue in "ab")
    source = java.handler(code.format(asked="event.getRecords().isEmpty()", a=a, b=b, nothing="null;"))
    assert excluding(java.read(tmp_path / "java", source).calls) == expected
    a, b = (go.SEND.format(f'aws.String("{queue}")') + "\n" for queue in "ab")
    source = go.program(code.format(asked="len(event.Records) == 0", a=a, b=b, nothing="nil"))
    assert excluding(go.read(tmp_path / "go", source).calls) == expected


def test_the_cases_of_switches_in_java_and_go(tmp_path: Path) -> None:
    a, b = (java.SEND.format(f'"{queue}"') for queue in "ab")
    size = "event.getRecords().size()"
    for folder, code, expected in (
        ("break", f"switch ({size}) {{ case 1: {a} break; default: {b} }}", "a|b"),
        ("on", f"switch ({size}) {{ case 1: {a} default: {b} }}", ""),
        ("arrow", f"switch ({size}) {{ case 1 -> {{ {a} }} default -> {{ {b} }} }}", "a|b"),
    ):
        assert excluding(java.read(tmp_path / folder, java.handler(code)).calls) == expected
    a, b = (go.SEND.format(f'aws.String("{queue}")') for queue in "ab")
    for folder, then, expected in (("go", "", "a|b"), ("go-on", "fallthrough", "")):
        code = f"switch len(event.Records) {{\ncase 1:\n{a}\n{then}\ndefault:\n{b}\n}}"
        assert excluding(go.read(tmp_path / folder, go.program(code)).calls) == expected
