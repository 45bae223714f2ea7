"""Every intrinsic function, in its short and its long form, with known and with unknown parts."""

from __future__ import annotations

import json

import pytest

from tests.scanners.cloudformation.conftest import Evaluate, Read
from untangle.model.value import ACCOUNT, PARTITION, REGION, Concat, Either, Imported, Ref, Stored, Symbol, Value

SECTIONS = """\
Parameters:
  Stage: {Type: String, Default: dev}
  Size: {Type: Number, Default: 10}
  Team: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: "a, b,c"}
  Nets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /orders/url}
  Flag: {Type: String, Default: yes}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Mappings:
  Names:
    dev: {Queue: dev-q, Retries: 1}
    prod: {Queue: prod-q, Retries: 9}
  Regions:
    eu-west-1: {Bucket: same}
    us-east-1: {Bucket: same}
"""
TEAM = Symbol("Team", "t")
STACK = Symbol("AWS::StackName", "t")

CASES: list[tuple[str, Value]] = [
    # Ref
    ("!Ref Stage", "dev"),
    ("{Ref: Stage}", "dev"),
    ("!Ref Size", 10),
    ("!Ref Team", TEAM),
    ("!Ref Zones", ("a", "b", "c")),
    ("!Ref Nets", Symbol("Nets", "t")),
    ("!Ref Stored", Stored("ssm", "/orders/url")),
    ("!Ref Flag", "true"),
    ("!Ref Queue", Ref("t/Queue")),
    ("!Ref AWS::AccountId", ACCOUNT),
    ("!Ref AWS::Region", REGION),
    ("!Ref AWS::Partition", PARTITION),
    ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ("!Ref AWS::StackName", STACK),
    ("!Ref AWS::NoValue", "absent"),
    ("[a, !Ref AWS::NoValue, b]", ("a", "b")),
    # GetAtt
    ("!GetAtt Queue.Arn", Ref("t/Queue", "Arn")),
    ("!GetAtt [Queue, Arn]", Ref("t/Queue", "Arn")),
    ("{Fn::GetAtt: [Queue, Arn]}", Ref("t/Queue", "Arn")),
    ("{Fn::GetAtt: Queue.Arn}", Ref("t/Queue", "Arn")),
    ("!GetAtt Db.Endpoint.Port", Ref("t/Db", "Endpoint.Port")),
    ("{Fn::GetAtt: [Db, Endpoint.Port]}", Ref("t/Db", "Endpoint.Port")),
    ("{Fn::GetAtt: [!Sub 'Q${Stage}', Arn]}", Ref("t/Qdev", "Arn")),
    # Sub
    ('!Sub "${Stage}-orders"', "dev-orders"),
    ('{Fn::Sub: "${Stage}-orders"}', "dev-orders"),
    ('!Sub "${ Stage }"', "dev"),
    ('!Sub "${Team}-orders"', Concat((TEAM, "-orders"))),
    ('!Sub "${Queue}"', Ref("t/Queue")),
    ('!Sub "${Queue.Arn}/x"', Concat((Ref("t/Queue", "Arn"), "/x"))),
    ('!Sub "${!Literal}-${Stage}"', "${Literal}-dev"),
    ('!Sub "open ${Stage"', "open ${Stage"),
    ('!Sub ["${A}-${Stage}", {A: !Ref Size}]', "10-dev"),
    ('{Fn::Sub: ["${A}", {A: {Ref: Queue}}]}', Ref("t/Queue")),
    ('!Sub "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:q"', Concat(("arn:aws:sqs:", REGION, ":", ACCOUNT, ":q"))),
    ('!Sub "${Zones}"', "a,b,c"),
    # Join
    ("!Join ['-', [a, !Ref Stage]]", "a-dev"),
    ("{Fn::Join: ['', [a, b]]}", "ab"),
    ("!Join [',', !Ref Zones]", "a,b,c"),
    ("!Join ['/', [!Ref Team, x]]", Concat((TEAM, "/x"))),
    ("!Join ['-', [a, !If [IsProd, b, !Ref AWS::NoValue], c]]", Either(("a-b-c", "a-c"), ("IsProd", "not IsProd"))),
    # Select, Split
    ("!Select [1, [a, b]]", "b"),
    ("!Select ['1', !Ref Zones]", "b"),
    ("{Fn::Select: [0, {'Fn::Split': ['-', 'x-y']}]}", "x"),
    ("!Split [',', 'a,b']", ("a", "b")),
    ("!Select [5, !Split [':', !Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Team}-q']]", Concat((TEAM, "-q"))),
    ("!Select [0, !If [IsProd, [a], [b]]]", Either(("a", "b"), ("IsProd", "not IsProd"))),
    # If
    ("!If [IsProd, a, b]", Either(("a", "b"), ("IsProd", "not IsProd"))),
    ("{Fn::If: [IsProd, a, b]}", Either(("a", "b"), ("IsProd", "not IsProd"))),
    ("!If [IsProd, same, same]", "same"),
    ("!If [IsProd, a, !Ref AWS::NoValue]", Either(("a", None), ("IsProd", "not IsProd"))),
    ('!Sub ["q-${A}", {A: !If [IsProd, live, test]}]', Either(("q-live", "q-test"), ("IsProd", "not IsProd"))),
    # FindInMap
    ("!FindInMap [Names, !Ref Stage, Queue]", "dev-q"),
    ("{Fn::FindInMap: [Names, {Ref: Stage}, Queue]}", "dev-q"),
    ("!FindInMap [Names, !Ref Team, Queue]", Either(("dev-q", "prod-q"))),
    ("!FindInMap [Names, !If [IsProd, prod, dev], Retries]", Either((9, 1))),
    ("!FindInMap [Regions, !Ref AWS::Region, Bucket]", "same"),
    ("!FindInMap [Names, test, Queue, {DefaultValue: none}]", "none"),
    # what other stacks and stores hold
    ("!ImportValue orders-topic", Imported("orders-topic")),
    ('{Fn::ImportValue: !Sub "${Team}-topic"}', Imported(Concat((TEAM, "-topic")))),
    ("'{{resolve:ssm:/orders/url}}'", Stored("ssm", "/orders/url")),
    ("'{{resolve:ssm:/orders/url:3}}'", Stored("ssm", "/orders/url")),
    ("'{{resolve:ssm-secure:key}}'", Stored("ssm", "key")),
    ("'{{resolve:secretsmanager:db:SecretString:password}}'", Stored("secretsmanager", "db")),
    (
        "'{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:db-x:SecretString:p}}'",
        Stored("secretsmanager", "arn:aws:secretsmanager:eu-west-1:1:secret:db-x"),
    ),
    ("'x-{{resolve:ssm:/a}}-y'", Concat(("x-", Stored("ssm", "/a"), "-y"))),
    ("!Sub '{{resolve:ssm:/${Team}/url}}'", Stored("ssm", Concat(("/", TEAM, "/url")))),
    ("'{{resolve:ssm:/open'", "{{resolve:ssm:/open"),
    ("'{{resolve:other:x}}'", "{{resolve:other:x}}"),
    # the rest
    ("{Fn::Base64: hello}", "aGVsbG8="),
    ("!Base64 hello", "aGVsbG8="),
    ("!Length [a, b]", 2),
    ("{Fn::Length: !Ref Zones}", 3),
    ("!ToJsonString {a: [1, true], b: !Ref Stage}", '{"a":[1,true],"b":"dev"}'),
    ("{Fn::ToJsonString: {a: !Ref Team}}", Concat(('{"a":"', TEAM, '"}'))),
    # plain scalars
    ("2012-10-17", "2012-10-17"),
    ("012345678901", "012345678901"),
    ("123456789012", 123456789012),
    ("yes", True),
    ("'yes'", "yes"),
    ("Off", False),
    ("~", None),
    ("2.0", 2.0),
    ("1:30", "1:30"),
    ("0x1F", "0x1F"),
    ("!!str 10", "10"),
]


