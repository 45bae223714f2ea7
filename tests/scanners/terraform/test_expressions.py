"""Expressions: operators, conditionals, loops, splats, traversals and templates, with known and unknown parts."""

from __future__ import annotations

import pytest

from tests.scanners.terraform.conftest import Evaluate
from untangle.model.value import ACCOUNT, PARTITION, REGION, Concat, Either, Imported, Ref, Stored, Symbol, Value

STAGE = Symbol("stage", "terraform")
SECTIONS = """\
variable "stage" {}
variable "size" { default = 3 }
variable "names" { default = ["a", "b"] }
variable "setting" {
  default = { queue = { delay = 5 }, list = [{ id = 1 }, { id = 2 }] }
}
locals {
  prefix = "app-${var.stage}"
  nested = { name = local.prefix }
  loop   = local.pool
  pool   = local.loop
}
resource "aws_sqs_queue" "q" {
  name = "q"
  tags = { team = "blue" }
  redrive { arn = "x" }
}
resource "aws_sqs_queue" "two" { count = 2 }
resource "aws_sqs_queue" "keyed" { for_each = toset(["x", "y"]) }
data "aws_region" "here" {}
data "aws_region" "there" { provider = aws.replica }
data "aws_caller_identity" "me" {}
data "aws_partition" "p" {}
data "aws_sqs_queue" "other" { name = "other" }
data "aws_ssm_parameter" "url" { name = "/app/${var.stage}/url" }
data "aws_secretsmanager_secret_version" "s" { secret_id = "token" }
data "aws_cloudformation_export" "bus" { name = "BusArn" }
"""


def q(attribute: str = "") -> Ref:
    return Ref("terraform/aws_sqs_queue.q", attribute)


CASES: list[tuple[str, Value]] = [
    # operators
    ("1 + 2 * 3 - 4 / 2", 5),
    ("7 % 3", 1),
    ("-(1 + 1)", -2),
    ('1 == 1.0 && "a" != "b"', True),
    ('1 == "1"', False),
    ("!(2 > 1) || 1 >= 1", True),
    ("[1, 2] == [1, 2]", True),
    ("null == null", True),
    ("false && var.stage", False),
    ("var.stage == var.stage", True),
    ("var.stage != null", True),
    ("aws_sqs_queue.q.arn == null", False),
    ('aws_sqs_queue.q.arn != ""', True),
    ('local.prefix == "other"', False),
    # conditionals
    ('var.size > 2 ? "big" : "small"', "big"),
    ('var.stage == "prod" ? 1 : 2', Either((1, 2), ('var.stage == "prod"', 'not var.stage == "prod"'))),
    ('var.stage == "prod" ? 1 : 1', 1),
    ("true ? 1 : nonsense.x[1]", 1),
    (
        'var.stage == "a" ? 1 : var.stage == "b" ? 2 : 3',
        Either(
            (1, 2, 3),
            (
                'var.stage == "a"',
                '(not var.stage == "a") and (var.stage == "b")',
                '(not var.stage == "a") and (not var.stage == "b")',
            ),
        ),
    ),
    # names
    ("var.stage", STAGE),
    ("var.undeclared", Symbol("undeclared", "terraform")),
    ("var.stage.deep[0].name", Symbol("stage.deep[0].name", "terraform")),
    ("var.setting.queue.delay", 5),
    ('var.setting["queue"]["delay"]', 5),
    ("local.nested.name", Concat(("app-", STAGE))),
    ("terraform.workspace", Symbol("terraform.workspace", "terraform")),
    ("path.module", "."),
    ('"${path.root}/src"', "./src"),
    # references
    ("aws_sqs_queue.q", q()),
    ("aws_sqs_queue.q.arn", q("arn")),
    ("aws_sqs_queue.q.tags", q("tags")),
    ('aws_sqs_queue.q.tags["team"]', "blue"),
    ("aws_sqs_queue.q.redrive[0].arn", "x"),
    ("one(aws_sqs_queue.q.redrive).arn", "x"),
    ("aws_sqs_queue.q.redrive[*].arn", ("x",)),
    ("aws_sqs_queue.q.endpoint[0].port", q("endpoint.0.port")),
    ("aws_sqs_queue.q[*].arn", (q("arn"),)),
    ("aws_sqs_queue.two[1].arn", Ref("terraform/aws_sqs_queue.two[1]", "arn")),
    ("aws_sqs_queue.two[*].id", (Ref("terraform/aws_sqs_queue.two[0]", "id"), Ref("terraform/aws_sqs_queue.two[1]", "id"))),
    ("aws_sqs_queue.two.*.id[0]", Ref("terraform/aws_sqs_queue.two[0]", "id")),
    ("aws_sqs_queue.two.0.id", Ref("terraform/aws_sqs_queue.two[0]", "id")),
    ('aws_sqs_queue.keyed["x"].url', Ref('terraform/aws_sqs_queue.keyed["x"]', "url")),
    ("[for k, v in aws_sqs_queue.keyed : v.arn]", tuple(Ref(f'terraform/aws_sqs_queue.keyed["{k}"]', "arn") for k in "xy")),
    ("values(aws_sqs_queue.keyed)[*].arn", tuple(Ref(f'terraform/aws_sqs_queue.keyed["{k}"]', "arn") for k in "xy")),
    ("aws_sqs_queue.nowhere.arn", Ref("terraform/aws_sqs_queue.nowhere", "arn")),
    ("module.nowhere.queue_arn", Ref("terraform/module.nowhere", "output.queue_arn")),
    ("data.aws_sqs_queue.other.url", Ref("terraform/data.aws_sqs_queue.other", "url")),
    # where the stack stands, and what others hold
    ("data.aws_region.here.name", REGION),
    ("data.aws_region.here.region", REGION),
    ("data.aws_region.there.name", Ref("terraform/data.aws_region.there", "name")),
    ("data.aws_caller_identity.me.account_id", ACCOUNT),
    ("data.aws_partition.p.partition", PARTITION),
    ("data.aws_ssm_parameter.url.value", Stored("ssm", Concat(("/app/", STAGE, "/url")))),
    ("data.aws_secretsmanager_secret_version.s.secret_string", Stored("secretsmanager", "token")),
    ("data.aws_cloudformation_export.bus.value", Imported("BusArn")),
    # loops and splats
    ("[for n in var.names : upper(n)]", ("A", "B")),
    ('[for i, n in var.names : "${i}${n}" if i > 0]', ("1b",)),
    ("{ for n in var.names : n => length(n) }", {"a": 1, "b": 1}),
    ('{ for n in ["a", "b", "a"] : n => 1... }', {"a": (1, 1), "b": (1,)}),
    ("[for k, v in { b = 1, a = 2 } : k]", ("a", "b")),
    ('[for s in [var.stage] : "${s}-x"]', (Concat((STAGE, "-x")),)),
    ("var.setting.list[*].id", (1, 2)),
    ("null[*]", ()),
    ("var.stage[*].id", Symbol("stage[*].id", "terraform")),
    ("[for s in var.names : s if var.stage == s]", ("a", "b")),
    # indexes that are not known
    ("{ a = 1, b = 2 }[var.stage]", Either((1, 2), ('${stage} == "a"', '${stage} == "b"'))),
    ("var.names[var.stage]", Either(("a", "b"), ("${stage} == 0", "${stage} == 1"))),
    # objects and templates
    ('{ "${var.stage}" = 1, (local.prefix) = 2 }', {"${stage}": 1, "app-${stage}": 2}),
    ('"${1}-${true}-${1.5}"', "1-true-1.5"),
    ('"%{ if var.size > 1 }many%{ else }one%{ endif }"', "many"),
    ('"%{ for n in var.names }${n};%{ endfor }"', "a;b;"),
    ('"${var.names}"', ("a", "b")),
    (
        '"${var.stage == "prod" ? "a" : "b"}-x"',
        Either(("a-x", "b-x"), ('var.stage == "prod"', 'not var.stage == "prod"')),
    ),
]


