"""Nothing that stands in a file stops a scan, runs, or makes it long."""

from __future__ import annotations

import time

import pytest

from tests.scanners.code.python.handlers import PREAMBLE, body, facts, function, scan

SEND = "boto3.client('sqs').send_message(QueueUrl='q', MessageBody='x')"

WILD = {
    "calls itself": "def f(x):\n    return f(x + 'a')\ndef handler(event, context):\n    f('')\n    SEND",
    "calls each other": "def f(x): return g(x)\ndef g(x): return f(x)\ndef handler(event, context):\n    f(1)\n    SEND",
    "doubling calls": (
        "def f0(): pass\n"
        + "".join(f"def f{i}():\n    f{i - 1}()\n    f{i - 1}()\n" for i in range(1, 20))
        + "def handler(e, c):\n    f19()\n    SEND"
    ),
    "doubling with arguments": (
        "def f0(x): pass\n"
        + "".join(f"def f{i}(x):\n    f{i - 1}(x + 'a')\n    f{i - 1}(x + 'b')\n" for i in range(1, 20))
        + "def handler(e, c):\n    SEND\n    f19('')"
    ),
    "deep expression": "x = " + "+".join(["'a'"] * 3000) + "\ndef handler(event, context):\n    SEND",
    "deep nesting": "def handler(event, context):\n"
    + "".join(" " * (i + 1) + "if event:\n" for i in range(90))
    + " " * 92
    + "pass\n    SEND".replace("    ", " "),
    "many branches": "def handler(event, context):\n" + "    if event['x']: y = 1\n" * 400 + "    SEND",
    "long elif": "def handler(event, context):\n    if event['x'] == 0: pass\n"
    + "".join(f"    elif event['x'] == {i}: pass\n" for i in range(1, 900))
    + "    SEND",
    "self in self": (
        "x = []\nx.append(x)\ny = {}\ny['y'] = y\ndef handler(event, context):\n    json.dumps(x)\n    json.dumps(y)\n    SEND"
    ),
    "its own base": "class A: pass\nclass A(A): pass\ndef handler(event, context):\n    A().go()\n    SEND",
    "its own attribute": (
        "class A:\n    def __getattr__(self, n): return getattr(self, n)\ndef handler(event, context):\n    A().x\n    SEND"
    ),
    "own decorator of itself": "def d(f): return d(f)\n@d\ndef g(): pass\ndef handler(event, context):\n    g()\n    SEND",
    "odd arithmetic": (
        "x = 1 // 0\ny = 2 ** 10 ** 10\nz = 'a' * 10 ** 12\nw = [0] * 10 ** 12\ndef handler(event, context):\n    SEND"
    ),
    "odd formats": "x = '%' % ()\ny = '{' .format()\nz = '%(a' % {}\ndef handler(event, context):\n    SEND",
    "odd unpacking": "a, *b, c = 1\n(d, e), f = [], {}\ndef handler(event, context):\n    SEND",
    "odd calls": "def f(a, /, b, *, c): pass\nf()\nf(1, 2, 3, 4, c=1, d=2)\nf(*1, **2)\ndef handler(event, context):\n    SEND",
}


@pytest.mark.parametrize("code", WILD.values(), ids=WILD.keys())
def test_wild_code_is_read_to_the_call(code: str) -> None:
    began = time.process_time()
    found = facts(code.replace("SEND", SEND) + "\n")
    assert time.process_time() - began < 20
    assert [call.arguments["QueueUrl"] for call in found.calls] == ["q"], [gap.why for gap in found.gaps]


def test_a_helper_called_in_very_many_ways_is_still_read() -> None:
    code = (
        "def send(name):\n    boto3.client('sqs').send_message(QueueUrl='q', MessageBody=name)\n"
        "def handler(event, context):\n" + "".join(f"    send('{i}')\n" for i in range(400))
    )
    found = facts(code)
    assert {call.arguments["QueueUrl"] for call in found.calls} == {"q"}
    assert found.readable


def test_calls_nested_beyond_all_measure_are_a_gap() -> None:
    code = "def f0(): pass\n" + "".join(f"def f{i}(): f{i - 1}()\n" for i in range(1, 80)) + "def handler(e, c):\n    f79()\n"
    found = facts(code)
    assert not found.readable
    assert [gap.why for gap in found.gaps] == ["calls are nested more than 28 deep; what is further down is not read"]


def test_nothing_is_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    mark = tmp_path_factory.mktemp("mark") / "ran"
    body(f"open({str(mark)!r}, 'w').write('x')\n__import__('os').mkdir({str(mark)!r})\neval('1')")
    assert not mark.exists()


def test_a_handler_that_cannot_be_parsed_is_a_gap_with_its_line() -> None:
    found = facts("def handler(event, context):\n    x = = 1\n")
    assert not found.readable
    (gap,) = found.gaps
    assert gap.location is not None
    assert (gap.location.path, gap.location.line) == ("src/app.py", 5)


def test_a_module_that_cannot_be_parsed_leaves_the_rest_read() -> None:
    found = facts(f"import broken\ndef handler(event, context):\n    {SEND}\n", broken="x = (\n")
    assert not found.readable
    assert len(found.calls) == 1
    assert [gap.location.path for gap in found.gaps if gap.location] == ["src/broken.py"]


def test_a_module_that_nobody_imports_may_be_broken() -> None:
    assert facts("def handler(event, context): pass\n", broken="x = (\n").readable


def test_code_in_any_bytes_is_read() -> None:
    found = scan({"src/app.py": PREAMBLE + "# caf\u00e9 \ud7ff\n" + f"def handler(event, context):\n    {SEND}\n"}, function())
    assert len(found["Fn"].calls) == 1


def test_reading_twice_gives_the_same() -> None:
    code = (
        f"def handler(event, context):\n    for r in event['Records']:\n        {SEND}\n        os.environ['A' if r else 'B']\n"
    )
    assert facts(code) == facts(code)


def test_a_handler_that_is_not_defined_is_a_gap() -> None:
    found = facts("def other(event, context): pass\n")
    assert not found.readable
    assert [gap.why for gap in found.gaps] == ["src/app.py does not define it"]
