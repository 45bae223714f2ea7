"""What a template fills in later: `${Name}` wherever it stands, quoted or not, and in the place of any kind of value."""

from __future__ import annotations

import pytest

from untangle.asl import parse, validate

MACHINE = '{"StartAt": "A", "States": {"A": %s, "B": {"Type": "Pass", "End": true}}}'


@pytest.mark.parametrize(
    "state",
    [
        '{"Type": "Wait", "Seconds": "${Wait}", "Next": "B"}',
        '{"Type": "Wait", "Seconds": ${Wait}, "Next": "B"}',
        '{"Type": "Wait", "Timestamp": "${When}", "Next": "B"}',
        '{"Type": "Task", "Resource": "${Fn}", "TimeoutSeconds": ${T}, "HeartbeatSeconds": "${H}", "Next": "B"}',
        '{"Type": "Task", "Resource": "${Fn}", "Parameters": ${jsonencode({a = "x"})}, "Next": "B"}',
        '{"Type": "Task", "Resource": "${Fn}", "Retry": ${Retry}, "Next": "B"}',
        '{"Type": "Task", "Resource": "${Fn}", "Retry": [{"ErrorEquals": ["${E}"], "MaxAttempts": "${N}", "BackoffRate": ${R}}],'
        ' "Next": "B"}',
        '{"Type": "Task", "Resource": "arn:${AWS::Partition}:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "${Q}",'
        ' "MessageBody.$": "$.${Field}"}, "Next": "B"}',
        '{"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": "${N}", "Next": "B"},'
        ' {"Variable": "$.b", "BooleanEquals": ${Flag}, "Next": "B"}], "Default": "B"}',
        '{"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% ${N} + 1 %}", "Next": "B"}',
        '{"Type": "Pass", "Next": "${Following}"}',
        '{"Type": "Task", "Resource": "arn:aws:lambda:${Place}:function:f", "Next": "B"}',
        '{"Type": "Task", "Resource": "arn:aws:${Rest}", "Next": "B"}',
        '{"Type": "Task", "Resource": "arn:aws:lambda:#{AWS::Region}:#{AWS::AccountId}:function:${self:service}-f", "Next": "B"}',
    ],
)
def test_a_placeholder_may_stand_for_anything(state: str) -> None:
    assert validate(parse(MACHINE % state)) == ()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ('{"Type": "Wait", "Seconds": "5", "Next": "B"}', "whole number"),
        (
            '{"Type": "Task", "Resource": "arn:${AWS::Partition}:states:::lambda:invoke", "Parameters": {}, "Next": "B"}',
            "FunctionName",
        ),
        (
            '{"Type": "Task", "Resource": "arn:${P}:states:::sqs:sendMessage.sync", "Parameters": {"QueueUrl": "q",'
            ' "MessageBody": "m"}, "Next": "B"}',
            ".sync",
        ),
        ('{"Type": "Task", "Resource": "${Fn", "Next": "B"}', "not closed"),
        ('{"Type": "Pass", "Nxt": "${Following}", "Next": "B"}', "no field 'Nxt'"),
        ('{"Type": "Succeed", "Next": "${Following}"}', "no field 'Next'"),
        ('{"Type": "Pass", "Output": "${Out}", "Next": "B"}', "belongs to JSONata"),
        ('{"Type": "Wait", "Seconds": 1, "Next": "${Following}", "End": true}', "exclude"),
        ('{"Type": "Task", "Resource": "${F}", "Retry": [{"ErrorEquals": ["X"], "Attempts": "${N}"}], "Next": "B"}', "no field"),
    ],
)
def test_what_stands_around_it_is_checked(state: str, words: str) -> None:
    assert any(words in item.message for item in validate(parse(MACHINE % state)) if item.severity == "error")


def test_comments_are_no_json() -> None:
    (found,) = validate(parse("// a note\n" + MACHINE % '{"Type": "Pass", "Next": "B"}'))
    assert (found.code, found.line) == ("INVALID_JSON_DESCRIPTION", 1)


@pytest.mark.parametrize(
    "text",
    [
        '{"StartAt": ' + "${" * 50_000,
        MACHINE % ('{"Type": "Pass", "InputPath": "' + "${" * 50_000 + '", "Next": "B"}'),
        MACHINE % ('{"Type": "Pass", "Parameters": {"x.$": "' + "States.Array(" * 5_000 + '"}, "Next": "B"}'),
        MACHINE % ('{"Type": "Wait", "Days": ' + "9" * 10_000 + ', "Next": "B"}'),
        MACHINE % ('{"Type": "Task", "Resource": "x", "Retry": [{"ErrorEquals": ["X"], "MaxAttempts": 1e999}], "Next": "B"}'),
        MACHINE % ('{"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% ' + "$states.a+" * 5_000 + ' %}", "Next": "B"}'),
    ],
    ids=["placeholders", "a path of placeholders", "calls in calls", "digits", "without end", "JSONata"],
)
def test_hostile_text_is_read_once(text: str) -> None:
    assert validate(parse(text))
