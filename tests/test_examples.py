"""The examples do what they say: each handler, called with its event, has its effect on a simulated account; and
untangle says of them what their READMEs promise.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from click.testing import CliRunner
from moto import mock_aws

from untangle import pipeline
from untangle.asl import parse, validate
from untangle.cli import main
from untangle.config import Config
from untangle.model.scan import Scan
from untangle.scanners.account import permissions

EXAMPLES = Path(__file__).parent.parent / "examples"
TEMPLATES = sorted(EXAMPLES.glob("*/template.yaml"))
APPLICATIONS = [template for template in TEMPLATES if (template.parent / "src").is_dir()]
Handler = Callable[[Mapping[str, Any], None], Any]


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Handler]:
    """Imports one function's app.py as Lambda would: its folder first on the path, its variables set, its own modules fresh."""

    def _load(example: str, function: str, **variables: str) -> Handler:
        folder = EXAMPLES / example / "src" / function
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.syspath_prepend(str(folder))
        for sibling in folder.glob("*.py"):
            monkeypatch.delitem(sys.modules, sibling.stem, raising=False)
        spec = spec_from_file_location(f"{example}.{function}", folder / "app.py")
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        handler: Handler = module.handler
        return handler

    return _load


def table(name: str, hash_key: str, range_key: str | None = None) -> Any:
    keys = [(hash_key, "HASH")] + ([(range_key, "RANGE")] if range_key else [])
    return boto3.resource("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
    )


