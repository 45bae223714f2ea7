"""The outbox of Node.js handlers, run by the `node` of this machine before handlers that use SDKs of the two versions' shapes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

import untangle.runtime
from untangle.emit.asl.states import FAILED

NODE = shutil.which("node")
OUTBOX = Path(untangle.runtime.__file__).parent / "node" / "outbox.js"
FAKES = Path(__file__).parent / "node_sdk"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
FIFO = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:paid"
SDK = {
    "client-sqs": "service('SQS', ['SendMessage', 'SendMessageBatch'], ['TooManyEntriesInBatchRequest'])",
    "client-sns": "service('SNS', ['Publish', 'PublishBatch'])",
    "client-eventbridge": "service('EventBridge', ['PutEvents'])",
    "client-lambda": "service('Lambda', ['Invoke'])",
    "client-kinesis": "service('Kinesis', ['PutRecord', 'PutRecords'])",
    "client-scheduler": "service('Scheduler', ['CreateSchedule'])",
    "client-textract": "service('Textract', ['StartDocumentAnalysis'])",
    "client-s3": "service('S3', ['PutObject', 'GetObject', 'DeleteObject'])",
    "client-sfn": "service('SFN', ['StartExecution', 'SendTaskHeartbeat', 'SendTaskSuccess', 'SendTaskFailure'])",
    "client-dynamodb": "service('DynamoDB', ['PutItem', 'GetItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])",
    "lib-dynamodb": "documents(require('@aws-sdk/client-dynamodb'))",
}
IMPORTS = """
const { SQSClient, SendMessageCommand, SendMessageBatchCommand } = require('@aws-sdk/client-sqs')
const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns')
const { EventBridgeClient, PutEventsCommand } = require('@aws-sdk/client-eventbridge')
const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda')
const { KinesisClient, PutRecordsCommand } = require('@aws-sdk/client-kinesis')
const { SchedulerClient, CreateScheduleCommand } = require('@aws-sdk/client-scheduler')
const { TextractClient, StartDocumentAnalysisCommand } = require('@aws-sdk/client-textract')
const { S3Client, PutObjectCommand } = require('@aws-sdk/client-s3')
const { DynamoDBClient, PutItemCommand, UpdateItemCommand, BatchWriteItemCommand } = require('@aws-sdk/client-dynamodb')
const { DynamoDBDocumentClient, PutCommand, DeleteCommand } = require('@aws-sdk/lib-dynamodb')
const AWS = require('aws-sdk')
const send = (body, more) => new SQSClient({}).send(new SendMessageCommand({ QueueUrl: 'QUEUE', MessageBody: body, ...more }))
const document = DynamoDBDocumentClient.from(new DynamoDBClient({}))
""".replace("QUEUE", QUEUE)

if NODE is None:
    pytest.skip("node is not installed: the outbox of Node.js handlers is NOT tested here", allow_module_level=True)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Runs the body of a handler: the answer or the error, and what went out."""
    for name, made in SDK.items():
        folder = tmp_path / "node_modules" / "@aws-sdk" / name
        folder.mkdir(parents=True)
        (folder / "index.js").write_text(f"module.exports = require({str(FAKES / 'three.js')!r}).{made}\n")
    (tmp_path / "node_modules" / "aws-sdk").mkdir()
    shutil.copy(FAKES / "two.js", tmp_path / "node_modules" / "aws-sdk" / "index.js")

    def ran(body: str, *, marker: Mapping[str, Any] | None = None, event: Any = None, module: str = "", **more: Any) -> Any:
        text = module or f"{IMPORTS}\nexports.handler = async (event, context) => {{ {body} }}\n"
        (tmp_path / more.get("file", "app.js")).write_text(text)
        context = {"awsRequestId": "r-1", "invokedFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f"}
        if marker is not None:
            context["clientContext"] = {"custom": {"untangle": {"capture": [], "observe": [], **marker}}}  # type: ignore[assignment]
        environment = {"UNTANGLE_HANDLER": "app.handler", "LAMBDA_TASK_ROOT": str(tmp_path), **more.get("environment", {})}
        job = {"outbox": str(OUTBOX), "event": event or {}, "context": context, "state": more.get("state")}
        command = [str(NODE), str(FAKES / "run.js")]
        done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, env=environment, timeout=60)  # noqa: S603
        assert done.stdout.strip(), done.stderr
        *printed, last = done.stdout.strip().splitlines()
        return {**json.loads(last), "printed": printed}

    return ran


