"""A law of filters: what is compiled decides as an independent matcher does, for every operator and any event.

The matcher is written here, plainly, from the documentation (EventBridge "Comparison operators in event patterns" and "Array
matching", SNS "String value matching" and "Key matching", Lambda "Filter rule syntax"): one value is chosen of every array,
for all of the pattern alike, and each leaf of the pattern must hold on what was chosen. moto agrees where it knows enough:
it has no array consistency and takes numbers for booleans.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.machines import effect_event, evaluate
from untangle.channels.envelope import Unsupported, condition
from untangle.channels.envelope.pattern import POLICY, compile_pattern
from untangle.model.step import Stop
from untangle.model.value import Symbol, Value

MISSING = object()


# --- the independent matcher


def worlds(value: Any) -> Iterator[Any]:
    """The value with one element chosen of each array in it."""
    if isinstance(value, list):
        for element in value:
            yield from worlds(element)
        if not value:
            yield MISSING
    elif isinstance(value, dict):
        for chosen in itertools.product(*(list(worlds(inner)) for inner in value.values())):
            yield dict(zip(value, chosen, strict=True))
    else:
        yield value


def paths(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf with its path; arrays have no steps of their own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*way, key))
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, way)
    else:
        yield way, value


def expected(pattern: Mapping[str, Any], event: Any, *, policy: bool = False) -> bool:
    leaves = list(paths(event))
    return any(holds(pattern, world, leaves, (), policy) for world in worlds(event))


def holds(pattern: Mapping[str, Any], world: Any, leaves: list[Any], way: tuple[str, ...], policy: bool) -> bool:
    return all(_key(key, wanted, world, leaves, way, policy) for key, wanted in pattern.items())


def _key(key: str, wanted: Any, world: Any, leaves: list[Any], way: tuple[str, ...], policy: bool) -> bool:
    if key == "$or":
        return any(holds(option, world, leaves, way, policy) for option in wanted)
    value = world.get(key, MISSING) if isinstance(world, dict) else MISSING
    here = (*way, key)
    if isinstance(wanted, dict):
        return holds(wanted, value, leaves, here, policy)
    everything = [leaf for path, leaf in leaves if path == here]
    if policy:
        everything = [leaf for leaf in everything if leaf not in (None, "")]
    return any(_matcher(matcher, value, everything, policy) for matcher in wanted)


def _matcher(matcher: Any, value: Any, everything: list[Any], policy: bool) -> bool:
    if isinstance(matcher, dict) and "exists" in matcher:
        there = value is not MISSING and not isinstance(value, dict) and not (policy and value in (None, ""))
        return there if matcher["exists"] else not everything
    if value is MISSING or isinstance(value, dict):
        return False
    return one(matcher, value)


def one(matcher: Any, value: Any) -> bool:
    """One matcher on one value."""
    if not isinstance(matcher, dict):
        return same(matcher, value)
    ((operator, wanted),) = matcher.items()
    if operator == "anything-but":
        if isinstance(wanted, dict):
            ((inner, texts),) = wanted.items()
            return not any(one({inner: text}, value) for text in (texts if isinstance(texts, list) else [texts]))
        return not any(same(item, value) for item in (wanted if isinstance(wanted, list) else [wanted]))
    if operator == "numeric":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        compare = {"<": value.__lt__, "<=": value.__le__, ">": value.__gt__, ">=": value.__ge__, "=": value.__eq__}
        return all(compare[sign](number) is True for sign, number in zip(wanted[::2], wanted[1::2], strict=True))
    if not isinstance(value, str):
        return False
    if operator in ("prefix", "suffix"):
        if isinstance(wanted, dict):
            value, wanted = value.lower(), wanted["equals-ignore-case"].lower()
        return value.startswith(wanted) if operator == "prefix" else value.endswith(wanted)
    if operator == "equals-ignore-case":
        return value.lower() == str(wanted).lower()
    if operator == "cidr":
        try:
            return ipaddress.ip_address(value) in ipaddress.ip_network(wanted)
        except ValueError:
            return False
    assert operator == "wildcard", operator
    return glob(tokens(wanted), value)


def same(wanted: Any, value: Any) -> bool:
    return type(wanted) is type(value) and wanted == value if isinstance(wanted, bool | str) else wanted == value


def tokens(wanted: str) -> list[str]:
    """Characters, those that stand for themselves with `=` before them."""
    found, rest = [], iter(wanted)
    for character in rest:
        if character == "\\":
            found.append("=" + next(rest, "\\"))
        else:
            found.append("*" if character == "*" else "=" + character)
    return found


def glob(wanted: list[str], text: str) -> bool:
    if not wanted:
        return not text
    if wanted[0] == "*":
        return any(glob(wanted[1:], text[index:]) for index in range(len(text) + 1))
    return bool(text) and text[0] == wanted[0][1] and glob(wanted[1:], text[1:])


# --- patterns and events of few names and values, so that they meet

TEXTS = st.sampled_from(
    ["a", "b", "ab", "Ab", "b/a", "it's", 'q"', "a*b", "a\\b", "é", "", "10.0.0.9", "10.0.1.9", "10.0.0.300", "x\ny", "5"]
)
NUMBERS = st.sampled_from([2, 3, 4, -2, 2.5, 300])
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none())
KEYS = st.sampled_from(["k", "and", "a-b", "m"])
EVENTS = st.recursive(
    st.one_of(SCALARS, st.lists(SCALARS, min_size=1, max_size=2)),
    lambda inner: st.one_of(
        st.dictionaries(KEYS, inner, min_size=1, max_size=3),
        st.lists(st.dictionaries(KEYS, inner, min_size=1, max_size=2), min_size=1, max_size=2),
    ),
    max_leaves=6,
)
WILDCARDS = st.sampled_from(["a*", "*b", "*", "a\\*b", "a\\\\*", "*/a", "it*", "x*y", "a*b*"])
TEXT_OPERATORS = st.one_of(
    st.builds(lambda kind, text: {kind: text}, st.sampled_from(["prefix", "suffix", "equals-ignore-case"]), TEXTS),
    st.builds(lambda kind, text: {kind: {"equals-ignore-case": text}}, st.sampled_from(["prefix", "suffix"]), TEXTS),
    st.builds(lambda text: {"wildcard": text}, WILDCARDS),
)
MATCHERS = st.one_of(
    SCALARS,
    TEXT_OPERATORS,
    st.builds(lambda on: {"exists": on}, st.booleans()),
    st.builds(lambda sign, n: {"numeric": [sign, n]}, st.sampled_from(["<", "<=", ">", ">=", "="]), NUMBERS),
    st.builds(lambda a, b: {"numeric": [">", min(a, b), "<=", max(a, b)]}, NUMBERS, NUMBERS),
    st.builds(lambda net: {"cidr": net}, st.sampled_from(["10.0.0.0/24", "10.0.0.0/16", "10.0.0.9/32"])),
    st.builds(lambda items: {"anything-but": items}, st.one_of(TEXTS, NUMBERS, st.lists(st.one_of(TEXTS, NUMBERS), min_size=1))),
    st.builds(
        lambda kind, texts: {"anything-but": {kind: texts}},
        st.sampled_from(["prefix", "suffix", "equals-ignore-case"]),
        st.one_of(TEXTS, st.lists(TEXTS, min_size=1, max_size=2)),
    ),
    st.builds(lambda text: {"anything-but": {"wildcard": text}}, WILDCARDS),
)
LEAF = st.lists(MATCHERS, min_size=1, max_size=3)
PATTERNS = st.recursive(
    st.dictionaries(KEYS, LEAF, min_size=1, max_size=3),
    lambda inner: st.one_of(
        st.dictionaries(KEYS, st.one_of(LEAF, inner), min_size=1, max_size=2),
        st.builds(lambda one, two: {"$or": [{"k": one}, {"m": two}]}, LEAF, st.one_of(LEAF, inner)),
    ),
    max_leaves=4,
)
OBJECTS = st.dictionaries(KEYS, EVENTS, min_size=1, max_size=3)
LAW = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@LAW
@given(PATTERNS, OBJECTS)
def test_event_patterns(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    if "null" in json.dumps(event) and "anything-but" in json.dumps(pattern):
        return  # jsonata-python: null != 'a' is false, for JSONata itself it is true
    found = evaluate(compile_pattern(pattern, "$states.input"), {"input": event})
    assert found is expected(pattern, event)


@LAW
@given(PATTERNS, OBJECTS)
def test_moto_agrees_where_it_knows_enough(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    from moto.events.models import EventPattern

    if any(isinstance(value, list | bool) for value in event.values()) or "[{" in json.dumps(event):
        return  # it has no array consistency, and True is 1 for it
    assert expected(pattern, event) is EventPattern("", pattern).matches_event(event)


NETWORKS = st.builds(
    lambda number, size: str(ipaddress.IPv6Network((number, size), strict=False)),
    st.one_of(st.integers(0, 2**128 - 1), st.sampled_from([0, 1, 0x20010DB8 << 96, (0xFD << 120) + 7])),
    st.integers(0, 128),
)
SPELLINGS = st.sampled_from(["compressed", "exploded", "upper"])


@LAW
@given(NETWORKS, st.integers(0, 2**128 - 1), st.booleans(), SPELLINGS)
def test_ranges_of_ipv6_addresses(network: str, number: int, inside: bool, spelling: str) -> None:
    range_ = ipaddress.IPv6Network(network)
    number = int(range_.network_address) + number % range_.num_addresses if inside else number
    address = ipaddress.IPv6Address(number)
    text = {"compressed": address.compressed, "exploded": address.exploded, "upper": address.compressed.upper()}[spelling]
    if "." in text:
        return  # an IPv4 address at its end
    found = evaluate(compile_pattern({"k": [{"cidr": network}]}, "$states.input"), {"input": {"k": text}})
    assert found is (address in range_)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8:9",
        "::12345",
        "::g",
        "10.0.0.9",
        "::1%eth0",
    ],
)
def test_what_is_no_ipv6_address_is_in_no_range(text: str) -> None:
    assert evaluate(compile_pattern({"k": [{"cidr": "::/0"}]}, "$states.input"), {"input": {"k": text}}) is False


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param({"k": ({"exists": Symbol("flag")},)}, id="whether it exists"),
        pytest.param({"$or": ({"k": ("a",)}, Symbol("other"))}, id="an alternative"),
        pytest.param({"$or": ()}, id="no alternative"),
        pytest.param({"k": ({"prefix": Symbol("start")},)}, id="a prefix"),
        pytest.param({"k": (Symbol("value"),)}, id="a value"),
        pytest.param({"k": Symbol("values")}, id="all values"),
    ],
)
def test_what_is_not_known_is_not_guessed(pattern: dict[str, Value]) -> None:
    with pytest.raises(Unsupported):
        compile_pattern(pattern, "$states.input")


@pytest.mark.parametrize(("text", "passes"), [("true", True), ("false", False)])
def test_a_switch_that_a_template_holds_as_text(text: str, passes: bool) -> None:
    assert evaluate(compile_pattern({"k": [{"exists": text}]}, "$states.input"), {"input": {"k": "v"}}) is passes


@pytest.mark.parametrize(
    "matcher", [{"cidr": "10.0.0.0/40"}, {"numeric": ["!", 3]}, {"fuzzy": "a"}, {"prefix": 3}, {"anything-but": {"cidr": "x"}}]
)
def test_what_cannot_be_compiled_says_what_it_is(matcher: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match=r"\w+ \w+"):
        compile_pattern({"k": [matcher]}, "$states.input")


# --- SNS: the policy is held against the attributes or against the body

ATTRIBUTES = st.dictionaries(
    KEYS,
    st.one_of(
        st.builds(lambda text: {"DataType": "String", "StringValue": text}, TEXTS.filter(bool)),
        st.builds(lambda n: {"DataType": "Number", "StringValue": str(n)}, NUMBERS),
        st.builds(
            lambda items: {"DataType": "String.Array", "StringValue": json.dumps(items)},
            st.lists(st.one_of(TEXTS, NUMBERS, st.booleans(), st.none()), min_size=1, max_size=2),
        ),
        st.just({"DataType": "Binary", "BinaryValue": "AAE="}),
    ),
    max_size=3,
)
POLICIES = st.dictionaries(KEYS, LEAF, min_size=1, max_size=2)


def topic(filter: Value) -> tuple[Stop, ...]:
    return (Stop(channel="Topic", type="sns", filter=filter),)


def lets_pass(way: tuple[Stop, ...], params: Mapping[str, Any]) -> bool:
    text = condition(way, lambda node, attribute: node)
    assert text is not None
    effect = {"id": "r#0", "params": params, "response": {"MessageId": "m"}, "at": "2026-01-01T00:00:00.000Z"}
    found = effect_event(text, effect)
    assert isinstance(found, bool)
    return found


def policy_expected(policy: Mapping[str, Any], message: Mapping[str, Any]) -> bool:
    """SNS on flat messages: `anything-but` refuses an array of which any element is listed."""
    return bool(message) and all(_field(matchers, message.get(key, MISSING)) for key, matchers in policy.items())


def _field(matchers: list[Any], value: Any) -> bool:
    values = [] if value is MISSING else value if isinstance(value, list) else [value]
    for matcher in matchers:
        if isinstance(matcher, dict) and "exists" in matcher:
            passes = any(item not in (None, "") for item in values) is matcher["exists"]
        elif isinstance(matcher, dict) and "anything-but" in matcher:
            passes = bool(values) and all(one(matcher, item) for item in values)
        else:
            passes = any(one(matcher, item) for item in values)
        if passes:
            return True
    return False


def seen(attribute: Mapping[str, str]) -> Any:
    """A message attribute as a policy sees it."""
    if attribute["DataType"] == "Number":
        return json.loads(attribute["StringValue"])
    return json.loads(attribute["StringValue"]) if attribute["DataType"] == "String.Array" else attribute["StringValue"]


@LAW
@given(POLICIES, ATTRIBUTES)
def test_policies_on_message_attributes(policy: dict[str, Any], attributes: dict[str, Any]) -> None:
    message = {name: seen(value) for name, value in attributes.items() if value["DataType"] != "Binary"}
    params = {"Message": "x", "MessageAttributes": attributes}
    assert lets_pass(topic(policy), params) is policy_expected(policy, message)


# jsonata-python takes the nulls out of what a function gives: the bodies that `$parse` reads have none here
KNOWN = st.one_of(TEXTS, NUMBERS, st.booleans())
FLAT = st.dictionaries(KEYS, st.one_of(KNOWN, st.lists(KNOWN, min_size=1, max_size=2)), min_size=1, max_size=3)


@LAW
@given(POLICIES, FLAT)
def test_policies_on_the_body(policy: dict[str, Any], body: dict[str, Any]) -> None:
    params = {"Message": json.dumps(body)}
    assert lets_pass(topic({"MessageBody": policy}), params) is policy_expected(policy, body)


@pytest.mark.parametrize("message", ["plain text", "{not closed", "5", '"text"', ""])
def test_a_body_that_is_no_json_object_is_refused_and_breaks_nothing(message: str) -> None:
    assert lets_pass(topic({"MessageBody": {"k": [{"exists": False}]}}), {"Message": message}) is False


# --- event source mappings: the record is filtered, its body parsed where it is JSON


@LAW
@given(st.lists(PATTERNS, min_size=1, max_size=2), OBJECTS)
def test_criteria_on_a_queue(patterns: list[dict[str, Any]], body: dict[str, Any]) -> None:
    if "null" in json.dumps(body):
        return
    way = (Stop(channel="Queue", type="sqs", filter=tuple({"body": pattern} for pattern in patterns)),)
    found = lets_pass(way, {"MessageBody": json.dumps(body)})
    assert found is any(expected({"body": pattern}, {"body": body}) for pattern in patterns)


@LAW
@given(PATTERNS, st.dictionaries(KEYS, st.builds(lambda text: {"S": text}, TEXTS), min_size=1, max_size=3))
def test_criteria_on_a_stream(pattern: dict[str, Any], image: dict[str, Any]) -> None:
    typed = {key: {"S": wanted} if isinstance(wanted, list) else wanted for key, wanted in pattern.items() if key != "$or"}
    settings = {"key_names": ("k",), "stream_view": "NEW_IMAGE"}
    way = (Stop(channel="T", type="dynamodb_stream", filter=({"dynamodb": {"NewImage": typed}},), settings=settings),)
    effect = {"id": "r#0", "op": "PutItem", "params": {"Item": image}, "response": {}, "at": "2026-01-01T00:00:00.000Z"}
    text = condition(way, lambda node, attribute: "a:b:c:d:e")
    assert text is not None
    assert effect_event(text, effect) is expected({"x": typed}, {"x": image})


# --- the documented examples

SHOP = {"store": "example_corp", "customer_interests": ["rugby", "baseball"], "price_usd": 210.75}
INSTANCES = {"detail": {"instances": [{"id": "a", "state": "up"}, {"id": "b", "state": "down"}]}}


@pytest.mark.parametrize(
    ("policy", "passes"),
    [
        ({"customer_interests": ("rugby", "tennis")}, True),
        ({"customer_interests": ({"anything-but": ("rugby", "tennis")},)}, False),
        ({"customer_interests": ({"anything-but": ("soccer", "tennis")},)}, True),
        ({"customer_interests": ({"prefix": "bas"},)}, True),
        ({"customer_interests": ({"suffix": "ball"},)}, True),
        ({"price_usd": ({"numeric": (">", 100, "<=", 300)},)}, True),
        ({"price_usd": ({"anything-but": (100, 210.75)},)}, False),
        ({"store": ({"exists": True},)}, True),
        ({"encrypted": ({"exists": False},)}, True),
        ({"encrypted": (False, {"exists": False})}, True),
        ({"store": ({"equals-ignore-case": "EXAMPLE_CORP"},)}, True),
        ({"store": ("example_corp",), "price_usd": ({"numeric": ("<", 0)},)}, False),
        ({"store": ("example_corp",), "$or": ({"price_usd": (1,)}, {"customer_interests": ("rugby",)})}, True),
    ],
)
def test_documented_policies(policy: Mapping[str, Value], passes: bool) -> None:
    assert evaluate(compile_pattern(policy, "$states.input", POLICY), {"input": SHOP}) is passes


@pytest.mark.parametrize(
    ("pattern", "passes"),
    [
        ({"detail": {"instances": {"id": ("b",), "state": ("down",)}}}, True),
        ({"detail": {"instances": {"id": ("a",), "state": ("down",)}}}, False),
        ({"detail": {"instances": {"id": ("a",), "zone": ({"exists": False},)}}}, True),
        ({"detail": {"instances": {"id": ("a",), "state": ({"exists": False},)}}}, False),
        ({"detail": {"instances": ({"exists": True},)}}, False),
        ({"detail": ({"exists": False},)}, True),
        ({"detail": {"gone": {"id": ({"exists": False},), "state": ({"exists": False},)}}}, True),
    ],
)
def test_arrays_of_objects(pattern: Mapping[str, Value], passes: bool) -> None:
    """EventBridge "Arrays in event patterns": conditions below one array are about one element; `exists` is about leaves."""
    assert evaluate(compile_pattern(pattern, "$states.input"), {"input": INSTANCES}) is passes
