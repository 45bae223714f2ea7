"""Terragrunt: which folders are units, what their modules are given, and what one unit takes from another."""

from __future__ import annotations

import pytest

from tests.scanners.terraform.conftest import Roots
from untangle.model.location import Location
from untangle.model.value import ACCOUNT, Concat, Ref, Symbol, Value
from untangle.scanners.terraform.block import TerraformRoot

QUEUE = """\
    variable "name" {}
    variable "stage" {}
    resource "aws_sqs_queue" "q" { name = "${var.stage}-${var.name}" }
    output "arn" { value = aws_sqs_queue.q.arn }
    output "name" { value = "${var.stage}-${var.name}" }
"""
FUNCTION = """\
    variable "queue_arn" {}
    variable "settings" { default = {} }
    resource "aws_lambda_event_source_mapping" "m" {
      event_source_arn = var.queue_arn
      settings         = var.settings
      extra            = var.declared_by_a_generated_file
    }
"""
PARENT = """\
    locals {
      account = get_env("ACCOUNT", "111")
      region  = get_env("REGION")
    }
    inputs = {
      stage = "dev"
      name  = "default"
      declared_by_a_generated_file = local.account
    }
"""
FILES: dict[str, str | bytes] = {
    "modules/queue/main.tf": QUEUE,
    "modules/function/main.tf": FUNCTION,
    "live/root.hcl": PARENT,
    "live/queue/terragrunt.hcl": """\
        include "root" { path = find_in_parent_folders("root.hcl") }
        terraform { source = "../../modules//queue" }
        inputs = { name = "orders" }
    """,
    "live/function/terragrunt.hcl": """\
        include "root" {
          path   = find_in_parent_folders("root.hcl")
          expose = true
        }
        terraform { source = "${get_repo_root()}/modules/function?ref=v1" }
        dependency "queue" {
          config_path  = "../queue"
          mock_outputs = { arn = "arn:mock" }
        }
        dependency "elsewhere" { config_path = "../../../elsewhere" }
        inputs = {
          queue_arn = dependency.queue.outputs.arn
          settings  = {
            name    = dependency.queue.outputs.name
            other   = dependency.elsewhere.outputs.arn
            nothing = dependency.queue.outputs.nothing
            account = include.root.locals.account
            region  = include.root.locals.region
            here    = path_relative_to_include()
            aws     = get_aws_account_id()
          }
        }
    """,
}


def by_id(roots: tuple[TerraformRoot, ...]) -> dict[str, TerraformRoot]:
    return {root.id: root for root in roots}


def test_a_unit_is_a_root_that_stands_in_the_folder_of_its_module(all_roots: Roots) -> None:
    found = by_id(all_roots(FILES))
    assert sorted(found) == ["live/function", "live/queue"]
    queue = found["live/queue"]
    assert queue.folder == "modules/queue"
    assert queue.files == ("live/queue/terragrunt.hcl", "live/root.hcl", "modules/queue/main.tf")
    assert [(item.address, item.attributes["name"]) for item in queue.resources] == [("aws_sqs_queue.q", "dev-orders")]


def test_what_one_unit_takes_from_another_leads_to_the_others_resources(all_roots: Roots) -> None:
    (mapping,) = by_id(all_roots(FILES))["live/function"].resources
    assert mapping.attributes["event_source_arn"] == Ref("live/queue/aws_sqs_queue.q", "arn")
    assert mapping.attributes["extra"] == "111"
    assert mapping.attributes["settings"] == {
        "name": "dev-orders",
        "other": Symbol("output.arn", "live/function/dependency.elsewhere"),
        "nothing": Symbol("output.nothing", "live/queue"),
        "account": "111",
        "region": Symbol("env REGION"),
        "here": "function",
        "aws": ACCOUNT,
    }


def test_one_module_in_two_units_is_two_roots(all_roots: Roots) -> None:
    unit = 'terraform { source = "../../modules/queue" }\ninputs = { stage = basename(get_terragrunt_dir()), name = "q" }\n'
    found = by_id(all_roots({"modules/queue/main.tf": QUEUE, "live/dev/terragrunt.hcl": unit, "live/prod/terragrunt.hcl": unit}))
    assert {id: root.resources[0].attributes["name"] for id, root in found.items()} == {
        "live/dev": "dev-q",
        "live/prod": "prod-q",
    }


