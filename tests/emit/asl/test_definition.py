"""Definitions: executed with handlers that do what real ones do, and held against cfn-lint's own schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.machines import Failed, Machine
from untangle.emit.asl import asl_definition, asl_json, substitutions
from untangle.emit.yaml import as_yaml
from untangle.errors import UntangleError
from untangle.model.change import NewFile
from untangle.model.graph import EventGraph
from untangle.model.node import ChannelNode
from untangle.model.workflow import Workflow
from untangle.plan import plan

DLQ = ChannelNode(id="app/ChargeDLQ", type="sqs", address="ChargeDLQ", stack="app")
REDRIVE = {"ChargeQueue": {"redrive": {"dead_letter": "app/ChargeDLQ", "max_receive_count": 3}}}


def definition(graph: EventGraph) -> dict[str, Any]:
    """The definition of a graph's only chain, with every substitution replaced by a value of its kind."""
    workflow = plan(graph, chain(graph))
    text = json.dumps(asl_definition(workflow, graph))
    for name, (resource, attribute) in substitutions(workflow, graph).items():
        text = text.replace(f"${{{name}}}", value(resource, name, attribute))
    assert "${" not in text
    return dict(json.loads(text))


def value(resource: str, name: str, attribute: str) -> str:
    """What a template would put in: an ARN for names that end in Arn, else the address."""
    address = resource.rpartition("/")[2]
    return f"arn:aws:x:eu-west-1:111122223333:{address}" if name.endswith("Arn") else address


def written_as_yaml(workflow: Workflow) -> str:
    return as_yaml(NewFile(path="state-machine.asl.json", text=asl_json(workflow, EVERYTHING))).text


def arn(address: str) -> str:
    return f"arn:aws:x:eu-west-1:111122223333:{address}"


def sent(queue: str, body: str, **more: Any) -> dict[str, Any]:
    """The effect of a SendMessage."""
    return effect("sqs", "SendMessage", {"QueueUrl": queue, "MessageBody": body, **more}, {"MessageId": f"id-{body}"})


def published(topic: str, message: str, **attributes: str) -> dict[str, Any]:
    """The effect of a Publish."""
    given = {name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()}
    params = {"TopicArn": arn(topic), "Message": message, **({"MessageAttributes": given} if given else {})}
    return effect("sns", "Publish", params, {"MessageId": f"id-{message}"})


