"""The texts within a state: JSONata strings, and the `.$` fields of payload templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.asl.diagnostic import SCHEMA, Diagnostic
from untangle.asl.fields import JSONATA
from untangle.asl.jsonata import is_jsonata, problems
from untangle.asl.jsonpath import expression_problems
from untangle.asl.scope import Scope

_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
_NESTED = frozenset({"Branches", "ItemProcessor", "Iterator"})
_FREE = frozenset({"Comment", "Type", "Resource", "Next", "Default", "QueryLanguage", "Result", "Label"})


def content_problems(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """What is wrong with the expressions of one state, those of nested machines left out."""
    yield from _assigned(scope, state)
    if scope.language == JSONATA:
        for name, value in state.items():
            if name not in _NESTED and name not in _FREE:
                yield from _jsonata(scope.at(name), value)
        return
    for name in _TEMPLATES:
        yield from _template(scope.at(name), state.get(name))
    for name in ("ErrorPath", "CausePath", "InputPath", "OutputPath", "ItemsPath"):
        value = state.get(name)
        if isinstance(value, str) and value.startswith("States."):
            for message in expression_problems(value):
                yield scope.problem(SCHEMA, message, name)


def _leaves(scope: Scope, value: Any) -> Iterator[tuple[Scope, str, Any]]:
    """Every scalar below a value with the key it stands under, nearest first; walked with a list, not by recursion."""
    pending: list[tuple[Scope, str, Any]] = [(scope, "", value)]
    while pending:
        here, key, item = pending.pop()
        if isinstance(item, Mapping):
            pending.extend((here.at(str(name)), str(name), inner) for name, inner in reversed(list(item.items())))
        elif isinstance(item, list | tuple):
            pending.extend((here.at(index), key, inner) for index, inner in reversed(list(enumerate(item))))
        else:
            yield here, key, item


def _jsonata(scope: Scope, value: Any) -> Iterator[Diagnostic]:
    for here, key, text in _leaves(scope, value):
        if key.endswith(".$"):
            yield here.problem(SCHEMA, f"{key!r} is the spelling of JSONPath states", hint=f'"{key[:-2]}": "{{% … %}}"')
        if not isinstance(text, str) or key in ("Next", "Comment"):
            continue
        stripped = text.strip()
        if is_jsonata(text):
            for message in problems(text, scope.variables):
                yield here.problem(SCHEMA, message)
        elif stripped.startswith("{%") or stripped.endswith("%}"):
            yield here.problem(SCHEMA, "a JSONata string must begin with {% and end with %}, with nothing around them")


def _template(scope: Scope, value: Any) -> Iterator[Diagnostic]:
    for here, key, text in _leaves(scope, value):
        if not key.endswith(".$"):
            continue
        if not isinstance(text, str):
            yield here.problem(SCHEMA, f"{key!r} must hold a path or an intrinsic function")
            continue
        for message in expression_problems(text):
            yield here.problem(SCHEMA, message)


def _assigned(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Names of variables, in the state and in its rules and catchers."""
    places: list[tuple[Scope, Any]] = [(scope, state)]
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        if isinstance(rules, list | tuple):
            places.extend((scope.at(field, index), rule) for index, rule in enumerate(rules))
    for here, holder in places:
        assigned = holder.get("Assign") if isinstance(holder, Mapping) else None
        if assigned is None:
            continue
        if not isinstance(assigned, Mapping):
            yield here.problem(SCHEMA, "Assign must be an object of variables", "Assign")
            continue
        for name in assigned:
            plain = str(name).removesuffix(".$")
            if plain == "states":
                yield here.problem(SCHEMA, "the variable name 'states' is reserved", "Assign", str(name))
            elif not plain.replace("_", "a").isalnum() or plain[:1].isdigit() or len(plain) > 80:
                yield here.problem(SCHEMA, f"{plain!r} is no name of a variable", "Assign", str(name))


def assigned_names(state: Mapping[str, Any]) -> Iterator[str]:
    """The variables that a state assigns."""
    holders = [state]
    for field in ("Choices", "Catch"):
        rules = state.get(field)
        holders.extend(rule for rule in rules if isinstance(rule, Mapping)) if isinstance(rules, list | tuple) else None
    for holder in holders:
        assigned = holder.get("Assign")
        if isinstance(assigned, Mapping):
            yield from (str(name).removesuffix(".$") for name in assigned)
