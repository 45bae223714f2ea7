"""Stacks in stacks: which template is meant, what goes in, what comes out."""

from __future__ import annotations

import pytest

from tests.scanners.cloudformation.conftest import Read, resource
from untangle.model.value import Imported, Ref, Stored, Symbol
from untangle.scanners.cloudformation import nested

CHILD = """\
Parameters:
  Source: {Type: String}
  Size: {Type: Number, Default: 1}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Source, DelaySeconds: !Ref Size}}
Outputs:
  Arn: {Value: !GetAtt Queue.Arn}
  Sum: {Value: !Sub '${Source}!', Export: {Name: !Sub '${AWS::StackName}-sum'}}
"""


def parent(location: str, kind: str = "AWS::CloudFormation::Stack", key: str = "TemplateURL", extra: str = "") -> str:
    return f"""\
Parameters:
  Prefix: {{Type: String}}
  Url: {{Type: String, Default: ''}}
Resources:
  Sub:
    Type: {kind}
    {extra}
    Properties:
      {key}: {location}
      Parameters: {{Source: orders}}
  After: {{Type: AWS::SNS::Topic, Properties: {{TopicName: !GetAtt Sub.Outputs.Sum, Tags: [!GetAtt Sub.Outputs.Arn]}}}}
"""


FOUND = [
    # a path from the template's folder
    (parent("child.yaml"), "app/child.yaml"),
    (parent("./parts/child.yaml"), "app/parts/child.yaml"),
    (parent("../shared/child.yaml"), "shared/child.yaml"),
    (parent("child.yaml", "AWS::Serverless::Application", "Location"), "app/child.yaml"),
    # the base name of a URL
    (parent("https://s3.amazonaws.com/bucket/v1/child.yaml"), "elsewhere/child.yaml"),
    (parent("!Sub 'https://${Prefix}.s3.amazonaws.com/${Prefix}/child.yaml?versionId=7'"), "elsewhere/child.yaml"),
    (parent("!Join ['/', [https://s3.amazonaws.com, !Ref Prefix, child.yaml]]"), "elsewhere/child.yaml"),
    (parent("!If [Nowhere, child.yaml, other.yaml]"), "app/child.yaml"),
    # the parameters that are passed
    (parent("!Ref Url"), "elsewhere/unnamed.yaml"),
    (parent("!Sub 'https://${Prefix}/${Prefix}.yaml'"), "elsewhere/unnamed.yaml"),
    # what the AWS CDK notes
    (parent("!Ref Url", extra="Metadata: {'aws:asset:path': Sub.nested.template.json}"), "app/Sub.nested.template.json"),
]


@pytest.mark.parametrize(("template", "path"), FOUND)
def test_the_template_of_a_nested_stack_is_found(template: str, path: str, read: Read) -> None:
    inventory = read({"app/parent.yaml": template, path: CHILD})
    assert not inventory.gaps
    assert [(stack.id, stack.path, stack.parent) for stack in inventory.stacks] == [
        ("parent", "app/parent.yaml", None),
        ("parent/Sub", path, "parent"),
    ]
    queue = resource(inventory, "parent/Sub/Queue")
    assert queue.properties == {"QueueName": "orders", "DelaySeconds": 1}
    assert str(queue.location) == f"{path}:5"
    after = resource(inventory, "parent/After")
    assert after.properties == {"TopicName": "orders!", "Tags": (Ref("parent/Sub/Queue", "Arn"),)}


def test_of_several_templates_of_one_name_the_one_beside_the_parent_is_meant(read: Read) -> None:
    above = parent("https://s3.amazonaws.com/bucket/v1/child.yaml")
    inventory = read(
        {
            f"{at}/{name}".lstrip("/"): text
            for at in ("one", "gov/one", "")
            for name, text in (("parent.yaml", above), ("child.yaml", CHILD))
        }
    )
    nested = {stack.id: stack.folder for stack in inventory.stacks if stack.id.endswith("/Sub")}
    assert nested == {"parent/Sub": "", "one/parent/Sub": "one", "gov/one/parent/Sub": "gov/one"}


NOT_FOUND = [
    (parent("missing.yaml"), {}, "TemplateURL missing.yaml"),
    (parent("https://s3.amazonaws.com/x/missing.yaml"), {}, "https://s3.amazonaws.com/x/missing.yaml"),
    (parent("https://s3/x/child.yaml"), {"a/child.yaml": CHILD, "b/child.yaml": CHILD}, "none or several"),
    (parent("!Ref Url"), {"a/one.yaml": CHILD, "b/two.yaml": CHILD}, "its empty TemplateURL"),
    (parent("!Ref Url"), {"a.yaml": CHILD.replace("Source", "Other")}, "its empty TemplateURL"),
    (parent("!Ref Url"), {"a.yaml": CHILD.replace(", Default: 1", "")}, "its empty TemplateURL"),
    (parent("/etc/passwd"), {}, "/etc/passwd"),
    (parent("parent.yaml"), {}, "parent.yaml nests itself"),
    (
        parent("{ApplicationId: arn:aws:serverlessrepo:x}", "AWS::Serverless::Application", "Location"),
        {},
        "published application",
    ),
]


@pytest.mark.parametrize(("template", "others", "why"), NOT_FOUND)
def test_one_that_is_not_found_is_a_gap(template: str, others: dict[str, str], why: str, read: Read) -> None:
    inventory = read({"parent.yaml": template, **others})
    (gap,) = inventory.gaps
    assert gap.what == "the nested stack parent/Sub"
    assert why in gap.why
    assert str(gap.location) == "parent.yaml:5"
    assert resource(inventory, "parent/After").properties["TopicName"] == Ref("parent/Sub", "Outputs.Sum")


