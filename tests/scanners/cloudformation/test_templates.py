"""What is a template and what is not, what is wrong in one, and where everything in it is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scanners.cloudformation.conftest import Read, resource
from untangle.model.value import Either, Ref
from untangle.scanners import tree as tree_module

QUEUE = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n"
AS_JSON = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})

TEMPLATES = [
    ("t.yaml", QUEUE),
    ("t.yml", "---\n# note\n" + QUEUE),
    ("t.template", QUEUE),
    ("t.json", AS_JSON),
    ("t.template.json", AS_JSON),
    ("T.YAML", QUEUE),
    ("t.yaml", "  " + QUEUE.replace("\n", "\n  ").rstrip() + "\n"),
    ("t.yaml", '"Resources" :\n  Q: {Type: "AWS::SQS::Queue"}\n'),
    ("t.yaml", AS_JSON.encode("utf-16")),
    ("t.yaml", "Resources: {Q: {Type: 'Custom::Thing'}}"),
    ("cdk.out/t.template.json", AS_JSON),
]


@pytest.mark.parametrize(("path", "content"), TEMPLATES)
def test_this_is_a_template(path: str, content: str | bytes, read: Read) -> None:
    inventory = read({path: content})
    assert [source.path for source in inventory.sources] == [path]
    assert [found.address for found in inventory.resources] == ["Q"]


OTHERS = [
    ("workflow.yaml", "on: push\njobs: {a: {steps: [{run: 'aws AWS::SQS::Queue'}]}}\n"),
    ("serverless.yml", "service: x\nresources:\n  Resources:\n    Q: {Type: 'AWS::SQS::Queue'}\n"),
    ("machine.asl.json", '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "AWS::Resources"}}}'),
    ("types.json", json.dumps({"Resources": ["AWS::SQS::Queue"]})),
    ("resources.yaml", "Resources:\n  limits: {cpu: 1}\nkind: 'AWS::x'\n"),
    ("samconfig.yaml", "default: {deploy: {parameters: {x: 'Resources: AWS::Serverless'}}}\n"),
    ("chart.yaml", "{{ if .x }}\nkind: AWS::Pod\n  Resources: {\n"),
    ("list.yaml", "- Resources:\n    Q: {Type: 'AWS::SQS::Queue'}\n"),
    ("t.txt", QUEUE),
    ("t.py", QUEUE),
    ("package-lock.json", AS_JSON),
    ("node_modules/x/t.yaml", QUEUE),
    (".aws-sam/build/template.yaml", QUEUE),
    ("cdk.out/asset.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/t.yaml", QUEUE),
    ("empty.yaml", ""),
    ("t.yaml", b"Resources: AWS:: \x00\xff\xfe"),
]


@pytest.mark.parametrize(("path", "content"), OTHERS)
def test_this_is_none_and_is_passed_over_in_silence(path: str, content: str | bytes, read: Read) -> None:
    inventory = read({path: content})
    assert (inventory.sources, inventory.resources, inventory.problems, inventory.gaps) == ((), (), (), ())


WRONG = [
    (QUEUE + "   bad: [1\n", "template-syntax", 4),
    ('{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}\n', "template-syntax", 2),
    ("{% if x %}\n" + QUEUE, "template-syntax", 1),
    (QUEUE + "  Q:\n    Type: AWS::SNS::Topic\n", "template-duplicate-key", 4),
    (QUEUE + "    Properties: {A: !Nope x}\n", "template-unknown-tag", 4),
    ((QUEUE + "    Properties: {A: caf").encode() + b"\xe9}\n", "template-encoding", 4),
    (QUEUE + "    Properties: {A: " + "[" * 200 + "]" * 200 + "}\n", "template-too-deep", 4),
    (QUEUE + "  NoType: {Properties: {}}\n", "template-shape", 4),
    (QUEUE + "  NoMapping: text\n", "template-shape", 4),
    (QUEUE + "    Properties: [a]\n", "template-shape", 4),
    (QUEUE + "  ListType: {Type: [a]}\n", "template-shape", 4),
]


@pytest.mark.parametrize(("content", "rule", "line"), WRONG)
def test_what_is_wrong_is_named_and_the_rest_of_the_tree_is_read(content: str | bytes, rule: str, line: int, read: Read) -> None:
    inventory = read({"bad/template.yaml": content, "good/template.yaml": QUEUE})
    found = {(problem.rule, problem.location.path, problem.location.line) for problem in inventory.problems}
    assert found == {(rule, "bad/template.yaml", line)}
    assert resource(inventory, "good/Q").type == "AWS::SQS::Queue"


def test_a_chain_of_a_thousand_conditions_or_outputs_ends_in_unknowns(read: Read) -> None:
    conditions = "".join(f"  C{i}: !Not [!Condition C{i + 1}]\n" for i in range(1000))
    stack = (
        "{{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: child.yaml, Parameters: {{P: !GetAtt S{}.Outputs.P}}}}}}"
    )
    stacks = "".join(f"  S{i}: {stack.format(i + 1)}\n" for i in range(300))
    child = "Parameters: {P: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue}}\nOutputs: {P: {Value: !Ref P}}\n"
    inventory = read({"t.yaml": f"Conditions:\n{conditions}{QUEUE}    Condition: C0\n{stacks}", "child.yaml": child})
    assert resource(inventory, "t/Q").condition == "C0"
    assert len(inventory.stacks) == 301


def test_an_alias_bomb_is_named(read: Read) -> None:
    bomb = "A0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"A{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
    (problem,) = read({"t.yaml": QUEUE + bomb}).problems
    assert problem.rule == "template-alias-bomb"


def test_a_file_that_is_too_large_is_named_if_it_begins_like_a_template(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "MAX_FILE", 100)
    inventory = read({"t.yaml": QUEUE + "#" * 100, "other.yaml": "x" * 200})
    assert [(problem.rule, problem.location.path) for problem in inventory.problems] == [("template-too-large", "t.yaml")]


def test_every_property_has_its_line(read: Read) -> None:
    template = """\
    Conditions: {C: !Equals [!Ref P, x]}
    Resources:
      Fn:
        Type: AWS::Lambda::Function
        Metadata: {BuildMethod: esbuild}
        Condition: C
        Properties:
          Environment:
            Variables:
              A: 1
              B: !Ref Q
          Layers:
            - a
            - !Ref AWS::NoValue
            - b
          Vpc: !If
            - C
            - Ids: [x]
            - !Ref AWS::NoValue
          Name: !Join
            - ''
            - [a, b]
    """
    found = resource(read({"sub/template.yaml": template}), "sub/Fn")
    assert found.metadata == {"BuildMethod": "esbuild"}
    assert found.condition == "C"
    assert found.properties["Vpc"] == Either(({"Ids": ("x",)}, None), ("C", "not C"))
    assert found.get("Vpc", "Ids") == Either((("x",), None), ("C", "not C"))
    assert found.get("Environment", "Variables", "B") == Ref("sub/Q")
    routes = {
        (): 3,
        ("Environment",): 8,
        ("Environment", "Variables", "B"): 11,
        ("Layers", 1): 14,
        ("Vpc",): 16,
        ("Vpc", "Ids", 0): 18,
        ("Name",): 20,
        ("Name", "deeper"): 20,
        ("Missing",): 3,
    }
    assert {route: found.at(*route) for route in routes} == {
        route: type(found.location)("sub/template.yaml", line) for route, line in routes.items()
    }


def test_a_template_with_the_serverless_transform_is_a_sam_template(read: Read) -> None:
    transform = "Transform: {}\n"
    for name in ("AWS::Serverless-2016-10-31", "[AWS::LanguageExtensions, AWS::Serverless-2016-10-31]"):
        assert {source.kind for source in read({"t.yaml": transform.format(name) + QUEUE}).sources} == {"sam"}
    function = "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Runtime: python3.12, CodeUri: .}}}"
    inventory = read({"t.yaml": function})
    assert {source.kind for source in inventory.sources} == {"sam"}
    assert resource(inventory, "t/F").type == "AWS::Lambda::Function"


COPIES = [
    (["template.yaml", "dist/template.yaml"], ["template.yaml"]),
    (["template.yaml", "packaged.yaml"], ["template.yaml"]),
    (["app/template.yaml", "app/packaged-template.yaml", "other/packaged.yaml"], ["app/template.yaml"]),
    (["synth/A.template.json", "cdk.out/A.template.json"], ["synth/A.template.json"]),
    (["cdk.out/A.template.json"], ["cdk.out/A.template.json"]),
    (["dist/a.yaml", "out/a.yaml"], ["dist/a.yaml"]),
    (["a/template.yaml", "b/template.yaml"], ["a/template.yaml", "b/template.yaml"]),
]


@pytest.mark.parametrize(("paths", "kept"), COPIES)
def test_generated_copies_are_read_once(paths: list[str], kept: list[str], read: Read) -> None:
    assert [source.path for source in read(dict.fromkeys(paths, QUEUE)).sources] == kept


def test_a_packaged_template_whose_paths_were_rewritten_is_a_copy_of_the_one_beside_it(read: Read) -> None:
    packaged = QUEUE + "    Properties: {Code: s3://bucket/hash}\n"
    assert [source.path for source in read({"template.yaml": QUEUE, "packaged.yaml": packaged}).sources] == ["template.yaml"]
    assert len(read({"more/packaged.yaml": packaged.replace("Q:", "Other:")}).sources) == 2


PART = "Resources:\n  P: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub '${AWS::StackName}-p'}}\n"
WHOLE = PART + "  Q: {Type: AWS::SQS::Queue}\n"


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        ({"app/template.yaml": WHOLE, "app/infra/topic.yaml": PART}, ["app/template.yaml"]),
        ({"template.yaml": WHOLE, "infra/sns/topic.yaml": PART}, ["template.yaml"]),
        # beside it, elsewhere, or with anything of its own it is a stack
        ({"app/template.yaml": WHOLE, "app/topic.yaml": PART}, ["app/template.yaml", "app/topic.yaml"]),
        ({"app/template.yaml": WHOLE, "other/topic.yaml": PART}, ["app/template.yaml", "other/topic.yaml"]),
        ({"template.yaml": WHOLE, "sub/template.yaml": WHOLE}, ["sub/template.yaml", "template.yaml"]),
        (
            {"template.yaml": WHOLE, "sub/topic.yaml": PART.replace("-p", "-own")},
            ["sub/topic.yaml", "template.yaml"],
        ),
    ],
)
def test_parts_of_a_merged_template_are_read_once(files: dict[str, str], kept: list[str], read: Read) -> None:
    assert [source.path for source in read(files).sources] == kept


def test_two_runs_give_the_same(read: Read) -> None:
    files = {f"{name}/template.yaml": QUEUE + f"    Properties: {{QueueName: {name}}}\n" for name in "dacb"}
    first = read(files)
    assert [stack.id for stack in first.stacks] == ["a", "b", "c", "d"]
    assert repr(read({})) == repr(first)


_FUNCTIONS = ["GetAtt", "Sub", "Join", "If", "Select", "Split", "FindInMap", "ImportValue", "Base64", "Length", "ToJsonString"]
_KEYS = st.sampled_from(
    [*(f"Fn::{name}" for name in _FUNCTIONS), "Fn::Transform", "Fn::ForEach::X", "Ref", "Condition", "Q", "Type", "Name", "a"]
)
_TEXTS = st.sampled_from(
    ["Q", "P", "C", "AWS::Region", "AWS::NoValue", "${P}", "${Q.Arn}", "{{resolve:ssm:/x}}", "", "${", "0", "a,b"]
)
_NODES = st.recursive(
    _TEXTS | st.integers(-1, 2) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=2),
    max_leaves=12,
)
_SECTIONS = st.sampled_from(["Parameters", "Mappings", "Conditions", "Outputs", "Transform", "Globals"])


@given(
    node=_NODES,
    other=_NODES,
    sections=st.dictionaries(_SECTIONS, st.dictionaries(_TEXTS | _KEYS, _NODES, max_size=2) | _NODES, max_size=3),
    kind=st.sampled_from(["AWS::SQS::Queue", "AWS::Serverless::Function", "AWS::Serverless::StateMachine"]),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_template_raises(node: object, other: object, sections: dict[str, object], kind: str, read: Read) -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": other, "Parameters": node}}
    resources = {"Q": {"Type": kind, "Properties": node}, "R": other, "N": nested}
    inventory = read({"t.json": json.dumps({**sections, "Resources": resources})})
    assert [source.path for source in inventory.sources] == ["t.json"]
