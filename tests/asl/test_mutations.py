"""Good definitions with one mistake put in, at every place where it can be: each is found."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.asl.test_validate import FUNCTION, INVOKE
from untangle.asl import validate

Definition = dict[str, Any]

PATHS: Definition = {
    "Comment": "orders",
    "StartAt": "Wait",
    "TimeoutSeconds": 600,
    "States": {
        "Wait": {"Type": "Wait", "SecondsPath": "$.delay", "Next": "Charge"},
        "Charge": {
            "Type": "Task",
            "Resource": INVOKE,
            "Parameters": {
                "FunctionName": FUNCTION,
                "Payload": {"id.$": "$.order['id']", "key.$": "States.Format('k-{}', $.order.id)"},
            },
            "ResultSelector": {"paid.$": "$.Payload.paid"},
            "ResultPath": "$.charge",
            "TimeoutSeconds": 30,
            "HeartbeatSeconds": 10,
            "Retry": [
                {"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2, "JitterStrategy": "FULL"},
                {"ErrorEquals": ["States.ALL"], "MaxDelaySeconds": 60},
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}],
            "Next": "Paid",
        },
        "Paid": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [{"Variable": "$.charge.paid", "BooleanEquals": True}, {"Variable": "$.n", "NumericGreaterThan": 1}],
                    "Next": "Ship",
                },
                {"Not": {"Variable": "$.status", "StringEqualsPath": "$.wanted"}, "Next": "Tell"},
            ],
            "Default": "Failed",
        },
        "Ship": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 5,
            "ItemSelector": {"item.$": "$$.Map.Item.Value"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Pack",
                "States": {
                    "Pack": {"Type": "Task", "Resource": FUNCTION, "Next": "Packed"},
                    "Packed": {"Type": "Pass", "Result": {"ok": True}, "ResultPath": "$.packed", "End": True},
                },
            },
            "Label": "Items",
            "Next": "Tell",
        },
        "Tell": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Mail",
                    "States": {
                        "Mail": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                            "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
                            "End": True,
                        }
                    },
                },
                {
                    "StartAt": "Note",
                    "States": {
                        "Note": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                            "Parameters": {"Bucket": "b", "Key.$": "$.order.id", "Body.$": "$"},
                            "End": True,
                        }
                    },
                },
            ],
            "OutputPath": "$[0]",
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "States.JsonToString($.error)"},
    },
}
EXPRESSIONS: Definition = {
    "QueryLanguage": "JSONata",
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": INVOKE,
            "Arguments": {"FunctionName": FUNCTION, "Payload": "{% $merge([$states.input, {'now': $now()}]) %}"},
            "Assign": {"paid": "{% $states.result.Payload.paid = true %}"},
            "Output": "{% $states.input %}",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Failed"}],
            "Next": "Paid",
        },
        "Paid": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $paid and $count($states.input.items) > 0 %}", "Next": "Each"}],
            "Default": "Rest",
        },
        "Each": {
            "Type": "Map",
            "Items": "{% $states.input.items[price > 1] %}",
            "ItemProcessor": {
                "StartAt": "One",
                "States": {"One": {"Type": "Pass", "Output": "{% $string($states.input) & '!' %}", "End": True}},
            },
            "Next": "Rest",
        },
        "Rest": {"Type": "Wait", "Seconds": "{% $states.input.delay ? 5 : 10 %}", "Next": "Done"},
        "Done": {"Type": "Succeed", "Output": "{% ($x := $states.input; $x.id) %}"},
        "Failed": {"Type": "Fail", "Error": "Refused", "Cause": "{% $states.input.Cause %}"},
    },
}
GOOD = {"paths": PATHS, "expressions": EXPRESSIONS}


def machines(definition: Definition) -> Iterator[Definition]:
    """The machine and those within, outer before inner."""
    yield definition
    for state in definition["States"].values():
        for inner in (*state.get("Branches", ()), *(state[name] for name in ("ItemProcessor",) if name in state)):
            yield from machines(inner)


def states(definition: Definition) -> Iterator[Definition]:
    for machine in machines(definition):
        yield from machine["States"].values()


def rules(definition: Definition, *fields: str) -> Iterator[Definition]:
    for state in states(definition):
        for field in fields:
            yield from state.get(field, ())


def holders(definition: Definition, name: str) -> Iterator[Definition]:
    """Every object, however deep, that has a field."""
    pending: list[Any] = [definition]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if name in value:
                yield value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def texts(definition: Definition, begin: str) -> Iterator[tuple[Any, Any]]:
    """Every text that begins so: what holds it, and its key or index there."""
    pending: list[Any] = [definition]
    while pending:
        value = pending.pop()
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in pairs:
            if isinstance(inner, str) and inner.startswith(begin):
                yield value, key
            pending.append(inner)


Mutation = tuple[Callable[[Definition], Iterator[Any]], Callable[[Any], Any]]


def put(name: str, value: Any) -> Callable[[Definition], None]:
    return lambda place: place.update({name: value})


def drop(name: str) -> Callable[[Definition], Any]:
    return lambda place: place.pop(name)


def within(name: str) -> Callable[[Definition], Iterator[Definition]]:
    return lambda definition: holders(definition, name)


def of_type(*types: str) -> Callable[[Definition], Iterator[Definition]]:
    return lambda definition: (state for state in states(definition) if state["Type"] in types)


def each(*fields: str) -> Callable[[Definition], Iterator[Definition]]:
    return lambda definition: rules(definition, *fields)


def change(to: Callable[[str], str]) -> Callable[[tuple[Any, Any]], None]:
    def changed(place: tuple[Any, Any]) -> None:
        holder, key = place
        holder[key] = to(holder[key])

    return changed


def jsonata(to: Callable[[str], str]) -> Mutation:
    return (lambda definition: texts(definition, "{%")), change(lambda text: to(text[2:-2].strip()))


def rename_first(machine: Definition) -> None:
    """Another state's name for the first state of a nested machine."""
    first = machine["StartAt"]
    machine["States"] = {"Failed" if name == first else name: state for name, state in machine["States"].items()}
    machine["StartAt"] = "Failed"


