"""Functions: code, role, alias, URL, destinations, dead letters, Globals."""

from __future__ import annotations

import pytest

from tests.scanners.sam.template import resource, scan, statements
from untangle.model.value import Either, Ref, Value

FUNCTION = """
Parameters:
  Name: {{Type: String}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Condition: Live
    Properties: {properties}
  Q: {{Type: AWS::SQS::Queue}}
  Out:
    Type: AWS::SSM::Parameter
    Properties:
      Alias: !Ref Fn.Alias
      Version: !GetAtt Fn.Version.Version
      Queue: !GetAtt Fn.DestinationQueue.Arn
      Text: !Sub "to ${{Fn.DestinationTopic}}!"
"""


def given(properties: str):
    return scan(FUNCTION.format(properties=properties))


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ("{CodeUri: src/}", "src/"),
        ("{CodeUri: 's3://b/k/x.zip'}", {"S3Bucket": "b", "S3Key": "k/x.zip"}),
        ("{CodeUri: 's3://b/k?versionId=3'}", {"S3Bucket": "b", "S3Key": "k", "S3ObjectVersion": "3"}),
        ("{CodeUri: {Bucket: b, Key: k, Version: v}}", {"S3Bucket": "b", "S3Key": "k", "S3ObjectVersion": "v"}),
        ("{InlineCode: 'pass', CodeUri: src/}", {"ZipFile": "pass"}),
        ("{ImageUri: repo:1, PackageType: Image}", {"ImageUri": "repo:1"}),
        ("{PackageType: Image}", {"ImageUri": None}),
        ("{Handler: a.b}", "."),
        ("{CodeUri: !If [Dev, src/, 's3://b/k']}", Either(("src/", {"S3Bucket": "b", "S3Key": "k"}), ("Dev", "not Dev"))),
    ],
)
def test_code_has_one_canonical_form(properties: str, code: Value) -> None:
    assert resource(given(properties), "Fn", "AWS::Lambda::Function").get("Code") == code


def test_a_function_keeps_what_cloudformation_knows() -> None:
    function = resource(
        given("{CodeUri: src/, Handler: a.b, Timeout: 5, Tracing: Active, Tags: {team: x}, Events: {}, VersionDescription: v}"),
        "Fn",
    )
    assert function.properties == {
        "Handler": "a.b",
        "Timeout": 5,
        "Code": "src/",
        "Role": Ref("app/FnRole", "Arn"),
        "TracingConfig": {"Mode": "Active"},
        "Tags": ({"Key": "team", "Value": "x"},),
    }
    assert function.condition == "Live"
    assert function.at("Code").line == 8


def test_everything_made_carries_the_condition_of_the_function() -> None:
    expanded = given(
        "{CodeUri: src/, AutoPublishAlias: live, FunctionUrlConfig: {AuthType: NONE}, "
        "EventInvokeConfig: {MaximumRetryAttempts: 0}, "
        "Events: {A: {Type: SQS, Properties: {Queue: q}}, B: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}}"
    )
    made = [item for item in expanded.resources if item.origin and item.address.startswith("Fn")]
    assert len(made) == 8
    assert {item.condition for item in made} == {"Live"}


@pytest.mark.parametrize(
    ("role", "value", "condition"),
    [
        ("Role: arn", "arn", None),
        (
            "Role: !If [Own, arn, !Ref AWS::NoValue]",
            Either(("arn", Ref("app/FnRole", "Arn")), ("Own", "not Own")),
            "Live and not Own",
        ),
        ("Timeout: 3", Ref("app/FnRole", "Arn"), "Live"),
    ],
)
def test_a_role_is_generated_where_none_is_given(role: str, value: Value, condition: str | None) -> None:
    expanded = given(f"{{CodeUri: src/, {role}, Policies: [SQSSendMessagePolicy: {{QueueName: q}}]}}")
    assert resource(expanded, "Fn").get("Role") == value
    roles = [item for item in expanded.resources if item.type == "AWS::IAM::Role"]
    assert [item.condition for item in roles] == ([condition] if condition else [])
    assert not roles or len(statements(expanded, "FnRole")) == 1