def queue(name: str) -> tuple[str, str]:
    """URL and ARN of a new queue."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def received(url: str) -> list[Any]:
    messages = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return sorted((json.loads(message["Body"]) for message in messages), key=lambda body: body.get("order_id", ""))


def topic(**subscribers: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """A topic with one raw queue per subscriber and its filter policy; the topic's ARN and the queues' URLs."""
    sns = boto3.client("sns")
    arn = sns.create_topic(Name="topic")["TopicArn"]
    urls = {}
    for name, policy in subscribers.items():
        urls[name], queue_arn = queue(name)
        attributes = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps(policy)}
        sns.subscribe(
            TopicArn=arn, Protocol="sqs", Endpoint=queue_arn, Attributes=attributes if policy else {"RawMessageDelivery": "true"}
        )
    return arn, urls


def sqs_event(*bodies: Any) -> dict[str, Any]:
    return {"Records": [{"messageId": str(index), "body": json.dumps(body)} for index, body in enumerate(bodies)]}


def sns_event(message: Any) -> dict[str, Any]:
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "m-1", "Message": json.dumps(message)}}]}


LINES = [{"sku": "CUP-BLUE", "quantity": 4, "price_cents": 850}]
ORDER = {
    "order_id": "A-1001",
    "kind": "order",
    "customer": "ada@example.com",
    "postcode": "10115",
    "lines": LINES,
    "correlation_id": "c-1",
}
RESERVED = {**{key: value for key, value in ORDER.items() if key != "kind"}, "total_cents": 3400}
PAYMENT = {"order_id": "A-1001", "record": "PAYMENT", "outcome": "PAID"}
DELIVERY = {"order_id": "A-1001", "record": "DELIVERY", "carrier": "parcel", "postcode": "10115"}
CHANGE = {"sku": "KETTLE-01", "old_cents": 1500, "new_cents": 1200}


class TestOrderPipeline:
    """The handlers of examples/order-pipeline, hop by hop."""

    def test_an_upload_is_announced_order_by_order_and_sorted_by_kind(self, load: Callable[..., Handler]) -> None:
        arn, urls = topic(orders={"kind": ["order"]}, returns={"kind": ["return"]})
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="incoming", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(
            Bucket="incoming", Key="orders/my file.csv", Body=(EXAMPLES / "order-pipeline/sample-orders.csv").read_bytes()
        )
        handler = load("order-pipeline", "import_orders", ORDERS_TOPIC_ARN=arn)

        record = {"s3": {"bucket": {"name": "incoming"}, "object": {"key": "orders/my+file.csv"}}}
        assert handler({"Records": [record]}, None) == {"announced": 3}

        first, second = received(urls["orders"])
        assert first["order_id"] == "A-1001" and [line["sku"] for line in first["lines"]] == ["KETTLE-01", "CUP-BLUE"]
        assert second["order_id"] == "A-1002" and second["lines"] == [{"sku": "CUP-BLUE", "quantity": 30, "price_cents": 850}]
        assert first["correlation_id"] != second["correlation_id"]
        assert [message["order_id"] for message in received(urls["returns"])] == ["A-0990"]

    @pytest.fixture
    def reserve(self, load: Callable[..., Handler]) -> tuple[Handler, Any, str, str]:
        """ReserveStock with ten cups in stock; the stock, a queue that hears the bus, and the expiry queue."""
        stock = table("stock", "sku")
        stock.put_item(Item={"sku": "CUP-BLUE", "available": 10})
        table("reservations", "order_id")
        heard_url, heard_arn = queue("heard")
        expiry_url, _ = queue("expiry")
        events = boto3.client("events")
        events.create_event_bus(Name="orders")
        pattern = json.dumps({"source": ["shop.stock"], "detail-type": ["StockReserved"]})
        events.put_rule(Name="reserved", EventBusName="orders", EventPattern=pattern)
        events.put_targets(Rule="reserved", EventBusName="orders", Targets=[{"Id": "heard", "Arn": heard_arn}])
        names = {
            "STOCK_TABLE": "stock",
            "RESERVATIONS_TABLE": "reservations",
            "ORDER_BUS": "orders",
            "EXPIRY_QUEUE_URL": expiry_url,
        }
        return load("order-pipeline", "reserve_stock", **names), stock, heard_url, expiry_url

    def test_a_reserved_order_leaves_the_stock_and_starts_payment_and_clock(self, reserve: tuple[Handler, Any, str, str]) -> None:
        handler, stock, heard, expiry = reserve

        assert handler(sqs_event(ORDER), None) == {"batchItemFailures": []}

        assert stock.get_item(Key={"sku": "CUP-BLUE"})["Item"]["available"] == 6
        assert [message["detail"] for message in received(heard)] == [RESERVED]
        assert received(expiry) == [{"order_id": "A-1001", "correlation_id": "c-1"}]

    def test_only_the_message_that_fails_is_handed_back(self, reserve: tuple[Handler, Any, str, str]) -> None:
        handler, stock, heard, _ = reserve
        too_many = {**ORDER, "order_id": "A-1002", "lines": [{"sku": "CUP-BLUE", "quantity": 30, "price_cents": 850}]}

        assert handler(sqs_event(too_many, ORDER), None) == {"batchItemFailures": [{"itemIdentifier": "0"}]}

        assert stock.get_item(Key={"sku": "CUP-BLUE"})["Item"]["available"] == 6
        assert [message["detail"]["order_id"] for message in received(heard)] == ["A-1001"]

    def test_a_message_that_arrives_twice_takes_the_stock_once(self, reserve: tuple[Handler, Any, str, str]) -> None:
        handler, stock, _, _ = reserve

        handler(sqs_event(ORDER), None)
        assert handler(sqs_event(ORDER), None) == {"batchItemFailures": []}

        assert stock.get_item(Key={"sku": "CUP-BLUE"})["Item"]["available"] == 6

    @pytest.mark.parametrize(("outcome", "left"), [(None, 10), ("DECLINED", 10), ("PAID", 6)])
    def test_an_expired_reservation_gives_back_what_is_not_paid(
        self, load: Callable[..., Handler], outcome: str | None, left: int
    ) -> None:
        stock, reservations, ledger = (
            table("stock", "sku"),
            table("reservations", "order_id"),
            table("ledger", "order_id", "record"),
        )
        stock.put_item(Item={"sku": "CUP-BLUE", "available": 6})
        reservations.put_item(Item={"order_id": "A-1001", "state": "RESERVED", "lines": [{"sku": "CUP-BLUE", "quantity": 4}]})
        if outcome:
            ledger.put_item(Item={"order_id": "A-1001", "record": "PAYMENT", "outcome": outcome})
        names = {"STOCK_TABLE": "stock", "RESERVATIONS_TABLE": "reservations", "LEDGER_TABLE": "ledger"}
        handler = load("order-pipeline", "expire_reservation", **names)

        for _ in range(2):  # a second delivery changes nothing
            handler(sqs_event({"order_id": "A-1001", "correlation_id": "c-1"}), None)

        assert stock.get_item(Key={"sku": "CUP-BLUE"})["Item"]["available"] == left

    @pytest.mark.parametrize(("total", "outcome"), [(3400, "PAID"), (500001, "DECLINED")])
    def test_a_charge_is_noted_in_the_ledger(self, load: Callable[..., Handler], total: int, outcome: str) -> None:
        ledger = table("ledger", "order_id", "record")
        handler = load("order-pipeline", "charge_payment", LEDGER_TABLE="ledger", PAYMENT_LIMIT_CENTS="500000")

        assert handler({"detail": {**RESERVED, "total_cents": total}}, None) == {"order_id": "A-1001", "outcome": outcome}

        noted = ledger.get_item(Key={"order_id": "A-1001", "record": "PAYMENT"})["Item"]
        assert (noted["outcome"], noted["amount_cents"], noted["correlation_id"]) == (outcome, total, "c-1")

    @pytest.mark.parametrize(("quantity", "carrier"), [(20, "parcel"), (21, "freight")])
    def test_a_delivery_is_noted_in_the_ledger(self, load: Callable[..., Handler], quantity: int, carrier: str) -> None:
        ledger = table("ledger", "order_id", "record")
        handler = load("order-pipeline", "plan_delivery", LEDGER_TABLE="ledger")

        handler({"detail": {**RESERVED, "lines": [{**LINES[0], "quantity": quantity}]}}, None)

        assert ledger.get_item(Key={"order_id": "A-1001", "record": "DELIVERY"})["Item"]["carrier"] == carrier

    @pytest.mark.parametrize(
        ("records", "released"),
        [
            ([PAYMENT], 0),
            ([DELIVERY], 0),
            ([{**PAYMENT, "outcome": "DECLINED"}, DELIVERY], 0),
            ([PAYMENT, DELIVERY], 1),
        ],
    )
    def test_a_shipment_waits_for_payment_and_plan(
        self, load: Callable[..., Handler], records: list[dict[str, str]], released: int
    ) -> None:
        ledger, shipments = table("ledger", "order_id", "record"), table("shipments", "order_id")
        for record in records:
            ledger.put_item(Item=record)
        handler = load("order-pipeline", "release_shipment", LEDGER_TABLE="ledger", SHIPMENTS_TABLE="shipments")

        image = {"order_id": {"S": "A-1001"}, "correlation_id": {"S": "c-1"}}
        handler({"Records": [{"eventName": "INSERT", "dynamodb": {"NewImage": image}}] * 2}, None)

        assert shipments.scan()["Count"] == released

    def test_a_return_is_kept(self, load: Callable[..., Handler]) -> None:
        returns = table("returns", "order_id")
        load("order-pipeline", "record_return", RETURNS_TABLE="returns")(sns_event({**ORDER, "kind": "return"}), None)
        assert returns.get_item(Key={"order_id": "A-1001"})["Item"]["customer"] == "ada@example.com"


class TestPriceWatch:
    """The handlers of examples/price-watch."""

    @pytest.mark.parametrize(
        ("old", "new", "all_hear", "watchers_hear"), [(1500, 1200, 1, 1), (1000, 1200, 1, 0), (1200, 1200, 0, 0)]
    )
    def test_a_change_is_announced(
        self, load: Callable[..., Handler], old: int, new: int, all_hear: int, watchers_hear: int
    ) -> None:
        arn, urls = topic(everybody={}, watchers={"direction": ["down"]})
        table("prices", "sku").put_item(Item={"sku": "KETTLE-01", "price_cents": old})
        handler = load("price-watch", "update_price", PRICES_TABLE="prices", PRICE_CHANGED_TOPIC_ARN=arn)

        handler({"pathParameters": {"sku": "KETTLE-01"}, "body": json.dumps({"price_cents": new})}, None)

        assert received(urls["everybody"]) == [{"sku": "KETTLE-01", "old_cents": old, "new_cents": new}] * all_hear
        assert len(received(urls["watchers"])) == watchers_hear

    def test_search_shows_the_new_price(self, load: Callable[..., Handler]) -> None:
        search = table("search", "sku")
        load("price-watch", "refresh_search", SEARCH_TABLE="search")(sns_event(CHANGE), None)
        assert search.get_item(Key={"sku": "KETTLE-01"})["Item"]["price_cents"] == 1200

    def test_each_watcher_of_the_product_gets_a_mail(self, load: Callable[..., Handler]) -> None:
        ses = boto3.client("ses")
        ses.verify_domain_identity(Domain="example.com")
        watchers = table("watchers", "sku", "address")
        for sku, address in (("KETTLE-01", "ada@example.com"), ("KETTLE-01", "bob@example.com"), ("CUP-BLUE", "cyd@example.com")):
            watchers.put_item(Item={"sku": sku, "address": address})
        handler = load("price-watch", "notify_watchers", WATCHERS_TABLE="watchers", SENDER="prices@example.com")

        handler(sns_event(CHANGE), None)

        assert int(ses.get_send_quota()["SentLast24Hours"]) == 2

    def test_every_change_is_kept_for_the_auditors(self, load: Callable[..., Handler]) -> None:
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="audit", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        load("price-watch", "audit_price", AUDIT_BUCKET="audit")(sns_event(CHANGE), None)
        kept = s3.get_object(Bucket="audit", Key="prices/KETTLE-01/m-1.json")["Body"].read()
        assert json.loads(kept) == CHANGE


class _Loader(yaml.SafeLoader):
    """Reads a template's structure; what an intrinsic stands for is of no interest here."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: suffix)


