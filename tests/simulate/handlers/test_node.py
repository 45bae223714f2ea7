"""The host of Node.js handlers: each in a process of its own, whose clock, chance, network and SDK are the simulation's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from untangle.model.node import Function
from untangle.simulate.application import Application
from untangle.simulate.call import Answer, ApiCall, ApiError
from untangle.simulate.handlers.invocation import Crash, Invocation, Unable
from untangle.simulate.handlers.node import NodeHost

if shutil.which("node") is None:
    pytest.skip("node is not installed: Node.js handlers are NOT run here", allow_module_level=True)

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
START = 1_767_225_600.0


class Hosted:
    """A folder with a function's code, the host that runs it, and the calls that it made."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls: list[ApiCall] = []
        self.said: list[str] = []
        application = SimpleNamespace(root=root, resource=lambda id: None, packages=())
        self.host = NodeHost(cast("Application", application))
        self.responses: dict[str, Any] = {}

    def api(self, call: ApiCall) -> Mapping[str, Any]:
        self.calls.append(call)
        response = self.responses.get(call.operation, {})
        if isinstance(response, Exception):
            raise response
        return cast("Mapping[str, Any]", response)

    def invocation(self, **more: Any) -> Invocation:
        function = Function(id="f", address="F", stack="s", code=more.pop("code", "."), runtime="nodejs20.x")
        given: dict[str, Any] = {"event": {}, "handler": "app.handler", "seconds": 3.0, "api": self.api, **more}
        return Invocation(
            function=function,
            request_id="r-1",
            arn="arn:aws:lambda:eu-west-1:123456789012:function:f",
            name="f",
            now=lambda: START,
            said=self.said.append,
            **given,
        )

    def run(self, text: str = "", *, file: str = "app.js", **more: Any) -> Answer:
        if text:
            path = self.root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.host(self.invocation(**more))


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    made = Hosted(tmp_path)
    yield made
    made.host.close()


def payload(answer: Answer) -> Any:
    assert answer.error is None, answer.error
    return answer.payload


