"""HCL to blocks, attributes and expressions: every form, its line, and what is read past what is wrong."""

from __future__ import annotations

from textwrap import dedent

import pytest

from untangle.scanners.terraform.hcl import read_expression, read_hcl
from untangle.scanners.terraform.json_syntax import read_json_syntax
from untangle.scanners.terraform.syntax import (
    IT,
    Binary,
    Call,
    Conditional,
    For,
    Get,
    Index,
    Literal,
    Name,
    Node,
    Object,
    Splat,
    Template,
    TextFor,
    TextIf,
    Tuple,
    Unary,
)
from untangle.scanners.terraform.tokens import Trouble

A, B, C = Name("a"), Name("b"), Name("c")

EXPRESSIONS: list[tuple[str, Node]] = [
    ("1", Literal(1)),
    ("1.5", Literal(1.5)),
    ("1e3", Literal(1000)),
    ("true", Literal(True)),
    ("null", Literal(None)),
    ('"text"', Literal("text")),
    (r'"a\n\"\\\tA"', Literal('a\n"\\\tA')),
    ('"$${a} %%{b} $ % $$"', Literal("${a} %{b} $ % $$")),
    ('""', Literal("")),
    ('"${a}"', A),
    ('"x${a}"', Template((Literal("x"), A))),
    ('"${"${a}-${b}"}"', Template((A, Literal("-"), B))),
    ('"x ${~ a ~} y"', Template((Literal("x"), A, Literal("y")))),
    ('"%{ if a }x%{ else }y%{ endif }"', Template((TextIf(A, Literal("x"), Literal("y"), "a"),))),
    ('"%{ for k, v in a }${v},%{ endfor }"', Template((TextFor("k", "v", A, Template((Name("v"), Literal(",")))),))),
    ("a.b.c", Get(Get(A, "b"), "c")),
    ("a[0]", Index(A, Literal(0))),
    ('a["k"].b', Get(Index(A, Literal("k")), "b")),
    ("a.0.b", Get(Index(A, Literal(0)), "b")),
    ("a.0.1", Index(Index(A, Literal(0)), Literal(1))),
    ("a[*].b[0]", Splat(A, Index(Get(Name(IT), "b"), Literal(0)))),
    ("a.*.b[0]", Index(Splat(A, Get(Name(IT), "b")), Literal(0))),
    ("f(a, b...)", Call("f", (A, B), True)),
    ("f(\n a,\n b,\n)", Call("f", (A, B), False)),
    ("provider::aws::arn_parse(a)", Call("provider::aws::arn_parse", (A,), False)),
    ("a + b * c", Binary("+", A, Binary("*", B, C))),
    ("(a + b) * c", Binary("*", Binary("+", A, B), C)),
    ("a - b - c", Binary("-", Binary("-", A, B), C)),
    ("a || b && c == a", Binary("||", A, Binary("&&", B, Binary("==", C, A)))),
    ("!a", Unary("!", A)),
    ("-a.b", Unary("-", Get(A, "b"))),
    ("a > 1 ? b : c", Conditional(Binary(">", A, Literal(1)), B, C, "a > 1")),
    ("a ? b : b ? c : a", Conditional(A, B, Conditional(B, C, A, "b"), "a")),
    ("[a, b,]", Tuple((A, B), (1, 1))),
    ("[]", Tuple((), ())),
    ('{ a = 1, (b) = 2, "c" : 3 }', Object(((Literal("a"), Literal(1), 1), (B, Literal(2), 1), (Literal("c"), Literal(3), 1)))),
    ('{ "${a}-x" = 1 }', Object(((Template((A, Literal("-x"))), Literal(1), 1),))),
    ("{\n a = 1\n\n b = [\n  2]\n}", Object(((Literal("a"), Literal(1), 2), (Literal("b"), Tuple((Literal(2),), (5,)), 4)))),
    ("[for b in a : b]", For(None, "b", A, None, B, None, False)),
    ("[for b, c in a : c if b > 1]", For("b", "c", A, None, C, Binary(">", B, Literal(1)), False)),
    ("{ for b, c in a : b => c... }", For("b", "c", A, B, C, None, True)),
    ("{ for = 1 }", Object(((Literal("for"), Literal(1), 1),))),
    ("a # comment", A),
    ("a /* more\nlines */ + b // end", Binary("+", A, B)),
]


