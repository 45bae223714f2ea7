"""The texts within a state: JSONata strings, and the `.$` fields of payload templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.asl.diagnostic import SCHEMA, Diagnostic
from untangle.asl.fields import JSONATA
from untangle.asl.jsonata import is_jsonata, problems
from untangle.asl.jsonpath import expression_problems, text_problem
from untangle.asl.scope import Scope
from untangle.asl.variables import misnamed, undeclared

_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
_NESTED = frozenset({"Branches", "ItemProcessor", "Iterator"})
_AFTER = ("Assign", "Output")
_RESULT = ("Task", "Parallel", "Map")
_FREE = frozenset({"Comment", "Type", "Resource", "Next", "Default", "QueryLanguage", "Result", "Label"})


def content_problems(scope: Scope, state: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """What is wrong with the expressions of one state, those of nested machines left out."""
    yield from misnamed(scope, state)
    if scope.language == JSONATA:
        for name, value in state.items():
            if name not in _NESTED and name not in _FREE:
                yield from _jsonata(scope.at(name), value, str(state.get("Type")))
        return
    yield from undeclared(scope, state)
    for name in _TEMPLATES:
        if name in state:
            yield from _template(scope.at(name), state[name])
    for name in ("ErrorPath", "CausePath", "InputPath", "OutputPath", "ItemsPath"):
        value = state.get(name)
        if isinstance(value, str) and value.startswith("States."):
            for message in expression_problems(value):
                yield scope.problem(SCHEMA, message, name)
            if name in ("ErrorPath", "CausePath") and (wrong := text_problem(value)):
                yield scope.problem(SCHEMA, wrong, name)


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


def _has(route: tuple[str | int, ...], type: str) -> tuple[str, ...]:
    """The fields that `$states` has in a field of a state, given the route to it within the state."""
    if route[0] == "Catch" and len(route) > 2 and route[2] in _AFTER:
        return ("input", "context", "errorOutput")
    return ("input", "context", "result") if type in _RESULT and route[0] in _AFTER else ("input", "context")


def _jsonata(scope: Scope, value: Any, type: str) -> Iterator[Diagnostic]:
    above = len(scope.route) - 1
    for here, key, text in _leaves(scope, value):
        if key.endswith(".$"):
            message = f"{key!r} is the spelling of JSONPath states; in this one it is a plain field of that name"
            yield here.problem(SCHEMA, message, hint=f'"{key[:-2]}": "{{% … %}}"', severity="warning")
        if not isinstance(text, str) or key in ("Next", "Comment"):
            continue
        if is_jsonata(text):
            for message in problems(text, scope.variables, _has(here.route[above:], type)):
                yield here.problem(SCHEMA, message)
        elif text.startswith("{%") or text.endswith("%}"):
            yield here.problem(SCHEMA, "a JSONata string must begin with {% and end with %}, with nothing around them")
        elif is_jsonata(text.strip()):
            message = "white space around {% … %} makes this a plain text, which is not evaluated"
            yield here.problem(SCHEMA, message, hint=text.strip(), severity="warning")


def _template(scope: Scope, value: Any) -> Iterator[Diagnostic]:
    yield from _doubled(scope, value)
    for here, key, text in _leaves(scope, value):
        if not key.endswith(".$"):
            continue
        if not isinstance(text, str):
            yield here.problem(SCHEMA, f"{key!r} must hold a path or an intrinsic function")
            continue
        for message in expression_problems(text):
            yield here.problem(SCHEMA, message)


def _doubled(scope: Scope, value: Any) -> Iterator[Diagnostic]:
    """Fields that are written both plainly and with `.$`: both would set the same one."""
    pending: list[tuple[Scope, Any]] = [(scope, value)]
    while pending:
        here, item = pending.pop()
        if isinstance(item, Mapping):
            for name, inner in item.items():
                if f"{name}.$" in item:
                    yield here.problem(SCHEMA, f"{name!r} and '{name}.$' set the same field", f"{name}.$")
                if isinstance(inner, Mapping | list | tuple):
                    pending.append((here.at(str(name)), inner))
        elif isinstance(item, list | tuple):
            pending.extend((here.at(index), inner) for index, inner in enumerate(item))
