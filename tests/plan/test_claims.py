"""Messages that a state cannot carry go through a bucket where somebody asks for it: the consumer gets them as they were sent.

The outbox is played by the handlers here: the producer's puts a text away and reports a claim, the consumer's puts it back.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.emit.asl.test_definition import Handlers, arn, effect, published, sent, value
from tests.machines import Machine
from untangle.emit.asl import asl_definition, substitutions
from untangle.model.graph import EventGraph
from untangle.model.shape import Shape
from untangle.model.step import Task, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan

LARGE = 'a "quoted" text, ' * 20_000
BUCKET = "claims"
PARAMETERS = ("MessageBody", "Message", "Detail", "Payload")


class Outbox(Handlers):
    """Handlers whose effects and events go through the outbox, by the contract of the marker."""

    def __init__(self, **effects: Any) -> None:
        super().__init__({}, **effects)
        self.bucket: dict[str, str] = {}
        self.largest = 0

    def __missing__(self, function: str) -> Any:
        inner = super().__missing__(function)

        def handler(event: Any, marker: Any) -> Any:
            self.largest = max(self.largest, len(json.dumps(event)))
            answer = inner(self.restored(event), marker)
            if "claim" in marker:
                answer["effects"] = [self.put(item, marker["claim"]) for item in answer["effects"]]
            return answer

        return handler

    def put(self, item: Any, claim: Any) -> Any:
        params = dict(item["params"])
        named = {str(params.get(key)) for key in ("QueueUrl", "TopicArn", "EventBusName", "FunctionName")}
        of = named | {name.rpartition(":")[2] for name in named}
        for name in PARAMETERS if of & set(claim["of"]) else ():
            if name in params and len(text := self.text(params[name])) > 4096:
                place = f"s3://{claim['bucket']}/{item['id']}#{hashlib.sha256(text.encode()).hexdigest()}"
                self.bucket[place] = text
                stands = {"untangle-claim": place}
                params[name] = stands if isinstance(params[name], dict) else json.dumps(stands, separators=(",", ":"))
        return {**item, "params": params}

    def text(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value)

    def restored(self, value: Any) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"untangle-claim"}:
                return json.loads(self.bucket[value["untangle-claim"]])
            found = {key: self.restored(inner) for key, inner in value.items()}
            if "md5OfBody" in found:
                found["md5OfBody"] = hashlib.md5(found["body"].encode()).hexdigest()  # noqa: S324
            return found
        if isinstance(value, list):
            return [self.restored(inner) for inner in value]
        if not isinstance(value, str) or "untangle-claim" not in value:
            return value
        whole = re.fullmatch(r'\{"untangle-claim":"([^"]*)"\}', value)
        return self.bucket[whole[1]] if whole else json.dumps(self.restored(json.loads(value)), separators=(",", ":"))


def planned(text: str, **given: Any) -> tuple[EventGraph, Workflow]:
    graph = arrows(text, **given)
    return graph, plan(graph, chain(graph), BUCKET)


def ran(text: str, does: Any, **given: Any) -> Outbox:
    graph, workflow = planned(text, **given)
    written = json.dumps(asl_definition(workflow, graph))
    for name, (resource, attribute) in substitutions(workflow, graph).items():
        written = written.replace(f"${{{name}}}", value(resource, name, attribute))
    handlers = Outbox(A=[does])
    Machine(json.loads(written), handlers).run({})
    return handlers


def test_a_message() -> None:
    handlers = ran("a -sqs-> b", {**sent("BQueue", LARGE), "response": {"MessageId": "m"}})
    (record,) = handlers.events["B"][0]["Records"]
    assert record["body"] == LARGE and record["md5OfBody"] == hashlib.md5(LARGE.encode()).hexdigest()  # noqa: S324
    assert handlers.largest < 4096 and len(handlers.bucket) == 1


def test_a_small_message_stands_in_the_state() -> None:
    handlers = ran("a -sqs-> b", sent("BQueue", "small"))
    assert handlers.events["B"][0]["Records"][0]["body"] == "small" and not handlers.bucket


def test_a_notification() -> None:
    handlers = ran("a -sns-> b", {**published("ATopic", LARGE), "response": {"MessageId": "m"}})
    assert handlers.events["B"][0]["Records"][0]["Sns"]["Message"] == LARGE and handlers.bucket


def test_a_notification_in_a_queue() -> None:
    handlers = ran("a -sns/sqs-> b", {**published("ATopic", LARGE), "response": {"MessageId": "m"}})
    body = json.loads(handlers.events["B"][0]["Records"][0]["body"])
    assert body["Message"] == LARGE and handlers.largest < 4096


def test_an_event() -> None:
    detail = {"order": LARGE}
    params = {"Source": "shop", "DetailType": "Paid", "Detail": json.dumps(detail), "EventBusName": "ABus"}
    handlers = ran("a -eventbridge-> b", effect("events", "PutEvents", params, {"EventId": "e"}))
    assert handlers.events["B"][0]["detail"] == detail and handlers.largest < 4096


def test_an_event_in_a_queue() -> None:
    detail = {"order": LARGE}
    params = {"Source": "shop", "DetailType": "Paid", "Detail": json.dumps(detail), "EventBusName": "ABus"}
    handlers = ran("a -eventbridge/sqs-> b", effect("events", "PutEvents", params, {"EventId": "e"}))
    assert json.loads(handlers.events["B"][0]["Records"][0]["body"])["detail"] == detail and handlers.bucket


def test_a_payload() -> None:
    handlers = ran(
        "a -lambda_invoke-> b", effect("lambda", "Invoke", {"FunctionName": arn("B"), "Payload": {"order": LARGE}}, {})
    )
    assert handlers.events["B"] == [{"order": LARGE}] and handlers.bucket


SENT = {"a>b": {"body": Shape(kind="object", properties={"text": Shape(kind="string", constant=LARGE)})}}


def test_a_message_that_is_known_to_be_too_large_stays_unless_somebody_asks() -> None:
    graph = arrows("a -sqs-> b", hops=SENT)
    kept = plan(graph, chain(graph))
    assert kept.root is None and "with --claim-check BUCKET it goes through a bucket" in kept.obstacles[0].text
    assert plan(graph, chain(graph), BUCKET).root is not None


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("a -sqs:q-> b", {"filters": {"q": ({"body": {"kind": ("order",)}},)}}),
        ("a -sns:t-> b", {"filters": {"t": {"MessageBody": {"kind": ("order",)}}}}),
        ("a -eventbridge:u-> b", {"filters": {"u": {"detail": {"kind": ("order",)}}}}),
        ("a -eventbridge:u-> b", {"filters": {"u": {"$or": ({"detail": {"kind": ("order",)}}, {"source": ("a",)})}}}),
        ("a -eventbridge:u-> b", {"delivery": {"u": {"input_path": "$.detail"}}}),
    ],
)
def test_what_looks_into_the_message_would_see_the_claim(text: str, given: Any) -> None:
    _, workflow = planned(text, **given)
    tasks = [step for step in steps(workflow.root) if isinstance(step, Task)]
    assert tasks and not any(task.claim or task.claimed for task in tasks)
    _, large = planned(text, hops=SENT, **given)
    assert large.root is None and "no claim check helps" in large.obstacles[0].text


def test_filters_on_attributes_do_not() -> None:
    _, workflow = planned("a -sns:t-> b", filters={"t": {"kind": ("order",)}})
    assert any(task.claim == BUCKET for task in steps(workflow.root) if isinstance(task, Task))


def test_nothing_is_said_of_sizes_that_go_through_the_bucket() -> None:
    _, workflow = planned("a -sqs-> b")
    assert not any("256 KiB, while the channel takes" in item.text for item in workflow.obstacles)


def test_the_bucket_and_what_goes_through_it_are_named() -> None:
    _, workflow = planned("a -sqs-> b -s3-> c")
    (said,) = (text for text in workflow.differences if BUCKET in text)
    assert said.endswith("This is so for A -sqs-> B")


def by_name(**attributes: Any) -> dict[str, Any]:
    """A FIFO queue whose calls are seen, with these parameters; its own order is the only reason to keep it."""
    return {
        "settings": {"BQueue": {"fifo": True}},
        "delivery": {"BQueue": {"batch_size": 1}},
        "hops": {"a>b": {"sent": {"MessageGroupId": "g", **attributes}}},
        "triggers": {"a": "schedule"},
    }


def test_a_fifo_queue_that_calls_back_is_claimed_where_every_call_names_its_message() -> None:
    _, workflow = planned("a -sqs-> b", **by_name(MessageDeduplicationId="order-7"))
    tasks = [step for step in steps(workflow.root) if isinstance(step, Task)]
    assert [(task.called_back, task.claim) for task in tasks] == [(False, BUCKET), (True, "")]


def test_where_duplicates_are_told_by_their_text_no_claim_stands_for_it() -> None:
    _, workflow = planned("a -sqs-> b", **by_name())
    tasks = [step for step in steps(workflow.root) if isinstance(step, Task)]
    assert [(task.called_back, task.claim, task.claimed) for task in tasks] == [(False, "", ()), (True, "", ())]
    (said,) = [item.text for item in workflow.obstacles if "256 KiB, while the channel takes" in item.text]
    assert "keep the hop; no claim check helps: BQueue is FIFO, and not every call gives a MessageDeduplicationId" in said
    assert not any(BUCKET in text for text in workflow.differences)
