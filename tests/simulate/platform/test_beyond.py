"""What emulators lack: order, windows, giving up, dead letters of dead letters, enrichments, faults; feature by feature."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulate.platform.play import (
    Failing,
    Play,
    Throttled,
    arn,
    bucket,
    function,
    mapping,
    queue,
    ref,
    resource,
    rule,
    stream,
    subscription,
    table,
    text_attribute,
    topic,
)
from untangle.simulate.faults import Fault

FIFO = {"FifoQueue": True, "ContentBasedDeduplication": True}


def fails(event: Any) -> Any:
    raise Failing("no")


def failing_on(*bodies: str) -> Any:
    """A handler of streams that fails on a batch with one of these in it."""

    def handler(event: Any) -> Any:
        held = [base64.b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]
        if any(body in held for body in bodies):
            raise Failing(",".join(held))

    return handler


class Streamed:
    """A stream with one consumer."""

    def __init__(self, folder: Path, handler: Any = None, *, hours: int = 24, **settings: Any) -> None:
        kept = stream(RetentionPeriodHours=hours)
        resources = {"N": kept, "F": function(), "Q": queue(), "M": mapping(arn("N"), StartingPosition="LATEST", **settings)}
        self.play = Play(folder, resources, {"F": handler} if handler else {})

    def put(self, *texts: str) -> None:
        for text in texts:
            self.play.call("kinesis", "PutRecord", StreamName=self.play.name("N"), Data=text.encode(), PartitionKey="p")

    def batches(self) -> list[str]:
        """The data of each batch that the consumer got."""
        return [
            "".join(base64.b64decode(record["kinesis"]["data"]).decode() for record in event["Records"])
            for event in self.play.events()
        ]


class TestStreams:
    def test_what_came_together_is_a_batch(self, tmp_path: Path) -> None:
        streamed = Streamed(tmp_path, BatchSize=2)
        streamed.put("a", "b", "c")
        streamed.play.run()
        assert streamed.batches() == ["ab", "c"]

    def test_a_window_waits_for_more(self, tmp_path: Path) -> None:
        streamed = Streamed(tmp_path, MaximumBatchingWindowInSeconds=30)
        streamed.put("a")
        streamed.play.run(10)
        streamed.put("b")
        streamed.play.run()
        assert (streamed.batches(), streamed.play.times()) == (["ab"], [30])

    def test_a_full_batch_does_not_wait(self, tmp_path: Path) -> None:
        streamed = Streamed(tmp_path, MaximumBatchingWindowInSeconds=30, BatchSize=2)
        streamed.put("a", "b")
        streamed.play.run()
        assert streamed.play.times()[0] < 1

    def test_a_batch_that_fails_blocks_its_shard(self, tmp_path: Path) -> None:
        streamed = Streamed(tmp_path, failing_on("b"), BatchSize=1, MaximumRetryAttempts=2)
        streamed.put("a", "b", "c")
        streamed.play.run()
        assert streamed.batches() == ["a", "b", "b", "b", "c"]

    def test_what_is_given_up_is_told_of(self, tmp_path: Path) -> None:
        destination = {"OnFailure": {"Destination": arn("Q")}}
        streamed = Streamed(tmp_path, fails, MaximumRetryAttempts=1, DestinationConfig=destination)
        streamed.put("a", "b")
        (told,) = streamed.play.run().bodies()
        assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
        assert told["requestContext"]["approximateInvokeCount"] == 2
        assert told["KinesisBatchInfo"]["batchSize"] == 2
        assert told["KinesisBatchInfo"]["shardId"] == "shardId-000000000000"

    def test_a_batch_that_fails_is_split(self, tmp_path: Path) -> None:
        streamed = Streamed(tmp_path, failing_on("c"), BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
        streamed.put("a", "b", "c", "d")
        streamed.play.run()
        assert streamed.batches() == ["abcd", "ab", "cd", "c", "d"]

    def test_records_that_are_too_old_are_given_up(self, tmp_path: Path) -> None:
        destination = {"OnFailure": {"Destination": arn("Q")}}
        streamed = Streamed(tmp_path, fails, MaximumRecordAgeInSeconds=60, DestinationConfig=destination)
        streamed.put("a")
        (told,) = streamed.play.run().bodies()
        assert told["requestContext"]["condition"] == "RecordAgeExceeded"
        assert 60 < streamed.play.world.clock.now < 61

    def test_without_bounds_a_batch_is_tried_until_it_expires(self, tmp_path: Path) -> None:
        streamed = Streamed(tmp_path, fails)
        streamed.put("a")
        streamed.play.run()
        assert 86_400 - 900 <= streamed.play.times()[-1] <= 86_400

    def test_a_partial_response_starts_again_from_the_record_it_names(self, tmp_path: Path) -> None:
        def partial(event: Any) -> Any:
            texts = {base64.b64decode(r["kinesis"]["data"]).decode(): r["kinesis"]["sequenceNumber"] for r in event["Records"]}
            return {"batchItemFailures": [{"itemIdentifier": texts["b"]}]} if "b" in texts and len(texts) == 3 else {}

        streamed = Streamed(tmp_path, partial, FunctionResponseTypes=["ReportBatchItemFailures"])
        streamed.put("a", "b", "c")
        streamed.play.run()
        assert streamed.batches() == ["abc", "bc"]

    def test_a_response_that_makes_no_sense_fails_the_batch(self, tmp_path: Path) -> None:
        answers = iter([{"batchItemFailures": [{"itemIdentifier": "?"}]}, None])
        streamed = Streamed(tmp_path, lambda event: next(answers), FunctionResponseTypes=["ReportBatchItemFailures"])
        streamed.put("a", "b")
        streamed.play.run()
        assert streamed.batches() == ["ab", "ab"]

    def test_a_throttled_batch_has_not_been_tried(self, tmp_path: Path) -> None:
        tries = iter(range(9))

        def throttled(event: Any) -> Any:
            if next(tries) < 3:
                raise Throttled

        streamed = Streamed(tmp_path, throttled, MaximumRetryAttempts=0)
        streamed.put("a")
        streamed.play.run()
        assert streamed.batches() == ["a"] * 4

    @pytest.mark.parametrize(
        ("settings", "hours", "oldest"),
        [
            ({}, 24, 24),
            ({"MaximumRecordAgeInSeconds": -1}, 24, 24),
            ({"MaximumRecordAgeInSeconds": 7200}, 24, 2),
            ({"MaximumRecordAgeInSeconds": -1}, 168, 168),
            ({"MaximumRecordAgeInSeconds": -1}, 8760, 8760),
        ],
    )
    def test_a_batch_that_is_throttled_for_good_ends_by_its_age(
        self, tmp_path: Path, settings: dict[str, Any], hours: int, oldest: int
    ) -> None:
        def throttled(event: Any) -> Any:
            raise Throttled

        destination = {"OnFailure": {"Destination": arn("Q")}}
        streamed = Streamed(tmp_path, throttled, hours=hours, MaximumRetryAttempts=0, DestinationConfig=destination, **settings)
        streamed.put("a")
        (told,) = streamed.play.run().bodies()
        assert told["requestContext"]["condition"] == "RecordAgeExceeded"
        assert 1 < streamed.play.world.clock.now / 3600 / oldest < 1.01
        assert len(streamed.batches()) < 150

    def test_a_tumbling_window_carries_its_state(self, tmp_path: Path) -> None:
        def sums(event: Any) -> Any:
            return {"state": {"n": event["state"].get("n", 0) + len(event["Records"])}}

        streamed = Streamed(tmp_path, sums, TumblingWindowInSeconds=60)
        streamed.put("a")
        streamed.play.run(10)
        streamed.put("b", "c")
        streamed.play.run(60)
        streamed.put("d")
        streamed.play.run()
        told = [(len(event["Records"]), event["state"], event["isFinalInvokeForWindow"]) for event in streamed.play.events()]
        assert told == [(1, {}, False), (2, {"n": 1}, False), (0, {"n": 3}, True), (1, {}, False), (0, {"n": 1}, True)]
        assert streamed.play.events()[0]["window"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}

    def test_two_consumers_read_each_for_itself(self, tmp_path: Path) -> None:
        resources = {"N": stream(), "F": function(), "G": function(), "M": mapping(arn("N")), "M2": mapping(arn("N"), "G")}
        play = Play(tmp_path, resources, {"F": fails})
        play.call(
            "kinesis", "PutRecords", StreamName=play.name("N"), Records=[{"Data": b"x", "PartitionKey": str(n)} for n in (1, 2)]
        )
        assert len(play.run(100).records("G")) == 2


class TestTables:
    def played(self, folder: Path, view: str = "NEW_AND_OLD_IMAGES", **settings: Any) -> Play:
        return Play(folder, {"A": table(view), "F": function(), "M": mapping(arn("A", "StreamArn"), **settings)})

    def changes(self, play: Play) -> list[tuple[str, Any, Any]]:
        """What each record says: the kind, `n` before and after."""
        told = []
        for record in play.run().records():
            images = [record["dynamodb"].get(name, {}).get("n", {}).get("S") for name in ("OldImage", "NewImage")]
            told.append((record["eventName"], *images))
        return told

    def test_puts_updates_and_deletions(self, tmp_path: Path) -> None:
        play = self.played(tmp_path)
        key = {"pk": {"S": "1"}}
        play.put_item("A", pk="1", n="a")
        play.call(
            "dynamodb", "UpdateItem", TableName=play.name("A"), Key=key,
            UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"S": "b"}},
        )  # fmt: skip
        play.call("dynamodb", "DeleteItem", TableName=play.name("A"), Key=key)
        assert self.changes(play) == [("INSERT", None, "a"), ("MODIFY", "a", "b"), ("REMOVE", "b", None)]

    def test_what_changes_nothing_makes_no_record(self, tmp_path: Path) -> None:
        play = self.played(tmp_path)
        for _ in range(2):
            play.put_item("A", pk="1", n="a")
        play.call("dynamodb", "DeleteItem", TableName=play.name("A"), Key={"pk": {"S": "never there"}})
        assert self.changes(play) == [("INSERT", None, "a")]

    def test_batches_and_transactions(self, tmp_path: Path) -> None:
        play = self.played(tmp_path)
        name = play.name("A")
        puts = [{"PutRequest": {"Item": {"pk": {"S": text}, "n": {"S": text}}}} for text in "ab"]
        play.call("dynamodb", "BatchWriteItem", RequestItems={name: puts})
        items = [
            {"Put": {"TableName": name, "Item": {"pk": {"S": "c"}, "n": {"S": "c"}}}},
            {"Delete": {"TableName": name, "Key": {"pk": {"S": "a"}}}},
        ]
        play.call("dynamodb", "TransactWriteItems", TransactItems=items)
        assert self.changes(play) == [
            ("INSERT", None, "a"),
            ("INSERT", None, "b"),
            ("INSERT", None, "c"),
            ("REMOVE", "a", None),
        ]

    def test_partiql(self, tmp_path: Path) -> None:
        play = self.played(tmp_path)
        play.call("dynamodb", "ExecuteStatement", Statement=f"INSERT INTO \"{play.name('A')}\" VALUE {{'pk': '1', 'n': 'a'}}")
        assert self.changes(play) == [("INSERT", None, "a")]

    def test_a_write_that_is_refused_makes_no_record(self, tmp_path: Path) -> None:
        play = self.played(tmp_path)
        play.put_item("A", pk="1", n="a")
        with pytest.raises(Exception, match="ConditionalCheckFailed"):
            play.call(
                "dynamodb", "PutItem", TableName=play.name("A"), Item={"pk": {"S": "1"}},
                ConditionExpression="attribute_not_exists(pk)",
            )  # fmt: skip
        assert self.changes(play) == [("INSERT", None, "a")]

    @pytest.mark.parametrize(
        ("view", "images"),
        [
            ("KEYS_ONLY", set()),
            ("NEW_IMAGE", {"NewImage"}),
            ("OLD_IMAGE", {"OldImage"}),
            ("NEW_AND_OLD_IMAGES", {"NewImage", "OldImage"}),
        ],
    )
    def test_what_the_view_shows(self, tmp_path: Path, view: str, images: set[str]) -> None:
        play = self.played(tmp_path, view)
        play.put_item("A", pk="1", n="a")
        play.put_item("A", pk="1", n="b")
        changes = [record["dynamodb"] for record in play.run().records()]
        assert {"NewImage", "OldImage"} & changes[1].keys() == images
        assert [change["Keys"] for change in changes] == [{"pk": {"S": "1"}}] * 2


class TestQueues:
    def test_groups_keep_their_order_and_do_not_wait_for_each_other(self, tmp_path: Path) -> None:
        failed: list[str] = []

        def first_fails(event: Any) -> Any:
            if event["Records"][0]["body"] == "a1" and not failed:
                failed.append("a1")
                raise Failing("once")

        resources = {"Q": queue(**FIFO, VisibilityTimeout=30), "F": function(), "M": mapping(arn("Q"), BatchSize=1)}
        play = Play(tmp_path, resources, {"F": first_fails})
        for group, body in (("a", "a1"), ("a", "a2"), ("b", "b1")):
            play.send("Q", body, MessageGroupId=group)
        bodies = [record["body"] for record in play.run().records()]
        assert bodies.index("b1") < bodies.index("a2")
        assert [body for body in bodies if body[0] == "a"] == ["a1", "a1", "a2"]

    def test_a_window_waits_for_more(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"Q": queue(), "F": function(), "M": mapping(arn("Q"), MaximumBatchingWindowInSeconds=20)})
        play.send("Q", "a")
        play.run(5)
        play.send("Q", "b")
        assert [len(event["Records"]) for event in play.run().events()] == [2]

    def test_the_dead_letter_queue_of_a_dead_letter_queue(self, tmp_path: Path) -> None:
        resources = {
            "Last": queue(),
            "D": queue(VisibilityTimeout=1, RedrivePolicy={"deadLetterTargetArn": arn("Last"), "maxReceiveCount": 1}),
            "Q": queue(VisibilityTimeout=1, RedrivePolicy={"deadLetterTargetArn": arn("D"), "maxReceiveCount": 2}),
            "F": function(),
            "G": function(),
            "M": mapping(arn("Q")),
            "M2": mapping(arn("D"), "G"),
        }
        play = Play(tmp_path, resources, {"F": fails, "G": fails})
        play.send("Q", "x")
        assert play.run(60).bodies("Last") == ["x"]
        assert (len(play.events("F")), len(play.events("G"))) == (2, 1)


class TestTopics:
    def test_a_policy_on_the_body(self, tmp_path: Path) -> None:
        filtered = subscription("Q", RawMessageDelivery=True, FilterPolicyScope="MessageBody", FilterPolicy={"kind": ["gift"]})
        play = Play(tmp_path, {"T": topic(), "Q": queue(), "S": filtered})
        for text in ('{"kind": "gift"}', '{"kind": "plain"}', "gift"):
            play.publish("T", text)
        assert play.run().bodies() == [{"kind": "gift"}]

    def test_each_subscription_has_its_own_filter(self, tmp_path: Path) -> None:
        resources = {
            "T": topic(),
            "Q": queue(),
            "P": queue(),
            "S": subscription("Q", FilterPolicy={"k": ["v"]}),
            "S2": subscription("P", FilterPolicy={"k": [{"anything-but": "v"}]}),
        }
        play = Play(tmp_path, resources)
        for text in ("v", "w", "w"):
            play.publish("T", "m", MessageAttributes={"k": text_attribute(text)})
        play.run()
        assert (len(play.bodies("Q")), len(play.bodies("P"))) == (1, 2)

    def test_a_batch_is_published_one_by_one(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"T": topic(), "Q": queue(), "S": subscription("Q", RawMessageDelivery=True)})
        entries = [{"Id": "1", "Message": "a"}, {"Id": "2", "Message": ""}]
        answer = play.call("sns", "PublishBatch", TopicArn=play.name("T"), PublishBatchRequestEntries=entries)
        assert [item["Id"] for item in answer["Successful"]] == ["1"]
        assert [item["Id"] for item in answer["Failed"]] == ["2"]
        assert play.run().bodies() == ["a"]

    def test_a_topic_without_fifo_keeps_what_is_said_twice(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"T": topic(), "Q": queue(), "S": subscription("Q", RawMessageDelivery=True)})
        for _ in range(2):
            play.publish("T", "a")
        assert play.run().bodies() == ["a", "a"]

    def test_a_fifo_topic_forgets_after_five_minutes(self, tmp_path: Path) -> None:
        fifo = topic(FifoTopic=True, ContentBasedDeduplication=True)
        play = Play(tmp_path, {"T": fifo, "Q": queue(FifoQueue=True), "S": subscription("Q", RawMessageDelivery=True)})
        ids = [play.publish("T", "a", MessageGroupId="g")["MessageId"] for _ in range(2)]
        play.run(301)
        play.publish("T", "a", MessageGroupId="g")
        assert ids[0] == ids[1]
        assert len(play.run().bodies()) == 2

    @pytest.mark.parametrize(
        ("params", "said"),
        [
            ({"Message": ""}, "Empty message"),
            ({"Message": "x" * 262_145}, "too long"),
            ({"Message": "{}", "MessageStructure": "json"}, "default"),
        ],
    )
    def test_what_is_refused(self, tmp_path: Path, params: dict[str, str], said: str) -> None:
        play = Play(tmp_path, {"T": topic(), "Q": queue(), "S": subscription("Q")})
        with pytest.raises(Exception, match=said):
            play.call("sns", "Publish", TopicArn=play.name("T"), **params)


class TestTransformers:
    @pytest.mark.parametrize(
        ("template", "made"),
        [
            ('{"v": <n>, "t": "<who>"}', {"v": 7, "t": "Ann"}),
            ('{"v": <who>}', {"v": "Ann"}),
            ('{"all": <tags>, "text": "tags <tags>"}', {"all": ["a", "b"], "text": 'tags ["a","b"]'}),
            ('{"v": <missing>, "w": 1}', {"w": 1}),
            ('"<who> has <n>"', "Ann has 7"),
            ("<who> has <n>, they say", "Ann has 7, they say"),
            ("<tags>", ["a", "b"]),
            ('{"event": <aws.events.event.json>}', None),
        ],
    )
    def test_templates(self, tmp_path: Path, template: str, made: Any) -> None:
        paths = {"n": "$.detail.n", "who": "$.detail.people[0].name", "tags": "$.detail.tags", "missing": "$.detail.missing"}
        target = rule(arn("F"), InputTransformer={"InputPathsMap": paths, "InputTemplate": template})
        play = Play(tmp_path, {"F": function(), "R": target})
        play.put_event({"n": 7, "people": [{"name": "Ann"}], "tags": ["a", "b"]})
        (event,) = play.run().events()
        assert event == made if made is not None else event["event"]["detail"]["n"] == 7

    def test_what_cannot_be_read_is_not_played_and_it_is_said(self, tmp_path: Path) -> None:
        target = rule(arn("F"), InputTransformer={"InputPathsMap": {"n": "$..n"}, "InputTemplate": "<n>"})
        play = Play(tmp_path, {"F": function(), "R": target})
        play.put_event({"n": 7})
        assert play.run().events() == []
        assert "$..n" in play.world.unplayed[0][1]


class TestPipes:
    def pipe(self, source: Any = None, target: Any = None, **properties: Any) -> Any:
        return resource("Pipes::Pipe", Source=source or arn("Q"), Target=target or arn("F"), **properties)

    def test_what_its_filter_does_not_take_is_gone(self, tmp_path: Path) -> None:
        filters = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": {"t": ["yes"]}})}]}}
        play = Play(tmp_path, {"Q": queue(), "F": function(), "P": self.pipe(SourceParameters=filters)})
        for text in ("yes", "no"):
            play.send("Q", json.dumps({"t": text}))
        (event,) = play.run().events()
        assert [json.loads(record["body"]) for record in event] == [{"t": "yes"}]
        assert play.bodies() == []

    def test_an_enrichment_answers_what_goes_on(self, tmp_path: Path) -> None:
        resources = {"Q": queue(), "E": function(), "F": function(), "P": self.pipe(Enrichment=arn("E"))}
        play = Play(tmp_path, resources, {"E": lambda records: [{"was": record["body"]} for record in records]})
        play.send("Q", "x")
        assert play.run().events() == [[{"was": "x"}]]

    def test_an_enrichment_that_answers_nothing_ends_there(self, tmp_path: Path) -> None:
        resources = {"Q": queue(), "E": function(), "F": function(), "P": self.pipe(Enrichment=arn("E"))}
        play = Play(tmp_path, resources, {"E": lambda records: []})
        play.send("Q", "x")
        assert (play.run().events(), play.bodies()) == ([], [])

    def test_a_template_shapes_each_record(self, tmp_path: Path) -> None:
        template = {"InputTemplate": '{"id": <$.body.id>, "from": "<aws.pipes.pipe-name>"}'}
        play = Play(tmp_path, {"Q": queue(), "F": function(), "P": self.pipe(TargetParameters=template, Name="p")})
        play.send("Q", '{"id": 7}')
        assert play.run().events() == [[{"id": 7, "from": "p"}]]

    def test_a_batch_that_fails_comes_back_to_its_queue(self, tmp_path: Path) -> None:
        redrive = {"deadLetterTargetArn": arn("D"), "maxReceiveCount": 2}
        source = queue(VisibilityTimeout=1, RedrivePolicy=redrive)
        play = Play(tmp_path, {"D": queue(), "Q": source, "F": function(), "P": self.pipe()}, {"F": fails})
        play.send("Q", "x")
        assert play.run(60).bodies("D") == ["x"]

    def test_a_bus(self, tmp_path: Path) -> None:
        named = {"EventBridgeEventBusParameters": {"Source": "mine", "DetailType": "Came"}}
        resources = {
            "Q": queue(),
            "F": function(),
            "Bus": resource("Events::EventBus", Name="bus"),
            "P": self.pipe(target=arn("Bus"), TargetParameters=named),
            "R": rule(arn("F"), {"source": ["mine"], "detail-type": ["Came"]}, ref("Bus")),
        }
        play = Play(tmp_path, resources)
        play.send("Q", "x")
        assert [event["detail"]["body"] for event in play.run().events()] == ["x"]

    @pytest.mark.parametrize("kind", ["queue", "machine"])
    def test_other_targets(self, tmp_path: Path, kind: str) -> None:
        definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
        machine = resource(
            "StepFunctions::StateMachine", DefinitionString=json.dumps(definition), RoleArn="arn:aws:iam::1:role/r"
        )
        target = arn("Out") if kind == "queue" else ref("X")
        play = Play(tmp_path, {"Q": queue(), "Out": queue(), "X": machine, "P": self.pipe(target=target)})
        play.send("Q", "x")
        play.run()
        if kind == "queue":
            assert [body["body"] for body in play.bodies("Out")] == ["x"]
        else:
            (end,) = [one.detail for one in play.world.log if one.kind == "end"]
            assert [record["body"] for record in end["result"]["output"]] == ["x"]

    def test_a_table_as_its_source(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"A": table(), "F": function(), "P": self.pipe(arn("A", "StreamArn"))})
        play.put_item("A", pk="1")
        (event,) = play.run().events()
        assert [record["dynamodb"]["Keys"] for record in event] == [{"pk": {"S": "1"}}]


class TestMachines:
    def test_the_bus_is_told_when_an_execution_ends(self, tmp_path: Path) -> None:
        definition = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${F.Arn}", "End": True}}}
        machine = resource(
            "StepFunctions::StateMachine",
            DefinitionString={"Fn::Sub": json.dumps(definition)},
            RoleArn="arn:aws:iam::1:role/r",
        )
        pattern = {"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"], "stateMachineArn": [ref("X")]}}
        play = Play(tmp_path, {"X": machine, "F": function(), "G": function(), "R": rule(arn("G"), pattern)})
        play.call("stepfunctions", "StartExecution", stateMachineArn=play.name("X"), input='{"a": 1}')
        (event,) = play.run().events("G")
        assert play.events("F") == [{"a": 1}]
        assert json.loads(event["detail"]["output"]) == {"ok": 1}

    @pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
    def test_it_is_told_once_of_each_state_however_short_an_execution_is(self, tmp_path: Path, status: str) -> None:
        definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
        machine = resource(
            "StepFunctions::StateMachine", DefinitionString=json.dumps(definition), RoleArn="arn:aws:iam::1:role/r"
        )
        pattern = {"source": ["aws.states"], "detail": {"status": [status]}}
        play = Play(tmp_path, {"X": machine, "G": function(), "R": rule(arn("G"), pattern)})
        play.call("stepfunctions", "StartExecution", stateMachineArn=play.name("X"), input='{"a": 1}')
        (event,) = play.run().events("G")
        ended = status != "RUNNING"
        assert (event["detail"]["output"] is not None, event["detail"]["stopDate"] is not None) == (ended, ended)


class TestFaults:
    def test_a_delivery_that_happens_twice(self, tmp_path: Path) -> None:
        resources = {"T": topic(), "F": function(), "S": subscription("F", protocol="lambda")}
        play = Play(tmp_path, resources, faults=[Fault(kind="duplicate", subject="template/T", message=1)])
        for text in ("a", "b"):
            play.publish("T", text)
        assert [record["Sns"]["Message"] for record in play.run().records()] == ["a", "a", "b"]

    def test_a_delivery_that_comes_late(self, tmp_path: Path) -> None:
        play = Play(tmp_path, {"F": function(), "R": rule(arn("F"))}, faults=[Fault(kind="delay", subject="eventbridge/default")])
        play.put_event({"a": 1})
        assert play.run().times()[0] > 60

    def test_a_delivery_that_is_overtaken(self, tmp_path: Path) -> None:
        resources = {"T": topic(), "F": function(), "S": subscription("F", protocol="lambda")}
        play = Play(tmp_path, resources, faults=[Fault(kind="reorder", subject="template/T", message=1)])
        for text in ("a", "b"):
            play.publish("T", text)
        assert [record["Sns"]["Message"] for record in play.run().records()] == ["b", "a"]

    def test_a_shard_keeps_its_order_whatever_happens(self, tmp_path: Path) -> None:
        resources = {"N": stream(), "F": function(), "M": mapping(arn("N"), BatchSize=1)}
        faults = [
            Fault(kind=kind, subject="template/N", message=n) for n, kind in ((1, "duplicate"), (2, "delay"), (3, "reorder"))
        ]
        play = Play(tmp_path, resources, faults=faults)
        for text in "abcd":
            play.call("kinesis", "PutRecord", StreamName=play.name("N"), Data=text.encode(), PartitionKey="p")
        told = [base64.b64decode(record["kinesis"]["data"]).decode() for record in play.run().records()]
        assert told == ["a", "a", "b", "c", "d"]

    def test_the_same_seed_is_the_same_run(self, tmp_path: Path) -> None:
        def run() -> list[Any]:
            resources = {
                "Box": bucket(TopicConfigurations=[{"Event": "s3:ObjectCreated:*", "Topic": ref("T")}]),
                "T": topic(),
                "F": function(),
                "S": subscription("F", protocol="lambda"),
                "N": stream(),
                "M": mapping(arn("N")),
            }
            play = Play(tmp_path, resources, seed=7)
            play.upload("Box", "k")
            play.call("kinesis", "PutRecord", StreamName=play.name("N"), Data=b"x", PartitionKey="p")
            return play.run().world.log

        assert run() == run()


def test_what_is_not_played_is_said(tmp_path: Path) -> None:
    delivery = resource("KinesisFirehose::DeliveryStream", DeliveryStreamType="DirectPut")
    play = Play(tmp_path, {"H": delivery, "R": rule(arn("H"))})
    play.put_event({"a": 1})
    assert play.run().world.unplayed == (("template/H", "rule R delivers to it, which is not played (firehose)"),)


def test_a_channel_that_nothing_plays_is_said_when_it_is_written_to(tmp_path: Path) -> None:
    topic_rule = resource(
        "IoT::TopicRule", TopicRulePayload={"Sql": "SELECT * FROM 'a/b'", "Actions": [{"Lambda": {"FunctionArn": arn("F")}}]}
    )
    play = Play(tmp_path, {"R": topic_rule, "F": function()})
    play.call("iot-data", "Publish", topic="a/b", payload=b"{}")
    assert play.run().events() == []
    assert ["Publish writes to it" in why for _, why in play.world.unplayed] == [True]


@pytest.mark.parametrize("source", ["queue", "stream", "pipe", "topic", "rule"])
def test_a_filter_that_cannot_be_read_takes_nothing_and_it_is_said(tmp_path: Path, source: str) -> None:
    policy = {"k": [{"fuzzy": "x"}]}
    pattern = json.dumps({"$or": [{"body": policy}, {"data": policy}]})
    criteria = {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}
    reads = {
        "queue": mapping(arn("Q"), **criteria),
        "stream": mapping(arn("N"), **criteria),
        "pipe": resource("Pipes::Pipe", Source=arn("Q"), Target=arn("F"), SourceParameters=criteria),
        "topic": subscription("F", protocol="lambda", FilterPolicy=policy),
        "rule": rule(arn("F"), {"source": ["shop"], "detail": policy}),
    }
    play = Play(tmp_path, {"Q": queue(), "N": stream(), "T": topic(), "F": function(), "Reads": reads[source]})
    play.send("Q", '{"k": "x"}')
    play.call("kinesis", "PutRecord", StreamName=play.name("N"), Data=b'{"k": "x"}', PartitionKey="p")
    play.publish("T", "m", MessageAttributes={"k": text_attribute("x")})
    play.put_event({"k": "x"})
    assert play.run().events() == []
    assert len(play.world.unplayed) == 1
    assert "not readable" in play.world.unplayed[0][1]