class TestStandIn:
    """The SDK where the project has none installed."""

    def test_version_three(self, hosted: Hosted) -> None:
        hosted.responses = {"SendMessage": {"MessageId": "m-1"}, "GetObject": {"Body": b"text"}}
        answer = hosted.run(
            "const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')\n"
            "const { S3, GetObjectCommand } = require('@aws-sdk/client-s3')\n"
            "exports.handler = async (event) => {\n"
            "  const sent = await new SQSClient({}).send(new SendMessageCommand({QueueUrl: 'q', MessageBody: event.body}))\n"
            "  const read = await new S3({}).getObject({Bucket: 'b', Key: 'k'})\n"
            "  return [sent.MessageId, await read.Body.transformToString()]\n}\n",
            event={"body": "x"},
        )
        assert payload(answer) == ["m-1", "text"]
        assert [(call.service, call.operation, call.caller) for call in hosted.calls] == [
            ("sqs", "SendMessage", "f"),
            ("s3", "GetObject", "f"),
        ]
        assert hosted.calls[0].params == {"QueueUrl": "q", "MessageBody": "x"}

    def test_document_clients_of_both_versions(self, hosted: Hosted) -> None:
        hosted.responses = {"GetItem": {"Item": {"n": {"N": "7"}, "s": {"L": [{"S": "a"}]}}}}
        answer = hosted.run(
            "const { DynamoDBClient } = require('@aws-sdk/client-dynamodb')\n"
            "const { DynamoDBDocumentClient, GetCommand } = require('@aws-sdk/lib-dynamodb')\n"
            "const AWS = require('aws-sdk')\n"
            "const three = DynamoDBDocumentClient.from(new DynamoDBClient({})), two = new AWS.DynamoDB.DocumentClient()\n"
            "exports.handler = async () => [\n"
            "  (await three.send(new GetCommand({TableName: 't', Key: {id: 1}}))).Item,\n"
            "  (await two.get({TableName: 't', Key: {id: 'b'}}).promise()).Item]\n"
        )
        assert payload(answer) == [{"n": 7, "s": ["a"]}] * 2
        assert [call.params["Key"] for call in hosted.calls] == [{"id": {"N": "1"}}, {"id": {"S": "b"}}]

    def test_errors_are_caught_as_the_real_ones_are(self, hosted: Hosted) -> None:
        hosted.responses = {"PutItem": ApiError("ConditionalCheckFailedException", "no", status=400)}
        answer = hosted.run(
            "const { DynamoDB, ConditionalCheckFailedException } = require('@aws-sdk/client-dynamodb')\n"
            "const AWS = require('aws-sdk')\n"
            "exports.handler = async () => {\n"
            "  const found = []\n"
            "  try { await new DynamoDB({}).putItem({TableName: 't', Item: {}}) } catch (error) {\n"
            "    found.push(error.name, error.$metadata.httpStatusCode, error instanceof ConditionalCheckFailedException) }\n"
            "  try { await new AWS.DynamoDB().putItem({TableName: 't', Item: {}}).promise() } catch (error) {\n"
            "    found.push(error.code, error.statusCode) }\n"
            "  return found\n}\n"
        )
        name = "ConditionalCheckFailedException"
        assert payload(answer) == [name, 400, True, name, 400]

    def test_bytes_and_streams_arrive_as_bytes(self, hosted: Hosted) -> None:
        hosted.run(
            "const { S3Client, PutObjectCommand } = require('@aws-sdk/client-s3')\n"
            "const { Readable } = require('node:stream')\n"
            "exports.handler = async () => { for (const Body of [Buffer.from('a'), Readable.from(['b', 'c'])])\n"
            "  await new S3Client({}).send(new PutObjectCommand({Bucket: 'b', Key: 'k', Body, Expires: new Date(0)})) }\n"
        )
        assert [call.params["Body"] for call in hosted.calls] == [b"a", b"bc"]
        assert hosted.calls[0].params["Expires"].timestamp() == 0

    def test_pages(self, hosted: Hosted) -> None:
        pages = iter([{"QueueUrls": ["a"], "NextToken": "n"}, {"QueueUrls": ["b"]}])
        hosted.run(
            "import { SQSClient, paginateListQueues } from '@aws-sdk/client-sqs'\n"
            "export const handler = async () => {\n"
            "  const found = []\n"
            "  for await (const page of paginateListQueues({client: new SQSClient({})}, {})) found.push(...page.QueueUrls)\n"
            "  if (found.join() !== 'a,b') throw new Error(found.join())\n}\n",
            file="app.mjs",
            api=lambda call: hosted.calls.append(call) or next(pages),
        )
        assert [call.params for call in hosted.calls] == [{}, {"NextToken": "n"}]


class TestStyles:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("async (event) => event.n + 1", 2),
            ("(event, context, callback) => setTimeout(() => callback(null, event.n), 50)", 1),
            ("(event, context) => context.succeed('done')", "done"),
            ("() => 'what a function returns that is no promise is not its answer'", None),
        ],
    )
    def test_answers(self, hosted: Hosted, body: str, expected: Any) -> None:
        assert payload(hosted.run(f"exports.handler = {body}", event={"n": 1})) == expected

    @pytest.mark.parametrize(
        ("body", "type"),
        [
            ("async () => { throw new TypeError('no') }", "TypeError"),
            ("(event, context, callback) => callback(new RangeError('no'))", "RangeError"),
            ("() => { throw Object.assign(new Error('no'), { name: 'Own' }) }", "Own"),
            ("async () => { throw 'no' }", "string"),
            ("() => new Promise(() => {})", "Runtime.ExitError"),
            ("async () => process.exit(1)", "Runtime.ExitError"),
        ],
    )
    def test_errors(self, hosted: Hosted, body: str, type: str) -> None:
        error = hosted.run(f"exports.handler = {body}").error
        assert error is not None
        assert error.type == type
        assert not any("simulate/handlers" in line for line in error.trace)

    def test_a_module_that_fails_fails_the_invocation(self, hosted: Hosted) -> None:
        error = hosted.run("throw new Error('no table')").error
        assert error is not None
        assert error.message == "no table"

    def test_state_is_kept_from_one_invocation_to_the_next_until_it_is_cold(self, hosted: Hosted) -> None:
        text = "let count = 0\nexports.handler = async () => ++count"
        assert [payload(hosted.run(text)) for _ in range(2)] == [1, 2]
        hosted.host.fresh()
        assert payload(hosted.run(text)) == 1