@pytest.mark.parametrize(("expression", "value"), CASES, ids=[case[0] for case in CASES])
def test_a_function_gives(expression: str, value: Value, evaluate: Evaluate) -> None:
    assert evaluate(expression, SECTIONS) == value


UNKNOWN = [
    "!Select [0, !GetAZs '']",
    "!Select [9, [a, b]]",
    "!Select [0, !Split ['/', !Ref Team]]",
    "!Cidr [!GetAtt Vpc.CidrBlock, 2, 8]",
    "!GetAZs ''",
    "!Length {a: b}",
    "!Join [',', !Ref Nets]",
    "!FindInMap [Names, test, Queue]",
    "{Fn::Transform: {Name: Own, Parameters: {}}}",
    "{Fn::Unheard: 1}",
    "!If [IsProd, a]",
    "{Ref: {a: b}}",
    "!Sub [!Ref Nets, {}]",
]


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_only_the_platform_knows_is_a_symbol_with_an_identity(expression: str, evaluate: Evaluate) -> None:
    first = evaluate(expression, SECTIONS)
    assert isinstance(first, Symbol)
    assert first.scope.startswith("t")
    assert evaluate(expression, SECTIONS) == first


def test_two_unknowns_that_differ_in_a_part_that_is_not_shown_are_not_equal(evaluate: Evaluate) -> None:
    assert evaluate("!Join [',', !GetAtt A.Zones]") != evaluate("!Join [',', !GetAtt B.Zones]")


