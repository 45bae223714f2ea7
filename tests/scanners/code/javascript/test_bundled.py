"""What esbuild makes of an application is read as the application: shortened or not, with the AWS SDK in it or without."""

from __future__ import annotations

import pytest

from tests.scanners.code.reading import told
from untangle.model.code import CodeFacts
from untangle.model.resource import Inventory, Resource
from untangle.scanners.account.packages.unpacked import InMemory
from untangle.scanners.code import FUNCTION, read_code

# esbuild's own helpers, as it writes them
HELPERS = """
var __defProp = Object.defineProperty;
var __create = Object.create;
var __getProtoOf = Object.getPrototypeOf;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() {
  return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  for (let key of __getOwnPropNames(from)) __defProp(to, key, { get: () => from[key] });
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);
"""
HANDLER = """
async function send(body) {
  await client.send(new import_client_sqs.SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: body }));
}
var handler = async (event) => {
  for (const record of event.Records) await send(record.body);
};
0 && (module.exports = { handler });
"""
PLAIN = f"""{HELPERS}
var order_exports = {{}};
__export(order_exports, {{ handler: () => handler }});
module.exports = __toCommonJS(order_exports);
var import_client_sqs = require("@aws-sdk/client-sqs");
var client = new import_client_sqs.SQSClient({{}});
{HANDLER}"""
WITH_SDK = f"""{HELPERS}
var require_dist_cjs = __commonJS({{
  "node_modules/@aws-sdk/client-sqs/dist-cjs/index.js"(exports2, module2) {{ module2.exports = much(); }}
}});
var import_client_sqs = __toESM(require_dist_cjs());
var client = new import_client_sqs.SQSClient({{}});
{HANDLER}"""
SHORT_HELPERS = (
    '"use strict";var a=Object.defineProperty;var m=Object.getOwnPropertyNames;var f=(e,s)=>{for(var r in s)a(e,r,{get:s[r],'
    "enumerable:!0})},g=(e,s)=>{for(let t of m(s))a(e,t,{get:()=>s[t]});return e};"
    'var b=e=>g(a({},"__esModule",{value:!0}),e);'
)
SHORT_HANDLER = (
    'var c=require("@aws-sdk/client-sqs"),u=new c.SQSClient({});async function y(e){await u.send(new c.SendMessageCommand('
    "{QueueUrl:process.env.QUEUE_URL,MessageBody:e}))}"
    "var S=async e=>{for(let s of e.Records)await y(s.body)};0&&(module.exports={handler});"
)
SHORT = f"{SHORT_HELPERS}var v={{}};f(v,{{handler:()=>S}});module.exports=b(v);{SHORT_HANDLER}"
JOINED = f"{SHORT_HELPERS}var v={{}};f(v,{{handler:()=>S}}),module.exports=b(v);{SHORT_HANDLER}"
CLIENT = """
var SQSClient = class extends Client { constructor(...[c]) { super(c); this.middlewareStack.use(agent(this.config)); } };
"""
BUILT = """
var SendMessageCommand = class extends Command.classBuilder().ep(common).s("AmazonSQS", "SendMessage", {})
  .n("SQSClient", "SendMessageCommand").f(void 0, void 0).ser(se).de(de).build() {};
"""
MADE = """
var command5 = makeBuilder(commonParams, "AmazonSQS", "SQSClient", getEndpointPlugin);
var SendMessageCommand = class extends command5(_ep0, _mw0, "SendMessage", SendMessage$) {};
"""
MODULE = """
var client = new SQSClient({});
var handler = async (event) => {
  for (const record of event.Records)
    await client.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: record.body }));
};
export { handler };
"""
DOCUMENT = """
var command6 = makeBuilder(commonParams, "DynamoDB_20120810", "DynamoDBClient", getEndpointPlugin);
var PutItemCommand = class extends command6(_ep0, _mw0, "PutItem", PutItem$) {};
var PutCommand = class extends DocumentClientCommand {
  constructor(input) { super(); this.input = input; this.clientCommand = new PutItemCommand(this.input); }
};
var Document = class _D extends Client {
  constructor(client, config) { super(client.config); this.middlewareStack = client.middlewareStack; }
  static from(client, config) { return new _D(client, config); }
};
var document = Document.from(new SQSClient({}));
var handler = async (event) => { await document.send(new PutCommand({ TableName: process.env.TABLE, Item: { id: event.id } })); };
export { handler };
"""
COMPILED = {
    "index.js": """
Object.defineProperty(exports, "__esModule", { value: true });
exports.handler = void 0;
const send_1 = require("./lib/send");
const handler = async (event) => { for (const record of event.Records) { await (0, send_1.send)(record.body); } };
exports.handler = handler;
""",
    "lib/send.js": """
Object.defineProperty(exports, "__esModule", { value: true });
exports.send = send;
const client_sqs_1 = require("@aws-sdk/client-sqs");
const client = new client_sqs_1.SQSClient({});
async function send(body) {
    await client.send(new client_sqs_1.SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: body }));
}
""",
}


def read(files: dict[str, str]) -> CodeFacts:
    function = Resource(
        id="f", type=FUNCTION, stack="s", address="f",
        properties={"Runtime": "nodejs22.x", "Handler": "index.handler", "Code": "package"},
    )  # fmt: skip
    (found,) = read_code(
        InMemory("package", {path: text.encode() for path, text in files.items()}), Inventory(resources=(function,))
    )
    return found


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"index.js": PLAIN}, id="names kept"),
        pytest.param({"index.js": SHORT}, id="names shortened"),
        pytest.param({"index.js": JOINED}, id="statements joined"),
        pytest.param({"index.js": WITH_SDK}, id="SDK wrapped in it"),
        pytest.param({"index.mjs": CLIENT + BUILT + MODULE}, id="SDK's classes in it"),
        pytest.param({"index.mjs": CLIENT + MADE + MODULE}, id="a newer SDK's classes in it"),
        pytest.param(COMPILED, id="compiled by tsc"),
    ],
)
def test_the_call_is_seen_once_with_its_message(files: dict[str, str]) -> None:
    found = read(files)
    assert found.readable and [told(call) for call in found.calls] == ["sqs:SendMessage env QUEUE_URL many"]
    assert "Received" in repr(found.calls[0].arguments["MessageBody"])


def test_the_document_client_wraps_the_command_that_is_sent() -> None:
    found = read({"index.mjs": CLIENT + DOCUMENT})
    assert [told(call) for call in found.calls] == ["dynamodb:PutItem env TABLE one"]


def test_an_object_of_functions_that_is_given_to_a_function_is_no_export() -> None:
    """A handler of that name that is really exported counts, not what a call with a similar form names."""
    text = (
        SHORT_HANDLER.replace("0&&(module.exports={handler})", "exports.handler=S")
        + "register(S,{handler:()=>other,more:()=>2});"
    )
    assert [told(call) for call in read({"index.js": text}).calls] == ["sqs:SendMessage env QUEUE_URL many"]