@pytest.mark.parametrize("template", APPLICATIONS, ids=lambda path: path.parent.name)
def test_each_variable_that_a_handler_reads_is_set_in_its_template(template: Path) -> None:
    resources = yaml.load(template.read_text(), _Loader)["Resources"].values()  # noqa: S506 - it is a SafeLoader
    functions = [item["Properties"] for item in resources if item["Type"] == "AWS::Serverless::Function"]
    assert functions
    for function in functions:
        sources = "".join(path.read_text() for path in (template.parent / function["CodeUri"]).glob("*.py"))
        read = set(re.findall(r'os\.environ(?:\["|\.get\(")([A-Z_]+)', sources))
        assert read == set(function["Environment"]["Variables"]), function["CodeUri"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.parent.name)
def test_cfn_lint_has_nothing_to_say(template: Path) -> None:
    assert _cfn_lint(template) == ("", 0)


class TestWhatUntangleSays:
    """The promises of the READMEs."""

    @pytest.fixture
    def orders(self) -> Scan:
        return pipeline.scan(EXAMPLES / "order-pipeline", config=Config())

    def test_the_order_pipeline_is_one_chain_of_seven_hops(self, orders: Scan) -> None:
        arrows = {
            f"{_name(hop.producer)} -{' '.join(passage.type for passage in hop.passages)}-> {_name(hop.consumer)}"
            for hop in orders.graph.reported
        }
        assert arrows == {
            "ImportOrders -sns sqs-> ReserveStock",
            "ImportOrders -sns-> RecordReturn",
            "ReserveStock -sqs-> ExpireReservation",
            "ReserveStock -eventbridge-> ChargePayment",
            "ReserveStock -eventbridge-> PlanDelivery",
            "ChargePayment -dynamodb_stream-> ReleaseShipment",
            "PlanDelivery -dynamodb_stream-> ReleaseShipment",
        }
        (chain,) = orders.chains
        assert chain.verdict is not None and chain.verdict.decision == "migrate"
        assert [(trigger.type, _name(trigger.function)) for trigger in orders.entries(chain)] == [("s3", "ImportOrders")]

    def test_the_price_watch_is_left_alone(self) -> None:
        (chain,) = pipeline.scan(EXAMPLES / "price-watch", config=Config()).chains
        assert chain.verdict is not None and chain.verdict.decision == "keep"

    def test_cfn_lint_accepts_the_proposed_state_machine(self, orders: Scan, tmp_path: Path) -> None:
        files = {file.path: file.text for file in pipeline.propose(orders, orders.chains[0].id).files}
        (definition,) = (text for path, text in files.items() if path.endswith("state-machine.asl.json"))
        template = tmp_path / "template.json"
        template.write_text(_template_of(definition))
        assert '"x"' in template.read_text() and _cfn_lint(template) == ("", 0)

        template.write_text(template.read_text().replace('\\"Type\\": \\"Map\\"', '\\"Type\\": \\"Mop\\"', 1))
        assert _cfn_lint(template)[1] != 0, "cfn-lint does not look at the definition"


