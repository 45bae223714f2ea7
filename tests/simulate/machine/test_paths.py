"""JSONPath, its filters, reference paths and intrinsic functions, as Step Functions evaluates them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from untangle.simulate.machine.failure import Invalid, StateFailure, Undefined
from untangle.simulate.machine.query.intrinsics import call_of
from untangle.simulate.machine.query.jsonpath import path_of
from untangle.simulate.machine.query.reference import put

BOOKS = [
    {"title": "Moby Dick", "price": 8.99, "tags": ["sea", "whale"], "isbn": "0-553"},
    {"title": "Sayings", "price": 8.95, "tags": []},
    {"title": "Sword", "price": 12.99, "tags": ["war"], "sold": None},
]
DATA = {"books": BOOKS, "limit": 9, "odd name": {"a.b": 1, "it's": 2}, "list": [1, [2, 3], {"price": 4}], "x-y": 5, "é": 6}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", DATA),
        ("$.limit", 9),
        ("$.x-y", 5),
        ("$.é", 6),
        ("$['odd name']['a.b']", 1),
        ("$['odd name']['it\\'s']", 2),
        ('$["odd name"]["a.b"]', 1),
        ("$.odd name", DATA["odd name"]),
        ("$.books[0].title", "Moby Dick"),
        ("$.books[-1].title", "Sword"),
        ("$.books[0,2].title", ["Moby Dick", "Sword"]),
        ("$.books[:1].title", ["Moby Dick"]),
        ("$.books[1:].title", ["Sayings", "Sword"]),
        ("$.books[*].isbn", ["0-553"]),
        ("$.books.*.tags[0]", ["sea", "war"]),
        ("$..price", [8.99, 8.95, 12.99, 4]),
        ("$.books[?(@.isbn)].title", ["Moby Dick"]),
        ("$.books[?(!@.isbn)].title", ["Sayings", "Sword"]),
        ("$.books[?(@.price < $.limit)].title", ["Moby Dick", "Sayings"]),
        ("$.books[?(@.price < 9 && @.title == 'Sayings')].price", [8.95]),
        ("$.books[?(@.price > 12 || (@.isbn == '0-553'))].title", ["Moby Dick", "Sword"]),
        ("$.books[?(@.title =~ /s.*/i)].title", ["Sayings", "Sword"]),
        ("$.books[?('war' in @.tags)].title", ["Sword"]),
        ("$.books[?(@.title in ['Sword', 'Dune'])].price", [12.99]),
        ("$.books[?(@.tags contains 'sea')].title", ["Moby Dick"]),
        ("$.books[?(@.tags empty true)].title", ["Sayings"]),
        ("$.books[?(@.tags size 2)].title", ["Moby Dick"]),
        ("$.books[?(@.sold == null)].title", ["Sword"]),
        ("$.books[?(@.tags anyof ['war', 'sea'])].title", ["Moby Dick", "Sword"]),
        ("$.books.[?(@.price == 8.95)].title", ["Sayings"]),
        ("$.books[(@.length-1)].title", "Sword"),
        ("$.books.length()", 3),
        ("$.books[*].price.max()", 12.99),
        ("$.none[*].x", []),
        ("$.none[1:]", []),
        ("$.books[?(@.price > 100)]", []),
        ("$.books[0]['title', 'price']", [{"title": "Moby Dick", "price": 8.99}]),
    ],
)
def test_paths(path: str, expected: Any) -> None:
    assert path_of(path).of(DATA) == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.none", "No results for path: $['none']"),
        ("$.none.deeper", "Missing property in path $['none']"),
        ("$.books[7]", "No results for path: $['books'][7]"),
        ("$.limit.x", "No results for path: $['limit']['x']"),
    ],
)
def test_a_definite_path_that_names_nothing(path: str, message: str) -> None:
    with pytest.raises(Undefined) as raised:
        path_of(path).of(DATA)
    assert raised.value.message == message


@pytest.mark.parametrize("path", ["$.a[", "$[?(@.a ==)]", "$[?(@.a == 'x]", "$.a[b]", "$.a..", "$[?(" + "(" * 500, "$.a)"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(Invalid):
        path_of(path).of({"a": [1]})


class Reader:
    def __init__(self, data: Any) -> None:
        self.data = data
        self.random = random.Random(7)  # noqa: S311

    def read(self, path: str) -> Any:
        return path_of(path).of(self.data)


VALUES = {"s": "a,b;c", "n": 3, "list": [1, 2, 2, "2", {"a": 1}, {"a": 1}], "o": {"a": 1, "l": ["x", None]}, "t": True}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("States.Format('{} and {}', $.n, 'two')", "3 and two"),
        ("States.Format('\\{{}\\} it\\'s', $.t)", "{true} it's"),
        ("States.Format('{}', $.o)", "{a=1, l=[x, null]}"),
        ("States.JsonToString($.o)", '{"a":1,"l":["x",null]}'),
        ("States.StringToJson('{\"a\": [1]}')", {"a": [1]}),
        ("States.StringToJson('')", None),
        ("States.Array($.n, 'x', null, 1.5)", [3, "x", None, 1.5]),
        ("States.Array()", []),
        ("States.ArrayPartition($.list, 4)", [[1, 2, 2, "2"], [{"a": 1}, {"a": 1}]]),
        ("States.ArrayContains($.list, 2)", True),
        ("States.ArrayContains($.list, true)", False),
        ("States.ArrayRange(1, 9, 3)", [1, 4, 7]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.ArrayGetItem($.list, 3)", "2"),
        ("States.ArrayLength($.list)", 6),
        ("States.ArrayUnique($.list)", [1, 2, "2", {"a": 1}]),
        ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode('RGF0YQ==')", "Data"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.JsonMerge($.o, States.StringToJson('{\"a\":2}'), false)", {"a": 2, "l": ["x", None]}),
        ("States.MathAdd($.n, -1)", 2),
        ("States.MathAdd(0.5, -1.5)", 0),
        ("States.StringSplit($.s, ',;')", ["a", "b", "c"]),
        ("States.ArrayGetItem(States.StringSplit($.s, ','), 0)", "a"),
        ("States.Format('{}', $.list[?(@.a == 1)])", "[{a=1}, {a=1}]"),
    ],
)
def test_intrinsic_functions(call: str, expected: Any) -> None:
    assert call_of(call)(Reader(VALUES)) == expected


@pytest.mark.parametrize(
    "call",
    [
        "States.ArrayGetItem($.list, 6)",
        "States.ArrayRange(1, 9, 0)",
        "States.ArrayRange(1, 5000, 1)",
        "States.Base64Decode('***')",
        "States.Format('{} {}', 1)",
        "States.Hash('a', 'CRC')",
        "States.JsonMerge($.o, $.o, true)",
        "States.MathAdd('1', 2)",
        "States.MathRandom(3, 3)",
        "States.StringToJson('{')",
        "States.Nope(1)",
        "States.Array(1",
        "States.Array(1) x",
        "States.Array(oops)",
        "States.Array(" * 20 + ")" * 20,
    ],
)
def test_functions_that_are_misused_fail(call: str) -> None:
    with pytest.raises(Invalid) as raised:
        call_of(call)(Reader(VALUES))
    assert raised.value.error == "States.IntrinsicFailure"


def test_random_functions_draw_from_the_seed() -> None:
    calls = ("States.MathRandom(1, 1000)", "States.UUID()", "States.MathRandom(1, 1000, 5)")
    first, second = ([call_of(call)(reader) for call in calls] for reader in (Reader({}), Reader({})))
    assert first == second
    assert 1 <= first[0] < 1000
    assert first[1][14] == "4"


@pytest.mark.parametrize(
    ("path", "into", "expected"),
    [
        ("$", {"a": 1}, "R"),
        (None, {"a": 1}, {"a": 1}),
        ("$.b", {"a": 1}, {"a": 1, "b": "R"}),
        ("$.a.b.c", {}, {"a": {"b": {"c": "R"}}}),
        ("$['a b'][0]", {"a b": [1, 2]}, {"a b": ["R", 2]}),
        ("$.a", None, {"a": "R"}),
    ],
)
def test_reference_paths(path: str | None, into: Any, expected: Any) -> None:
    assert put(path, "R", into) == expected


@pytest.mark.parametrize(("path", "into"), [("$.a", [1]), ("$.a.b", {"a": 1}), ("$[3]", [1]), ("$.a", "text")])
def test_results_that_have_no_place(path: str, into: Any) -> None:
    with pytest.raises(StateFailure) as raised:
        put(path, "R", into)
    assert raised.value.error == "States.ResultPathMatchFailure"
