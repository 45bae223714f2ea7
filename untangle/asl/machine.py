"""A machine as a graph: its states, their transitions, what is reached and where it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from untangle.asl.diagnostic import BAD_NAME, NO_END, SCHEMA, TARGET, Diagnostic, closest
from untangle.asl.fields import BRANCH, LANGUAGES, MACHINE, PROCESSOR, TERMINAL
from untangle.asl.scope import Scope, is_open

_LONGEST_NAME = 80
_LONGEST = 99_999_999  # seconds


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine or a nested one: `kind` is "machine", "branch" or "processor"."""

    scope: Scope
    value: Mapping[str, Any]
    kind: str

    @property
    def states(self) -> Mapping[str, Any]:
        """Its states by name; {} where they are not an object."""
        states = self.value.get("States")
        return states if isinstance(states, Mapping) else {}


def nested(machine: Machine) -> Iterator[Machine]:
    """The machines within the states of one, in order."""
    for name, state in machine.states.items():
        if not isinstance(state, Mapping):
            continue
        scope = machine.scope.at("States", name)
        branches = state.get("Branches")
        if isinstance(branches, list | tuple):
            for index, branch in enumerate(branches):
                if isinstance(branch, Mapping):
                    yield Machine(scope.at("Branches", index), branch, "branch")
        for field in ("ItemProcessor", "Iterator"):
            if isinstance(state.get(field), Mapping):
                yield Machine(_processor(scope.at(field), state[field]), state[field], "processor")


def _processor(scope: Scope, value: Mapping[str, Any]) -> Scope:
    """The scope of a Map's machine: that of a distributed one is a machine of its own, which sees no variables from without."""
    config = value.get("ProcessorConfig")
    if not isinstance(config, Mapping) or config.get("Mode") != "DISTRIBUTED":
        return scope
    return replace(scope, variables=frozenset(), express=config.get("ExecutionType") == "EXPRESS")


def machine_problems(machine: Machine, everywhere: Mapping[str, int]) -> Iterator[Diagnostic]:
    """What is wrong with a machine's frame and flow. `everywhere` counts the names of states in the whole definition."""
    scope, value = machine.scope, machine.value
    known = {"machine": MACHINE, "branch": BRANCH, "processor": PROCESSOR}[machine.kind]
    yield from scope.unknown(value, known, f"a {machine.kind}")
    language = value.get("QueryLanguage")
    if "QueryLanguage" in value and language not in LANGUAGES:
        yield scope.problem(SCHEMA, f"QueryLanguage must be JSONPath or JSONata, not {language!r}", "QueryLanguage")
    if not machine.states:
        yield scope.problem(SCHEMA, "States must be an object of at least one state", "States")
        return
    yield from _timeout(scope, value)
    for name in machine.states:
        yield from _name(scope, name)
    yield from _flow(machine, everywhere)


def _timeout(scope: Scope, value: Mapping[str, Any]) -> Iterator[Diagnostic]:
    timeout = value.get("TimeoutSeconds", 1)
    if isinstance(timeout, bool) or not isinstance(timeout, int) or not 1 <= timeout <= _LONGEST:
        yield scope.problem(SCHEMA, f"TimeoutSeconds must be a whole number from 1 to {_LONGEST}", "TimeoutSeconds")
    for field in ("Version", "Comment"):
        if not isinstance(value.get(field, ""), str):
            yield scope.problem(SCHEMA, f"{field} must be a text", field)


def _name(scope: Scope, name: str) -> Iterator[Diagnostic]:
    if not name or len(name) > _LONGEST_NAME:
        yield scope.problem(
            BAD_NAME, f"a name of a state has 1 to {_LONGEST_NAME} characters, this one has {len(name)}", "States", name
        )


def transitions(state: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every target that a state names, with the route to it."""
    if "Next" in state:
        yield ("Next",), state["Next"]
    if "Default" in state:
        yield ("Default",), state["Default"]
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        for index, rule in enumerate(rules if isinstance(rules, list | tuple) else ()):
            if isinstance(rule, Mapping) and "Next" in rule:
                yield (field, index, "Next"), rule["Next"]


def _targets(state: Mapping[str, Any]) -> Iterator[object]:
    yield from (target for _, target in transitions(state))
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        yield from rules if isinstance(rules, list | tuple) else (rules,)


def _flow(machine: Machine, everywhere: Mapping[str, int]) -> Iterator[Diagnostic]:
    scope, states = machine.scope, machine.states
    start = machine.value.get("StartAt")
    if not isinstance(start, str):
        yield scope.problem(SCHEMA, "StartAt must name a state", "StartAt")
    elif start not in states and not is_open(start):
        yield _missing(scope, start, states, everywhere, "StartAt")
    for name, state in states.items():
        if not isinstance(state, Mapping):
            yield scope.problem(SCHEMA, "a state must be an object", "States", name)
            continue
        inner = scope.at("States", name)
        yield from _ending(inner, state)
        for route, target in transitions(state):
            if not isinstance(target, str):
                yield inner.problem(SCHEMA, "a transition must name a state", *route)
            elif target not in states:
                yield _missing(inner, target, states, everywhere, *route)
    yield from _reached(machine, start)


def _missing(
    scope: Scope, target: str, states: Mapping[str, Any], everywhere: Mapping[str, int], *route: str | int
) -> Diagnostic:
    if target in everywhere:
        return scope.problem(TARGET, f"{target!r} is a state of another branch; transitions stay within their own", *route)
    return scope.problem(TARGET, f"there is no state {target!r}", *route, hint=closest(target, states))


def _ending(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    type = state.get("Type")
    if type in TERMINAL or type == "Choice" or type is None:
        return
    if state.get("End", True) is not True:
        yield scope.problem(SCHEMA, "End must be true where it is written", "End")
    if "Next" not in state and "End" not in state:
        yield scope.problem(NO_END, f"a {type} state needs Next or End")


def _reached(machine: Machine, start: object) -> Iterator[Diagnostic]:
    states = {name: state for name, state in machine.states.items() if isinstance(state, Mapping)}
    if not isinstance(start, str) or start not in states:
        return
    pending, seen = [start], {start}
    while pending:
        for _, target in transitions(states[pending.pop()]):
            if isinstance(target, str) and target in states and target not in seen:
                seen.add(target)
                pending.append(target)
    if any(is_open(target) for state in states.values() for target in _targets(state)):
        return  # a transition that is filled in later may lead anywhere
    for name in states:
        if name not in seen:
            yield machine.scope.problem(TARGET, f"the state {name!r} is never reached", "States", name)
    if not any(states[name].get("Type") in TERMINAL or states[name].get("End") is True for name in seen):
        yield machine.scope.problem(NO_END, "no state that is reached ends the machine", "States")