def effects(outcome: Mapping[str, Any]) -> list[dict[str, Any]]:
    assert "error" not in outcome, outcome["error"]
    found: list[dict[str, Any]] = outcome["answer"]["effects"]
    return found


class TestHeldBack:
    def test_nothing_goes_out_and_the_handler_has_a_valid_answer(self, run: Callable[..., Any]) -> None:
        outcome = run("return send('hello')", marker={"capture": [QUEUE]})
        assert outcome["went"] == []
        (effect,) = effects(outcome)
        assert (effect["id"], effect["service"], effect["op"]) == ("r-1#0", "sqs", "SendMessage")
        assert effect["params"] == {"QueueUrl": QUEUE, "MessageBody": "hello"}
        answer = outcome["answer"]["return"]
        assert answer["MessageId"] == effect["response"]["MessageId"]
        assert answer["MD5OfMessageBody"] == hashlib.md5(b"hello", usedforsecurity=False).hexdigest()

    def test_without_a_marker_it_is_the_handler_itself(self, run: Callable[..., Any]) -> None:
        outcome = run("return send('hello')")
        assert outcome["answer"]["MessageId"] == "real"
        assert [call["operation"] for call in outcome["went"]] == ["SendMessage"]

    def test_other_targets_are_the_handlers_own_business(self, run: Callable[..., Any]) -> None:
        outcome = run("return send('x')", marker={"capture": [TOPIC]})
        assert effects(outcome) == []
        assert len(outcome["went"]) == 1

    @pytest.mark.parametrize(
        ("body", "target", "expected"),
        [
            (
                f"await new SNSClient({{}}).send(new PublishCommand({{TopicArn: '{TOPIC}', Message: 'm'}}))",
                TOPIC,
                {"TopicArn": TOPIC, "Message": "m"},
            ),
            (
                "await new LambdaClient({}).send(new InvokeCommand({FunctionName: 'ship:live', InvocationType: 'Event', "
                "Payload: Buffer.from('{\"a\":1}')}))",
                "ship",
                {"FunctionName": "ship", "InvocationType": "Event", "Payload": {"a": 1}},
            ),
            (
                "await new KinesisClient({}).send(new PutRecordsCommand({StreamName: 's', "
                "Records: [{Data: Buffer.from([255]), PartitionKey: 'p'}]}))",
                "s",
                {"StreamName": "s", "PartitionKey": "p", "DataB64": "/w=="},
            ),
            (
                "const Target = {Arn: 'TARGET', Input: '{}'};"
                "await new SchedulerClient({}).send(new CreateScheduleCommand({Name: 'n', Target}))",
                "arn:aws:lambda:eu-west-1:123456789012:function:later",
                {"Name": "n", "Target": {"Arn": "arn:aws:lambda:eu-west-1:123456789012:function:later", "Input": "{}"}},
            ),
        ],
    )
    def test_each_kind_of_call(self, run: Callable[..., Any], body: str, target: str, expected: Any) -> None:
        outcome = run(body.replace("TARGET", target), marker={"capture": [target]})
        assert outcome["went"] == []
        assert [effect["params"] for effect in effects(outcome)] == [expected]

    def test_a_call_that_waits_for_the_answer_goes_out(self, run: Callable[..., Any]) -> None:
        outcome = run("await new LambdaClient({}).send(new InvokeCommand({FunctionName: 'ship'}))", marker={"capture": ["ship"]})
        assert effects(outcome) == []
        assert len(outcome["went"]) == 1

    def test_entries_of_other_buses_go_out_and_the_answer_keeps_its_order(self, run: Callable[..., Any]) -> None:
        entries = [
            {"Source": "s", "DetailType": "t", "Detail": "{}", "EventBusName": name} for name in ("other", "mine", "other")
        ]
        body = f"return new EventBridgeClient({{}}).send(new PutEventsCommand({{Entries: {json.dumps(entries)}}}))"
        outcome = run(body, marker={"capture": ["mine"]})
        (effect,) = effects(outcome)
        ids = [entry["EventId"] for entry in outcome["answer"]["return"]["Entries"]]
        assert ids == ["real-0", effect["response"]["EventId"], "real-1"]
        assert len(outcome["went"][0]["params"]["Entries"]) == 2

    def test_a_batch_is_taken_apart_and_what_the_queue_refuses_is_refused(self, run: Callable[..., Any]) -> None:
        entries = [{"Id": "a", "MessageBody": "1", "MessageGroupId": "g"}, {"Id": "b", "MessageBody": "2"}]
        command = f"new SendMessageBatchCommand({{QueueUrl: '{FIFO}', Entries: {json.dumps(entries)}}})"
        outcome = run(f"return new SQSClient({{}}).send({command})", marker={"capture": [FIFO]})
        assert [effect["params"]["MessageBody"] for effect in effects(outcome)] == ["1"]
        answer = outcome["answer"]["return"]
        assert [(one["Id"], len(one["SequenceNumber"])) for one in answer["Successful"]] == [("a", 20)]
        assert [(one["Id"], one["Code"]) for one in answer["Failed"]] == [("b", "MissingParameter")]

    def test_errors_are_those_of_the_sdk(self, run: Callable[..., Any]) -> None:
        entries = [{"Id": str(number), "MessageBody": "x"} for number in range(11)]
        command = f"new SendMessageBatchCommand({{QueueUrl: '{QUEUE}', Entries: {json.dumps(entries)}}})"
        name = "const { TooManyEntriesInBatchRequest: TooMany } = require('@aws-sdk/client-sqs');"
        body = f"try {{ await new SQSClient({{}}).send({command}) }} catch (e) {{ return [e.name, e instanceof TooMany] }}"
        outcome = run(name + body, marker={"capture": [QUEUE]})
        assert outcome["answer"]["return"] == ["TooManyEntriesInBatchRequest", True]

    def test_work_at_the_same_time_keeps_the_order_of_the_calls(self, run: Callable[..., Any]) -> None:
        outcome = run("await Promise.all(['a', 'b', 'c'].map((one) => send(one)))", marker={"capture": [QUEUE]})
        assert [effect["params"]["MessageBody"] for effect in effects(outcome)] == ["a", "b", "c"]
        assert len({effect["id"] for effect in effects(outcome)}) == 3

    def test_the_same_request_gives_the_same_ids(self, run: Callable[..., Any]) -> None:
        first, second = (effects(run("await send('x')", marker={"capture": [QUEUE]})) for _ in range(2))
        assert first[0]["response"] == second[0]["response"]

    def test_the_handler_does_not_see_the_marker(self, run: Callable[..., Any]) -> None:
        outcome = run("return {there: context.clientContext ?? null, id: context.awsRequestId}", marker={"capture": [QUEUE]})
        assert outcome["answer"]["return"] == {"there": None, "id": "r-1"}


