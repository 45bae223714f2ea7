"""What JavaScript and TypeScript handlers write to: one row for each way of naming a target and each form of the API."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

from pathlib import Path

import pytest

from untangle.model.code import Call, CodeFacts
from untangle.model.value import Received, show
from untangle.scanners.code.javascript.library import JavaScript
from untangle.scanners.code.lowered.facts import facts
from untangle.scanners.tree import Tree

V2 = "const AWS = require('aws-sdk');\nconst sqs = new AWS.SQS();\nconst s3 = new AWS.S3();\nconst db = new AWS.DynamoDB.DocumentClient();\n"
V3 = (
    "import { SQSClient, SendMessageCommand, SendMessageBatchCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';\n"
    "import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';\n"
    "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\n"
    "import { DynamoDBDocumentClient, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';\n"
    "const sqs = new SQSClient({});\nconst events = new EventBridgeClient({});\n"
)


def read(folder: Path, name: str = "handler", /, **files: str) -> CodeFacts:
    """The facts of the handler in `app`, the first file; names hold `__` for `/` and `_dot_` for `.`."""
    paths = []
    for key, text in files.items():
        path = key.replace("__", "/").replace("_dot_", ".")
        paths.append(path)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return facts(JavaScript(Tree(folder)), "javascript", "shop/Fn", paths[0], name)


def told(call: Call) -> str:
    """A call in one line: service:Operation target multiplicity."""
    targets = (
        "QueueUrl",
        "TopicArn",
        "EventBusName",
        "TableName",
        "Bucket",
        "FunctionName",
        "stateMachineArn",
        "taskDefinition",
        "StreamName",
    )
    target = next((show(call.arguments[name]) for name in targets if name in call.arguments), "-")
    return f"{call.service}:{call.operation} {target} {call.multiplicity}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # the second generation of the SDK
        pytest.param(
            V2 + "exports.handler = async () => { await sqs.sendMessage({QueueUrl: process.env.Q, MessageBody: 'x'}).promise() }",
            "sqs:SendMessage env Q one",
            id="v2 promise",
        ),
        pytest.param(
            "const { SNS } = require('aws-sdk');\nexports.handler = (e, c, cb) => { new SNS().publish({TopicArn: 'arn:t'}, (err) => cb(err)) }",
            "sns:Publish arn:t one",
            id="v2 callback, client made on the spot",
        ),
        pytest.param(
            "const S3 = require('aws-sdk/clients/s3');\nconst s3 = new S3();\nmodule.exports.handler = async () => s3.upload({Bucket: 'b', Key: 'k'}).promise()",
            "s3:PutObject b one",
            id="v2 client package, upload",
        ),
        pytest.param(
            "const X = require('aws-xray-sdk');\nconst AWS = X.captureAWS(require('aws-sdk'));\nconst l = new AWS.Lambda();\n"
            "exports.handler = () => l.invoke({FunctionName: process.env.FN, InvocationType: 'Event'}).promise()",
            "lambda:Invoke env FN one",
            id="v2 wrapped by a tracer",
        ),
        pytest.param(
            V2 + "exports.handler = async () => db.put({TableName: process.env.T, Item: {id: '1'}}).promise()",
            "dynamodb:PutItem env T one",
            id="v2 document client",
        ),
        pytest.param(
            V2
            + "exports.handler = async () => db.batchWrite({RequestItems: {[process.env.T]: [{PutRequest: {Item: {}}}]}}).promise()",
            "dynamodb:BatchWriteItem env T many",
            id="v2 batch under a computed table name",
        ),
        pytest.param(
            "const AWS = require('aws-sdk'); const sf = new AWS.StepFunctions();\n"
            "exports.handler = async () => sf.startExecution({stateMachineArn: process.env.SM}).promise()",
            "stepfunctions:StartExecution env SM one",
            id="v2 step functions",
        ),
        pytest.param(
            "const AWS = require('aws-sdk'); const eb = new AWS.CloudWatchEvents();\n"
            "exports.handler = async () => eb.putEvents({Entries: [{EventBusName: 'bus', Source: 'a'}]}).promise()",
            "events:PutEvents bus one",
            id="v2 under the old name of EventBridge",
        ),
        pytest.param(
            "const AWS = require('aws-sdk'); const k = new AWS.Kinesis();\n"
            "exports.handler = async () => k.putRecords({StreamName: 's', Records: [{Data: 'a'}, {Data: 'b'}]}).promise()",
            "kinesis:PutRecords s one",
            id="v2 kinesis",
        ),
        # the third
        pytest.param(
            V3
            + "export const handler = async () => { await sqs.send(new SendMessageCommand({ QueueUrl: process.env.Q, MessageBody: '' })); };",
            "sqs:SendMessage env Q one",
            id="v3 command",
        ),
        pytest.param(
            "import { SQS } from '@aws-sdk/client-sqs';\nconst sqs = new SQS({});\nexport async function handler() { await sqs.sendMessage({QueueUrl: process.env.Q}) }",
            "sqs:SendMessage env Q one",
            id="v3 aggregated client",
        ),
        pytest.param(
            V3 + "const d = DynamoDBDocumentClient.from(new DynamoDBClient({}));\n"
            "export const handler = () => d.send(new PutCommand({TableName: process.env.T, Item: {}}));",
            "dynamodb:PutItem env T one",
            id="v3 document client",
        ),
        pytest.param(
            V3 + "const d = DynamoDBDocumentClient.from(new DynamoDBClient({}));\n"
            "export const handler = () => d.send(new TransactWriteCommand({TransactItems: [{Put: {TableName: process.env.T, Item: {}}}]}));",
            "dynamodb:TransactWriteItems env T one",
            id="v3 transaction",
        ),
        pytest.param(
            "import { Upload } from '@aws-sdk/lib-storage';\nimport { S3Client } from '@aws-sdk/client-s3';\n"
            "export const handler = async () => new Upload({client: new S3Client({}), params: {Bucket: process.env.B, Key: 'k'}}).done();",
            "s3:PutObject env B one",
            id="v3 managed upload",
        ),
        pytest.param(
            V3
            + "export const handler = () => events.send(new PutEventsCommand({Entries: [{Source: 'shop', DetailType: 'Paid', EventBusName: process.env.BUS}]}));",
            "events:PutEvents env BUS one",
            id="v3 events",
        ),
        # how a target is named
        pytest.param(
            V3
            + "const { QUEUE_URL } = process.env;\nexport const handler = () => sqs.send(new SendMessageCommand({QueueUrl: QUEUE_URL}));",
            "sqs:SendMessage env QUEUE_URL one",
            id="environment taken apart",
        ),
        pytest.param(
            V3
            + "const { Q: url } = process.env;\nexport const handler = () => sqs.send(new SendMessageCommand({QueueUrl: url}));",
            "sqs:SendMessage env Q one",
            id="environment renamed",
        ),
        pytest.param(
            V3
            + "const q = process.env.Q ?? 'none';\nexport const handler = () => sqs.send(new SendMessageCommand({QueueUrl: q}));",
            "sqs:SendMessage env Q | none one",
            id="environment with a default",
        ),
        pytest.param(
            V3 + "const url = `https://sqs.eu-west-1.amazonaws.com/1/${process.env.NAME}`;\n"
            "export const handler = () => sqs.send(new SendMessageCommand({QueueUrl: url}));",
            "sqs:SendMessage https://sqs.eu-west-1.amazonaws.com/1/env NAME one",
            id="template literal",
        ),
        pytest.param(
            V3 + "const env = (key: string) => { const v = process.env[key]; if (!v) { throw new Error(key); } return v; };\n"
            "export const handler = () => sqs.send(new SendMessageCommand({QueueUrl: env('Q')}));",
            "sqs:SendMessage env Q one",
            id="a function that reads the environment",
        ),
        pytest.param(
            V3
            + "class Sender { constructor(private readonly url: string) {}\n async send(body: unknown) { await sqs.send(new SendMessageCommand({QueueUrl: this.url, MessageBody: JSON.stringify(body)})); } }\n"
            "const sender = new Sender(process.env.Q!);\nexport const handler = async (e: unknown) => sender.send(e);",
            "sqs:SendMessage env Q one",
            id="a class with a parameter property",
        ),
        pytest.param(
            V3
            + "class Base { protected url = process.env.Q; }\nclass Child extends Base { go() { return sqs.send(new SendMessageCommand({QueueUrl: this.url})); } }\n"
            "export const handler = () => new Child().go();",
            "sqs:SendMessage env Q one",
            id="an inherited field",
        ),
        pytest.param(
            V3 + "const urls = { a: process.env.A, b: process.env.B };\n"
            "export const handler = (e) => sqs.send(new SendMessageCommand({QueueUrl: urls[e.kind]}));",
            "sqs:SendMessage env A | env B one",
            id="a table under a key of the message",
        ),
        pytest.param(
            V3 + "export const handler = (e) => sqs.send(new SendMessageCommand({QueueUrl: e.replyTo}));",
            "sqs:SendMessage message event.replyTo one",
            id="taken from the message",
        ),
        pytest.param(
            "import { SSMClient, GetParameterCommand } from '@aws-sdk/client-ssm';\n" + V3 + "const ssm = new SSMClient({});\n"
            "export const handler = async () => { const p = await ssm.send(new GetParameterCommand({Name: '/q/url'}));\n"
            " await sqs.send(new SendMessageCommand({QueueUrl: p.Parameter.Value})); };",
            "sqs:SendMessage ssm /q/url one",
            id="a stored parameter",
        ),
        pytest.param(
            V3
            + "export const handler = async () => { const r = await sqs.send(new GetQueueUrlCommand({QueueName: process.env.NAME}));\n"
            " await sqs.send(new SendMessageCommand({QueueUrl: r.QueueUrl})); };",
            "sqs:SendMessage env NAME one",
            id="a queue's URL by its name",
        ),
        pytest.param(
            V3 + "export const handler = async (event, context) => { const p = {QueueUrl: process.env.Q}; p.MessageBody = 'x';\n"
            " return sqs.send(new SendMessageCommand(p)); };",
            "sqs:SendMessage env Q one",
            id="parameters built up",
        ),
        # guards and multiplicity
        pytest.param(
            V3
            + "export const handler = async (e) => { if (e.ok) { await sqs.send(new SendMessageCommand({QueueUrl: 'q'})); } };",
            "sqs:SendMessage q maybe",
            id="under a condition",
        ),
        pytest.param(
            V3
            + "export const handler = async (e) => { if (!e.ok) { return; } await sqs.send(new SendMessageCommand({QueueUrl: 'q'})); };",
            "sqs:SendMessage q maybe",
            id="after an early return",
        ),
        pytest.param(
            V3
            + "export const handler = async (e) => { if (!e.ok) { throw new Error('bad'); } await sqs.send(new SendMessageCommand({QueueUrl: 'q'})); };",
            "sqs:SendMessage q one",
            id="after a check that throws",
        ),
        pytest.param(
            V3
            + "export const handler = async (e) => { for (const r of e.Records) { await sqs.send(new SendMessageCommand({QueueUrl: 'q'})); } };",
            "sqs:SendMessage q many",
            id="in a loop",
        ),
        pytest.param(
            V3
            + "export const handler = async (e) => { await Promise.all(e.Records.map((r) => sqs.send(new SendMessageCommand({QueueUrl: 'q'})))); };",
            "sqs:SendMessage q many",
            id="for each element",
        ),
        pytest.param(
            V3
            + "export const handler = async (e) => { try { work(); } catch (x) { await sqs.send(new SendMessageCommand({QueueUrl: 'q'})); } };",
            "sqs:SendMessage q maybe",
            id="when something failed",
        ),
        pytest.param(
            V3 + "export const handler = (e) => work(e).then(() => sqs.send(new SendMessageCommand({QueueUrl: 'q'})));",
            "sqs:SendMessage q one",
            id="after a promise",
        ),
        pytest.param(
            V3
            + "export const handler = (e) => { switch (e.kind) { case 'a': return sqs.send(new SendMessageCommand({QueueUrl: 'q'})); default: return 0; } };",
            "sqs:SendMessage q maybe",
            id="in a case",
        ),
        # jobs and clients that finish the write
        pytest.param(
            "import { getSignedUrl } from '@aws-sdk/s3-request-presigner';\nimport { S3Client, PutObjectCommand } from '@aws-sdk/client-s3';\n"
            "export const handler = () => getSignedUrl(new S3Client({}), new PutObjectCommand({Bucket: process.env.B, Key: 'k'}));",
            "s3:PutObject env B one",
            id="a presigned upload",
        ),
        pytest.param(
            "const AWS = require('aws-sdk');\nexports.handler = () => new AWS.ECS().runTask({taskDefinition: process.env.TD}).promise();",
            "ecs:RunTask env TD one",
            id="a container task",
        ),
        # wrapped handlers
        pytest.param(
            V3
            + "import middy from '@middy/core';\nconst base = async () => { await sqs.send(new SendMessageCommand({QueueUrl: 'q'})); };\n"
            "export const handler = middy(base).use(parser());",
            "sqs:SendMessage q one",
            id="middy",
        ),
        pytest.param(
            V3
            + "const wrap = (inner) => async (event) => inner(event);\nmodule.exports = { handler: wrap(async () => sqs.send(new SendMessageCommand({QueueUrl: 'q'}))) };",
            "sqs:SendMessage q one",
            id="a wrapper of one's own",
        ),
    ],
)
def test_a_handler_writes(tmp_path: Path, source: str, expected: str) -> None:
    found = read(tmp_path, app_dot_ts=source)
    assert found.readable, found.gaps
    assert expected in [told(call) for call in found.calls]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(V2 + "exports.handler = async () => s3.getObject({Bucket: 'b', Key: 'k'}).promise()", id="a read"),
        pytest.param(
            V2 + "const send = () => sqs.sendMessage({QueueUrl: 'q'});\nexports.handler = async () => 1", id="never called"
        ),
        pytest.param(
            V2 + "exports.other = () => sqs.sendMessage({QueueUrl: 'q'});\nexports.handler = async () => 1",
            id="another entry point",
        ),
        pytest.param("const sqs = make();\nexports.handler = () => sqs.sendMessage({QueueUrl: 'q'})", id="not an SDK client"),
        pytest.param(V2 + "exports.handler = () => s3.getSignedUrl('getObject', {Bucket: 'b'})", id="a presigned read"),
    ],
)
def test_a_handler_writes_nothing(tmp_path: Path, source: str) -> None:
    assert read(tmp_path, app_dot_js=source).calls == ()


def test_calls_are_followed_through_modules_of_the_repository(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        src__handler_dot_ts="import { publish } from './lib/bus.js';\nexport const handler = (e: any) => publish('Paid', e.detail);",
        src__lib__bus_dot_ts="export { publish } from './publish';",
        src__lib__publish_dot_ts=V3
        + "import { BUS } from '../config';\nexport async function publish(kind: string, detail: unknown) {\n"
        + "  await events.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: kind, EventBusName: BUS, Detail: JSON.stringify(detail) }] }));\n}",
        src__config_dot_ts="export const BUS = process.env.BUS_NAME;",
    )
    (call,) = found.calls
    assert told(call) == "events:PutEvents env BUS_NAME one"
    assert call.arguments["DetailType"] == "Paid"
    assert str(call.location) == "src/lib/publish.ts:9"


def test_a_function_that_a_foreign_wrapper_made_is_followed_where_another_module_calls_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        app_dot_js="const notify = require('./notify');\nexports.handler = async (event) => notify.shop(event);",
        notify_dot_js=(
            "const AWS = require('aws-sdk');\nconst co = require('co');\nconst sns = new AWS.SNS();\n"
            "const shop = co.wrap(function* (order) {\n  yield sns.publish({TopicArn: 'topic', Message: order}).promise();\n});\n"
            "module.exports = { shop };"
        ),
    )
    assert [told(call) for call in found.calls] == ["sns:Publish topic one"]


def test_a_package_may_be_a_client_made_ready(tmp_path: Path) -> None:
    source = "const SQS = require('@dazn/lambda-powertools-sqs-client');\nexports.handler = () => SQS.sendMessage({QueueUrl: 'q'}).promise();"
    assert [told(call) for call in read(tmp_path, app_dot_js=source).calls] == ["sqs:SendMessage q one"]


def test_a_workspace_package_is_found_by_its_name(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        app__index_dot_ts="import { send } from '@shop/messages';\nexport const handler = () => send();",
        packages__messages__package_dot_json='{"name": "@shop/messages"}',
        packages__messages__src__index_dot_ts=V3
        + "export const send = () => sqs.send(new SendMessageCommand({QueueUrl: process.env.Q}));",
    )
    assert [told(call) for call in found.calls] == ["sqs:SendMessage env Q one"]


def test_a_path_alias_of_the_compiler_is_followed(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        src__app_dot_ts="import { send } from '@lib/send';\nexport const handler = () => send();",
        tsconfig_dot_json='{\n  // where\n  "compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["src/lib/*"]},},\n}',
        src__lib__send_dot_ts=V3 + "export const send = () => sqs.send(new SendMessageCommand({QueueUrl: 'q'}));",
    )
    assert len(found.calls) == 1


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        pytest.param("(given ?? sqs.send.bind(sqs))", "sqs:SendMessage orders one", id="bound, behind a choice"),
        pytest.param("post", "sqs:SendMessage orders one", id="kept under a name"),
        pytest.param("sqs.send.call", "sqs:SendMessage orders one", id="called with its instance"),
    ],
)
def test_a_client_s_method_may_be_passed_about(tmp_path: Path, send: str, expected: str) -> None:
    first = "sqs, " if send.endswith("call") else ""
    source = (
        V3
        + "const post = sqs.send.bind(sqs);\nconst deliver = async (name, given) => {\n"
        + f"  const {{ QueueUrl }} = await {send}({first}new GetQueueUrlCommand({{ QueueName: name }}));\n"
        + f"  await {send}({first}new SendMessageCommand({{ QueueUrl }}));\n}};\n"
        + "export const handler = () => deliver('orders');"
    )
    assert [told(call) for call in read(tmp_path, app_dot_ts=source).calls] == [expected]


@pytest.mark.parametrize(
    "checked",
    [
        "stage.parse(process.env.STAGE)",
        "stage.safeParse(process.env.STAGE).data",
        "z.string().min(1).parse(process.env.STAGE, {})",
    ],
)
def test_a_schema_hands_on_what_it_checks(tmp_path: Path, checked: str) -> None:
    source = (
        V3
        + "import { z } from 'zod';\nconst stage = z.enum(['CODE', 'PROD']).optional();\n"
        + f"export const handler = () => sqs.send(new SendMessageCommand({{ QueueUrl: `orders-${{{checked}}}` }}));"
    )
    assert [told(call) for call in read(tmp_path, app_dot_ts=source).calls] == ["sqs:SendMessage orders-env STAGE one"]


def test_what_is_put_in_is_kept_as_a_shape(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        app_dot_ts=V3
        + "export const handler = (e) => events.send(new PutEventsCommand({Entries: [{Detail: JSON.stringify({status: 'paid', total: 3, ...e.detail})}]}));",
    )
    payload = found.calls[0].payload
    assert payload is not None
    assert payload.encoded and payload.open
    assert payload.properties["status"].constant == "paid"
    assert payload.properties["total"].kind == "integer"


def test_what_is_read_from_the_message_is_kept_as_paths(tmp_path: Path) -> None:
    source = "export const handler = async ({ Records }) => { for (const r of Records) { const { id } = JSON.parse(r.body); log(id, r.messageId); } };"
    found = read(tmp_path, app_dot_js=source)
    assert [".".join(item.path) for item in found.reads] == ["Records.*.body.().id", "Records.*.messageId"]


def test_a_syntax_error_is_a_gap_with_its_line_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, app_dot_js=V2 + "exports.handler = () => sqs.sendMessage({QueueUrl: 'q'});\nconst = ;\n")
    assert [told(call) for call in found.calls] == ["sqs:SendMessage q one"]
    assert [str(gap.location) for gap in found.gaps] == ["app.js:6"]


def test_a_handler_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    found = read(tmp_path, app_dot_js="exports.other = () => 1")
    assert not found.readable
    assert "has no function 'handler'" in found.gaps[0].why


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("const f = () => f();\nexports.handler = () => f();", id="recursion"),
        pytest.param("exports.handler = () => " + "(" * 400 + "1" + ")" * 400, id="deep nesting"),
        pytest.param("exports.handler = () => " + "a." * 3000 + "b()", id="a long path"),
        pytest.param("\x00\xff{{{", id="no source at all"),
        pytest.param(
            "".join(f"const f{i} = () => {{ f{i + 1}(); f{i + 1}(1); }};\n" for i in range(40)) + "exports.handler = () => f0();",
            id="a tree of calls",
        ),
    ],
)
def test_hostile_code_ends(tmp_path: Path, source: str) -> None:
    read(tmp_path, app_dot_js=source)


@pytest.mark.parametrize("word", ["with", "assert"])
@pytest.mark.parametrize("name", ["app_dot_mjs", "app_dot_ts"])
def test_the_attributes_of_an_import_are_no_syntax_error(tmp_path: Path, name: str, word: str) -> None:
    source = f'import schema from "./schema.json" {word} {{ type: "json" }};\n' + V3
    source += "export const handler = () => sqs.send(new SendMessageCommand({QueueUrl: 'q'}));"
    found = read(tmp_path, **{name: source})
    assert ([told(call) for call in found.calls], found.gaps) == (["sqs:SendMessage q one"], ())


@pytest.mark.parametrize(
    "key",
    [
        "decodeURIComponent(r.s3.object.key.replace(/\\+/g, ' '))",
        "decodeURIComponent(r.s3.object.key).replaceAll('+', ' ')",
        "r.s3.object.key",
    ],
)
def test_the_key_of_an_object_is_that_key_when_it_is_decoded(tmp_path: Path, key: str) -> None:
    source = V2 + f"exports.handler = async ({{ Records: [r] }}) => s3.putObject({{ Bucket: 'b', Key: {key} }}).promise()"
    (call,) = read(tmp_path, app_dot_js=source).calls
    assert show(call.arguments["Key"]) == show(Received("event.Records[*].s3.object.key"))


def test_a_key_that_is_changed_is_another(tmp_path: Path) -> None:
    key = "r.s3.object.key.replace(/-/g, ' ')"
    source = V2 + f"exports.handler = async ({{ Records: [r] }}) => s3.putObject({{ Bucket: 'b', Key: {key} }}).promise()"
    (call,) = read(tmp_path, app_dot_js=source).calls
    assert not isinstance(call.arguments["Key"], Received)
