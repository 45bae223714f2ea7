"""States that run a long or heavy function outside of Lambda: put in the place of the other, they do the same."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.emit.asl.test_definition import Handlers, sent, value
from tests.machines import Failed, Machine
from untangle.asl import validate
from untangle.emit.asl import substitutions
from untangle.emit.proposal import DEFINITION, proposal
from untangle.model.graph import EventGraph
from untangle.plan import plan
from untangle.runtime import worker

LONG = {"b": {"timeout": 900}}


def files(graph: EventGraph) -> dict[str, str]:
    found = chain(graph)
    workflow = plan(graph, found)
    made = {file.path: file.text for file in proposal(graph, found, workflow).files}
    for path, text in made.items():
        for name, (resource, attribute) in substitutions(workflow, graph).items():
            text = text.replace(f"${{{name}}}", value(resource, name, attribute))
        made[path] = text
    return made


def swapped(graph: EventGraph, way: str) -> dict[str, Any]:
    """The definition with the alternative states of `b` in the place of its own."""
    made = files(graph)
    definition: dict[str, Any] = json.loads(made[DEFINITION])
    definition["States"] |= json.loads(made[f"alternatives/b.{way}.states.json"])["States"]
    return definition


class Outside(Machine):
    """Runs what an Activity or a container is asked for with the worker, whose answer is the result of the state."""

    def __init__(self, definition: Any, handlers: Handlers) -> None:
        super().__init__(definition, handlers)
        self.objects: dict[str, Any] = {}

    def _task(self, state: Any, arguments: Any) -> Any:
        resource = state["Resource"]
        if resource.endswith("s3:putObject"):
            self.objects[f"s3://{arguments['Bucket']}/{arguments['Key']}"] = arguments["Body"]
            return {}
        if "Activity" in resource:
            return self._worked(json.loads(json.dumps(arguments)))
        if resource.endswith("ecs:runTask.waitForTaskToken"):
            (container,) = arguments["Overrides"]["ContainerOverrides"]
            told = {item["Name"]: item["Value"] for item in container["Environment"]}
            assert len(json.dumps(arguments["Overrides"])) < 8192 and told["UNTANGLE_TASK_TOKEN"]
            return self._worked(self.objects[told["UNTANGLE_EVENT_REF"]])
        return super()._task(state, arguments)

    def _worked(self, task: Any) -> Any:
        asked = json.loads(base64.b64decode(task["clientContext"]))["custom"]["untangle"]
        told: list[tuple[str, Any]] = []

        class States:
            def send_task_success(self, **given: Any) -> None:
                told.append(("success", json.loads(given["output"])))

            def send_task_failure(self, **given: Any) -> None:
                told.append(("failure", given))

        def outbox(event: Any, context: Any) -> Any:
            assert context.client_context.custom["untangle"] == asked
            return self.handlers["arn:B"](event, asked)

        worker.answer(States(), "token", lambda: task, outbox)
        ((what, answer),) = told
        if what == "failure":
            raise Failed(answer["error"], answer["cause"])
        return answer


@pytest.mark.parametrize("way", ["activity", "ecs"])
class TestTheOtherState:
    def test_is_valid_where_the_first_one_was(self, way: str) -> None:
        written = swapped(arrows("a -sqs-> b -sns-> c", functions=LONG), way)
        assert [item.message for item in validate(written) if item.severity == "error"] == []

    def test_has_no_end_of_its_own_but_a_day_and_heartbeats(self, way: str) -> None:
        states = swapped(arrows("a -sqs-> b -sns-> c", functions=LONG), way)["States"]
        (waiting,) = (state for state in states.values() if "HeartbeatSeconds" in state)
        assert (waiting["TimeoutSeconds"], waiting["HeartbeatSeconds"]) == (86_400, 300)
        assert all("Lambda" not in error for retry in waiting["Retry"] for error in retry["ErrorEquals"])

    def test_the_handler_gets_the_same_and_what_follows_reads_the_same(self, way: str) -> None:
        graph = arrows("a -sqs-> b -sqs-> c", functions=LONG)
        events = []
        for definition in (json.loads(files(graph)[DEFINITION]), swapped(graph, way)):
            handlers = Handlers(A=[sent("BQueue", "x")], B=[sent("CQueue", "y")])
            Outside(definition, handlers).run({})
            events.append(handlers.events)
        assert events[0] == events[1] and len(events[0]["C"]) == 1

    def test_a_failure_is_tried_again_and_parked(self, way: str) -> None:
        def broken(event: Any) -> Any:
            raise ValueError("broken")

        redrive = {"BQueue": {"redrive": {"dead_letter": "app/Dead", "max_receive_count": 3}}}
        graph = arrows("a -sqs-> b", functions=LONG, settings=redrive)
        handlers = Handlers(A=[sent("BQueue", "x")], B=broken)
        machine = Outside(swapped(graph, way), handlers)
        machine.run({})
        assert len(handlers.events["B"]) == 3
        assert machine.calls == [("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "Dead", "MessageBody": "x"})]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"timeout": 780}, "it may run 780 s of the 900 s"),
        ({"memory": 8192}, "it has 8,192 MB of the 10,240 MB"),
        ({"image": True}, "it is a container image already"),
        ({"timeout": 779, "memory": 8191}, None),
    ],
)
def test_which_functions_have_one(fields: dict[str, Any], reason: str | None) -> None:
    graph = arrows("a -sqs-> b", functions={"b": fields})
    workflow = plan(graph, chain(graph))
    assert [(item.way, item.function) for item in workflow.alternatives] == (
        [("activity", "app/B"), ("ecs", "app/B")] if reason else []
    )
    made = proposal(graph, chain(graph), workflow)
    paths = [file.path for file in made.files if file.path.startswith("alternatives/")]
    if reason is None:
        assert not paths and "Long or heavy" not in made.body
    else:
        assert paths == ["alternatives/b.activity.states.json", "alternatives/b.ecs.states.json", "alternatives/worker.py"]
        assert reason in made.body.replace("\\", "")


def test_the_worker_is_shipped_as_it_is() -> None:
    from pathlib import Path

    assert files(arrows("a -sqs-> b", functions=LONG))["alternatives/worker.py"] == Path(worker.__file__).read_text()


def test_a_function_that_runs_longer_than_a_state_waits_for_an_invocation_stays() -> None:
    graph = arrows("a -sqs-> b -sns-> c", functions={"b": {"timeout": 5400}})
    workflow = plan(graph, chain(graph))
    assert any("B may run 5400 s, and a state waits 900 s" in item.text for item in workflow.obstacles if item.blocking)


def test_a_first_function_that_runs_longer_stays_outside() -> None:
    graph = arrows("a -sqs-> b", functions={"a": {"timeout": 5400}}, triggers={"a": "sqs"})
    (entry,) = plan(graph, chain(graph)).entries
    assert entry.form == "effects" and "it may run 5400 s" in entry.words