@pytest.mark.parametrize(("text", "node"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_expressions(text: str, node: Node) -> None:
    assert read_expression(text) == node


@pytest.mark.parametrize("text", ["", "a +", "a b", "f(", "[1 2]", '"open', '"${a"', "a ? b", "{a}", "a.", "%", '"%{ endif }"'])
def test_what_is_no_expression_is_told(text: str) -> None:
    with pytest.raises(Trouble):
        read_expression(text)


def parsed(text: str) -> dict[str, Node]:
    """The attributes of a text without blocks."""
    found = read_hcl(dedent(text))
    assert not found.faults, found.faults
    return {name: attribute.value for name, attribute in found.body.attributes.items()}


def test_a_heredoc_keeps_its_lines_and_a_flush_one_loses_its_indentation() -> None:
    found = parsed("""\
        a = <<EOT
          x ${b}
        EOT
        c = <<-EOT
            one
              two "quoted" \\n
          EOT
        d = f(<<E
        z
        E
        )
        """)
    assert found["a"] == Template((Literal("  x "), B, Literal("\n")))
    assert found["c"] == Literal('one\n  two "quoted" \\n\n')
    assert found["d"] == Call("f", (Literal("z\n"),), False)


def test_windows_line_ends_are_line_ends() -> None:
    found = read_hcl("a = <<EOT\r\nx\r\nEOT\r\nb = 1\r\n")
    assert not found.faults
    assert found.body.attributes["a"].value == Literal("x\n")
    assert found.body.attributes["b"].line == 4


def test_comments_may_stand_anywhere() -> None:
    found = parsed("""\
        # first
        a = {
          b = 1 # after
          # between

          c = "x", // after
          /* before */ d = e.f
          # last
        } # after
        /* over
           lines */
        g = [
          # first
          1, # after
          # last
        ]
        """)
    assert found == {
        "a": Object(((Literal("b"), Literal(1), 3), (Literal("c"), Literal("x"), 6), (Literal("d"), Get(Name("e"), "f"), 7))),
        "g": Tuple((Literal(1),), (14,)),
    }


def test_blocks_have_labels_lines_and_what_is_in_them() -> None:
    found = read_hcl(
        dedent("""\
        # a queue
        resource "aws_sqs_queue" "orders" {
          name = "orders"

          timeouts { create = "1m" }
          dynamic "redrive" {
            for_each = var.dlq
            content {
              arn = redrive.value
            }
          }
        }
        locals {
        }
        """)
    )
    assert not found.faults
    resource, locals_ = found.body.blocks
    assert (resource.kind, resource.labels, resource.line) == ("resource", ("aws_sqs_queue", "orders"), 2)
    assert resource.body.attributes["name"].line == 3
    assert [(block.kind, block.labels, block.line) for block in resource.body.blocks] == [
        ("timeouts", (), 5),
        ("dynamic", ("redrive",), 6),
    ]
    assert (locals_.kind, locals_.line) == ("locals", 13)


def test_the_text_of_an_attribute_is_what_is_written() -> None:
    found = read_hcl('a = {\n  b = "${c}"\n} # note\nd = e ? 1 : 0 // note\n')
    assert found.body.attributes["a"].text == '{\n  b = "${c}"\n}'
    assert found.body.attributes["d"].text == "e ? 1 : 0"


BROKEN: list[tuple[str, str, list[int], list[str]]] = [
    ("an expression that breaks off", "a = foo(\nb = 2\nc = 3\n", [2], ["c"]),
    ("an open text", 'a = "x\nb = 2\n', [1], ["b"]),
    ("a missing value", "a =\nb = 2\n", [1], ["b"]),
    ("words where nothing may stand", "a = 1 2\nb = 2\n", [1], ["a", "b"]),
    ("marks of a merge", "a = 1\n<<<<<<< HEAD\nb = 2\n=======\nc = 3\n>>>>>>> x\n", [2, 4, 6], ["a", "b", "c"]),
    ("an open heredoc", "a = <<EOT\nb = 2\n", [1], ["b"]),
    ("a brace too many", "a = 1\n}\nb = 2\n", [2], ["a", "b"]),
    ("characters of no meaning", "a = 1\n§§ ´\nb = 2\n", [2], ["a", "b"]),
]


@pytest.mark.parametrize(("text", "lines", "names"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_is_wrong_is_told_with_its_line_and_the_rest_is_read(text: str, lines: list[int], names: list[str]) -> None:
    found = read_hcl(text)
    assert [fault.line for fault in found.faults] == lines
    assert sorted(found.body.attributes) == names


def test_a_block_that_is_not_closed_ends_where_the_next_one_begins() -> None:
    found = read_hcl(
        'resource "a" "b" {\n  x = 1\n\nresource "a" "c" {\n  y = 2\n}\nlocals {\n z = [\n}\noutput "o" {\n value = 1\n}\n'
    )
    assert [(fault.line, fault.message) for fault in found.faults] == [
        (1, "the block resource a b is not closed"),
        (9, "expected a value and not '}'"),
        (7, "the block locals is not closed"),
    ]
    assert [(block.kind, block.labels) for block in found.body.blocks] == [
        ("resource", ("a", "b")),
        ("resource", ("a", "c")),
        ("locals", ()),
        ("output", ("o",)),
    ]


def test_an_attribute_that_stands_twice_is_told() -> None:
    found = read_hcl("a = 1\na = 2\n")
    assert found.body.attributes["a"].value == Literal(2)
    assert [(fault.rule, fault.line) for fault in found.faults] == [("template-duplicate-key", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "a = " + "[" * 5000,
        "a {\n" * 5000,
        'a = "' + '${"' * 5000,
        "a = " + "!" * 5000,
        "a = 1" + "+1" * 5000,
        "a = b" + ".c" * 5000,
    ],
    ids=["parens", "lists", "blocks", "templates", "nots", "sums", "steps"],
)
def test_what_is_nested_too_deep_is_told_and_not_followed(text: str) -> None:
    found = read_hcl(text + "\nz = 1\n")
    assert found.faults
    assert len(found.faults) <= 60


def test_the_json_spelling_gives_the_same_blocks() -> None:
    found = read_json_syntax(
        dedent("""\
        {
          "//": "a comment",
          "resource": {
            "aws_sqs_queue": {
              "orders": {"name": "${var.stage}-orders", "delay_seconds": 5}
            }
          },
          "data": [{"aws_region": {"here": {}}}],
          "locals": {"a": ["x", "${var.b}"]},
          "variable": {"b": {"type": "list(string)"}}
        }
        """).encode()
    )
    assert not found.faults
    queue, region, locals_, variable = found.body.blocks
    assert (queue.kind, queue.labels, queue.line) == ("resource", ("aws_sqs_queue", "orders"), 5)
    assert queue.body.attributes["name"].value == Template((Get(Name("var"), "stage"), Literal("-orders")))
    assert queue.body.attributes["delay_seconds"].value == Literal(5)
    assert (region.kind, region.labels) == ("data", ("aws_region", "here"))
    assert locals_.body.attributes["a"].value == Tuple((Literal("x"), Get(Name("var"), "b")), (9, 9))
    assert variable.body.attributes["type"].value == Call("list", (Name("string"),), False)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"resource": 3}', b'{"locals": {"a": "${"}}', b"{", b"\xff\xfe\x00"])
def test_json_that_is_no_configuration_is_told(data: bytes) -> None:
    assert read_json_syntax(data).faults
