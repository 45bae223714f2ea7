"""Plans and states: what is known before an apply, what the configuration says of the rest, and what was applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from untangle.model.resource import Inventory, Resource
from untangle.model.value import Ref, Symbol, Value
from untangle.scanners.scanner import Options
from untangle.scanners.terraform import read
from untangle.scanners.tree import Tree

FUNCTION = {"address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function", "name": "f"}
QUEUE = {"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "name": "q"}
MAPPING = {
    "address": "aws_lambda_event_source_mapping.m",
    "mode": "managed",
    "type": "aws_lambda_event_source_mapping",
    "name": "m",
}


def plan(
    resources: list[dict[str, Any]],
    configuration: dict[str, Any] | None = None,
    modules: list[Any] = (),
    **more: Any,  # type: ignore[assignment]
) -> dict[str, Any]:
    """A plan with these planned values."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": {"root_module": {"resources": resources, "child_modules": list(modules)}},
        "configuration": {"root_module": configuration or {}},
        **more,
    }


def refers(*references: str) -> dict[str, Any]:
    """An expression as a plan writes it: what it refers to, and that of which it is a part."""
    return {"references": [text for full in references for text in (full, full.rpartition(".")[0])]}


def scanned(folder: Path, **files: Any) -> Inventory:
    """The inventory of a folder with these files; `_` in a name stands for a dot."""
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return read(Tree(folder), Options())


def at(inventory: Inventory, address: str) -> Resource:
    """The resource at an address."""
    return next(item for item in inventory.resources if item.address == address)


def test_known_values_are_read(tmp_path: Path) -> None:
    queue = {**QUEUE, "values": {"name": "orders", "visibility_timeout_seconds": 60}}
    found = scanned(tmp_path, plan_json=plan([queue]))
    assert [(stack.id, stack.kind) for stack in found.stacks] == [("plan", "terraform")]
    assert at(found, "aws_sqs_queue.q").properties == {"QueueName": "orders", "VisibilityTimeout": 60}


EXPRESSIONS: list[tuple[str, dict[str, Any], Value]] = [
    ("a reference", refers("aws_sqs_queue.q.arn"), Ref("plan/aws_sqs_queue.q", "Arn")),
    ("a constant", {"constant_value": "arn:aws:sqs:eu-west-1:1:orders"}, "arn:aws:sqs:eu-west-1:1:orders"),
    ("an output of a module", refers("module.m.queue"), Ref("plan/module.m.aws_sqs_queue.inner[0]", "Arn")),
    ("a variable of the root", refers("var.queue"), "given"),
    (
        "several references",
        refers("aws_sqs_queue.q.arn", "aws_lambda_function.f.arn"),
        Symbol("aws_lambda_event_source_mapping.m.event_source_arn", "plan"),
    ),
    ("what a plan does not hold", refers("local.queue"), Symbol("aws_lambda_event_source_mapping.m.event_source_arn", "plan")),
]


@pytest.mark.parametrize(("expression", "value"), [row[1:] for row in EXPRESSIONS], ids=[row[0] for row in EXPRESSIONS])
def test_what_is_not_known_is_what_the_configuration_refers_to(tmp_path: Path, expression: Any, value: Value) -> None:
    inner = {"address": "module.m.aws_sqs_queue.inner[0]", "type": "aws_sqs_queue", "name": "inner", "values": {}}
    configuration = {
        "resources": [{"address": MAPPING["address"], "expressions": {"event_source_arn": expression}}],
        "module_calls": {"m": {"module": {"outputs": {"queue": {"expression": refers("aws_sqs_queue.inner[0].arn")}}}}},
    }
    document = plan(
        [QUEUE, FUNCTION, MAPPING],
        configuration,
        [{"address": "module.m", "resources": [inner]}],
        variables={"queue": {"value": "given"}},
    )
    found = scanned(tmp_path, plan_json=document)
    assert at(found, "aws_lambda_event_source_mapping.m").get("EventSourceArn") == value


def test_inputs_of_a_module_lead_out_of_it(tmp_path: Path) -> None:
    inside = {**MAPPING, "address": 'module.m["a"].aws_lambda_event_source_mapping.m'}
    configuration = {
        "module_calls": {
            "m": {
                "expressions": {"source": refers("aws_sqs_queue.q.arn")},
                "module": {
                    "resources": [{"address": MAPPING["address"], "expressions": {"event_source_arn": refers("var.source")}}]
                },
            }
        }
    }
    document = plan([QUEUE], configuration, [{"address": 'module.m["a"]', "resources": [inside]}])
    found = at(scanned(tmp_path, plan_json=document), 'module.m["a"].aws_lambda_event_source_mapping.m')
    assert found.get("EventSourceArn") == Ref("plan/aws_sqs_queue.q", "Arn")