def test_events_start_the_alias_where_there_is_one() -> None:
    expanded = given("{CodeUri: src/, AutoPublishAlias: live-1, Events: {A: {Type: SQS, Properties: {Queue: q}}}}")
    alias = resource(expanded, "FnAliasliveD1", "AWS::Lambda::Alias")
    assert alias.properties == {
        "Name": "live-1",
        "FunctionName": Ref("app/Fn"),
        "FunctionVersion": Ref("app/FnVersion", "Version"),
    }
    assert resource(expanded, "FnA").get("FunctionName") == Ref(alias.id)


def test_an_alias_of_unknown_name_still_is_one() -> None:
    alias = resource(given("{CodeUri: src/, AutoPublishAlias: !Ref Name}"), "FnAlias", "AWS::Lambda::Alias")
    assert alias.at().line == 8


def test_a_conditional_alias_leaves_events_with_the_function() -> None:
    expanded = given(
        "{CodeUri: src/, AutoPublishAlias: !If [Safe, live, !Ref AWS::NoValue], Events: {A: {Type: SQS, Properties: {Queue: q}}}}"
    )
    assert resource(expanded, "FnAliaslive").condition == "Live and Safe"
    assert resource(expanded, "FnA").get("FunctionName") == Ref("app/Fn")


def test_a_url_is_a_resource() -> None:
    url = resource(
        given("{CodeUri: src/, FunctionUrlConfig: {AuthType: NONE, InvokeMode: BUFFERED}}"), "FnUrl", "AWS::Lambda::Url"
    )
    assert url.properties == {"TargetFunctionArn": Ref("app/Fn"), "AuthType": "NONE", "InvokeMode": "BUFFERED"}


@pytest.mark.parametrize(("type", "action"), [("SQS", "sqs:SendMessage"), ("SNS", "sns:Publish")])
def test_a_dead_letter_queue_is_configured_and_granted(type: str, action: str) -> None:
    expanded = given(f"{{CodeUri: src/, DeadLetterQueue: {{Type: {type}, TargetArn: !GetAtt Q.Arn}}}}")
    assert resource(expanded, "Fn").get("DeadLetterConfig") == {"TargetArn": Ref("app/Q", "Arn")}
    (statement,) = statements(expanded, "FnRole")
    assert (statement["Action"], statement["Resource"]) == ((action,), (Ref("app/Q", "Arn"),))


@pytest.mark.parametrize(
    ("type", "destination", "actions"),
    [
        ("SQS", "!GetAtt Q.Arn", ["sqs:SendMessage"]),
        ("SNS", "arn", ["sns:Publish"]),
        ("Lambda", "arn", ["lambda:InvokeFunction"]),
        ("EventBridge", "arn", ["events:PutEvents"]),
        ("S3Bucket", "arn", ["s3:PutObject", "s3:ListBucket"]),
    ],
)
def test_a_destination_is_configured_and_granted(type: str, destination: str, actions: list[str]) -> None:
    text = f"{{MaximumEventAgeInSeconds: 60, DestinationConfig: {{OnFailure: {{Type: {type}, Destination: {destination}}}}}}}"
    expanded = given(f"{{CodeUri: src/, EventInvokeConfig: {text}}}")
    config = resource(expanded, "FnEventInvokeConfig", "AWS::Lambda::EventInvokeConfig")
    target = Ref("app/Q", "Arn") if destination.startswith("!") else destination
    assert config.properties == {
        "FunctionName": Ref("app/Fn"),
        "Qualifier": "$LATEST",
        "DestinationConfig": {"OnFailure": {"Destination": target}},
        "MaximumEventAgeInSeconds": 60,
    }
    assert [action for statement in statements(expanded, "FnRole") for action in statement["Action"]] == actions


