"""The light check of JSONata against jsonata-python: what it parses must pass, what it refuses should be found."""

from __future__ import annotations

import jsonata
import pytest

from untangle.asl.jsonata import problems

GOOD = [
    "1 + 2 * -3",
    "$states.input.order.'the name'",
    "$states.input.items[price > 10 and $contains(name, /a\\/b[/]c/i)].name",
    "($x := 1; $y := $x + 1; $y)",
    "($x := 1;)",
    "$map([1..3], function($v, $i) { $v * $i })",
    "$states.input.{ 'a': b, 'c': [d, e] }",
    "$states.input.a ? 'yes' : 'no'",
    "$states.input.a ? 'yes'",
    "$states.input.a^(<b, >c)",
    "$states.input.a@$x.b[c = $x.d].{ 'e': $x }",
    "$states.input.a#$i.{ 'n': $i }",
    "$states.input.**.name",
    "$states.input.*[0]",
    "$states.input.a.%.b",
    "$sum($states.input.a) ~> $string()",
    "$f := function($a, $b) { $a & $b }",
    "[]",
    "{}",
    "[1, [2, 3]][0]",
    '"it\'s"',
    "/* a note */ 1",
    "$substring(?, 0, 3)",
    "$states.input.and",
    "$states.input.a in ['x', 'y'] or $states.input.b in [1]",
    "$states.input ~> |a|{'b': 1}, ['c']|",
    "-$states.input.n",
    "$states.input.a[-1]",
    "$not($exists($states.input.x))",
    "λ($x) { $x }(1)",
    "$states.input.a ? 1 : $states.input.b ? 2 : 3",
    "$x := $y := 1",
    "($f := function($a)<a<n>:n>{ $a[0] }; $f([1]))",
    "$states.input.a ?: 1",
    "$states.input.a ?? 1",
    "[1..3, 5]",
    "$states.input{a: $sum(b)}",
    "$states.input.a[]",
    "'\\u00e9 \\n'",
]
BAD = [
    "1 +",
    "* / 2 3",
    "(1",
    "1)",
    "[1, 2",
    "{'a' 1",
    "'open",
    "`open",
    "1 2",
    "$sum([1, 2)",
    "a b",
    "$x := ",
    "1 = = 2",
    "",
    "/open",
    "1, 2",
    "1; 2",
    "1 : 2",
    "{'a': 1, 'b'}",
    "{'a', 'b'}",
    "[1; 2]",
    "[1, ]",
    "$sum(1, )",
    "$states.input.",
    "$states.input.7",
    "x := 1",
    "function(a) { 1 }",
    "function($a) $a",
    "$states.input.a@b",
    "1 == 2",
    "$a || $b",
    "$a && $b",
    "'\\y'",
    "$states.input.a^b",
    "$states.input ~> |a|",
    "[1:2]",
]


@pytest.mark.parametrize("expression", GOOD)
def test_what_the_engine_parses_passes(expression: str) -> None:
    jsonata.Jsonata(expression)
    known = {"x", "y", "f", "i", "a", "b", "v"}
    assert list(problems(f"{{% {expression} %}}", known)) == []


@pytest.mark.parametrize("expression", BAD)
def test_what_the_engine_refuses_is_found(expression: str) -> None:
    with pytest.raises(jsonata.JException):
        jsonata.Jsonata(expression)
    assert list(problems(f"{{% {expression} %}}", ()))


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("$states.input.a + $total", "$total is never assigned"),
        ("$", "$states.input"),
        ("$$.a", "not supported at the top level"),
        ("order.id", "$states.input.order"),
        ("$eval('1')", "$parse"),
        ("1 == 2", "write ="),
        ("(1 = 1) && (2 = 2)", "write and"),
        ("(1 = 1) || (2 = 2)", "write or"),
        ("!true", "$not"),
        ("{'a' 1}", "operator is missing"),
        ("[1; 2]", "] is missing before ';'"),
        ("$states.input.", "missing after '.'"),
    ],
)
def test_what_step_functions_forbids(expression: str, words: str) -> None:
    assert words in " ".join(problems(f"{{% {expression} %}}", ()))


def test_what_nests_without_end_is_refused() -> None:
    assert "levels deep" in " ".join(problems("{% " + "(" * 5000 + ")" * 5000 + " %}", ()))
    assert list(problems("{% " + "1 ? 2 : " * 5000 + "3 %}", ())) == []
    assert list(problems("{% " + "1 + " * 5000 + "3 %}", ())) == []


def test_context_within_a_predicate_is_not_the_top_level() -> None:
    assert list(problems("{% $states.input.a[$ > 1] %}", ())) == []
