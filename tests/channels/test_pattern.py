"""Event patterns, operator by operator, against messages of which some parts are not known."""

from __future__ import annotations

import pytest

from untangle.channels.channel import Verdict
from untangle.channels.pattern import any_match, json_shape, matches, shape_of
from untangle.model.shape import ANYTHING, Shape
from untangle.model.value import Concat, Either, Env, Symbol, Value

PASSES, UNKNOWN, EXCLUDED = Verdict.PASSES, Verdict.UNKNOWN, Verdict.EXCLUDED
MESSAGE: Value = {
    "kind": "order",
    "id": Concat(("order-", Symbol("id"))),
    "total": 40,
    "text": "40",
    "paid": True,
    "note": None,
    "tags": ("new",),
    "state": Either(("open", "closed")),
    "free": Env("FREE"),
    "ip": "10.0.0.9",
    "file": "Img.PNG",
    "customer": {"tier": "gold"},
}


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        # exact
        ({"kind": ["order"]}, PASSES),
        ({"kind": ["refund"]}, EXCLUDED),
        ({"kind": ["refund", "order"]}, PASSES),
        ({"total": [40]}, PASSES),
        ({"total": [41]}, EXCLUDED),
        ({"total": ["40"]}, EXCLUDED),
        ({"text": [40]}, EXCLUDED),
        ({"paid": [True]}, PASSES),
        ({"paid": [1]}, EXCLUDED),
        ({"note": [None]}, PASSES),
        ({"kind": [None]}, EXCLUDED),
        ({"missing": [None]}, EXCLUDED),
        ({"free": ["x"]}, UNKNOWN),
        ({"state": ["open"]}, UNKNOWN),
        ({"state": ["open", "closed"]}, PASSES),
        ({"state": ["gone"]}, EXCLUDED),
        ({"tags": ["new"]}, PASSES),
        ({"tags": ["old"]}, EXCLUDED),
        ({"customer": {"tier": ["gold"]}}, PASSES),
        ({"customer": {"tier": ["silver"]}}, EXCLUDED),
        ({"customer": {"name": ["Ann"]}}, EXCLUDED),
        ({"kind": {"deeper": ["x"]}}, EXCLUDED),
        # text
        ({"id": [{"prefix": "order-"}]}, PASSES),
        ({"id": [{"prefix": "refund-"}]}, EXCLUDED),
        ({"id": [{"suffix": "-7"}]}, UNKNOWN),
        ({"file": [{"suffix": ".png"}]}, EXCLUDED),
        ({"file": [{"suffix": {"equals-ignore-case": ".png"}}]}, PASSES),
        ({"file": [{"prefix": {"equals-ignore-case": "img"}}]}, PASSES),
        ({"file": [{"equals-ignore-case": "img.png"}]}, PASSES),
        ({"file": [{"wildcard": "I*.P*"}]}, PASSES),
        ({"file": [{"wildcard": "J*"}]}, EXCLUDED),
        ({"total": [{"prefix": "4"}]}, EXCLUDED),
        # negation
        ({"kind": [{"anything-but": "order"}]}, EXCLUDED),
        ({"kind": [{"anything-but": ["refund", "return"]}]}, PASSES),
        ({"kind": [{"anything-but": {"prefix": "or"}}]}, EXCLUDED),
        ({"kind": [{"anything-but": {"suffix": ["x", "y"]}}]}, PASSES),
        ({"kind": [{"anything-but": {"wildcard": "*der"}}]}, EXCLUDED),
        ({"free": [{"anything-but": "x"}]}, UNKNOWN),
        ({"missing": [{"anything-but": "x"}]}, EXCLUDED),
        ({"total": [{"anything-but": 41}]}, PASSES),
        # numbers
        ({"total": [{"numeric": [">", 0, "<=", 40]}]}, PASSES),
        ({"total": [{"numeric": ["<", 40]}]}, EXCLUDED),
        ({"total": [{"numeric": ["=", 40]}]}, PASSES),
        ({"text": [{"numeric": [">", 0]}]}, EXCLUDED),
        ({"free": [{"numeric": [">", 0]}]}, UNKNOWN),
        # presence
        ({"kind": [{"exists": True}]}, PASSES),
        ({"kind": [{"exists": False}]}, EXCLUDED),
        ({"missing": [{"exists": False}]}, PASSES),
        ({"missing": [{"exists": True}]}, EXCLUDED),
        ({"total": [{"exists": False}, 40]}, PASSES),
        # addresses
        ({"ip": [{"cidr": "10.0.0.0/24"}]}, PASSES),
        ({"ip": [{"cidr": "10.0.1.0/24"}]}, EXCLUDED),
        ({"kind": [{"cidr": "10.0.1.0/24"}]}, EXCLUDED),
        # alternatives and all
        ({"$or": [{"kind": ["refund"]}, {"total": [40]}]}, PASSES),
        ({"$or": [{"kind": ["refund"]}, {"total": [41]}]}, EXCLUDED),
        ({"kind": ["order"], "free": ["x"]}, UNKNOWN),
        ({"kind": ["refund"], "free": ["x"]}, EXCLUDED),
        ({}, PASSES),
        # what no document knows is never an exclusion
        ({"kind": [{"sounds-like": "order"}]}, UNKNOWN),
    ],
)
def test_matches(pattern: object, verdict: Verdict) -> None:
    assert matches(tuples(pattern), shape_of(MESSAGE)).verdict is verdict