def test_a_unit_may_lie_beside_its_module_and_read_other_files(all_roots: Roots) -> None:
    (root,) = all_roots(
        {
            "live/env.hcl": 'locals { stage = "qa" }\n',
            "live/queue/main.tf": QUEUE,
            "live/queue/terragrunt.hcl": """\
                locals {
                  env  = read_terragrunt_config(find_in_parent_folders("env.hcl"))
                  none = read_terragrunt_config("no.hcl", { locals = { a = "b" } })
                }
                inputs = merge({ stage = local.env.locals.stage }, { name = local.none.locals.a })
            """,
        }
    )
    assert (root.id, root.resources[0].attributes["name"]) == ("live/queue", "qa-b")


def test_values_given_by_name_win_over_inputs(all_roots: Roots) -> None:
    found = by_id(all_roots(FILES, name="said"))
    assert found["live/queue"].resources[0].attributes["name"] == "dev-said"


def test_a_module_that_is_not_in_the_tree_is_a_gap(all_roots: Roots) -> None:
    (root,) = all_roots({"live/q/terragrunt.hcl": 'terraform { source = "git::https://example.com/m.git//q?ref=v1" }\n'})
    (gap,) = root.gaps
    assert gap.what == "the Terragrunt unit live/q"
    assert "git::https://example.com/m.git//q?ref=v1" in gap.why
    assert gap.location == Location("live/q/terragrunt.hcl")


def test_a_file_that_only_others_include_is_no_unit(all_roots: Roots) -> None:
    found = all_roots({"terragrunt.hcl": PARENT, "modules/queue/main.tf": QUEUE})
    assert [root.id for root in found] == ["modules/queue"]


CIRCLES: list[tuple[str, dict[str, str | bytes]]] = [
    (
        "units that depend on each other",
        {
            name: f'terraform {{ source = "../m" }}\ndependency "d" {{ config_path = "../{other}" }}\n'
            "inputs = { name = dependency.d.outputs.name, stage = 1 }\n"
            for name, other in (("a/terragrunt.hcl", "b"), ("b/terragrunt.hcl", "a"))
        },
    ),
    (
        "files that include each other",
        {
            "a/terragrunt.hcl": 'include { path = "../x.hcl" }\nterraform { source = "../m" }\ninputs = include.inputs\n',
            "x.hcl": 'include { path = "a/terragrunt.hcl" }\ninputs = merge(read_terragrunt_config("a/terragrunt.hcl").inputs, '
            'read_terragrunt_config("a/terragrunt.hcl").inputs)\n',
        },
    ),
    ("a unit that depends on itself", {"a/terragrunt.hcl": 'terraform { source = "../m" }\ndependency "d" { config_path = "." }\n'
      "inputs = { name = dependency.d.outputs.name }\n"}),
    ("a broken file", {"a/terragrunt.hcl": 'terraform { source = "../m" \ninputs = {\n'}),
]  # fmt: skip


@pytest.mark.parametrize("files", [case[1] for case in CIRCLES], ids=[case[0] for case in CIRCLES])
def test_what_leads_back_to_itself_ends(all_roots: Roots, files: dict[str, str | bytes]) -> None:
    found = all_roots({**files, "m/main.tf": QUEUE})
    assert any(root.resources for root in found)


def test_texts_with_unknown_parts_pass_from_unit_to_unit(all_roots: Roots) -> None:
    files = {**FILES, "live/root.hcl": 'inputs = { stage = get_env("STAGE") }\n'}
    settings: Value = by_id(all_roots(files))["live/function"].resources[0].attributes["settings"]
    assert isinstance(settings, dict)
    assert settings["name"] == Concat((Symbol("env STAGE"), "-orders"))