class TestTimeAndChance:
    def test_waits_pass_in_virtual_time(self, hosted: Hosted) -> None:
        answer = hosted.run(
            "exports.handler = async (event, context) => {\n"
            "  const before = Date.now(); await new Promise((done) => setTimeout(done, 2000))\n"
            "  return [before, Date.now() - before, new Date().toISOString(), context.getRemainingTimeInMillis()] }"
        )
        assert payload(answer) == [START * 1000, 2000, "2026-01-01T00:00:02.000Z", 1000]
        assert answer.seconds == 2.0

    def test_a_timeout_in_virtual_time(self, hosted: Hosted) -> None:
        answer = hosted.run("exports.handler = () => new Promise((done) => setTimeout(done, 10000))")
        assert answer.error is not None
        assert (answer.error.timed_out, answer.seconds) == (True, 3.0)
        assert answer.error.message == "r-1 Task timed out after 3.00 seconds"

    def test_a_handler_that_never_ends(self, hosted: Hosted) -> None:
        answer = hosted.run("exports.handler = async () => { for (;;); }", wall=0.5)
        assert answer.error is not None
        assert answer.error.timed_out

    def test_timers_fire_in_the_order_in_which_they_are_due(self, hosted: Hosted) -> None:
        answer = hosted.run(
            "const { setTimeout: wait } = require('node:timers/promises')\n"
            "exports.handler = async () => { const seen = []\n"
            "  await Promise.all([300, 100, 200].map(async (one) => { await wait(one); seen.push(one) })); return seen }"
        )
        assert payload(answer) == [100, 200, 300]

    def test_the_same_seed_is_the_same_run(self, hosted: Hosted) -> None:
        text = (
            "const { randomUUID, randomBytes } = require('node:crypto')\n"
            "exports.handler = async () => [Math.random(), randomUUID(), randomBytes(4).toString('hex')]"
        )
        first, again, other = (payload(hosted.run(text, seed=seed)) for seed in (1, 1, 2))
        assert first == again
        assert all(one != two for one, two in zip(first, other, strict=True))


