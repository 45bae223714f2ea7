"""What each type of state does with its input."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulate.machine.play import ECHO, error, failure, jsonata, machine, output, played, task, types

INPUT = {"order": {"id": 7, "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 3}]}, "rush": True}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Result": 1}, 1),
        ({"Result": 1, "ResultPath": "$.order.total"}, {**INPUT, "order": {**INPUT["order"], "total": 1}}),  # type: ignore[dict-item]
        ({"Result": 1, "ResultPath": "$.new.deep"}, {**INPUT, "new": {"deep": 1}}),
        ({"Result": 1, "ResultPath": None}, INPUT),
        ({"InputPath": "$.order.id"}, 7),
        ({"InputPath": None}, {}),
        ({"OutputPath": "$.rush"}, True),
        ({"OutputPath": None}, {}),
        ({"Parameters": {"id.$": "$.order.id", "fixed": {"inner.$": "$.rush"}, "list": ["$.rush"]}},
         {"id": 7, "fixed": {"inner": True}, "list": ["$.rush"]}),
        ({"Parameters": {"m.$": "$$.StateMachine.Name", "s.$": "$$.State.Name"}}, {"m": "Machine", "s": "First"}),
        ({"Parameters": {"skus.$": "$.order.lines[*].sku"}}, {"skus": ["a", "b"]}),
        ({"Parameters": {"id.$": "States.Format('#{}', $.order.id)"}}, {"id": "#7"}),
    ],
)  # fmt: skip
def test_pass_in_jsonpath(state: dict[str, Any], expected: Any) -> None:
    assert output(machine({"Type": "Pass", "End": True, **state}), INPUT) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, INPUT),
        ({"Output": "{% $states.input.order.id + 1 %}"}, 8),
        ({"Output": {"a": ["{% $states.input.rush %}", "plain"]}}, {"a": [True, "plain"]}),
        ({"Output": "{% $sum($states.input.order.lines.n) / 2 %}"}, 2),
        ({"Output": "{% $states.context.State.Name & $states.context.Execution.Name %}"}, "Firstrun-1"),
        ({"Output": "{% null %}"}, None),
        ({"Output": "{% {'x': null} %}"}, {"x": None}),
        ({"Output": "{% $exists($states.input.none) ? 1 : [] %}"}, []),
        ({"Output": "{% $partition([1,2,3], 2) %}"}, [[1, 2], [3]]),
        ({"Output": "{% $range(0, 10, 5) %}"}, [0, 5, 10]),
        ({"Output": "{% $range(1, 9, 9) %}"}, 1),
        ({"Output": "{% $parse('{\"a\": null}') %}"}, {"a": None}),
        ({"Output": "{% $hash('x', 'SHA-1') %}"}, "11f6ad8ec52a2984abaafd7c3b516503785c2072"),
        ({"Output": "{% $millis() = $toMillis($now()) %}"}, True),
        ({"Output": "{% $now() %}"}, "2026-01-01T00:00:00.000Z"),
        ({"Output": "{% $random(7) = $random(7) and $length($uuid()) = 36 %}"}, True),
    ],
)
def test_pass_in_jsonata(fields: dict[str, Any], expected: Any) -> None:
    assert output(jsonata({"Type": "Pass", "End": True, **fields}), INPUT) == expected


WHERE = "An error occurred while executing the state 'First' (entered at the event id #2). "


@pytest.mark.parametrize(
    ("state", "name", "cause"),
    [
        ({"InputPath": "$.no"}, "States.Runtime", WHERE + "Invalid path '$.no' : No results for path: $['no']"),
        ({"OutputPath": "$.no.way"}, "States.Runtime", WHERE + "Invalid path '$.no.way' : Missing property in path $['no']"),
        ({"Parameters": {"a.$": "$.no"}}, "States.Runtime",
         WHERE + "The JSONPath '$.no' specified for the field 'a.$' could not be found in the input '{\"b\":1}'"),
        ({"QueryLanguage": "JSONata", "Output": {"a": "{% $states.input.no %}"}}, "States.QueryEvaluationError",
         WHERE + "The JSONata expression '$states.input.no' specified for the field 'Output/a' returned nothing (undefined)."),
        ({"QueryLanguage": "JSONata", "Output": "{% function($x){1} %}"}, "States.QueryEvaluationError",
         WHERE + "The JSONata expression 'function($x){1}' specified for the field 'Output' returned an unsupported "
         "result type."),
        ({"QueryLanguage": "JSONata", "Output": "{% $nope(1) %}"}, "States.QueryEvaluationError",
         WHERE + "The JSONata expression '$nope(1)' specified for the field 'Output' threw an error during evaluation. "
         "T1006: Attempted to invoke a non-function"),
        ({"ResultPath": "$.b.c", "Result": 1}, "States.ResultPathMatchFailure",
         "Unable to apply ReferencePath $.b.c to input {\"b\":1}"),
        ({"Parameters": {"a.$": "States.ArrayGetItem($.b, 0)"}}, "States.IntrinsicFailure",
         WHERE + "The function 'States.ArrayGetItem($.b, 0)' had the following error: the argument 1 is of the wrong type"),
    ],
)  # fmt: skip
def test_what_cannot_be_processed_fails(state: dict[str, Any], name: str, cause: str) -> None:
    assert error(machine({"Type": "Pass", "End": True, **state}), {"b": 1}) == (name, cause)


def test_an_expression_that_never_ends_fails() -> None:
    loop = "{% ($f := function($n){1 + $f($n + 1)}; $f(0)) %}"
    assert error(jsonata({"Type": "Pass", "Output": loop, "End": True}))[0] == "States.QueryEvaluationError"


@pytest.mark.parametrize(
    ("rule", "value", "met"),
    [
        ({"NumericGreaterThan": 3}, 4, True),
        ({"NumericGreaterThan": 3}, "4", False),
        ({"NumericEquals": 1}, True, False),
        ({"StringLessThan": "b"}, "a", True),
        ({"StringMatches": "log-*.txt"}, "log-2026.txt", True),
        ({"StringMatches": "a\\*b"}, "a*b", True),
        ({"StringMatches": "a\\*b"}, "axb", False),
        ({"BooleanEquals": False}, False, True),
        ({"TimestampLessThan": "2026-01-01T00:00:00Z"}, "2025-12-31T23:59:59+00:00", True),
        ({"TimestampEquals": "2026-01-01T00:00:00Z"}, "2026-01-01T01:00:00+01:00", True),
        ({"IsNull": True}, None, True),
        ({"IsNumeric": False}, "1", True),
        ({"IsTimestamp": True}, "2026-01-01", False),
        ({"StringEqualsPath": "$.other"}, "other", True),
    ],
)
def test_choice(rule: dict[str, Any], value: Any, met: bool) -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.v", **rule, "Next": "Yes"}], "Default": "No"}
    definition = machine(
        choice, Yes={"Type": "Pass", "Result": True, "End": True}, No={"Type": "Pass", "Result": False, "End": True}
    )
    assert output(definition, {"v": value, "other": "other"}) is met


def test_choice_combines_and_asks_what_is_there() -> None:
    there = {"Variable": "$.v", "IsPresent": True}
    rule = {"And": [there, {"Not": {"Or": [{"Variable": "$.v", "NumericEquals": 1}, {"Variable": "$.v", "IsNull": True}]}}]}
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("Yes", "No")}
    assert [output(machine(choice, **ends), value) for value in ({}, {"v": 1}, {"v": 2}, {"v": None})] == [
        "No",
        "No",
        "Yes",
        "No",
    ]


def test_choice_without_a_way_out_fails() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.v", "IsNull": True, "Next": "First"}]}
    assert error(machine(choice), {"v": 1})[0] == "States.NoChoiceMatched"
    cause = WHERE + "Invalid path '$.v': The choice state's condition path references an invalid value."
    assert error(machine(choice), {}) == ("States.Runtime", cause)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"Seconds": 90}, 90),
        ({"SecondsPath": "$.s"}, 5),
        ({"Timestamp": "2026-01-01T00:01:00Z"}, 60),
        ({"TimestampPath": "$.t"}, 3600),
        ({"Timestamp": "2016-01-01T00:01:00Z"}, 0),
        ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.s * 2 %}"}, 10),
        ({"QueryLanguage": "JSONata", "Timestamp": "{% $states.input.t %}"}, 3600),
    ],
)
def test_wait_takes_virtual_time(fields: dict[str, Any], seconds: float) -> None:
    execution, services = played(machine({"Type": "Wait", "End": True, **fields}), {"s": 5, "t": "2026-01-01T02:00:00+01:00"})
    assert services.clock.now == seconds
    assert types(execution)[1:-1] == ["WaitStateEntered", "WaitStateExited"]


def test_fail_says_what_its_paths_say() -> None:
    fields = {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('because of {}', $.e)"}
    assert error(machine(fields), {"e": "Odd"}) == ("Odd", "because of Odd")
    assert error(jsonata({"Type": "Fail", "Error": "{% $states.input.e %}"}), {"e": "Odd"}) == ("Odd", None)


def test_succeed_ends_with_what_it_selects() -> None:
    assert output(machine({"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}), {"a": {"b": 2}}) == 2
    assert output(jsonata({"Type": "Succeed", "Output": "{% $states.input.a %}"}), {"a": 1}) == 1


def test_a_result_that_is_too_large_fails() -> None:
    echo = machine(task(ECHO), Done={"Type": "Pass", "End": True})
    caught = machine(task(ECHO, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Done"}]), Done={"Type": "Pass", "End": True})
    script = {ECHO: ["ü" * 131_072]}  # 262,144 bytes, and two quotes
    cause = f"The state/task '{ECHO}' returned a result with a size exceeding the maximum number of bytes service limit."
    assert error(echo, {}, script) == ("States.DataLimitExceeded", cause)
    assert output(caught, {}, script) == {"Error": "States.DataLimitExceeded", "Cause": cause}
    assert output(echo, {}, {ECHO: ["ü" * 131_071]}) == "ü" * 131_071


def test_an_endless_loop_ends_with_its_history() -> None:
    turns = machine({"Type": "Pass", "Next": "First"})
    execution, _ = played(turns)
    assert execution.result is not None
    assert (execution.result.status, execution.result.error) == ("FAILED", "States.Runtime")
    assert len(execution.events) == 25_000


def test_variables_are_assigned_at_once_and_read_in_inner_scopes() -> None:
    swap = {"Type": "Pass", "Assign": {"a": "{% $b %}", "b": "{% $a %}"}, "Next": "Each"}
    each = {
        "Type": "Map",
        "Items": [1, 2],
        "ItemProcessor": machine(
            {"Type": "Pass", "Assign": {"own": "{% $states.input %}"}, "Output": "{% $a & $own %}", "End": True}
        ),
        "Output": "{% $append($states.result, [$exists($own)]) %}",
        "End": True,
    }
    each["ItemProcessor"]["States"]["First"]["Output"] = "{% $a %}"  # type: ignore[index]
    begin = {"Type": "Pass", "Assign": {"a": "A", "b": "B"}, "Next": "Swap"}
    assert output(jsonata(begin, Swap=swap, Each=each)) == ["B", "B", False]


def test_a_state_may_have_its_own_language() -> None:
    first = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% {'n': $states.input.n + 1} %}", "Next": "Second"}
    assert output(machine(first, Second={"Type": "Pass", "InputPath": "$.n", "End": True}), {"n": 1}) == 2


def test_unknown_calls_fail_the_task() -> None:
    execution, _ = played(machine(task()), {}, {ECHO: [failure("States.TaskFailed", "nobody")]})
    assert types(execution) == [
        "ExecutionStarted", "TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed",
        "ExecutionFailed",
    ]  # fmt: skip


def test_what_is_nested_too_deeply_fails() -> None:
    deep: Any = 1
    for _ in range(20_000):
        deep = [deep]
    definition = machine(task(), Next={"Type": "Pass", "End": True})
    assert error(definition, {}, {ECHO: [deep]})[0] == "States.Runtime"