class TestVersionTwo:
    @pytest.mark.parametrize(
        "call",
        [
            "new AWS.SQS().sendMessage(PARAMS).promise()",
            "new Promise((yes, no) => new AWS.SQS().sendMessage(PARAMS, (error, data) => error ? no(error) : yes(data)))",
        ],
        ids=["promise", "callback"],
    )
    def test_held_back(self, run: Callable[..., Any], call: str) -> None:
        params = f"{{QueueUrl: '{QUEUE}', MessageBody: 'two'}}"
        outcome = run(f"return {call.replace('PARAMS', params)}", marker={"capture": [QUEUE]})
        assert outcome["went"] == []
        assert [effect["params"]["MessageBody"] for effect in effects(outcome)] == ["two"]
        assert outcome["answer"]["return"]["MessageId"] == effects(outcome)[0]["response"]["MessageId"]

    def test_a_call_that_nobody_waits_for_is_an_effect_too(self, run: Callable[..., Any]) -> None:
        outcome = run(
            f"new AWS.SQS().sendMessage({{QueueUrl: '{QUEUE}', MessageBody: 'late'}}, () => {{}})", marker={"capture": [QUEUE]}
        )
        assert [effect["params"]["MessageBody"] for effect in effects(outcome)] == ["late"]

    def test_told(self, run: Callable[..., Any]) -> None:
        item = "{id: {S: '1'}, n: {N: '2'}}"
        body = f"return new AWS.DynamoDB().putItem({{TableName: 't', Item: {item}}}).promise()"
        old = {"id": {"S": "1"}, "n": {"N": "1"}}
        outcome = run(body, marker={"observe": ["t"]}, state={"items": {'{"S":"1"}': old}})
        assert effects(outcome)[0]["response"] == {"Attributes": old}
        assert "Attributes" not in outcome["answer"]["return"]


