"""Reachability is the handler's, not the file's: which functions of which modules a handler gets to."""

from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import facts, function, only, scan, shown

SEND = "boto3.client('sqs').send_message(QueueUrl='{}', MessageBody='x')"


def reached(code: str, **others: str) -> list[str]:
    """The queues that a handler sends to; `SEND(name)` in the code is a call."""
    import re

    def written(text: str) -> str:
        return re.sub(r"SEND\((\w+)\)", lambda match: SEND.format(match[1]), text)

    found = facts(written(code), **{name: "import boto3\n" + written(text) for name, text in others.items()})
    assert [gap.why for gap in found.gaps] == []
    return sorted({str(call.arguments["QueueUrl"]) for call in found.calls})


REACHED = {
    "only what it calls": "def a(): SEND(a)\ndef b(): SEND(b)\ndef handler(event, context):\n    a()",
    "top level": "SEND(a)\ndef handler(event, context): pass",
    "not the script": "def handler(event, context):\n    SEND(a)\nif __name__ == '__main__':\n    SEND(b)",
    "method": "class A:\n    def go(self): SEND(a)\n    def stop(self): SEND(b)\ndef handler(event, context):\n    A().go()",
    "overridden": (
        "class B:\n    def go(self): self.do()\n    def do(self): SEND(b)\nclass A(B):\n    def do(self): SEND(a)\n"
        "def handler(event, context):\n    A().go()"
    ),
    "inherited": "class B:\n    def go(self): SEND(a)\nclass A(B): pass\ndef handler(event, context):\n    A().go()",
    "static": "class A:\n    @staticmethod\n    def go(): SEND(a)\ndef handler(event, context):\n    A.go()",
    "class method": (
        "class A:\n    @classmethod\n    def go(cls): cls().do()\n"
        "    def do(self): SEND(a)\ndef handler(event, context):\n    A.go()"
    ),
    "callable object": "class A:\n    def __call__(self, event, context): SEND(a)\nhandler = A()",
    "bound method as handler": "class A:\n    def handle(self, event, context): SEND(a)\nhandler = A().handle",
    "made handler": "def make():\n    def inner(event, context): SEND(a)\n    return inner\nhandler = make()",
    "own decorator": (
        "import functools\ndef deco(f):\n    @functools.wraps(f)\n"
        "    def wrapped(*args, **kwargs):\n        return f(*args, **kwargs)\n"
        "    return wrapped\n@deco\ndef handler(event, context): SEND(a)"
    ),
    "own decorator with arguments": (
        "def deco(n):\n    def outer(f):\n        def wrapped(event, context):\n"
        "            return f(event, context)\n        return wrapped\n"
        "    return outer\n@deco(3)\ndef handler(event, context): SEND(a)"
    ),
    "decorator object": (
        "class Deco:\n    def __init__(self, f): self.f = f\n    def __call__(self, *args): return self.f(*args)\n"
        "@Deco\ndef handler(event, context): SEND(a)"
    ),
    "foreign decorator": "import lib\n@lib.traced(name='x')\n@lib.logged\ndef handler(event, context): SEND(a)",
    "thread": (
        "import threading\ndef f(x): SEND(a)\ndef handler(event, context):\n    threading.Thread(target=f, args=(1,)).start()"
    ),
    "thread class": (
        "import threading\nclass T(threading.Thread):\n    def run(self): SEND(a)\ndef handler(event, context):\n    T().start()"
    ),
    "executor": (
        "from concurrent.futures import ThreadPoolExecutor\ndef f(x): SEND(a)\ndef handler(event, context):\n"
        "    with ThreadPoolExecutor() as pool:\n        pool.submit(f, 1)"
    ),
    "executor map": (
        "from concurrent.futures import ThreadPoolExecutor\ndef f(x): SEND(a)\ndef handler(event, context):\n"
        "    with ThreadPoolExecutor() as pool:\n        list(pool.map(f, event['x']))"
    ),
    "map": "def f(x): SEND(a)\ndef handler(event, context):\n    list(map(f, event['x']))",
    "lambda": "go = lambda: SEND(a)\ndef handler(event, context):\n    go()",
    "partial": "from functools import partial\ndef f(x): SEND(a)\ndef handler(event, context):\n    partial(f, 1)()",
    "callback": "import lib\ndef f(x): SEND(a)\ndef handler(event, context):\n    lib.each(event, f)",
    "generator": "def f():\n    SEND(a)\n    yield 1\ndef handler(event, context):\n    for x in f(): pass",
    "context manager": (
        "class M:\n    def __enter__(self): return self\n"
        "    def __exit__(self, *a): SEND(a)\ndef handler(event, context):\n    with M(): pass"
    ),
    "contextlib": (
        "from contextlib import contextmanager\n@contextmanager\n"
        "def m():\n    yield lambda: SEND(a)\ndef handler(event, context):\n"
        "    with m() as go:\n        go()"
    ),
    "property": "class A:\n    @property\n    def p(self): SEND(a)\ndef handler(event, context):\n    A().p",
    "async": (
        "import asyncio\nasync def f(): SEND(a)\ndef handler(event, context):\n"
        "    asyncio.get_event_loop().run_until_complete(f())"
    ),
    "gather": (
        "import asyncio\nasync def f(): SEND(a)\nasync def g():\n"
        "    await asyncio.gather(f())\ndef handler(event, context):\n    asyncio.run(g())"
    ),
    "powertools batch": (
        "from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response\n"
        "processor = BatchProcessor(event_type=EventType.SQS)\ndef record_handler(record): SEND(a)\n"
        "def handler(event, context):\n"
        "    return process_partial_response(event=event, record_handler=record_handler, processor=processor, context=context)"
    ),
    "powertools route": (
        "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\napp = APIGatewayRestResolver()\n"
        "@app.get('/x/<id>')\ndef get(id): SEND(a)\ndef other(): SEND(b)\n"
        "def handler(event, context):\n    return app.resolve(event, context)"
    ),
    "powertools decorators": (
        "from aws_lambda_powertools import Logger, Tracer\nlogger = Logger()\ntracer = Tracer()\n"
        "@logger.inject_lambda_context\n@tracer.capture_lambda_handler\ndef handler(event, context): SEND(a)"
    ),
    "event source": (
        "from aws_lambda_powertools.utilities.data_classes import event_source, SQSEvent\n"
        "@event_source(data_class=SQSEvent)\ndef handler(event: SQSEvent, context):\n    SEND(a)"
    ),
    "web framework": (
        "from fastapi import FastAPI\nfrom mangum import Mangum\napp = FastAPI()\n"
        "@app.post('/x')\ndef post(): SEND(a)\nhandler = Mangum(app)"
    ),
    "wsgi application": (
        "from flask import Flask\nimport serverless_wsgi\napp = Flask(__name__)\n@app.route('/x')\ndef x(): SEND(a)\n"
        "def handler(event, context):\n    return serverless_wsgi.handle_request(app, event, context)"
    ),
    "annotation": (
        "class P:\n    def go(self): SEND(a)\ndef use(p: P):\n    p.go()\ndef handler(event, context):\n    use(unknown())"
    ),
    "descriptor": (
        "from types import MethodType\nclass D:\n    def __init__(self, f): self.f = f\n"
        "    def __get__(self, o, c=None): return MethodType(self.f, o)\n"
        "class A:\n    @D\n    def go(self): SEND(a)\ndef handler(event, context):\n    A().go()"
    ),
    "durable step": (
        "from aws_durable_execution_sdk_python import durable_execution\n@durable_execution\ndef handler(event, context):\n"
        "    def step(_): SEND(a)\n    return context.step(step, name='x')"
    ),
}


