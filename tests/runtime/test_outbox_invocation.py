"""An invocation with its marker and without, what it answers, how it fails, and which thread works for it."""

from __future__ import annotations

import asyncio
import contextvars
import json
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from tests.runtime.outboxes import aws, context, effects, queue, ran, waiting  # noqa: F401
from untangle.runtime import outbox, worker
from untangle.runtime.outbox import AnswerTooLarge, BatchItemFailures, OutboxError
from untangle.runtime.outbox.tracing import traceparent_of

pytestmark = pytest.mark.usefixtures("aws")


def send(url: str, body: str = "x") -> Any:
    return boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)


class TestTheMarker:
    @pytest.mark.parametrize(
        "given",
        [
            SimpleNamespace(client_context=None),
            SimpleNamespace(client_context=SimpleNamespace(custom=None)),
            SimpleNamespace(client_context=SimpleNamespace(custom={"app": 1})),
            SimpleNamespace(client_context=SimpleNamespace(custom={"untangle": "x"})),
            SimpleNamespace(),
            None,
        ],
    )
    def test_without_it_the_handler_is_what_it_was(self, given: Any) -> None:
        url, seen = queue(), []

        def handler(event: Any, context: Any) -> Any:
            seen.append((event, context))
            return send(url)["MessageId"]

        event = {"Records": [{"body": "x"}]}
        assert isinstance(outbox.wrap(handler)(event, given), str)
        assert seen[0][0] is event and seen[0][1] is given and waiting(url) == ["x"]

    def test_the_handler_does_not_see_it(self) -> None:
        seen: list[Any] = []
        given = context({"capture": []})
        outbox.wrap(lambda event, context: seen.append(context.client_context))({}, given)
        assert seen == [None] and given.client_context.custom["untangle"] == {"capture": []}

    def test_what_else_a_client_gave_stays(self) -> None:
        given = context({"capture": []})
        given.client_context.custom["app"] = 1
        seen: list[Any] = []
        outbox.wrap(lambda event, context: seen.append(context.client_context.custom))({}, given)
        assert seen == [{"app": 1}]

    def test_it_holds_for_its_invocation_only(self) -> None:
        url = queue()
        assert len(effects(lambda: send(url), capture=[url])) == 1
        send(url, "outside")
        outbox.wrap(lambda event, context: send(url, "without"))({}, context())
        assert sorted(waiting(url)) == ["outside", "without"]

    def test_nothing_is_replaced_before_it_is_needed(self) -> None:
        program = (
            "import sys; from untangle.runtime import outbox; "
            "outbox.wrap(lambda event, context: None)({}, None); print('botocore' in sys.modules)"
        )
        import subprocess

        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
        assert done.stdout == "False\n"

    def test_a_hundred_invocations_replace_it_once(self) -> None:
        for _ in range(100):
            ran(lambda: None, capture=[])
        method, depth = BaseClient._make_api_call, 0
        while (method := getattr(method, "__wrapped__", None)) is not None:
            depth += 1
        assert depth <= 2  # the outbox, and what botocore itself puts around the method


