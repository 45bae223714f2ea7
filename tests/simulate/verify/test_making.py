"""Inputs made of the words of a chain: documents that hold what is read, both sides of a condition, what must be there."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from untangle import pipeline
from untangle.config import Config
from untangle.model.code import CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.location import Location
from untangle.model.node import Function
from untangle.simulate.application import Application
from untangle.simulate.call import ApiCall
from untangle.simulate.happening import Happening
from untangle.simulate.verify.before import PLENTY, missing
from untangle.simulate.verify.fixtures import events, files, form_of
from untangle.simulate.verify.sample import Sampler, content
from untangle.simulate.verify.stimuli import doors, given
from untangle.simulate.verify.vocabulary import Vocabulary, facing, vocabulary

CODE = """
def handler(event, context):
    for record in event["Records"]:
        order = record["order"]
        lines = order["lines"]
        if order["amount"] <= 100 and order["plan"] in ("pro", "team"):
            for line in lines:
                print(int(line["quantity"]))
"""


def words_of(tmp_path: Path, text: str, name: str = "app.py") -> Vocabulary:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / name).write_text(text)
    graph = EventGraph(functions=(Function(id="app/F", address="F", stack="app", code="src"),))
    return vocabulary(graph, tmp_path, ["app/F"], [])


def test_keys_are_known_with_what_they_are_compared_with(tmp_path: Path) -> None:
    words = words_of(tmp_path, CODE)
    assert words.values == {"amount": [100, 101, 99], "plan": ["pro", "team"]}
    assert words.numbers == {"amount", "quantity"}
    assert {"lines", "Records"} <= words.lists
    assert set(words.keys["app/F"]) == {"Records", "order", "lines", "amount", "plan", "quantity"}


def test_so_are_those_of_a_script(tmp_path: Path) -> None:
    words = words_of(tmp_path, "if (order.plan === 'pro' && order.amount > 3) send(order['name'])", "app.js")
    assert words.values == {"plan": ["pro"], "amount": [3, 4, 2]}
    assert "name" in words.keys["app/F"]


def test_code_that_does_not_parse_has_no_words(tmp_path: Path) -> None:
    assert words_of(tmp_path, "def handler(:").keys == {"app/F": []}


def test_a_loop_may_count_or_sort_what_it_goes_over(tmp_path: Path) -> None:
    words = words_of(tmp_path, 'for number, item in enumerate(sorted(order["items"])): print(item)')
    assert words.lists == {"items"}


def test_what_stands_before_an_entry_asks_first() -> None:
    words = Vocabulary(values={"source": ["inner"], "kind": ["sent"], "plan": ["pro"]})
    found = facing(words, {"source": ("outside",), "detail": {"kind": ["paid"]}})
    assert found.values == {"source": ["outside"], "kind": ["paid", "sent"], "plan": ["pro"]}
    assert words.values["source"] == ["inner"]
    assert facing(words, None) is words


RELAY = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, CodeUri: src}}
Resources:
  Take:
    Type: AWS::Serverless::Function
    Properties:
      Handler: take.handler
      Environment: {Variables: {QUEUE: !Ref Queue}}
      Policies: [SQSSendMessagePolicy: {QueueName: !GetAtt Queue.QueueName}]
      Events: {In: {Type: EventBridgeRule, Properties: {EventBusName: !Ref Bus, Pattern: {source: [outside]}}}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: bus}}
  Queue: {Type: AWS::SQS::Queue}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Handler: work.handler
      Events: {In: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}
"""
TAKE = """
import json, os, boto3
def handler(event, context):
    order = event["detail"]
    if order["kind"] == "paid":
        boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps({**order, "by": "take"}))
"""
WORK = """
import json
def handler(event, context):
    for record in event["Records"]:
        order = json.loads(record["body"])
        print(order["id"], [line["price"] for line in order["lines"]])
"""