class TestTold:
    def test_a_message_goes_out_with_the_id_that_is_told(self, run: Callable[..., Any]) -> None:
        outcome = run("return send('x')", marker={"observe": [QUEUE]})
        assert effects(outcome)[0]["response"]["MessageId"] == outcome["answer"]["return"]["MessageId"] == "real"

    def test_what_is_refused_is_no_effect(self, run: Callable[..., Any]) -> None:
        outcome = run(
            "try { await send('x') } catch (e) { return e.name }", marker={"observe": [QUEUE]}, state={"fails": ["SendMessage"]}
        )
        assert outcome["answer"] == {"return": "Refused", "effects": []}

    def test_an_object_has_its_size_and_no_body(self, run: Callable[..., Any]) -> None:
        outcome = run(
            "await new S3Client({}).send(new PutObjectCommand({Bucket: 'b', Key: 'k', Body: 'grüße'}))", marker={"observe": ["b"]}
        )
        (effect,) = effects(outcome)
        assert (effect["params"], effect["size"], effect["response"]) == ({"Bucket": "b", "Key": "k"}, 7, {"ETag": '"e"'})

    def test_items_of_a_document_client_are_attribute_values(self, run: Callable[..., Any]) -> None:
        old = {"id": {"S": "1"}, "n": {"N": "1"}}
        outcome = run(
            "return document.send(new PutCommand({TableName: 't', Item: {id: '1', n: 2}}))",
            marker={"observe": ["t"]},
            state={"items": {'{"S":"1"}': old}},
        )
        (effect,) = effects(outcome)
        assert effect["params"] == {"TableName": "t", "Item": {"id": {"S": "1"}, "n": {"N": "2"}}}
        assert effect["response"] == {"Attributes": old}
        assert "Attributes" not in outcome["answer"]["return"]
        assert outcome["went"][0]["params"]["ReturnValues"] == "ALL_OLD"

    def test_a_write_that_changes_nothing_is_no_effect(self, run: Callable[..., Any]) -> None:
        outcome = run(
            "await document.send(new PutCommand({TableName: 't', Item: {id: '1', n: 1}}));"
            "await document.send(new DeleteCommand({TableName: 't', Key: {id: '9'}}))",
            marker={"observe": ["t"]},
            state={"items": {'{"S":"1"}': {"n": {"N": "1"}, "id": {"S": "1"}}}},
        )
        assert effects(outcome) == []

    def test_an_update_has_both_images(self, run: Callable[..., Any]) -> None:
        old = {"id": {"S": "1"}, "n": {"N": "1"}}
        outcome = run(
            "return new DynamoDBClient({}).send(new UpdateItemCommand({TableName: 't', Key: {id: {S: '1'}}}))",
            marker={"observe": ["t"]},
            state={"items": {'{"S":"1"}': old}},
        )
        (effect,) = effects(outcome)
        assert (effect["oldImage"], effect["newImage"]) == (old, {**old, "n": {"N": "2"}})
        assert "Attributes" not in outcome["answer"]["return"]

    @pytest.mark.parametrize("tries", [0, 1])
    def test_what_a_try_before_may_have_changed_is_told_of(self, run: Callable[..., Any], tries: int) -> None:
        item = {"id": {"S": "1"}, "n": {"N": "1"}}
        outcome = run(
            f"return new DynamoDBClient({{}}).send(new PutItemCommand({{TableName: 't', Item: {json.dumps(item)}}}))",
            marker={"observe": ["t"], "tries": tries},
            state={"items": {'{"S":"1"}': item}},
        )
        found = effects(outcome)
        assert len(found) == tries
        assert all("Attributes" not in effect["response"] for effect in found)

    def test_a_batch_goes_out_write_by_write(self, run: Callable[..., Any]) -> None:
        requests = {"t": [{"PutRequest": {"Item": {"id": {"S": "1"}}}}, {"DeleteRequest": {"Key": {"id": {"S": "2"}}}}]}
        outcome = run(
            f"return new DynamoDBClient({{}}).send(new BatchWriteItemCommand({{RequestItems: {json.dumps(requests)}}}))",
            marker={"observe": ["t"]},
            state={"items": {'{"S":"2"}': {"id": {"S": "2"}}}},
        )
        assert [effect["op"] for effect in effects(outcome)] == ["PutItem", "DeleteItem"]
        assert outcome["answer"]["return"]["UnprocessedItems"] == {}

    def test_the_start_of_a_job_has_its_parameters_and_the_answer(self, run: Callable[..., Any]) -> None:
        outcome = run(
            "return (await new TextractClient({}).send(new StartDocumentAnalysisCommand({ClientRequestToken: 'c'}))).JobId",
            marker={"observe": ["textract:StartDocumentAnalysis"]},
        )
        (effect,) = effects(outcome)
        assert (effect["params"], effect["response"]) == ({"ClientRequestToken": "c"}, {"JobId": "job-1"})