def test_the_reason_names_what_is_sent_and_what_is_wanted() -> None:
    assert matches({"kind": ("refund",)}, shape_of(MESSAGE)).why == "kind is order, the rule wants [refund]"
    assert matches({"gone": ("x",)}, shape_of(MESSAGE)).why == "gone is not sent, the rule wants [x]"
    assert matches({"free": ("x",)}, shape_of(MESSAGE)).why == "free is known only at run time; the rule wants [x]"


def test_an_open_message_may_hold_anything_more() -> None:
    message = Shape(kind="object", properties={"kind": shape_of("order")}, open=True)
    assert matches({"other": ("x",)}, message).verdict is UNKNOWN
    assert matches({"other": ({"exists": True},)}, message).verdict is UNKNOWN
    assert matches({"other": ({"exists": False},)}, message).verdict is UNKNOWN
    assert matches({"kind": ("refund",)}, message).verdict is EXCLUDED


def test_a_message_of_which_nothing_is_known() -> None:
    assert matches({"detail": {"kind": ("order",)}}, ANYTHING).verdict is UNKNOWN


def test_of_several_patterns_one_must_match() -> None:
    patterns = ({"kind": ("refund",)}, {"kind": ("order",)})
    assert any_match(patterns, shape_of(MESSAGE)).verdict is PASSES
    assert any_match(patterns[:1], shape_of(MESSAGE)).verdict is EXCLUDED
    assert any_match((), shape_of(MESSAGE)).verdict is PASSES


def test_a_pattern_that_cannot_be_read_excludes_nothing() -> None:
    assert matches(None, shape_of(MESSAGE)).verdict is UNKNOWN


def test_a_body_that_is_json_text_is_taken_as_what_it_holds() -> None:
    assert matches({"kind": ("order",)}, json_shape(shape_of('{"kind": "order"}'))).verdict is PASSES
    assert matches({"kind": ("order",)}, json_shape(Shape(kind="string"))).verdict is UNKNOWN
    assert matches({"kind": ("order",)}, json_shape(shape_of("plain words"))).verdict is EXCLUDED


def test_depth_ends_somewhere() -> None:
    pattern: Value = ("x",)
    for _ in range(5000):
        pattern = {"a": pattern}
    assert matches(pattern, ANYTHING).verdict is UNKNOWN
    assert json_shape(shape_of("[" * 100_000)).kind == "string"


def tuples(data: object) -> Value:
    """JSON as the model holds it."""
    if isinstance(data, dict):
        return {key: tuples(inner) for key, inner in data.items()}
    return tuple(tuples(inner) for inner in data) if isinstance(data, list) else data  # type: ignore[return-value]
