"""Texts that look computed and are not: AWS's warnings NO_DOLLAR, NO_PATH and PASS_RESULT_IS_STATIC, and their neighbours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asl.test_validate import INVOKE, PASS, choice, inner, machine, one, task
from untangle.asl import validate

WARNED: list[tuple[str, Any, str, str, str]] = [
    ("a path", one("Pass", Parameters={"a": [{"b": "$.b"}]}), "NO_DOLLAR", "/States/A/Parameters/a/0/b", '"b.$"'),
    ("the whole input", one("Pass", Parameters={"a": "$"}), "NO_DOLLAR", "/States/A/Parameters/a", '"a.$"'),
    ("the context", one("Pass", Parameters={"t": "$$.Task.Token"}), "NO_DOLLAR", "/States/A/Parameters/t", '"t.$"'),
    (
        "a call",
        machine(task(ResultSelector={"a": "States.Format('{}', $.x)"})),
        "NO_DOLLAR",
        "/States/A/ResultSelector/a",
        '"a.$"',
    ),
    (
        "a variable",
        machine({"Type": "Pass", "Assign": {"k": 1}, "Next": "B"}, B={**PASS, "Parameters": {"x": "$k.a"}}),
        "NO_DOLLAR",
        "/States/B/Parameters/x",
        '"x.$"',
    ),
    ("an assignment", one("Pass", Assign={"k": "$.a"}), "NO_DOLLAR", "/States/A/Assign/k", '"k.$"'),
    ("a role", machine(task(Credentials={"RoleArn": "$.r"})), "NO_DOLLAR", "/States/A/Credentials/RoleArn", '"RoleArn.$"'),
    ("an error", machine({"Type": "Fail", "Error": "$.e"}), "NO_PATH", "/States/A/Error", "ErrorPath"),
    ("a cause", machine({"Type": "Fail", "Cause": "$$.Execution.Id"}), "NO_PATH", "/States/A/Cause", "CausePath"),
    (
        "what is compared with",
        choice({"Not": {"Variable": "$.a", "StringEquals": "$.b"}, "Next": "B"}),
        "NO_PATH",
        "/States/A/Choices/0/Not/StringEquals",
        "StringEqualsPath",
    ),
    ("a result", one("Pass", Result={"a": ["$.b"]}), "PASS_RESULT_IS_STATIC", "/States/A/Result", "Parameters"),
    ("a result's name", one("Pass", Result={"a.$": "$.b"}), "PASS_RESULT_IS_STATIC", "/States/A/Result", "Parameters"),
    (
        "JSONata without its signs",
        machine({**PASS, "Output": {"a": "$states.input.a"}}, jsonata=True),
        "SCHEMA_VALIDATION_FAILED",
        "/States/A/Output/a",
        "{% $states.input.a %}",
    ),
    (
        "JSONata in JSONPath",
        one("Pass", Parameters={"a": "{% $states.input.a %}"}),
        "SCHEMA_VALIDATION_FAILED",
        "/States/A/Parameters/a",
        '"QueryLanguage": "JSONata"',
    ),
    (
        "a parameter in small letters",
        machine(task(Resource="arn:aws:states:::aws-sdk:s3:getObject", Parameters={"Bucket": "b", "key.$": "$.k"})),
        "SCHEMA_VALIDATION_FAILED",
        "/States/A/Parameters/key.$",
        "Key.$",
    ),
    (
        "the execution type of an inline Map",
        one("Map", ItemProcessor=inner(ProcessorConfig={"Mode": "INLINE", "ExecutionType": "STANDARD"})),
        "SCHEMA_VALIDATION_FAILED",
        "/States/A/ItemProcessor/ProcessorConfig/ExecutionType",
        '"Mode": "DISTRIBUTED"',
    ),
]


@pytest.mark.parametrize(("what", "definition", "code", "pointer", "hint"), WARNED, ids=[row[0] for row in WARNED])
def test_what_is_not_evaluated_is_warned_of(what: str, definition: Any, code: str, pointer: str, hint: str) -> None:
    found = [(item.severity, item.code, item.pointer, item.hint) for item in validate(definition)]
    assert found == [("warning", code, pointer, hint)]


@pytest.mark.parametrize(
    "definition",
    [
        one("Pass", Parameters={"price": "$5", "currency": "US$", "name": "$name", "list": ["$.a"], "pattern": "$.${Field}"}),
        one("Pass", Parameters={"doc": "States.Upper(x)", "what": "States and more", "$.a": "b"}),
        one("Pass", Result={"price": "$5", "a": "States.ALL"}),
        machine({"Type": "Fail", "Error": "$5 missing", "Cause": "States.Timeout"}),
        machine(task(Resource=INVOKE, Parameters={"FunctionName": "f", "Payload.$": "$"})),
        choice({"Variable": "$.a", "StringMatches": "$.*", "Next": "B"}),
        machine({**PASS, "Output": {"note": "uses $states.input"}}, jsonata=True),
    ],
)
def test_other_texts_with_dollars_pass(definition: Any) -> None:
    assert validate(definition) == ()