class TestTheAnswer:
    @pytest.mark.parametrize("returned", [None, {"a": [1, "é"]}, "text", 7, [], {"batchItemFailures": []}])
    def test_it_holds_what_the_handler_returned(self, returned: Any) -> None:
        assert ran(lambda: returned, capture=[]) == {"return": returned, "effects": []}

    def test_a_failure_passes_unchanged_and_its_effects_are_dropped(self) -> None:
        class OrderError(Exception):
            pass

        url, error = queue(), OrderError("no such order")

        def does() -> None:
            send(url)
            raise error

        with pytest.raises(OrderError) as raised:
            ran(does, capture=[url])
        assert raised.value is error and waiting(url) == []
        assert ran(lambda: None, capture=[url])["effects"] == []

    @pytest.mark.parametrize(
        ("returned", "fails"),
        [
            (None, False),
            ({}, False),
            ({"batchItemFailures": []}, False),
            ({"batchItemFailures": None}, False),
            ({"batchItemFailures": [{"itemIdentifier": "1"}]}, True),
            ({"batchItemFailures": [{"itemIdentifier": ""}]}, True),
        ],
    )
    def test_a_batch_that_says_it_failed(self, returned: Any, fails: bool) -> None:
        assert ran(lambda: returned, capture=[])["return"] == returned
        if not fails:
            assert ran(lambda: returned, capture=[], partial=True)["return"] == returned
            return
        with pytest.raises(BatchItemFailures):
            ran(lambda: returned, capture=[], partial=True)

    def test_more_than_a_state_takes_is_a_clear_error(self) -> None:
        url = queue()
        with pytest.raises(AnswerTooLarge, match=r"SendMessage req-1#0 .*--claim-check"):
            ran(lambda: send(url, "x" * 300_000) and None, capture=[url])
        with pytest.raises(AnswerTooLarge, match="the answer alone"):
            ran(lambda: "é" * 200_000, capture=[])

    def test_the_worker_takes_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        url = queue()
        (tmp_path / "shop_outbox.py").write_text(
            "import boto3\n"
            "def handle(event, context):\n"
            "    return boto3.client('sqs').send_message(QueueUrl=event['url'], MessageBody='x')['MessageId']\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setenv("UNTANGLE_HANDLER", "shop_outbox.handle")
        told: dict[str, Any] = {}
        states = SimpleNamespace(send_task_success=lambda **given: told.update(given), send_task_heartbeat=lambda **given: None)
        import base64

        marker = base64.b64encode(json.dumps({"custom": {"untangle": {"capture": [url]}}}).encode()).decode()
        task = {"event": {"url": url}, "clientContext": marker}
        worker.answer(states, "token", lambda: task, worker.load("untangle.runtime.outbox.handler"))
        payload = json.loads(told["output"])["Payload"]
        assert payload["effects"][0]["response"]["MessageId"] == payload["return"] and waiting(url) == []


class TestTheTrace:
    TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    MESSAGE: Any = {"Records": [{"messageAttributes": {"traceparent": {"stringValue": TRACE}}}]}  # noqa: RUF012

    def test_it_is_given_or_made_of_the_span(self) -> None:
        assert traceparent_of({"traceparent": self.TRACE}, {}) == self.TRACE
        made = traceparent_of({"span": "execution|state|time"}, {})
        again = traceparent_of({"span": "execution|state|later"}, {})
        assert made is not None and again is not None and made[:35] == again[:35] and made != again and len(made) == 55
        assert traceparent_of({"span": "execution|state|time"}, self.MESSAGE) == self.TRACE
        assert traceparent_of({}, self.MESSAGE) is None

    def test_the_span_is_digits_of_digests(self) -> None:
        import hashlib

        whole, execution = (hashlib.sha256(text.encode()).hexdigest() for text in ("e|s|t", "e"))
        assert traceparent_of({"span": "e|s|t"}, {}) == f"00-{execution[:32]}-{whole[:16]}-01"

    def test_the_name_of_the_execution_is_there_for_who_asks(self) -> None:
        assert ran(outbox.execution, execution="run-1")["return"] == "run-1"
        assert outbox.execution() is None

    def test_it_is_the_current_one_of_a_library_that_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        current: list[Any] = []
        context_module = SimpleNamespace(attach=current.append, detach=lambda token: current.clear())
        propagator = SimpleNamespace(TraceContextTextMapPropagator=lambda: SimpleNamespace(extract=lambda carrier: carrier))
        trace_module = SimpleNamespace(__path__=[])
        package = SimpleNamespace(context=context_module, trace=trace_module, __path__=[])
        for name, module in {
            "opentelemetry": package,
            "opentelemetry.context": context_module,
            "opentelemetry.trace": trace_module,
            "opentelemetry.trace.propagation": SimpleNamespace(__path__=[]),
            "opentelemetry.trace.propagation.tracecontext": propagator,
        }.items():
            monkeypatch.setitem(sys.modules, name, module)
        assert ran(lambda: list(current), traceparent=self.TRACE)["return"] == [{"traceparent": self.TRACE}]
        assert current == []


def in_a_thread(does: Callable[[], Any]) -> None:
    thread = threading.Thread(target=does)
    thread.start()
    thread.join()


class Own(threading.Thread):
    """A thread with a `run` of its own."""

    def __init__(self, does: Callable[[], Any]) -> None:
        super().__init__()
        self.does = does

    def run(self) -> None:
        self.does()


def in_a_thread_of_its_own(does: Callable[[], Any]) -> None:
    thread = Own(does)
    thread.start()
    thread.join()


def in_an_executor(does: Callable[[], Any]) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: does(), [1]))


def in_a_thread_of_a_thread(does: Callable[[], Any]) -> None:
    in_a_thread(lambda: in_an_executor(does))


def in_a_task(does: Callable[[], Any]) -> None:
    async def all_of_it() -> None:
        await asyncio.create_task(asyncio.to_thread(does))

    asyncio.run(all_of_it())


def in_a_low_level_thread(does: Callable[[], Any]) -> None:
    import _thread

    done: Future[Any] = Future()
    _thread.start_new_thread(lambda: done.set_result(does()), ())
    done.result(5)