def test_missing_destinations_are_generated_and_can_be_referred_to() -> None:
    text = "{DestinationConfig: {OnSuccess: {Type: SQS}, OnFailure: {Type: SNS}}}"
    expanded = given(f"{{CodeUri: src/, AutoPublishAlias: live, EventInvokeConfig: {text}}}")
    queue = resource(expanded, "FnEventInvokeConfigOnSuccessQueue", "AWS::SQS::Queue")
    topic = resource(expanded, "FnEventInvokeConfigOnFailureTopic", "AWS::SNS::Topic")
    assert resource(expanded, "FnEventInvokeConfig").get("DestinationConfig") == {
        "OnSuccess": {"Destination": Ref(queue.id, "Arn")},
        "OnFailure": {"Destination": Ref(topic.id)},
    }
    out = resource(expanded, "Out")
    assert out.get("Alias") == Ref("app/FnAliaslive")
    assert out.get("Version") == Ref("app/FnVersion", "Version")
    assert out.get("Queue") == Ref(queue.id, "Arn")
    assert expanded.settle(Ref("app/Fn.Alias")) == Ref("app/FnAliaslive")


def test_a_destination_may_be_missing_on_one_side() -> None:
    text = "{DestinationConfig: {OnSuccess: {Type: SQS, Destination: !If [Own, arn, !Ref AWS::NoValue]}}}"
    expanded = given(f"{{CodeUri: src/, EventInvokeConfig: {text}}}")
    queue = resource(expanded, "FnEventInvokeConfigOnSuccessQueue")
    assert queue.condition == "Live and not Own"
    made = resource(expanded, "FnEventInvokeConfig").get("DestinationConfig", "OnSuccess", "Destination")
    assert made == Either(("arn", Ref(queue.id, "Arn")), ("Live and Own", "Live and not Own"))


@pytest.mark.parametrize(
    "properties",
    [
        "{CodeUri: src/, EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: Lambda}}}}",
        "{CodeUri: src/, DeadLetterQueue: {TargetArn: arn}}",
        "{CodeUri: src/, DeadLetterQueue: {Type: SQS}}",
        "{CodeUri: src/, FunctionUrlConfig: yes}",
        "{CodeUri: src/, EventInvokeConfig: 5}",
        "{CodeUri: src/, Events: [a]}",
        "{CodeUri: src/, Events: {A: {Properties: {Queue: q}}}}",
        "{CodeUri: src/, Events: {A: {Type: Carrier, Properties: {Queue: q}}}}",
        "{CodeUri: src/, Events: {A: {Type: SQS}}}",
        "{CodeUri: src/, Events: {A: {Type: SQS, Properties: text}}}",
        "{CodeUri: src/, Events: {A: text}}",
    ],
)
def test_what_is_malformed_is_a_problem_with_a_line(properties: str) -> None:
    (problem,) = given(properties).problems
    assert (problem.rule, problem.location.path, problem.location.line) == ("sam-invalid", "app/template.yaml", 8)


def test_both_sides_of_conditional_events_are_followed() -> None:
    expanded = given(
        "{CodeUri: src/, Events: !If [Queued, {In: {Type: SQS, Properties: {Queue: q}}}, "
        "{In: {Type: SNS, Properties: {Topic: t}}, Tick: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}]}"
    )
    made = {item.type: item.condition for item in expanded.resources if item.address.startswith(("FnIn", "FnTick"))}
    assert made == {
        "AWS::Lambda::EventSourceMapping": "Live and Queued",
        "AWS::SNS::Subscription": "Live and not Queued",
        "AWS::Lambda::Permission": "Live and not Queued",
        "AWS::Events::Rule": "Live and not Queued",
    }
    assert {item.address for item in expanded.resources} >= {"FnIn", "FnIn#2", "FnTick"}