SETTINGS = """\
    variable "a" { default = "default" }
    variable "b" { default = "default" }
    resource "aws_sqs_queue" "q" {
      a = var.a
      b = var.b
    }
"""
UNIT = 'terraform {{\n  source = "../../m"\n  {}\n}}\ninputs = {{ a = "input" }}\n'


@pytest.mark.parametrize(
    ("arguments", "a", "b"),
    [
        ("", "input", "default"),
        ('extra_arguments "x" { required_var_files = ["${get_terragrunt_dir()}/x.tfvars"] }', "x", "x"),
        ('extra_arguments "x" { optional_var_files = ["x.tfvars", "none.tfvars"] }', "x", "x"),
        ('extra_arguments "x" { arguments = ["-no-color", "-var-file=x.tfvars", "-var", "b=said"] }', "x", "said"),
        ('extra_arguments "x" { arguments = ["-var-file", find_in_parent_folders("common.tfvars")] }', "common", "default"),
        ('extra_arguments "x" { env_vars = { TF_VAR_a = "env", TF_VAR_b = "env", OTHER = "no" } }', "input", "env"),
        (
            'extra_arguments "x" {\n commands = ["destroy"]\n required_var_files = ["x.tfvars"]\n }',
            "input",
            "default",
        ),
        (
            'extra_arguments "x" {\n commands = get_terraform_commands_that_need_vars()\n required_var_files = ["x.tfvars"]\n }',
            "x",
            "x",
        ),
    ],
)
def test_extra_arguments_give_variables_their_values(all_roots: Roots, arguments: str, a: str, b: str) -> None:
    files: dict[str, str | bytes] = {
        "m/main.tf": SETTINGS,
        "live/common.tfvars": 'a = "common"\n',
        "live/q/x.tfvars": 'a = "x"\nb = "x"\n',
        "live/q/terragrunt.hcl": UNIT.format(arguments),
    }
    root = by_id(all_roots(files))["live/q"]
    assert (root.resources[0].attributes, root.gaps) == ({"a": a, "b": b}, ())


@pytest.mark.parametrize(
    ("files", "gaps"),
    [
        ('required_var_files = ["none.tfvars"]', ["variable file none.tfvars of live/q/terragrunt.hcl"]),
        ('optional_var_files = ["none.tfvars"]', []),
        (
            'optional_var_files = ["${get_env("STAGE")}.tfvars"]',
            ["variable file ${env STAGE}.tfvars of live/q/terragrunt.hcl"],
        ),
    ],
)
def test_a_variable_file_that_is_not_read_is_a_gap(all_roots: Roots, files: str, gaps: list[str]) -> None:
    found = all_roots({"m/main.tf": SETTINGS, "live/q/terragrunt.hcl": UNIT.format(f'extra_arguments "x" {{ {files} }}')})
    assert [gap.what for gap in by_id(found)["live/q"].gaps] == gaps


PARENT_INPUTS = 'inputs = { a = { x = 1, y = { p = 1 } }, b = ["parent"] }\n'


@pytest.mark.parametrize(
    ("strategy", "a", "b"),
    [
        ("", {"y": {"q": 2}}, ("child",)),
        ('merge_strategy = "shallow"', {"y": {"q": 2}}, ("child",)),
        ('merge_strategy = "deep"', {"x": 1, "y": {"p": 1, "q": 2}}, ("parent", "child")),
        ('merge_strategy = "deep_map_only"', {"x": 1, "y": {"p": 1, "q": 2}}, ("child",)),
        ('merge_strategy = "no_merge"', {"y": {"q": 2}}, ("child",)),
    ],
)
def test_inputs_of_a_parent_are_merged_as_the_include_says(all_roots: Roots, strategy: str, a: Value, b: Value) -> None:
    unit = f"""\
        include "root" {{
          path = find_in_parent_folders("root.hcl")
          {strategy}
        }}
        terraform {{ source = "../../m" }}
        inputs = {{ a = {{ y = {{ q = 2 }} }}, b = ["child"] }}
    """
    root = by_id(all_roots({"m/main.tf": SETTINGS, "live/root.hcl": PARENT_INPUTS, "live/q/terragrunt.hcl": unit}))["live/q"]
    assert root.resources[0].attributes == {"a": a, "b": b}