def effect(service: str, op: str, params: Mapping[str, Any], response: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": "r#0", "service": service, "op": op, "params": params, "response": response, "at": "2026-01-01T00:00:00.000Z"}


class Handlers(dict[str, Callable[[Any, Any], Any]]):
    """Handlers by function name that note the events they get; `effects` says what each does, `returns` what some return."""

    def __init__(self, returns: Mapping[str, Any] | None = None, /, **effects: Any) -> None:
        super().__init__()
        self.events: dict[str, list[Any]] = {}
        self.markers: dict[str, Any] = {}
        self._effects = effects
        self._returns = returns or {}

    def __missing__(self, function: str) -> Callable[[Any, Any], Any]:
        name = function.rpartition(":")[2]

        def handler(event: Any, marker: Any) -> Any:
            self.events.setdefault(name, []).append(event)
            self.markers[name] = marker
            answer = self._effects.get(name, [])
            return {"return": self._returns.get(name), "effects": answer(event) if callable(answer) else answer}

        return handler


def run(graph: EventGraph, handlers: Handlers, value: Any = None) -> Machine:
    machine = Machine(definition(graph), handlers)
    machine.run({} if value is None else value)
    return machine


class TestSequence:
    def test_the_consumer_gets_the_message_its_producer_sent(self) -> None:
        handlers = Handlers(Intake=[sent("ChargeQueue", "order 1")])
        run(arrows("intake -sqs-> charge"), handlers, {"order": 1})
        assert handlers.events["Intake"] == [{"order": 1}]
        assert [record["body"] for event in handlers.events["Charge"] for record in event["Records"]] == ["order 1"]

    def test_effects_on_other_channels_are_not_mistaken_for_it(self) -> None:
        handlers = Handlers(Intake=[sent("AuditQueue", "not this"), sent("ChargeQueue", "this")])
        run(arrows("intake -sqs-> charge"), handlers)
        assert [event["Records"][0]["body"] for event in handlers.events["Charge"]] == ["this"]

    def test_a_message_that_must_be_there_and_is_not_fails_loudly(self) -> None:
        with pytest.raises(Failed, match="QueryEvaluationError"):
            run(arrows("intake -sqs-> charge"), Handlers(Intake=[]))

    def test_the_outbox_is_told_which_calls_to_hold_back_and_which_to_watch(self) -> None:
        handlers = Handlers(Intake=[sent("ChargeQueue", "x")], Charge=[stored(1)])
        run(arrows("intake -sqs-> charge -dynamodb_stream-> ship"), handlers)
        asked = {name: (marker["capture"], marker["observe"]) for name, marker in handlers.markers.items()}
        assert asked["Intake"] == (["ChargeQueue"], [])
        assert asked["Charge"] == ([], ["ChargeTable"])


def stored(id: int) -> dict[str, Any]:
    """The effect of a PutItem."""
    return effect("dynamodb", "PutItem", {"TableName": "ChargeTable", "Item": {"id": {"N": str(id)}}}, {})


class TestMultiplicity:
    def test_many_messages_run_the_consumer_once_each(self) -> None:
        handlers = Handlers(Intake=[sent("ChargeQueue", str(n)) for n in range(3)])
        run(arrows("intake -sqs*-> charge"), handlers)
        assert [event["Records"][0]["body"] for event in handlers.events["Charge"]] == ["0", "1", "2"]

    @pytest.mark.parametrize("count", [0, 1])
    def test_many_may_be_none_or_one(self, count: int) -> None:
        handlers = Handlers(Intake=[sent("ChargeQueue", "x")] * count)
        run(arrows("intake -sqs*-> charge"), handlers)
        assert len(handlers.events.get("Charge", [])) == count

    @pytest.mark.parametrize("count", [0, 1])
    def test_a_message_that_may_be_sent(self, count: int) -> None:
        handlers = Handlers(Intake=[sent("ChargeQueue", "x")] * count)
        run(arrows("intake -sqs?-> charge"), handlers)
        assert len(handlers.events.get("Charge", [])) == count


class TestFanOut:
    def test_every_subscriber_gets_a_copy(self) -> None:
        handlers = Handlers(Intake=[published("IntakeTopic", "hello")])
        run(arrows("intake -sns-> {mail, ship}"), handlers)
        assert [handlers.events[name][0]["Records"][0]["Sns"]["Message"] for name in ("Mail", "Ship")] == ["hello", "hello"]

    def test_the_failure_of_one_branch_stops_no_other(self) -> None:
        handlers = Handlers(Intake=[published("IntakeTopic", "hello")], Mail=_fail)
        run(arrows("intake -sns-> {mail, ship}"), handlers)
        assert len(handlers.events["Mail"]) == 3, "the asynchronous invocation and its two retries"
        assert len(handlers.events["Ship"]) == 1

    def test_a_filter_lets_only_its_messages_pass(self) -> None:
        graph = arrows("intake -sns-> {mail, ship}", filters={"IntakeTopic>Mail": {"kind": ("gift",)}})
        for kind, mails in (("gift", 1), ("plain", 0)):
            handlers = Handlers(Intake=[published("IntakeTopic", "hello", kind=kind)])
            run(graph, handlers)
            assert (len(handlers.events.get("Mail", [])), len(handlers.events["Ship"])) == (mails, 1)

    def test_two_ways_to_one_function_run_it_twice(self) -> None:
        handlers = Handlers(
            Intake=[published("IntakeTopic", "x")],
            Pack=[sent("ShipQueue", "packed")],
            Label=[sent("ShipQueue", "labelled")],
        )
        run(arrows("intake -sns-> {pack, label}; {pack, label} -sqs:ShipQueue-> ship"), handlers)
        assert sorted(event["Records"][0]["body"] for event in handlers.events["Ship"]) == ["labelled", "packed"]


def _fail(event: Any) -> Any:
    raise ValueError("broken")


class TestFailure:
    graph = arrows("intake -sqs*-> charge", settings=REDRIVE, extra=(DLQ,))

    def test_a_message_is_tried_as_often_as_the_queue_did_and_counts_its_deliveries(self) -> None:
        handlers = Handlers(Intake=[sent("ChargeQueue", "x")], Charge=_fail)
        run(self.graph, handlers)
        counts = [event["Records"][0]["attributes"]["ApproximateReceiveCount"] for event in handlers.events["Charge"]]
        assert counts == ["1", "2", "3"]

    def test_the_original_message_goes_to_the_original_dead_letter_queue(self) -> None:
        attributes = {"kind": {"DataType": "String", "StringValue": "gift"}}
        handlers = Handlers(Intake=[sent("ChargeQueue", "x", MessageAttributes=attributes)], Charge=_fail)
        machine = run(self.graph, handlers)
        parked = {"QueueUrl": "ChargeDLQ", "MessageBody": "x", "MessageAttributes": attributes}
        assert machine.calls == [("arn:aws:states:::sqs:sendMessage", parked)]

    def test_siblings_of_a_failed_message_are_not_touched(self) -> None:
        def charge(event: Any) -> Any:
            return _fail(event) if event["Records"][0]["body"] == "bad" else []

        handlers = Handlers(Intake=[sent("ChargeQueue", body) for body in ("a", "bad", "b")], Charge=charge)
        machine = run(self.graph, handlers)
        assert [arguments["MessageBody"] for _, arguments in machine.calls] == ["bad"]
        assert [event["Records"][0]["body"] for event in handlers.events["Charge"]] == ["a", "bad", "b", "bad", "bad"]

    def test_an_asynchronous_dead_letter_queue_gets_the_event(self) -> None:
        graph = arrows(
            "intake -sns-> charge", functions={"charge": {"asynchronous": {"dead_letter": "app/ChargeDLQ"}}}, extra=(DLQ,)
        )
        machine = run(graph, Handlers(Intake=[published("IntakeTopic", "x")], Charge=_fail))
        ((_, arguments),) = machine.calls
        assert json.loads(arguments["MessageBody"])["Records"][0]["Sns"]["Message"] == "x"

    def test_without_siblings_and_dead_letter_queue_the_execution_fails(self) -> None:
        with pytest.raises(Failed, match="broken"):
            run(arrows("intake -sns-> charge"), Handlers(Intake=[published("IntakeTopic", "x")], Charge=_fail))


class TestDelay:
    @pytest.mark.parametrize(("own", "waited"), [({}, 60), ({"DelaySeconds": 5}, 5)])
    def test_a_queue_that_delays_becomes_a_wait(self, own: dict[str, int], waited: int) -> None:
        graph = arrows(
            "intake -sqs-> charge",
            settings={"ChargeQueue": {"delay_seconds": 60}},
            hops={"intake>charge": {"sent": {"DelaySeconds": 5}}},
        )
        machine = run(graph, Handlers(Intake=[sent("ChargeQueue", "x", **own)]))
        assert machine.waits == [waited]


class TestDestinations:
    def test_the_invocation_record_is_made_by_the_state(self) -> None:
        graph = arrows("intake -lambda_destination-> audit", triggers={"intake": "schedule"})
        handlers = Handlers()
        run(graph, handlers, {"order": 1})
        (record,) = handlers.events["Audit"]
        assert record["requestPayload"] == {"order": 1}
        assert record["requestContext"]["condition"] == "Success"


class TestEntries:
    graph = arrows("{shop, phone} -sqs:Orders-> charge")

    @pytest.mark.parametrize("entry", ["Shop", "Phone"])
    def test_the_input_names_its_entry(self, entry: str) -> None:
        handlers = Handlers(**{entry: [sent("Orders", "x")]})
        run(self.graph, handlers, {"entry": entry, "event": {"n": 1}})
        assert handlers.events[entry] == [{"n": 1}]
        assert len(handlers.events["Charge"]) == 1

    def test_an_unknown_entry_fails(self) -> None:
        with pytest.raises(Failed, match="UnknownEntry"):
            run(self.graph, Handlers(), {"entry": "Fax"})


EVERYTHING = arrows(
    """
    intake -s3*-> parse -sns-> {charge, mail}
    charge -sns/sqs?-> ship -eventbridge-> {track, bill}
    bill -lambda_invoke-> archive -dynamodb_stream-> index
    """,
    settings={"ShipQueue": {"redrive": {"dead_letter": "app/ChargeDLQ", "max_receive_count": 5}, "delay_seconds": 20}},
    filters={"ShipBus>Bill": {"detail-type": ("Shipped",), "detail": {"total": ({"numeric": (">", 0)},)}}},
    extra=(DLQ,),
)


class TestText:
    def test_json_and_yaml_say_the_same(self) -> None:
        workflow = plan(EVERYTHING, chain(EVERYTHING))
        assert json.loads(asl_json(workflow, EVERYTHING)) == yaml.safe_load(written_as_yaml(workflow))

    def test_the_same_graph_gives_the_same_bytes(self) -> None:
        texts = {asl_json(plan(EVERYTHING, chain(EVERYTHING)), EVERYTHING) for _ in range(2)}
        assert len(texts) == 1

    def test_long_expressions_are_readable_in_yaml(self) -> None:
        assert "Payload: |" in written_as_yaml(plan(EVERYTHING, chain(EVERYTHING)))

    def test_states_say_which_hop_they_came_from_and_where(self) -> None:
        comments = asl_json(plan(EVERYTHING, chain(EVERYTHING)), EVERYTHING)
        assert "Intake -s3-> Parse (intake/app.py:7)" in comments

    def test_nothing_to_migrate_is_an_error_and_not_an_empty_machine(self) -> None:
        graph = arrows("intake -sqs-> charge", settings={"ChargeQueue": {"fifo": True}})
        with pytest.raises(UntangleError, match="nothing"):
            asl_definition(plan(graph, chain(graph)), graph)


class TestCloudFormation:
    """cfn-lint's rule for state machines (E3601) checks a definition against the schema of the language."""

    def test_it_accepts_what_is_written(self) -> None:
        assert refused([definition(EVERYTHING)]) == []

    def test_it_is_listening(self) -> None:
        broken = definition(EVERYTHING)
        broken["States"]["Intake"]["Retry"][0]["MaxAttempts"] = -1
        assert any("E3601" in message for message in refused([broken]))