class TestFleetScan:
    """examples/fleet-scan: what it ships is valid, fits together, and does in memory what its README says."""

    FOLDER = EXAMPLES / "fleet-scan"
    DEFINITION = (FOLDER / "state-machine.asl.json").read_text()

    @pytest.fixture
    def fleet(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        """The container's program, with the variables of the task; the recording is made in this process."""
        spec = spec_from_file_location("fleet", self.FOLDER / "fleet.py")
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        given = {"BUCKET": "kept", "ROLE_NAME": "UntangleReader", "PARTITION": "aws", "REGIONS": "us-east-1,eu-west-1"}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        return module

    def test_the_definition_is_valid(self, tmp_path: Path) -> None:
        assert validate(parse(self.DEFINITION)) == ()
        assert validate(parse(self.DEFINITION.replace('"ItemProcessor"', '"ItemProcesor"'))) != ()
        template = tmp_path / "template.json"
        template.write_text(_template_of(self.DEFINITION))
        assert _cfn_lint(template) == ("", 0)
        template.write_text(template.read_text().replace('\\"Type\\": \\"Map\\"', '\\"Type\\": \\"Mop\\"', 1))
        assert _cfn_lint(template)[1] != 0, "cfn-lint does not look at the definition"

    def test_the_template_gives_the_definition_what_it_asks_for(self) -> None:
        resources = yaml.load((self.FOLDER / "template.yaml").read_text(), _Loader)["Resources"]  # noqa: S506 - a SafeLoader
        given = set(resources["Fleet"]["Properties"]["DefinitionSubstitutions"])
        assert given == set(re.findall(r"\$\{(\w+)\}", self.DEFINITION))

    def test_every_variable_of_the_container_is_set(self) -> None:
        read = set(re.findall(r'os\.environ\[["\'](\w+)', (self.FOLDER / "fleet.py").read_text()))
        resources = yaml.load((self.FOLDER / "template.yaml").read_text(), _Loader)["Resources"]  # noqa: S506 - a SafeLoader
        (container,) = resources["Scan"]["Properties"]["ContainerDefinitions"]
        set_ = {item["Name"] for item in container["Environment"]} | set(re.findall(r'"Name": "([A-Z]+)"', self.DEFINITION))
        assert read == set_

    def test_untangle_sees_one_state_machine_and_invents_nothing(self) -> None:
        found = pipeline.scan(self.FOLDER, config=Config())
        assert [machine.address for machine in found.graph.state_machines] == ["Fleet"]
        assert (found.graph.hops, found.chains, found.findings) == ((), (), ())

    @pytest.mark.parametrize("name", ["reader-role.json", "template.yaml"])
    def test_cfn_lint_has_nothing_to_say(self, name: str) -> None:
        assert _cfn_lint(self.FOLDER / name) == ("", 0)

    def test_the_reader_role_may_what_untangle_policy_prints_and_no_more(self) -> None:
        """After a change of the policy, UNTANGLE_UPDATE_GOLDEN=1 writes it into the role."""
        file = self.FOLDER / "reader-role.json"
        template = json.loads(file.read_text())
        properties = template["Resources"]["Reader"]["Properties"]
        if os.environ.get("UNTANGLE_UPDATE_GOLDEN"):
            properties["Policies"] = [{"PolicyName": "untangle", "PolicyDocument": permissions.policy()}]
            file.write_text(json.dumps(template, indent=2) + "\n")
        assert [item["PolicyDocument"] for item in properties["Policies"]] == [permissions.policy()]
        assert len(json.dumps(permissions.policy())) < 10_240, "more than a role takes"

    def test_the_inventory_is_every_active_account_times_every_region(self, fleet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        organizations = boto3.client("organizations", "us-east-1")
        organizations.create_organization(FeatureSet="ALL")
        made = [
            organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]["AccountId"]
            for name in ("open", "closed")
        ]
        organizations.close_account(AccountId=made[1])
        monkeypatch.setenv("INVENTORY", "inventory/one.json")
        assert fleet.inventory() == 0
        kept = json.loads(boto3.client("s3").get_object(Bucket="kept", Key="inventory/one.json")["Body"].read())
        accounts = sorted((made[0], "123456789012"))
        assert kept == [{"account": id, "region": region} for id in accounts for region in ("eu-west-1", "us-east-1")]

    def test_a_scan_leaves_a_recording_that_can_be_read(
        self, fleet: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def run(command: list[str]) -> subprocess.CompletedProcess[str]:
            assert command[1:3] == ["-m", "untangle"]
            return subprocess.CompletedProcess(command, CliRunner().invoke(main, command[3:]).exit_code)

        monkeypatch.setattr(fleet.subprocess, "run", run)
        monkeypatch.setenv("ACCOUNT", "111111111111")
        monkeypatch.setenv("REGION", "eu-west-1")
        assert fleet.scan() == 0
        target = tmp_path / "recordings/111111111111/eu-west-1.zip"
        target.parent.mkdir(parents=True)
        boto3.client("s3").download_file("kept", "recordings/111111111111/eu-west-1.zip", str(target))
        done = CliRunner().invoke(main, ["scan", str(tmp_path / "recordings"), "--format", "json"])
        assert [item["path"] for item in json.loads(done.stdout)["sources"]] == ["aws/111111111111/eu-west-1"]

    def test_a_scan_that_fails_fails_its_container(self, fleet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fleet.subprocess, "run", lambda command: subprocess.CompletedProcess(command, 2))
        monkeypatch.setenv("ACCOUNT", "111111111111")
        monkeypatch.setenv("REGION", "eu-west-1")
        assert fleet.scan() == 2
        assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="kept")


def _template_of(definition: str) -> str:
    """A template around a definition, so that cfn-lint looks at it."""
    properties = {
        "RoleArn": "arn:aws:iam::111122223333:role/workflow",
        "DefinitionSubstitutions": dict.fromkeys(re.findall(r"\$\{(\w+)\}", definition), "x"),
        "DefinitionString": definition,
    }
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Workflow": machine}})


def _name(function: str) -> str:
    return function.rpartition("/")[2]


def _cfn_lint(template: Path) -> tuple[str, int]:
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(template)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout, done.returncode