class TestReady:
    def test_a_message(self, run: Callable[..., Any]) -> None:
        binary = "b: {DataType: 'Binary', BinaryValue: Buffer.from('y')}"
        attributes = f"MessageAttributes: {{a: {{DataType: 'String', StringValue: 'x'}}, {binary}}}"
        (effect,) = effects(run(f"await send('m', {{{attributes}}})", marker={"capture": [QUEUE], "ready": True}))
        ready = effect["ready"]
        lists = {"stringListValues": [], "binaryListValues": []}
        assert ready["attributes"] == {
            "a": {"stringValue": "x", **lists, "dataType": "String"},
            "b": {"binaryValue": "eQ==", **lists, "dataType": "Binary"},
        }
        assert (ready["target"], ready["system"]) == (QUEUE, {})
        assert ready["md5"] == hashlib.md5(b"m", usedforsecurity=False).hexdigest()

    def test_an_event_without_time_and_an_invocation_without_payload(self, run: Callable[..., Any]) -> None:
        body = (
            "const Entries = [{Source: 's', DetailType: 't', Detail: '{}'}];"
            "await new EventBridgeClient({}).send(new PutEventsCommand({Entries}));"
            "await new LambdaClient({}).send(new InvokeCommand({FunctionName: 'ship', InvocationType: 'Event'}))"
        )
        event, invocation = effects(run(body, marker={"capture": ["default", "ship"], "ready": True}))
        assert (event["ready"]["time"], event["ready"]["resources"]) == (f"{event['at'][:19]}Z", [])
        assert invocation["params"]["Payload"] == {}


class TestAnswers:
    def test_failures_of_a_batch_fail_the_run(self, run: Callable[..., Any]) -> None:
        body = "return {batchItemFailures: [{itemIdentifier: 'm'}]}"
        assert run(body, marker={"partial": True})["error"]["name"] == "BatchItemFailures"
        assert run(body, marker={})["answer"]["return"] == {"batchItemFailures": [{"itemIdentifier": "m"}]}

    def test_an_answer_that_no_state_takes(self, run: Callable[..., Any]) -> None:
        outcome = run("await send('x'.repeat(300000))", marker={"capture": [QUEUE]})
        assert outcome["error"]["name"] == "AnswerTooLarge"
        assert "--claim-check" in outcome["error"]["message"]

    def test_a_handler_that_fails_fails(self, run: Callable[..., Any]) -> None:
        assert run("throw new RangeError('no')", marker={"capture": [QUEUE]})["error"] == {"name": "RangeError", "message": "no"}


class TestStyles:
    @pytest.mark.parametrize(
        "body",
        [
            "(event, context, callback) => { send('x').then(() => callback(null, 'done')) }",
            "(event, context) => { send('x').then(() => context.succeed('done')) }",
            "(event, context) => { send('x').then(() => context.done(null, 'done')) }",
            "(event, context) => send('x').then(() => 'done')",
        ],
    )
    def test_callbacks(self, run: Callable[..., Any], body: str) -> None:
        outcome = run("", module=f"{IMPORTS}\nexports.handler = {body}\n", marker={"capture": [QUEUE]})
        assert (outcome["answer"]["return"], len(effects(outcome))) == ("done", 1)

    def test_a_function_that_only_ends(self, run: Callable[..., Any]) -> None:
        outcome = run("", module=f"{IMPORTS}\nexports.handler = () => {{ send('x') }}\n", marker={"capture": [QUEUE]})
        assert (outcome["answer"]["return"], len(effects(outcome))) == (None, 1)

    def test_an_es_module(self, run: Callable[..., Any]) -> None:
        text = (
            "import sdk from '@aws-sdk/client-sqs'\n"
            "export const handler = () => new sdk.SQSClient({}).send("
            f"new sdk.SendMessageCommand({{QueueUrl: '{QUEUE}', MessageBody: 'x'}}))\n"
        )
        outcome = run("", module=text, file="app.mjs", marker={"capture": [QUEUE]})
        assert [effect["op"] for effect in effects(outcome)] == ["SendMessage"]

    def test_an_sdk_that_is_loaded_late(self, run: Callable[..., Any]) -> None:
        text = (
            "exports.handler = async () => { const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');"
            f" await new SQSClient({{}}).send(new SendMessageCommand({{QueueUrl: '{QUEUE}', MessageBody: 'x'}})) }}"
        )
        assert len(effects(run("", module=text, marker={"capture": [QUEUE]}))) == 1

    def test_a_signed_request_that_nobody_saw_does_not_leave(self, run: Callable[..., Any]) -> None:
        text = (
            "const http = require('node:http')\n"
            "exports.handler = () => new Promise((yes, no) => { const sent = http.request({host: '127.0.0.1', port: 9, headers: {"
            "Authorization: 'AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/sqs/aws4_request, Signature=x'}});"
            " sent.on('error', () => yes('caught')); try { sent.end('Action=SendMessage') } catch { yes('caught') } })"
        )
        outcome = run("", module=text, marker={"capture": [QUEUE]})
        assert outcome["error"]["name"] == "Untangle.UnseenCall"


