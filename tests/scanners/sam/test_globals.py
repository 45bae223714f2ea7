"""What a resource inherits from Globals, and the lines that it then points at."""

from __future__ import annotations

from tests.scanners.sam.template import STACK, resource, scan
from untangle.model.location import Location
from untangle.model.resource import Resource
from untangle.model.value import Either
from untangle.scanners.sam import expand

TEMPLATE = """
Globals:
  Function:
    Timeout: 10
    Runtime: python3.12
    Architectures: [arm64]
    Layers: [general]
    Environment:
      Variables:
        STAGE: live
        TABLE: general
    EventInvokeConfig: {MaximumRetryAttempts: 1}
  SimpleTable:
    SSESpecification: {SSEEnabled: true}
  StateMachine:
    PropagateTags: true
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Timeout: 3
      Architectures: [x86_64]
      Layers: [own, other]
      Environment:
        Variables:
          TABLE: own
  Bare:
    Type: AWS::Serverless::Function
    IgnoreGlobals: '*'
    Properties: {CodeUri: src/}
  Some:
    Type: AWS::Serverless::Function
    IgnoreGlobals: [Timeout, Layers]
    Properties:
      CodeUri: src/
      Environment: !If [Big, {Variables: {A: b}}, {Variables: {C: d}}]
  Plain:
    Type: AWS::Lambda::Function
  Table: {Type: AWS::Serverless::SimpleTable}
"""
EXPANDED = scan(TEMPLATE)
FN = resource(EXPANDED, "Fn")


def test_scalars_are_overridden_and_inherited() -> None:
    assert (FN.get("Timeout"), FN.get("Runtime")) == (3, "python3.12")
    assert FN.at("Timeout").line == 22
    assert FN.at("Runtime").line == 5


def test_mappings_are_merged_key_by_key() -> None:
    assert FN.get("Environment", "Variables") == {"STAGE": "live", "TABLE": "own"}
    assert FN.at("Environment", "Variables", "STAGE").line == 10
    assert FN.at("Environment", "Variables", "TABLE").line == 27


def test_lists_are_joined_and_lines_move_with_their_items() -> None:
    assert FN.get("Layers") == ("general", "own", "other")
    assert [FN.at("Layers", index).line for index in range(3)] == [7, 24, 24]


def test_architectures_are_replaced() -> None:
    assert FN.get("Architectures") == ("x86_64",)


def test_what_is_inherited_is_expanded_at_its_own_line() -> None:
    config = resource(EXPANDED, "FnEventInvokeConfig")
    assert config.get("MaximumRetryAttempts") == 1
    assert config.location.line == 12


def test_globals_can_be_ignored() -> None:
    assert set(resource(EXPANDED, "Bare").properties) == {"Code", "Role"}
    assert set(resource(EXPANDED, "Some").properties) == {"Architectures", "Code", "Environment", "Role", "Runtime"}


def test_a_condition_counts_as_a_scalar() -> None:
    assert isinstance(resource(EXPANDED, "Some").get("Environment"), Either)


def test_other_types_inherit_their_own_section_and_plain_resources_nothing() -> None:
    assert resource(EXPANDED, "Table", "AWS::DynamoDB::Table").get("SSESpecification") == {"SSEEnabled": True}
    assert resource(EXPANDED, "Plain").properties == {}


def test_lines_of_the_section_are_not_lent_to_a_resource_of_another_file() -> None:
    included = Resource(
        id="app/Fn",
        type="AWS::Serverless::Function",
        stack="app",
        address="Fn",
        location=Location("app/included.yaml", 7),
    )
    (function, *_) = expand((included,), {"Function": {"Timeout": 5}}, STACK, {("Function", "Timeout"): 3}).resources
    assert function.get("Timeout") == 5
    assert function.at("Timeout") == Location("app/included.yaml", 7)