def test_of_several_with_one_name_the_folders_of_the_url_decide(read: Read) -> None:
    files = {"parent.yaml": parent("https://s3/v1/core/child.yaml"), "x/core/child.yaml": CHILD, "x/extra/child.yaml": CHILD}
    assert {stack.path for stack in read(files).stacks if stack.parent} == {"x/core/child.yaml"}


def test_one_template_used_twice_is_two_stacks_and_no_root(read: Read) -> None:
    use = "Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Source: "
    inventory = read({"parent.yaml": f"Resources:\n  A: {{{use}one}}}}}}\n  B: {{{use}two}}}}}}\n", "child.yaml": CHILD})
    assert [stack.id for stack in inventory.stacks] == ["parent", "parent/A", "parent/B"]
    assert resource(inventory, "parent/A/Queue").get("QueueName") == "one"
    assert resource(inventory, "parent/B/Queue").get("QueueName") == "two"
    sources = [(source.path, source.kind) for source in inventory.sources]
    assert sources == [("child.yaml", "cloudformation"), ("parent.yaml", "cloudformation")]


def test_outputs_pass_from_one_nested_stack_into_the_next(read: Read) -> None:
    template = """\
    Resources:
      Last:
        Type: AWS::CloudFormation::Stack
        Properties: {TemplateURL: child.yaml, Parameters: {Source: !GetAtt First.Outputs.Sum}}
      First: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Source: start}}}
    Outputs:
      End: {Value: !GetAtt Last.Outputs.Sum}
    """
    inventory = read({"parent.yaml": template, "child.yaml": CHILD})
    assert resource(inventory, "parent/Last/Queue").get("QueueName") == "start!"
    assert inventory.stacks[0].outputs == {"End": "start!!"}


def test_stacks_that_feed_each_other_end_in_unknowns(read: Read) -> None:
    template = """\
    Resources:
      A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Source: !GetAtt B.Outputs.Sum}}}
      B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Source: !GetAtt A.Outputs.Sum}}}
    """
    inventory = read({"parent.yaml": template, "child.yaml": CHILD})
    assert [stack.id for stack in inventory.stacks] == ["parent", "parent/A", "parent/B"]


def test_templates_that_nest_each_other_are_read_from_one_of_them(read: Read) -> None:
    files = {
        "a.yaml": "Resources: {B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: b.yaml}}}",
        "b.yaml": "Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml}}}",
    }
    inventory = read(files)
    assert [stack.id for stack in inventory.stacks] == ["a", "a/B"]
    assert [gap.why for gap in inventory.gaps] == ["a.yaml nests itself"]


def test_stacks_that_multiply_are_cut_off_with_a_gap(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nested, "_MAX_NESTED", 400)
    files = {}
    for level in range(12):
        uses = ", ".join(
            f"S{i}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: l{level + 1}.yaml}}}}" for i in range(20)
        )
        files[f"l{level}.yaml"] = f"Resources: {{{uses}}}"
    files["l12.yaml"] = "Resources: {Q: {Type: AWS::SQS::Queue}}"
    inventory = read(files)
    assert any("the scan stops at" in gap.why for gap in inventory.gaps)
    assert len(inventory.resources) < 1_000


def test_a_text_that_doubles_from_stack_to_stack_becomes_an_unknown(read: Read) -> None:
    def level(i: int) -> str:
        passed = f"{{TemplateURL: l{i + 1}.yaml, Parameters: {{P: !Sub '{'${P}' * 8}'}}}}"
        nested = f"S: {{Type: AWS::CloudFormation::Stack, Properties: {passed}}}"
        return f"Parameters: {{P: {{Type: String, Default: a}}}}\nResources: {{{nested}}}\n"

    files = {f"l{i}.yaml": level(i) for i in range(18)}
    files["l18.yaml"] = (
        "Parameters: {P: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref P}}}"
    )
    queue = next(found for found in read(files).resources if found.type == "AWS::SQS::Queue")
    assert len(repr(queue.properties)) < 100_000


def test_a_single_file_finds_its_nested_templates_in_its_folder(read: Read) -> None:
    files = {"parent.yaml": parent("https://s3/x/child.yaml"), "sub/child.yaml": CHILD, "stranger.yaml": CHILD}
    inventory = read(files, root="parent.yaml")
    assert [stack.path for stack in inventory.stacks] == ["parent.yaml", "sub/child.yaml"]


def test_exports_and_outputs_of_a_stack(read: Read) -> None:
    template = """\
    Parameters: {Path: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}}
    Conditions: {Never: !Equals [a, b]}
    Resources:
      Topic: {Type: AWS::SNS::Topic}
    Outputs:
      Arn: {Value: !Ref Topic, Export: {Name: !Sub '${AWS::StackName}-arn'}}
      Url: {Value: !Ref Path, Export: {Name: url}}
      Other: {Value: !ImportValue other}
      Broken: {Description: no value}
      Absent: {Value: x, Condition: Never}
    """
    (stack,) = read({"orders/template.yaml": template}).stacks
    assert stack.id == "orders"
    assert stack.folder == "orders"
    assert stack.outputs == {"Arn": Ref("orders/Topic"), "Url": Stored("ssm", "/x"), "Other": Imported("other")}
    assert [value for _, value in stack.exports] == [Ref("orders/Topic"), Stored("ssm", "/x")]
    assert stack.exports[1][0] == "url"


def test_a_parameter_that_nobody_gives_is_an_unknown_of_its_stack(read: Read) -> None:
    template = "Resources: {S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}}"
    inventory = read({"parent.yaml": template, "child.yaml": CHILD})
    assert resource(inventory, "parent/S/Queue").get("QueueName") == Symbol("Source", "parent/S")
