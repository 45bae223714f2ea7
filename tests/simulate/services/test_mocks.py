"""Mock files of Step Functions Local: what is answered when, and what is said about mistakes in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulate.services.desk import call_of
from untangle.errors import InputError
from untangle.simulate.machine.task import NoServices, Reply, TaskFailure
from untangle.simulate.services.mocks import MISSING, Case, Mocks, read_cases

GOOD: dict[str, Any] = {
    "StateMachines": {"M": {"TestCases": {"C": {"S": "R"}}}},
    "MockedResponses": {"R": {"0": {"Throw": {"Error": "E", "Cause": "c"}}, "1-2": {"Return": {"a": 1}}}},
}
THROWN = TaskFailure(error="E", cause="c")


def case(**more: Any) -> Case:
    (found,) = read_cases(json.dumps({**GOOD, **more}), "mock.json")
    return found


def asked(mocks: Mocks, *, path: tuple[str | int, ...] = (), attempt: int = 0, state: str = "S") -> Any:
    from dataclasses import replace

    answers: list[Any] = []
    call = replace(call_of("lambda:invoke", {}, None), path=path, attempt=attempt, state=state)
    mocks.start(call, Reply(answers.append))
    return answers[0]


def test_calls_are_answered_in_their_order() -> None:
    mocks = Mocks(case(), NoServices())
    assert [asked(mocks, attempt=attempt) for attempt in range(3)] == [THROWN, {"a": 1}, {"a": 1}]


def test_items_of_a_map_are_counted_by_themselves() -> None:
    mocks = Mocks(case(), NoServices())
    assert [asked(mocks, path=("Each", item)) for item in (0, 1)] == [THROWN, THROWN]


def test_a_later_visit_begins_again() -> None:
    mocks = Mocks(case(), NoServices())
    for attempt in range(3):
        asked(mocks, attempt=attempt)
    assert asked(mocks, attempt=0) == THROWN


def test_a_retry_too_many_fails_loudly() -> None:
    mocks = Mocks(case(), NoServices())
    for attempt in range(3):
        asked(mocks, attempt=attempt)
    assert asked(mocks, attempt=3).error == "Mock.NoResponse"


def test_other_states_are_left_to_others() -> None:
    assert asked(Mocks(case(), NoServices()), state="Other").error == "States.TaskFailed"


def test_expectations_stand_beside_the_mocks() -> None:
    found = case(Expectations={"M": {"C": {"Input": {"a": 1}, "Status": "SUCCEEDED", "Output": None}}})
    assert found.input == {"a": 1} and found.expected
    assert (found.expected.status, found.expected.output, found.expected.error) == ("SUCCEEDED", None, MISSING)


def test_an_expected_error_means_a_failure() -> None:
    found = case(Expectations={"M": {"C": {"Error": "E"}}})
    assert found.expected and found.expected.status == "FAILED"


def responses(told: Any) -> dict[str, Any]:
    return {"MockedResponses": {"R": told}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"StateMachines": None}, "StateMachines: is missing"),
        ({"StateMachines": {"M": {}}}, "StateMachines.M.TestCases: is missing"),
        ({"StateMachines": {"M": {"TestCases": {"C": {"S": "Q"}}}}}, "there is no mocked response 'Q'"),
        ({"StateMachines": {"M": {"TestCases": {"C": {"S": 1}}}}}, "the name of a mocked response is expected"),
        (responses({"0": {"Return": 1}, "2": {"Return": 1}}), "there is none for 1"),
        (responses({"1": {"Return": 1}}), "there is none for 0"),
        (responses({"0-1": {"Return": 1}, "1": {"Return": 1}}), "call 1 is answered twice"),
        (responses({"first": {"Return": 1}}), "a number or a range of numbers is expected"),
        (responses({"2-1": {"Return": 1}}), "the range ends before it begins"),
        (responses({"0-999999999": {"Return": 1}}), "more than 100,000 calls"),
        (responses({"0": {"Return": 1, "Throw": {}}}), "Return or Throw is expected"),
        (responses({"0": {"Throw": {"Cause": "c"}}}), "Error is missing"),
        (responses({}), "holds no response"),
        ({"Expectation": {}}, "is no part of a mock file"),
        ({"Expectations": {"M": {"D": {}}}}, "there is no such test case"),
        ({"Expectations": {"M": {"C": {"Status": "OK"}}}}, "'OK' is no status"),
        ({"Expectations": {"M": {"C": {"Outptu": 1}}}}, "is no expectation"),
    ],
)
def test_mistakes_are_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as wrong:
        case(**change)
    assert said in str(wrong.value) and str(wrong.value).startswith("mock.json: ")


def test_what_is_no_json() -> None:
    with pytest.raises(InputError, match="not JSON"):
        read_cases("{", "mock.json")