class TestThreads:
    """What a handler has others do for it is its own doing."""

    @pytest.mark.parametrize(
        "how",
        [in_a_thread, in_a_thread_of_its_own, in_an_executor, in_a_thread_of_a_thread, in_a_task, in_a_low_level_thread],
    )
    def test_their_calls_belong_to_the_run(self, how: Callable[[Callable[[], Any]], None]) -> None:
        url = queue()
        assert len(effects(lambda: how(lambda: send(url)), capture=[url])) == 1
        assert waiting(url) == []

    def test_an_executor_of_the_module_works_for_one_run_after_the_other(self) -> None:
        url = queue()
        with ThreadPoolExecutor(1) as pool:
            for request in ("one", "two"):
                handler = outbox.wrap(lambda event, context: pool.submit(send, url).result() and None)
                (found,) = handler({}, context({"capture": [url]}, request))["effects"]
                assert found["id"] == f"{request}#0"
            outbox.wrap(lambda event, context: pool.submit(send, url, "without").result() and None)({}, context())
        assert waiting(url) == ["without"]

    def test_fifty_at_once_lose_nothing(self) -> None:
        url, sqs = queue(), boto3.client("sqs")

        def does() -> None:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda n: sqs.send_message(QueueUrl=url, MessageBody=str(n)), range(50)))

        found = effects(does, capture=[url])
        assert {one["params"]["MessageBody"] for one in found} == {str(n) for n in range(50)}
        assert len({one["id"] for one in found}) == 50

    def test_two_runs_at_once_keep_their_own(self) -> None:
        url, both = queue(), threading.Barrier(2, timeout=5)

        def handler(event: Any, context: Any) -> None:
            both.wait()
            in_an_executor(lambda: send(url, event))
            both.wait()

        wrapped = outbox.wrap(handler)
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(wrapped, name, context({"capture": [url]}, name)) for name in ("a", "b")]
            found = [run.result()["effects"] for run in runs]
        assert [[one["params"]["MessageBody"] for one in each] for each in found] == [["a"], ["b"]]

    def test_what_comes_after_the_run_goes_out(self, capsys: pytest.CaptureFixture[str]) -> None:
        url, go = queue(), threading.Event()
        late: list[threading.Thread] = []

        def does() -> None:
            late.append(threading.Thread(target=lambda: go.wait(5) and send(url, "late")))
            late[0].start()

        assert effects(does, capture=[url]) == []
        go.set()
        late[0].join()
        assert waiting(url) == ["late"] and "goes on after its run" in capsys.readouterr().err

    def test_a_function_within_a_function_keeps_its_calls(self) -> None:
        url = queue()
        inner = outbox.wrap(lambda event, context: send(url, "inner") and None)

        def does() -> None:
            inner({}, context())
            with outbox.apart():
                contextvars.Context().run(send, url, "apart")

        assert effects(does, capture=[url]) == [] and sorted(waiting(url)) == ["apart", "inner"]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
    def test_a_process_that_was_forked_cannot_report(self) -> None:
        url = queue()

        def does() -> int:
            child = os.fork()
            if child == 0:
                try:
                    send(url)
                except OutboxError:
                    os._exit(7)
                os._exit(0)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        assert ran(does, capture=[url])["return"] == 7


class TestHandlers:
    def test_one_that_is_awaited(self) -> None:
        url = queue()

        async def handler(event: Any, context: Any) -> str:
            await asyncio.sleep(0)
            return str(send(url)["MessageId"])

        answer = asyncio.run(outbox.wrap(handler)({}, context({"capture": [url]})))
        assert answer["effects"][0]["response"]["MessageId"] == answer["return"]
        assert isinstance(asyncio.run(outbox.wrap(handler)({}, context())), str) and waiting(url) == ["x"]

    def test_the_one_of_the_environment_is_loaded_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "app_of_outbox.py").write_text("def main(event, context):\n    return event\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setenv("UNTANGLE_HANDLER", "folder/app_of_outbox.main")
        assert outbox.handler({"a": 1}, context()) == {"a": 1}
        assert outbox.load("folder/app_of_outbox.main") is outbox.load("folder/app_of_outbox.main")


class TestItsSources:
    """It ships inside functions whose Python is older, and that have nothing but botocore."""

    FILES = sorted((Path(outbox.__file__).parent).glob("*.py"))

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
    def test_python_3_8_reads_them(self, path: Path) -> None:
        import ast

        tree = ast.parse(path.read_text(), feature_version=(3, 8))
        modern = {"removeprefix", "removesuffix", "cache", "UTC", "waitstatus_to_exitcode"}
        assert not {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & modern
        given = {keyword.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for keyword in node.keywords}
        assert not given & {"strict", "slots", "kw_only"}

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
    def test_they_need_the_standard_library_and_botocore(self, path: Path) -> None:
        import ast

        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert all(alias.name.split(".")[0] in {*sys.stdlib_module_names, "botocore"} for alias in node.names)
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").split(".")[0] in {*sys.stdlib_module_names, "botocore", "opentelemetry"}