@pytest.mark.parametrize(
    ("contents", "gaps"),
    [
        ('provider "aws" {}', []),
        ('terraform {\nbackend "s3" {}\n}', []),
        ('variable "c" {}', ["what live/q/terragrunt.hcl generates as more"]),
        ('resource "aws_sqs_queue" "q2" {}', ["what live/q/terragrunt.hcl generates as more"]),
    ],
)
def test_a_generated_file_that_declares_something_is_a_gap(all_roots: Roots, contents: str, gaps: list[str]) -> None:
    unit = f'terraform {{ source = "../../m" }}\ngenerate "more" {{\npath = "more.tf"\ncontents = <<-EOT\n{contents}\nEOT\n}}\n'
    root = by_id(all_roots({"m/main.tf": SETTINGS, "live/q/terragrunt.hcl": unit}))["live/q"]
    assert [gap.what for gap in root.gaps] == gaps


STACK: dict[str, str | bytes] = {
    "modules/queue/main.tf": QUEUE,
    "modules/function/main.tf": FUNCTION,
    "catalog/queue/terragrunt.hcl": """\
        terraform { source = "${get_repo_root()}/modules/queue" }
        inputs = { name = values.name, stage = try(values.stage, "dev") }
    """,
    "catalog/function/terragrunt.hcl": """\
        terraform { source = "${get_repo_root()}/modules/function" }
        dependency "queue" { config_path = values.queue }
        inputs = { queue_arn = dependency.queue.outputs.arn }
    """,
    "live/terragrunt.stack.hcl": """\
        locals { name = "orders" }
        unit "queue" {
          source = "../catalog/queue"
          path   = "queue"
          values = { name = local.name }
        }
        unit "function" {
          source = "${get_repo_root()}/catalog/function"
          path   = "function"
          values = { queue = "../queue" }
        }
    """,
}


def test_a_stack_makes_units_of_what_stands_in_a_catalog(all_roots: Roots) -> None:
    found = by_id(all_roots(STACK))
    assert sorted(found) == ["live/.terragrunt-stack/function", "live/.terragrunt-stack/queue"]
    (queue,), (mapping,) = found["live/.terragrunt-stack/queue"].resources, found["live/.terragrunt-stack/function"].resources
    assert queue.attributes["name"] == "dev-orders"
    assert mapping.attributes["event_source_arn"] == Ref("live/.terragrunt-stack/queue/aws_sqs_queue.q", "arn")


@pytest.mark.parametrize(
    ("block", "what"),
    [
        ('unit "q" {\n source = "git::https://example.com/catalog.git//queue"\n path = "q"\n}', "the unit q of"),
        ('unit "q" {\n source = "../none"\n path = "q"\n}', "the unit q of"),
        ('stack "all" {\n source = "../catalog"\n path = "all"\n}', "the stack all of"),
    ],
)
def test_what_is_not_read_of_a_stack_is_a_gap(all_roots: Roots, block: str, what: str) -> None:
    found = by_id(all_roots({"m/main.tf": QUEUE, "live/terragrunt.stack.hcl": block}))
    (gap,) = found["live/terragrunt.stack.hcl"].gaps
    assert gap.what == f"{what} live/terragrunt.stack.hcl"
    assert "terragrunt stack generate" in gap.why


def test_units_that_were_generated_are_read_with_their_values(all_roots: Roots) -> None:
    files: dict[str, str | bytes] = {
        "modules/queue/main.tf": QUEUE,
        "live/terragrunt.stack.hcl": 'unit "q" {\n source = "git::https://example.com/catalog.git//queue"\n path = "q"\n}',
        "live/.terragrunt-stack/q/terragrunt.hcl": STACK["catalog/queue/terragrunt.hcl"],
        "live/.terragrunt-stack/q/terragrunt.values.hcl": 'name = "made"\nstage = "qa"\n',
    }
    (root,) = all_roots(files)
    assert (root.id, root.resources[0].attributes["name"], root.gaps) == ("live/.terragrunt-stack/q", "qa-made", ())