def test_an_input_passes_the_pattern_and_holds_what_functions_further_on_read(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for name, text in (("template.yaml", RELAY), ("src/take.py", TAKE), ("src/work.py", WORK)):
        (tmp_path / name).write_text(text)
    scan = pipeline.scan(tmp_path, config=Config())
    (chain,) = scan.chains
    (door,) = doors(Application(scan.graph, tmp_path, chain))
    first = next(given(door, vocabulary(scan.graph, tmp_path, chain.functions, chain.hops)))
    (entry,) = first.stimuli[0].params["Entries"]  # type: ignore[union-attr]
    assert entry["Source"] == "outside"
    assert json.loads(entry["Detail"]) == {"kind": "paid", "id": "id-1", "lines": [{"price": "price-1"}]}


def test_a_document_holds_every_path_and_variants_take_both_sides() -> None:
    words = Vocabulary(numbers={"amount"}, values={"amount": [100, 101]})
    paths = [("body", "()", "order", "amount"), ("body", "()", "lines", "*", "sku"), ("id",)]
    made = [Sampler(words=words, variant=variant).document(paths) for variant in (0, 1)]
    assert [json.loads(one["body"])["order"] for one in made] == [{"amount": 100}, {"amount": 101}]
    assert json.loads(made[0]["body"])["lines"] == [{"sku": "sku-1"}]
    assert made[0] == Sampler(words=words).document(paths)


def test_files_have_the_format_of_their_ending() -> None:
    rows = [{"id": "a", "n": 1}, {"id": "b", "n": 2}]
    assert list(csv.DictReader(io.StringIO(content("x.csv", rows).decode())))[1] == {"id": "b", "n": "2"}
    assert [json.loads(line) for line in content("x.jsonl", rows).splitlines()] == rows
    assert json.loads(content("x", rows)) == rows
    with zipfile.ZipFile(io.BytesIO(content("x.zip", rows))) as archive:
        assert json.loads(archive.read("part-1.json")) == rows


@pytest.mark.parametrize(
    ("event", "type"),
    [
        ({"Records": [{"eventSource": "aws:sqs"}]}, "sqs"),
        ({"Records": [{"EventSource": "aws:sns", "Sns": {}}]}, "sns"),
        ({"detail-type": "a", "detail": {}}, "eventbridge"),
        ({"httpMethod": "GET"}, "apigateway"),
        ({"Records": []}, ""),
        ({}, ""),
    ],
)
def test_an_event_is_known_by_its_fields(event: Any, type: str) -> None:
    assert form_of(event) == type


def test_fixtures_are_found_below_the_root_and_nowhere_else(tmp_path: Path) -> None:
    for folder, name, text in (
        ("events", "one.json", '{"Records": [{"eventSource": "aws:sqs"}]}'),
        ("events", "bad.json", "{"),
        ("node_modules/x", "two.json", '{"Records": [{"eventSource": "aws:sqs"}]}'),
    ):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / name).write_text(text)
    (tmp_path / "events" / "link.json").symlink_to("/etc/hostname")
    assert [name for name, _ in events(tmp_path, "sqs")] == ["events/one.json"]
    assert [name for name, _ in files(tmp_path, ".json")] == ["events/bad.json", "events/one.json"]


def looked_for(service: str, operation: str, params: Any, **detail: Any) -> list[ApiCall]:
    """What is put there for a call that missed something."""
    log = [
        Happening(time=0, kind="call", who="f", detail={"service": service, "operation": operation, "params": params, **detail})
    ]
    return missing(log, Sampler(words=Vocabulary(keys={"f": ["name"]})))


def test_an_item_that_was_not_found_is_put_there() -> None:
    (call,) = looked_for("dynamodb", "GetItem", {"TableName": "t", "Key": {"id": {"S": "1"}}}, response={})
    assert call.params == {"TableName": "t", "Item": {"id": {"S": "1"}, "name": {"S": "name-1"}}}


