"""Roots: which folders are, how many instances blocks have and what they are called, modules in modules, variables' values."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.scanners.terraform.conftest import Root, Roots
from untangle.model.condition import is_off
from untangle.model.location import Location
from untangle.model.value import Concat, Either, Ref, Symbol, Value
from untangle.scanners.terraform.block import TerraformResource, TerraformRoot


def addresses(root: TerraformRoot) -> list[str]:
    return [resource.address for resource in root.resources]


def one(root: TerraformRoot, address: str) -> TerraformResource:
    return next(resource for resource in root.resources if resource.address == address)


# count and for_each

COPIES: list[tuple[str, str, dict[str, str | None]]] = [
    ("neither", "", {"aws_sqs_queue.q": None}),
    ("a count", "count = 2", {"aws_sqs_queue.q[0]": None, "aws_sqs_queue.q[1]": None}),
    ("a count of text", 'count = "1"', {"aws_sqs_queue.q[0]": None}),
    ("a count of none", "count = var.off ? 1 : 0", {"aws_sqs_queue.q[0]": "var.off ? 1 : 0"}),
    ("a count that is not known", "count = var.unknown", {"aws_sqs_queue.q[0]": "var.unknown"}),
    ("a choice of counts", "count = var.unknown ? 1 : 0", {"aws_sqs_queue.q[0]": "var.unknown ? 1 : 0"}),
    (
        "at least one",
        "count = var.unknown ? 1 : 2",
        {"aws_sqs_queue.q[0]": None, "aws_sqs_queue.q[1]": "var.unknown ? 1 : 2"},
    ),
    ("a set", 'for_each = toset(["b", "a"])', {'aws_sqs_queue.q["a"]': None, 'aws_sqs_queue.q["b"]': None}),
    ("a map", "for_each = { x = 1 }", {'aws_sqs_queue.q["x"]': None}),
    ("keys with quotes", r'for_each = toset(["a\"b"])', {r'aws_sqs_queue.q["a\"b"]': None}),
    ("an empty map", "for_each = {}", {}),
    (
        "a map that is switched off",
        "for_each = var.off ? { a = 1 } : {}",
        {'aws_sqs_queue.q["a"]': "var.off ? { a = 1 } : {}"},
    ),
    ("a set that is not known", "for_each = toset(var.unknown)", {"aws_sqs_queue.q[*]": "toset(var.unknown)"}),
    (
        "a choice of maps",
        "for_each = var.unknown ? { a = 1, b = 1 } : { a = 2 }",
        {
            'aws_sqs_queue.q["a"]': None,
            'aws_sqs_queue.q["b"]': "var.unknown ? { a = 1, b = 1 } : { a = 2 }",
        },
    ),
    ("keys that are not known", 'for_each = toset(["${var.unknown}-a"])', {'aws_sqs_queue.q["${unknown}-a"]': None}),
]


@pytest.mark.parametrize(("copies", "expected"), [case[1:] for case in COPIES], ids=[case[0] for case in COPIES])
def test_each_instance_has_its_address_and_its_condition(root: Root, copies: str, expected: Mapping[str, str | None]) -> None:
    found = root(
        f'variable "off" {{ default = false }}\nvariable "unknown" {{}}\nresource "aws_sqs_queue" "q" {{\n  {copies}\n}}\n'
    )
    assert {resource.address: resource.condition for resource in found.resources} == expected


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        ("count = 0", True),
        ("count = var.off ? 1 : 0", True),
        ("for_each = var.off ? { a = 1 } : {}", True),
        ("count = var.unknown ? 1 : 0", False),
        ("for_each = toset(var.unknown)", False),
        ("count = 1", False),
    ],
)
def test_only_what_is_known_to_be_absent_is_switched_off(root: Root, copies: str, expected: bool) -> None:
    """Also inside a module that is itself there or not."""
    body = 'variable "off" { default = false }\nvariable "unknown" {}\n'
    inner = f'{body}resource "aws_sqs_queue" "q" {{\n  {copies}\n}}\n'
    outer = f'{body}module "m" {{\n  source = "./m"\n  {copies}\n}}\n'
    whole = 'resource "aws_sqs_queue" "q" { count = 1 }\n'
    maybe = 'variable "unknown" {}\nresource "aws_sqs_queue" "q" { count = var.unknown }\n'
    for files in ({"main.tf": inner}, {"main.tf": outer, "m/main.tf": whole}, {"main.tf": outer, "m/main.tf": maybe}):
        assert [is_off(resource.condition) for resource in root(files).resources] == [expected]


def test_what_an_instance_is_counted_by_is_known_in_it(root: Root) -> None:
    found = root("""\
        resource "aws_sqs_queue" "c" {
          count = 2
          name  = "q-${count.index}"
          dlq   = self.arn
        }
        resource "aws_sqs_queue" "e" {
          for_each = { x = { delay = 1 }, y = { delay = 2 } }
          name     = each.key
          delay    = each.value.delay
          peer     = aws_sqs_queue.c[each.value.delay - 1].arn
        }
        resource "aws_sqs_queue" "f" {
          for_each = aws_sqs_queue.e
          source   = each.value.arn
        }
    """)
    assert one(found, "aws_sqs_queue.c[1]").attributes == {"name": "q-1", "dlq": Ref("terraform/aws_sqs_queue.c[1]", "arn")}
    assert one(found, 'aws_sqs_queue.e["y"]').attributes == {
        "name": "y",
        "delay": 2,
        "peer": Ref("terraform/aws_sqs_queue.c[1]", "arn"),
    }
    assert one(found, 'aws_sqs_queue.f["x"]').attributes == {"source": Ref('terraform/aws_sqs_queue.e["x"]', "arn")}


def test_instances_over_the_same_unknown_refer_to_each_other(root: Root) -> None:
    found = root("""\
        variable "names" {}
        resource "aws_sqs_queue" "q" {
          for_each = var.names
          name     = each.key
        }
        resource "aws_lambda_event_source_mapping" "m" {
          for_each = var.names
          source   = aws_sqs_queue.q[each.key].arn
          name     = each.key
          one      = aws_sqs_queue.q["orders"].arn
        }
    """)
    queue, mapping = one(found, "aws_sqs_queue.q[*]"), one(found, "aws_lambda_event_source_mapping.m[*]")
    assert mapping.attributes["source"] == mapping.attributes["one"] == Ref("terraform/aws_sqs_queue.q[*]", "arn")
    assert mapping.attributes["name"] == queue.attributes["name"]
    assert mapping.condition == queue.condition == "var.names"


def test_within_what_is_switched_off_its_own_parts_are_there(root: Root) -> None:
    found = root("""\
        variable "on" { default = false }
        resource "aws_sqs_queue" "q" { count = var.on ? 1 : 0 }
        resource "aws_lambda_event_source_mapping" "m" {
          count  = var.on ? 1 : 0
          source = aws_sqs_queue.q[0].arn
          all    = join(",", aws_sqs_queue.q[*].arn)
        }
        resource "aws_lambda_function" "f" {
          queue = try(aws_sqs_queue.q[0].arn, "none")
          all   = aws_sqs_queue.q[*].arn
        }
    """)
    queue = Ref("terraform/aws_sqs_queue.q[0]", "arn")
    assert one(found, "aws_lambda_event_source_mapping.m[0]").attributes == {"source": queue, "all": queue}
    assert one(found, "aws_lambda_function.f").attributes == {"queue": "none", "all": ()}


def test_more_instances_than_anybody_has_are_a_gap(root: Root) -> None:
    found = root('resource "aws_sqs_queue" "q" {\n  count = 1000000000\n}\n')
    assert len(found.resources) == 1000
    assert [gap.location for gap in found.gaps] == [Location("main.tf", 1)]


# blocks


def test_nested_blocks_are_tuples_of_mappings_with_lines(root: Root) -> None:
    found = root("""\
        resource "aws_lambda_function" "f" {
          environment {
            variables = {
              A = "1"
              B = upper("b")
            }
          }
          dynamic "vpc_config" {
            for_each = var.vpc
            iterator = it
            content {
              subnet = it.value
              key    = it.key
              dynamic "rule" {
                for_each = [1]
                content { n = "${it.value}${rule.value}" }
              }
            }
          }
          layers = [
            "x",
            "y",
          ]
          tags      = merge({
            Team = "blue"
          }, {})
          lifecycle { ignore_changes = [tags] }
          depends_on = [aws_sqs_queue.q]
          provider   = aws.replica
        }
        variable "vpc" { default = ["s1", "s2"] }
    """)
    function = one(found, "aws_lambda_function.f")
    assert function.attributes == {
        "environment": ({"variables": {"A": "1", "B": "B"}},),
        "vpc_config": (
            {"subnet": "s1", "key": 0, "rule": ({"n": "s11"},)},
            {"subnet": "s2", "key": 1, "rule": ({"n": "s21"},)},
        ),
        "layers": ("x", "y"),
        "tags": {"Team": "blue"},
    }
    assert function.provider == "aws.replica"
    assert function.location == Location("main.tf", 1)
    lines = function.lines
    assert lines[("environment", 0)] == 2
    assert lines[("environment", 0, "variables", "B")] == 5
    assert lines[("vpc_config", 1, "subnet")] == 12
    assert lines[("layers", 1)] == 22
    assert lines[("tags", "Team")] == 25


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        ("[]", ()),
        ("null", Symbol("dlq[*].arn", "terraform")),
        ("var.dlq", Symbol("dlq[*].arn", "terraform")),
        ('var.dlq == "x" ? [{ arn = "a" }] : []', "a"),
        ('[{ arn = "a" }]', "a"),
    ],
)
def test_a_dynamic_block_whose_elements_are_not_known_is_there_once(root: Root, collection: str, expected: Value) -> None:
    found = root(f"""\
        variable "dlq" {{}}
        resource "aws_lambda_function" "f" {{
          dynamic "dead_letter_config" {{
            for_each = {collection}
            content {{ target_arn = dead_letter_config.value.arn }}
          }}
        }}
    """)
    blocks = one(found, "aws_lambda_function.f").attributes["dead_letter_config"]
    assert blocks == (() if collection in ("[]", "null") else ({"target_arn": expected},))


# modules

QUEUE_MODULE = """\
    variable "name" {}
    variable "dlq" { default = null }
    variable "enabled" { default = true }
    resource "aws_sqs_queue" "this" {
      count = var.enabled ? 1 : 0
      name  = var.name
      dlq   = var.dlq
      from  = path.module
    }
    output "arn" { value = one(aws_sqs_queue.this[*].arn) }
    output "name" { value = "${var.name}!" }