MUTATIONS: dict[str, Mutation] = {
    "a target renamed": (within("Next"), put("Next", "Gone")),
    "a target that is no text": (within("Next"), put("Next", 1)),
    "a default renamed": (within("Default"), put("Default", "Gone")),
    "a start renamed": (within("StartAt"), put("StartAt", "Gone")),
    "a target in small letters": (within("Next"), lambda place: place.update(Next=place["Next"].lower())),
    **{
        f"no {name}": (within(name), drop(name))
        for name in ("StartAt", "States", "Type", "Resource", "Choices", "Branches", "ItemProcessor", "ErrorEquals", "Variable")
    },
    **{f"no {name}": (within(name), drop(name)) for name in ("SecondsPath", "Seconds", "Condition", "ExecutionType", "QueueUrl")},
    **{f"no {name}": (within(name), drop(name)) for name in ("FunctionName", "MessageBody", "End")},
    "no states": (machines, put("States", {})),
    "a state that nothing reaches": (machines, lambda place: place["States"].update(Orphan={"Type": "Succeed"})),
    "a name of another machine": (lambda definition: (m for m in machines(definition) if m is not definition), rename_first),
    "an unknown field of a state": (states, put("Foo", 1)),
    "an unknown field of a machine": (machines, put("Foo", 1)),
    "an unknown field of a rule": (each("Retry", "Catch", "Choices"), put("Foo", 1)),
    "Next and End": (of_type("Task", "Pass", "Wait", "Map", "Parallel"), lambda place: place.update(Next="Done", End=True)),
    "End as a text": (within("End"), put("End", "true")),
    "a type in small letters": (states, lambda place: place.update(Type=place["Type"].lower())),
    "a retry where none can be": (of_type("Choice", "Wait", "Pass", "Succeed", "Fail"), put("Retry", [{"ErrorEquals": ["X"]}])),
    "a catch where none can be": (of_type("Choice", "Wait", "Pass", "Succeed", "Fail"), put("Catch", [])),
    "an end that goes on": (of_type("Succeed", "Fail", "Choice"), put("Next", "Done")),
    "all errors first": (within("Retry"), lambda place: place["Retry"].insert(0, {"ErrorEquals": ["States.ALL"]})),
    "all errors and others": (within("ErrorEquals"), put("ErrorEquals", ["States.ALL", "X"])),
    "no errors": (within("ErrorEquals"), put("ErrorEquals", [])),
    "errors as a text": (within("ErrorEquals"), put("ErrorEquals", "States.ALL")),
    **{
        f"{name} {value!r}": (each("Retry"), put(name, value))
        for name, value in [
            *(("MaxAttempts", -1), ("MaxAttempts", "3"), ("MaxAttempts", 1.5), ("BackoffRate", 0.5), ("BackoffRate", "2")),
            *(
                ("IntervalSeconds", 0),
                ("IntervalSeconds", True),
                ("MaxDelaySeconds", 0),
                ("JitterStrategy", "full"),
                ("Next", "Done"),
            ),
        ]
    },
    **{
        f"{name} {value!r}": (of_type("Task"), put(name, value))
        for name, value in [("TimeoutSeconds", 0), ("TimeoutSeconds", "30"), ("TimeoutSeconds", 5.5), ("HeartbeatSeconds", 10**9)]
    },
    "a beat after the timeout": (of_type("Task"), lambda place: place.update(TimeoutSeconds=5, HeartbeatSeconds=6)),
    **{
        f"{name} {value!r}": (of_type("Map"), put(name, value))
        for name, value in [
            ("MaxConcurrency", -1),
            ("Label", "a b"),
            ("ToleratedFailurePercentage", 101),
            ("Iterator", {}),
            ("ItemSelector", []),
        ]
    },
    "a mode that there is not": (within("Mode"), put("Mode", "Distributed")),
    "an execution type that there is not": (within("ExecutionType"), put("ExecutionType", "FAST")),
    "two comparisons": (within("Variable"), put("IsNull", True)),
    "a comparison misspelled": (within("BooleanEquals"), lambda place: place.update(BooleanEqual=place.pop("BooleanEquals"))),
    "Next within a rule": (within("Variable"), put("Next", "Done")),
    "true as a text": (within("BooleanEquals"), put("BooleanEquals", "true")),
    "a number as a text": (within("NumericGreaterThan"), put("NumericGreaterThan", "1")),
    "a job of what has none": (
        within("Resource"),
        lambda place: place.update(Resource=place["Resource"].partition(".")[0] + ".sync"),
    ),
    "a letter less in a resource": (
        lambda definition: (place for place in holders(definition, "Resource") if ":::" in place["Resource"]),
        lambda place: place.update(
            Resource=place["Resource"].replace("Token", "Tokn") if "." in place["Resource"] else place["Resource"][:-1]
        ),
    ),
    "the token not handed on": (within("token.$"), put("token.$", "$.token")),
    "a path without its sign": ((lambda definition: texts(definition, "$.")), change(lambda text: text[2:])),
    "a path that is not closed": ((lambda definition: texts(definition, "$.")), change(lambda text: f"{text}[")),
    "a call that is not closed": ((lambda definition: texts(definition, "States.F")), change(lambda text: text[:-1])),
    "no such call": ((lambda definition: texts(definition, "States.F")), change(lambda text: text.replace("Format", "Formt"))),
    "a value too many": ((lambda definition: texts(definition, "States.F")), change(lambda text: f"{text[:-1]}, 1)")),
    "a field of JSONPath in JSONata": (
        lambda definition: (s for s in states(definition) if "QueryLanguage" in definition),
        put("InputPath", "$.a"),
    ),
    "a field of JSONata in JSONPath": (
        lambda definition: (s for s in states(definition) if "Comment" in definition),
        put("Output", 1),
    ),
    "JSONata that does not end": jsonata(lambda text: f"{{% {text}"),
    "JSONata that does not begin": jsonata(lambda text: f"{text} %}}"),
    "half a sum": jsonata(lambda text: f"{{% {text} + %}}"),
    "two values": jsonata(lambda text: f"{{% {text} {text} %}}"),
    "an open bracket": jsonata(lambda text: f"{{% ({text} %}}"),
    "a bracket too many": jsonata(lambda text: f"{{% {text}) %}}"),
    "two signs": jsonata(lambda text: f"{{% {text} == 1 %}}"),
    "a variable that nothing assigns": jsonata(lambda text: f"{{% [$nope, {text}] %}}"),
    "nothing": jsonata(lambda text: "{% %}"),
}


def mutants(definition: Definition, mutation: Mutation) -> Iterator[Definition]:
    """The definition with the mistake, once for each place where it can be."""
    find, spoil = mutation
    for index, _ in enumerate(find(copy.deepcopy(definition))):
        mutant = copy.deepcopy(definition)
        spoil(list(find(mutant))[index])
        if mutant != definition:
            yield mutant


@pytest.mark.parametrize("good", GOOD)
def test_what_is_mutated_is_good(good: str) -> None:
    assert validate(GOOD[good]) == ()


@pytest.mark.parametrize("what", MUTATIONS)
def test_each_mistake_is_found_wherever_it_is(what: str) -> None:
    count = 0
    for good in GOOD.values():
        for mutant in mutants(good, MUTATIONS[what]):
            count += 1
            assert [item for item in validate(mutant) if item.severity == "error"], _difference(good, mutant)
    assert count


def _difference(good: Any, bad: Any, place: str = "") -> list[tuple[str, Any]]:
    if isinstance(good, dict) and isinstance(bad, dict):
        return [row for key in {**good, **bad} for row in _difference(good.get(key), bad.get(key), f"{place}/{key}")]
    return [] if good == bad else [(place, bad)]