def test_an_item_gets_what_a_condition_asks_for() -> None:
    update = {
        "TableName": "stock",
        "Key": {"sku": {"S": "1"}},
        "UpdateExpression": "SET available = available - :quantity",
        "ConditionExpression": "available >= :quantity AND #state = :open",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": {":quantity": {"N": "2"}, ":open": {"S": "OPEN"}},
    }
    item = {"sku": {"S": "1"}, "available": {"N": str(PLENTY)}, "state": {"S": "OPEN"}}
    (call,) = looked_for("dynamodb", "UpdateItem", update, error="ConditionalCheckFailedException")
    assert call.params["Item"] == item
    transaction = {"TransactItems": [{"Put": {"TableName": "t", "Item": {}}}, {"Update": update}]}
    (call,) = looked_for("dynamodb", "TransactWriteItems", transaction, error="TransactionCanceledException")
    assert call.params["Item"] == item


def test_an_object_a_parameter_and_a_secret_are_put_there() -> None:
    (put,) = looked_for("s3", "GetObject", {"Bucket": "b", "Key": "k.csv"}, error="NoSuchKey")
    assert put.params["Key"] == "k.csv" and put.params["Body"].startswith(b"name\n")
    assert [call.operation for call in looked_for("ssm", "GetParameter", {"Name": "/a"}, error="ParameterNotFound")] == [
        "PutParameter"
    ]
    secret = looked_for("secretsmanager", "GetSecretValue", {"SecretId": "a"}, error="ResourceNotFoundException")
    assert [call.operation for call in secret] == ["CreateSecret"]


def test_what_was_found_is_left_alone() -> None:
    assert looked_for("dynamodb", "GetItem", {"TableName": "t", "Key": {}}, response={"Item": {"id": {"S": "1"}}}) == []


CHOOSING = """
import { plans } from './plans.js'
export const handler = async (event) => {
  switch (event.kind) { case 'paid': return 1; case "lost": return 2 }
  const { allowed } = plans[event.plan]
  return allowed.includes(event.status)
}
"""
PLANS = "export const plans: Plans = {\n  Small: { allowed: ['new', 'late'] },\n  'very-large': { allowed: ['new'] },\n}\n"


def test_what_a_script_chooses_by_is_known(tmp_path: Path) -> None:
    """Cases of a `switch`, members of an object that is looked into, a list that must hold it; also of a module it imports."""
    (tmp_path / "src").mkdir()
    for name, text in (("app.ts", CHOOSING), ("plans.ts", PLANS), ("other.ts", "if (event.kind === 'never') stop()")):
        (tmp_path / "src" / name).write_text(text)
    entry = CodeFacts(function="app/F", readable=True, entry=Location("src/app.ts", 1))
    functions = (Function(id="app/F", address="F", stack="app", code="src"),)
    words = vocabulary(EventGraph(functions=functions, code={"app/F": entry}), tmp_path, ["app/F"], [])
    assert words.values["kind"] == ["paid", "lost"]
    assert words.values["plan"] == ["Small", "very-large"]
    assert words.values["status"] == ["new", "late"]


def test_what_a_stream_filter_names_is_the_attribute_not_its_type() -> None:
    words = facing(Vocabulary(), [{"dynamodb": {"NewImage": {"status": {"S": ["paid"]}}}}])
    assert words.values == {"status": ["paid"]}


def test_a_query_that_finds_nothing_has_an_item_put_there_with_the_keys_of_the_table() -> None:
    params = {
        "TableName": "orders",
        "KeyConditionExpression": "#d = :day",
        "ExpressionAttributeNames": {"#d": "day"},
        "ExpressionAttributeValues": {":day": {"S": "2026-01-31"}},
    }
    detail = {"service": "dynamodb", "operation": "Query", "params": params, "response": {"Items": []}}
    happening = Happening(time=0, kind="call", who="f", detail=detail)
    sampler = Sampler(words=Vocabulary(), keys={"orders": {"day": "S", "number": "N"}})
    (put,) = missing([happening], sampler)
    assert put.params["Item"]["day"] == {"S": "2026-01-31"}
    assert put.params["Item"]["number"] == {"N": "1"}