"""


def test_modules_take_inputs_and_give_outputs_at_any_depth(all_roots: Roots) -> None:
    (root,) = all_roots(
        {
            "live/main.tf": """\
                variable "stage" {}
                module "orders" {
                  source = "../modules/pair"
                  name   = "${var.stage}-orders"
                }
                resource "aws_lambda_function" "f" {
                  queue = module.orders.arn
                  dlq   = module.orders.dlq["name"]
                  lost  = module.orders.nothing
                }
                output "arn" { value = module.orders.arn }
            """,
            "modules/pair/main.tf": """\
                variable "name" {}
                module "dlq" {
                  source = "../queue"
                  name   = "${var.name}-dlq"
                }
                module "queue" {
                  source = "../queue"
                  name   = var.name
                  dlq    = module.dlq.arn
                }
                output "arn" { value = module.queue.arn }
                output "dlq" { value = module.dlq }
            """,
            "modules/queue/main.tf": QUEUE_MODULE,
        }
    )
    assert (root.id, root.folder) == ("live", "live")
    assert addresses(root) == [
        "aws_lambda_function.f",
        "module.orders.module.dlq.aws_sqs_queue.this[0]",
        "module.orders.module.queue.aws_sqs_queue.this[0]",
    ]
    stage = Symbol("stage", "live")
    queue = one(root, "module.orders.module.queue.aws_sqs_queue.this[0]")
    assert queue.attributes == {
        "name": Concat((stage, "-orders")),
        "dlq": Ref("live/module.orders.module.dlq.aws_sqs_queue.this[0]", "arn"),
        "from": "../modules/queue",
    }
    assert (queue.module, queue.folder, queue.location) == (
        "module.orders.module.queue",
        "modules/queue",
        Location("modules/queue/main.tf", 4),
    )
    function = one(root, "aws_lambda_function.f").attributes
    assert function["queue"] == root.outputs["arn"] == Ref("live/module.orders.module.queue.aws_sqs_queue.this[0]", "arn")
    assert function["dlq"] == Concat((stage, "-orders-dlq!"))
    assert isinstance(function["lost"], Symbol)
    assert root.files == ("live/main.tf", "modules/pair/main.tf", "modules/queue/main.tf")


def test_one_module_is_used_many_times(root: Root) -> None:
    found = root(
        {
            "main.tf": """\
                variable "on" { default = false }
                module "q" {
                  source   = "./queue"
                  for_each = { a = true, b = false }
                  name     = each.key
                  enabled  = each.value
                }
                module "off" {
                  source = "./queue"
                  count  = var.on ? 1 : 0
                  name   = "off"
                }
                resource "aws_lambda_function" "f" {
                  a   = module.q["a"].arn
                  all = [for m in module.q : m.name]
                  off = try(module.off[0].arn, "none")
                }
            """,
            "queue/main.tf": QUEUE_MODULE,
        }
    )
    assert {resource.address: resource.condition for resource in found.resources if "module" in resource.address} == {
        "module.off[0].aws_sqs_queue.this[0]": "var.on ? 1 : 0",
        'module.q["a"].aws_sqs_queue.this[0]': None,
        'module.q["b"].aws_sqs_queue.this[0]': "var.enabled ? 1 : 0",
    }
    assert one(found, "aws_lambda_function.f").attributes == {
        "a": Ref('terraform/module.q["a"].aws_sqs_queue.this[0]', "arn"),
        "all": ("a!", "b!"),
        "off": "none",
    }


def test_conditions_of_modules_add_up(root: Root) -> None:
    found = root(
        {
            "main.tf": 'variable "a" {}\nmodule "m" {\n  source = "./m"\n  count = var.a\n}\n',
            "m/main.tf": 'variable "b" { default = 0 }\nresource "aws_sqs_queue" "q" { count = var.b }\n',
        }
    )
    assert [resource.condition for resource in found.resources] == ["(var.a) and (var.b)"]


def test_unknowns_of_a_module_are_those_of_the_use_of_it(root: Root) -> None:
    found = root(
        {
            "main.tf": 'module "a" { source = "./m" }\nmodule "b" { source = "./m" }\n',
            "m/main.tf": 'variable "name" {}\nresource "aws_sqs_queue" "q" { name = var.name }\n',
        }
    )
    assert [resource.attributes["name"] for resource in found.resources] == [
        Symbol("name", "terraform/module.a"),
        Symbol("name", "terraform/module.b"),
    ]


def test_a_module_that_is_not_in_the_tree_is_a_call_with_its_inputs(root: Root) -> None:
    found = root("""\
        module "thing" {
          source  = "git::https://example.com/things.git?ref=v1"
          version = "~> 1.0"
          count   = 2
          name    = "thing-${count.index}"
          options = {
            a = 1
          }
        }
        resource "aws_lambda_function" "f" { arn = module.thing[1].arn }
    """)
    first, second = found.calls
    assert (first.address, second.address) == ("module.thing[0]", "module.thing[1]")
    assert (second.source, second.version) == ("git::https://example.com/things.git?ref=v1", "~> 1.0")
    assert second.attributes == {"name": "thing-1", "options": {"a": 1}}
    assert second.lines[("options", "a")] == 7
    assert second.location == Location("main.tf", 1)
    assert one(found, "aws_lambda_function.f").attributes["arn"] == Ref("terraform/module.thing[1]", "output.arn")


def test_a_module_that_was_fetched_is_read(root: Root) -> None:
    found = root(
        {
            "main.tf": 'module "q" {\n  source = "example/queue/aws"\n  name = "n"\n}\n',
            ".terraform/modules/modules.json": '{"Modules":[{"Key":"","Dir":"."},{"Key":"q","Dir":".terraform/modules/q"},'
            '{"Key":"q.inner","Dir":".terraform/modules/q/inner"}]}',
            ".terraform/modules/q/main.tf": 'variable "name" {}\nmodule "inner" {\n  source = "./inner"\n  name = var.name\n}\n',
            ".terraform/modules/q/inner/main.tf": QUEUE_MODULE,
        }
    )
    assert addresses(found) == ["module.q.module.inner.aws_sqs_queue.this[0]"]
    assert found.calls == ()


def test_modules_that_call_themselves_end(all_roots: Roots) -> None:
    found = all_roots(
        {
            "a/main.tf": 'module "b" { source = "../b" }\nresource "aws_sqs_queue" "a" {}\n',
            "b/main.tf": 'module "a" { source = "../a" }\nresource "aws_sqs_queue" "b" {}\n',
        }
    )
    assert [root.id for root in found] == ["a"]
    assert addresses(found[0]) == ["aws_sqs_queue.a", "module.b.aws_sqs_queue.b"]
    assert [gap.why for gap in found[0].gaps] == ["a calls itself"]


@pytest.mark.parametrize("asks", ["[for name, module in module : name]", "values(module)"])
def test_a_module_whose_instances_depend_on_itself_stops_nothing(root: Root, asks: str) -> None:
    found = root(
        {
            "main.tf": f"""\
                module "pair" {{
                  source   = "./pair"
                  for_each = {{ a = {asks}, b = 2 }}
                }}
                module "first" {{
                  source = "./pair"
                  count  = length(keys(module.pair))
                }}
                resource "aws_lambda_function" "f" {{ handler = module.pair["b"].arn }}
            """,
            "pair/main.tf": """\
                resource "aws_sqs_queue" "q" {}
                output "arn" { value = aws_sqs_queue.q.arn }
            """,
        }
    )
    queues = ['module.pair["a"].aws_sqs_queue.q', 'module.pair["b"].aws_sqs_queue.q']
    first = ["module.first[0].aws_sqs_queue.q", "module.first[1].aws_sqs_queue.q"]
    assert addresses(found) == ["aws_lambda_function.f", *first, *queues]
    assert one(found, "aws_lambda_function.f").attributes["handler"] == Ref(f"terraform/{queues[1]}", "arn")


# roots


def test_a_folder_that_no_other_uses_is_a_root(all_roots: Roots) -> None:
    queue = 'resource "aws_sqs_queue" "q" {}\n'
    found = all_roots(
        {
            "main.tf": queue,
            "examples/simple/main.tf": 'module "m" { source = "../../lib" }\n',
            "lib/main.tf": queue,
            "live/prod/main.tf": queue,
            "live/prod/terraform.tfvars": "",
            "empty/versions.tf": 'terraform {\n  required_version = ">= 1"\n}\n',
        }
    )
    assert [root.id for root in found] == ["examples/simple", "live/prod", "terraform"]


def test_the_outermost_root_gives_way_to_a_folder_of_its_name(all_roots: Roots) -> None:
    queue = 'resource "aws_sqs_queue" "q" {}\n'
    assert [root.id for root in all_roots({"main.tf": queue, "terraform/main.tf": queue})] == ["root", "terraform"]


def test_what_is_wrong_in_one_file_does_not_stop_the_others(root: Root) -> None:
    found = root({"a.tf": 'resource "aws_sqs_queue" "a" {\n  name = foo(\n}\n', "b.tf": 'resource "aws_sqs_queue" "b" {}\n'})
    assert addresses(found) == ["aws_sqs_queue.a", "aws_sqs_queue.b"]
    assert {problem.location.path for problem in found.problems} == {"a.tf"}
    assert {problem.rule for problem in found.problems} == {"template-syntax"}


def test_a_resource_that_stands_twice_is_told(root: Root) -> None:
    found = root({"a.tf": 'resource "aws_sqs_queue" "q" { a = 1 }\n', "b.tf": '\nresource "aws_sqs_queue" "q" { a = 2 }\n'})
    assert one(found, "aws_sqs_queue.q").attributes == {"a": 1}
    assert [(problem.rule, problem.location) for problem in found.problems] == [("template-duplicate-key", Location("b.tf", 2))]


def test_overrides_replace_arguments_and_blocks(root: Root) -> None:
    found = root(
        {
            "main.tf": 'resource "aws_sqs_queue" "q" {\n  name = "a"\n  size = 1\n  redrive { arn = "x" }\n}\nlocals { l = 1 }\n',
            "x_override.tf": 'resource "aws_sqs_queue" "q" {\n  name = "b"\n  redrive { arn = "y" }\n}\nlocals { l = 2 }\n',
            "override.tf": 'resource "aws_sqs_queue" "q" { local = local.l }\n',
        }
    )
    queue = one(found, "aws_sqs_queue.q")
    assert queue.attributes == {"name": "b", "size": 1, "redrive": ({"arn": "y"},), "local": 2}
    assert queue.location == Location("main.tf", 1)
    assert ("name",) not in queue.lines
    assert not found.problems


def test_opentofu_files_are_read_in_the_place_of_terraforms(root: Root) -> None:
    found = root({"a.tf": 'resource "aws_sqs_queue" "a" {}\n', "a.tofu": 'resource "aws_sqs_queue" "b" {}\n'})
    assert addresses(found) == ["aws_sqs_queue.b"]


def test_json_is_read_like_hcl(root: Root) -> None:
    found = root(
        {
            "main.tf.json": """\
                {"variable": {"n": {"default": "x"}},
                 "resource": {"aws_sqs_queue": {
                   "q": {"count": 2, "name": "${var.n}-q",
                         "dynamic": {"redrive": {"for_each": ["a"], "content": {"arn": "${redrive.value}"}}}}}}}
            """
        }
    )
    queue = one(found, "aws_sqs_queue.q[1]")
    assert queue.attributes == {"name": "x-q", "redrive": ({"arn": "a"},)}
    assert queue.location == Location("main.tf.json", 3)


# variables

VARIABLES = """\
    variable "a" { default = "default" }
    variable "b" { type = list(string) }
    variable "c" {
      type = object({ x = string, y = optional(number, 3), z = optional(string) })
      default = { x = 1 }
    }
    variable "d" {
      default  = "not null"
      nullable = false
    }
    resource "aws_sqs_queue" "q" {
      a = var.a
      b = var.b
      c = var.c
      d = var.d
    }