@pytest.mark.parametrize("code", REACHED.values(), ids=REACHED.keys())
def test_a_handler_reaches_a_and_only_a(code: str) -> None:
    assert reached(code + "\n") == ["a"]


def test_routes_are_taken_perhaps() -> None:
    code = """
        from aws_lambda_powertools.event_handler import APIGatewayRestResolver
        app = APIGatewayRestResolver()
        @app.get('/a')
        def a(): boto3.client('sqs').send_message(QueueUrl='a', MessageBody='x')
        @app.get('/b')
        def b(): boto3.client('sqs').send_message(QueueUrl='b', MessageBody='x')
        def handler(event, context):
            return app.resolve(event, context)
    """
    found = facts(code)
    assert [(shown(call, "QueueUrl"), call.multiplicity) for call in found.calls] == [(("a",), "maybe"), (("b",), "maybe")]


IMPORTS = {
    "module": ("import other\ndef handler(event, context):\n    other.go()", {"other": "def go(): SEND(a)"}),
    "renamed": ("import other as o\ndef handler(event, context):\n    o.go()", {"other": "def go(): SEND(a)"}),
    "name": ("from other import go\ndef handler(event, context):\n    go()", {"other": "def go(): SEND(a)"}),
    "star": ("from other import *\ndef handler(event, context):\n    go()", {"other": "def go(): SEND(a)"}),
    "package": (
        "from pkg import go\ndef handler(event, context):\n    go()",
        {"pkg/__init__": "from .inner import go", "pkg/inner": "def go(): SEND(a)"},
    ),
    "dotted": ("import pkg.inner\ndef handler(event, context):\n    pkg.inner.go()", {"pkg/inner": "def go(): SEND(a)"}),
    "submodule": ("from pkg import inner\ndef handler(event, context):\n    inner.go()", {"pkg/inner": "def go(): SEND(a)"}),
    "in a function": ("def handler(event, context):\n    from other import go\n    go()", {"other": "def go(): SEND(a)"}),
    "or else": (
        "try:\n    from fast import go\nexcept ImportError:\n    from other import go\ndef handler(event, context):\n    go()",
        {"other": "def go(): SEND(a)"},
    ),
    "in a circle": (
        "import other\ndef go(): SEND(a)\ndef handler(event, context):\n    other.back()",
        {"other": "import app\ndef back():\n    app.go()"},
    ),
    "for its effect": (
        "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\nfrom routes import router\n"
        "app = APIGatewayRestResolver()\napp.include_router(router)\n"
        "def handler(event, context):\n    return app.resolve(event, context)",
        {
            "routes": (
                "from aws_lambda_powertools.event_handler.router import Router\n"
                "router = Router()\n@router.get('/')\ndef r(): SEND(a)"
            )
        },
    ),
    "constants": (
        "from other import URL\ndef handler(event, context):\n"
        "    boto3.client('sqs').send_message(QueueUrl=URL, MessageBody='x')",
        {"other": "URL = 'a'"},
    ),
    "by name": (
        "import importlib\ndef handler(event, context):\n    importlib.import_module('other').go()",
        {"other": "def go(): SEND(a)"},
    ),
}