def test_the_one_unknown_entry_of_a_map_is_the_one_reference(tmp_path: Path) -> None:
    function = {**FUNCTION, "values": {"environment": [{"variables": {"STAGE": "dev"}}]}}
    unknown = {"address": FUNCTION["address"], "change": {"after_unknown": {"environment": [{"variables": {"QUEUE": True}}]}}}
    written = [{"variables": refers("aws_sqs_queue.q.url")}]
    configuration = {"resources": [{"address": FUNCTION["address"], "expressions": {"environment": written}}]}
    found = at(
        scanned(tmp_path, plan_json=plan([QUEUE, function], configuration, resource_changes=[unknown])), "aws_lambda_function.f"
    )
    assert found.get("Environment", "Variables") == {"STAGE": "dev", "QUEUE": Ref("plan/aws_sqs_queue.q")}


def test_a_policy_document_that_is_not_rendered_yet_is_its_statements(tmp_path: Path) -> None:
    document = {"address": "data.aws_iam_policy_document.d", "mode": "data", "type": "aws_iam_policy_document", "name": "d"}
    policy = {"address": "aws_iam_role_policy.p", "type": "aws_iam_role_policy", "name": "p", "values": {"role": "r"}}
    statement = {"actions": {"constant_value": ["sqs:SendMessage"]}, "resources": refers("aws_sqs_queue.q.arn")}
    configuration = {
        "resources": [
            {"address": document["address"], "expressions": {"statement": [statement]}},
            {"address": policy["address"], "expressions": {"policy": refers("data.aws_iam_policy_document.d.json")}},
        ]
    }
    found = at(scanned(tmp_path, plan_json=plan([QUEUE, document, policy], configuration)), "aws_iam_role_policy.p")
    assert found.get("PolicyDocument") == {
        "Statement": ({"Effect": "Allow", "Action": ("sqs:SendMessage",), "Resource": (Ref("plan/aws_sqs_queue.q", "Arn"),)},)
    }


ARN = "arn:aws:sqs:eu-west-1:123456789012:orders"
STATE = {
    "version": 4,
    "terraform_version": "1.9.5",
    "resources": [
        {
            "module": "module.m",
            "mode": "managed",
            "type": "aws_sqs_queue",
            "name": "q",
            "instances": [{"index_key": "a", "attributes": {"name": "orders", "arn": ARN, "url": "https://sqs/1/orders"}}],
        },
        {"mode": "data", "type": "aws_region", "name": "current", "instances": [{"attributes": {"name": "eu-west-1"}}]},
    ],
}


def test_a_state_says_what_is_deployed(tmp_path: Path) -> None:
    found = scanned(tmp_path, terraform_tfstate=STATE)
    queue = at(found, 'module.m.aws_sqs_queue.q["a"]')
    assert (queue.deployed, queue.attributes["Arn"], queue.attributes["Ref"]) == (ARN, ARN, "https://sqs/1/orders")
    assert [item.address for item in found.resources] == ['module.m.aws_sqs_queue.q["a"]']


def test_a_shown_state_is_read_like_a_plan(tmp_path: Path) -> None:
    shown = {
        "format_version": "1.0",
        "terraform_version": "1.9.5",
        "values": {"root_module": {"resources": [{**QUEUE, "values": {"name": "orders", "arn": ARN}}]}},
    }
    queue = at(scanned(tmp_path, state_json=shown), "aws_sqs_queue.q")
    assert (queue.get("QueueName"), queue.deployed) == ("orders", ARN)


NEITHER: list[tuple[str, str]] = [
    ("another document", '{"version": 2, "terraform_version": "1"}'),
    ("a package lock", '{"name": "x", "lockfileVersion": 3}'),
    ("nothing", ""),
]


@pytest.mark.parametrize("text", [row[1] for row in NEITHER], ids=[row[0] for row in NEITHER])
def test_other_json_is_left_alone(tmp_path: Path, text: str) -> None:
    found = scanned(tmp_path, some_json=text)
    assert (found.sources, found.problems) == ((), ())


@pytest.mark.parametrize(
    "rest",
    ['"resources": {', '"planned_values": 3}', '"planned_values": {"root_module": ' + "[" * 9999],
    ids=["cut off", "mistyped", "deep"],
)
def test_a_broken_plan_is_a_problem(tmp_path: Path, rest: str) -> None:
    found = scanned(tmp_path, plan_json='{"format_version": "1.2", ' + rest)
    assert [(problem.rule, problem.location.path) for problem in found.problems] == [("template-syntax", "plan.json")]
    assert found.resources == ()
