"""Mocks in the format of Step Functions Local: which states of which test case are answered how.

    {"StateMachines": {"Orders": {"TestCases": {"Happy": {"Charge": "ChargeThrottledOnce"}}}},
     "MockedResponses": {"ChargeThrottledOnce": {
        "0": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "slow down"}},
        "1-2": {"Return": {"StatusCode": 200, "Payload": {"paid": true}}}}}}

The keys of a response count the calls of a state, retries and later visits alike; items of a Map are counted by themselves. A
state that is visited more often than there are keys begins again with its first try.

`Expectations`, an entry of our own beside these two, says what a test case gets and must come to:

    "Expectations": {"Orders": {"Happy": {"Input": {…}, "Status": "SUCCEEDED", "Output": {…}}}}

Source: Step Functions guide, "Using mocked service integrations for testing" (mock configuration file).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from untangle.errors import InputError, nearest
from untangle.simulate.machine.task import Reply, Services, TaskCall, TaskFailure

_RANGE = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?\Z")
_MOST = 100_000
STATUSES = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
_EXPECTED = frozenset({"Input", "Status", "Output", "Error", "Cause"})


class _Missing(Enum):
    """Stays itself when it is sent to another process."""

    MISSING = "missing"


MISSING: Any = _Missing.MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a test case must come to; `MISSING` for what does not matter."""

    status: str = "SUCCEEDED"
    output: Any = MISSING
    error: Any = MISSING
    cause: Any = MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case of a machine: the answers of each mocked state, the first one first. `input` is MISSING where none is told."""

    machine: str
    name: str
    answers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    input: Any = MISSING
    expected: Expectation | None = None


def read_cases(text: str, where: str) -> tuple[Case, ...]:
    """The test cases of a mock file, as they are written; raises InputError, which names the place, for what is wrong in it."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the mock file is not JSON: {error}", where=where) from None
    read = _Reader(where, document)
    return tuple(read.cases())