@pytest.mark.parametrize(("expression", "value"), CASES, ids=[case[0] for case in CASES])
def test_expressions(evaluate: Evaluate, expression: str, value: Value) -> None:
    found = evaluate(expression, SECTIONS)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("var.names[7]", "var.names[7]"),
        ("{}.a", "{}.a"),
        ('"x${null}"', '"x${null}"'),
        ('"x${var.names}"', '"x${var.names}"'),
        ('1 + "a"', '1 + "a"'),
        ("each.value", "each.value"),
    ],
)
def test_what_has_no_value_is_an_unknown_with_the_text_of_the_expression(evaluate: Evaluate, expression: str, name: str) -> None:
    found = evaluate(expression, SECTIONS)
    assert isinstance(found, Symbol)
    assert found.name == name


def test_what_refers_to_itself_is_an_unknown(evaluate: Evaluate) -> None:
    assert isinstance(evaluate("local.loop", SECTIONS), Symbol)


def test_choices_by_the_same_condition_are_made_together(evaluate: Evaluate) -> None:
    sections = 'variable "p" {}\nlocals {\n  a = var.p ? "x" : "y"\n  b = var.p ? 1 : 2\n}\n'
    assert evaluate('"${local.a}-${local.b}"', sections) == Either(("x-1", "y-2"), ("var.p", "not var.p"))
    assert evaluate('format("%s-%s", local.a, local.b)', sections) == Either(("x-1", "y-2"), ("var.p", "not var.p"))


@pytest.mark.parametrize(
    "step",
    [
        "[local.a{0}, local.a{0}]",
        '"${{local.a{0}}}-${{local.a{0}}}"',
        'var.v{0} ? local.a{0} : "x${{local.a{0}}}"',
        "{{ x = local.a{0} }}",
        "concat(var.v{0} ? [local.a{0}] : [1], var.w{0} ? [local.a{0}] : [2])",
        "local.a{0}",
    ],
)
def test_chains_that_no_person_wrote_end_soon(evaluate: Evaluate, step: str) -> None:
    steps = "".join(f"  a{i + 1} = {step.format(i)}\n" for i in range(300))
    assert evaluate("local.a300", f'locals {{\n  a0 = "x"\n{steps}}}\n') is not None
