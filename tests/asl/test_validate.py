"""The checker of definitions: one mistake per row, and good definitions that must pass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from untangle.asl import parse, validate
from untangle.asl.document import MAX_DEPTH

PASS = {"Type": "Pass", "End": True}
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:f"
INVOKE = "arn:aws:states:::lambda:invoke"


def machine(state: Mapping[str, Any], *, jsonata: bool = False, **others: Any) -> dict[str, Any]:
    """A machine that starts at the given state."""
    language = {"QueryLanguage": "JSONata"} if jsonata else {}
    return {**language, "StartAt": "A", "States": {"A": state, **others}}


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": FUNCTION, "End": True, **fields}


def choice(*rules: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return machine({"Type": "Choice", "Choices": list(rules), "Default": "B", **fields}, B=PASS)


def one(kind: str, **fields: Any) -> dict[str, Any]:
    return machine({"Type": kind, "End": True, **fields})


def inner(state: Mapping[str, Any] = PASS, name: str = "X", **fields: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: state}, **fields}


BAD: list[tuple[str, Any, str, str]] = [
    # what the code, the pointer and the words of the first diagnostic must be
    ("a unit that a Wait has not", one("Wait", Days=2), "/States/A/Days", '"Seconds": 172800'),
    ("hours", one("Wait", Hours=1.5), "/States/A/Hours", '"Seconds": 5400'),
    ("a field misspelled", one("Pass", Nxt="B"), "/States/A/Nxt", "write Next"),
    ("a field in the wrong case", one("Pass", comment="x"), "/States/A/comment", "write Comment"),
    ("a word of another language", machine(task(Timeout=5)), "/States/A/Timeout", "write TimeoutSeconds"),
    ("a type misspelled", one("Tsk"), "/States/A/Type", "write Task"),
    ("no type", machine({"End": True}), "/States/A/Type", "needs a Type"),
    ("no states", {"StartAt": "A", "States": {}}, "/States", "at least one"),
    ("no start", {"States": {"A": PASS}}, "/StartAt", "must name"),
    ("a start that is not there", {"StartAt": "Z", "States": {"A": PASS}}, "/StartAt", "no state 'Z'"),
    ("a state not reached", machine(PASS, B=PASS), "/States/B", "never reached"),
    ("a transition into nothing", machine({"Type": "Pass", "Next": "b"}, B=PASS), "/States/A/Next", "write B"),
    ("neither Next nor End", machine({"Type": "Pass"}), "/States", "ends the machine"),
    ("both Next and End", machine({**PASS, "Next": "B"}, B=PASS), "/States/A/End", "exclude"),
    ("End that is false", machine({"Type": "Pass", "End": False}), "/States", "ends the machine"),
    (
        "a loop without end",
        machine({"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}),
        "/States",
        "ends the machine",
    ),
    ("a name too long", {"StartAt": "x" * 81, "States": {"x" * 81: PASS}}, f"/States/{'x' * 81}", "80 characters"),
    ("Next on a Succeed", machine({"Type": "Succeed", "Next": "A"}), "/States/A/Next", "no field 'Next'"),
    ("an unknown query language", {**machine(PASS), "QueryLanguage": "jq"}, "/QueryLanguage", "JSONPath or JSONata"),
    (
        "JSONPath within JSONata",
        machine({**PASS, "QueryLanguage": "JSONPath"}, jsonata=True),
        "/States/A/QueryLanguage",
        "cannot hold",
    ),
    ("a JSONata field in JSONPath", machine(task(Arguments={})), "/States/A/Arguments", "belongs to JSONata"),
    ("a JSONPath field in JSONata", machine(task(Parameters={}), jsonata=True), "/States/A/Parameters", "belongs to JSONPath"),
    ("a Task without Resource", machine({"Type": "Task", "End": True}), "/States/A/Resource", "needs a Resource"),
    ("a resource that is no ARN", machine(task(Resource="charge")), "/States/A/Resource", "not an ARN"),
    (
        "a heartbeat above the timeout",
        machine(task(TimeoutSeconds=5, HeartbeatSeconds=6)),
        "/States/A/HeartbeatSeconds",
        "smaller",
    ),
    ("a timeout of zero", machine(task(TimeoutSeconds=0)), "/States/A/TimeoutSeconds", "from 1"),
    (
        "a callback nobody can answer",
        machine(task(Resource=f"{INVOKE}.waitForTaskToken", Parameters={"FunctionName": "f"})),
        "/States/A/Resource",
        "token",
    ),
    (
        "a job that cannot be waited for",
        machine(task(Resource=f"{INVOKE}.sync", Parameters={"FunctionName": "f"})),
        "/States/A/Resource",
        ".sync",
    ),
    (
        "an action that does not exist",
        machine(task(Resource="arn:aws:states:::sqs:sendMesage", Parameters={})),
        "/States/A/Resource",
        "sendMessage",
    ),
    (
        "a required parameter missing",
        machine(task(Resource="arn:aws:states:::sqs:sendMessage", Parameters={"QueueUrl": "q"})),
        "/States/A/Resource",
        "MessageBody",
    ),
    (
        "SDK actions have no .sync",
        machine(task(Resource="arn:aws:states:::aws-sdk:glue:startJobRun.sync")),
        "/States/A/Resource",
        "no .sync",
    ),
    (
        "a retry of less than nothing",
        machine(task(Retry=[{"ErrorEquals": ["X"], "MaxAttempts": -1}])),
        "/States/A/Retry/0/MaxAttempts",
        "at least 0",
    ),
    (
        "a backoff that shrinks",
        machine(task(Retry=[{"ErrorEquals": ["X"], "BackoffRate": 0.5}])),
        "/States/A/Retry/0/BackoffRate",
        "at least 1",
    ),
    (
        "attempts as text",
        machine(task(Retry=[{"ErrorEquals": ["X"], "MaxAttempts": "3"}])),
        "/States/A/Retry/0/MaxAttempts",
        "whole number",
    ),
    ("no errors named", machine(task(Retry=[{"ErrorEquals": []}])), "/States/A/Retry/0/ErrorEquals", "at least one"),
    (
        "States.ALL in company",
        machine(task(Retry=[{"ErrorEquals": ["States.ALL", "X"]}])),
        "/States/A/Retry/0/ErrorEquals",
        "alone",
    ),
    (
        "States.ALL before others",
        machine(task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}, {"ErrorEquals": ["X"], "Next": "B"}]), B=PASS),
        "/States/A/Catch/0/ErrorEquals",
        "last",
    ),
    ("a catcher without Next", machine(task(Catch=[{"ErrorEquals": ["X"]}])), "/States/A/Catch/0/Next", "needs Next"),
    (
        "a retrier's field misspelled",
        machine(task(Retry=[{"ErrorEquals": ["X"], "MaxAttempt": 1}])),
        "/States/A/Retry/0/MaxAttempt",
        "write MaxAttempts",
    ),
    ("Retry on a Pass", one("Pass", Retry=[]), "/States/A/Retry", "no field 'Retry'"),
    ("two ways to wait", one("Wait", Seconds=1, Timestamp="2026-01-01T00:00:00Z"), "/States/A/Timestamp", "one way"),
    ("no way to wait", one("Wait"), "/States/A", "needs Seconds"),
    ("seconds as text", one("Wait", Seconds="5"), "/States/A/Seconds", "whole number"),
    ("a time that is none", one("Wait", Timestamp="tomorrow"), "/States/A/Timestamp", "ISO 8601"),
    ("a choice without rules", choice(), "/States/A/Choices", "at least one"),
    (
        "two comparisons",
        choice({"Variable": "$.a", "StringEquals": "x", "IsNull": True, "Next": "B"}),
        "/States/A/Choices/0",
        "exactly one",
    ),
    (
        "a comparison misspelled",
        choice({"Variable": "$.a", "StringEqual": "x", "Next": "B"}),
        "/States/A/Choices/0",
        "exactly one",
    ),
    (
        "a number compared as text",
        choice({"Variable": "$.a", "StringEquals": 1, "Next": "B"}),
        "/States/A/Choices/0/StringEquals",
        "a text",
    ),
    ("a rule without Variable", choice({"StringEquals": "x", "Next": "B"}), "/States/A/Choices/0/Variable", "needs a Variable"),
    (
        "Next within And",
        choice({"And": [{"Variable": "$.a", "IsNull": True, "Next": "B"}], "Next": "B"}),
        "/States/A/Choices/0/And/0/Next",
        "outermost",
    ),
    (
        "a JSONata rule without Condition",
        {**choice({"Variable": "$.a", "IsNull": True, "Next": "B"}), "QueryLanguage": "JSONata"},
        "/States/A/Choices/0/Condition",
        "Condition",
    ),
    ("a Parallel without branches", one("Parallel", Branches=[]), "/States/A/Branches", "at least one"),
    ("a name used twice", one("Parallel", Branches=[inner(name="A")]), "/States/A/Branches/0/States/A", "unique"),
    (
        "a transition out of a branch",
        machine({"Type": "Parallel", "Branches": [inner({"Type": "Pass", "Next": "B"})], "Next": "B"}, B=PASS),
        "/States/A/Branches/0/States",
        "ends",
    ),
    ("two processors", one("Map", Iterator=inner(), ItemProcessor=inner(name="Y")), "/States/A/Iterator", "exclude"),
    (
        "a distributed Map without type",
        one("Map", ItemProcessor=inner(ProcessorConfig={"Mode": "DISTRIBUTED"})),
        "/States/A/ItemProcessor/ProcessorConfig/ExecutionType",
        "STANDARD",
    ),
    ("a path that is none", one("Pass", Parameters={"x.$": "$.a[?(@"}), "/States/A/Parameters/x.$", "not a valid path"),
    ("a reference to many places", one("Pass", ResultPath="$.a[*]"), "/States/A/ResultPath", "exactly one"),
    (
        "an intrinsic with too few arguments",
        one("Pass", Parameters={"x.$": "States.Hash($.a)"}),
        "/States/A/Parameters/x.$",
        "takes 2",
    ),
    (
        "an intrinsic that is none",
        one("Pass", Parameters={"x.$": "States.Upper($.a)"}),
        "/States/A/Parameters/x.$",
        "no intrinsic",
    ),
    (
        "places without values",
        one("Pass", Parameters={"x.$": "States.Format('{} {}', $.a)"}),
        "/States/A/Parameters/x.$",
        "2 places",
    ),
    ("half a JSONata string", machine({**PASS, "Output": "{% 1 + 1"}, jsonata=True), "/States/A/Output", "begin with"),
    ("a variable never assigned", machine({**PASS, "Output": "{% $nope %}"}, jsonata=True), "/States/A/Output", "never assigned"),
    ("$ at the top", machine({**PASS, "Output": "{% $.a %}"}, jsonata=True), "/States/A/Output", "$states.input"),
    ("$eval", machine({**PASS, "Output": "{% $eval('1') %}"}, jsonata=True), "/States/A/Output", "$parse"),
    (
        "JSONata that does not close",
        machine({**PASS, "Output": "{% $sum([1, 2) %}"}, jsonata=True),
        "/States/A/Output",
        "closes nothing",
    ),
    ("a reserved variable", one("Pass", Assign={"states": 1}), "/States/A/Assign/states", "reserved"),
]
BAD_IDS = [row[0] for row in BAD]


@pytest.mark.parametrize(("what", "definition", "pointer", "words"), BAD, ids=BAD_IDS)
def test_each_mistake_is_found_where_it_is(what: str, definition: Any, pointer: str, words: str) -> None:
    found = [item for item in validate(definition) if item.severity == "error"]
    assert any(item.pointer == pointer and words in item.message for item in found), found


GOOD: list[tuple[str, Any]] = [
    ("the smallest", machine(PASS)),
    ("states in a row", machine({"Type": "Pass", "Next": "B"}, B={"Type": "Succeed"})),
    (
        "a task with everything",
        machine(task(TimeoutSeconds=30, HeartbeatSeconds=10, ResultSelector={"x.$": "$.y"}, ResultPath=None)),
    ),
    ("an activity", machine(task(Resource="arn:aws:states:eu-west-1:111122223333:activity:a"))),
    ("an SDK call", machine(task(Resource="arn:aws:states:::aws-sdk:s3:getObject", Parameters={"Bucket": "b", "Key": "k"}))),
    ("a placeholder in a path", one("Pass", Parameters={"x.$": "$.${Key}"})),
    ("a placeholder in a resource", machine(task(Resource="arn:${Partition}:states:::states:startExecution"))),
    ("a dot before a bracket", one("Pass", Parameters={"x.$": "$.[0].a.[?(@.b > 1)].['c','d']"})),
    ("a placeholder for a resource", machine(task(Resource="${ChargeArn}"))),
    (
        "a callback with its token",
        machine(
            task(Resource=f"{INVOKE}.waitForTaskToken", Parameters={"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}})
        ),
    ),
    (
        "a job waited for",
        machine(task(Resource="arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": "m"})),
    ),
    (
        "retries in order",
        machine(task(Retry=[{"ErrorEquals": ["X"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"], "BackoffRate": 1}])),
    ),
    (
        "a choice in depth",
        choice(
            {"Not": {"Or": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.b", "NumericGreaterThan": 1}]}, "Next": "B"}
        ),
    ),
    ("a choice on the context", choice({"Variable": "$$.Execution.Name", "StringMatches": "x*", "Next": "B"})),
    ("intrinsics in intrinsics", one("Pass", Parameters={"x.$": "States.ArrayLength(States.StringSplit($.s, ','))"})),
    ("a filter in a path", one("Pass", Parameters={"x.$": "$.a[?(@.b > 1 && @.c == 'x]')].d"})),
    ("a quote in a filter", one("Pass", Parameters={"x.$": r"$.a[?(@.b == 'it\'s (')].d"})),
    (
        "variables in JSONPath",
        machine({"Type": "Pass", "Assign": {"k.$": "$.a"}, "Next": "B"}, B={**PASS, "Parameters": {"x.$": "$k"}}),
    ),
    ("JSONata in one state", machine({**PASS, "QueryLanguage": "JSONata", "Output": "{% $states.input %}"})),
    (
        "JSONata with variables",
        machine({"Type": "Pass", "Assign": {"n": "{% 1 %}"}, "Next": "B"}, jsonata=True, B={**PASS, "Output": "{% $n %}"}),
    ),
    ("computed seconds", machine({"Type": "Wait", "Seconds": "{% $states.input.n %}", "End": True}, jsonata=True)),
    (
        "a map with its parts",
        one("Map", ItemsPath="$.i", MaxConcurrency=2, ItemProcessor=inner(ProcessorConfig={"Mode": "INLINE"})),
    ),
    ("a Fail with paths", machine({"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}', $.c)"})),
]


@pytest.mark.parametrize(("what", "definition"), GOOD, ids=[row[0] for row in GOOD])
def test_good_definitions_pass(what: str, definition: Any) -> None:
    assert validate(definition) == ()


def test_the_spelling_of_jsonpath_in_jsonata_is_only_odd() -> None:
    # recorded: the service takes such a definition, and `x.$` for the name of a field
    (found,) = validate(machine(task(Arguments={"x.$": "$.a"}), jsonata=True))
    assert (found.severity, found.pointer, found.hint) == ("warning", "/States/A/Arguments/x.$", '"x": "{% … %}"')


def test_an_error_name_of_the_service_that_is_none_is_only_odd() -> None:
    (found,) = validate(machine(task(Retry=[{"ErrorEquals": ["States.TimeOut"]}])))
    assert (found.severity, found.hint) == ("warning", "States.Timeout")


class TestText:
    def test_a_diagnostic_knows_its_line(self) -> None:
        text = '{"StartAt": "A",\n "States": {\n  "A": {\n   "Type": "Pass",\n   "Nxt": "B",\n   "End": true}}}'
        (found,) = validate(parse(text))
        assert (found.line, found.pointer, found.hint) == (5, "/States/A/Nxt", "Next")

    def test_parsing_gives_what_json_gives(self) -> None:
        value = {"a": [1, -2.5e3, True, None, {"b": "\u00e9\n\\"}], "": {}, "c": []}
        assert parse(json.dumps(value, indent=1)).value == value

    @pytest.mark.parametrize(
        "text", ["", "{", "[1,]", '{"a" 1}', '{"a": tru}', '{"a": "x}', "{} {}", '{"a": 01}', "nonsense", '{"a": "\\x"}', "\x00"]
    )
    def test_what_is_not_json_is_a_diagnostic(self, text: str) -> None:
        found = validate(parse(text))
        assert [item.code for item in found] == ["INVALID_JSON_DESCRIPTION"]
        assert found[0].line == 1

    def test_a_key_written_twice(self) -> None:
        (found,) = validate(parse('{"StartAt": "A",\n "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'))
        assert (found.code, found.line) == ("INVALID_JSON_DESCRIPTION", 2)


class TestHostility:
    """Whatever is handed in, the answer is diagnostics."""

    @pytest.mark.parametrize(
        "value",
        [None, 1, "x", [], {}, {"States": []}, {"States": {"A": None}}, {"StartAt": [], "States": {"A": {"Type": []}}}]
        + [
            {"StartAt": "A", "States": {"A": {"Type": kind, field: value}}}
            for kind in ("Task", "Choice", "Map", "Parallel", "Wait")
            for field in (
                "Retry",
                "Catch",
                "Choices",
                "Branches",
                "ItemProcessor",
                "Assign",
                "Next",
                "Seconds",
                "Parameters",
                "QueryLanguage",
            )
            for value in (None, 1, "x", [None], {"x": None}, [[]], [{"Next": 1, "ErrorEquals": {}}])
        ],
    )
    def test_nothing_raises(self, value: Any) -> None:
        assert validate(value)

    def test_deep_text_is_refused_and_not_followed(self) -> None:
        found = validate(parse("[" * 100_000))
        assert [item.code for item in found] == ["TOO_DEEPLY_NESTED"]

    def test_machines_within_machines_have_an_end(self) -> None:
        definition = inner(name="S0")
        for depth in range(1, MAX_DEPTH):
            definition = inner({"Type": "Parallel", "Branches": [definition], "End": True}, name=f"S{depth}")
        assert "TOO_DEEPLY_NESTED" in {item.code for item in validate(definition)}

    def test_a_long_chain_is_checked_in_linear_time(self) -> None:
        states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(20_000)}
        states["S20000"] = {"Type": "Succeed"}
        assert validate({"StartAt": "S0", "States": states}) == ()