LARGE = "x" * 5000


class TestClaims:
    def test_a_large_text_goes_into_the_bucket(self, run: Callable[..., Any]) -> None:
        marker = {"capture": [QUEUE], "claim": {"bucket": "big", "of": [QUEUE]}, "execution": "run-1"}
        outcome = run(f"await send('{LARGE}'); await send('small')", marker=marker)
        first, second = effects(outcome)
        digest = hashlib.sha256(LARGE.encode()).hexdigest()
        assert json.loads(first["params"]["MessageBody"]) == {"untangle-claim": f"s3://big/untangle/run-1/{digest}#{digest}"}
        assert second["params"]["MessageBody"] == "small"
        assert [(call["operation"], call["params"]["Body"]) for call in outcome["went"]] == [("PutObject", LARGE)]

    @pytest.mark.parametrize("depth", [0, 1, 2])
    def test_a_claim_is_put_back_as_often_escaped_as_it_is(self, run: Callable[..., Any], depth: int) -> None:
        text = json.dumps({"said": 'a "quoted" \\ word'}, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        claim = json.dumps({"untangle-claim": f"s3://big/k#{digest}"}, separators=(",", ":"))
        wrapped, expected = claim, text
        for _ in range(depth):
            wrapped, expected = (json.dumps({"Message": one}, separators=(",", ":")) for one in (wrapped, expected))
        event = {"Records": [{"messageId": "m", "body": wrapped, "md5OfBody": "old"}]}
        record = run("return event.Records[0]", event=event, state={"object": text})["answer"]
        assert record["body"] == expected
        assert record["md5OfBody"] == hashlib.md5(expected.encode(), usedforsecurity=False).hexdigest()

    def test_an_object_that_is_a_claim_becomes_the_parsed_text(self, run: Callable[..., Any]) -> None:
        digest = hashlib.sha256(b'{"n":1}').hexdigest()
        event = {"detail": {"untangle-claim": f"s3://big/k#{digest}"}}
        assert run("return event", event=event, state={"object": '{"n":1}'})["answer"] == {"detail": {"n": 1}}

    def test_an_object_that_was_changed_is_refused(self, run: Callable[..., Any]) -> None:
        event = {"body": json.dumps({"untangle-claim": f"s3://big/k#{'0' * 64}"})}
        assert run("return event", event=event, state={"object": "other"})["error"]["name"] == "ClaimError"


def record(id: str, marker: Mapping[str, Any] | None = None, count: int = 1, queue: str = "orders") -> dict[str, Any]:
    attributes = {"untangle": {"stringValue": json.dumps(marker), "dataType": "String"}} if marker else {}
    return {
        "messageId": id,
        "body": id,
        "attributes": {"ApproximateReceiveCount": str(count)},
        "messageAttributes": attributes,
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:{queue}",
    }


class TestTokens:
    MARKER: ClassVar[dict[str, Any]] = {"capture": [QUEUE], "observe": [], "token": "t", "receives": 3}
    BODY = "for (const one of event.Records) { if (one.body === 'bad') throw new Error('no'); await send(one.body) }"

    def told(self, outcome: Mapping[str, Any]) -> list[str]:
        return [call["operation"] for call in outcome["went"]]

    def test_a_message_that_is_waited_for_is_answered(self, run: Callable[..., Any]) -> None:
        outcome = run(self.BODY, event={"Records": [record("a", self.MARKER), record("b")]})
        assert self.told(outcome) == ["SendTaskHeartbeat", "SendTaskSuccess", "SendMessage"]
        answer = json.loads(outcome["went"][1]["params"]["output"])
        assert [effect["params"]["MessageBody"] for effect in answer["effects"]] == ["a"]
        assert outcome["answer"] == {"batchItemFailures": []}

    def test_where_nobody_waits_any_more_the_call_goes_out(self, run: Callable[..., Any]) -> None:
        state = {"fails": ["SendTaskHeartbeat"], "error": "TaskTimedOut"}
        outcome = run(self.BODY, event={"Records": [record("a", self.MARKER)]}, state=state)
        assert self.told(outcome) == ["SendTaskHeartbeat", "SendMessage"]

    @pytest.mark.parametrize(("count", "told"), [(2, []), (3, ["SendTaskFailure"])])
    def test_a_failure_fails_the_record_and_parks_it_last(self, run: Callable[..., Any], count: int, told: list[str]) -> None:
        outcome = run(self.BODY, event={"Records": [record("bad", self.MARKER, count), record("b")]})
        assert outcome["answer"] == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
        assert self.told(outcome) == ["SendTaskHeartbeat", *told, "SendMessage"]

    def test_a_record_alone_fails_the_invocation(self, run: Callable[..., Any]) -> None:
        assert run(self.BODY, event={"Records": [record("bad", self.MARKER)]})["error"]["message"] == "no"

    def test_behind_a_failure_in_a_fifo_queue_nothing_is_worked_on(self, run: Callable[..., Any]) -> None:
        event = {"Records": [record(id, self.MARKER, queue="o.fifo") for id in ("a", "bad", "c")]}
        outcome = run(self.BODY, event=event)
        assert [one["itemIdentifier"] for one in outcome["answer"]["batchItemFailures"]] == ["bad", "c"]


class TestFailed:
    PUT = "await new DynamoDBClient({}).send(new PutItemCommand({TableName: 't', Item: {id: {S: '1'}}}));"
    MARKER: ClassVar[dict[str, Any]] = {"observe": ["t"], "capture": [QUEUE], "failed": True}
    BODY = f"await send('x'); {PUT} throw new TypeError('no')"

    def test_the_error_holds_the_handlers_own_and_what_has_gone_out(self, run: Callable[..., Any]) -> None:
        error = run(self.BODY, marker=self.MARKER)["error"]
        said = json.loads(error["message"])
        assert (error["name"], said["errorType"], said["errorMessage"]) == (FAILED, "TypeError", "no")
        assert [effect["op"] for effect in said["effects"]] == ["PutItem"]

    def test_an_answer_that_reports_failures_is_one(self, run: Callable[..., Any]) -> None:
        body = f"{self.PUT} return {{batchItemFailures: [{{itemIdentifier: '1'}}]}}"
        error = run(body, marker={**self.MARKER, "partial": True})["error"]
        assert json.loads(error["message"])["errorType"] == "BatchItemFailures"

    @pytest.mark.parametrize(
        ("body", "marker"),
        [
            ("await send('x'); throw new TypeError('no')", MARKER),
            (BODY, {**MARKER, "failed": False}),
            (BODY.replace("{S: '1'}", "{S: '1'}, text: {S: 'é'.repeat(6000)}"), MARKER),
        ],
    )
    def test_otherwise_the_error_is_the_handlers(self, run: Callable[..., Any], body: str, marker: Any) -> None:
        assert run(body, marker=marker)["error"] == {"name": "TypeError", "message": "no"}

    def test_the_last_receive_answers_with_it_and_the_record_fails_with_the_handlers(self, run: Callable[..., Any]) -> None:
        marker = {**self.MARKER, "token": "t", "receives": 3, "tries": 0}
        outcome = run(self.BODY, event={"Records": [record("a", marker, 3)]})
        (told,) = (call["params"] for call in outcome["went"] if call["operation"] == "SendTaskFailure")
        assert told["error"] == FAILED and outcome["error"]["name"] == "TypeError"
        said = json.loads(json.loads(told["cause"])["errorMessage"])
        assert [effect["op"] for effect in said["effects"]] == ["PutItem"]

    @pytest.mark.parametrize("refused", [[], ["StartExecution"]])
    def test_a_function_outside_starts_its_workflow_with_it(self, run: Callable[..., Any], refused: list[str]) -> None:
        asked = {"stateMachine": "arn:m", "entry": "place", **self.MARKER}
        state = {"fails": refused, "error": "ExecutionLimitExceeded"}
        outcome = run(self.BODY, environment={"UNTANGLE_START": json.dumps(asked)}, state=state)
        starts = [call["params"] for call in outcome["went"] if call["operation"] == "StartExecution"]
        assert outcome["error"]["name"] == "TypeError" and len(starts) == 1
        assert starts[0]["name"].startswith("r-1-")
        assert [effect["op"] for effect in json.loads(starts[0]["input"])["effects"]] == ["PutItem"]


class TestStart:
    ASKED: ClassVar[dict[str, Any]] = {"stateMachine": "arn:m", "entry": "place", "capture": [QUEUE], "observe": []}
    ENVIRONMENT: ClassVar[dict[str, str]] = {"UNTANGLE_START": json.dumps(ASKED)}

    def test_the_workflow_starts_with_the_effects_and_the_answer_is_the_handlers(self, run: Callable[..., Any]) -> None:
        outcome = run("await send('x'); return 'placed'", environment=self.ENVIRONMENT)
        assert outcome["answer"] == "placed"
        (call,) = outcome["went"]
        started = json.loads(call["params"]["input"])
        assert (call["params"]["stateMachineArn"], call["params"]["name"], started["entry"]) == ("arn:m", "r-1", "place")
        assert [effect["params"]["MessageBody"] for effect in started["effects"]] == ["x"]

    def test_nothing_starts_where_the_handler_fails_or_has_no_effects(self, run: Callable[..., Any]) -> None:
        assert run("await send('x'); throw new Error('no')", environment=self.ENVIRONMENT)["went"] == []
        assert run("return 1", environment=self.ENVIRONMENT)["went"] == []

    @pytest.mark.parametrize(("error", "answer"), [("ExecutionAlreadyExists", True), ("ExecutionLimitExceeded", False)])
    def test_a_start_that_fails(self, run: Callable[..., Any], error: str, answer: bool) -> None:
        state = {"fails": ["StartExecution"], "error": error}
        assert ("answer" in run("await send('x'); return 1", environment=self.ENVIRONMENT, state=state)) is answer


def test_record_mode_changes_nothing_and_writes_shapes_down(run: Callable[..., Any]) -> None:
    outcome = run("await send(JSON.stringify({id: 1, tags: ['a', 'b']}))", environment={"UNTANGLE_RECORD": "stdout"})
    assert len(outcome["went"]) == 1
    written = json.loads(outcome["printed"][0])
    assert (written["untangle"], written["op"], written["params"]) == ("effect", "SendMessage", {"QueueUrl": QUEUE})
    assert written["shape"] == {"MessageBody": {"json": {"id": "number", "tags": ["string"]}}}


def test_with_the_sdks_themselves(tmp_path: Path) -> None:
    """The packages that are installed where NODE_PATH says: what the fakes above stand for."""
    path = Path(os.environ.get("NODE_PATH", ""))
    if not (path / "@aws-sdk/client-sqs").is_dir() or not (path / "aws-sdk").is_dir():
        pytest.skip("NODE_PATH names no folder with the AWS SDKs: the outbox is NOT tested against the real ones")
    (tmp_path / "node_modules").symlink_to(path)
    (tmp_path / "app.js").write_text((FAKES / "real.js").read_text())
    run = "require(process.argv[1]).handler({}, JSON.parse(process.argv[2])).then((r) => console.log(JSON.stringify(r)))"
    capture = [QUEUE, TOPIC, "default", "ship"]
    custom = {"untangle": {"capture": capture, "observe": ["b", "t"]}}
    environment = {
        "UNTANGLE_HANDLER": "app.handler",
        "LAMBDA_TASK_ROOT": str(tmp_path),
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AK",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    context = json.dumps({"awsRequestId": "r", "clientContext": {"custom": custom}})
    command = [str(NODE), "-e", run, str(OUTBOX), context]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)  # noqa: S603
    assert done.stdout, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    told = [(effect["service"], effect["op"]) for effect in answer["effects"]]
    two = [("sqs", "SendMessage"), ("sqs", "SendMessage"), ("sns", "Publish"), ("dynamodb", "PutItem")]
    three = [
        ("sqs", "SendMessage"),
        ("sns", "Publish"),
        ("events", "PutEvents"),
        ("lambda", "Invoke"),
        ("s3", "PutObject"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "UpdateItem"),
    ]
    assert told == three + two
    items = [effect for effect in answer["effects"] if effect["op"] == "PutItem"]
    assert [effect["params"]["Item"] for effect in items] == [{"id": {"S": "1"}, "n": {"N": "2"}}] * 2
    assert [effect["response"]["Attributes"] for effect in items] == [{"id": {"S": "1"}, "n": {"N": "1"}}] * 2
    (update,) = (effect for effect in answer["effects"] if effect["op"] == "UpdateItem")
    assert (update["oldImage"]["n"], update["newImage"]["n"]) == ({"N": "1"}, {"N": "3"})