def test_the_fields_after_an_unknown_one_are_unknown(evaluate: Evaluate) -> None:
    value = evaluate("!Split ['-', !Sub 'a-${Team}-b']", SECTIONS)
    assert isinstance(value, tuple)
    assert value[:2] == ("a", TEAM)
    assert isinstance(value[2], Symbol)


def test_an_override_wins_over_the_default(evaluate: Evaluate) -> None:
    assert evaluate("!Ref Stage", SECTIONS, Stage="live") == "live"
    assert evaluate("!Ref Zones", SECTIONS, Zones="x,y") == ("x", "y")
    assert evaluate("!Ref Stored", SECTIONS, Stored="/other") == Stored("ssm", "/other")


def test_json_and_yaml_give_the_same(read: Read) -> None:
    properties = {
        "A": {"Ref": "Other"},
        "B": {"Fn::GetAtt": ["Other", "Arn"]},
        "C": {"Fn::Sub": "${Other}-é-\u2028"},
        "D": [1, -2, 1.5, True, None, "yes", "2012-10-17", ""],
        "E": {"Fn::If": ["C", {"Ref": "AWS::Region"}, {"Ref": "AWS::NoValue"}]},
    }
    text = json.dumps({"Resources": {"It": {"Type": "AWS::SQS::Queue", "Properties": properties}}}, indent=2)
    as_json, as_yaml = (read({name: text}, root=name).resources[0] for name in ("t.json", "t.yaml"))
    assert (
        as_json.properties
        == as_yaml.properties
        == {
            "A": Ref("t/Other"),
            "B": Ref("t/Other", "Arn"),
            "C": Concat((Ref("t/Other"), "-é-\u2028")),
            "D": (1, -2, 1.5, True, None, "yes", "2012-10-17", ""),
            "E": Either((REGION, None), ("C", "not C")),
        }
    )
    assert as_json.lines == as_yaml.lines


def test_a_text_of_many_choices_stays_small(evaluate: Evaluate) -> None:
    conditions = "Conditions:\n" + "".join(f"  C{i}: !Equals [!Ref P, {i}]\n" for i in range(40))
    variables = ", ".join(f"V{i}: !If [C{i}, a, b]" for i in range(40))
    text = "".join(f"${{V{i}}}" for i in range(40))
    value = evaluate(f"!Sub ['{text}', {{{variables}}}]", conditions)
    assert isinstance(value, Concat)
    assert len(value.parts) == 40


def test_choices_by_one_condition_are_made_together(evaluate: Evaluate) -> None:
    conditions = "Conditions:\n  C: !Equals [!Ref P, x]\n"
    value = evaluate("!Join ['-', [!If [C, a, b], !If [C, c, d]]]", conditions)
    assert value == Either(("a-c", "b-d"), ("C", "not C"))
