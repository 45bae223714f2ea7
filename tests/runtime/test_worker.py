"""The worker that runs a handler outside of Lambda, in process, with clients that only note what they are told."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from untangle.runtime import worker

HANDLERS = """
import threading

seen = []
release = threading.Event()

def plain(event, context):
    seen.append((event, context))
    return {"ok": event["n"]}

def outbox(event, context):
    seen.append((event, context))
    return {"return": None, "effects": [{"id": context.aws_request_id + "#0"}]}

def broken(event, context):
    raise ValueError("no order " * 10_000)

def slow(event, context):
    assert release.wait(5)

def large(event, context):
    return "x" * 300_000
"""


class Gone(Exception):
    response: ClassVar[dict[str, Any]] = {"Error": {"Code": "TaskTimedOut"}}


class States:
    """A client of Step Functions: the tasks that it hands out, what it is told, and when it beats."""

    def __init__(self, *tasks: Any, gone: bool = False) -> None:
        self.tasks = [{"taskToken": f"token-{number}", "input": json.dumps(task)} for number, task in enumerate(tasks)]
        self.gone = gone
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.beat: Callable[[], None] = lambda: None
        self.stop = threading.Event()

    def get_activity_task(self, activityArn: str, workerName: str) -> dict[str, Any]:
        if self.tasks:
            return self.tasks.pop(0)
        self.stop.set()
        return {}

    def send_task_success(self, **told: Any) -> None:
        self._tell("success", told)

    def send_task_failure(self, **told: Any) -> None:
        self._tell("failure", told)

    def send_task_heartbeat(self, **told: Any) -> None:
        self.beat()
        self._tell("heartbeat", told)

    def _tell(self, what: str, told: dict[str, Any]) -> None:
        self.told.append((what, told))
        if self.gone:
            raise Gone


@pytest.fixture
def handlers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "shop_handlers.py").write_text(HANDLERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in os.environ if name.startswith(("UNTANGLE_", "_HANDLER", "AWS_LAMBDA"))]:
        monkeypatch.delenv(name)
    import shop_handlers  # type: ignore[import-not-found]

    yield shop_handlers
    sys.modules.pop("shop_handlers")


def task(event: Any = None, **asked: Any) -> dict[str, Any]:
    written = base64.b64encode(json.dumps({"custom": {"untangle": asked}}).encode()).decode()
    return {"event": event or {"n": 1}, **({"clientContext": written} if asked else {})}


def worked(states: States, name: str) -> list[tuple[str, dict[str, Any]]]:
    worker.work(states, "arn:activity", worker.load(f"shop_handlers.{name}"), states.stop)
    return states.told


@pytest.mark.usefixtures("handlers")
class TestAnActivity:
    def test_tells_what_the_handler_returned_in_the_form_of_an_invocation(self) -> None:
        ((what, told),) = worked(States(task()), "plain")
        assert (what, told["taskToken"]) == ("success", "token-0")
        output = json.loads(told["output"])
        assert output["Payload"] == {"return": {"ok": 1}, "effects": []}
        assert output["StatusCode"] == 200 and output["SdkResponseMetadata"]["RequestId"]

    def test_works_on_one_task_after_the_other(self) -> None:
        told = worked(States(task({"n": 1}), task({"n": 2})), "plain")
        assert [json.loads(item["output"])["Payload"]["return"] for _, item in told] == [{"ok": 1}, {"ok": 2}]

    def test_an_outbox_gives_its_effects(self, handlers: Any) -> None:
        ((_, told),) = worked(States(task(capture=["queue"], observe=[])), "outbox")
        (event, context) = handlers.seen.pop()
        assert event == {"n": 1} and context.client_context.custom["untangle"]["capture"] == ["queue"]
        assert json.loads(told["output"])["Payload"]["effects"] == [{"id": f"{context.aws_request_id}#0"}]

    def test_without_an_outbox_effects_that_are_asked_for_would_be_lost(self) -> None:
        ((what, told),) = worked(States(task(capture=["queue"])), "plain")
        assert (what, told["error"]) == ("failure", "NoOutbox")

    def test_a_failure_is_told_as_lambda_tells_it_and_the_next_task_is_taken(self) -> None:
        states = States(task(), task())
        told = worked(states, "broken")
        assert [what for what, _ in told] == ["failure", "failure"]
        cause = json.loads(told[0][1]["cause"])
        assert told[0][1]["error"] == cause["errorType"] == "ValueError"
        assert cause["errorMessage"].startswith("no order") and len(told[0][1]["cause"]) <= 32_768

    def test_an_answer_that_no_state_takes_is_a_failure(self) -> None:
        ((what, told),) = worked(States(task()), "large")
        assert (what, told["error"]) == ("failure", "States.DataLimitExceeded")

    @pytest.mark.parametrize("name", ["plain", "broken"])
    def test_an_answer_that_nobody_waits_for_is_dropped(self, name: str) -> None:
        assert len(worked(States(task(), task(), gone=True), name)) == 2

    @pytest.mark.parametrize("gone", [False, True])
    def test_it_beats_while_the_handler_runs(self, handlers: Any, monkeypatch: pytest.MonkeyPatch, gone: bool) -> None:
        monkeypatch.setenv("UNTANGLE_HEARTBEAT", "0.001")
        states = States(task(), gone=gone)
        states.beat = handlers.release.set
        told = worked(states, "slow")
        assert told[0] == ("heartbeat", {"taskToken": "token-0"}) and told[-1][0] == "success"


class TestAContainer:
    def run(self, handlers: Any, monkeypatch: pytest.MonkeyPatch, objects: Any = None, **environment: str) -> States:
        states = States()
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        class Bucket:
            def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
                return {"Body": io.BytesIO(json.dumps(objects[f"s3://{Bucket}/{Key}"]).encode())}

        assert worker.main(lambda service: states if service == "stepfunctions" else Bucket()) == 0
        return states

    def test_runs_the_task_of_its_environment(self, handlers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        given = {"_HANDLER": "shop_handlers.plain", "UNTANGLE_TASK_TOKEN": "t", "UNTANGLE_EVENT": json.dumps(task({"n": 7}))}
        ((what, told),) = self.run(handlers, monkeypatch, **given).told
        assert (what, told["taskToken"]) == ("success", "t")
        assert json.loads(told["output"])["Payload"]["return"] == {"ok": 7}

    def test_or_that_of_an_object(self, handlers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        reference = "s3://bucket/run-1/a key.json"
        given = {"UNTANGLE_HANDLER": "shop_handlers.plain", "UNTANGLE_TASK_TOKEN": "t", "UNTANGLE_EVENT_REF": reference}
        ((_, told),) = self.run(handlers, monkeypatch, {reference: task({"n": 8})}, **given).told
        assert json.loads(told["output"])["Payload"]["return"] == {"ok": 8}

    def test_an_object_that_is_not_there_is_a_failure_of_the_task(self, handlers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        given = {"_HANDLER": "shop_handlers.plain", "UNTANGLE_TASK_TOKEN": "t", "UNTANGLE_EVENT_REF": "s3://b/k"}
        ((what, told),) = self.run(handlers, monkeypatch, {}, **given).told
        assert (what, told["error"]) == ("failure", "KeyError")


def test_it_needs_nothing_but_the_standard_library_and_botocore() -> None:
    import ast

    tree = ast.parse(Path(worker.__file__).read_text())
    found = {alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert found - set(sys.stdlib_module_names) == {"botocore"}
