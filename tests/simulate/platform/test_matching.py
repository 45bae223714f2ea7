"""Filters on real messages: what AWS's pages show, and the same as the law of the adapters' filters for whatever comes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.channels.envelope.test_filter_laws import ATTRIBUTES, OBJECTS, PATTERNS, POLICIES, expected, policy_expected
from untangle.channels.pattern import any_match, shape_of
from untangle.simulate.platform.matching import (
    UnreadableFilter,
    in_criteria,
    in_notification,
    in_policy,
    matches,
    seen_from_queue,
    seen_from_stream,
)

LAW = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
# EventBridge user guide, "Comparison operators for use in event patterns" and "Using arrays in event patterns".
EC2 = {
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2015-11-11T21:29:54Z",
    "detail": {
        "instance-id": "i-123",
        "state": "initializing",
        "name": None,
        "blank": "",
        "c-count": 5,
        "d-count": 8,
        "x-limit": 301.8,
        "file": "folder/red.PNG",
        "sourceIPAddress": "10.0.0.123",
        "resources": ["arn:a", "arn:b"],
        "rows": [{"sku": "a", "n": 1}, {"sku": "b", "n": 9}],
    },
}


@pytest.mark.parametrize(
    ("detail", "passes"),
    [
        ({"state": ["running", "initializing"]}, True),
        ({"state": ["Initializing"]}, False),
        ({"name": [None]}, True),
        ({"missing": [None]}, False),
        ({"blank": [""]}, True),
        ({"c-count": [5.0]}, True),
        ({"c-count": ["5"]}, False),
        ({"state": [{"prefix": "init"}]}, True),
        ({"file": [{"suffix": ".PNG"}]}, True),
        ({"file": [{"suffix": ".png"}]}, False),
        ({"file": [{"suffix": {"equals-ignore-case": ".png"}}]}, True),
        ({"file": [{"prefix": {"equals-ignore-case": "FOLDER"}}]}, True),
        ({"state": [{"equals-ignore-case": "INITIALIZING"}]}, True),
        ({"file": [{"wildcard": "folder/*.PNG"}]}, True),
        ({"file": [{"wildcard": "folder\\*"}]}, False),
        ({"state": [{"anything-but": "initializing"}]}, False),
        ({"state": [{"anything-but": ["stopped", "overloaded"]}]}, True),
        ({"x-limit": [{"anything-but": [100, 200, 300]}]}, True),
        ({"state": [{"anything-but": {"prefix": "init"}}]}, False),
        ({"state": [{"anything-but": {"suffix": ["a", "b"]}}]}, True),
        ({"file": [{"anything-but": {"wildcard": "*/red*"}}]}, False),
        ({"missing": [{"anything-but": "x"}]}, False),
        ({"c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}]}, True),
        ({"x-limit": [{"numeric": ["=", 3.018e2]}]}, True),
        ({"instance-id": [{"numeric": [">", 0]}]}, False),
        ({"sourceIPAddress": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"sourceIPAddress": [{"cidr": "10.0.1.0/24"}]}, False),
        ({"state": [{"exists": True}]}, True),
        ({"missing": [{"exists": False}]}, True),
        ({"rows": [{"exists": True}]}, False),
        ({"$or": [{"c-count": [{"numeric": [">", 5]}]}, {"d-count": [{"numeric": ["<", 10]}]}]}, True),
        ({"$or": [{"c-count": [9]}, {"d-count": [9]}]}, False),
        ({"state": ["initializing"], "$or": [{"c-count": [9]}, {"d-count": [8]}]}, True),
        ({"resources": ["arn:b"]}, True),
        ({"resources": ["arn:c"]}, False),
        ({"rows": {"sku": ["b"], "n": [9]}}, True),
        ({"rows": {"sku": ["a"], "n": [9]}}, False),
        ({"$or": [{"rows": {"n": [9]}}], "rows": {"sku": ["a"]}}, False),
        ({"state": [{"exists": False}, "initializing"]}, True),
    ],
)
def test_operators_as_eventbridge_documents_them(detail: dict[str, Any], passes: bool) -> None:
    assert matches({"source": ["aws.ec2"], "detail": detail}, EC2) is passes


@LAW
@given(PATTERNS, OBJECTS)
def test_any_pattern_on_any_event(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    assert matches(pattern, event) is expected(pattern, event)


@LAW
@given(POLICIES, ATTRIBUTES)
def test_any_policy_on_any_attributes(policy: dict[str, Any], attributes: dict[str, Any]) -> None:
    held = {name: _held(value) for name, value in attributes.items()}
    assert in_policy(policy, attributes, "x") is policy_expected(policy, held)


def _held(value: dict[str, Any]) -> Any:
    if value["DataType"] == "String.Array":
        return json.loads(value["StringValue"])
    return float(value["StringValue"]) if value["DataType"] == "Number" else value.get("StringValue", value.get("BinaryValue"))


@LAW
@given(PATTERNS, OBJECTS)
def test_what_is_said_of_shapes_holds_for_what_has_them(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    """`channels.pattern` says what a filter does to a message as far as it is known; here all of it is."""
    if "[" in json.dumps(event) or "exists" in json.dumps(pattern):
        return  # of an array it knows one shape for all its elements
    said = any_match((_tuples(pattern),), shape_of(_tuples(event))).verdict.value
    assert said in ("unknown", "passes" if matches(pattern, event) else "excluded")


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


# SNS guide, "Example message that matches..." of the page on filter policies.
ATTRIBUTES_SHOWN = {
    "customer_interests": {"DataType": "String.Array", "StringValue": '["soccer", "rugby", "hockey"]'},
    "store": {"DataType": "String", "StringValue": "example_corp"},
    "event": {"DataType": "String", "StringValue": "order_placed"},
    "price_usd": {"DataType": "Number", "StringValue": "210.75"},
}


@pytest.mark.parametrize(
    ("policy", "passes"),
    [
        ({"store": ["example_corp"], "event": [{"anything-but": "order_cancelled"}]}, True),
        ({"store": ["example_corp"], "event": ["order_cancelled"]}, False),
        ({"customer_interests": ["rugby", "football", "baseball"]}, True),
        ({"customer_interests": [{"anything-but": ["rugby", "tennis"]}]}, False),
        ({"price_usd": [{"numeric": [">=", 100]}]}, True),
        ({"price_usd": ["210.75"]}, False),
        ({"encrypted": [{"exists": False}]}, True),
        ({"MessageBody": {"a": {"b": ["c"]}}}, True),
        ({"MessageBody": {"a": ["c"]}}, False),
        (None, True),
        ({}, True),
    ],
)
def test_policies_as_sns_documents_them(policy: Any, passes: bool) -> None:
    assert in_policy(policy, ATTRIBUTES_SHOWN, '{"a": {"b": "c"}}') is passes


@pytest.mark.parametrize(("attributes", "body"), [(None, "text"), ({}, "[1]"), (ATTRIBUTES_SHOWN, "text")])
def test_no_policy_on_the_body_takes_what_is_no_object(attributes: Any, body: str) -> None:
    assert in_policy({"MessageBody": {"a": [{"exists": False}]}}, attributes, body) is False


def test_no_policy_takes_a_message_without_attributes() -> None:
    assert in_policy({"a": [{"exists": False}]}, {}, "text") is False


@pytest.mark.parametrize(
    ("pattern", "body", "passes"),
    [
        ({"body": {"t": ["yes"]}}, '{"t": "yes"}', True),
        ({"body": {"t": ["yes"]}}, '{"t": "no"}', False),
        ({"body": {"t": ["yes"]}}, "yes", False),
        ({"body": ["yes"]}, "yes", True),
        ({"body": ['{"t": "yes"}']}, '{"t": "yes"}', False),
        ({"messageAttributes": {"k": {"stringValue": ["v"]}}}, "x", True),
    ],
)
def test_criteria_on_a_queue(pattern: dict[str, Any], body: str, passes: bool) -> None:
    record = {"body": body, "messageAttributes": {"k": {"stringValue": "v", "dataType": "String"}}}
    assert in_criteria((pattern,), seen_from_queue(record)) is passes


@pytest.mark.parametrize(("data", "passes"), [(b'{"t": "yes"}', True), (b"yes", False), (b"\xff\xfe", False)])
def test_criteria_on_a_stream(data: bytes, passes: bool) -> None:
    record = {"partitionKey": "p", "data": base64.b64encode(data).decode()}
    assert in_criteria(({"data": {"t": ["yes"]}},), seen_from_stream(record)) is passes
    assert in_criteria(({"partitionKey": ["p"]},), seen_from_stream(record)) is True


def test_one_pattern_of_several_is_enough_and_none_is_none() -> None:
    assert in_criteria(({"a": [1]}, {"a": [2]}), {"a": 2})
    assert in_criteria(('{"a": [2]}',), {"a": 2})
    assert in_criteria(None, {"a": 2})


@pytest.mark.parametrize(
    ("filter", "passes"),
    [
        ({"events": ("s3:ObjectCreated:*",)}, True),
        ({"events": ("s3:ObjectCreated:Put",), "prefix": "in/", "suffix": ".csv"}, True),
        ({"events": ("s3:ObjectCreated:Copy",)}, False),
        ({"events": ("s3:ObjectRemoved:*",)}, False),
        ({"events": ("s3:ObjectCreated:*",), "prefix": "out/"}, False),
        ({"events": ("s3:ObjectCreated:*",), "suffix": ".txt"}, False),
        ({"anyOf": ({"prefix": "out/"}, {"prefix": "in/"})}, True),
        (None, True),
    ],
)
def test_notifications_of_a_bucket(filter: Any, passes: bool) -> None:
    assert in_notification(filter, "ObjectCreated:Put", "in/a b.csv") is passes


@pytest.mark.parametrize(
    "pattern",
    [
        {"k": "v"},
        {"k": [{"fuzzy": "v"}]},
        {"k": [{"numeric": ["~", 1]}]},
        {"k": [{"numeric": [">"]}]},
        {"k": [{"cidr": "10.0.0.0/99"}]},
        {"k": [{"prefix": 3}]},
        {"k": [{"prefix": "a", "suffix": "b"}]},
        {"$or": ["x"]},
        {"$or": [{"k": [n]} for n in range(40)], "a": {"$or": [{"k": [n]} for n in range(40)]}},
    ],
)
def test_what_aws_would_refuse_is_not_guessed(pattern: dict[str, Any]) -> None:
    with pytest.raises(UnreadableFilter, match=r"\w+ \w+"):
        matches(pattern, {"k": 1 if "numeric" in str(pattern) else "10.0.0.1", "a": {"k": 1}})
