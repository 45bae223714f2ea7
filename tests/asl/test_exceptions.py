"""Where untangle decides otherwise than a public set of fixtures, each shown by a definition of our own, with the reason.

The sets: asl-validator, statelint, the AWS toolkit's language service, LocalStack's templates (which the service took), and
AWS's sample workflows. What the service itself was recorded to say wins, then the States Language, then the guide.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.asl.test_validate import INVOKE, PASS, inner, machine, one, task
from untangle.asl import validate

# They accept it, we do not.
STRICTER: list[tuple[str, str, Any]] = [
    (
        "LocalStack; recorded executions: a variable or function that nothing defines",
        "the service takes it, and every execution that comes by fails with States.QueryEvaluationError",
        machine({**PASS, "Output": {"x": "{% $missing %}"}}, jsonata=True),
    ),
    (
        "LocalStack: a variable of a nested machine read outside of it",
        "as above: a variable is seen in its own machine and in those within",
        machine(
            {"Type": "Parallel", "Branches": [inner({**PASS, "Assign": {"k": 1}})], "Next": "B"},
            B={**PASS, "Parameters": {"x.$": "$k"}},
        ),
    ),
    (
        "asl-validator: a path that begins with a variable of JSONPath that nothing assigns",
        "as above; most often a dot was forgotten",
        machine({"Type": "Fail", "ErrorPath": "$error"}),
    ),
    (
        "LocalStack, toolkit: .waitForTaskToken whose arguments do not hold the token",
        "the service takes it; nobody can ever answer, so each execution waits for its timeout",
        machine(task(Resource=f"{INVOKE}.waitForTaskToken", Parameters={"FunctionName": "f"})),
    ),
    (
        "asl-validator: a JSONPath state in a JSONata machine",
        "recorded: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        machine({**PASS, "QueryLanguage": "JSONPath"}, jsonata=True),
    ),
    (
        "asl-validator: a variable with a dash in its name",
        "the guide: names are Unicode identifiers; $a-b would be a subtraction",
        machine({**PASS, "Assign": {"a-b": 1}}, jsonata=True),
    ),
    (
        "asl-validator, statelint: credentials of any shape",
        "recorded: The field 'RoleArn' is required but was missing",
        machine(task(Credentials={"user": "x"})),
    ),
    (
        "statelint, toolkit: a resource that is a URI but no ARN",
        "the States Language asks for a URI, the service for the ARN of something that it can call",
        machine(task(Resource="charge:card")),
    ),
    (
        "statelint: a field of the context object that is not there",
        "the States Language leaves the context open, the service documents what is in it",
        one("Pass", InputPath="$$.order"),
    ),
    (
        "toolkit: the same name of a state in two branches",
        "the service answers DUPLICATE_STATE_NAME",
        one("Parallel", Branches=[inner(), inner()]),
    ),
    (
        "samples: QueryLanguage written among the states",
        "a slip in the sample: the machine is JSONPath, so none of its JSONata fields is one",
        {"StartAt": "A", "States": {"QueryLanguage": "JSONata", "A": {**PASS, "Output": 1}}},
    ),
    (
        "LocalStack: an optimized integration with an action that it does not have (lambda:listFunctions)",
        "recorded of dynamodb:query: The resource provided … is not recognized; the template is in no recorded execution",
        machine(task(Resource="arn:aws:states:::lambda:listFunctions", Parameters={})),
    ),
    (
        "LocalStack: a path for a Resource, with a path for a number, in a template that no test uses",
        "recorded of other texts: The value is not a valid resource ARN; no field takes a path but one that ends in .$ or Path",
        machine(task(Resource="$.FunctionName")),
    ),
    (
        "LocalStack: invalid_der, a definition without States",
        "recorded: These fields are required: [States] at /",
        {"StartAt": "A"},
    ),
    (
        "LocalStack: a definition for the test of one state, whose StartAt names nothing",
        "no machine was made of it; the test names the state itself",
        {"StartAt": "Gone", "States": {"A": PASS}},
    ),
]

# They refuse it, we do not.
LAXER: list[tuple[str, str, Any]] = [
    (
        "statelint, asl-validator: a path with a name that begins with $",
        "AWS's construct hub runs with one, and its synthesized template is deployed by its integration test",
        one("Pass", ResultPath="$.$TaskExecution"),
    ),
    (
        "asl-validator: {% %} without spaces, or with line breaks",
        "the guide asks for {% at the beginning and %} at the end, nothing more",
        machine({"Type": "Pass", "Output": "{%1%}", "Next": "B"}, jsonata=True, B={**PASS, "Output": "{% \n1 %}"}),
    ),
]


@pytest.mark.parametrize(("who", "why", "definition"), STRICTER, ids=[row[0] for row in STRICTER])
def test_stricter(who: str, why: str, definition: Any) -> None:
    assert [item for item in validate(definition) if item.severity == "error"], why


@pytest.mark.parametrize(("who", "why", "definition"), LAXER, ids=[row[0] for row in LAXER])
def test_laxer(who: str, why: str, definition: Any) -> None:
    assert validate(definition) == (), why
