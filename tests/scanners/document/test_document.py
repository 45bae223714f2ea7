"""YAML and JSON with lines, and what is wrong in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from untangle.scanners.document import Map, Seq, read_document
from untangle.scanners.document.node import MAX_DEPTH

YAML = b"""\
# a comment
first: 1
second:
  - a
  - b: &anchor
      c: [d,
          e]
third: *anchor
"""
JSON = b"""\

{"first": 1,
 "second": [
  "a",
  {"b": {
      "c": ["d",
            "e"]}}],
 "third": {"c": ["d", "e"]}}
"""


@pytest.mark.parametrize(
    "data", [YAML, JSON, YAML.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + YAML, JSON.decode().encode("utf-16")]
)
def test_every_key_and_item_has_its_line(data: bytes) -> None:
    document = read_document(data)
    root = document.root
    assert not document.faults
    assert root == {"first": 1, "second": ["a", {"b": {"c": ["d", "e"]}}], "third": {"c": ["d", "e"]}}
    assert isinstance(root, Map)
    assert root.lines == {"first": 2, "second": 3, "third": 8}
    assert root["second"].lines == [4, 5]
    assert root["second"][1].lines == {"b": 5}
    assert root["second"][1]["b"].lines == {"c": 6}
    assert root["second"][1]["b"]["c"].lines == [6, 7]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub '${A}'", {"Fn::Sub": "${A}"}),
        ("!If [A, !Ref B, {c: !Not [d]}]", {"Fn::If": ["A", {"Ref": "B"}, {"c": {"Fn::Not": ["d"]}}]}),
        ("!Transform {Name: N}", {"Fn::Transform": {"Name": "N"}}),
        ("! plain", "plain"),
    ],
)
def test_short_tags_come_in_long_form(short: str, long: object) -> None:
    document = read_document(f"x: {short}".encode())
    assert document.root == {"x": long}
    assert not document.faults


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("404: a", {"404": "a"}),
        ("on: push", {"on": "push"}),
        ("~: a", {"~": "a"}),
        ("x: {{ name }}", {"x": {"{name}": None}}),
        ("? [a, b]\n: c", {"[a, b]": "c"}),
        ("base: &b {a: 1, c: 2}\nx: {<<: *b, c: 3}", {"base": {"a": 1, "c": 2}, "x": {"a": 1, "c": 3}}),
        ("x: {<<: [{a: 1}, {a: 2, b: 3}]}", {"x": {"a": 1, "b": 3}}),
        ("a: 1\n---\nb: 2\n", {"a": 1}),
        ("", None),
        ("just text", "just text"),
        ('{"a": 1,}', {"a": 1}),
        ("x: " + "9" * 5000, {"x": "9" * 5000}),
        ('{"x": ' + "9" * 30 + "}", {"x": "9" * 30}),
        ('{"x": 1e999, "y": NaN, "z": -1.5e3}', {"x": "1e999", "y": "NaN", "z": -1500.0}),
        ('{"a\\u00e9\\"b": "\\ud83d\\ude00\\n"}', {'aé"b': "\U0001f600\n"}),
        ('{"a"\n:\n"b", "c": {}, "d": []}', {"a": "b", "c": {}, "d": []}),
    ],
)
def test_oddities(text: str, root: object) -> None:
    assert read_document(text.encode()).root == root


FAULTS = [
    ("a: 1\nb: 2\na: 3\n", "template-duplicate-key", 3, {"a": 3, "b": 2}),
    ('{"a": 1,\n "b": 2,\n "a": 3}', "template-duplicate-key", 3, {"a": 3, "b": 2}),
    ("x:\n  y: !Vault secret\n", "template-unknown-tag", 2, {"x": {"y": "secret"}}),
    ("a: &x [1, *x]\n", "template-syntax", 1, {"a": [1, None]}),
    ("a: *nowhere\n", "template-syntax", 1, {"a": None}),
    (b"a: 1\nb: caf\xe9\n", "template-encoding", 2, {"a": 1, "b": "caf\N{REPLACEMENT CHARACTER}"}),
    (b"a: 1\nb: x\x00\n", "template-encoding", 2, {"a": 1, "b": "x\N{REPLACEMENT CHARACTER}"}),
    ("a: 1\nb: [1,\nc: }\n", "template-syntax", 3, None),
    ("a: 1\n\tb: 2\n", "template-syntax", 2, None),
    ("a: 'open\n\nb: 2\n", "template-syntax", 4, None),
    ('{"a": 1}\n// no comment', "template-syntax", 2, None),
    ('{"a": 1\n "b": 2}', "template-syntax", 2, None),
    ("a: " + "[" * 5000, "template-too-deep", 1, None),
    ('{"a":' * 5000 + "1" + "}" * 5000, "template-too-deep", 1, None),
    ("[" * 300_000 + "]" * 300_000, "template-too-deep", 1, None),
    ("\n".join("  " * i + f"k{i}:" for i in range(500)), "template-too-deep", MAX_DEPTH + 1, None),
]


@pytest.mark.parametrize(("text", "rule", "line", "root"), FAULTS)
def test_what_is_wrong_has_a_rule_and_a_line(text: str | bytes, rule: str, line: int, root: object) -> None:
    document = read_document(text.encode() if isinstance(text, str) else text)
    assert [(fault.rule, fault.line) for fault in document.faults] == [(rule, line)]
    assert document.root == root
    assert document.broken is (root is None)


def test_aliases_are_shared_until_they_would_explode() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    small = read_document("\n".join(lines[:4]).encode())
    assert not small.faults
    assert small.root["a3"][0] is small.root["a2"]  # type: ignore[index,call-overload]
    bomb = read_document("\n".join(lines).encode())
    assert bomb.broken
    assert [fault.rule for fault in bomb.faults] == ["template-alias-bomb"]


def test_aliases_count_as_deep_as_they_reach() -> None:
    lines = [f"a0: &a0 {'[' * 60}{']' * 60}", f"a1: {'[' * 20}*a0{']' * 20}", f"a2: &a2 {'[' * 30}*a0{']' * 30}"]
    assert not read_document("\n".join(lines).encode()).faults
    deep = read_document("\n".join([*lines, "a3: [[[[[[[[[[*a2]]]]]]]]]]"]).encode())
    assert [(fault.rule, fault.line) for fault in deep.faults] == [("template-too-deep", 4)]


def test_ten_megabytes_of_json_are_read_with_lines() -> None:
    resources = {f"R{i}": {"Type": "AWS::SQS::Queue", "Properties": {"A": ["x" * 400, i]}} for i in range(20_000)}
    document = read_document(json.dumps({"Resources": resources}, indent=1).encode())
    assert not document.broken
    assert document.root["Resources"].lines["R19999"] == 3 + 9 * 19_999  # type: ignore[index,call-overload,union-attr]


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_bytes_raise(data: bytes) -> None:
    read_document(data)


@given(st.text(alphabet="{}[]:,-?&*!|>'\"%@`#\n\t ab1<é\\", max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_punctuation_raises(text: str) -> None:
    read_document(text.encode())


_SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=8)
_TREES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


@given(_TREES, st.sampled_from([None, 1, 4]))
@settings(deadline=None)
def test_json_is_read_as_the_standard_library_reads_it(tree: object, indent: int | None) -> None:
    document = read_document(json.dumps([tree], indent=indent).encode())
    assert document.root == [tree]
    assert isinstance(document.root, Seq)
