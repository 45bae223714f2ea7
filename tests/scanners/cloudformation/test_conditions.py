"""Conditions: what was stated or passed decides them, a default never does."""

from __future__ import annotations

import pytest

from tests.scanners.cloudformation.conftest import Read, resource

TEMPLATE = """\
Parameters:
  Stage: {{Type: String, Default: prod}}
  Size: {{Type: Number, Default: 1}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsBig: !Equals [!Ref Size, 5]
  Loop: !Condition Loop
  Tested: {condition}
Resources:
  It:
    Type: AWS::SQS::Queue
    Condition: Tested
"""
CASES = [
    ("!Equals [!Ref Stage, prod]", {}, "Tested"),
    ("!Equals [!Ref Stage, prod]", {"Stage": "prod"}, None),
    ("!Equals [!Ref Stage, prod]", {"Stage": "dev"}, "left out"),
    ("!Equals [!Ref Size, 5]", {"Size": "5"}, None),
    ("!Equals [a, a]", {}, None),
    ("!Equals [a, b]", {}, "left out"),
    ("!Not [!Condition IsProd]", {"Stage": "prod"}, "left out"),
    ("!Not [{Condition: IsProd}]", {}, "Tested"),
    ("!And [!Condition IsProd, !Condition IsBig]", {"Stage": "dev"}, "left out"),
    ("!And [!Condition IsProd, !Condition IsBig]", {"Stage": "prod"}, "Tested"),
    ("!And [!Condition IsProd, !Condition IsBig]", {"Stage": "prod", "Size": "5"}, None),
    ("!Or [!Condition IsProd, !Condition IsBig]", {"Stage": "prod"}, None),
    ("!Or [!Condition IsProd, !Condition IsBig]", {"Stage": "dev"}, "Tested"),
    ("!Or [!Condition IsProd, !Condition IsBig]", {"Stage": "dev", "Size": "1"}, "left out"),
    ("!Condition Loop", {"Stage": "dev"}, "Tested"),
    ("!Condition Nowhere", {}, "Tested"),
    ("{Fn::Unheard: [1]}", {}, "Tested"),
    ("!Equals [a]", {}, "Tested"),
    ("nonsense", {}, "Tested"),
]


@pytest.mark.parametrize(("condition", "parameters", "outcome"), CASES)
def test_a_resource_is_there(condition: str, parameters: dict[str, str], outcome: str | None, read: Read) -> None:
    inventory = read({"t.yaml": TEMPLATE.format(condition=condition)}, **parameters)
    if outcome == "left out":
        assert inventory.resources == ()
    else:
        assert resource(inventory, "t/It").condition == outcome


def test_a_decided_condition_chooses_the_branch(read: Read) -> None:
    template = """\
    Parameters: {Stage: {Type: String, Default: prod}}
    Conditions: {IsProd: !Equals [!Ref Stage, prod]}
    Resources:
      It: {Type: AWS::SQS::Queue, Properties: {QueueName: !If [IsProd, live, test]}}
    """
    assert resource(read({"t.yaml": template}, Stage="dev"), "t/It").properties == {"QueueName": "test"}


def test_what_a_parent_passes_literally_decides_and_what_rests_on_a_default_does_not(read: Read) -> None:
    parent = """\
    Parameters: {Given: {Type: String, Default: 'on'}}
    Resources:
      Off: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Switch: 'off'}}}
      Open:
        Type: AWS::CloudFormation::Stack
        Condition: Wanted
        Properties: {TemplateURL: child.yaml, Parameters: {Switch: !Ref Given}}
    """
    child = """\
    Parameters: {Switch: {Type: String}}
    Conditions: {IsOn: !Equals [!Ref Switch, 'on']}
    Resources:
      Queue: {Type: AWS::SQS::Queue, Condition: IsOn}
      Topic: {Type: AWS::SNS::Topic}
    """
    inventory = read({"parent.yaml": parent, "child.yaml": child})
    found = {item.id: item.condition for item in inventory.resources if "Stack" not in item.type}
    assert found == {
        "parent/Off/Topic": None,
        "parent/Open/Queue": "Wanted and IsOn",
        "parent/Open/Topic": "Wanted",
    }
