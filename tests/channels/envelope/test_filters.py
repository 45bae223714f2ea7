"""Filters as JSONata: the documented operators, each with what it lets pass and what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.machines import evaluate
from untangle.channels.envelope.form import Unsupported
from untangle.channels.envelope.pattern import compile_pattern

EVENT = {
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "detail": {
        "state": "ready",
        "count": 4,
        "text": "4",
        "tags": ["x", "y"],
        "ip": "10.0.0.9",
        "file": "Img/a.PNG",
        "flag": False,
        "quote": "it's",
        "items": [{"sku": "a"}, {"sku": "b"}],
        "and": 1,
    },
}


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any] = EVENT) -> bool:
    found = evaluate(compile_pattern(pattern, "$states.input"), {"input": event})
    assert isinstance(found, bool)
    return found


@pytest.mark.parametrize(
    ("field", "matchers", "passes"),
    [
        ("state", ["ready"], True),
        ("state", ["steady", "ready"], True),
        ("state", ["Ready"], False),
        ("count", [4], True),
        ("count", ["4"], False),
        ("text", [4], False),
        ("flag", [False], True),
        ("quote", ["it's"], True),
        ("tags", ["y"], True),
        ("tags", ["z"], False),
        ("and", [1], True),
        ("missing", ["x"], False),
        ("state", [{"prefix": "re"}], True),
        ("state", [{"prefix": "Re"}], False),
        ("state", [{"prefix": {"equals-ignore-case": "RE"}}], True),
        ("file", [{"suffix": ".PNG"}], True),
        ("file", [{"suffix": {"equals-ignore-case": ".png"}}], True),
        ("file", [{"suffix": "xxxxxxxxxxxxx.PNG"}], False),
        ("file", [{"wildcard": "Img/*.P*G"}], True),
        ("file", [{"wildcard": "Img/*.J*G"}], False),
        ("state", [{"equals-ignore-case": "READY"}], True),
        ("state", [{"anything-but": "ready"}], False),
        ("state", [{"anything-but": ["a", "b"]}], True),
        ("state", [{"anything-but": {"prefix": "re"}}], False),
        ("state", [{"anything-but": {"suffix": "xx"}}], True),
        ("state", [{"anything-but": {"wildcard": "r*y"}}], False),
        ("state", [{"anything-but": {"equals-ignore-case": ["READY", "x"]}}], False),
        ("missing", [{"anything-but": "x"}], False),
        ("count", [{"anything-but": 5}], True),
        ("count", [{"numeric": [">", 0, "<=", 4]}], True),
        ("count", [{"numeric": ["<", 4]}], False),
        ("count", [{"numeric": ["=", 4]}], True),
        ("text", [{"numeric": [">", 0]}], False),
        ("ip", [{"cidr": "10.0.0.0/24"}], True),
        ("ip", [{"cidr": "10.0.1.0/24"}], False),
        ("state", [{"cidr": "10.0.1.0/24"}], False),
        ("missing", [{"exists": False}], True),
        ("state", [{"exists": False}], False),
        ("state", [{"exists": True}], True),
        ("count", [{"exists": False}, 4], True),
    ],
)
def test_operators(field: str, matchers: list[Any], passes: bool) -> None:
    assert matches({"detail": {field: matchers}}) is passes


@pytest.mark.parametrize(
    ("pattern", "passes"),
    [
        ({"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}, True),
        ({"source": ["aws.ec2"], "detail": {"state": ["gone"]}}, False),
        ({"detail": {"$or": [{"count": [9]}, {"state": ["ready"]}]}}, True),
        ({"detail": {"$or": [{"count": [9]}, {"state": ["gone"]}]}}, False),
        ({"detail": {"items": {"sku": ["b"]}}}, True),
        ({"detail": {"items": {"sku": ["c"]}}}, False),
    ],
)
def test_patterns(pattern: Mapping[str, Any], passes: bool) -> None:
    assert matches(pattern) is passes


@pytest.mark.parametrize(
    ("matcher", "words"),
    [
        ({"cidr": "nowhere"}, "address range"),
        ({"sounds-like": "x"}, "sounds-like"),
        ({"numeric": [">"]}, "range"),
    ],
)
def test_what_cannot_be_compiled_is_named(matcher: Mapping[str, Any], words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        compile_pattern({"detail": {"x": [matcher]}}, "$states.input")


@pytest.mark.parametrize("key", ["x", "$or"])
def test_a_pattern_without_end_is_refused(key: str) -> None:
    pattern: Any = {"x": ["y"]}
    for _ in range(5000):
        pattern = {key: [pattern] if key == "$or" else pattern}
    with pytest.raises(Unsupported, match="levels"):
        compile_pattern(pattern, "$states.input")


def test_a_leaf_that_is_no_list_is_not_guessed() -> None:
    with pytest.raises(Unsupported, match="list"):
        compile_pattern({"source": "shop"}, "$states.input")