@pytest.mark.parametrize(("code", "others"), IMPORTS.values(), ids=IMPORTS.keys())
def test_imports_are_followed_in_the_code_s_own_folder(code: str, others: dict[str, str]) -> None:
    assert reached(code + "\n", **others) == ["a"]


HANDLER = "from shared.send import go\ndef handler(event, context):\n    go()\n"
GO = "import boto3\ndef go():\n    " + SEND.format("a") + "\n"


@pytest.mark.parametrize(
    "path",
    [
        "modules/shared/shared/send.py",
        "deep/down/shared/shared/send.py",
        "python-modules/all/shared/send.py",
        "src/shared/send.py",
        "shared/send.py",
        "lib/python/shared/send.py",
        "layers/common/python/shared/send.py",
    ],
)
def test_shared_packages_of_the_tree_are_found(path: str) -> None:
    assert only(scan({"src/app.py": HANDLER, path: GO})["Fn"]).arguments["QueueUrl"] == "a"


def test_a_sender_of_a_module_that_nobody_knows_is_a_gap() -> None:
    found = facts("from company_events import publish_order\ndef handler(event, context):\n    publish_order(event)\n")
    assert not found.readable
    assert [gap.what for gap in found.gaps] == ["company_events.publish_order"]


@pytest.mark.parametrize("line", ["import company_tools as lib", "import slack_sdk as lib", "import smtplib as lib"])
def test_other_calls_of_foreign_modules_are_none(line: str) -> None:
    call = "lib.parse(event)" if "company" in line else "lib.Client().send(event)"
    assert facts(f"{line}\ndef handler(event, context):\n    {call}\n").readable


def test_a_dependency_is_not_a_file_of_that_name_elsewhere() -> None:
    files = {"src/app.py": HANDLER, "src/requirements.txt": "shared==1.0\n", "elsewhere/shared/send.py": GO}
    assert scan(files, function())["Fn"].calls == ()


def test_what_is_installed_beside_the_code_is_not_read() -> None:
    files = {"src/app.py": HANDLER, "src/shared/send.py": GO, "src/shared-1.0.dist-info/METADATA": "Name: shared\n"}
    assert scan(files, function())["Fn"].calls == ()


def test_a_well_known_package_in_the_tree_is_not_read_but_a_file_of_its_name_is() -> None:
    code = "import slack\ndef handler(event, context):\n    slack.go()\n"
    assert scan({"src/app.py": code, "src/slack/__init__.py": GO}, function())["Fn"].calls == ()
    assert len(scan({"src/app.py": code, "src/slack.py": GO}, function())["Fn"].calls) == 1


def test_the_functions_own_layer_comes_first() -> None:
    from untangle.model.resource import Resource
    from untangle.model.value import Ref

    layer = Resource(
        id="s/Layer", type="AWS::Lambda::LayerVersion", stack="s", address="Layer", properties={"Content": "layers/mine"}
    )
    files = {
        "src/app.py": HANDLER,
        "layers/mine/python/shared/send.py": GO,
        "layers/other/python/shared/send.py": GO.replace("'a'", "'b'"),
    }
    found = scan(files, function(Layers=(Ref("s/Layer"),)), layer)["Fn"]
    assert only(found).arguments["QueueUrl"] == "a"


def test_two_handlers_of_one_module_do_not_share_their_calls() -> None:
    files = {"src/app.py": "import boto3\ndef a(event, context):\n    " + SEND.format("a") + "\ndef b(event, context): pass\n"}
    found = scan(files, function("A", Handler="app.a"), function("B", Handler="app.b"))
    assert (len(found["A"].calls), len(found["B"].calls)) == (1, 0)


def test_a_relative_import_that_is_not_there_is_a_gap() -> None:
    found = facts("from .gone import go\ndef handler(event, context):\n    go()\n")
    assert not found.readable
    assert [(gap.what, gap.location.line) for gap in found.gaps if gap.location] == [("module .gone", 4)]
