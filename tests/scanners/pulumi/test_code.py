"""Handlers are found by what a program put into the archive, or by what an SST component names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.pulumi.stack import (
    ACCOUNT,
    SECRET,
    SHOWN,
    STACK,
    asset,
    assets,
    export,
    folder_archive,
    function,
    item,
    queue,
    scanned,
    urn,
)
from untangle import pipeline
from untangle.config import Config
from untangle.emit import EMITTERS
from untangle.emit.emitter import View
from untangle.model.evidence import Confidence
from untangle.model.resource import Inventory
from untangle.scanners.code import read_code
from untangle.scanners.tree import Tree

PYTHON = "def handler(event, context):\n    pass\n"
SCRIPT = "exports.handler = async () => {}\n"
PROJECT = "name: shop\nruntime: nodejs\n"
LIVE: dict[str, Any] = {"runtime": "nodejs20.x", "handler": "index.handler"}

# Where the function's file lies beside `infra/Pulumi.yaml`, what the state says of it, and the entry that is found.
FOUND: dict[str, tuple[str, dict[str, Any], str]] = {
    "a folder": ("infra/place/app.py", {"code": folder_archive("./place")}, "infra/place/app.py"),
    "a folder above": ("handlers/place/app.py", {"code": folder_archive("../handlers/place")}, "handlers/place/app.py"),
    "a folder in an archive": ("infra/place/app.py", {"code": assets(__=folder_archive("./place"))}, "infra/place/app.py"),
    "a folder under a name": (
        "infra/place/app.py",
        {"code": assets(lib=folder_archive("./place")), "handler": "lib/app.handler"},
        "infra/place/app.py",
    ),
    "a file": (
        "infra/place/index.js",
        {**LIVE, "code": assets(index__js=asset(path="./place/index.js"))},
        "infra/place/index.js",
    ),
    "a file of another name": (
        "infra/place/order.js",
        {**LIVE, "code": assets(index__js=asset(path="place/order.js"))},
        "infra/place/order.js",
    ),
    "an archive that is built": ("infra/place/app.py", {"code": folder_archive("./place.zip")}, "infra/place/app.py"),
    "a path of another machine": (
        "services/place/app.py",
        {"code": folder_archive("/home/ada/shop/services/place")},
        "services/place/app.py",
    ),
    "a path of another system": (
        "services/place/app.py",
        {"code": folder_archive("C:\\shop\\services\\place")},
        "services/place/app.py",
    ),
}


def entries(folder: Path, found: Inventory) -> list[str | None]:
    """The files at which the functions start, for those that were read to the end."""
    facts = read_code(Tree(folder), found)
    return [fact.entry.path if fact.entry is not None and fact.readable else None for fact in facts]


def sst(name: str, source: str, **more: Any) -> list[dict[str, Any]]:
    """A function of SST: the component that names its handler, and the function with its bundle."""
    component = {
        "urn": urn("sst:aws:Function", name),
        "type": "sst:aws:Function",
        "custom": False,
        "parent": STACK,
        "outputs": {"_metadata": {"handler": source, "internal": False}},
    }
    bundle = {"handler": "bundle.handler", "runtime": "nodejs20.x", "s3Bucket": "sst-asset", "s3Key": "assets/x.zip", **more}
    return [component, {**function(f"{name}Function", **bundle), "parent": component["urn"]}]


class TestArchives:
    @pytest.mark.parametrize("case", FOUND)
    def test_the_entry_is_found_from_the_folder_of_the_program(self, tmp_path: Path, case: str) -> None:
        file, given, expected = FOUND[case]
        source = PYTHON if file.endswith(".py") else SCRIPT
        written = {"infra/Pulumi.yaml": PROJECT, "state/dev.json": export(function("place", **given)), file: source}
        (entry,) = entries(tmp_path, scanned(tmp_path, written))
        assert entry == expected

    def test_text_that_the_state_holds_is_read_as_code(self, tmp_path: Path) -> None:
        given = {**LIVE, "code": assets(index__js=asset(text=SCRIPT))}
        (resource,) = scanned(tmp_path, {"stack.json": export(function("place", **given))}).resources
        assert resource.get("Code", "ZipFile") == SCRIPT and resource.get("Handler") == "index.handler"

    def test_a_path_that_leads_nowhere_is_no_entry(self, tmp_path: Path) -> None:
        written = {"stack.json": export(function("place", code=folder_archive("/etc/place"))), "other.py": PYTHON}
        found = scanned(tmp_path, written)
        assert entries(tmp_path, found) == [None]

    @pytest.mark.parametrize("main", ["program/", "./program", "program/index.ts"])
    def test_paths_start_where_the_program_runs(self, tmp_path: Path, main: str) -> None:
        written = {
            "Pulumi.yaml": f"{PROJECT}main: {main}\n",
            "program/index.ts": "",
            "program/place/app.py": PYTHON,
            "stack.json": export(function("place", code=folder_archive("place"))),
        }
        assert entries(tmp_path, scanned(tmp_path, written)) == ["program/place/app.py"]


URI = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:{'0' * 64}"
# A type of image, what was asked for and what was made of it.
IMAGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "docker:index/image:Image": ({"build": {"context": "./place", "dockerfile": "./place/Dockerfile"}}, {"repoDigest": URI}),
    "docker-build:index:Image": ({"context": {"location": "./place"}}, {"ref": URI}),
}


class TestImages:
    @pytest.mark.parametrize("type", IMAGES)
    def test_the_entry_is_found_in_the_folder_from_which_the_image_is_built(self, tmp_path: Path, type: str) -> None:
        asked, made = IMAGES[type]
        image = item(type, "place", made, asked)
        runs = function("place", imageUri=URI, packageType="Image", handler=None, runtime=None)
        written = {
            "Pulumi.yaml": PROJECT,
            "stack.json": export(image, runs),
            "place/Dockerfile": 'FROM public.ecr.aws/lambda/python:3.12\nCOPY app.py .\nCMD ["app.handler"]\n',
            "place/app.py": PYTHON,
        }
        found = scanned(tmp_path, written)
        assert [resource.get("Code", "ImageUri") for resource in found.resources] == [URI]
        assert entries(tmp_path, found) == ["place/app.py"]

    def test_an_image_of_another_place_is_no_source(self, tmp_path: Path) -> None:
        image = item("docker-build:index:Image", "place", {"ref": URI}, {"context": {"location": "https://example.com/shop.git"}})
        found = scanned(tmp_path, {"stack.json": export(image, function("place", imageUri=URI))})
        assert found.resources[0].metadata == {} and found.resources[0].get("Code", "ImageUri") == URI


class TestSst:
    @pytest.mark.parametrize("handler", ["packages/functions/src/order.main", "./packages/functions/src/order.main"])
    def test_the_handler_is_the_components(self, tmp_path: Path, handler: str) -> None:
        written = {
            "sst.config.ts": 'export default $config({ app() { return { name: "shop" } } })',
            "packages/functions/src/order.ts": "export const main = async () => {}\n",
            "out/state.json": export(*sst("Order", handler)),
        }
        assert entries(tmp_path, scanned(tmp_path, written)) == ["packages/functions/src/order.ts"]

    def test_a_folder_of_compiled_code_is_its_code(self, tmp_path: Path) -> None:
        given = sst("Order", "./services/order", handler="bootstrap", runtime="provided.al2023")
        found = scanned(tmp_path, {"services/order/main.go": "package main\n", "state.json": export(*given)})
        (resource,) = found.resources
        assert (resource.get("Code"), resource.get("Handler")) == ("services/order", "bootstrap")


class TestPrograms:
    @pytest.mark.parametrize(
        ("files", "what", "command"),
        [
            (
                {"infra/Pulumi.yaml": PROJECT, "infra/package.json": '{"dependencies": {"@pulumi/aws": "^7"}}'},
                "Pulumi program infra/Pulumi.yaml",
                "run `pulumi stack export --file stack.json` in infra",
            ),
            (
                {"sst.config.ts": 'export default $config({ app() { return { name: "shop" } } })'},
                "SST program sst.config.ts",
                "run `npx sst state export --stage STAGE > sst-state.json` in this folder",
            ),
        ],
    )
    def test_a_program_without_a_state_says_what_to_run(
        self, tmp_path: Path, files: dict[str, str], what: str, command: str
    ) -> None:
        (gap,) = scanned(tmp_path, files).gaps
        assert gap.what == what and command in gap.why and gap.location is not None and gap.location.line == 1
        state = {f"{next(iter(files)).rpartition('/')[0] or '.'}/stack.json": export(queue("orders"))}
        assert scanned(tmp_path, state).gaps == ()

    @pytest.mark.parametrize(
        "files",
        [
            {"Pulumi.yaml": PROJECT, "package.json": '{"dependencies": {"@pulumi/gcp": "^8"}}'},
            {"sst.config.ts": "export default { config() {}, stacks(app) {} } satisfies SSTConfig"},
            {"Pulumi.yaml": "runtime: python\n", "requirements.txt": "pulumi-aws\n"},
        ],
        ids=["another cloud", "SST on the CDK", "no project"],
    )
    def test_others_say_nothing(self, tmp_path: Path, files: dict[str, str]) -> None:
        assert scanned(tmp_path, files).gaps == ()


def shop() -> dict[str, Any]:
    """A function that may send to one queue, and does, and one that polls it."""
    orders, secret = queue("orders"), {"variables": {"QUEUE_URL": "", "TOKEN": SECRET, "PIN": SHOWN}}
    secret["variables"]["QUEUE_URL"] = orders["outputs"]["url"]
    grant = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": orders["outputs"]["arn"]}
    arn = f"arn:aws:iam::{ACCOUNT}:role/place-1"
    pay = function("pay", code=folder_archive("./pay"))
    mapping = {"eventSourceArn": orders["outputs"]["arn"], "functionName": pay["outputs"]["arn"], "batchSize": 5}
    return export(
        orders,
        item("aws:iam/role:Role", "place", {"name": "place-1", "arn": arn}, id="place-1"),
        item("aws:iam/rolePolicy:RolePolicy", "send", {"role": "place-1", "policy": json.dumps({"Statement": [grant]})}),
        function("place", role=arn, environment=secret, code=folder_archive("./place")),
        pay,
        item("aws:lambda/eventSourceMapping:EventSourceMapping", "polls", mapping),
    )


SENDS = """import boto3, os
sqs = boto3.client("sqs")
def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody="{}")
"""


def test_a_state_and_its_handlers_make_a_hop_and_no_output_holds_a_secret(tmp_path: Path) -> None:
    written = {"Pulumi.yaml": PROJECT, "stack.json": shop(), "place/app.py": SENDS, "pay/app.py": PYTHON}
    scanned(tmp_path, written)
    scan = pipeline.scan(tmp_path, config=Config())
    hops = [(hop.producer, hop.consumer, hop.confidence.name) for hop in scan.graph.hops]
    assert hops == [("stack/aws:lambda:Function::place", "stack/aws:lambda:Function::pay", "LIKELY")]
    for emitter in EMITTERS:
        text = emitter.render(scan, View(minimum=Confidence.CONTRADICTED, verbosity=1))
        assert not any(word in text for word in ("hunter2", "AAABAHh4c2VjcmV0")), emitter.format


LINKED = """import { Resource } from "sst";
import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
const client = new SQSClient();
export const main = async () => {
  await client.send(new SendMessageCommand({ QueueUrl: Resource.Orders.url, MessageBody: "{}" }));
};
"""


@pytest.mark.parametrize(("granted", "hops"), [(("orders",), 1), (("orders", "refunds"), 0)])
def test_a_link_of_sst_leads_where_its_only_grant_does_and_is_not_guessed_between_two(
    tmp_path: Path, granted: tuple[str, ...], hops: int
) -> None:
    queues = [queue("orders"), queue("refunds")]
    arns = [held["outputs"]["arn"] for held in queues if held["urn"].rpartition("::")[2] in granted]
    document = json.dumps({"Statement": [{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": arns}]})
    arn = f"arn:aws:iam::{ACCOUNT}:role/OrderRole-1"
    inline = {"name": "OrderRole-1", "arn": arn, "inlinePolicies": [{"name": "inline", "policy": document}]}
    pays = [function(f"pay{i}", code=folder_archive("./pay")) for i in range(2)]
    polls = [
        item(
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            f"polls{i}",
            {"eventSourceArn": held["outputs"]["arn"], "functionName": pay["outputs"]["arn"]},
        )
        for i, (held, pay) in enumerate(zip(queues, pays, strict=True))
    ]
    role = item("aws:iam/role:Role", "OrderRole", inline, id="OrderRole-1")
    written = {
        "sst.config.ts": 'export default $config({ app() { return { name: "shop" } } })',
        "src/order.ts": LINKED,
        "pay/app.py": PYTHON,
        "state.json": export(*queues, role, *pays, *polls, *sst("Order", "src/order.main", role=arn)),
    }
    scanned(tmp_path, written)
    found = [hop for hop in pipeline.scan(tmp_path, config=Config()).graph.hops if hop.confidence.name in ("DECLARED", "LIKELY")]
    assert [hop.consumer for hop in found] == ["state/aws:lambda:Function::pay0"][:hops]