"""


def test_values_come_from_files_and_from_the_command_line_the_later_wins(root: Root) -> None:
    files: dict[str, str | bytes] = {"main.tf": VARIABLES}

    def values(**options: object) -> dict[str, Value]:
        return dict(one(root(files, **options), "aws_sqs_queue.q").attributes)  # type: ignore[arg-type]

    assert values() == {"a": "default", "b": Symbol("b", "terraform"), "c": {"x": "1", "y": 3, "z": None}, "d": "not null"}
    files["terraform.tfvars"] = 'a = "file"\nb = ["f"]\nunknown = 1\n'
    assert (values()["a"], values()["b"]) == ("file", ("f",))
    files["terraform.tfvars.json"] = '{"a": "json"}'
    assert values()["a"] == "json"
    files["b.auto.tfvars"] = 'a = "auto b"'
    files["a.auto.tfvars"] = 'a = "auto a"'
    files["other.tfvars"] = 'a = "other"\nc = { x = "o", y = "4" }\nd = null\n'
    assert values()["a"] == "auto b"
    other = values(var_files=("other.tfvars",))
    assert (other["a"], other["c"], other["d"]) == ("other", {"x": "o", "y": 4, "z": None}, "not null")
    assert values(var_files=("other.tfvars",), a="said", b='["x", "y"]') | {"c": None} == {
        "a": "said",
        "b": ("x", "y"),
        "c": None,
        "d": "not null",
    }


def test_a_broken_file_of_values_is_told(root: Root) -> None:
    found = root({"main.tf": VARIABLES, "terraform.tfvars": 'a = \nb = ["x"]\n'})
    assert [problem.location for problem in found.problems] == [Location("terraform.tfvars", 1)]
    assert one(found, "aws_sqs_queue.q").attributes["b"] == ("x",)


# policy documents


def test_a_policy_document_is_what_its_blocks_say(root: Root) -> None:
    found = root("""\
        variable "stage" {}
        resource "aws_sqs_queue" "q" {}
        data "aws_iam_policy_document" "base" {
          statement {
            sid       = "One"
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
          statement {
            sid    = "Two"
            effect = "Deny"
            not_actions = ["s3:*"]
            resources = ["x"]
            principals {
              type        = "Service"
              identifiers = ["lambda.amazonaws.com", "sns.amazonaws.com"]
            }
            condition {
              test     = "ArnEquals"
              variable = "aws:SourceArn"
              values   = [aws_sqs_queue.q.arn]
            }
          }
        }
        data "aws_iam_policy_document" "whole" {
          source_policy_documents   = [data.aws_iam_policy_document.base.json, var.stage]
          override_policy_documents = [jsonencode({ Statement = [{ Sid = "One", Effect = "Deny" }] })]
          dynamic "statement" {
            for_each = ["a", "b"]
            content {
              actions   = ["sqs:SendMessage"]
              resources = ["${aws_sqs_queue.q.arn}/${statement.value}"]
              principals {
                type        = "*"
                identifiers = ["*"]
              }
            }
          }
        }
        resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.whole.json }
    """)
    queue = Ref("terraform/aws_sqs_queue.q", "arn")
    assert one(found, "aws_iam_policy.p").attributes["policy"] == {
        "Version": "2012-10-17",
        "Statement": (
            {"Sid": "One", "Effect": "Deny"},
            {
                "Sid": "Two",
                "Effect": "Deny",
                "NotAction": ("s3:*",),
                "Resource": ("x",),
                "Principal": {"Service": ("lambda.amazonaws.com", "sns.amazonaws.com")},
                "Condition": {"ArnEquals": {"aws:SourceArn": (queue,)}},
            },
            Symbol("stage", "terraform"),
            {"Effect": "Allow", "Action": ("sqs:SendMessage",), "Resource": (Concat((queue, "/a")),), "Principal": "*"},
            {"Effect": "Allow", "Action": ("sqs:SendMessage",), "Resource": (Concat((queue, "/b")),), "Principal": "*"},
        ),
    }


def test_a_template_file_of_old_is_rendered(root: Root) -> None:
    found = root("""\
        resource "aws_sqs_queue" "q" {}
        data "template_file" "t" {
          template = "arn=$${arn}"
          vars     = { arn = aws_sqs_queue.q.arn }
        }
        resource "aws_sqs_queue" "r" { text = data.template_file.t.rendered }
    """)
    assert one(found, "aws_sqs_queue.r").attributes["text"] == Concat(("arn=", Ref("terraform/aws_sqs_queue.q", "arn")))


def test_a_choice_reaches_an_argument_with_its_condition(root: Root) -> None:
    found = root("""\
        variable "fifo" {}
        resource "aws_sqs_queue" "q" { name = var.fifo ? "q.fifo" : "q" }
    """)
    assert one(found, "aws_sqs_queue.q").attributes["name"] == Either(("q.fifo", "q"), ("var.fifo", "not var.fifo"))


@pytest.mark.parametrize(
    "data", [b"\x00\xff\xfe", b"{" * 3000, b'resource "a" "b" {\n' * 200, bytes(range(256)) * 20, b'"${' * 500]
)
def test_bytes_that_are_no_configuration_never_raise(all_roots: Roots, data: bytes) -> None:
    for name in ("main.tf", "main.tf.json", "terraform.tfvars", ".terraform/modules/modules.json"):
        all_roots({"ok.tf": 'variable "x" {}\nmodule "m" { source = "x" }\n', name: data})