class TestIsolation:
    def test_the_environment_is_the_functions_own(self, hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_PROFILE", "mine")
        monkeypatch.setenv("SECRET", "mine")
        found = payload(hosted.run("exports.handler = async () => process.env", environment={"TABLE": "t"}))
        assert found["TABLE"] == "t"
        assert "mine" not in found.values()
        assert found["AWS_LAMBDA_FUNCTION_NAME"] == "f"

    @pytest.mark.parametrize(
        "body",
        [
            "fetch('https://example.com')",
            "new Promise((yes, no) => require('node:http').get('http://127.0.0.1:9', yes).on('error', no))",
            "require('node:dns').promises.lookup('example.com')",
            "Promise.resolve().then(() => require('node:child_process').execSync('true'))",
            "Promise.resolve().then(() => new (require('node:worker_threads').Worker)('1', {eval: true}))",
        ],
    )
    def test_there_is_no_way_out(self, hosted: Hosted, body: str) -> None:
        answer = hosted.run(f"exports.handler = async () => {{ await {body}; return 'out' }}")
        assert answer.error is not None

    def test_what_was_refused_is_told(self, hosted: Hosted) -> None:
        error = hosted.run("exports.handler = () => fetch('https://example.com/x')").error
        assert error is not None
        assert "example.com:443" in error.message

    def test_what_it_prints_is_heard(self, hosted: Hosted) -> None:
        hosted.run("exports.handler = async () => { console.log('one'); console.error('two') }")
        assert "".join(hosted.said) == "one\ntwo\n"


class TestFaultsAndOutbox:
    SEND = (
        "const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')\n"
        f"exports.handler = async () => (await new SQSClient({{}}).send("
        f"new SendMessageCommand({{QueueUrl: '{QUEUE}', MessageBody: 'x'}}))).MessageId ?? null\n"
    )

    def test_calls_are_told_before_and_after(self, hosted: Hosted) -> None:
        told: list[str] = []
        hosted.run(
            self.SEND,
            before=lambda call: told.append(f"before {call.operation}"),
            after=lambda call: told.append(f"after {call.operation}"),
            api=lambda call: told.append("api") or {},
        )
        assert told == ["before SendMessage", "api", "after SendMessage"]

    def test_a_crash_is_the_end_of_the_environment(self, hosted: Hosted) -> None:
        def crash(call: ApiCall) -> None:
            raise Crash

        error = hosted.run(self.SEND, after=crash).error
        assert error is not None
        assert error.type == "Runtime.ExitError"
        assert len(hosted.calls) == 1
        assert hosted.run(self.SEND).error is None

    def test_the_outbox_stands_above_the_simulation(self, hosted: Hosted) -> None:
        told: list[str] = []
        marker = {"custom": {"untangle": {"capture": [QUEUE], "observe": []}}}
        answer = payload(
            hosted.run(self.SEND, outbox=True, client_context=marker, before=lambda call: told.append(call.operation))
        )
        assert hosted.calls == []
        assert told == ["SendMessage"]
        assert answer["effects"][0]["params"]["MessageBody"] == "x"
        assert answer["return"] == answer["effects"][0]["response"]["MessageId"]

    def test_the_outbox_without_a_marker_passes_everything_through(self, hosted: Hosted) -> None:
        hosted.responses = {"SendMessage": {"MessageId": "m-1"}}
        assert payload(hosted.run(self.SEND, outbox=True)) == "m-1"


class TestSources:
    def test_typescript_without_a_compiler(self, hosted: Hosted) -> None:
        price = "export enum Kind { A = 'a' }\nexport const twice = (n: number): number => n * 2\n"
        (hosted.root / "price.ts").write_text(price)
        answer = hosted.run(
            "import type { Context } from 'aws-lambda'\nimport { Handler } from 'aws-lambda'\n"
            "import { twice, Kind } from './price'\n"
            "export const handler: Handler = async (event: { n?: number }) => [twice(event.n!), Kind.A as string]\n",
            file="app.ts",
            event={"n": 2},
        )
        assert payload(answer) == [4, "a"]

    def test_a_handler_written_relative_to_the_service(self, hosted: Hosted) -> None:
        answer = hosted.run("exports.handler = async () => 1", file="src/app.js", handler="src/app.handler", code="src")
        assert payload(answer) == 1

    def test_code_that_is_one_file(self, hosted: Hosted) -> None:
        answer = hosted.run("exports.go = async () => 1", file="lib/one.js", handler="index.go", code="lib/one.js")
        assert payload(answer) == 1

    @pytest.mark.parametrize(
        ("text", "more", "reason"),
        [
            ("require('left-pad')", {}, "the package left-pad is not installed"),
            ("require('@own/lib/part')", {}, "the package @own/lib is not installed"),
            ("import 'left-pad'", {"file": "app.mjs"}, "the package left-pad is not installed"),
            ("require('./gone')", {}, "the module ./gone"),
            ("require('/opt/nodejs/shared')", {}, "/opt/nodejs/shared of a layer"),
            ("exports.other = 1", {}, "handler of app.js is not a function"),
            ("exports.handler = 1", {"file": "else.js"}, "there is no module app"),
            ("exports.handler = 1", {"code": "gone"}, "its source, gone, is not there"),
            ("exports.handler = 1", {"code": "../.."}, "its source, ../.., is not there"),
            ("@Class() export class A {}\nexport const handler = 1", {"file": "app.ts"}, "a decorator"),
        ],
    )
    def test_what_cannot_be_run_says_why(self, hosted: Hosted, text: str, more: dict[str, Any], reason: str) -> None:
        with pytest.raises(Unable) as raised:
            hosted.run(text, **more)
        assert reason in raised.value.reason

    def test_without_node(self, hosted: Hosted, tmp_path: Path) -> None:
        hosted.host = NodeHost(hosted.host.application, node=str(tmp_path / "no-node"))
        with pytest.raises(Unable) as raised:
            hosted.run("exports.handler = async () => 1")
        assert "node" in raised.value.reason


class TestEnds:
    TEXT = "process.on('exit', () => { while (true); })\nexports.handler = async () => process.pid"

    def test_no_process_is_left_when_the_host_is_closed(self, hosted: Hosted) -> None:
        pid = payload(hosted.run(self.TEXT))
        hosted.host.close()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    def test_a_process_ends_when_nobody_speaks_to_it_any_more(self, hosted: Hosted) -> None:
        hosted.run(self.TEXT)
        [process] = hosted.host._processes.values()
        os.close(process._tell)
        process._tell = -1
        assert process._child.wait(timeout=30) == 0
