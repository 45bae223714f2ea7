"""Loops and inclusions: what a template means and does not write."""

from __future__ import annotations

import pytest

from tests.scanners.cloudformation.conftest import Read, resource
from untangle.model.value import Ref
from untangle.scanners.cloudformation import foreach

LOOPS = """\
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'orders,pay-ments'}
Resources:
  Fn::ForEach::Queues:
    - Name
    - !Ref Names
    - Queue&{Name}:
        Type: AWS::SQS::Queue
        Properties:
          QueueName: !Sub '${Name}-queue'
          Tags: [!Ref Name, '${Name}']
  Fn::ForEach::Outer:
    - Stage
    - [Dev, Prod]
    - Fn::ForEach::Inner:
        - Part
        - [A]
        - Topic${Stage}${Part}:
            Type: AWS::SNS::Topic
            Properties:
              Fn::ForEach::Properties:
                - Key
                - [TopicName, DisplayName]
                - ${Key}: !GetAtt Queueorders.${Key}
Outputs:
  Fn::ForEach::Out:
    - Stage
    - [Dev]
    - ${Stage}Arn: {Value: !Ref 'Topic${Stage}A'}
"""


def test_loops_are_written_out(read: Read) -> None:
    inventory = read({"t.yaml": LOOPS})
    assert [found.address for found in inventory.resources] == ["Queueorders", "Queuepayments", "TopicDevA", "TopicProdA"]
    queue = resource(inventory, "t/Queuepayments")
    assert queue.properties == {"QueueName": "pay-ments-queue", "Tags": ("pay-ments", "pay-ments")}
    topic = resource(inventory, "t/TopicDevA")
    assert topic.properties == {
        "TopicName": Ref("t/Queueorders", "TopicName"),
        "DisplayName": Ref("t/Queueorders", "DisplayName"),
    }
    assert inventory.stacks[0].outputs == {"DevArn": Ref("t/TopicDevA")}


def test_what_a_loop_generates_has_the_lines_of_the_loop(read: Read) -> None:
    queue = resource(read({"t.yaml": LOOPS}), "t/Queuepayments")
    assert str(queue.location) == "t.yaml:8"
    assert str(queue.at("QueueName")) == "t.yaml:11"


BAD_LOOPS = [
    ("[Name, !Ref Unknown, {'Q${Name}': {Type: AWS::SQS::Queue}}]", "not known before it is deployed"),
    ("[Name, [a], [b]]", "a list of an identifier, a collection and a mapping"),
    ("nonsense", "a list of an identifier, a collection and a mapping"),
]


@pytest.mark.parametrize(("loop", "why"), BAD_LOOPS)
def test_a_loop_that_cannot_be_written_out_is_a_gap(loop: str, why: str, read: Read) -> None:
    inventory = read({"t.yaml": f"Resources:\n  Here: {{Type: AWS::SNS::Topic}}\n  Fn::ForEach::All: {loop}\n"})
    (gap,) = inventory.gaps
    assert (gap.what, str(gap.location)) == ("the loop All", "t.yaml:3")
    assert why in gap.why
    assert [found.address for found in inventory.resources] == ["Here"]


def test_a_loop_that_explodes_is_cut_off_with_a_gap(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreach, "_MAX_NODES", 2_000)
    items = "[" + ", ".join(f"i{n}" for n in range(100)) + "]"
    body = "{'Q${A}${B}${C}': {Type: AWS::SQS::Queue}}"
    for name in "CBA":
        body = f"{{'Fn::ForEach::{name}': [{name}, {items}, {body}]}}"
    inventory = read({"t.yaml": f"Resources: {body}\nAWSTemplateFormatVersion: '2010-09-09'\n"})
    assert any("more than" in gap.why for gap in inventory.gaps)


INCLUDED = """\
First:
  Type: AWS::SQS::Queue
  Properties:
    QueueName: !Sub '${Stage}-q'
"""


def included(location: str) -> str:
    return f"""\
Parameters: {{Stage: {{Type: String, Default: dev}}}}
Resources:
  Own: {{Type: AWS::SNS::Topic}}
  Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}
"""


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("parts/queues.yaml", "app/parts/queues.yaml"),
        ("../queues.yaml", "queues.yaml"),
        ("s3://bucket/x/queues.yaml", "deep/down/queues.yaml"),
        ("!Sub 's3://${Bucket}/queues.yaml'", "deep/queues.yaml"),
    ],
)
def test_included_resources_stand_in_their_own_file(location: str, path: str, read: Read) -> None:
    inventory = read({"app/t.yaml": included(location), path: INCLUDED})
    first = resource(inventory, "t/First")
    assert first.properties == {"QueueName": "dev-q"}
    assert (str(first.location), str(first.at("QueueName"))) == (f"{path}:1", f"{path}:4")
    assert str(resource(inventory, "t/Own").location) == "app/t.yaml:3"


def test_an_included_property_stands_where_it_is_included(read: Read) -> None:
    template = """\
    Resources:
      Api:
        Type: AWS::ApiGateway::RestApi
        Properties:
          Body:
            Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}
    """
    inventory = read({"t.yaml": template, "api.yaml": "openapi: 3.0.1\npaths:\n  /x: {get: {uri: !GetAtt F.Arn}}\n"})
    api = resource(inventory, "t/Api")
    assert api.properties == {"Body": {"openapi": "3.0.1", "paths": {"/x": {"get": {"uri": Ref("t/F", "Arn")}}}}}
    assert str(api.at("Body", "paths", "/x", "get", "uri")) == "t.yaml:6"


def test_a_top_level_inclusion_adds_sections(read: Read) -> None:
    template = """\
    Transform: [AWS::LanguageExtensions, {Name: AWS::Include, Parameters: {Location: maps.yaml}}]
    Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !FindInMap [M, a, b]}}}
    """
    inventory = read({"t.yaml": template, "maps.yaml": "Mappings: {M: {a: {b: found}}}\n"})
    assert resource(inventory, "t/Q").properties == {"QueueName": "found"}


def test_an_inclusion_that_is_not_there_is_a_gap(read: Read) -> None:
    (gap,) = read({"t.yaml": included("s3://bucket/gone.yaml")}).gaps
    assert (gap.what, str(gap.location)) == ("the included part s3://bucket/gone.yaml", "t.yaml:4")
