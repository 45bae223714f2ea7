"""Terraform's functions, each with known arguments and, where it matters, with some that are not known."""

from __future__ import annotations

import pytest

from tests.scanners.terraform.conftest import Evaluate
from untangle.model.value import ACCOUNT, REGION, Concat, Either, Ref, Symbol, Value
from untangle.scanners.terraform.json_text import structure

STAGE = Symbol("stage", "terraform")
QUEUE = Ref("terraform/aws_sqs_queue.q", "arn")
SECTIONS = """\
variable "stage" {}
variable "flag" {}
variable "more" {}
resource "aws_sqs_queue" "q" {}
data "aws_region" "here" {}
data "aws_caller_identity" "me" {}
"""

KNOWN: list[tuple[str, Value]] = [
    # texts
    ('chomp("a\\n\\n")', "a"),
    ('endswith("a.fifo", ".fifo")', True),
    ('format("%s-%03d %5.1f %t %v%%", "a", 7, 1.25, true, [1])', "a-007   1.2 true [1]%"),
    ('format("%[2]s%[1]s", "a", "b")', "ba"),
    ('format("%q %x", "a", 255)', '"a" ff'),
    ('formatlist("%s-%s", ["a", "b"], "x")', ("a-x", "b-x")),
    ('indent(2, "a\\nb")', "a\n  b"),
    ('join("-", ["a", 1, true])', "a-1-true"),
    ('join(",", [])', ""),
    ('lower("AbC")', "abc"),
    ('upper("AbC")', "ABC"),
    ('title("hello big world")', "Hello Big World"),
    ('regex("a(b+)", "xabb")', ("bb",)),
    ('regex("(?P<one>a)", "xa")', {"one": "a"}),
    ('regex("[[:digit:]]+", "ab12")', "12"),
    ('regexall("[a-z]", "a1b")', ("a", "b")),
    ('replace("a-b-c", "-", "_")', "a_b_c"),
    ('replace("a1b22", "/[0-9]+/", "#")', "a#b#"),
    ('replace("key=v", "/(\\\\w+)=(\\\\w+)/", "$2=$1")', "v=key"),
    ('split(",", "a,b,,c")', ("a", "b", "", "c")),
    ('startswith("abc", "ab")', True),
    ('strcontains("abc", "z")', False),
    ('strrev("abc")', "cba"),
    ('substr("abcdef", 1, 3)', "bcd"),
    ('substr("abcdef", -2, -1)', "ef"),
    ('trim("?!a?", "!?")', "a"),
    ('trimprefix("abc", "ab")', "c"),
    ('trimsuffix("q.fifo", ".fifo")', "q"),
    ('trimspace(" a ")', "a"),
    ('templatestring("a $${x}", { x = 1 })', "a 1"),
    # collections
    ("alltrue([true, false])", False),
    ("anytrue([])", False),
    ("chunklist([1, 2, 3], 2)", ((1, 2), (3,))),
    ('coalesce(null, "", "a", "b")', "a"),
    ("coalescelist([], [1])", (1,)),
    ('compact(["a", "", null])', ("a",)),
    ("concat([1], [2, 3])", (1, 2, 3)),
    ('contains(["a", "b"], "b")', True),
    ("contains([1], true)", False),
    ("distinct([1, 2, 1, true])", (1, 2, True)),
    ("element([1, 2, 3], 4)", 2),
    ("flatten([[1, [2]], 3])", (1, 2, 3)),
    ('index(["a", "b"], "b")', 1),
    ("keys({ b = 1, a = 2 })", ("a", "b")),
    ("values({ b = 1, a = 2 })", (2, 1)),
    ("length([1, 2])", 2),
    ('length("abc")', 3),
    ('lookup({ a = 1 }, "a", 2)', 1),
    ('lookup({ a = 1 }, "b", 2)', 2),
    ('matchkeys(["x", "y"], ["a", "b"], ["b"])', ("y",)),
    ("merge({ a = 1, b = 1 }, null, { b = 2 })", {"a": 1, "b": 2}),
    ("one([])", None),
    ("one([1])", 1),
    ("range(3)", (0, 1, 2)),
    ("range(1, 8, 3)", (1, 4, 7)),
    ("range(2, 0)", (2, 1)),
    ("reverse([1, 2])", (2, 1)),
    ('setintersection(["b", "a"], ["b"])', ("b",)),
    ('setproduct(["a", "b"], [1, 2])', (("a", 1), ("a", 2), ("b", 1), ("b", 2))),
    ('setsubtract(["b", "a"], ["b"])', ("a",)),
    ('setunion(["b"], ["a", "b"])', ("a", "b")),
    ("slice([1, 2, 3], 1, 3)", (2, 3)),
    ('sort(["b", "a"])', ("a", "b")),
    ("sum([1, 2.5])", 3.5),
    ('toset(["b", "a", "b"])', ("a", "b")),
    ('transpose({ a = ["x", "y"], b = ["x"] })', {"x": ("a", "b"), "y": ("a",)}),
    ('zipmap(["a", "b"], [1, 2])', {"a": 1, "b": 2}),
    ("tostring(1)", "1"),
    ('tonumber("1.5")', 1.5),
    ('tobool("true")', True),
    ('nonsensitive(sensitive("a"))', "a"),
    # encoding
    ('base64encode("a")', "YQ=="),
    ('base64decode("YQ==")', "a"),
    ('jsonencode({ b = [1, null], a = "<x>" })', '{"a":"<x>","b":[1,null]}'),
    ('jsondecode("{\\"a\\": [1.0, 2.5, null]}")', {"a": (1, 2.5, None)}),
    ('yamldecode("a: [x, 1]")', {"a": ("x", 1)}),
    ('yamldecode(yamlencode({ a = ["x"] }))', {"a": ("x",)}),
    ('csvdecode("a,b\\n1,2")', ({"a": "1", "b": "2"},)),
    ('urlencode("a b&c")', "a+b%26c"),
    ('md5("a")', "0cc175b9c0f1b6a831c399e269772661"),
    ('sha1("a")', "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    ('base64sha256("a")', "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="),
    # numbers
    ("abs(-2)", 2),
    ("ceil(1.2)", 2),
    ("floor(1.8)", 1),
    ("max(1, 3, 2)", 3),
    ("min([4, 2]...)", 2),
    ("pow(2, 3)", 8),
    ("log(8, 2)", 3),
    ('parseint("ff", 16)', 255),
    ("signum(-3)", -1),
    # networks
    ('cidrsubnet("10.0.0.0/16", 8, 2)', "10.0.2.0/24"),
    ('cidrsubnets("10.0.0.0/16", 8, 4)', ("10.0.0.0/24", "10.0.16.0/20")),
    ('cidrhost("10.0.0.0/24", 5)', "10.0.0.5"),
    ('cidrhost("10.0.0.0/24", -1)', "10.0.0.255"),
    ('cidrnetmask("10.0.0.0/20")', "255.255.240.0"),
    # paths
    ('basename("a/b.py")', "b.py"),
    ('dirname("a/b.py")', "a"),
    ('abspath("${path.module}/../x")', "../x"),
    # errors
    ('try(tonumber("x"), 1)', 1),
    ("try({ a = 1 }.b, {}.c, 3)", 3),
    ("can({ a = 1 }.b)", False),
    ("can({ a = 1 }.a)", True),
    ('try(element([], 0), "none")', "none"),
    ('try(regex("x", "a"), null)', None),
    ('try(one([1, 2]), "many")', "many"),
    ("try(index([1], 2), -1)", -1),
    ("try(1 / 0, 0)", 0),
]


@pytest.mark.parametrize(("expression", "value"), KNOWN, ids=[case[0] for case in KNOWN])
def test_known(evaluate: Evaluate, expression: str, value: Value) -> None:
    found = evaluate(expression)
    assert found == value
    assert type(found) is type(value)


PARTLY: list[tuple[str, Value]] = [
    ('format("%s-%s", var.stage, "x")', Concat((STAGE, "-x"))),
    ('format("%q", var.stage)', Concat(('"', STAGE, '"'))),
    ('formatlist("%s/*", [aws_sqs_queue.q.arn])', (Concat((QUEUE, "/*")),)),
    ('join("-", ["a", var.stage])', Concat(("a-", STAGE))),
    ('trimsuffix("${var.stage}.fifo", ".fifo")', STAGE),
    ('trimprefix("a-${var.stage}", "a-")', STAGE),
    ('startswith("a-${var.stage}", "b")', False),
    ('endswith("${var.stage}.fifo", ".fifo")', True),
    ('split("-", "a-${var.stage}")', ("a", STAGE)),
    (
        'split(":", "arn:aws:sqs:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}:q")',
        ("arn", "aws", "sqs", REGION, ACCOUNT, "q"),
    ),
    ("concat([1], [var.stage])", (1, STAGE)),
    ("concat([1], var.more)", (1, Symbol("more[*]", "terraform"))),
    ("merge({ a = 1 }, var.more)", {"a": 1, "${more}": Symbol("more", "terraform")}),
    ("merge({ a = 1 }, var.flag ? { b = 2 } : {})", Either(({"a": 1, "b": 2}, {"a": 1}), ("var.flag", "not var.flag"))),
    ('coalesce(null, var.stage, "x")', STAGE),
    ('contains(["a"], "a")', True),
    ("element([1, 2], 1)", 2),
    ("flatten([[var.stage], [aws_sqs_queue.q.arn]])", (STAGE, QUEUE)),
    ("toset([aws_sqs_queue.q.arn, aws_sqs_queue.q.arn])", (QUEUE,)),
    ('zipmap(["a"], [var.stage])', {"a": STAGE}),
    ('lookup({ a = "x" }, var.stage, "y")', Either(("x", "y"), ('${stage} == "a"', ""))),
    ('lower("A-${data.aws_region.here.name}")', Concat(("a-", REGION))),
    ("tostring(aws_sqs_queue.q.arn)", QUEUE),
    ("jsonencode({ a = aws_sqs_queue.q.arn, n = 1 })", Concat(('{"a":"', QUEUE, '","n":1}'))),
    ('jsondecode(jsonencode({ a = aws_sqs_queue.q.arn, n = ["x-${var.stage}"] }))', {"a": QUEUE, "n": (Concat(("x-", STAGE)),)}),
    ('dirname("${var.stage}/a/b")', Concat((STAGE, "/a"))),
    ('basename("${var.stage}/a.py")', "a.py"),
    ('upper(var.flag ? "a" : "b")', Either(("A", "B"), ("var.flag", "not var.flag"))),
    ("try(aws_sqs_queue.q.arn, null)", QUEUE),
]


@pytest.mark.parametrize(("expression", "value"), PARTLY, ids=[case[0] for case in PARTLY])
def test_unknown_parts_are_kept(evaluate: Evaluate, expression: str, value: Value) -> None:
    assert evaluate(expression, SECTIONS) == value


@pytest.mark.parametrize(
    "expression",
    [
        "sha256(var.stage)",
        "length(var.more)",
        "substr(var.stage, 0, 3)",
        'regex("a", var.stage)',
        "timestamp()",
        "uuid()",
        'filebase64sha256("x.zip")',
        "nosuchfunction(1)",
        'contains(var.more, "a")',
        "keys(var.more)",
        "upper(var.stage)",
        "var.stage > 1",
    ],
)
def test_what_cannot_be_computed_is_a_symbol_that_is_the_same_wherever_it_is_written(evaluate: Evaluate, expression: str) -> None:
    one, two = evaluate(f"[{expression}, {expression}]", SECTIONS)  # type: ignore[misc]
    assert isinstance(one, Symbol)
    assert one == two
    assert one != evaluate(f"{expression} == 1", SECTIONS)


def test_files_of_the_tree_are_read_and_templates_rendered(evaluate: Evaluate) -> None:
    files = {
        "policy.json.tftpl": '{"Resource": "${arn}", "Names": [%{ for i, n in names ~}\n"${n}"%{ if i < 1 },%{ endif }'
        "%{ endfor }]}",
        "src/a.py": "x",
        "src/b/c.py": "x",
        "src/b/d.txt": "x",
    }
    found = evaluate(
        'templatefile("${path.module}/policy.json.tftpl", { arn = aws_sqs_queue.q.arn, names = ["a", "b"] })', SECTIONS, files
    )
    assert structure(found) == {"Resource": QUEUE, "Names": ("a", "b")}
    assert evaluate('file("src/a.py")', files=files) == "x"
    assert evaluate('[fileexists("src/a.py"), fileexists("no")]', files=files) == (True, False)
    assert evaluate('fileset("${path.module}/src", "**/*.py")', files=files) == ("a.py", "b/c.py")
    assert evaluate('fileset("src", "*.py")', files=files) == ("a.py",)
    assert evaluate('try(file("no"), "none")', files=files) == "none"


def test_no_file_outside_of_the_tree_is_read(evaluate: Evaluate) -> None:
    assert evaluate('[fileexists("../../../../../../etc/passwd"), fileexists("/etc/passwd")]') == (False, False)
    assert isinstance(evaluate('file("/etc/passwd")'), Symbol)


@pytest.mark.parametrize(
    "expression",
    [
        "range(1000000000)",
        "pow(9, pow(9, pow(9, 9)))",
        'format("%1000000000s", "x")',
        "setproduct(range(9999), range(9999), range(9999))",
        "[for a in range(3000): [for b in range(3000): [for c in range(3000): a]]]",
        'regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")',
        'regex("(a|a)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")',
        'regex("(a?){40}a{40}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")',
    ],
)
def test_what_would_never_end_is_not_begun(evaluate: Evaluate, expression: str) -> None:
    assert isinstance(evaluate(expression), Symbol)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("[1, 2.5]", (1, 2.5)),
        ("no json", "no json"),
        ("", ""),
        (7, 7),
        ({"a": 1}, {"a": 1}),
        (Concat(('{"a": ', QUEUE, "}")), {"a": QUEUE}),
        (Concat(('{"a": "', QUEUE, '/*"}')), {"a": Concat((QUEUE, "/*"))}),
        (Concat(('{"', STAGE, '": 1}')), {"${stage}": 1}),
        (Concat(('{"a": "\\"', STAGE, '\\n"}')), {"a": Concat(('"', STAGE, "\n"))}),
        (Concat((STAGE, "-x")), Concat((STAGE, "-x"))),
        (Either(('{"a": 1}', "x")), Either(({"a": 1}, "x"))),
    ],
)
def test_the_structure_of_json_is_found_around_what_is_not_known(text: Value, value: Value) -> None:
    assert structure(text) == value


def test_the_structure_of_yaml_is_found_where_it_is_asked_for() -> None:
    text = Concat(("paths:\n  /x:\n    uri: ", QUEUE, "\n"))
    assert structure(text) == text
    assert structure(text, yaml=True) == {"paths": {"/x": {"uri": QUEUE}}}