class _Reader:
    """Reads a mock file; every complaint says where."""

    def __init__(self, where: str, document: Any) -> None:
        self.where = where
        self.document = self.object(document, "the file")
        self.machines = self.object(self.document.get("StateMachines"), "StateMachines")
        self.responses = self.object(self.document.get("MockedResponses", {}), "MockedResponses")
        self.expectations = self.object(self.document.get("Expectations", {}), "Expectations")

    def wrong(self, place: str, message: str, hint: str | None = None) -> InputError:
        """A complaint about a place."""
        return InputError(f"{place}: {message}", where=self.where, hint=hint)

    def object(self, value: Any, place: str) -> Mapping[str, Any]:
        """A value that must be an object."""
        if not isinstance(value, Mapping):
            hint = "a mock file has StateMachines and MockedResponses" if place in ("the file", "StateMachines") else None
            raise self.wrong(place, "an object is expected" if value is not None else "is missing", hint)
        return value

    def cases(self) -> list[Case]:
        """Every test case, expectations joined in."""
        unknown = sorted(set(self.document) - {"StateMachines", "MockedResponses", "Expectations"})
        if unknown:
            hint = nearest(unknown[0], ("StateMachines", "MockedResponses", "Expectations"))
            raise self.wrong(unknown[0], "is no part of a mock file", hint)
        found = []
        for machine, told in self.machines.items():
            place = f"StateMachines.{machine}"
            cases = self.object(self.object(told, place).get("TestCases"), f"{place}.TestCases")
            found += [self.case(machine, name, states) for name, states in cases.items()]
        known = {(case.machine, case.name) for case in found}
        for machine, told in self.expectations.items():
            for name in self.object(told, f"Expectations.{machine}"):
                if (machine, name) not in known:
                    hint = nearest(name, (case.name for case in found if case.machine == machine))
                    raise self.wrong(f"Expectations.{machine}.{name}", "there is no such test case", hint)
        return found

    def case(self, machine: str, name: str, states: Any) -> Case:
        """One test case."""
        place = f"StateMachines.{machine}.TestCases.{name}"
        answers = {state: self.answers(response, f"{place}.{state}") for state, response in self.object(states, place).items()}
        expected = self.object(self.expectations.get(machine, {}), f"Expectations.{machine}").get(name)
        if expected is None:
            return Case(machine=machine, name=name, answers=answers)
        place = f"Expectations.{machine}.{name}"
        expected = self.object(expected, place)
        unknown = sorted(set(expected) - _EXPECTED)
        if unknown:
            raise self.wrong(f"{place}.{unknown[0]}", "is no expectation", nearest(unknown[0], _EXPECTED))
        status = expected.get("Status", "FAILED" if {"Error", "Cause"} & set(expected) else "SUCCEEDED")
        if status not in STATUSES:
            raise self.wrong(f"{place}.Status", f"{status!r} is no status", f"one of {', '.join(STATUSES)}")
        values = {name.lower(): expected.get(name, MISSING) for name in ("Output", "Error", "Cause")}
        told = Expectation(status=status, **values) if set(expected) - {"Input"} else None
        return Case(machine=machine, name=name, answers=answers, input=expected.get("Input", MISSING), expected=told)

    def answers(self, response: Any, place: str) -> tuple[Any, ...]:
        """The answers of a mocked response, in the order of the calls."""
        if not isinstance(response, str):
            raise self.wrong(place, "the name of a mocked response is expected")
        if response not in self.responses:
            raise self.wrong(place, f"there is no mocked response {response!r}", nearest(response, self.responses))
        place = f"MockedResponses.{response}"
        numbered: dict[int, Any] = {}
        for key, told in self.object(self.responses[response], place).items():
            for number in self.numbers(key, f"{place}.{key}"):
                if number in numbered:
                    raise self.wrong(f"{place}.{key}", f"call {number} is answered twice")
                numbered[number] = self.answer(told, f"{place}.{key}")
        if sorted(numbered) != list(range(len(numbered))):
            missing = next(number for number in range(len(numbered) + 1) if number not in numbered)
            raise self.wrong(place, f"the calls are not numbered through: there is none for {missing}", 'number from "0" on')
        if not numbered:
            raise self.wrong(place, "holds no response", 'begin with "0"')
        return tuple(numbered[number] for number in range(len(numbered)))

    def numbers(self, key: str, place: str) -> range:
        """The calls that a key such as "1-2" stands for."""
        found = _RANGE.match(key)
        if found is None:
            raise self.wrong(place, "a number or a range of numbers is expected", 'such as "0" or "1-2"')
        first, last = int(found["first"]), int(found["last"] or found["first"])
        if last < first or last > _MOST:
            raise self.wrong(place, "the range ends before it begins" if last < first else f"more than {_MOST:,} calls")
        return range(first, last + 1)

    def answer(self, told: Any, place: str) -> Any:
        """What is returned, or thrown."""
        told = self.object(told, place)
        if set(told) == {"Return"}:
            return told["Return"]
        if set(told) != {"Throw"}:
            raise self.wrong(place, "Return or Throw is expected, one of them")
        thrown = self.object(told["Throw"], f"{place}.Throw")
        error, cause = thrown.get("Error"), thrown.get("Cause", "")
        if not isinstance(error, str) or not error:
            raise self.wrong(f"{place}.Throw", "Error is missing")
        return TaskFailure(error=error, cause=cause if isinstance(cause, str) else json.dumps(cause))


class Mocks:
    """Services that answer the states of a test case, and hand every other call on."""

    def __init__(self, case: Case, others: Services) -> None:
        self.case = case
        self.others = others
        self.calls: Counter[tuple[str, tuple[str | int, ...]]] = Counter()
        self.used: set[str] = set()

    def start(self, call: TaskCall, done: Reply) -> None:
        """Answer from the mocks, or by the others."""
        answers = self.case.answers.get(call.state)
        if answers is None:
            self.others.start(call, done)
            return
        self.used.add(call.state)
        number = self.calls[call.state, call.path]
        self.calls[call.state, call.path] += 1
        number = number if number < len(answers) else call.attempt
        if number >= len(answers):
            told = f"{self.case.name} has {len(answers)} responses for {call.state}, and it was called once more"
            done(TaskFailure(error="Mock.NoResponse", cause=told))
            return
        answer = answers[number]
        if call.pattern in ("sync", "callback") and not isinstance(answer, TaskFailure):
            done.submitted(answer)
        done(json.loads(json.dumps(answer)) if not isinstance(answer, TaskFailure) else answer)
